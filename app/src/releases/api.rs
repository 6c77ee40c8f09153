//! Operations on releases: lists, one in each of its forms, publishing, what changed.

use super::changes;
use super::document::Document;
use super::pages::{download, find, read_json};
use super::publish::{self, Preview, Publication};
use super::store::{self, Newest, Release};
use crate::access::Viewer;
use crate::api::{self, List, ListParams, Listed};
use crate::app::App;
use crate::incidents::Key;
use crate::retrospectives;
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent, Wrong};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(newest))
        .routes(routes!(list, publish_next))
        .routes(routes!(preview))
        .routes(routes!(show))
        .routes(routes!(document))
        .routes(routes!(markdown))
        .routes(routes!(html))
        .routes(routes!(pdf))
        .routes(routes!(what_changed))
}

/// A release, without what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
struct Told {
    /// The incident it is about.
    incident: Key,
    /// 1, 2, …
    number: i64,
    /// Its title when it was published.
    title: String,
    /// For whom.
    audience: String,
    /// The digest of its JSON.
    sha256: String,
    /// `published`, or `superseded` by a later one.
    state: String,
    published_at: Time,
    /// Its page, from this instance's root.
    url: String,
}

fn told(incident: Key, release: Release) -> Told {
    Told {
        url: format!("/r/{incident}/releases/{}", release.number),
        incident,
        number: release.number,
        title: release.title,
        audience: release.audience,
        sha256: release.sha256,
        state: release.state,
        published_at: release.published_at,
    }
}

/// A newly published release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewestRelease)]
struct Fresh {
    /// The incident it is about.
    incident: Key,
    number: i64,
    title: String,
    published_at: Time,
    /// Its page, from this instance's root.
    url: String,
    #[serde(skip)]
    place: String,
}

fn fresh(one: Newest) -> Fresh {
    let incident = Key(one.incident_number);
    Fresh {
        place: one.place(),
        url: format!("/r/{incident}"),
        incident,
        number: one.number,
        title: one.title,
        published_at: one.published_at,
    }
}

/// Lists the releases that nothing superseded, of all incidents you may see, the newest first.
#[utoipa::path(get, path = "/releases", operation_id = "list_newest_releases", tag = "releases",
    params(ListParams),
    responses((status = 200, description = "A page of releases.", body = Listed<Fresh>)))]
async fn newest(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Fresh>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let after = list.after::<String>().and_then(|text| {
        let (at, id) = text.split_once('.')?;
        Some((Time::from_microseconds(at.parse().ok()?)?, id.to_owned()))
    });
    let mut conn = app.db.read().await?;
    let all = store::newest_after(&mut conn, &viewer, after, list.most()).await?;
    Ok(list.answer(all.into_iter().map(fresh).collect(), |one| one.place.clone()))
}

/// Lists the releases of an incident's retrospectives, the newest first.
#[utoipa::path(get, path = "/retrospectives/{key}/releases", operation_id = "list_releases", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"), ListParams),
    responses((status = 200, description = "A page of releases.", body = Listed<Told>)))]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<Told>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    let all = store::of_incident(&mut conn, &viewer, &incident).await?;
    let all = all.into_iter().map(|one| told(incident.key(), one)).collect();
    Ok(list.whole(all, |one| one.number.to_string()))
}

/// What whoever publishes says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRelease {
    /// For whom it is made.
    #[serde(default)]
    #[schema(example = "Everybody here", max_length = 120)]
    audience: String,
    /// What changed since the last release; needed from the second on.
    #[serde(default)]
    #[schema(max_length = 400)]
    what_changed: String,
}

/// Shows the next release as it would be now, and what one may want to look at first.
#[utoipa::path(get, path = "/retrospectives/{key}/release-preview", operation_id = "preview_release", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42")),
    responses((status = 200, description = "The preview.", body = Preview)))]
async fn preview(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<Preview>, Problem> {
    let mut conn = app.db.read().await?;
    Ok(Json(publish::next(&mut conn, &viewer, &key, app.now()).await?))
}

/// Publishes the next release of a retrospective. What is published is never changed.
#[utoipa::path(post, path = "/retrospectives/{key}/releases", operation_id = "publish_release", tag = "releases",
    request_body = NewRelease,
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42")),
    responses((status = 201, description = "The release.", body = Told)))]
