//! Answers: lists in pages with their cursor, and only the fields that were asked for.

use crate::access::Viewer;
use crate::app::App;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::web::{Asked, Signer, Slice, in_ascii};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::marker::PhantomData;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// What every list takes, for `params(api::ListParams)`.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Items of a page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200, nullable = false, required = false)]
    pub limit: Option<i64>,
    /// `next` of the page before, as it was given.
    #[param(nullable = false, required = false)]
    pub cursor: Option<String>,
    /// Only these fields of each item, with commas between.
    #[param(nullable = false, required = false)]
    pub fields: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
}

/// The fields of an answer that were asked for with `?fields=a,b`.
#[derive(Debug, Clone)]
pub struct Fields(Option<Vec<String>>);

impl Fields {
    /// Which of `T`'s fields are asked for; the mistakes are kept in `asked`.
    pub fn of<T: ToSchema>(asked: &Asked) -> Fields {
        Fields(asked.fields(names::<T>))
    }

    /// The item with only these fields.
    pub fn choose(&self, item: &impl Serialize) -> Value {
        let value = json!(item);
        match (&self.0, value) {
            (Some(chosen), Value::Object(fields)) => {
                let kept = fields.into_iter().filter(|(name, _)| chosen.contains(name));
                Value::Object(kept.collect::<Map<String, Value>>())
            }
            (_, value) => value,
        }
    }
}

/// The names of a described type's fields.
fn names<T: ToSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// A list as it was asked for: which page, which fields.
#[derive(Debug)]
pub struct List<T> {
    slice: Slice,
    fields: Fields,
    signer: Signer,
    of: PhantomData<T>,
}

impl<T: Serialize + ToSchema> List<T> {
    /// Reads `limit`, `cursor` and `fields`; the mistakes are kept in `asked`, to be told by
    /// [`Asked::checked`] once the filters are read too.
    #[must_use]
    pub fn asked(app: &App, viewer: &Viewer, asked: &Asked) -> List<T> {
        let slice = asked.slice(&app.signer, viewer.id.as_str());
        let signer = app.signer.clone();
        List { slice, fields: Fields::of::<T>(asked), signer, of: PhantomData }
    }

    /// Where the page begins: what [`List::answer`] made of the last item before, read by its type.
    /// A cursor is signed, so what it carries is ours.
    pub fn after<P: std::str::FromStr>(&self) -> Option<P> {
        self.slice.after.as_deref().and_then(|text| text.parse().ok())
    }

    /// How many items to read: one more than the page has, to know whether there is another.
    #[must_use]
    pub fn most(&self) -> i64 {
        self.slice.limit + 1
    }

    /// The page, from what was read. `place` says where an item stands in the list's order.
    pub fn answer(&self, mut items: Vec<T>, place: impl Fn(&T) -> String) -> Response {
        let limit = usize::try_from(self.slice.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| self.slice.next(&self.signer, &place(item)));
        if self.fields.0.is_none() {
            return Json(Listed { items, next }).into_response();
        }
        let items: Vec<Value> = items.iter().map(|item| self.fields.choose(item)).collect();
        Json(json!({ "items": items, "next": next })).into_response()
    }

    /// The page, of a short list that was read whole. `name` tells each item from all others.
    pub fn whole(&self, items: Vec<T>, name: impl Fn(&T) -> String) -> Response {
        let after = self.slice.after.as_ref();
        let after = after.and_then(|after| items.iter().position(|one| name(one) == *after));
        let most = usize::try_from(self.most()).unwrap_or(usize::MAX);
        let rest = items.into_iter().skip(after.map_or(0, |n| n + 1)).take(most);
        self.answer(rest.collect(), name)
    }
}

/// `201` with what was made and where it is.
pub fn made(at: &str, item: &impl Serialize) -> Response {
    let mut response = (StatusCode::CREATED, Json(json!(item))).into_response();
    if let Ok(at) = HeaderValue::from_str(&in_ascii(at)) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    response
}
