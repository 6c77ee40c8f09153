//! Operations on the policy: what is in force, saving, checking, trying it, its versions, what it chose.

use super::decide::Choice;
use super::decision::Outcome;
use super::document::{Document, Policy, Wrong};
use super::fact::{self, Fact};
use super::facts::Facts;
use super::file;
use super::save;
use super::simulate::{self, Span, Trial};
use super::store::{self, Row};
use super::store_decisions::{self, Decision, DecisionId};
use super::version::{self, Current};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::incidents;
use crate::shell::json::{CannotChange, CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kit::db::Time;
use kit::web::etag::{changed_meanwhile, versioned};
use kit::web::{Asked, IfMatch, Problem, Sent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, put))
        .routes(routes!(restore))
        .routes(routes!(check))
        .routes(routes!(try_it))
        .routes(routes!(facts))
        .routes(routes!(versions))
        .routes(routes!(one_version))
        .routes(routes!(decisions))
        .routes(routes!(decision))
}

/// A policy, with its version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
struct Told {
    /// Its version.
    version: i64,
    /// Whether it is as it came with Afterword.
    is_shipped: bool,
    /// Who saved it, by name.
    saved_by: Option<String>,
    /// When; null for one that nothing was decided by yet.
    saved_at: Option<Time>,
    /// What changed, in words.
    note: String,
    /// Its rules.
    document: Document,
    /// The same as a file, TOML.
    text: String,
}

impl Told {
    fn of(current: &Current) -> Told {
        Told {
            version: current.version,
            is_shipped: current.is_shipped,
            saved_by: current.saved_by.clone(),
            saved_at: current.saved_at,
            note: current.note.clone(),
            document: current.policy.document.clone(),
            text: current.text.clone(),
        }
    }
}

/// Shows the right-sizing policy in force.
#[utoipa::path(
    get, path = "/policy", tag = "policy", operation_id = "show_policy",
    responses((status = 200, description = "The policy.", body = Told), CannotRead)
)]
async fn show(
    State(app): State<App>,
    _viewer: Viewer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let current = version::current(&mut app.db.read().await?).await?;
    Ok(versioned(&headers, current.version, Json(Told::of(&current))))
}

/// A policy that is to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// All of its rules.
    document: Document,
    /// What changed, in words.
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
}

/// Saves a policy as a new version. It is saved whole, or every fault is told. For administrators.
#[utoipa::path(
    put, path = "/policy", tag = "policy", operation_id = "save_policy",
    params(("If-Match" = String, Header, description = "The ETag that you read.")),
    request_body = NewPolicy,
    responses((status = 200, description = "Saved.", body = Told), CannotChange)
)]
async fn put(
    State(app): State<App>,
    Writer(viewer): Writer,
    if_match: IfMatch,
    Sent(said): Sent<NewPolicy>,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let version = if_match.check(current.version, &Told::of(&current))?;
    let saved = save::save(&app, &viewer, version, said.document, &said.note).await;
    answer(&app, saved).await
}

/// The saved policy; 412 with what is in force when somebody was faster.
async fn answer(app: &App, saved: Result<Current, Problem>) -> Result<Response, Problem> {
    match saved {
        Ok(current) => {
            let headers = HeaderMap::new();
            Ok(versioned(&headers, current.version, Json(Told::of(&current))))
        }
        Err(problem) if problem.kind == "changed_meanwhile" => {
            let current = version::current(&mut app.db.read().await?).await?;
            Err(changed_meanwhile(current.version, &Told::of(&current)))
        }
        Err(problem) => Err(problem),
    }
}

/// Saves the policy that came with Afterword as a new version. For administrators.
#[utoipa::path(
    post, path = "/policy/restore", tag = "policy", operation_id = "restore_policy",
    params(("If-Match" = String, Header, description = "The ETag that you read.")),
    responses((status = 200, description = "Saved.", body = Told), CannotChange)
)]
async fn restore(
    State(app): State<App>,
    Writer(viewer): Writer,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let version = if_match.check(current.version, &Told::of(&current))?;
    let saved = save::restore(&app, &viewer, version).await;
    answer(&app, saved).await
}

/// A policy as a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    /// TOML.
    #[schema(max_length = 200000)]
    text: String,
}

/// Whether a file is a policy.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyCheck {
    /// Whether it could be saved.
    is_whole: bool,
    /// Everything that is wrong, with its place in the file.
    faults: Vec<Wrong>,
    /// The policy as it would be saved; null when something is wrong.
    document: Option<Document>,
}

/// Checks a policy that is written as a file. Nothing is saved.
#[utoipa::path(
    post, path = "/policy/check", tag = "policy", operation_id = "check_policy",
    request_body = PolicyFile,
    responses((status = 200, description = "What is wrong with it, if anything.", body = PolicyCheck), CannotWrite)
)]
async fn check(_viewer: Viewer, Sent(said): Sent<PolicyFile>) -> Json<PolicyCheck> {
    Json(match file::parse(&said.text) {
        Ok(Policy { document, .. }) => {
            PolicyCheck { is_whole: true, faults: Vec::new(), document: Some(document) }
        }
        Err(faults) => PolicyCheck { is_whole: false, faults, document: None },
    })
}

/// A policy that is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyToTry {
    /// All of its rules.
    document: Document,
    /// Over incidents written down in the last days, 1 to 3650; 365 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<i64>,
    /// As many at most, 1 to 20000; 5000 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 20000)]
    most: Option<i64>,
}

