//! All that the compiler may see: the template, the document's values, our fonts. There is no file,
//! no package and no clock in it, whatever a text asks for.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const TEMPLATE: &str = include_str!("template.typ");

/// Of the fonts that come with Typst: one serif for text, one mono for code, which also has many signs.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
    /// The families in the order they are asked for a sign.
    pub(crate) families: Vec<String>,
}

static FONTS: OnceLock<Fonts> = OnceLock::new();

/// Reads the fonts, so that the first PDF need not.
pub fn warm() {
    fonts();
}

/// Reads the fonts and more of the house's own (OTF, TTF or TTC files), for scripts that ours do not
/// have. Says whether they were taken: fonts are read once, so call it before anything else.
pub fn warm_with_fonts(files: Vec<Vec<u8>>) -> bool {
    let mut taken = false;
    FONTS.get_or_init(|| {
        taken = true;
        load(files)
    });
    taken
}

pub(crate) fn fonts() -> &'static Fonts {
    FONTS.get_or_init(|| load(Vec::new()))
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

pub(crate) struct Room {
    library: LazyHash<Library>,
    template: Source,
}

impl Room {
    /// A room with these values in it, which the template finds as `sys.inputs`.
    pub(crate) fn with(values: Dict) -> Result<Room, crate::Error> {
        let library = Library::builder().with_inputs(values).build();
        let path = VirtualPath::new("template.typ")
            .map_err(|error| crate::Error::Typeset(error.to_string()))?;
        let id = FileId::new(RootedPath::new(VirtualRoot::Project, path));
        Ok(Room { library: LazyHash::new(library), template: Source::new(id, TEMPLATE.to_owned()) })
    }
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &fonts().book
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
        fonts().fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
