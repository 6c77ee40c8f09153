//! Texts of entries: calm, in one line, short, quoting what was said and nothing that blames.

use super::read::Reading;
use super::words::List;
use regex::Regex;
use std::sync::LazyLock;

/// The most characters of an entry's text.
pub(super) const LONGEST: usize = 200;

static CODES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r":[a-z][a-z0-9_+-]{1,40}:(?:skin-tone-[2-6]:)?").expect("a constant")
});
static ADDRESSES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(https?://)([^\s/?#<>|()"]+)([^\s<>|()"]*)"#).expect("a constant")
});
static CALLS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(^|\s)@(here|channel|everyone|all)\b").expect("a constant"));

/// A message without pictures, emoji codes and calls to everybody; line breaks stay.
pub(super) fn without_pictures(text: &str) -> String {
    let text = CODES.replace_all(text, "");
    let text = CALLS.replace_all(&text, "$1");
    text.chars()
        .filter(|c| !is_picture(*c))
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0e}' | '\u{fe0f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{20e3}' | '\u{2b50}' | '\u{2b55}')
}

static TARGETS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\S)\s?\(https?://[^\s)]*\)").expect("a constant"));

/// One line, single spaces, no shouting, addresses down to their host.
pub(super) fn calm(text: &str) -> String {
    let text = TARGETS.replace_all(text, "$1");
    let text = ADDRESSES.replace_all(&text, |c: &regex::Captures<'_>| {
        let more = if c[3].len() > 1 { "/…" } else { "" };
        format!("{}{}{more}", &c[1], &c[2])
    });
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let word = word.trim_start_matches(['•', '▪', '◦']);
        if word.is_empty() || word == ">" {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let quiet = word.trim_end_matches('!');
        line.push_str(quiet);
        if quiet.len() < word.len() && !quiet.is_empty() {
            line.push('.');
        }
    }
    line
}

/// Cut at a word to at most `most` characters, with an ellipsis.
pub(super) fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let room = text.char_indices().nth(most - 1).map_or(end, |(at, _)| at);
    let head = &text[..room];
    let word = head.rfind(' ').filter(|space| *space * 2 > room).unwrap_or(room);
    format!("{}…", head[..word].trim_end_matches([' ', ',', ';', ':', '-', '\u{200d}']))
}

/// What was said, in quotation marks: the whole when it is short, else its most telling sentence.
pub(super) fn quote(reading: &Reading<'_>, lead: &str) -> String {
    let room = LONGEST - lead.chars().count() - 2;
    let whole = calm(&reading.text);
    let blaming = reading.sentences_that_blame();
    let said = if blaming.is_empty() && whole.chars().count() <= room {
        whole
    } else {
        match telling_sentence(reading, &blaming) {
            Some(sentence) => sentence,
            None if blaming.is_empty() => whole,
            None => return format!("{lead}A message about this; its words are in the evidence."),
        }
    };
    if said.is_empty() {
        return format!("{lead}A message without words.");
    }
    let inner = said.replace(['“', '”'], "\"");
    format!("{lead}“{}”", cut(&inner, room))
}

/// The first sentence with the most words that count.
fn telling_sentence(reading: &Reading<'_>, blaming: &[usize]) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for (number, range) in reading.sentences().into_iter().enumerate() {
        if blaming.contains(&number) {
            continue;
        }
        let sentence = calm(reading.folded_range(range.clone()));
        if sentence.is_empty() {
            continue;
        }
        let counts =
            |list| !matches!(list, List::NotSo | List::BeforeState | List::FaultOf | List::Blame);
        let hits = reading
            .hits
            .iter()
            .filter(|hit| range.contains(&hit.start) && counts(hit.list) && hit.meant)
            .count();
        if best.as_ref().is_none_or(|(most, _)| hits > *most) {
            best = Some((hits, sentence));
        }
    }
    best.map(|(_, sentence)| sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_calm_and_in_one_line() {
        let text = ":rotating_light: It's DOWN!!! @here\n• 10.0.3.11:8080 🔥 see https://x.example/a?token=1 at 23:37:40";
        assert_eq!(
            calm(&without_pictures(text)),
            "It's DOWN. 10.0.3.11:8080 see https://x.example/… at 23:37:40"
        );
    }

    #[test]
    fn a_long_text_is_cut_at_a_word() {
        let long = "wörter ".repeat(50);
        let short = cut(long.trim(), 40);
        assert!(short.chars().count() <= 40 && short.ends_with("wörter…"), "{short}");
        assert_eq!(cut(&"あ".repeat(10), 5), "ああああ…");
        assert_eq!(cut("short", 5), "short");
    }
}
