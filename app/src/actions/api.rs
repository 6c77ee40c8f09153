//! Operations on actions: lists and one. Saying one is in `api_say.rs`, what is done to it in
//! `api_moves.rs`.

use super::action::{Aim, Owner, StateName};
use super::pages_list;
use super::propose::need;
use super::said::{Class, Priority, Strength};
use super::store::{self, Action, Filter, Whose};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::factors::RecommendationId;
use crate::incidents::Key;
use crate::retrospectives::need_for_reading;
use crate::shell::moment;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, etag};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(of_retrospective))
        .merge(super::api_say::routes())
        .merge(super::api_moves::routes())
}

/// An action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Action)]
pub(super) struct Shown {
    #[schema(example = "ACT-7")]
    pub(super) key: String,
    state: StateName,
    /// Verb first.
    title: String,
    /// How we know that it is done.
    done_when: String,
    /// Who keeps it, or might: a person's id or, for an investigation, a team's.
    owner: Option<String>,
    owner_name: Option<String>,
    /// By which day a team that keeps it names a person.
    name_person_by: Option<String>,
    /// By when.
    #[schema(format = Date)]
    due: Option<String>,
    is_overdue: bool,
    class: Class,
    aim: Aim,
    strength: Strength,
    priority: Option<Priority>,
    /// What it takes.
    effort: String,
    /// What it is expected to change.
    effect: String,
    /// What was said with its last move: the done note, the reason, what shows that it holds.
    note: String,
    /// The recommendation it carries out.
    recommendation: Option<RecommendationId>,
    /// The risk that it became.
    #[schema(example = "RISK-3")]
    risk: Option<String>,
    /// The incident it came of, for who may see that.
    incident: Option<Key>,
    /// The retrospective it came of, for who may see that.
    #[schema(example = "INC-42")]
    retrospective: Option<String>,
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

/// An action as programs read it on a day.
pub(super) fn shown(action: Action, today: &str) -> Shown {
    let owner = action.owner().map(|owner| match owner {
        Owner::Person(person) => person.to_string(),
        Owner::Team { team, .. } => team.to_string(),
    });
    let (day, number) = pages_list::place(&action);
    Shown {
        place: format!("{day}.{number}"),
        key: action.key(),
        owner,
        owner_name: action.owner_in_words().map(str::to_owned),
        is_overdue: action.is_overdue(today),
        recommendation: action.recommendation_id.clone().filter(|_| action.sees_story),
        risk: action.risk_number.map(|number| format!("RISK-{number}")),
        incident: action.incident_key(),
        retrospective: action.address().map(|address| address.to_string()),
        state: action.state,
        title: action.title,
        done_when: action.done_when,
        name_person_by: action.name_person_by,
        due: action.due,
        class: action.class,
        aim: action.aim,
        strength: action.strength,
        priority: action.priority,
        effort: action.effort,
        effect: action.effect,
        note: action.note,
        created_at: action.created_at,
        updated_at: action.updated_at,
        version: action.version,
    }
}

fn filter(asked: &Asked) -> Filter {
    let state = asked.one("state", |text| match text {
        "open" => Ok("open".to_owned()),
        word => StateName::parse(word)
            .map(|state| state.name().to_owned())
            .map_err(|why| format!("{why} Or `open` for all that have not ended.")),
    });
    Filter {
        whose: asked.one("whose", Whose::parse).unwrap_or(Whose::All),
        state,
        class: asked.one("class", Class::parse),
        aim: asked.one("aim", Aim::parse),
        before: asked.below("due", moment::parse_day),
        after: None,
    }
}

/// Lists the actions you may see, by the day they are due; what is done after what is owed.
#[utoipa::path(get, path = "/actions", operation_id = "list_actions", tag = "actions",
    params(("whose" = inline(Option<Whose>), Query, description = "`all`, unless it is said"),
           ("state" = Option<String>, Query, description = "A state, or `open` for all that have not ended",
               pattern = "^(open|proposed|accepted|in_progress|done|verified|reopened|moved_to_risk|dropped|declined)$"),
           ("class" = Option<Class>, Query), ("aim" = Option<Aim>, Query),
           ("due[lt]" = Option<String>, Query, description = "Owed and due before this day", example = "2026-11-12", format = Date),
           ListParams),
    responses((status = 200, description = "A page of actions.", body = Listed<Shown>)))]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let mut filter = filter(&asked);
    let list = List::<Shown>::asked(&app, &viewer, &asked);
    asked.checked()?;
    filter.after = list.after::<String>().and_then(|place| {
        let (day, number) = place.split_once('.')?;
        Some((day.to_owned(), number.parse().ok()?))
    });
    let mut conn = app.db.read().await?;
    let actions = store::list(&mut conn, &viewer, &filter, list.most()).await?;
    let today = moment::today(app.now());
    let actions = actions.into_iter().map(|one| shown(one, &today)).collect();
    Ok(list.answer(actions, |one| one.place.clone()))
}

/// Shows an action.
#[utoipa::path(get, path = "/actions/{key}", operation_id = "show_action", tag = "actions",
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7")),
    responses((status = 200, description = "The action; its ETag is its version.", body = Shown), (status = 304, description = "You have this version already (If-None-Match).")))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let action = need(&mut conn, &viewer, &key).await?;
    let (version, today) = (action.version, moment::today(app.now()));
    Ok(etag::versioned(&headers, version, Json(shown(action, &today))))
}

/// Lists the actions of a retrospective that you may see, the oldest first.
#[utoipa::path(get, path = "/retrospectives/{key}/actions", operation_id = "list_retrospective_actions", tag = "actions",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of actions.", body = Listed<Shown>)))]
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

/// An action of a number, as it is now.
pub(super) async fn read(app: &App, viewer: &Viewer, number: i64) -> Result<Shown, Problem> {
    let mut conn = app.db.read().await?;
    let action = store::find(&mut conn, viewer, number).await?.ok_or_else(Problem::not_found)?;
    Ok(shown(action, &moment::today(app.now())))
}
