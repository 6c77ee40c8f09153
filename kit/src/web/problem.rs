//! A problem document (RFC 9457): what we could not do, in words for the person.

use crate::db::DbError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Display;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name or path, `windows[2].end`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Why a request was not done.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, example = 422)]
    pub status: StatusCode,
    /// A stable word for programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title.
    pub title: String,
    /// What happened and what to do, for people.
    pub detail: String,
    /// A line for each wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// What it is like now, when a change was refused because somebody else was faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, required = false)]
    pub current: Option<Box<serde_json::Value>>,
    /// When one may come again, in seconds; leaves as `Retry-After`.
    #[serde(skip)]
    pub retry_after_s: Option<u64>,
    /// What the person had typed, so that a page can give it back. Never leaves as JSON.
    #[serde(skip)]
    pub said: Vec<(String, String)>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of any status.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, detail: impl Display) -> Problem {
        Problem {
            status,
            kind: kind.to_owned(),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            detail: detail.to_string(),
            errors: Vec::new(),
            current: None,
            retry_after_s: None,
            said: Vec::new(),
        }
    }

    /// It does not exist for this reader. Says the same whether it is hidden or was never there.
    #[must_use]
    pub fn not_found() -> Problem {
        let detail = "There is nothing here, or it is not shared with you.";
        Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// The reader may see it and may not do this.
    #[must_use]
    pub fn forbidden(detail: impl Display) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// It cannot be done in the state it is in.
    #[must_use]
    pub fn conflict(kind: &str, detail: impl Display) -> Problem {
        Problem::new(StatusCode::CONFLICT, kind, detail)
    }

    /// Something said is wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Problem {
        let detail =
            errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        problem.errors = errors;
        problem
    }

    /// One wrong field.
    #[must_use]
    pub fn field(path: &str, message: impl Display) -> Problem {
        Problem::invalid(vec![FieldError { path: path.to_owned(), message: message.to_string() }])
    }

    /// The request itself cannot be understood; nothing of it was done.
    #[must_use]
    pub fn bad_request(kind: &str, errors: Vec<FieldError>) -> Problem {
        let mut problem = Problem::invalid(errors);
        problem.status = StatusCode::BAD_REQUEST;
        problem.kind = kind.to_owned();
        problem.title = "Bad Request".to_owned();
        problem
    }

    /// A mistake of ours: the cause goes to the log, not to the reader.
    #[must_use]
    pub fn internal(cause: impl Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        let detail = "Something went wrong on our side. It is written in the server's log.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

/// What is wrong with what was said, kept until all is known.
#[derive(Debug, Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    /// The value, or none and a note of what is wrong with it.
    pub fn keep<T, E: Display>(&mut self, path: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.note(path, why)).ok()
    }

    /// Notes what is wrong with a field.
    pub fn note(&mut self, path: &str, message: impl Display) {
        self.0.push(FieldError { path: path.to_owned(), message: message.to_string() });
    }

    /// A problem with every mistake noted; `Ok` when there was none.
    ///
    /// # Errors
    /// [`Problem`] 422 with a line for each wrong field.
    pub fn checked(&self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0.clone())) }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Problem {
        match error {
            DbError::Away(_) => {
                tracing::warn!(%error, "the database did not answer");
                let detail = "The database does not answer now. Nothing was changed; try again.";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
            }
            DbError::Full(_) => {
                tracing::error!(%error, "nothing can be written");
                let detail = "The server's disk is full, so nothing was changed. Tell an \
                              administrator; try again when there is room.";
                Problem::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", detail)
            }
            DbError::Duplicate { .. } => {
                Problem::conflict("duplicate", "There is already one with this name.")
            }
            DbError::Other(_) => Problem::internal(format!("{error}: {error:?}")),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        let seconds = self.retry_after_s.or(match self.status {
            StatusCode::SERVICE_UNAVAILABLE => Some(2),
            StatusCode::INSUFFICIENT_STORAGE => Some(5),
            _ => None,
        });
        if let Some(seconds) = seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
