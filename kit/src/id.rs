//! Ids: a prefix that says of what, the time it was given, and chance; so they sort by age.

use crate::{chance, db::Time};

/// The part after the prefix: 12 hexadecimal digits of milliseconds and 20 of chance.
#[must_use]
pub fn after_prefix(now: Time) -> String {
    let ms = u64::try_from(now.microseconds() / 1000).unwrap_or(0);
    format!("{:012x}{}", ms & 0xffff_ffff_ffff, hex::encode(chance::bytes::<10>()))
}

/// Whether `text` has the form of an id with this prefix.
#[must_use]
pub fn has_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| {
        rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// Declares an id type: `id!(/// An incident's id. IncidentId, "inc");`. A third word is what the API
/// calls it, where two slices have a type of this name.
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $crate::id!($(#[$meta])* $name, $prefix, stringify!($name));
    };
    ($(#[$meta:meta])* $name:ident, $prefix:literal, $called:expr) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sqlx::Type,
        )]
        #[sqlx(transparent)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// A new id, made at `now`.
            #[must_use]
            pub fn at(now: $crate::db::Time) -> Self {
                $name(format!("{}_{}", $prefix, $crate::id::after_prefix(now)))
            }
            /// The id, if the text has its form.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::id::has_form(text, $prefix).then(|| $name(text.to_owned()))
            }
            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::schema::Schema> {
                let about = [$($crate::doc_of!($meta)),*].concat();
                let form = concat!("^", $prefix, "_[0-9a-f]{32}$");
                $crate::schema::text(about.trim(), Some(form)).into()
            }
        }
        impl $crate::utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $called.into()
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                $name::parse(&text).ok_or_else(|| format!("`{text}` is not an id of this kind"))
            }
        }
    };
}
