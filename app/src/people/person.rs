//! A person and the parts of one that cannot be wrong.

use crate::access::{PersonId, Seat};
use jiff::tz::TimeZone;
use kit::db::Time;

/// Someone who is here.
#[derive(Debug, Clone, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Unique, without `@`.
    pub handle: String,
    /// What colleagues call them.
    pub name: String,
    /// Their address, if they sign in here; nobody else is told.
    #[serde(skip)]
    pub email: Option<String>,
    /// Their seat.
    pub seat: Seat,
    /// An IANA zone name.
    pub zone: String,
    /// When they came.
    pub created_at: Time,
    /// When they left.
    pub deactivated_at: Option<Time>,
}

/// What is said of someone who comes.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their handle.
    pub handle: Handle,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<Email>,
    /// The digest of their password; none for someone who does not sign in here.
    pub password_digest: Option<String>,
    /// Their seat.
    pub seat: Seat,
    /// Their zone.
    pub zone: String,
}

/// A name: one line of 1 to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Joins the words by single spaces.
    ///
    /// # Errors
    /// A sentence when there is none or it is too long.
    pub fn parse(text: &str) -> Result<Name, String> {
        let line = kit::line::of(text);
        match line.chars().count() {
            0 => Err("Say a name.".to_owned()),
            1..=80 => Ok(Name(line)),
            len => Err(format!("A name has at most 80 characters; this has {len}.")),
        }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folded, for order and likeness.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A handle: 1 to 32 of `a-z 0-9 . _ -`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

impl Handle {
    /// Lower-cases and checks.
    ///
    /// # Errors
    /// A sentence that says the form.
    pub fn parse(text: &str) -> Result<Handle, String> {
        let handle = text.trim().trim_start_matches('@').to_lowercase();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let starts = handle.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if starts && handle.len() <= 32 && handle.chars().all(fits) {
            return Ok(Handle(handle));
        }
        Err("A handle has 1 to 32 letters a-z, digits, dots, underscores or hyphens.".to_owned())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, as far as its form can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks the form; whether it exists shows when mail is sent.
    ///
    /// # Errors
    /// A sentence that says the form.
    pub fn parse(text: &str) -> Result<Email, String> {
        let text = text.trim();
        let parts = text.rsplit_once('@');
        let plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        match parts {
            Some((local, host)) if plain(local) && plain(host) && text.len() <= 254 => {
                Ok(Email(text.to_owned()))
            }
            _ => Err("Say an e-mail address such as ada@example.org.".to_owned()),
        }
    }

    /// As said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folded, since people do not remember the case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A zone's name, if jiff knows it.
///
/// # Errors
/// A sentence with an example.
pub fn parse_zone(text: &str) -> Result<String, String> {
    let text = text.trim();
    let text = if text.is_empty() { "UTC" } else { text };
    match TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("`{text}` is not a time zone; say one such as Europe/Berlin.")),
    }
}
