//! Saying an action, for programs: proposing one, changing its words.

use super::action::{Aim, Owner, StateName};
use super::api::{Shown, read, shown};
use super::parse_key;
use super::propose::{edit, must_move, need, propose};
use super::said::{Class, NewAction, Priority, Strength};
use super::store::{self, Action};
use crate::access::{PersonId, Viewer};
use crate::api;
use crate::app::App;
use crate::factors::{FactorId, RecommendationId};
use crate::retrospectives::need_for_reading;
use crate::shell::moment;
use crate::shell::routes;
use crate::shell::sent::{given, renamed};
use crate::teams::TeamId;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Conn;
use kit::web::{IfMatch, Problem, Said, Sent, etag};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(suggest)).routes(routes!(change))
}

/// What an action says; who and by when may come with its acceptance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAction)]
struct New {
    /// Verb first.
    #[schema(example = "Cap retries at one for each checkout", min_length = 1, max_length = 200)]
    title: String,
    /// How we know that it is done.
    #[serde(default)]
    #[schema(max_length = 1000)]
    done_when: String,
    /// Who might do it: a person's id or, for an investigation, a team's.
    #[schema(pattern = "^(per|tea)_[0-9a-f]{32}$")]
    owner: Option<String>,
    /// By which day a team names a person.
    #[schema(format = Date)]
    name_person_by: Option<String>,
    /// By when.
    #[schema(format = Date, example = "2026-11-12")]
    due: Option<String>,
    class: Class,
    aim: Aim,
    strength: Strength,
    priority: Option<Priority>,
    /// What it takes.
    #[serde(default)]
    #[schema(max_length = 1000)]
    effort: String,
    /// What it is expected to change.
    #[serde(default)]
    #[schema(max_length = 1000)]
    effect: String,
    /// Which factors of the retrospective it answers.
    #[serde(default)]
    factors: Vec<FactorId>,
    /// Which recommendation of the retrospective it carries out.
    recommendation: Option<RecommendationId>,
}

/// The owner that a text names, with what is wrong.
pub(super) fn owner(said: &Said, owner: Option<&str>, by: Option<&str>) -> Option<Owner> {
    let Some(text) = owner else {
        if by.is_some() {
            said.wrong("name_person_by", "Say the team as `owner`, too.");
        }
        return None;
    };
    if let Some(person) = PersonId::parse(text) {
        if by.is_some() {
            said.wrong("name_person_by", "Only a team names a person later; leave this out.");
        }
        return Some(Owner::Person(person));
    }
    let Some(team) = TeamId::parse(text) else {
        said.wrong("owner", "Say the id of a person, `per_…`, or of a team, `tea_…`.");
        return None;
    };
    let Some(by) = by else {
        said.wrong("name_person_by", "Say by which day the team names a person.");
        return None;
    };
    let name_person_by = day(said, "name_person_by", Some(by))?;
    Some(Owner::Team { team, name_person_by })
}

/// A day, with what is wrong.
pub(super) fn day(said: &Said, field: &str, text: Option<&str>) -> Option<String> {
    moment::parse_day(text?).map_err(|why| said.wrong(field, why)).ok()
}

fn checked(said: &Said, new: New) -> Result<NewAction, Problem> {
    let new = NewAction {
        title: kit::line::of(&new.title),
        done_when: new.done_when.trim().to_owned(),
        owner: owner(said, new.owner.as_deref(), new.name_person_by.as_deref()),
        due: day(said, "due", new.due.as_deref()),
        class: new.class,
        aim: new.aim,
        strength: new.strength,
        priority: new.priority,
        effort: new.effort.trim().to_owned(),
        effect: new.effect.trim().to_owned(),
        factors: new.factors,
        recommendation: new.recommendation,
    };
    new.note_wrong(said);
    said.checked()?;
    Ok(new)
}

/// Proposes an action in a retrospective.
///
/// Nobody owes it until somebody accepts it.
#[utoipa::path(post, path = "/retrospectives/{key}/actions", operation_id = "propose_action", tag = "actions", request_body = New,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The action.", body = Shown)))]
async fn suggest(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    {
        let mut conn = app.db.read().await?;
        need_for_reading(&mut conn, &viewer, &key).await?;
    }
    viewer.must_write()?;
    let new = checked(&Said::default(), new)?;
    let number = propose(&app, &viewer, &key, &new).await.map_err(in_body)?;
    let one = read(&app, &viewer, number).await?;
    Ok(api::made(&format!("/api/v1/actions/{}", one.key), &one))
}

