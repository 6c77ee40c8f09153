//! What a form said: names and values in their order, asked for by name, with every mistake kept
//! until all are known.

use super::{FieldError, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

/// The secret that a form of this session must give back. Put into the request's extensions by the
/// middleware that knows the session; absent where no cookie vouches for the request.
#[derive(Debug, Clone)]
pub struct Csrf(pub String);

impl Csrf {
    /// Whether the form gave it back; in constant time.
    #[must_use]
    pub fn is(&self, given: &str) -> bool {
        bool::from(self.0.as_bytes().ct_eq(given.as_bytes()))
    }
}

/// A form's fields. Line ends are `\n`, NUL is taken out, ends are trimmed by the askers.
#[derive(Debug, Default)]
pub struct Said {
    fields: Vec<(String, String)>,
    errors: Mutex<Vec<FieldError>>,
}

impl Said {
    /// From names and values.
    #[must_use]
    pub fn new(fields: Vec<(String, String)>) -> Said {
        let clean = |text: String| text.replace("\r\n", "\n").replace('\0', "");
        let fields = fields.into_iter().map(|(name, value)| (name, clean(value))).collect();
        Said { fields, errors: Mutex::default() }
    }

    /// From an `application/x-www-form-urlencoded` body or query.
    #[must_use]
    pub fn parse_urlencoded(bytes: &[u8]) -> Said {
        Said::new(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The field as said, trimmed; empty when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The field as said, untouched; empty when absent.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The field, if it was said and is not blank.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether the field was said at all, be it blank.
    #[must_use]
    pub fn is_said(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| key == name)
    }

    /// Every non-blank value of a repeated field.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let values = self.fields.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).collect()
    }

    /// Whether a checkbox is set.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.some(name).is_some_and(|value| value != "false")
    }

    /// Notes what is wrong with a field.
    pub fn wrong(&self, name: &str, message: impl std::fmt::Display) {
        let error = FieldError { path: name.to_owned(), message: message.to_string() };
        self.noted().push(error);
    }

    /// Reads a needed field; notes what is wrong and gives none.
    pub fn need<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.text(name)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, error);
                None
            }
        }
    }

    /// Reads a field that may be blank; notes what is wrong and gives none.
    pub fn may<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.some(name).and_then(|_| self.need(name, read))
    }

    /// A problem with every mistake noted, or `Ok` when there was none.
    ///
    /// # Errors
    /// [`Problem`] 422 with a line for each wrong field, and what was typed.
    pub fn checked(&self) -> Result<(), Problem> {
        let errors = self.noted().clone();
        if errors.is_empty() {
            return Ok(());
        }
        Err(self.give_back(Problem::invalid(errors)))
    }

    fn noted(&self) -> MutexGuard<'_, Vec<FieldError>> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what was typed into a problem, so that the page can give it back.
    #[must_use]
    pub fn give_back(&self, mut problem: Problem) -> Problem {
        let kept = |name: &str| !name.starts_with('_') && !name.contains("password");
        problem.said = self.fields.iter().filter(|(name, _)| kept(name)).cloned().collect();
        problem
    }

    /// All fields, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

impl<S: Send + Sync> FromRequest<S> for Said {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Said, Problem> {
        let csrf = request.extensions().get::<Csrf>().cloned();
        let header = request.headers().get("x-csrf").and_then(|value| value.to_str().ok());
        let from_header = header.map(str::to_owned);
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
        if !kind.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
            let detail = format!("A form is expected here, not `{kind}`.");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            Problem::new(rejection.status(), "body", format!("The form was not read: {rejection}"))
        })?;
        let said = Said::parse_urlencoded(&bytes);
        if let Some(csrf) = csrf
            && !csrf.is(from_header.as_deref().unwrap_or_else(|| said.raw("_csrf")))
        {
            let detail = "This form is from another session. Open the page again and resend.";
            let problem = Problem::new(StatusCode::FORBIDDEN, "csrf", detail);
            return Err(said.give_back(problem));
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::Said;

    #[test]
    fn every_mistake_is_told_at_once_and_what_was_typed_is_given_back() {
        let said = Said::parse_urlencoded(b"title=&days=x&_csrf=s&password=p");
        let wrong = |text: &str| text.parse::<i64>().map_err(|_| "Say a whole number.");
        let title = |text: &str| if text.is_empty() { Err("Say a title.") } else { Ok(()) };
        assert!(said.need("days", wrong).is_none());
        assert!(said.need("title", title).is_none());
        let problem = said.checked().unwrap_err();
        assert_eq!(problem.errors.len(), 2);
        assert_eq!(problem.said, [("title".into(), String::new()), ("days".into(), "x".into())]);
    }
}
