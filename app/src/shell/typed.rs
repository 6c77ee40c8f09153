//! A form as it was typed, with what is wrong with it: what a page needs to give it back.

use kit::web::{FieldError, Said};

/// What was typed and what is wrong with it.
#[derive(Debug, Default)]
pub struct Typed {
    /// What was typed.
    pub said: Said,
    /// What is wrong with it, by field.
    pub errors: Vec<FieldError>,
}

impl Typed {
    /// What is wrong with a field.
    #[must_use]
    pub fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == field);
        found.map(|error| error.message.as_str())
    }

    /// Whether a field says just this.
    #[must_use]
    pub fn is(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    /// Whether this is among what a field says.
    #[must_use]
    pub fn holds(&self, field: &str, value: &str) -> bool {
        self.said.all(field).contains(&value)
    }
}
