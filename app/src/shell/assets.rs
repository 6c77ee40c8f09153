//! Style and islands, compiled in and served under a name that changes with them.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &[&str] = &[
    include_str!("tokens.css"),
    include_str!("base.css"),
    include_str!("parts.css"),
    include_str!("reading.css"),
];

/// Runs before the first paint, so that no page flashes in the other theme.
const EARLY: &[&str] = &[include_str!("theme.island.js")];

const ISLANDS: &[&str] = &[
    include_str!("keys.island.js"),
    include_str!("local-time.island.js"),
    include_str!("upload-zone.island.js"),
    include_str!("autosave-form.island.js"),
    include_str!("md-preview.island.js"),
    include_str!("timeline-keys.island.js"),
    include_str!("copy-text.island.js"),
    include_str!("confirm-dialog.island.js"),
    include_str!("../search/templates/palette.island.js"),
    include_str!("../retrospectives/templates/section-keys.island.js"),
    include_str!("../evidence/templates/capture.island.js"),
];

struct Asset {
    name: String,
    kind: &'static str,
    body: String,
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, body: String) -> Asset {
        let digest = hex::encode(Sha256::digest(body.as_bytes()));
        Asset { name: format!("{stem}.{}.{ending}", &digest[..12]), kind, body }
    }
}

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    let script = "text/javascript; charset=utf-8";
    // Each island keeps its names to itself.
    let islands = ISLANDS.iter().map(|one| format!("{{\n{one}\n}}\n")).collect::<String>();
    [
        Asset::new("afterword", "css", "text/css; charset=utf-8", STYLE.join("\n")),
        Asset::new("early", "js", script, EARLY.join("\n")),
        Asset::new("islands", "js", script, islands),
        Asset::new("icons", "svg", "image/svg+xml", include_str!("icons.svg").to_owned()),
        Asset::new("mark", "svg", "image/svg+xml", include_str!("mark.svg").to_owned()),
    ]
});

/// Where the style is served.
#[must_use]
pub fn style() -> String {
    path(0)
}

/// Where the early script is served.
#[must_use]
pub fn early() -> String {
    path(1)
}

/// Where the islands are served.
#[must_use]
pub fn islands() -> String {
    path(2)
}

/// Where the icons are served.
#[must_use]
pub fn icons() -> String {
    path(3)
}

/// Where the mark is served.
#[must_use]
pub fn mark() -> String {
    path(4)
}

/// The whole style, for a file that must stand alone.
#[must_use]
pub fn style_text() -> &'static str {
    &ASSETS[0].body
}

fn path(index: usize) -> String {
    format!("/assets/{}", ASSETS[index].name)
}

/// Serves them.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve)).route("/favicon.ico", get(favicon))
}

async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => {
            let forever = "public, max-age=31536000, immutable";
            let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, forever)];
            (headers, asset.body.as_str()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn favicon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ASSETS[4].body.as_str()).into_response()
}
