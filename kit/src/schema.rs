//! How types of ours are described to programs (OpenAPI 3.1).

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type as Kind,
};

/// A text, of a form given as a regular expression.
#[must_use]
pub fn text(about: &str, form: Option<&str>) -> Object {
    let text = ObjectBuilder::new().schema_type(Kind::String).description(Some(about));
    text.pattern(form).build()
}

/// One of a few words.
#[must_use]
pub fn words(about: &str, words: &[&str]) -> Object {
    let text = ObjectBuilder::new().schema_type(Kind::String).description(Some(about));
    text.enum_values(Some(words.iter().copied())).build()
}

/// An instant in RFC 3339, UTC.
#[must_use]
pub fn instant() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Kind::String);
    let text = text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    text.description(Some("An instant in UTC, to the microsecond.")).build().into()
}

/// What words are called among all that is described, where two slices may have a word for the same
/// thing: the slice's noun before the type, `StateName` of `afterword::actions` is `ActionState`.
#[must_use]
pub fn name(module: &str, name: &str) -> String {
    let slice = module.split("::").nth(1).unwrap_or("");
    let noun = slice.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let one = slice.strip_suffix('s').filter(|stem| !stem.ends_with('s')).unwrap_or(slice);
    let noun = noun.unwrap_or_else(|| one.to_owned());
    let noun: String = noun.split('_').map(capital).collect();
    let name = name.strip_suffix("Name").unwrap_or(name);
    if name.starts_with(&noun) { name.to_owned() } else { format!("{noun}{name}") }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The text of a doc comment, and nothing for any other attribute.
#[doc(hidden)]
#[macro_export]
macro_rules! doc_of {
    (doc = $text:literal) => {
        $text
    };
    ($($other:tt)*) => {
        ""
    };
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_same_word_of_two_slices_has_two_names() {
        assert_eq!(name("afterword::actions::action", "StateName"), "ActionState");
        assert_eq!(name("afterword::incidents::incident", "Kind"), "IncidentKind");
        assert_eq!(name("afterword::evidence::piece", "Kind"), "EvidenceKind");
        assert_eq!(name("afterword::access", "Seat"), "AccessSeat");
        assert_eq!(name("kit", "Word"), "Word");
    }
}
