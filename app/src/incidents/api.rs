//! Operations on incidents. The worked example of a slice's `api.rs`: CONTRIBUTING.md, recipe 7.

use super::change::Change;
use super::declare::{self, Declaration};
use super::incident::{Detection, Incident, Key, Kind, Label, Status, Title, parse_severity};
use super::need;
use super::store::{self, Edit};
use super::store_list::{self, Wanted};
use crate::access::Viewer;
use crate::api::{self, Fields, List, ListParams, Listed};
use crate::app::App;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, IfMatch, Problem, Sent, Wrong, etag, read_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// The largest description, in bytes.
const DESCRIPTION_MAX: usize = 200_000;
/// The longest environment, in characters.
const ENVIRONMENT_MAX: usize = 80;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, edit))
        .merge(super::api_migrate::routes())
}

/// An incident.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Incident)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub key: Key,
    /// What happened, in plain words.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// 1, the worst, to 4; null for a near miss or while nobody said.
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<i64>,
    /// Where it is in its life.
    pub status: Status,
    /// Markdown.
    pub description: String,
    /// Who noticed first.
    pub detection: Detection,
    /// `production`, usually.
    pub environment: String,
    /// How far it may be shared.
    pub label: Label,
    /// Written down after the fact.
    pub report_only: bool,
    /// The id of who wrote it down.
    pub declared_by: String,
    /// When it was written down here; never a stand-in for when it began.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes; also its ETag.
    pub version: i64,
    /// Its page, from this instance's root.
    pub url: String,
}

impl From<Incident> for Told {
    fn from(incident: Incident) -> Told {
        let key = incident.key();
        Told {
            id: incident.id.to_string(),
            key,
            title: incident.title,
            kind: incident.kind,
            severity: incident.severity,
            status: incident.status,
            description: incident.description,
            detection: incident.detection,
            environment: incident.environment,
            label: incident.label,
            report_only: incident.report_only,
            declared_by: incident.declared_by.to_string(),
            created_at: incident.created_at,
            updated_at: incident.updated_at,
            version: incident.version,
            url: format!("/i/{key}"),
        }
    }
}

fn wanted(asked: &Asked) -> Wanted {
    Wanted {
        statuses: asked.any("status", Status::parse),
        severities: asked.any("severity", parse_severity),
        kinds: asked.any("kind", Kind::parse),
        labels: asked.any("label", Label::parse),
        detections: asked.any("detection", Detection::parse),
        service: asked.one("service", |text| Ok::<_, String>(text.to_owned())),
        created: asked.bounds("created_at", read_time).ends(),
        updated: asked.bounds("updated_at", read_time).ends(),
        report_only: asked
            .one("report_only", |text| text.parse().map_err(|_| "Say true or false.".to_owned())),
        below: None,
    }
}

/// Lists incidents, the newest first.
#[utoipa::path(
    get, path = "/incidents", tag = "incidents", operation_id = "list_incidents",
    params(
        ListParams,
        ("status" = Option<Status>, Query, description = "In this status."),
        ("status[in]" = Option<String>, Query, description = "In one of these, with commas between."),
        ("severity" = Option<i64>, Query, description = "Of this severity.", minimum = 1, maximum = 4),
        ("severity[in]" = Option<String>, Query, description = "Of one of these."),
        ("kind" = Option<Kind>, Query, description = "Of this kind."),
        ("kind[in]" = Option<String>, Query, description = "Of one of these."),
        ("label" = Option<Label>, Query, description = "With this label."),
        ("label[in]" = Option<String>, Query, description = "With one of these."),
        ("detection" = Option<Detection>, Query, description = "Noticed first by this."),
        ("detection[in]" = Option<String>, Query, description = "Noticed first by one of these."),
        ("service" = Option<String>, Query, description = "Hit this service, by its slug."),
        ("created_at[gte]" = Option<Time>, Query, description = "Written down then or after."),
        ("created_at[gt]" = Option<Time>, Query, description = "Written down after."),
        ("created_at[lte]" = Option<Time>, Query, description = "Written down then or before."),
        ("created_at[lt]" = Option<Time>, Query, description = "Written down before."),
        ("updated_at[gte]" = Option<Time>, Query, description = "Last changed then or after."),
        ("updated_at[gt]" = Option<Time>, Query, description = "Last changed after."),
        ("updated_at[lte]" = Option<Time>, Query, description = "Last changed then or before."),
        ("updated_at[lt]" = Option<Time>, Query, description = "Last changed before."),
        ("report_only" = Option<bool>, Query, description = "Written down after the fact, or not."),
    ),
    responses((status = 200, description = "A page of incidents.", body = Listed<Told>)),
)]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Told>::asked(&app, &viewer, &asked);
    let wanted = Wanted { below: list.after(), ..wanted(&asked) };
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incidents = store_list::page(&mut conn, &viewer, &wanted, list.most()).await?;
    let incidents = incidents.into_iter().map(Told::from).collect();
    Ok(list.answer(incidents, |incident| incident.key.0.to_string()))
}

