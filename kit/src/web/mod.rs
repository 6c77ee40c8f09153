//! The HTTP edge: problems (RFC 9457), what a form said, redirects. Handlers return
//! `Result<_, Problem>`; the response carries the problem as an extension, so that the pages' router
//! can show it as a page and the API's as JSON.

mod asked;
pub mod etag;
mod heard;
mod problem;
pub mod road;
mod said;
pub mod sent;
mod signer;

pub use asked::{Asked, Bounds, LIMIT, LIMIT_MAX, Slice, read_time};
pub use etag::IfMatch;
pub use problem::{FieldError, Problem, Wrong};
pub use said::{Csrf, Said};
pub use sent::Sent;
pub use signer::Signer;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Sends the browser on with `303 See Other`. `to` is a path of ours.
#[must_use]
pub fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, in_ascii(to))]).into_response()
}

/// An address as a header may hold it: what is not ASCII, and blanks, by their UTF-8 bytes as `%C3%A9`.
#[must_use]
pub fn in_ascii(address: &str) -> String {
    let mut ascii = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'!'..=b'~' => ascii.push(char::from(byte)),
            _ => ascii.push_str(&format!("%{byte:02X}")),
        }
    }
    ascii
}
