//! Operations on who was there, and on related incidents.

use super::api_life::{REASON_MAX, found, short};
use super::change::Change;
use super::incident::{Incident, Key};
use super::need;
use super::participants::{NewParticipant, Participant, ParticipantId, Role};
use super::store_parts::{self, Related};
use crate::access::{PersonId, Viewer};
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::people;
use crate::shell::routes;
use crate::shell::sent::sane;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Said, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(participants, add_participant))
        .routes(routes!(change_participant, remove_participant))
        .routes(routes!(related, relate))
}

/// Lists who was there, in which roles; for knowing whom to ask.
#[utoipa::path(get, path = "/incidents/{key}/participants", operation_id = "list_participants", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of participants.", body = Listed<Participant>)))]
async fn participants(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Participant>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::participants(&mut conn, &incident).await?;
    Ok(list.whole(all, |one| one.id.to_string()))
}

/// Somebody who was there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewParticipant)]
struct New {
    /// Who, if they have an account.
    person_id: Option<PersonId>,
    /// What they are called, or a pseudonym; needed for who has no account.
    #[serde(default)]
    #[schema(max_length = 80)]
    name: String,
    #[serde(default)]
    roles: Vec<Role>,
    joined_at: Option<Time>,
    left_at: Option<Time>,
    /// Whether it was their turn.
    #[serde(default)]
    on_call: bool,
    /// Whether they were called outside their hours.
    #[serde(default)]
    called_out_of_hours: bool,
    /// Where their clock stood: an IANA name; theirs when they have an account and it is not said.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    zone: String,
}

async fn read(app: &App, new: New) -> Result<NewParticipant, Problem> {
    let mut conn = app.db.read().await?;
    let said = Said::default();
    let mut home = String::new();
    let mut name = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(person) = &new.person_id {
        match people::find(&mut conn, person).await? {
            Some(person) => {
                name = person.name;
                home = person.zone;
            }
            None => said.wrong("person_id", "Choose somebody who is here."),
        }
    } else if name.is_empty() {
        said.wrong("name", "Choose somebody, or write a name for who has no account.");
    }
    if name.chars().count() > 80 {
        said.wrong("name", "A name has at most 80 characters.");
    }
    if new.left_at.is_some_and(|left| new.joined_at.is_some_and(|joined| left < joined)) {
        said.wrong("left_at", "They left before they joined: one of the two is wrong.");
    }
    let zone = match new.zone.is_empty() {
        true => home,
        false => {
            people::parse_zone(&new.zone).map_err(|why| said.wrong("zone", why)).unwrap_or_default()
        }
    };
    said.checked()?;
    sane(&[("joined_at", new.joined_at), ("left_at", new.left_at)])?;
    let mut roles = new.roles;
    roles.sort();
    roles.dedup();
    let New { person_id, joined_at, left_at, on_call, called_out_of_hours, .. } = new;
    Ok(NewParticipant {
        person_id,
        name,
        roles,
        joined_at,
        left_at,
        on_call,
        called_out_of_hours,
        zone,
    })
}

/// Writes down who was there.
///
/// On a red incident they may see it from then on.
#[utoipa::path(post, path = "/incidents/{key}/participants", operation_id = "add_participant", tag = "incidents",
    request_body = New, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The participant.", body = Participant)))]
async fn add_participant(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let new = read(&app, new).await?;
    let id = change.participant(&new).await?;
    let path = format!("/api/v1/incidents/{}/participants/{id}", incident.key());
    Ok(api::made(&path, &one(&app, &incident, &id).await?))
}

/// A participant as they are written down now.
async fn one(app: &App, incident: &Incident, id: &ParticipantId) -> Result<Participant, Problem> {
    let mut conn = app.db.read().await?;
    let all = store_parts::participants(&mut conn, incident).await?;
    all.into_iter().find(|one| one.id == *id).ok_or_else(Problem::not_found)
}

