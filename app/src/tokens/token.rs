//! A token as it is read, and its name.

use crate::access::{PersonId, Scopes};
use kit::db::Time;

kit::id!(
    /// A token's id.
    TokenId,
    "tok"
);

/// What every secret of a token begins with, so that scanners of leaked secrets know it.
pub const PREFIX: &str = "awt_";
/// Days a token lasts at most.
pub const DAYS_MAX: i64 = 366;
/// Tokens of one person that are good at the same time, at most.
pub const LIVE_MAX: i64 = 50;

/// A token as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The secret's last characters.
    pub hint: String,
    /// Whose seat it acts with.
    pub person_id: PersonId,
    /// Their handle.
    pub handle: String,
    /// What it is for.
    pub name: String,
    /// Its scopes, words with spaces between.
    pub scopes: String,
    /// Who made it, by name.
    pub created_by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Time>,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
}

kit::words!(
    /// Whether a token is good.
    State {
        /// It is good.
        Good = "good", "good";
        /// Its day has come.
        Expired = "expired", "expired";
        /// It was taken back.
        Revoked = "revoked", "revoked";
    }
);

impl Token {
    /// Whether it is good now.
    #[must_use]
    pub fn state(&self, now: Time) -> State {
        match self.revoked_at {
            Some(_) => State::Revoked,
            None if self.expires_at <= now => State::Expired,
            None => State::Good,
        }
    }

    /// Its scopes; none that can be used when what is stored does not read.
    #[must_use]
    pub fn scopes(&self) -> Option<Scopes> {
        Scopes::parse(&self.scopes).ok()
    }
}

/// What a token is for: one line of 1 to 80 characters.
///
/// # Errors
/// A sentence.
pub fn parse_name(text: &str) -> Result<String, String> {
    let line = kit::line::of(text);
    match line.chars().count() {
        0 => Err("Say what the token is for, so that you know later whether it is needed.".into()),
        1..=80 => Ok(line),
        len => Err(format!("A name has at most 80 characters; this has {len}.")),
    }
}

/// Days until it ends.
///
/// # Errors
/// A sentence.
pub fn parse_days(days: i64) -> Result<i64, String> {
    if (1..=DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(format!("A token lasts from 1 to {DAYS_MAX} days."))
}

#[cfg(test)]
mod tests {
    use super::{parse_days, parse_name};

    #[test]
    fn a_token_says_what_it_is_for_and_ends() {
        assert_eq!(parse_name(" nightly\nexport "), Ok("nightly export".to_owned()));
        assert!(parse_name(" \t").is_err() && parse_name(&"x".repeat(81)).is_err());
        assert!(parse_days(0).is_err() && parse_days(367).is_err() && parse_days(1).is_ok());
    }
}
