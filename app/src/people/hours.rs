//! When somebody works, where they said it themselves; and the parts that a calendar has, too.

use jiff::civil::{Date, Time as Clock};
use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};

/// A person's own working hours, in their zone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = WorkingHours)]
pub struct Hours {
    /// ISO numbers of the working days, 1 for Monday.
    #[schema(example = json!([1, 2, 3, 4, 5]))]
    pub days: Vec<i8>,
    /// When work begins: `09:00`.
    #[schema(example = "09:00")]
    pub from: String,
    /// When it ends; later.
    #[schema(example = "17:00")]
    pub to: String,
}

impl Hours {
    /// Reads days as numbers or names (`1,2,3`, `Mon-Fri`), and two times of day.
    ///
    /// # Errors
    /// The field that is wrong, `days`, `from` or `to`, and a sentence on it.
    pub fn parse(days: &str, from: &str, to: &str) -> Result<Hours, (&'static str, String)> {
        let days = days_in(days).map_err(|why| ("days", why))?;
        let opens = parse_clock(from).map_err(|why| ("from", why))?;
        let closes = parse_clock(to).map_err(|why| ("to", why))?;
        if closes <= opens {
            return Err(("to", "Work ends later than it begins.".to_owned()));
        }
        Ok(Hours { days, from: clock_text(opens), to: clock_text(closes) })
    }

    /// As it is kept: "1,2,3,4,5".
    #[must_use]
    pub fn days_text(&self) -> String {
        self.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// "Mon to Fri, 09:00 to 17:00".
    #[must_use]
    pub fn in_words(&self) -> String {
        let whole = self.days.windows(2).all(|pair| matches!(pair, [a, b] if b - a == 1));
        let days = match (self.days.first(), self.days.last()) {
            (Some(first), Some(last)) if whole && last - first > 1 => {
                format!("{} to {}", short(*first), short(*last))
            }
            _ => self.days.iter().map(|n| short(*n)).collect::<Vec<_>>().join(", "),
        };
        format!("{days}, {} to {}", self.from, self.to)
    }
}

const SHORT: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn short(n: i8) -> &'static str {
    usize::try_from(n - 1).ok().and_then(|n| SHORT.get(n)).copied().unwrap_or("")
}

fn day_number(word: &str) -> Result<i8, String> {
    let wrong = || format!("`{word}` is not a day; say Mon to Sun, or 1, Monday, to 7, Sunday.");
    if let Ok(n) = word.parse::<i8>() {
        return if (1..=7).contains(&n) { Ok(n) } else { Err(wrong()) };
    }
    let word_key = word.to_lowercase();
    let at = SHORT.iter().position(|day| word_key.get(..3) == Some(day.to_lowercase().as_str()));
    at.and_then(|at| i8::try_from(at + 1).ok()).ok_or_else(wrong)
}

fn days_in(text: &str) -> Result<Vec<i8>, String> {
    let mut days = Vec::new();
    for part in text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()) {
        match part.split_once(['-', '–']) {
            _ if part.is_empty() => {}
            Some((first, last)) => days.extend(day_number(first)?..=day_number(last)?),
            None => days.push(day_number(part)?),
        }
    }
    parse_days(days)
}

/// Days of the week by their ISO numbers.
///
/// # Errors
/// A sentence on what a number means.
pub fn parse_days(mut numbers: Vec<i8>) -> Result<Vec<i8>, String> {
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Err("Choose at least one working day.".to_owned());
    }
    match numbers.iter().find(|n| !(1..=7).contains(*n)) {
        Some(n) => Err(format!("A day of the week is 1, Monday, to 7, Sunday; not {n}.")),
        None => Ok(numbers),
    }
}

/// What [`parse_days`] takes, for the description of the API; who uses it says what the days are for.
#[must_use]
pub fn days_schema() -> ArrayBuilder {
    let day = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .minimum(Some(1))
        .maximum(Some(7));
    ArrayBuilder::new()
        .items(day)
        .min_items(Some(1))
        .max_items(Some(7))
        .examples([json!([1, 2, 3, 4, 5])])
}

/// A time of day.
///
/// # Errors
/// A sentence with an example.
pub fn parse_clock(text: &str) -> Result<Clock, String> {
    let parsed = Clock::strptime("%H:%M", text.trim());
    parsed.map_err(|_| format!("`{text}` is not a time of day; say one such as 09:00."))
}

/// "09:00".
#[must_use]
pub fn clock_text(clock: Clock) -> String {
    clock.strftime("%H:%M").to_string()
}

/// A date.
///
/// # Errors
/// A sentence with an example.
pub fn parse_date(text: &str) -> Result<Date, String> {
    let text = text.trim();
    text.parse().map_err(|_| format!("`{text}` is not a date; say one such as 2026-12-25."))
}

#[cfg(test)]
mod tests {
    use super::Hours;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let hours = |days| Hours::parse(days, "9:00", "17:30").map(|hours| hours.days);
        for days in ["Mon-Fri", "1-5", "1,2,3,4,5", "mon; tue wednesday Thu fri"] {
            assert_eq!(hours(days), Ok(vec![1, 2, 3, 4, 5]), "{days}");
        }
        assert_eq!(
            Hours::parse("Tue Sat", "08:00", "12:00").unwrap().in_words(),
            "Tue, Sat, 08:00 to 12:00"
        );
        assert_eq!(
            Hours::parse("1-5", "08:00", "12:00").unwrap().in_words(),
            "Mon to Fri, 08:00 to 12:00"
        );
        for (days, from, to, field) in [
            ("", "09:00", "17:00", "days"),
            ("9", "09:00", "17:00", "days"),
            ("Fri-Mon", "09:00", "17:00", "days"),
            ("Mo", "09:00", "17:00", "days"),
            ("Mon", "soon", "17:00", "from"),
            ("Mon", "17:00", "09:00", "to"),
        ] {
            assert_eq!(Hours::parse(days, from, to).unwrap_err().0, field, "{days} {from} {to}");
        }
    }
}
