//! Markdown as people write it, as HTML that is safe to show.
//!
//! The HTML is written from the parser's events by an allow-list: what is not named in `render` does
//! not get out, and raw HTML is shown as the text it is. So no sanitizer is needed, and the time is
//! linear in the text, however deep or odd it is.
//!
//! Nothing is fetched from elsewhere: only pictures under `/files/` are shown, others become links.

mod links;
mod plain;
mod render;
#[cfg(test)]
mod tests;

use pulldown_cmark::{Options as Syntax, Parser};

pub use links::safe_href;
pub use plain::{excerpt, to_text};

/// Deeper than this, blocks and emphasis are flattened: their words stay, their tags do not.
pub const MAX_DEPTH: usize = 100;

/// Longer texts are cut, and say so.
pub const MAX_BYTES: usize = 1_000_000;

/// Says where a reference like `INC-42` leads: an own path, or nothing if it is only a word.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How a text is shown where it stands.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The level of the text's `#` headings on the page, 1 to 6; deeper ones follow.
    pub heading_level: u8,
    /// Begins the ids of footnotes, so that two texts of one page do not share them.
    pub id_prefix: &'a str,
    /// Turns words of the form `INC-42` into links.
    pub references: Option<Resolve<'a>>,
    /// What is said at the end of a text that was longer than [`MAX_BYTES`].
    pub cut_note: &'a str,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            heading_level: 3,
            id_prefix: "",
            references: None,
            cut_note: "The text goes on. What follows is too long to be shown here.",
        }
    }
}

/// The text as HTML that is safe within a page's body.
#[must_use]
pub fn to_html(text: &str, options: &Options<'_>) -> String {
    let shown = cut(text, MAX_BYTES);
    let mut html = render::render(parse(shown), shown.len(), options);
    if shown.len() < text.len() {
        html.push_str("<p class=\"cut\">");
        escape(&mut html, options.cut_note);
        html.push_str("</p>\n");
    }
    html
}

fn parse(text: &str) -> pulldown_cmark::TextMergeStream<'_, Parser<'_>> {
    let syntax = Syntax::ENABLE_TABLES
        | Syntax::ENABLE_FOOTNOTES
        | Syntax::ENABLE_STRIKETHROUGH
        | Syntax::ENABLE_TASKLISTS;
    pulldown_cmark::TextMergeStream::new(Parser::new_ext(text, syntax))
}

/// The longest beginning of at most so many bytes that ends between two characters.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Adds text so that no browser reads it as anything else, in content and in quoted attributes.
fn escape(out: &mut String, text: &str) {
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.push_str(&text[plain_from..at]);
        out.push_str(entity);
        plain_from = at + 1;
    }
    out.push_str(&text[plain_from..]);
}
