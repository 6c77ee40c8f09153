//! Operations on risks: lists, one, writing one down, changing its words. What is
//! decided about one is in `api_decide.rs`.

use super::decide::{self, need};
use super::risk::{Level, NewRisk, StateName};
use super::store::{self, Risk};
use crate::access::{PersonId, Viewer};
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::factors::FactorId;
use crate::incidents::Key;
use crate::retrospectives::need_for_reading;
use crate::services;
use crate::shell::moment;
use crate::shell::routes;
use crate::shell::sent::{given, renamed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kit::db::{Conn, Time};
use kit::web::{Asked, IfMatch, Problem, Said, Sent, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, change))
        .routes(routes!(of_retrospective, add))
        .merge(super::api_decide::routes())
}

/// A risk: what we now know could hurt us.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Risk)]
pub(super) struct Shown {
    #[schema(example = "RISK-3")]
    pub(super) key: String,
    /// What the day makes of it, too: `due_for_review` once its day has come.
    state: StateName,
    /// What could hurt us, and how.
    statement: String,
    likelihood: Level,
    impact: Level,
    /// How its impact is softened.
    softened_by: String,
    /// Who carries it.
    accepted_by: Option<PersonId>,
    accepted_by_name: Option<String>,
    accepted_at: Option<Time>,
    /// Until which day.
    #[schema(format = Date)]
    accepted_until: Option<String>,
    /// When it is looked at again.
    #[schema(format = Date)]
    review_on: Option<String>,
    /// What was said with its last move.
    note: String,
    incident: Key,
    #[schema(example = "INC-42")]
    retrospective: String,
    created_at: Time,
    updated_at: Time,
    /// Counts the changes; the ETag.
    pub(super) version: i64,
    /// Where it stands in lists.
    #[serde(skip)]
    place: String,
}

impl etag::Versioned for Shown {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A risk as programs read it on a day.
pub(super) fn shown(risk: Risk, today: &str) -> Shown {
    Shown {
        place: place(&risk),
        key: risk.key(),
        state: risk.now(today),
        incident: risk.incident_key(),
        retrospective: risk.address().to_string(),
        statement: risk.statement,
        likelihood: risk.likelihood,
        impact: risk.impact,
        softened_by: risk.softened_by,
        accepted_by: risk.accepted_by,
        accepted_by_name: risk.accepted_by_name,
        accepted_at: risk.accepted_at,
        accepted_until: risk.accepted_until,
        review_on: risk.review_on,
        note: risk.note,
        created_at: risk.created_at,
        updated_at: risk.updated_at,
        version: risk.version,
    }
}

/// A risk of a number, as it is now.
pub(super) async fn read(app: &App, viewer: &Viewer, number: i64) -> Result<Shown, Problem> {
    let mut conn = app.db.read().await?;
    let risk = store::find(&mut conn, viewer, number).await?.ok_or_else(Problem::not_found)?;
    Ok(shown(risk, &moment::today(app.now())))
}

fn place(risk: &Risk) -> String {
    format!("{}.{}", risk.review_on.as_deref().unwrap_or("9999-99-99"), risk.number)
}

/// Lists the risks you may see, by the day on which they are looked at again.
#[utoipa::path(get, path = "/risks", operation_id = "list_risks", tag = "risks",
    params(("is_closed" = Option<bool>, Query, description = "Those that are none any more; false, unless it is said"),
           ListParams),
    responses((status = 200, description = "A page of risks.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let is_closed =
        asked.one("is_closed", |text| text.parse::<bool>().map_err(|_| "Say `true` or `false`."));
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let after = list.after::<String>().and_then(|place| {
        let (day, number) = place.split_once('.')?;
        Some((day.to_owned(), number.parse().ok()?))
    });
    let mut conn = app.db.read().await?;
    let is_closed = is_closed.unwrap_or(false);
    let risks = store::list(&mut conn, &viewer, is_closed, after, list.most()).await?;
    let today = moment::today(app.now());
    let risks = risks.into_iter().map(|one| shown(one, &today)).collect();
    Ok(list.answer(risks, |one| one.place.clone()))
}

/// Shows a risk.
#[utoipa::path(get, path = "/risks/{key}", operation_id = "show_risk", tag = "risks",
    params(("key" = String, Path, description = "The risk’s key.", example = "RISK-3")),
    responses((status = 200, description = "The risk; its ETag is its version.", body = Shown), (status = 304, description = "You have this version already (If-None-Match).")))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let risk = need(&mut conn, &viewer, &key).await?;
    let version = risk.version;
    Ok(etag::versioned(&headers, version, Json(shown(risk, &moment::today(app.now())))))
}

/// Lists the risks of a retrospective that you may see, the oldest first.
#[utoipa::path(get, path = "/retrospectives/{key}/risks", operation_id = "list_retrospective_risks", tag = "risks",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of risks.", body = Listed<Shown>)))]
async fn of_retrospective(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let today = moment::today(app.now());
    let all = store::of_retrospective(&mut conn, &viewer, &retro.id).await?;
    let all = all.into_iter().map(|one| shown(one, &today)).collect();
    Ok(list.whole(all, |one| one.key.clone()))
}

