//! What the index holds: one document for each thing that has an address of its own, and bounded
//! batches of entries and evidence.

use super::language;
use super::table::Entry;
use super::tokens::{Stems, Word, exact, stemmed, words};
use crate::evidence::EvidenceId;
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};

/// Counts up with each change of the schema or of what is put into it; another one is rebuilt.
pub const VERSION: u32 = 2;

/// The most bytes of text in a document of a batch.
const BATCH: usize = 6_000;

/// Places between two pieces, so that no phrase reaches over from one into the other.
const BETWEEN: usize = 50;

kit::words!(
    /// Where a word was found.
    What {
        /// Title, description, impact.
        Incident = "incident", "the incident";
        /// Entries of the timeline.
        Timeline = "timeline", "the timeline";
        /// Pieces of evidence.
        Evidence = "evidence", "evidence";
        /// A section of a draft.
        Section = "section", "a draft";
        /// The factors of a draft.
        Factors = "factors", "factors";
        /// The lessons of a draft.
        Lessons = "lessons", "lessons";
        /// An action.
        Action = "action", "an action";
        /// A risk.
        Risk = "risk", "a risk";
        /// What was published.
        Release = "release", "what was published";
    }
);

impl What {
    /// How much being found here counts.
    #[must_use]
    pub fn weight(self) -> f32 {
        match self {
            What::Incident | What::Release => 1.0,
            What::Timeline | What::Section | What::Factors | What::Lessons => 0.9,
            What::Action | What::Risk => 0.85,
            What::Evidence => 0.75,
        }
    }

    /// Its number in the index.
    #[must_use]
    pub fn code(self) -> u64 {
        What::ALL.iter().position(|what| *what == self).unwrap_or(0) as u64
    }

    /// The one of a number.
    #[must_use]
    pub fn of_code(code: u64) -> What {
        let at = usize::try_from(code).unwrap_or(0);
        What::ALL.get(at).copied().unwrap_or(What::Incident)
    }
}

/// A piece of text with the evidence it is of.
#[derive(Debug, Clone)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Who said it; may be empty.
    pub author: String,
    /// Of which evidence.
    pub evidence: Option<EvidenceId>,
}

impl Piece {
    /// A text of its own.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Piece {
        Piece { text: text.into(), author: String::new(), evidence: None }
    }
}

/// A document, before it is put into the index.
#[derive(Debug, Clone)]
pub struct Doc {
    /// The incident's number.
    pub number: i64,
    /// What it is.
    pub what: What,
    /// Of which draft, for its people only; 0 for who may see the incident.
    pub nth: i64,
    /// What is replaced together.
    pub group: String,
    /// What it is called, `ACT-7`; may be empty.
    pub name: String,
    /// Where it is.
    pub link: String,
    /// Weighs most.
    pub title: String,
    /// Weighs more.
    pub summary: String,
    /// What it says.
    pub pieces: Vec<Piece>,
    /// What is known of the incident, on its own document.
    pub entry: Option<Entry>,
}

/// The group of everything of an incident but its evidence.
#[must_use]
pub fn story_group(number: i64) -> String {
    format!("s{number}")
}

/// The group of what an import brought.
#[must_use]
pub fn import_group(import: &str) -> String {
    format!("m{import}")
}

/// The group of what came without an import at one time.
#[must_use]
pub fn loose_group(number: i64, at: i64) -> String {
    format!("l{number}.{at}")
}

/// Puts pieces together to batches; a long piece is several.
#[must_use]
pub fn batches(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut out = Vec::new();
    let mut batch = Vec::new();
    let mut size = 0;
    for piece in pieces {
        let mut rest = piece.text.as_str();
        let mut author = piece.author.as_str();
        while !rest.is_empty() {
            let mut end = rest.floor_char_boundary(BATCH);
            if end < rest.len() {
                end = rest[..end].rfind(char::is_whitespace).map_or(end, |at| at.max(1));
                end = rest.floor_char_boundary(end).max(1);
                while !rest.is_char_boundary(end) {
                    end += 1;
                }
            }
            if size + end + author.len() > BATCH && !batch.is_empty() {
                out.push(std::mem::take(&mut batch));
                size = 0;
            }
            size += end + author.len();
            let (text, evidence) = (rest[..end].to_owned(), piece.evidence.clone());
            batch.push(Piece { text, author: author.to_owned(), evidence });
            author = "";
            rest = &rest[end..];
        }
    }
    if !batch.is_empty() {
        out.push(batch);
    }
    out
}

/// The index's fields.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// What is replaced together.
    pub group: Field,
    /// The incident's number.
    pub number: Field,
    /// The code of [`What`].
    pub what: Field,
    /// Of which draft.
    pub nth: Field,
    /// The title's words as they are.
    pub title: Field,
    /// All other words as they are, with their places.
    pub body: Field,
    /// The words of names: who said it.
    pub author: Field,
    /// The title's stems.
    pub title_stems: Field,
    /// The summary's stems.
    pub summary_stems: Field,
    /// The stems of the rest.
    pub body_stems: Field,
    /// The text, to cut passages from.
    pub text: Field,
    /// What the thing is called.
    pub name: Field,
    /// Where it is.
    pub link: Field,
    /// Which evidence begins where in the text: 16 bytes of id, 4 of place.
    pub marks: Field,
    /// What is known of the incident, as JSON.
    pub entry: Field,
}

