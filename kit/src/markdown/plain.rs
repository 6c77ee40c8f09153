//! Markdown as plain words, for search, notices and previews.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::{MAX_BYTES, cut, parse};

/// The words of the text without its marks: a line for each block and each row of a table.
#[must_use]
pub fn to_text(text: &str) -> String {
    let text = cut(text, MAX_BYTES);
    let mut out = String::with_capacity(text.len());
    let mut item_open = false;
    for event in parse(text) {
        match &event {
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Rule | Event::Start(Tag::List(_)) => new_line(&mut out),
            Event::Start(Tag::Item) => {
                new_line(&mut out);
                item_open = true;
            }
            Event::Start(Tag::Paragraph) if item_open => item_open = false,
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::FootnoteDefinition(_)
                | Tag::TableHead
                | Tag::TableRow,
            )
            | Event::End(TagEnd::Item) => new_line(&mut out),
            Event::End(TagEnd::TableCell) => out.push(' '),
            event => out.push_str(words(event)),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The first words on one line: at most so many characters, with `…` if there are more.
#[must_use]
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let enough = max_chars.saturating_mul(16).saturating_add(4096);
    let start = cut(text, enough);
    let words = to_text(start).split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = start.len() == text.len();
    match words.char_indices().nth(max_chars) {
        None if whole => words,
        None => words + "…",
        Some((end, _)) => shortened(&words, end) + "…",
    }
}

/// The beginning up to a place, or a little before it, so that no word and no sign is cut in two.
fn shortened(words: &str, end: usize) -> String {
    let start = &words[..end];
    let by_word = match start.rfind(' ') {
        Some(space) if space * 3 > end * 2 => &start[..space],
        _ if words[end..].starts_with(' ') => start,
        _ => start.trim_end_matches(joins),
    };
    by_word.trim_end_matches([' ', ',', ';', ':', '.', '-', '–']).to_owned()
}

/// Signs that belong to the one before them: joiners, variants, skin tones, combining accents.
fn joins(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{300}'..='\u{36f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The words that an event itself carries.
pub(super) fn words<'e>(event: &'e Event<'_>) -> &'e str {
    match event {
        Event::Text(text)
        | Event::Code(text)
        | Event::Html(text)
        | Event::InlineHtml(text)
        | Event::InlineMath(text)
        | Event::DisplayMath(text) => text,
        Event::TaskListMarker(true) => "☑ ",
        Event::TaskListMarker(false) => "☐ ",
        _ => "",
    }
}

fn new_line(out: &mut String) {
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}
