//! A document of ours as a typeset, tagged PDF.
//!
//! What people wrote is handed to a fixed template as data, never as Typst source, and the compiler's
//! world holds no file, no package, no network and no clock. The package knows nothing of incidents:
//! a [`Document`] is a title, a few lines about it, and [`Part`]s in the order they are read.

mod blocks;
mod chart;
mod pages;
mod runs;
#[cfg(test)]
mod tests;
mod values;
mod world;

pub use chart::{Axis, Chart, Mark, Series};
pub use pages::{pdf, pdf_with, unprintable};
pub use world::{Fonts, covered, warm};

/// More text than this, in bytes over the whole document, is refused.
pub const MAX_TEXT: usize = 2_000_000;
/// More paragraphs, items, rows and cells than this, over the whole document, are refused.
pub const MAX_PIECES: usize = 60_000;
/// A single paragraph longer than this, in bytes, is set as several.
pub const MAX_PARAGRAPH: usize = 12_000;
/// Pictures with more points than this are refused by their header, before they are unpacked.
pub const MAX_POINTS: usize = 40_000_000;

/// What is printed.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// In plain words; also the PDF's own title.
    pub title: String,
    /// What it is called by, such as `INC-42 · release 2`; at the head of each page.
    pub id: String,
    /// Who may read it, such as `Amber: organisation only`; at the head of each page.
    pub label: String,
    /// Its hash: the first twelve signs at the head of each page, all of them at the end.
    pub hash: String,
    /// Language tag such as `en` or `de-AT`; it decides hyphenation and how it is read aloud.
    pub language: String,
    /// Short facts under the title.
    pub meta: Vec<String>,
    /// Year, month, day; for the PDF's own facts.
    pub date: Option<(i32, u8, u8)>,
    /// For the PDF's own facts.
    pub author: String,
    /// Where our own paths (`/incidents/42`) are found, such as `https://afterword.example`; without
    /// it they are printed as words.
    pub site: String,
    /// The few words that the page itself says.
    pub words: Words,
    /// In the order they are read.
    pub parts: Vec<Part>,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Part {
    /// Level 1 is a section; gaps between levels are closed.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Plain text.
        text: String,
    },
    /// Text; its headings stand one level under the part's heading before it.
    Markdown(String),
    /// Markdown, larger, beside a bar.
    Summary(String),
    /// Terms and their values, plain text.
    Facts(Vec<(String, String)>),
    /// What happened when: a table whose head repeats on each page.
    Timeline(Vec<TimelineRow>),
    /// What was decided.
    Decision {
        /// Plain text.
        title: String,
        /// A word or two, such as `declined`.
        state: String,
        /// Markdown; may be empty.
        note: String,
    },
    /// Plain text in rows.
    Table {
        /// One cell a column.
        header: Vec<String>,
        /// Short rows are filled up.
        rows: Vec<Vec<String>>,
    },
    /// Lines over an axis.
    Chart(Chart),
    /// A picture.
    Image {
        /// The file's bytes.
        png_or_jpeg: Vec<u8>,
        /// What it shows, for those who do not see it.
        alt: String,
        /// Under the picture; may be empty.
        caption: String,
    },
    /// Markdown, small, aside.
    Note(String),
}

/// One row of a [`Part::Timeline`].
#[derive(Clone, Debug, Default)]
pub struct TimelineRow {
    /// As it shall be read, such as `13:41` or `≈ 13:45`.
    pub time: String,
    /// A phase or kind, a word or two; may be empty.
    pub mark: String,
    /// Markdown.
    pub text: String,
}

/// What the page itself says, in the document's language.
#[derive(Clone, Debug)]
pub struct Words {
    /// Foot of the page; `{page}` and `{pages}` are replaced.
    pub page: String,
    /// Head of the timeline's first column.
    pub time: String,
    /// Head of the timeline's second column.
    pub what_happened: String,
    /// Head of the timeline's last column.
    pub mark: String,
    /// Before the whole hash, at the end.
    pub hash: String,
    /// Before the signs for which no font is here, at the end.
    pub unprintable: String,
}

impl Default for Words {
    fn default() -> Self {
        Words {
            page: "{page} of {pages}".into(),
            time: "Time".into(),
            what_happened: "What happened".into(),
            mark: "Phase".into(),
            hash: "Hash of this document".into(),
            unprintable: "No font here has these signs, so they are shown as boxes".into(),
        }
    }
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The text is beyond [`MAX_TEXT`] or [`MAX_PIECES`].
    #[error(
        "This is too long for a PDF: {have} {what}, and {most} is the most. Its Markdown has everything."
    )]
    TooLong {
        /// Of what there is too much.
        what: &'static str,
        /// How much there is.
        have: usize,
        /// How much there may be.
        most: usize,
    },
    /// A picture cannot be shown.
    #[error(
        "The picture “{picture}” cannot be printed: {why}. Take it out or replace it by a smaller PNG or JPEG."
    )]
    Picture {
        /// Its caption or other words.
        picture: String,
        /// In words.
        why: String,
    },
    /// The typesetter refused or failed.
    #[error("The PDF could not be made: {0}.")]
    Typeset(String),
}
