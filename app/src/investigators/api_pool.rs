//! The rules and the trained pool, for programs.

use super::pool;
use super::rules::{Method, Rules, Rung};
use super::store_pool::{self, Trained};
use crate::access::{PersonId, Viewer};
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use crate::{services, teams};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kit::db::Conn;
use kit::web::etag::versioned;
use kit::web::{Asked, IfMatch, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_rules, save_rules))
        .routes(routes!(list))
        .routes(routes!(put, remove))
}

/// The rules by which somebody is found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestigatorRules)]
struct ShownRules {
    #[schema(inline)]
    method: Method,
    /// What is tried, in its order.
    #[schema(inline)]
    rungs: Vec<Rung>,
    /// Working hours of whoever is asked, in which they answer.
    answer_hours: i64,
    /// Who is here for fewer months is new.
    tenure_months: i64,
    /// Who has so many open reviews is not asked.
    most_open: i64,
    /// The slug of the team to which it comes in the end.
    last_team: Option<String>,
    /// Counts the changes; the ETag.
    version: i64,
}

async fn read(conn: &mut Conn) -> Result<ShownRules, Problem> {
    let rules = store_pool::rules(conn).await?.rules;
    let all = teams::all(conn).await?;
    let last = rules.last_team.and_then(|id| all.into_iter().find(|team| team.id == id));
    Ok(ShownRules {
        method: rules.method,
        rungs: rules.rungs,
        answer_hours: rules.answer_hours,
        tenure_months: rules.tenure_months,
        most_open: rules.most_open,
        last_team: last.map(|team| team.slug),
        version: rules.version,
    })
}

/// Shows the rules by which somebody is found who investigates.
#[utoipa::path(get, path = "/investigator-rules", operation_id = "show_investigator_rules", tag = "investigators",
    responses((status = 200, description = "The rules; their ETag is their version.", body = ShownRules),
              (status = 304, description = "You have this version already (If-None-Match).")))]
async fn show_rules(
    State(app): State<App>,
    _viewer: Viewer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let rules = read(&mut conn).await?;
    Ok(versioned(&headers, rules.version, Json(rules)))
}

/// The rules by which somebody is found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvestigatorRules)]
struct NewRules {
    #[schema(inline)]
    method: Method,
    /// What is tried, in its order, each once: `pool`, `nearest`, `teammate`, `manager`, `commander`, `last`.
    #[schema(inline, max_items = 6)]
    rungs: Vec<Rung>,
    #[schema(minimum = 1, maximum = 80)]
    answer_hours: i64,
    #[schema(minimum = 0, maximum = 120)]
    tenure_months: i64,
    #[schema(minimum = 1, maximum = 50)]
    most_open: i64,
    /// The slug of the team to which it comes in the end.
    #[schema(example = "reliability")]
    last_team: Option<String>,
}

/// Saves the rules, if nobody else did since you read them.
#[utoipa::path(put, path = "/investigator-rules", operation_id = "save_investigator_rules", tag = "investigators", request_body = NewRules,
    params(("If-Match" = String, Header, description = "The ETag that you read", example = "\"v3\"")),
    responses((status = 200, description = "The rules as they are now.", body = ShownRules)))]
async fn save_rules(
    State(app): State<App>,
    viewer: Viewer,
    if_match: IfMatch,
    Sent(new): Sent<NewRules>,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let said = Said::default();
    for (field, n, from, to) in [
        ("answer_hours", new.answer_hours, 1, 80),
        ("tenure_months", new.tenure_months, 0, 120),
        ("most_open", new.most_open, 1, 50),
    ] {
        if !(from..=to).contains(&n) {
            said.wrong(field, format!("Say a whole number from {from} to {to}."));
        }
    }
    let words: Vec<&str> = new.rungs.iter().map(|rung| rung.name()).collect();
    let rungs = super::rules::parse_rungs(&words).map_err(|why| said.wrong("rungs", why));
    let mut conn = app.db.read().await?;
    let last_team = match &new.last_team {
        None => None,
        Some(slug) => teams::find(&mut conn, slug).await?,
    };
    if new.last_team.is_some() && last_team.is_none() {
        said.wrong("last_team", "There is no team of this slug.");
    }
    said.checked()?;
    let current = read(&mut conn).await?;
    let version = if_match.check(current.version, &current)?;
    drop(conn);
    let rules = Rules {
        version,
        method: new.method,
        rungs: rungs.unwrap_or_default(),
        answer_hours: new.answer_hours,
        tenure_months: new.tenure_months,
        most_open: new.most_open,
        last_team: last_team.map(|team| team.id),
    };
    pool::save(&app, &viewer, &rules).await?;
    let mut conn = app.db.read().await?;
    let rules = read(&mut conn).await?;
    Ok(versioned(&HeaderMap::new(), rules.version, Json(rules)))
}

