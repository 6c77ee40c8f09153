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
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use tokio::task::JoinHandle;
use utoipa_axum::router::OpenApiRouter;

/// Items of a page of a list; of the first, so that an answer begins soon; and incidents of a slice of what
/// belongs to incidents.
const ITEMS: usize = 200;
const FIRST: usize = 20;
const INCIDENTS: usize = 50;
/// Incidents of which a page is read at a time.
const AHEAD: usize = 2;
/// The largest page of a list, in bytes.
const PAGE_MAX: usize = 64 << 20;
/// As many bytes are sent at a time.
const CHUNK: usize = 64 << 10;
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
    /// Whether its items say themselves which incident they belong to.
    pub says_incident: bool,
}

/// Every noun that the description has a list of; of what belongs to an incident too.
#[must_use]
pub fn nouns(document: &Value) -> Vec<Noun> {
    let all = document::operations(document);
    let lists = all.iter().filter(|one| one.method == "get");
    let lists = lists.filter_map(|one| noun(document, one));
    let mut nouns: Vec<Noun> = lists.collect();
    nouns.sort_by(|a, b| a.name.cmp(&b.name));
    nouns.dedup_by(|a, b| a.name == b.name);
    nouns
}

fn noun(document: &Value, operation: &Operation<'_>) -> Option<Noun> {
    let schema = operation.value.pointer("/responses/200/content/application~1json/schema")?;
    let at = schema["$ref"].as_str().filter(|name| name.contains("/schemas/Listed_"))?;
    let rest = operation.path.strip_prefix("/api/v1/")?;
    let name = operation.path.strip_prefix(OF_INCIDENT).unwrap_or(rest);
    if name.contains(['/', '{']) {
        return None;
    }
    let referred = |at: &str| document.pointer(at.strip_prefix('#')?);
    let item = &referred(at)?["properties"]["items"]["items"];
    let item = item["$ref"].as_str().and_then(referred).unwrap_or(item);
    let says_incident = item["properties"].get("incident").is_some();
    Some(Noun { name: name.to_owned(), path: operation.path.to_owned(), says_incident })
}

