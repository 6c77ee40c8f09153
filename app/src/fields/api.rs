//! The fields of a retrospective for programs: what stands in them, what is missing, writing them.

use super::fill::{self, Change};
use super::missing::{self, Missing};
use super::read::{Filled, Names, of_retrospective};
use crate::access::Viewer;
use crate::app::App;
use crate::kinds::{Field, Milestone};
use crate::retrospectives::need_for_reading;
use crate::shell::json::{CannotRead, CannotWrite, Writer};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use kit::db::Time;
use kit::web::{Problem, Sent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// A field of a retrospective with what stands in it.
#[derive(Debug, Serialize, ToSchema)]
struct RetrospectiveField {
    /// The field.
    field: &'static Field,
    /// Until when it is needed; null when it may stay empty.
    #[schema(inline)]
    needed_for: Option<Milestone>,
    /// Whether the kind wants it now; one that another kind wanted stays while something is in it.
    is_wanted: bool,
    /// What stands in it, as its type has it; null when nothing does.
    value: Value,
    /// The same as people read it; a table's rows are lines.
    words: String,
    /// Counts its values; 0 when there was none.
    #[schema(example = 1)]
    version: i64,
    /// The name of who wrote it.
    by: Option<String>,
    /// When.
    at: Option<Time>,
}

/// The fields of a retrospective.
#[derive(Debug, Serialize, ToSchema)]
struct RetrospectiveFields {
    /// Each with what stands in it.
    fields: Vec<RetrospectiveField>,
    /// What a milestone still needs, the next milestone first.
    missing: Vec<Missing>,
}

fn shown(one: Filled) -> RetrospectiveField {
    RetrospectiveField {
        field: one.field,
        needed_for: one.needed_for,
        is_wanted: one.is_wanted,
        value: one.value,
        words: one.words,
        version: one.version,
        by: one.by,
        at: one.at,
    }
}

async fn fields(app: &App, viewer: &Viewer, key: &str) -> Result<RetrospectiveFields, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let names = Names::read(&mut conn).await?;
    let all = of_retrospective(&mut conn, &retro, &names).await?;
    let missing = missing::of(&all);
    Ok(RetrospectiveFields { fields: all.into_iter().map(shown).collect(), missing })
}

/// Shows the fields of a retrospective and what a milestone still needs.
#[utoipa::path(
    get, path = "/retrospectives/{key}/fields", tag = "retrospectives", operation_id = "show_fields",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    responses((status = 200, description = "The fields.", body = RetrospectiveFields), CannotRead)
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Json<RetrospectiveFields>, Problem> {
    fields(&app, &viewer, &key).await.map(Json)
}

/// What is written in a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FieldValue {
    /// As its type has it: a number; `{"minor_units": 120050, "currency": "EUR"}`; an id, or several; seconds;
    /// `2026-03-01`; a line; or rows, each an object by column. Null empties it.
    value: Value,
    /// The version you read; without one, it is written whatever stands.
    version: Option<i64>,
}

/// Fields that are written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "fields": { "roll-decided": { "value": 5400, "version": 0 } } }))]
struct FieldValues {
    /// By the fields' ids; those that are not named stay.
    fields: BTreeMap<String, FieldValue>,
}

/// Fills fields of a retrospective in.
///
/// All of them or none. A value of another kind stays until it is emptied.
#[utoipa::path(
    patch, path = "/retrospectives/{key}/fields", tag = "retrospectives", operation_id = "fill_fields",
    params(("key" = String, Path, description = "The key of its incident, INC-42, with a number when it is not the newest, INC-42.1.")),
    request_body = FieldValues,
    responses((status = 200, description = "They are saved.", body = RetrospectiveFields), CannotWrite)
)]
async fn change(
    State(app): State<App>,
    Writer(viewer): Writer,
    Path(key): Path<String>,
    Sent(said): Sent<FieldValues>,
) -> Result<Json<RetrospectiveFields>, Problem> {
    let changes = said
        .fields
        .into_iter()
        .map(|(id, one)| (id, Change { version: one.version, value: one.value }));
    fill::fill(&app, &viewer, &key, changes.collect()).await?;
    fields(&app, &viewer, &key).await.map(Json)
}
