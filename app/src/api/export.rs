//! `GET /export/{noun}.ndjson`: everything of a noun that one may see, line by line. It walks the noun's
//! own list in slices, a fresh short read for each, so that an export of any size holds no snapshot and
//! tells nothing that the list would not.

use super::bulk::Operations;
use super::document::{self, Operation};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::shell::routes;
use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use kit::web::{Asked, Problem};
use serde_json::{Value, json};
use std::convert::Infallible;
use utoipa_axum::router::OpenApiRouter;

/// Items of a slice of a plain list, and of its incidents for what belongs to one.
const SLICE: (usize, usize) = (200, 20);
/// The largest slice, in bytes.
const SLICE_MAX: usize = 64 << 20;
/// What belongs to an incident is found below this.
const OF_INCIDENT: &str = "/api/v1/incidents/{key}/";

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// A list that can be exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// What it is called in the path.
    pub name: String,
    /// The path of its list.
    pub path: String,
}

/// Every noun that the description has a list of; of what belongs to an incident too.
#[must_use]
pub fn nouns(document: &Value) -> Vec<Noun> {
    let all = document::operations(document);
    let lists = all.iter().filter(|one| one.method == "get").filter_map(noun);
    let mut nouns: Vec<Noun> = lists.collect();
    nouns.sort_by(|a, b| a.name.cmp(&b.name));
    nouns.dedup_by(|a, b| a.name == b.name);
    nouns
}

fn noun(operation: &Operation<'_>) -> Option<Noun> {
    let schema = operation.value.pointer("/responses/200/content/application~1json/schema")?;
    let is_list = schema["$ref"].as_str().is_some_and(|name| name.contains("/schemas/Listed_"));
    let rest = operation.path.strip_prefix("/api/v1/")?;
    let below = operation.path.strip_prefix(OF_INCIDENT);
    let name = below.unwrap_or(rest);
    let plain = !name.contains(['/', '{']);
    let wanted = plain && (is_list || below == Some("timeline"));
    wanted.then(|| Noun { name: name.to_owned(), path: operation.path.to_owned() })
}

/// Exports everything of a noun that you may see, as NDJSON.
///
/// Each line is an object with one field: `item`, one thing; `next`, where to go on (`after=`) when the
/// transfer breaks off after this line; `end`, with the `count` of items, when all is said; `problem`
/// when it cannot go on. An export without `end` is not whole.
#[utoipa::path(
    get, path = "/export/{noun}", tag = "export", operation_id = "export",
    params(
        ("noun" = String, Path, description = "A list's name with .ndjson, such as incidents.ndjson."),
        ("after" = Option<String>, Query, description = "The `next` of a line of an export before."),
    ),
    responses((status = 200, description = "The lines.", body = String, content_type = "application/x-ndjson")),
)]
async fn export(
    Extension(operations): Extension<Operations>,
    viewer: Viewer,
    session: Option<Extension<Session>>,
    Path(noun): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let after = asked.one("after", |text| Ok::<_, String>(text.to_owned()));
    asked.checked()?;
    let name = noun.strip_suffix(".ndjson").unwrap_or("");
    let Some(noun) = (operations.nouns)().iter().find(|one| one.name == name).cloned() else {
        let all: Vec<&str> = (operations.nouns)().iter().map(|one| one.name.as_str()).collect();
        let mut problem = Problem::not_found();
        problem.detail = format!("There is no such export; there are: {}.", all.join(", "));
        return Err(problem);
    };
    let file = format!("attachment; filename=\"{}.ndjson\"", noun.name);
    let session = session.map(|Extension(session)| session);
    let mut walk = Walk { operations, viewer, session, noun, after, count: 0, ended: false };
    // The first slice before the answer begins, so that a refusal is one.
    let first = walk.slice().await?;
    let rest = stream::unfold(walk, |mut walk| async move {
        if walk.ended {
            return None;
        }
        let lines = match walk.slice().await {
            Ok(lines) => lines,
            Err(problem) => {
                walk.ended = true;
                format!("{}\n", json!({ "problem": problem }))
            }
        };
        Some((Ok::<Bytes, Infallible>(lines.into()), walk))
    });
    let first = stream::once(async move { Ok::<Bytes, Infallible>(first.into()) });
    // Who compresses it asks once more after the end, which `unfold` does not bear.
    let lines = futures_util::StreamExt::fuse(futures_util::StreamExt::chain(first, rest));
    let body = Body::from_stream(lines);
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    if let Ok(file) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}

