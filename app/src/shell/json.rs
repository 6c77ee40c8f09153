//! What operations of the API share: who writes, fields that are given or left out, wrong fields, and the refusals
//! that every one may answer with.

use crate::access::Viewer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kit::web::{FieldError, Problem};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

/// Who asks, when their seat and token write: others are told so before a word of the body is read,
/// whatever there is.
#[derive(Debug, Clone)]
pub struct Writer(pub Viewer);

impl<S: Send + Sync> FromRequestParts<S> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Writer, Problem> {
        let viewer = Viewer::from_request_parts(parts, state).await?;
        viewer.must_write()?;
        Ok(Writer(viewer))
    }
}

/// A field of a change that may be left out and cannot be null.
///
/// # Errors
/// What is wrong with the value.
pub fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Nothing is wrong, or a line for every wrong field.
///
/// # Errors
/// [`Problem`] 422.
pub fn no_faults(faults: Vec<FieldError>) -> Result<(), Problem> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// One wrong field.
pub fn fault(path: &str, message: impl std::fmt::Display) -> FieldError {
    FieldError { path: path.to_owned(), message: message.to_string() }
}

fn refusal(about: &str) -> RefOr<Response> {
    let body = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(about)
        .content("application/problem+json", body)
        .build()
        .into()
}

fn refusals(told: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    told.iter().map(|(status, about)| ((*status).to_owned(), refusal(about))).collect()
}

/// The refusals that every reading may be answered with.
#[derive(Debug)]
pub struct CannotRead;

impl IntoResponses for CannotRead {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[
            ("400", "The query is not understood; a line for every wrong part of it."),
            ("401", "Nobody is signed in, or the token is not good."),
            ("404", "There is nothing here, or it is not shared with you."),
            ("429", "Too much was asked for; Retry-After says when to go on."),
        ])
    }
}

/// The refusals that every writing may be answered with.
#[derive(Debug)]
pub struct CannotWrite;

impl IntoResponses for CannotWrite {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = CannotRead::responses();
        all.extend(refusals(&[
            ("403", "You may see it; your seat or your token does not do this."),
            ("409", "It cannot be done in the state it is in."),
            ("415", "The body is not JSON."),
            ("422", "Something said is wrong; a line with a path for every wrong field."),
        ]));
        all
    }
}

/// The refusals of a change to what has a version.
#[derive(Debug)]
pub struct CannotChange;

impl IntoResponses for CannotChange {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = CannotWrite::responses();
        all.extend(refusals(&[
            ("412", "Somebody changed it meanwhile; `current` is what stands there now."),
            ("428", "If-Match is missing: send the ETag that you read."),
        ]));
        all
    }
}