/// Exports everything of a noun that you may see, as NDJSON.
///
/// Each line is an object with one field: `item`, one thing; `next`, where to go on (`after=`) when the
/// transfer breaks off: what stood after the last of these comes again; `end`, with the `count` of items, when all is said; `problem`
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
    let mut walk = Walk::of(Reader { operations, viewer, session }, noun, after.as_deref());
    // The first lines before the answer begins, so that a refusal is one.
    let first = walk.lines(1).await?;
    let rest = stream::unfold(walk, |mut walk| async move {
        if walk.ended {
            return None;
        }
        let lines = match walk.lines(CHUNK).await {
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

/// A page of a list, as its own operation answered it: its items are passed on as they are written.
#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    next: Option<String>,
}

/// The key of an incident in a list.
#[derive(Deserialize)]
struct Keyed {
    key: String,
}

/// A page that is being read.
type Reading = JoinHandle<Result<Page, Problem>>;

/// Who reads lists, as themselves.
#[derive(Clone)]
struct Reader {
    operations: Operations,
    viewer: Viewer,
    session: Option<Session>,
}

impl Reader {
    /// Begins to read a page of a list, as its own operation answers it.
    fn begin(&self, path: &str, limit: usize, after: Option<&str>) -> Reading {
        let after = after.map(|after| ("cursor", after.to_owned()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("limit", limit.to_string())].into_iter().chain(after))
            .finish();
        let request = Request::builder().uri(format!("{path}?{query}")).body(Body::empty());
        let reader = self.clone();
        tokio::spawn(async move {
            let request = request.map_err(Problem::internal)?;
            let Reader { operations, viewer, session } = reader;
            let response = operations.ask(&viewer, session.as_ref(), request).await;
            if let Some(problem) = response.extensions().get::<Problem>() {
                return Err(problem.clone());
            }
            let bytes =
                to_bytes(response.into_body(), PAGE_MAX).await.map_err(Problem::internal)?;
            serde_json::from_slice(&bytes).map_err(Problem::internal)
        })
    }
}

async fn read(reading: Reading) -> Result<Page, Problem> {
    reading.await.map_err(Problem::internal)?
}

/// An export on its way: a slice after the other, and of what belongs to incidents, within a slice one
/// incident after the other and of each a page after the other. While a page is sent, the next is read.
struct Walk {
    reader: Reader,
    noun: Noun,
    /// Where the slice after this one begins; none after the last.
    after: Option<String>,
    /// The first page of the next slice, or of the whole.
    slice: Option<Reading>,
    /// The incidents of this slice that are to come.
    waiting: VecDeque<String>,
    /// Those among them of which a page is being read.
    ahead: VecDeque<(String, Reading)>,
    /// Whether a slice is begun and not said to be whole.
    is_open: bool,
    count: usize,
    ended: bool,
}

impl Walk {
    fn of(reader: Reader, noun: Noun, after: Option<&str>) -> Walk {
        let (path, limit) = Walk::list(&noun, FIRST);
        let slice = Some(reader.begin(path, limit, after));
        Walk {
            reader,
            slice,
            noun,
            after: None,
            waiting: VecDeque::new(),
            ahead: VecDeque::new(),
            is_open: false,
            count: 0,
            ended: false,
        }
    }

    /// The list that slices are cut of, and how many items one has.
    fn list(noun: &Noun, items: usize) -> (&str, usize) {
        match noun.path.starts_with(OF_INCIDENT) {
            true => ("/api/v1/incidents", INCIDENTS),
            false => (&noun.path, items),
        }
    }

    /// The next lines: at least so many bytes, or all that are left.
    async fn lines(&mut self, least: usize) -> Result<String, Problem> {
        let mut lines = String::with_capacity(2 * least);
        while !self.ended && lines.len() < least {
            while self.ahead.len() < AHEAD
                && let Some(key) = self.waiting.pop_front()
            {
                let path = self.noun.path.replace("{key}", &key);
                let reading = self.reader.begin(&path, ITEMS, None);
                self.ahead.push_back((key, reading));
            }
            if let Some((key, reading)) = self.ahead.pop_front() {
                self.incident(&mut lines, key, reading).await?;
            } else if self.is_open {
                self.close(&mut lines);
            } else {
                self.open(&mut lines).await?;
            }
        }
        Ok(lines)
    }

    /// Begins a slice: writes the items of a plain list, or notes which incidents are to come.
    async fn open(&mut self, lines: &mut String) -> Result<(), Problem> {
        let Some(slice) = self.slice.take() else {
            return Err(Problem::internal("an export has no next slice"));
        };
        let Page { items, next } = read(slice).await?;
        self.is_open = true;
        if let Some(next) = &next {
            let (path, limit) = Walk::list(&self.noun, ITEMS);
            self.slice = Some(self.reader.begin(path, limit, Some(next)));
        }
        self.after = next;
        if self.noun.path.starts_with(OF_INCIDENT) {
            for item in items {
                let keyed: Keyed = serde_json::from_str(item.get()).map_err(Problem::internal)?;
                self.waiting.push_back(keyed.key);
            }
            return Ok(());
        }
        self.count += items.len();
        for item in items {
            line(lines, &["{\"item\":", item.get(), "}\n"]);
        }
        Ok(())
    }

    /// Says where to go on after a slice that is whole, or that it was the last.
    fn close(&mut self, lines: &mut String) {
        self.is_open = false;
        let said = match &self.after {
            Some(next) => json!({ "next": next }),
            None => {
                self.ended = true;
                json!({ "end": { "count": self.count } })
            }
        };
        line(lines, &[&said.to_string(), "\n"]);
    }

    /// Writes a page of what belongs to an incident.
    async fn incident(
        &mut self,
        lines: &mut String,
        key: String,
        reading: Reading,
    ) -> Result<(), Problem> {
        let Page { items, next } = match read(reading).await {
            Ok(page) => page,
            // It went out of sight meanwhile.
            Err(problem) if problem.status == StatusCode::NOT_FOUND => return Ok(()),
            Err(problem) => return Err(problem),
        };
        self.count += items.len();
        for item in items {
            let rest = item.get().strip_prefix('{').filter(|_| !self.noun.says_incident);
            match rest {
                Some(rest) if rest.trim_start() == "}" => {
                    line(lines, &["{\"item\":{\"incident\":\"", &key, "\"}}\n"]);
                }
                Some(rest) => {
                    line(lines, &["{\"item\":{\"incident\":\"", &key, "\",", rest, "}\n"]);
                }
                None => line(lines, &["{\"item\":", item.get(), "}\n"]),
            }
        }
        if let Some(next) = next {
            let path = self.noun.path.replace("{key}", &key);
            let reading = self.reader.begin(&path, ITEMS, Some(&next));
            self.ahead.push_front((key, reading));
        }
        Ok(())
    }
}

/// Adds a line in its pieces.
fn line(lines: &mut String, pieces: &[&str]) {
    pieces.iter().for_each(|piece| lines.push_str(piece));
}