/// The fields of forms by their names in bodies.
fn in_body(problem: Problem) -> Problem {
    renamed(problem, &[("factor", "factors")])
}

/// What is changed; what is left out stays, null clears. Who, by when and how we know are changed here
/// only while it is proposed; afterwards it is promised otherwise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActionChange)]
struct Change {
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(max_length = 1000)]
    done_when: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^(per|tea)_[0-9a-f]{32}$")]
    owner: Option<Option<String>>,
    #[schema(format = Date)]
    name_person_by: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Option<String>>,
    class: Option<Class>,
    aim: Option<Aim>,
    strength: Option<Strength>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Priority>)]
    priority: Option<Option<Priority>>,
    #[schema(max_length = 1000)]
    effort: Option<String>,
    #[schema(max_length = 1000)]
    effect: Option<String>,
    factors: Option<Vec<FactorId>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<RecommendationId>)]
    recommendation: Option<Option<RecommendationId>>,
}

/// The action's words with a change.
async fn changed(conn: &mut Conn, action: &Action, to: Change) -> Result<NewAction, Problem> {
    let said = Said::default();
    let new_owner = match (&to.owner, action.owner()) {
        (Some(text), _) => owner(&said, text.as_deref(), to.name_person_by.as_deref()),
        (None, Some(Owner::Team { team, name_person_by })) => {
            let by = to.name_person_by.or(Some(name_person_by));
            owner(&said, Some(team.as_str()), by.as_deref())
        }
        (None, kept) => {
            owner(&said, None, to.name_person_by.as_deref());
            kept
        }
    };
    let due = match &to.due {
        Some(text) => day(&said, "due", text.as_deref()),
        None => action.due.clone(),
    };
    let new = NewAction {
        title: kit::line::of(&to.title.unwrap_or_else(|| action.title.clone())),
        done_when: to.done_when.unwrap_or_else(|| action.done_when.clone()).trim().to_owned(),
        owner: new_owner,
        due,
        class: to.class.unwrap_or(action.class),
        aim: to.aim.unwrap_or(action.aim),
        strength: to.strength.unwrap_or(action.strength),
        priority: to.priority.unwrap_or(action.priority),
        effort: to.effort.unwrap_or_else(|| action.effort.clone()).trim().to_owned(),
        effect: to.effect.unwrap_or_else(|| action.effect.clone()).trim().to_owned(),
        factors: match to.factors {
            Some(factors) => factors,
            None => store::factors(conn, &action.id).await?,
        },
        recommendation: to.recommendation.unwrap_or_else(|| action.recommendation_id.clone()),
    };
    new.note_wrong(&said);
    said.checked()?;
    Ok(new)
}

/// What was promised is promised otherwise, with a line of history; a change does not do it silently.
fn refuse_promised(action: &Action, to: &Change) -> Result<(), Problem> {
    if action.state == StateName::Proposed {
        return Ok(());
    }
    let said = Said::default();
    let otherwise = "It is promised; promise it otherwise with a move `amend`, which keeps why.";
    for (field, is_said) in [
        ("owner", to.owner.is_some()),
        ("name_person_by", to.name_person_by.is_some()),
        ("due", to.due.is_some()),
        ("done_when", to.done_when.is_some()),
    ] {
        if is_said {
            said.wrong(field, otherwise);
        }
    }
    said.checked()
}

/// Changes what an action says, if nobody else did since you read it.
#[utoipa::path(patch, path = "/actions/{key}", operation_id = "edit_action", tag = "actions", request_body = Change,
    params(("key" = String, Path, description = "The action’s key.", example = "ACT-7"),
           ("If-Match" = String, Header, description = "The ETag that you read", example = "\"v3\"")),
    responses((status = 200, description = "The action as it is now.", body = Shown)))]
async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(to): Sent<Change>,
) -> Result<Response, Problem> {
    let number = parse_key(&key).ok_or_else(Problem::not_found)?;
    let today = moment::today(app.now());
    let (version, new) = {
        let mut conn = app.db.read().await?;
        let action = need(&mut conn, &viewer, &key).await?;
        must_move(&action, &viewer)?;
        refuse_promised(&action, &to)?;
        let new = changed(&mut conn, &action, to).await?;
        let version = action.version;
        (if_match.check(version, &shown(action, &today))?, new)
    };
    let done = edit(&app, &viewer, number, version, &new).await.map_err(in_body);
    etag::changed(done, read(&app, &viewer, number).await)
}