/// Somebody of the trained pool.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Investigator)]
struct Shown {
    person: PersonId,
    name: String,
    /// What they were trained in.
    training: String,
    /// What they are good at.
    skills: String,
    /// Whether they can be asked now.
    is_available: bool,
    /// The slugs of the services that they know.
    services: Vec<String>,
}

async fn pool_of(conn: &mut Conn) -> Result<Vec<Shown>, Problem> {
    let knows = store_pool::knows(conn).await?;
    let all = store_pool::pool(conn).await?.into_iter();
    Ok(all
        .map(|one| {
            let own = knows.iter().filter(|row| row.person_id == one.person_id);
            Shown {
                services: own.map(|row| row.slug.clone()).collect(),
                person: one.person_id,
                name: one.name,
                training: one.training,
                skills: one.skills,
                is_available: one.is_available,
            }
        })
        .collect())
}

/// Lists the trained pool, by name; for who decides. Others see themselves, where they are in it.
#[utoipa::path(get, path = "/investigators", operation_id = "list_investigators", tag = "investigators",
    params(ListParams),
    responses((status = 200, description = "A page of the pool.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let mut all = pool_of(&mut conn).await?;
    all.retain(|one| viewer.can_decide() || one.person == viewer.id);
    Ok(list.whole(all, |one| one.person.to_string()))
}

/// What is known of somebody of the pool.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvestigator)]
struct New {
    /// What they were trained in.
    #[serde(default)]
    #[schema(max_length = 400)]
    training: String,
    /// What they are good at.
    #[serde(default)]
    #[schema(max_length = 400)]
    skills: String,
    /// Whether they can be asked now.
    is_available: bool,
    /// The slugs of the services that they know.
    #[serde(default)]
    #[schema(example = json!(["checkout"]), max_items = 200)]
    services: Vec<String>,
}

/// Puts somebody into the trained pool, or says anew what is known of them.
#[utoipa::path(put, path = "/investigators/{person}", operation_id = "train_investigator", tag = "investigators", request_body = New,
    params(("person" = PersonId, Path, description = "Its id.")),
    responses((status = 200, description = "What is known of them now.", body = Shown)))]
async fn put(
    State(app): State<App>,
    viewer: Viewer,
    Path(person): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Json<Shown>, Problem> {
    viewer.must_decide()?;
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    let said = Said::default();
    for (field, text) in [("training", &new.training), ("skills", &new.skills)] {
        if text.chars().count() > pool::WORDS_MAX {
            said.wrong(field, "At most 400 characters, please.");
        }
    }
    let all = {
        let mut conn = app.db.read().await?;
        services::all(&mut conn).await?
    };
    let mut known = Vec::new();
    for (n, slug) in new.services.iter().enumerate() {
        match all.iter().find(|one| one.slug == *slug) {
            Some(one) => known.push(one.id.clone()),
            None => said.wrong(&format!("services[{n}]"), "There is no service of this slug."),
        }
    }
    said.checked()?;
    let (training, skills) = (kit::line::of(&new.training), kit::line::of(&new.skills));
    let trained = Trained { training, skills, is_available: new.is_available, services: known };
    pool::put(&app, &viewer, &person, &trained).await?;
    let mut conn = app.db.read().await?;
    let found = pool_of(&mut conn).await?.into_iter().find(|one| one.person == person);
    Ok(Json(found.ok_or_else(Problem::not_found)?))
}

/// Takes somebody out of the trained pool.
#[utoipa::path(delete, path = "/investigators/{person}", operation_id = "release_investigator", tag = "investigators",
    params(("person" = PersonId, Path, description = "Its id.")),
    responses((status = 204, description = "They are in it no more.")))]
async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(person): Path<String>,
) -> Result<StatusCode, Problem> {
    viewer.must_decide()?;
    let person = PersonId::parse(&person).ok_or_else(Problem::not_found)?;
    pool::remove(&app, &viewer, &person).await?;
    Ok(StatusCode::NO_CONTENT)
}
