//! What a block holds beside its wording: numbers, times, zones, words that matter to the document as a
//! whole. Gathered while its sentences are read, so that nothing is read twice.

use crate::classes::{self, Classes};
use crate::lexicon::Lexicon;
use crate::token::Token;

/// A block's shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) sentences: u32,
    pub(crate) words: u32,
    pub(crate) numbers: u32,
    pub(crate) has_duration: bool,
    pub(crate) has_impact: bool,
    /// Minutes of the first spans that it states, `for 94 minutes`.
    pub(crate) stated_minutes: Option<u32>,
    /// The first times of the clock, in minutes of the day, at most four.
    pub(crate) clock: Vec<u32>,
    /// Whether a time stands at its beginning, as in an entry of a timeline.
    pub(crate) begins_with_time: bool,
    /// The first date, as a number that grows with it.
    pub(crate) day: Option<u32>,
    /// Each zone that stands in it, UTC as 0.
    pub(crate) zones: Vec<u32>,
    pub(crate) has_date: bool,
    pub(crate) has_ticket: bool,
    pub(crate) has_person: bool,
    pub(crate) says_times: bool,
    pub(crate) says_detected: bool,
    pub(crate) says_checked: bool,
    pub(crate) asks_why: bool,
    pub(crate) says_none: bool,
    pub(crate) is_people_work: bool,
}

/// The classes that shapes are told by.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ShapeClasses {
    zone: Classes,
    universal: Classes,
    unit: Classes,
    article: Classes,
    minute: Classes,
    hour: Classes,
    impact: Classes,
    times: Classes,
    detected: Classes,
    checked: Classes,
    why: Classes,
    none: Classes,
    people_work: Classes,
    number: Classes,
    due: Classes,
    month: Classes,
    name: Classes,
}

impl ShapeClasses {
    pub(crate) fn of(lexicon: &Lexicon) -> ShapeClasses {
        let set = |name: &str| lexicon.names.set(name);
        ShapeClasses {
            zone: set("zone"),
            universal: set("universal_time"),
            unit: set("duration_unit"),
            article: set("article"),
            minute: set("minute_unit"),
            hour: set("hour_unit"),
            impact: set("impact_word"),
            times: set("times_word"),
            detected: set("detected"),
            checked: set("checked"),
            why: set("why_word"),
            none: set("none_word"),
            people_work: set("people_work"),
            number: set("number_word"),
            due: set("due_word"),
            month: set("month"),
            name: set("name"),
        }
    }
}

impl Shape {
    /// Takes in a sentence.
    pub(crate) fn take(&mut self, tokens: &[Token], text: &str, knows: &ShapeClasses) {
        let inner = &tokens[1..tokens.len() - 1];
        self.sentences += 1;
        for (at, token) in inner.iter().enumerate() {
            let next = inner.get(at + 1);
            self.words += u32::from(token.is(classes::WORD));
            if token.is(classes::TIME) {
                self.begins_with_time |= self.sentences == 1 && at < 7;
                self.time(token, next, text);
            }
            if token.is(classes::ZONED) {
                let is_utc = token.text(text).ends_with(['Z', 'z']);
                self.zone(if is_utc { 0 } else { 1 });
            }
            if token.is(classes::DATE) {
                self.date(token, at.checked_sub(1).map(|before| &inner[before]), next, text, knows);
            }
            // `about an hour`, `half a day`.
            self.has_duration |=
                at > 0 && token.in_class(knows.unit) && inner[at - 1].in_class(knows.article);
            let counts = token.shapes == classes::NUMBER || token.in_class(knows.number);
            if counts {
                self.number(token, next, text, knows);
            }
            self.has_ticket |= token.is(classes::TICKET);
            self.has_person |= token.is(classes::HANDLE | classes::PERSON)
                || (token.in_class(knows.name) && token.is(classes::CAPITAL));
            if token.is(classes::WORD) {
                self.word(token, at, knows);
            }
        }
    }