/// What a risk says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRisk)]
pub(super) struct New {
    /// What could hurt us, and how.
    #[schema(
        example = "A second zone fails while the first is being mended",
        min_length = 1,
        max_length = 600
    )]
    statement: String,
    likelihood: Level,
    impact: Level,
    /// How its impact is softened.
    #[serde(default)]
    #[schema(max_length = 1000)]
    softened_by: String,
    /// When it is looked at again.
    #[schema(format = Date, example = "2026-11-12")]
    review_on: Option<String>,
    /// Which factors of the retrospective it comes from.
    #[serde(default)]
    factors: Vec<FactorId>,
    /// Which services it would hit, by their slugs.
    #[serde(default)]
    services: Vec<String>,
}

/// The fields of forms by their names in bodies.
pub(super) fn in_body(problem: Problem) -> Problem {
    renamed(problem, &[("factor", "factors"), ("service", "services"), ("action", "actions")])
}

/// The services of these slugs, with what is wrong.
async fn hit(
    conn: &mut Conn,
    said: &Said,
    slugs: &[String],
) -> Result<Vec<services::ServiceId>, Problem> {
    let all = services::all(conn).await?;
    let mut found = Vec::new();
    for (n, slug) in slugs.iter().enumerate() {
        match all.iter().find(|one| one.slug == *slug) {
            Some(one) => found.push(one.id.clone()),
            None => said.wrong(&format!("services[{n}]"), format!("There is no service `{slug}`.")),
        }
    }
    Ok(found)
}

/// A day, with what is wrong.
pub(super) fn day(said: &Said, field: &str, text: Option<&str>) -> Option<String> {
    moment::parse_day(text?).map_err(|why| said.wrong(field, why)).ok()
}

/// What was said, checked as far as a risk alone can be.
pub(super) async fn checked(conn: &mut Conn, new: New) -> Result<NewRisk, Problem> {
    let said = Said::default();
    let risk = NewRisk {
        statement: kit::line::of(&new.statement),
        likelihood: new.likelihood,
        impact: new.impact,
        softened_by: new.softened_by.trim().to_owned(),
        review_on: day(&said, "review_on", new.review_on.as_deref()),
        services: hit(conn, &said, &new.services).await?,
        factors: new.factors,
    };
    risk.note_wrong(&said);
    said.checked()?;
    Ok(risk)
}

/// Writes a risk down in a retrospective.
#[utoipa::path(post, path = "/retrospectives/{key}/risks", operation_id = "add_risk", tag = "risks", request_body = New,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The risk.", body = Shown)))]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    let new = {
        let mut conn = app.db.read().await?;
        need_for_reading(&mut conn, &viewer, &key).await?;
        viewer.must_write()?;
        checked(&mut conn, new).await?
    };
    let number = decide::add(&app, &viewer, &key, &new).await.map_err(in_body)?;
    let one = read(&app, &viewer, number).await?;
    Ok(api::made(&format!("/api/v1/risks/{}", one.key), &one))
}

/// What is changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskChange)]
struct Change {
    #[schema(min_length = 1, max_length = 600)]
    statement: Option<String>,
    likelihood: Option<Level>,
    impact: Option<Level>,
    /// Null clears it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    softened_by: Option<Option<String>>,
    factors: Option<Vec<FactorId>>,
    services: Option<Vec<String>>,
}

/// The risk's words with a change.
async fn changed(conn: &mut Conn, risk: &Risk, to: Change) -> Result<NewRisk, Problem> {
    let said = Said::default();
    let softened_by = to.softened_by.map_or(risk.softened_by.clone(), Option::unwrap_or_default);
    let services = match to.services {
        Some(slugs) => hit(conn, &said, &slugs).await?,
        None => store::service_ids(conn, &risk.id).await?,
    };
    let new = NewRisk {
        statement: kit::line::of(&to.statement.unwrap_or_else(|| risk.statement.clone())),
        likelihood: to.likelihood.unwrap_or(risk.likelihood),
        impact: to.impact.unwrap_or(risk.impact),
        softened_by: softened_by.trim().to_owned(),
        review_on: risk.review_on.clone(),
        factors: match to.factors {
            Some(factors) => factors,
            None => store::factors(conn, &risk.id).await?,
        },
        services,
    };
    new.note_wrong(&said);
    said.checked()?;
    Ok(new)
}

/// Changes what a risk says, if nobody else did since you read it.
#[utoipa::path(patch, path = "/risks/{key}", operation_id = "edit_risk", tag = "risks", request_body = Change,
    params(("key" = String, Path, description = "The risk’s key.", example = "RISK-3"),
           ("If-Match" = String, Header, description = "The ETag that you read", example = "\"v3\"")),
    responses((status = 200, description = "The risk as it is now.", body = Shown)))]
async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(to): Sent<Change>,
) -> Result<Response, Problem> {
    let (number, version, new) = {
        let mut conn = app.db.read().await?;
        let risk = need(&mut conn, &viewer, &key).await?;
        decide::must_move(&risk, &viewer)?;
        let new = changed(&mut conn, &risk, to).await?;
        let (number, version) = (risk.number, risk.version);
        (number, if_match.check(version, &shown(risk, &moment::today(app.now())))?, new)
    };
    let done = decide::edit(&app, &viewer, number, version, &new).await.map_err(in_body);
    etag::changed(done, read(&app, &viewer, number).await)
}