/// An export on its way.
struct Walk {
    operations: Operations,
    viewer: Viewer,
    session: Option<Session>,
    noun: Noun,
    after: Option<String>,
    count: usize,
    ended: bool,
}

impl Walk {
    /// The lines of the next slice.
    async fn slice(&mut self) -> Result<String, Problem> {
        let after = self.after.take();
        let (items, next) = if self.noun.path.starts_with(OF_INCIDENT) {
            self.of_incidents(after).await?
        } else {
            let path = self.noun.path.clone();
            let page = self.read(&path, Some(SLICE.0), after.as_deref()).await?;
            page_of(page)
        };
        let mut lines = String::new();
        self.count += items.len();
        for item in items {
            lines.push_str(&format!("{}\n", json!({ "item": item })));
        }
        match next {
            Some(next) => {
                lines.push_str(&format!("{}\n", json!({ "next": next })));
                self.after = Some(next);
            }
            None => {
                lines.push_str(&format!("{}\n", json!({ "end": { "count": self.count } })));
                self.ended = true;
            }
        }
        Ok(lines)
    }

    /// What belongs to the next few incidents.
    async fn of_incidents(
        &self,
        after: Option<String>,
    ) -> Result<(Vec<Value>, Option<String>), Problem> {
        let page = self.read("/api/v1/incidents", Some(SLICE.1), after.as_deref()).await?;
        let (incidents, next) = page_of(page);
        let mut items = Vec::new();
        for incident in incidents {
            let Some(key) = incident["key"].as_str() else { continue };
            let path = self.noun.path.replace("{key}", key);
            items.extend(self.of_incident(key, &path).await?);
        }
        Ok((items, next))
    }

    async fn of_incident(&self, key: &str, path: &str) -> Result<Vec<Value>, Problem> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = match self.read(path, None, after.as_deref()).await {
                Ok(page) => page,
                // It went out of sight meanwhile.
                Err(problem) if problem.status == StatusCode::NOT_FOUND => return Ok(all),
                Err(problem) => return Err(problem),
            };
            if page.get("items").is_none() {
                all.push(page);
                return Ok(all);
            }
            let (items, next) = page_of(page);
            all.extend(items.into_iter().map(|mut item| {
                if let Some(fields) = item.as_object_mut() {
                    fields.entry("incident").or_insert_with(|| json!(key));
                }
                item
            }));
            match next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// A page of a list, as its own operation answers it.
    async fn read(
        &self,
        path: &str,
        limit: Option<usize>,
        after: Option<&str>,
    ) -> Result<Value, Problem> {
        let limit = limit.map(|limit| ("limit", limit.to_string()));
        let after = after.map(|after| ("cursor", after.to_owned()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(limit.into_iter().chain(after))
            .finish();
        let uri = format!("{path}?{query}");
        let request = Request::builder().uri(uri).body(Body::empty());
        let request = request.map_err(Problem::internal)?;
        let response = self.operations.ask(&self.viewer, self.session.as_ref(), request).await;
        if let Some(problem) = response.extensions().get::<Problem>() {
            return Err(problem.clone());
        }
        let bytes = to_bytes(response.into_body(), SLICE_MAX).await.map_err(Problem::internal)?;
        serde_json::from_slice(&bytes).map_err(Problem::internal)
    }
}

fn page_of(mut page: Value) -> (Vec<Value>, Option<String>) {
    let next = page["next"].as_str().map(str::to_owned);
    let items = match page["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    (items, next)
}