async fn publish_next(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    Sent(said): Sent<NewRelease>,
) -> Result<Response, Problem> {
    let (incident, retro) = {
        let mut conn = app.db.read().await?;
        let retro = retrospectives::need_for_writing(&mut conn, &viewer, &key).await?;
        (find(&mut conn, &viewer, &key).await?, retro)
    };
    let mut wrong = Wrong::default();
    for (field, text, most) in
        [("audience", &said.audience, 120), ("what_changed", &said.what_changed, 400)]
    {
        if text.chars().count() > most {
            wrong.note(field, format!("At most {most} characters, please."));
        }
    }
    wrong.checked()?;
    let publication = Publication { audience: said.audience, what_changed: said.what_changed };
    let number = publish::publish(&app, &viewer, &incident, &retro, &publication).await?;
    let mut conn = app.db.read().await?;
    let all = store::of_incident(&mut conn, &viewer, &incident).await?;
    let one = all.into_iter().find(|one| one.number == number).ok_or_else(Problem::not_found)?;
    let at = format!("/api/v1/retrospectives/{key}/releases/{number}");
    Ok(api::made(&at, &told(incident.key(), one)))
}

/// A number of a path.
fn number(text: &str) -> Result<i64, Problem> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or_else(Problem::not_found)
}

/// Shows a release, without what it says.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}", operation_id = "show_release", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "The release.", body = Told)))]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, release)): Path<(String, String)>,
) -> Result<Json<Told>, Problem> {
    let number = number(&release)?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    let all = store::of_incident(&mut conn, &viewer, &incident).await?;
    let one = all.into_iter().find(|one| one.number == number).ok_or_else(Problem::not_found)?;
    Ok(Json(told(incident.key(), one)))
}

async fn form(
    app: &App,
    viewer: &Viewer,
    (key, release): (String, String),
    form: &str,
) -> Result<Response, Problem> {
    let number = number(&release)?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, viewer, &key).await?;
    let bodies = store::bodies(&mut conn, viewer, &incident, number).await?;
    let bodies = bodies.ok_or_else(Problem::not_found)?;
    drop(conn);
    download(app, &format!("{}-release-{number}.{form}", incident.key()), form, bodies).await
}

/// Gives all that a release says, as JSON: its digest is of these bytes.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}/document", operation_id = "show_release_document", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "What it says.", body = Document)))]
async fn document(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<Response, Problem> {
    form(&app, &viewer, path, "json").await
}

/// Gives a release as Markdown.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}/markdown", operation_id = "show_release_markdown", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "The release.", body = String, content_type = "text/markdown")))]
async fn markdown(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<Response, Problem> {
    form(&app, &viewer, path, "md").await
}

/// Gives a release as one page of HTML that needs nothing else.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}/html", operation_id = "show_release_html", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "The release.", body = String, content_type = "text/html")))]
async fn html(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<Response, Problem> {
    form(&app, &viewer, path, "html").await
}

/// Gives a release as PDF.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}/pdf", operation_id = "show_release_pdf", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number.", example = 1)),
    responses((status = 200, description = "The release.", body = String, content_type = "application/pdf")))]
async fn pdf(
    State(app): State<App>,
    viewer: Viewer,
    Path(path): Path<(String, String)>,
) -> Result<Response, Problem> {
    form(&app, &viewer, path, "pdf").await
}

/// What a release changed since the one before.
#[derive(Debug, Serialize, ToSchema)]
struct ReleaseChanges {
    /// The number of the release before.
    before: i64,
    /// The number of this one.
    after: i64,
    /// What whoever published it said of it.
    what_changed: String,
    /// Each heading that has something, in reading order.
    sections: Vec<changes::Section>,
}

/// Says what a release changed since the one before, by heading and word.
#[utoipa::path(get, path = "/retrospectives/{key}/releases/{release}/changes", operation_id = "compare_releases", tag = "releases",
    params(("key" = String, Path, description = "The retrospective’s key.", example = "INC-42"),
           ("release" = i64, Path, description = "Its number, 2 or more.", example = 2)),
    responses((status = 200, description = "What changed.", body = ReleaseChanges)))]
async fn what_changed(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, release)): Path<(String, String)>,
) -> Result<Json<ReleaseChanges>, Problem> {
    let after = number(&release)?;
    let mut conn = app.db.read().await?;
    let incident = find(&mut conn, &viewer, &key).await?;
    let (before, old, new) =
        store::pair(&mut conn, &viewer, &incident, after).await?.ok_or_else(Problem::not_found)?;
    let (old, new) = (read_json(&old.json)?, read_json(&new.json)?);
    let sections = changes::between(&old, &new);
    Ok(Json(ReleaseChanges { before, after, what_changed: new.what_changed, sections }))
}
