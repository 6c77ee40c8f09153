//! Whom a review came to, for programs; and the answer of who is asked.

use super::rules::{Rung, Tried};
use super::seen::{Seen, seen};
use super::turn::{Term, Turn, TurnState};
use super::{answer, hand_over, search};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kit::db::Time;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(take))
        .routes(routes!(pass_on))
        .routes(routes!(hand))
        .routes(routes!(search_again))
}

/// Somebody was asked, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestigatorTurn)]
struct ShownTurn {
    /// From 1.
    n: i64,
    /// Who; null when nobody was left to ask.
    person: Option<PersonId>,
    /// Their name.
    name: Option<String>,
    /// Which rule chose them.
    #[schema(inline)]
    rule: Rung,
    /// Why it did.
    because: String,
    /// The rules before it, each with why it chose nobody.
    tried: Vec<Tried>,
    /// What whoever handed it over says.
    context: String,
    asked_at: Time,
    /// Until when they answer, in their own working hours; null when it is theirs at once.
    due_at: Option<Time>,
    /// What came of it. A no and no answer are the same.
    #[schema(inline)]
    state: TurnState,
    ended_at: Option<Time>,
}

/// Somebody owned the review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestigatorTerm)]
struct ShownTerm {
    name: String,
    #[schema(inline)]
    rule: Rung,
    since: Time,
    /// Null while it is theirs.
    until: Option<Time>,
}

/// Whom a review came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestigatorSearch)]
struct Shown {
    /// Who owns it, by name.
    owner: Option<String>,
    /// Since when somebody should have owned it: the incident ended, or the review was opened.
    since: Time,
    /// For how long nobody owned it, in minutes.
    unowned_minutes: i64,
    /// Each turn, the first one first.
    turns: Vec<ShownTurn>,
    /// Whose it was, the first one first.
    terms: Vec<ShownTerm>,
}

fn shown(seen: Seen) -> Shown {
    let turn = |one: Turn| ShownTurn {
        n: one.n,
        person: one.person_id,
        name: one.name,
        rule: one.rule,
        because: one.because,
        tried: one.tried.0,
        context: one.context,
        asked_at: one.asked_at,
        due_at: one.due_at,
        state: one.state,
        ended_at: one.ended_at,
    };
    let term = |one: Term| ShownTerm {
        name: one.name,
        rule: one.rule,
        since: one.since,
        until: one.until,
    };
    Shown {
        owner: seen.retro.owner_name,
        since: seen.from,
        unowned_minutes: seen.unowned.as_mins(),
        turns: seen.turns.into_iter().map(turn).collect(),
        terms: seen.terms.into_iter().map(term).collect(),
    }
}

async fn read(app: &App, viewer: &Viewer, key: &str) -> Result<Json<Shown>, Problem> {
    let mut conn = app.db.read().await?;
    Ok(Json(shown(seen(&mut conn, viewer, key, app.now()).await?)))
}

/// Shows whom a review came to, by which rule, and why not by others.
#[utoipa::path(get, path = "/retrospectives/{key}/investigator", operation_id = "show_investigator", tag = "investigators",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "Whom it came to.", body = Shown)))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Shown>, Problem> {
    read(&app, &viewer, &key).await
}

/// Takes a review that you are asked for: it is yours.
#[utoipa::path(post, path = "/retrospectives/{key}/investigator/acceptance", operation_id = "take_investigation", tag = "investigators",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "Whom it came to, as it is now.", body = Shown)))]
async fn take(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Shown>, Problem> {
    answer::take(&app, &viewer, &key).await?;
    read(&app, &viewer, &key).await
}

/// Lets a review that you are asked for go on to the next. No reason is asked for, and nobody counts.
#[utoipa::path(post, path = "/retrospectives/{key}/investigator/passing", operation_id = "pass_on_investigation", tag = "investigators",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 204, description = "It went on.")))]
async fn pass_on(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    answer::pass_on(&app, &viewer, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// To whom a review is handed, and what they need to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOver {
    to: PersonId,
    /// What you know, whom you would ask, what is promised to whom.
    #[serde(default)]
    #[schema(max_length = 2000)]
    context: String,
}

/// Asks somebody to take a review over: yours, one that you are asked for, or one about which you decide.
///
/// Until they take it, it stays with whoever owns it.
#[utoipa::path(post, path = "/retrospectives/{key}/investigator/handovers", operation_id = "hand_over_investigation", tag = "investigators",
    request_body = HandOver,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 204, description = "They are asked.")))]
async fn hand(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<HandOver>,
) -> Result<StatusCode, Problem> {
    let context = said.context.replace('\0', "");
    hand_over::hand_over(&app, &viewer, &key, &said.to, &context).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the chain look for somebody, from its first rule on; for who decides about the incident.
#[utoipa::path(post, path = "/retrospectives/{key}/investigator/searches", operation_id = "search_investigator", tag = "investigators",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 200, description = "Whom it came to, as it is now.", body = Shown)))]
async fn search_again(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Shown>, Problem> {
    search::search_again(&app, &viewer, &key).await?;
    read(&app, &viewer, &key).await
}
