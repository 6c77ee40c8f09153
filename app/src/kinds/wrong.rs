//! What is wrong with a file, and where.

/// A fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where, as a path: `kinds[3].sections[2]`. Empty for the whole.
    pub path: String,
    /// What, and what to do.
    pub message: String,
}

impl Wrong {
    /// A fault at a place.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Wrong {
        Wrong { path: path.into(), message: message.into() }
    }
}

/// ` Did you mean …?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(said: &str, names: impl Iterator<Item = &'a str>) -> String {
    crate::settings::place::nearest(said, names)
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default()
}