    fn word(&mut self, token: &Token, at: usize, knows: &ShapeClasses) {
        if token.in_class(knows.zone) && token.is(classes::UPPER) {
            self.zone(if token.in_class(knows.universal) { 0 } else { token.word + 2 });
        }
        self.has_impact |= token.in_class(knows.impact);
        self.says_times |= token.in_class(knows.times);
        self.says_detected |= token.in_class(knows.detected);
        self.says_checked |= token.in_class(knows.checked);
        self.asks_why |= at < 3 && token.in_class(knows.why);
        self.says_none |= at == 0 && token.in_class(knows.none);
        self.is_people_work |= at < 3 && token.in_class(knows.people_work);
        self.has_date |= token.in_class(knows.due);
    }

    fn zone(&mut self, zone: u32) {
        if !self.zones.contains(&zone) && self.zones.len() < 4 {
            self.zones.push(zone);
        }
    }

    fn number(&mut self, token: &Token, next: Option<&Token>, text: &str, knows: &ShapeClasses) {
        self.numbers += 1;
        let own = token.text(text);
        let digits: String = own.chars().take_while(char::is_ascii_digit).collect();
        let tail = own[digits.len()..].to_ascii_lowercase();
        let joined = matches!(tail.as_str(), "m" | "min" | "mins" | "h" | "hr" | "hrs" | "s" | "d");
        let by_next = next.is_some_and(|next| next.in_class(knows.unit));
        if !joined && !by_next {
            return;
        }
        self.has_duration = true;
        let is_minutes =
            tail.starts_with('m') || next.is_some_and(|next| next.in_class(knows.minute));
        let is_hours = tail.starts_with('h') || next.is_some_and(|next| next.in_class(knows.hour));
        let factor = if is_minutes {
            1
        } else if is_hours {
            60
        } else {
            return;
        };
        if let Ok(count) = digits.parse::<u32>()
            && count < 10_000
        {
            let before = self.stated_minutes.filter(|_| is_minutes).unwrap_or(0);
            if self.stated_minutes.is_none()
                || is_minutes && before >= 60 && before.is_multiple_of(60)
            {
                self.stated_minutes = Some(before + count * factor);
            }
        }
    }

    fn time(&mut self, token: &Token, next: Option<&Token>, text: &str) {
        if self.clock.len() == 4 {
            return;
        }
        let own = token.text(text);
        let own = own.split_once(['T', 't']).map_or(own, |(_, time)| time);
        let small = own.to_ascii_lowercase();
        let mut parts = small.split(|char: char| !char.is_ascii_digit());
        let (hour, minute) = (parts.next(), parts.next());
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
        let Some(mut hour) = number(hour) else { return };
        let half = next.map(|next| next.text(text).to_ascii_lowercase()).unwrap_or_default();
        let (is_late, is_early) =
            (small.ends_with("pm") || half == "pm", small.ends_with("am") || half == "am");
        if is_late && hour < 12 {
            hour += 12;
        } else if is_early && hour == 12 {
            hour = 0;
        }
        self.clock.push(hour * 60 + number(minute).unwrap_or(0));
    }

    fn date(
        &mut self,
        token: &Token,
        before: Option<&Token>,
        next: Option<&Token>,
        text: &str,
        knows: &ShapeClasses,
    ) {
        self.has_date = true;
        if self.day.is_some() {
            return;
        }
        let own = token.text(text);
        let mut parts = own.split(|char: char| !char.is_ascii_digit());
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
        let (first, second, third) =
            (number(parts.next()), number(parts.next()), number(parts.next()));
        let month = [before, next].into_iter().flatten().find(|near| near.in_class(knows.month));
        self.day = match (first, second, third, month) {
            (Some(year), Some(month), Some(day), _) if year > 1_900 => {
                Some(month.min(12) * 31 + day.min(31))
            }
            (Some(day), None | Some(0), _, Some(name)) if day <= 31 => {
                month_of(name.text(text)).map(|month| month * 31 + day)
            }
            _ => None,
        };
    }
}

/// A month by its first letters, English or German.
fn month_of(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let small = name.to_lowercase();
    let start: String = small.chars().take(3).collect();
    let start = match start.as_str() {
        "mär" => "mar",
        "mai" => "may",
        "okt" => "oct",
        "dez" => "dec",
        other => other,
    };
    let at = MONTHS.iter().position(|month| *month == start)?;
    u32::try_from(at + 1).ok()
}
