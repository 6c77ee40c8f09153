//! A request's session and viewer, as the session middleware put them into its extensions.

use super::Viewer;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use kit::web::Problem;

/// The session of a request, in its extensions.
#[derive(Debug, Clone)]
pub struct Session {
    /// The digest of the secret.
    pub digest: String,
    /// What forms must give back.
    pub csrf: String,
    /// A sentence to show once.
    pub flash: Option<String>,
}

/// Why what a request showed was not taken, in its extensions; it goes on as nobody.
#[derive(Debug, Clone)]
pub struct Refused(pub Problem);

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Viewer, Problem> {
        let viewer = parts.extensions.get::<Viewer>().cloned();
        let refused = parts.extensions.get::<Refused>();
        viewer.ok_or_else(|| match refused {
            Some(Refused(why)) => why.clone(),
            None => Problem::new(StatusCode::UNAUTHORIZED, "sign_in", "Sign in to see this."),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Session, Problem> {
        let session = parts.extensions.get::<Session>().cloned();
        session
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "sign_in", "Sign in to do this."))
    }
}