/// The schema and its fields.
#[must_use]
pub fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = |option| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option),
        )
    };
    let placed = words(IndexRecordOption::WithFreqsAndPositions);
    let counted = words(IndexRecordOption::WithFreqs);
    let fields = Fields {
        group: schema.add_text_field("group", STRING),
        number: schema.add_u64_field("number", FAST),
        what: schema.add_u64_field("what", FAST | INDEXED),
        nth: schema.add_u64_field("nth", FAST),
        title: schema.add_text_field("title", placed.clone()),
        body: schema.add_text_field("body", placed.clone()),
        author: schema.add_text_field("author", placed),
        title_stems: schema.add_text_field("title_stems", counted.clone()),
        summary_stems: schema.add_text_field("summary_stems", counted.clone()),
        body_stems: schema.add_text_field("body_stems", counted),
        text: schema.add_text_field("text", STORED),
        name: schema.add_text_field("name", STORED),
        link: schema.add_text_field("link", STORED),
        marks: schema.add_bytes_field("marks", STORED),
        entry: schema.add_text_field("entry", STORED),
    };
    (schema.build(), fields)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn tokens(field: Field, tokens: Vec<Token>, into: &mut TantivyDocument) {
    if !tokens.is_empty() {
        into.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
    }
}

impl Doc {
    /// All its text with line breaks, and where each piece of evidence begins.
    fn text(&self) -> (String, Vec<u8>) {
        let mut text = self.summary.clone();
        let mut marks = Vec::new();
        for piece in &self.pieces {
            if !text.is_empty() {
                text.push('\n');
            }
            if let Some(id) = &piece.evidence
                && let Some(Ok(id)) = id.as_str().get(4..).map(hex::decode)
            {
                marks.extend(id);
                marks.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            }
            text.push_str(&piece.text);
            if !piece.author.is_empty() {
                text.push_str("\n— ");
                text.push_str(&piece.author);
            }
        }
        (text, marks)
    }

    /// As the index takes it.
    #[must_use]
    pub fn indexed(&self, fields: &Fields) -> TantivyDocument {
        let mut into = TantivyDocument::default();
        into.add_text(fields.group, &self.group);
        into.add_u64(fields.number, unsigned(self.number));
        into.add_u64(fields.what, self.what.code());
        into.add_u64(fields.nth, unsigned(self.nth));
        let (text, marks) = self.text();
        let sample = format!("{} {text}", self.title);
        let mut stems = Stems::of(language::guess(&sample));
        let title = words(&self.title);
        tokens(fields.title, exact(&title, 0), &mut into);
        tokens(fields.title_stems, stemmed(&title, &mut stems, 0), &mut into);
        let (mut body, mut body_stems, mut authors) = (Vec::new(), Vec::new(), Vec::new());
        let mut place = 0;
        let mut next = |found: &[Word]| {
            let first = place;
            place += found.last().map_or(0, |word| word.place) + BETWEEN;
            first
        };
        let summary = words(&self.summary);
        let first = next(&summary);
        body.extend(exact(&summary, first));
        tokens(fields.summary_stems, stemmed(&summary, &mut stems, 0), &mut into);
        for piece in &self.pieces {
            let found = words(&piece.text);
            let first = next(&found);
            body.extend(exact(&found, first));
            body_stems.extend(stemmed(&found, &mut stems, first));
            authors.extend(exact(&words(&piece.author), first));
        }
        tokens(fields.author, authors, &mut into);
        tokens(fields.body, body, &mut into);
        tokens(fields.body_stems, body_stems, &mut into);
        into.add_text(fields.text, text);
        into.add_text(fields.name, &self.name);
        into.add_text(fields.link, &self.link);
        if !marks.is_empty() {
            into.add_bytes(fields.marks, &marks);
        }
        if let Some(entry) = &self.entry
            && let Ok(json) = serde_json::to_string(entry)
        {
            into.add_text(fields.entry, json);
        }
        into
    }
}

/// The evidence that stands at a place of a document's text.
#[must_use]
pub fn evidence_at(marks: &[u8], place: usize) -> Option<String> {
    let mut found = None;
    for mark in marks.chunks_exact(20) {
        let at = u32::from_be_bytes([mark[16], mark[17], mark[18], mark[19]]) as usize;
        if at > place {
            break;
        }
        found = Some(format!("evi_{}", hex::encode(&mark[..16])));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Piece, batches};

    #[test]
    fn batches_are_bounded_and_lose_nothing() {
        let long = "é".repeat(BATCH) + " end";
        let pieces = vec![Piece::plain("a"), Piece::plain(long.clone()), Piece::plain("b")];
        let made = batches(pieces);
        let sizes: Vec<usize> =
            made.iter().map(|batch| batch.iter().map(|piece| piece.text.len()).sum()).collect();
        assert!(sizes.iter().all(|size| *size <= BATCH), "{sizes:?}");
        let all: String = made.iter().flatten().map(|piece| piece.text.as_str()).collect();
        assert_eq!(all, format!("a{long}b"));
    }
}
