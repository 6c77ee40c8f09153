//! From values to pages to bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::world::{Fonts, Room};
use crate::{Document, Error, Part, values};

/// The typesetter recurses; its thread has room for it.
const STACK: usize = 32 << 20;

/// How many renderings back a cached result is kept; after that, its memory is given back.
const KEEP: usize = 2;

/// The document as a PDF: tagged, in A4, with its fonts in it; PDF/UA-1 unless a sign has no font.
///
/// # Errors
/// When it is too long, a picture is none, or the typesetter fails; the words say which.
pub fn pdf(document: &Document) -> Result<Vec<u8>, Error> {
    pdf_with(document, &Fonts::ours())
}

/// As [`pdf`], with more fonts than ours.
///
/// # Errors
/// As [`pdf`].
pub fn pdf_with(document: &Document, fonts: &Arc<Fonts>) -> Result<Vec<u8>, Error> {
    let missing = unprintable(document, fonts);
    let values = values::of(document, &missing, fonts)?;
    std::thread::scope(|scope| {
        let work = move || {
            let bytes = render(values, &document.hash, missing.is_empty(), Arc::clone(fonts));
            typst::comemo::evict(KEEP);
            bytes
        };
        let thread = std::thread::Builder::new().name("typeset".into()).stack_size(STACK);
        match thread.spawn_scoped(scope, work).map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Typeset("the typesetter broke down on this text".into())),
            Err(error) => Err(Error::Typeset(error.to_string())),
        }
    })
}

fn render(
    values: typst::foundations::Dict,
    hash: &str,
    accessible: bool,
    fonts: Arc<Fonts>,
) -> Result<Vec<u8>, Error> {
    let room = Room::with(values, fonts)?;
    let Warned { output, .. } = typst::compile::<PagedDocument>(&room);
    let pages = output.map_err(|errors| words(&errors))?;
    let options = |standards: &[PdfStandard]| {
        let standards = PdfStandards::new(standards)
            .map_err(|error| Error::Typeset(error.message().to_string()))?;
        let ident = if hash.is_empty() { Smart::Auto } else { Smart::Custom(hash.to_owned()) };
        Ok(PdfOptions {
            ident,
            creator: Smart::Custom(None),
            standards,
            tagged: true,
            ..PdfOptions::default()
        })
    };
    if accessible && let Ok(bytes) = typst_pdf::pdf(&pages, &options(&[PdfStandard::Ua_1])?) {
        return Ok(bytes);
    }
    typst_pdf::pdf(&pages, &options(&[])?).map_err(|errors| words(&errors))
}

fn words(errors: &[SourceDiagnostic]) -> Error {
    let first = errors
        .first()
        .map_or_else(|| "no reason was given".to_owned(), |error| error.message.to_string());
    Error::Typeset(first)
}

/// The signs of the document that none of these fonts has.
#[must_use]
pub fn unprintable(document: &Document, fonts: &Fonts) -> BTreeSet<char> {
    let mut signs = BTreeSet::new();
    each_text(document, &mut |text| signs.extend(text.chars().filter(|c| !c.is_ascii())));
    let invisible = |c: char| c.is_whitespace() || c.is_control() || is_joint(c);
    signs.retain(|&c| !invisible(c) && !fonts.have(c));
    signs
}

/// Signs that only say how their neighbours stand.
fn is_joint(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Everything that people wrote in it.
pub(crate) fn each_text(document: &Document, see: &mut impl FnMut(&str)) {
    for text in [&document.title, &document.id, &document.label, &document.hash, &document.author] {
        see(text);
    }
    document.meta.iter().for_each(|text| see(text));
    for part in &document.parts {
        match part {
            Part::Heading { text, .. }
            | Part::Markdown(text)
            | Part::Summary(text)
            | Part::Note(text) => see(text),
            Part::Facts(facts) => {
                facts.iter().flat_map(|(term, value)| [term, value]).for_each(|text| see(text))
            }
            Part::Timeline(rows) => {
                rows.iter()
                    .flat_map(|row| [&row.time, &row.mark, &row.text])
                    .for_each(|text| see(text));
            }
            Part::Decision { title, state, note } => {
                [title, state, note].into_iter().for_each(|text| see(text))
            }
            Part::Table { header, rows } => {
                header.iter().chain(rows.iter().flatten()).for_each(|text| see(text));
            }
            Part::Chart(chart) => chart.texts().for_each(see_ref(see)),
            Part::Image { alt, caption, .. } => {
                [alt, caption].into_iter().for_each(|text| see(text))
            }
        }
    }
}

fn see_ref<'f>(see: &'f mut impl FnMut(&str)) -> impl FnMut(&String) + 'f {
    move |text| see(text)
}