/// Tries a policy over past incidents that you may see. Nothing is saved.
///
/// How many of each kind it would have asked for and how long they take, beside the policy in force, with
/// the incidents for which something else is chosen. For those who decide.
#[utoipa::path(
    post, path = "/policy/trials", tag = "policy", operation_id = "try_policy",
    request_body = PolicyToTry,
    responses((status = 200, description = "What it would have asked for.", body = Trial), CannotWrite)
)]
async fn try_it(
    State(app): State<App>,
    Writer(viewer): Writer,
    Sent(said): Sent<PolicyToTry>,
) -> Result<Json<Trial>, Problem> {
    viewer.must_decide()?;
    let span = Span::new(said.days, said.most)?;
    let policy = save::checked(said.document)?;
    Ok(Json(simulate::simulate(&app, &viewer, &policy, span).await?))
}

/// Lists the facts that an expression may ask for.
#[utoipa::path(
    get, path = "/policy/facts", tag = "policy", operation_id = "list_policy_facts",
    params(ListParams),
    responses((status = 200, description = "A page of facts.", body = Listed<Fact>), CannotRead)
)]
async fn facts(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Fact>::asked(&app, &viewer, &asked);
    asked.checked()?;
    Ok(list.whole(fact::all().to_vec(), |fact| fact.name.to_owned()))
}

/// A version of the policy.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyVersion {
    /// Its number.
    version: i64,
    /// Whether it is as it came with Afterword.
    is_shipped: bool,
    /// Who saved it, by name.
    saved_by: Option<String>,
    /// When.
    saved_at: Time,
    /// What changed, in words.
    note: String,
    /// As a file, TOML.
    text: String,
}

impl PolicyVersion {
    fn of(row: Row) -> PolicyVersion {
        let Row { version, is_shipped, saved_by, saved_at, note, text } = row;
        PolicyVersion { version, is_shipped, saved_by, saved_at, note, text }
    }
}

/// Lists the versions of the policy that were in force, the newest first.
#[utoipa::path(
    get, path = "/policy/versions", tag = "policy", operation_id = "list_policy_versions",
    params(ListParams),
    responses((status = 200, description = "A page of versions.", body = Listed<PolicyVersion>), CannotRead)
)]
async fn versions(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<PolicyVersion>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let rows = store::list(&mut conn, list.after(), list.most()).await?;
    let rows = rows.into_iter().map(PolicyVersion::of).collect();
    Ok(list.answer(rows, |one| one.version.to_string()))
}

/// Shows a version of the policy.
#[utoipa::path(
    get, path = "/policy/versions/{version}", tag = "policy", operation_id = "show_policy_version",
    params(("version" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The version.", body = PolicyVersion), CannotRead)
)]
async fn one_version(
    State(app): State<App>,
    _viewer: Viewer,
    Path(version): Path<String>,
) -> Result<Json<PolicyVersion>, Problem> {
    let version = version.parse().map_err(|_| Problem::not_found())?;
    let row = store::find(&mut app.db.read().await?, version).await?;
    row.map(|row| Json(PolicyVersion::of(row))).ok_or_else(Problem::not_found)
}

/// What the policy chose for an incident, and what people made of it.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewDecision {
    /// Its id.
    id: DecisionId,
    /// The incident's key.
    #[schema(example = "INC-42")]
    incident: String,
    /// The incident's title.
    incident_title: String,
    /// By which version of the policy.
    policy_version: i64,
    /// The kind that was chosen; null when no review was asked for.
    kind: Option<String>,
    /// When.
    made_at: Time,
    /// What people made of it.
    #[schema(inline)]
    outcome: Outcome,
    /// The kind that was taken; null while it is open and when it was waived.
    decided_kind: Option<String>,
    /// Why.
    reason: String,
    /// Who answered, by name.
    answered_by: Option<String>,
    /// When.
    answered_at: Option<Time>,
    /// The rule that chose, those tried, what is missing, what is to be done beside it.
    choice: Choice,
    /// What was known, by the names of the facts.
    #[schema(value_type = Object)]
    facts: Facts,
}

impl ReviewDecision {
    fn of(one: Decision) -> ReviewDecision {
        ReviewDecision {
            incident: one.key().to_string(),
            id: one.id,
            incident_title: one.incident_title,
            policy_version: one.policy_version,
            kind: one.kind,
            made_at: one.made_at,
            outcome: one.outcome,
            decided_kind: one.decided_kind,
            reason: one.reason,
            answered_by: one.answered_name,
            answered_at: one.answered_at,
            choice: one.choice.0,
            facts: one.facts.0,
        }
    }
}

/// Lists what the policy chose for incidents that you may see, the newest first.
#[utoipa::path(
    get, path = "/policy/decisions", tag = "policy", operation_id = "list_review_decisions",
    params(ListParams, ("outcome" = inline(Option<Outcome>), Query, description = "What people made of it.")),
    responses((status = 200, description = "A page of decisions.", body = Listed<ReviewDecision>), CannotRead)
)]
async fn decisions(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Response, Problem> {
    let outcome = asked.one("outcome", Outcome::parse);
    let list = List::<ReviewDecision>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let before = list.after::<String>().and_then(|id| DecisionId::parse(&id));
    let mut conn = app.db.read().await?;
    let found = store_decisions::list(&mut conn, &viewer, outcome, before, list.most()).await?;
    let found = found.into_iter().map(ReviewDecision::of).collect();
    Ok(list.answer(found, |one| one.id.to_string()))
}

/// Shows what the policy chose for an incident; null before it ended.
#[utoipa::path(
    get, path = "/incidents/{key}/decision", tag = "policy", operation_id = "show_review_decision",
    params(("key" = String, Path, description = "The incident's key, INC-42.")),
    responses((status = 200, description = "The decision.", body = Option<ReviewDecision>), CannotRead)
)]
async fn decision(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Value>, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let found = store_decisions::of_incident(&mut conn, &viewer, &incident).await?;
    let told = found.map(ReviewDecision::of);
    Ok(Json(serde_json::to_value(told).map_err(Problem::internal)?))
}