/// What is said of a new incident.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewIncident {
    /// What happened, in plain words: one line of 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Its kind; `outage` when absent. A security incident is red from the start.
    #[serde(default)]
    kind: Option<Kind>,
    /// 1, the worst, to 4. A near miss has none.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 4)]
    severity: Option<i64>,
    /// Written down after the fact: nobody is on it now.
    #[serde(default)]
    report_only: bool,
    /// Red from the start: only for the people on its list, you first.
    #[serde(default)]
    private: bool,
}

/// Declares an incident, while it runs or after the fact.
#[utoipa::path(
    post, path = "/incidents", tag = "incidents", operation_id = "declare_incident",
    request_body = NewIncident,
    responses((status = 201, description = "The incident.", body = Told)),
)]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Sent(said): Sent<NewIncident>,
) -> Result<Response, Problem> {
    let mut wrong = Wrong::default();
    let title = wrong.keep("title", Title::parse(&said.title));
    let severity = said.severity.map(|level| parse_severity(&level.to_string()));
    let severity = severity.and_then(|severity| wrong.keep("severity", severity));
    wrong.checked()?;
    let title = title.ok_or_else(|| Problem::internal("a checked body lacks a title"))?;
    let kind = said.kind.unwrap_or(Kind::Outage);
    let declaration = Declaration::new(title, kind, severity, said.report_only, said.private);
    let (_, key) = declare::declare(&app, &viewer, &declaration).await?;
    let mut conn = app.db.read().await?;
    let incident = store::find(&mut conn, &viewer, key).await?.ok_or_else(Problem::not_found)?;
    let mut response =
        api::made(&format!("/api/v1/incidents/{key}"), &Told::from(incident.clone()));
    response.headers_mut().insert(axum::http::header::ETAG, etag::etag(incident.version));
    Ok(response)
}

/// Shows an incident.
#[utoipa::path(
    get, path = "/incidents/{key}", tag = "incidents", operation_id = "show_incident",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("fields" = Option<String>, Query, description = "Only these fields, with commas between."),
    ),
    responses(
        (status = 200, description = "The incident; its ETag is its version.", body = Told),
        (status = 304, description = "You have this version already (If-None-Match)."),
    ),
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Problem> {
    let fields = Fields::of::<Told>(&asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let version = incident.version;
    Ok(etag::versioned(&headers, version, Json(fields.choose(&Told::from(incident)))))
}

/// What is changed of an incident; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentChange {
    /// One line of 1 to 200 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Its kind.
    #[serde(default)]
    kind: Option<Kind>,
    /// Markdown, at most 200,000 bytes.
    #[serde(default)]
    #[schema(max_length = 200_000)]
    description: Option<String>,
    /// Who noticed first.
    #[serde(default)]
    detection: Option<Detection>,
    /// Where it happened; at most 80 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 80)]
    environment: Option<String>,
}

impl IncidentChange {
    fn onto(self, incident: &Incident) -> Result<Edit, Problem> {
        let mut wrong = Wrong::default();
        let title = self.title.unwrap_or_else(|| incident.title.clone());
        let title = wrong.keep("title", Title::parse(&title));
        let description = self.description.unwrap_or_else(|| incident.description.clone());
        if description.len() > DESCRIPTION_MAX {
            wrong.note("description", "This is too long: at most 200,000 bytes.");
        }
        let environment = self.environment.unwrap_or_else(|| incident.environment.clone());
        let environment = environment.trim().to_owned();
        if environment.is_empty() || environment.chars().count() > ENVIRONMENT_MAX {
            wrong.note("environment", "Say it in 1 to 80 characters, such as production.");
        }
        wrong.checked()?;
        let title = title.ok_or_else(|| Problem::internal("a checked body lacks a title"))?;
        Ok(Edit {
            title,
            description,
            kind: self.kind.unwrap_or(incident.kind),
            detection: self.detection.unwrap_or(incident.detection),
            environment,
        })
    }
}

/// Changes an incident's words, if nobody else did since you read it.
#[utoipa::path(
    patch, path = "/incidents/{key}", tag = "incidents", operation_id = "edit_incident",
    params(
        ("key" = String, Path, description = "The incident's key, INC-42."),
        ("If-Match" = String, Header, description = "The ETag you read, `\"v3\"`; `*` for any."),
    ),
    request_body = IncidentChange,
    responses((status = 200, description = "The incident as it is now.", body = Told)),
)]
async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    if_match: IfMatch,
    Sent(said): Sent<IncidentChange>,
) -> Result<Response, Problem> {
    let find = async || {
        let mut conn = app.db.read().await?;
        need(&mut conn, &viewer, &key).await
    };
    let incident = find().await?;
    let version = if_match.check(incident.version, &Told::from(incident.clone()))?;
    let edit = said.onto(&incident)?;
    match Change::by(&app, &viewer, &incident, None)?.edit(version, &edit).await {
        Err(problem) if problem.status == StatusCode::CONFLICT => {
            let now = find().await?;
            return Err(etag::changed_meanwhile(now.version, &Told::from(now)));
        }
        done => done?,
    }
    let now = find().await?;
    Ok(etag::versioned(&HeaderMap::new(), now.version, Json(Told::from(now))))
}
