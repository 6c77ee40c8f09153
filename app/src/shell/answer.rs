//! What operations of the API share: some of a list, what was made, what refuses, and fields that a
//! change may leave out or clear.

use crate::access::Viewer;
use crate::app::App;
use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use kit::web::{Asked, Problem, Slice};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// Some of a list, in its order.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T: ToSchema> {
    /// What there is on this page of it.
    pub items: Vec<T>,
    /// The cursor of what follows; null at the end.
    pub next: Option<String>,
}

impl<T: ToSchema> List<T> {
    /// Of one item more than was asked for, those asked for; `place` says where one stands.
    #[must_use]
    pub fn of<R>(
        app: &App,
        slice: &Slice,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> String,
        shown: impl Fn(R) -> T,
    ) -> List<T> {
        let limit = usize::try_from(slice.limit).unwrap_or(0);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more).map(place);
        let next = last.map(|place| slice.next(&app.signer, &place));
        List { items: rows.into_iter().map(shown).collect(), next }
    }

    /// Of a short list that is read whole, what follows the one that `name` says.
    #[must_use]
    pub fn of_whole(
        app: &App,
        slice: &Slice,
        items: Vec<T>,
        name: impl Fn(&T) -> String,
    ) -> List<T> {
        let from = match &slice.after {
            Some(after) => items.iter().position(|one| name(one) == *after).map_or(0, |n| n + 1),
            None => 0,
        };
        let limit = usize::try_from(slice.limit).unwrap_or(0);
        let rows: Vec<T> = items.into_iter().skip(from).take(limit + 1).collect();
        List::of(app, slice, rows, name, |one| one)
    }
}

/// Which part of a list without filters is asked for.
///
/// # Errors
/// 400 for a cursor of another list, and for what it does not take.
pub fn slice(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Slice, Problem> {
    let slice = asked.slice(&app.signer, viewer.id.as_str());
    asked.checked()?;
    Ok(slice)
}

/// `201` with where it is found.
pub type Made<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

/// What was made, found at `/api/v1` and this path.
#[must_use]
pub fn made<T>(path: &str, what: T) -> Made<T> {
    (StatusCode::CREATED, [(header::LOCATION, format!("/api/v1{path}"))], Json(what))
}

/// Reads a field that may be left out (stays) or null (cleared).
///
/// # Errors
/// As the field's own type says.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn problem(why: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(why);
    response.content("application/problem+json", content).build().into()
}

fn problems(all: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    all.iter().map(|(status, why)| ((*status).to_owned(), problem(why))).collect()
}

/// What may keep somebody from reading.
#[derive(Debug)]
pub struct NotRead;

impl IntoResponses for NotRead {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            ("400", "The query is not understood; a line for each mistake"),
            ("401", "Nobody is signed in"),
            ("403", "The seat or token may not"),
            ("404", "There is nothing here, or it is not shared with you"),
        ])
    }
}

/// What may keep somebody from writing.
#[derive(Debug)]
pub struct NotDone;

impl IntoResponses for NotDone {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            ("400", "The body is not JSON"),
            ("401", "Nobody is signed in"),
            ("403", "The seat or token may not"),
            ("404", "There is nothing here, or it is not shared with you"),
            ("409", "It cannot be done in the state it is in"),
            ("413", "The body is too large"),
            ("415", "The body is not sent as JSON"),
            ("422", "A field is wrong; a line for each, with its path"),
        ])
    }
}

/// What may keep somebody from changing a version that they read.
#[derive(Debug)]
pub struct NotChanged;

impl IntoResponses for NotChanged {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = NotDone::responses();
        all.extend(problems(&[
            ("412", "Somebody changed it meanwhile; `current` shows what it is like now"),
            ("428", "If-Match is missing"),
        ]));
        all
    }
}

/// Notes each year that nobody means: the database keeps it and no page could show it.
///
/// # Errors
/// 422 with a line for each field outside 1970 to 2200.
pub fn sane(times: &[(&str, Option<kit::db::Time>)]) -> Result<(), Problem> {
    let said = kit::web::Said::default();
    for (path, time) in times {
        if let Some(time) = time
            && let Err(why) = crate::shell::moment::parse(&time.to_string(), "UTC")
        {
            said.wrong(path, why);
        }
    }
    said.checked()
}
