//! `POST /import/incidents.ndjson`: incidents from another system, a line each.

use super::migrate::{self, Came, Incoming, Legacy};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use kit::web::{Asked, FieldError, Problem, sent};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};

/// Lines of one transaction.
const BATCH: usize = 500;
/// The longest line, in bytes.
const LINE_MAX: usize = 1 << 20;
/// Wrong lines that are told; those after are counted.
const TOLD_MAX: usize = 1000;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import).layer(DefaultBodyLimit::disable()))
}

/// A line that was not taken.
#[derive(Debug, Serialize, ToSchema)]
struct WrongLine {
    /// Its number, from 1.
    line: u64,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// What became of the lines.
#[derive(Debug, Default, Serialize, ToSchema)]
struct BroughtOver {
    /// Lines that say something.
    lines: u64,
    /// Incidents added.
    added: u64,
    /// Incidents that were here already, by their id there.
    already: u64,
    /// Lines that were not taken.
    refused: u64,
    /// The first 1000 of those.
    wrong_lines: Vec<WrongLine>,
}

/// Brings incidents over from another system, a JSON object a line.
///
/// 500 lines are a transaction. When the transfer breaks off, send all again: what is here already is
/// counted by its `id` there and added no second time. A wrong line is told with its number and stops
/// nothing. Needs a seat that decides.
#[utoipa::path(
    post, path = "/import/incidents.ndjson", tag = "incidents", operation_id = "bring_incidents_over",
    params(("source" = Option<String>, Query, description = "The system they come from, 1 to 40 characters; `elsewhere` when absent. Ids are its own.", min_length = 1, max_length = 40,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$")),
    request_body(content = Legacy, content_type = "application/x-ndjson", description = "A line for each incident."),
    responses((status = 200, description = "What became of the lines.", body = BroughtOver)),
)]
async fn import(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
    body: Body,
) -> Result<Json<BroughtOver>, Problem> {
    viewer.must_decide()?;
    let source = asked.one("source", parse_source);
    asked.checked()?;
    is_ndjson(&headers)?;
    let source = source.unwrap_or_else(|| "elsewhere".to_owned());
    let mut transfer = Transfer {
        app: &app,
        viewer: &viewer,
        source: &source,
        batch: Vec::new(),
        line: 0,
        came: BroughtOver::default(),
    };
    let mut rest: Vec<u8> = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|error| transfer.broke_off(&error))?;
        transfer.take(&mut rest, &bytes).await?;
    }
    transfer.say(&rest).await?;
    transfer.flush().await?;
    Ok(Json(transfer.came))
}

fn parse_source(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=40).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err("Name it in 1 to 40 characters.".to_owned()) }
}

fn is_ndjson(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if ["application/x-ndjson", "application/ndjson", "application/jsonl"].contains(&kind.as_str())
    {
        return Ok(());
    }
    let detail =
        format!("Lines are expected here (Content-Type: application/x-ndjson), not `{kind}`.");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_ndjson", detail))
}

/// A transfer on its way.
struct Transfer<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    source: &'a str,
    batch: Vec<Incoming>,
    line: u64,
    came: BroughtOver,
}

impl Transfer<'_> {
    /// Takes what arrived; `rest` is the line that has not ended.
    async fn take(&mut self, rest: &mut Vec<u8>, bytes: &Bytes) -> Result<(), Problem> {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        rest.extend_from_slice(parts.next().unwrap_or_default());
        for part in parts {
            self.say(rest).await?;
            rest.clear();
            rest.extend_from_slice(part);
        }
        if rest.len() > LINE_MAX {
            let line = self.line + 1;
            let detail = format!(
                "Line {line} is longer than 1 MiB, so nothing after line {} was read. Split it.",
                self.line
            );
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "line_too_long", detail));
        }
        Ok(())
    }

    /// Reads a line.
    async fn say(&mut self, line: &[u8]) -> Result<(), Problem> {
        self.line += 1;
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        self.came.lines += 1;
        match sent::read::<Legacy>(line).and_then(Legacy::checked) {
            Ok(incoming) => self.batch.push(incoming),
            Err(problem) => self.refuse(problem),
        }
        if self.batch.len() < BATCH { Ok(()) } else { self.flush().await }
    }

    fn refuse(&mut self, problem: Problem) {
        self.came.refused += 1;
        if self.came.wrong_lines.len() >= TOLD_MAX {
            return;
        }
        let mut errors = problem.errors;
        if errors.is_empty() {
            errors.push(FieldError { path: String::new(), message: problem.detail });
        }
        self.came.wrong_lines.push(WrongLine { line: self.line, errors });
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let Came { added, already } =
            migrate::bring(self.app, self.viewer, self.source, &self.batch).await?;
        self.came.added += added;
        self.came.already += already;
        self.batch.clear();
        Ok(())
    }

    fn broke_off(&self, error: &axum::Error) -> Problem {
        let came = &self.came;
        let detail = format!(
            "The transfer broke off after line {}: {error}. {} were added, {} were here already. Send \
             all again; what is here is only counted.",
            self.line, came.added, came.already
        );
        Problem::new(StatusCode::BAD_REQUEST, "broke_off", detail)
    }
}
