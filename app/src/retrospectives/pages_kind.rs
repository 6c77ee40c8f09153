//! `/r/INC-42/kind`: which kind it is, what another would change, and what is put on top.

use super::change_kind::{KindPreview, preview};
use super::retrospective::Retrospective;
use super::store_overlays::{self, PutOn};
use super::{change_kind, need_for_reading, overlays};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::kinds::{self, Kind, Overlay};
use crate::people::session::tell;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/kind", get(show).merge(post(do_kind)))
        .route("/r/{key}/overlays/{overlay}", post(do_overlay))
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/kind.html")]
struct KindPage {
    page: Page,
    retro: Retrospective,
    kinds: &'static [Kind],
    /// Whether other kinds are in force than those that it has.
    is_older: bool,
    /// Whether the kinds in force are looked at.
    is_newest: bool,
    /// What a kind that somebody looks at would change.
    preview: Option<KindPreview>,
    put_on: Vec<PutOn>,
}

impl KindPage {
    fn is_chosen(&self, kind: &Kind) -> bool {
        self.preview.as_ref().map_or(&self.retro.kind, |one| &one.to) == &kind.id
    }

    /// What it grows into, when it is bigger than it looked.
    fn bigger(&self) -> Option<&'static Kind> {
        self.retro.library().kind(self.retro.kind().grows_into.as_deref()?)
    }

    /// Every overlay, with who put it on, where somebody did.
    fn overlays(&self) -> Vec<(&'static Overlay, Option<&PutOn>)> {
        let put_on = |one: &Overlay| self.put_on.iter().find(|put| put.overlay == one.id);
        self.retro.library().overlays.iter().map(|one| (one, put_on(one))).collect()
    }

    fn since(&self, one: &PutOn) -> String {
        words::minute(one.at)
    }

    /// A list of a preview, with its heading.
    fn lists(&self, preview: &KindPreview) -> Vec<(&'static str, String)> {
        let all = [
            ("Sections that come, empty", preview.new_sections.join(", ")),
            ("Empty sections that go", preview.dropped_sections.join(", ")),
            ("Steps that come", preview.new_steps.join("; ")),
            ("Steps that go", preview.dropped_steps.join("; ")),
            ("Fields that come", preview.new_fields.join(", ")),
            ("Fields that go; what is written in them stays", preview.dropped_fields.join(", ")),
            ("Roles that come", preview.new_roles.join(", ")),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    viewer.must_write()?;
    let current = kinds::current(&mut conn).await?;
    let is_newest = query.is_set("newest");
    let library = if is_newest { current } else { retro.library() };
    let looked_at = query.some("kind").and_then(|id| library.kind(id));
    let preview = match looked_at {
        Some(kind) => Some(preview(&mut conn, &retro, (library, kind)).await?),
        None => None,
    };
    let page = KindPage {
        page: frame.page(&format!("Change the kind · {}", retro.address()), "retros"),
        put_on: store_overlays::put_on(&mut conn, &retro.id).await?,
        kinds: &library.kinds,
        is_older: current.version != retro.kind_version,
        is_newest,
        retro,
        preview,
    };
    shell::page(&page)
}

fn parse_version(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "Open the page again; this form is too old.")
}

async fn do_kind(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let library = {
        let mut conn = app.db.read().await?;
        let own = need_for_reading(&mut conn, &viewer, &key).await?.library();
        if said.is_set("newest") { kinds::current(&mut conn).await? } else { own }
    };
    let kind = said.need("kind", |id| library.parse_kind(id));
    let version = said.need("version", parse_version);
    said.checked()?;
    if let (Some(kind), Some(version)) = (kind, version) {
        let new = (library, kind, said.text("reason"));
        let done = change_kind(&app, &viewer, &key, version, new).await;
        done.map_err(|problem| said.give_back(problem))?;
        let sentence =
            format!("It is now: {}. Everything that was written is still there.", kind.name);
        tell(&app, &session, &sentence).await?;
    }
    Ok(see_other(&format!("/r/{key}/draft")))
}

async fn do_overlay(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, overlay)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let new = (overlay.as_str(), said.text("reason"));
    let is_off = said.text("do") == "off";
    let done = match is_off {
        true => overlays::take_off(&app, &viewer, &key, new).await,
        false => overlays::put_on(&app, &viewer, &key, new).await,
    };
    done.map_err(|problem| said.give_back(problem))?;
    let sentence = match is_off {
        true => "It is taken off. What was written stays.",
        false => "It is put on: its sections, fields and steps are there now.",
    };
    tell(&app, &session, sentence).await?;
    Ok(see_other(&format!("/r/{key}/kind#overlays")))
}
