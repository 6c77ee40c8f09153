//! All that the compiler may see: the template, the document's values, our fonts. There is no file,
//! no package and no clock in it, whatever a text asks for.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const TEMPLATE: &str = include_str!("template.typ");

/// Of the fonts that come with Typst: one serif for text, one mono for code, which also has many signs.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

/// Fonts that signs are looked for in: ours first, then others in the order they were given.
pub struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    families: Vec<String>,
}

static OURS: OnceLock<Arc<Fonts>> = OnceLock::new();

/// Reads our fonts, so that the first PDF need not.
pub fn warm() {
    drop(Fonts::ours());
}

impl Fonts {
    /// The fonts that are compiled in; read once.
    #[must_use]
    pub fn ours() -> Arc<Fonts> {
        Arc::clone(OURS.get_or_init(|| Arc::new(Fonts::load(Vec::new()))))
    }

    /// Ours and more (OTF, TTF or TTC files), for scripts that ours do not have. What is no font is
    /// left out.
    #[must_use]
    pub fn with(more: Vec<Vec<u8>>) -> Arc<Fonts> {
        if more.is_empty() { Fonts::ours() } else { Arc::new(Fonts::load(more)) }
    }

    fn load(more: Vec<Vec<u8>>) -> Fonts {
        let ours = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data)));
        let mut fonts: Vec<Font> =
            ours.filter(|font| FAMILIES.contains(&font.info().family.as_str())).collect();
        let mut families: Vec<String> = FAMILIES.map(str::to_owned).into();
        for font in more.into_iter().flat_map(|data| Font::iter(Bytes::new(data))) {
            if !families.contains(&font.info().family) {
                families.push(font.info().family.clone());
            }
            fonts.push(font);
        }
        Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts, families }
    }

    /// The families in the order they are asked for a sign.
    pub(crate) fn families(&self) -> &[String] {
        &self.families
    }

    pub(crate) fn have(&self, sign: char) -> bool {
        self.fonts.iter().any(|font| font.info().coverage.contains(sign as u32))
    }
}

/// Those of the signs that a font file (OTF, TTF or TTC) has; none when it is no font.
#[must_use]
pub fn covered(file: &[u8], signs: &BTreeSet<char>) -> BTreeSet<char> {
    let fonts: Vec<Font> = Font::iter(Bytes::new(file.to_vec())).collect();
    let has = |sign: char| fonts.iter().any(|font| font.info().coverage.contains(sign as u32));
    signs.iter().copied().filter(|sign| has(*sign)).collect()
}

pub(crate) struct Room {
    library: LazyHash<Library>,
    template: Source,
    fonts: Arc<Fonts>,
}

impl Room {
    /// A room with these values in it, which the template finds as `sys.inputs`.
    pub(crate) fn with(values: Dict, fonts: Arc<Fonts>) -> Result<Room, crate::Error> {
        let library = Library::builder().with_inputs(values).build();
        let path = VirtualPath::new("template.typ")
            .map_err(|error| crate::Error::Typeset(error.to_string()))?;
        let id = FileId::new(RootedPath::new(VirtualRoot::Project, path));
        let template = Source::new(id, TEMPLATE.to_owned());
        Ok(Room { library: LazyHash::new(library), template, fonts })
    }
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
