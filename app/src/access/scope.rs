//! What a token may be used for: no more than its person's seat, and often less.

use std::fmt;

kit::words!(
    /// What a token may be used for.
    Scope {
        /// Reads what its person may read.
        Read = "read", "Read";
        /// Writes what its person may write.
        Write = "write", "Write";
        /// Decides: kinds, labels, releases, services.
        Decide = "decide", "Decide";
        /// Invites and configures.
        Administer = "administer", "Administer";
    }
);

impl Scope {
    /// What it allows, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Scope::Read => "Reads what you may read.",
            Scope::Write => "Changes things: every request that is not a GET needs it.",
            Scope::Decide => "Also decides: kinds of review, labels, publishing, services, teams.",
            Scope::Administer => "Also invites and configures.",
        }
    }
}

/// The scopes of a token, without repetition, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// From what somebody chose.
    ///
    /// # Errors
    /// A sentence when there is none, or when one needs another that is not there.
    pub fn new(chosen: &[Scope]) -> Result<Scopes, String> {
        let mut scopes = chosen.to_vec();
        scopes.sort();
        scopes.dedup();
        let has = |scope| scopes.contains(&scope);
        if scopes.is_empty() {
            return Err("Choose at least one scope; `read` is the least.".to_owned());
        }
        if (has(Scope::Decide) || has(Scope::Administer)) && !has(Scope::Write) {
            let why = "`decide` and `administer` do nothing without `write`; choose that too.";
            return Err(why.to_owned());
        }
        Ok(Scopes(scopes))
    }

    /// Reads words with spaces between, as they are stored.
    ///
    /// # Errors
    /// As [`Scopes::new`], and for a word that is none.
    pub fn parse(text: &str) -> Result<Scopes, String> {
        let words: Result<Vec<Scope>, String> = text.split_whitespace().map(Scope::parse).collect();
        Scopes::new(&words?)
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Scope] {
        &self.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&words.join(" "))
    }
}

/// By what a request shows who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Through {
    /// A session: all that the seat may.
    #[default]
    Session,
    /// A token: what the seat may and its scopes allow.
    Token {
        /// Which.
        id: String,
        /// What it may be used for.
        scopes: Scopes,
    },
}

impl Through {
    /// Whether it allows this.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        match self {
            Through::Session => true,
            Through::Token { scopes, .. } => scopes.has(scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn scopes_are_read_as_they_are_stored_and_need_one_another() {
        let scopes = Scopes::parse("write read read").unwrap();
        assert_eq!(scopes.to_string(), "read write");
        assert!(scopes.has(Scope::Write) && !scopes.has(Scope::Decide));
        for bad in ["", "read decide", "administer", "read everything"] {
            assert!(Scopes::parse(bad).is_err(), "{bad}");
        }
    }
}