/// Changes what is said of a participant, all of it. Who has an account keeps it and their name.
#[utoipa::path(put, path = "/incidents/{key}/participants/{participant}", operation_id = "change_participant", tag = "incidents",
    request_body = New,
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ("participant" = ParticipantId, Path, description = "Its id.")),
    responses((status = 200, description = "The participant.", body = Participant)))]
async fn change_participant(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, participant)): Path<(String, String)>,
    Sent(new): Sent<New>,
) -> Result<Json<Participant>, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let id = ParticipantId::parse(&participant).ok_or_else(Problem::not_found)?;
    let was = one(&app, &incident, &id).await?;
    if new.person_id != was.person_id {
        let why = "A participant stays the same person; take this one away and add another.";
        return Err(Problem::field("person_id", why));
    }
    let mut new = read(&app, new).await?;
    if new.person_id.is_some() {
        new.name = was.name;
    }
    change.change_participant(&id, &new).await?;
    Ok(Json(one(&app, &incident, &id).await?))
}

/// Takes a participant away.
#[utoipa::path(delete, path = "/incidents/{key}/participants/{participant}", operation_id = "remove_participant", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"), ("participant" = ParticipantId, Path, description = "Its id.")),
    responses((status = 204, description = "They are taken off")))]
async fn remove_participant(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, participant)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    let participant = ParticipantId::parse(&participant).ok_or_else(Problem::not_found)?;
    change.remove_participant(&participant).await?;
    Ok(StatusCode::NO_CONTENT)
}

kit::words!(
    /// How two incidents are related.
    Relation {
        /// The same happened again.
        RepeatOf = "repeat_of", "a repeat of";
        /// They have to do with each other.
        Related = "related", "related to";
        /// It was written down twice.
        DuplicateOf = "duplicate_of", "the same as";
    }
);

/// Another incident it is related to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelatedIncident)]
struct ShownRelated {
    key: Key,
    title: String,
    relation: String,
    note: String,
    /// Whether this one says so; otherwise the other does.
    from_here: bool,
}

fn shown_related(one: Related) -> ShownRelated {
    let key = one.key();
    let Related { title, relation, note, from_here, .. } = one;
    ShownRelated { key, title, relation, note, from_here }
}

/// Lists the incidents it is related to, as far as you may see them.
#[utoipa::path(get, path = "/incidents/{key}/related", operation_id = "list_related_incidents", tag = "incidents",
    params(("key" = String, Path, description = "The incident’s key.", example = "INC-42"),
           ListParams),
    responses((status = 200, description = "A page of related incidents.", body = Listed<ShownRelated>)))]
async fn related(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<ShownRelated>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let all = store_parts::related(&mut conn, &viewer, &incident).await?;
    let all = all.into_iter().map(shown_related).collect();
    Ok(list.whole(all, |one| one.key.to_string()))
}

/// How it is related to another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRelation {
    /// The other one's key.
    other: Key,
    relation: Relation,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 400)]
    note: String,
}

/// Relates an incident to another one.
#[utoipa::path(post, path = "/incidents/{key}/related", operation_id = "relate_incidents", tag = "incidents",
    request_body = NewRelation, params(("key" = String, Path, description = "The incident’s key.", example = "INC-42")),
    responses((status = 201, description = "The relation.", body = ShownRelated)))]
async fn relate(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(new): Sent<NewRelation>,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let change = Change::by(&app, &viewer, &incident, None)?;
    short("note", &new.note, REASON_MAX)?;
    change.relate(new.other, new.relation.name(), &new.note).await?;
    let mut conn = app.db.read().await?;
    let all = store_parts::related(&mut conn, &viewer, &incident).await?;
    let one = all.into_iter().find(|one| one.key() == new.other && one.from_here);
    let one = one.map(shown_related).ok_or_else(Problem::not_found)?;
    Ok(api::made(&format!("/api/v1/incidents/{}/related", incident.key()), &one))
}
