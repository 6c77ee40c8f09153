//! The kind of a retrospective for programs: what another would change, and what is put on top.

use super::change_kind::{self, KindPreview};
use super::store_overlays::{self, PutOn};
use super::{api, need_for_reading, overlays};
use crate::access::Viewer;
use crate::api::{List, ListParams, Listed};
use crate::app::App;
use crate::kinds;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(list)).routes(routes!(put, remove))
}

/// Shows what another kind would change of a retrospective.
///
/// Nothing is changed by looking.
#[utoipa::path(
    get, path = "/retrospectives/{key}/kind/preview", tag = "retrospectives", operation_id = "preview_retrospective_kind",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("kind" = String, Query, description = "The kind’s id.", example = "standard"),
        ("newest" = Option<bool>, Query, description = "Of the kinds in force, and not of those that it was opened with."),
    ),
    responses((status = 200, description = "What would change.", body = KindPreview), CannotRead)
)]
async fn preview(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Json<KindPreview>, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let is_newest = asked.one("newest", |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("Say true or false."),
    });
    let library = match is_newest {
        Some(true) => kinds::current(&mut conn).await?,
        _ => retro.library(),
    };
    let kind = asked.one("kind", |id| library.parse_kind(id));
    asked.checked()?;
    let Some(kind) = kind else {
        return Err(Problem::field("kind", "Say which kind."));
    };
    Ok(Json(change_kind::preview(&mut conn, &retro, (library, kind)).await?))
}

/// Something that is put on top of a kind.
#[derive(Debug, Serialize, ToSchema)]
struct RetrospectiveOverlay {
    /// The overlay’s id.
    #[schema(example = "regulated")]
    id: String,
    /// The name of who put it on.
    by: String,
    /// When.
    at: Time,
    /// Why.
    reason: String,
}

impl RetrospectiveOverlay {
    fn of(one: PutOn) -> RetrospectiveOverlay {
        RetrospectiveOverlay { id: one.overlay, by: one.name, at: one.at, reason: one.reason }
    }
}

/// Lists what is put on top of a retrospective’s kind.
#[utoipa::path(
    get, path = "/retrospectives/{key}/overlays", tag = "retrospectives", operation_id = "list_overlays",
    params(
        ListParams,
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
    ),
    responses((status = 200, description = "A page of overlays.", body = Listed<RetrospectiveOverlay>), CannotRead)
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let list = List::<RetrospectiveOverlay>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let all = store_overlays::put_on(&mut conn, &retro.id).await?;
    let all = all.into_iter().map(RetrospectiveOverlay::of).collect();
    Ok(list.whole(all, |one| one.id.clone()))
}

/// Why an overlay is put on or taken off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Names and addresses of customers were readable." }))]
struct OverlayReason {
    /// In a sentence.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Puts an overlay on top of a retrospective’s kind.
///
/// Its sections, fields and steps come; one that is on stays as it is.
#[utoipa::path(
    put, path = "/retrospectives/{key}/overlays/{overlay}", tag = "retrospectives", operation_id = "put_overlay_on",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("overlay" = String, Path, description = "Its id in the kinds.", example = "regulated"),
    ),
    request_body = OverlayReason,
    responses((status = 200, description = "It is on.", body = super::api_forms::Draft), CannotWrite)
)]
async fn put(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, overlay)): Path<(String, String)>,
    Sent(said): Sent<OverlayReason>,
) -> Result<Response, Problem> {
    overlays::put_on(&app, &viewer, &key, (&overlay, &said.reason)).await?;
    api::draft(&app, &viewer, &key).await
}

/// Takes an overlay off a retrospective’s kind.
///
/// What was written in its sections and fields stays.
#[utoipa::path(
    delete, path = "/retrospectives/{key}/overlays/{overlay}", tag = "retrospectives", operation_id = "take_overlay_off",
    params(
        ("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1."),
        ("overlay" = String, Path, description = "Its id in the kinds.", example = "regulated"),
        ("reason" = String, Query, description = "Why, in a sentence."),
    ),
    responses((status = 200, description = "It is off.", body = super::api_forms::Draft), CannotWrite)
)]
async fn remove(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path((key, overlay)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let reason = asked.one("reason", |text| Ok::<_, String>(text.to_owned())).unwrap_or_default();
    asked.checked()?;
    overlays::take_off(&app, &viewer, &key, (&overlay, &reason)).await?;
    api::draft(&app, &viewer, &key).await
}
