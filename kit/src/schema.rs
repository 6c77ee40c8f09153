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
