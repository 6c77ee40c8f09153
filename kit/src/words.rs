//! Vocabularies: an enum whose words are the same in code, database, JSON, forms and pages.

/// Declares an enum with its word and its label for people:
/// `words!(/// A seat. Seat { /// Reads. Reader = "reader", "Reader"; });`
/// Gives `ALL`, `name`, `label`, `parse`, serde, and a text column on both databases.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word, as stored and in JSON.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The word for people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label),+ }
            }

            /// The one of that word.
            ///
            /// # Errors
            /// A sentence with the words there are.
            pub fn parse(text: &str) -> Result<$name, String> {
                match text {
                    $($word => Ok($name::$variant),)+
                    other => {
                        let known = [$($word),+].join(", ");
                        Err(format!("`{other}` is not one of: {known}."))
                    }
                }
            }
        }

        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::schema::Schema> {
                let about = [$($crate::doc_of!($meta)),*].concat();
                $crate::schema::words(about.trim(), &[$($word),+]).into()
            }
        }
        impl $crate::utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::schema::name(module_path!(), stringify!($name)).into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.label())
            }
        }

        $crate::stored_as_text!($name);
    };
}

/// Makes a type with `name(self) -> &'static str` and `parse(&str) -> Result<Self, _>` a text column
/// on both databases.
#[macro_export]
macro_rules! stored_as_text {
    ($name:ty) => {
        $crate::stored_as_text!(@on $name, sqlx_sqlite::Sqlite, sqlx_sqlite::SqliteTypeInfo,
            sqlx_sqlite::SqliteArgumentsBuffer, sqlx_sqlite::SqliteValueRef);
        $crate::stored_as_text!(@on $name, sqlx_postgres::Postgres, sqlx_postgres::PgTypeInfo,
            sqlx_postgres::PgArgumentBuffer, sqlx_postgres::PgValueRef);
    };
    (@on $name:ty, $db:ty, $info:ty, $buffer:ty, $value:ident :: $($rest:ident)::+) => {
        impl sqlx::Type<$db> for $name {
            fn type_info() -> $info {
                <String as sqlx::Type<$db>>::type_info()
            }
            fn compatible(ty: &$info) -> bool {
                <String as sqlx::Type<$db>>::compatible(ty)
            }
        }
        impl sqlx::Encode<'_, $db> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut $buffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'_, $db>>::encode_by_ref(&self.name().to_owned(), buffer)
            }
        }
        impl<'r> sqlx::Decode<'r, $db> for $name {
            fn decode(
                value: $value::$($rest)::+<'r>,
            ) -> Result<Self, sqlx::error::BoxDynError> {
                let text = <String as sqlx::Decode<'r, $db>>::decode(value)?;
                <$name>::parse(&text).map_err(Into::into)
            }
        }
    };
}
