//! Style, script and icons, compiled in and served under names that change with them, so that a browser
//! asks for each once. A page needs three: one style, one script, one picture of all icons.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::web::road::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &[&str] = &[
    include_str!("tokens.css"),
    include_str!("base.css"),
    include_str!("parts.css"),
    include_str!("reading.css"),
];

/// Runs before the first paint, so that no page flashes in the other theme.
const EARLY: &str = include_str!("theme.island.js");

/// Islands that every page may need; they run when the page has been read.
const ISLANDS: &[&str] = &[
    include_str!("keys.island.js"),
    include_str!("local-time.island.js"),
    include_str!("confirm-dialog.island.js"),
    // What is typed right after its key must not go elsewhere, so it is there from the start.
    include_str!("../search/templates/palette.island.js"),
    include_str!("rare.island.js"),
];

/// Islands of single pages: a file each, asked for where a page has their element.
const RARE: &[(&str, &str)] = &[
    ("upload-zone", include_str!("upload-zone.island.js")),
    ("autosave-form", include_str!("autosave-form.island.js")),
    ("md-preview", include_str!("md-preview.island.js")),
    ("timeline-keys", include_str!("timeline-keys.island.js")),
    ("copy-text", include_str!("copy-text.island.js")),
    ("section-keys", include_str!("../retrospectives/templates/section-keys.island.js")),
    ("kept-note", include_str!("../evidence/templates/capture.island.js")),
];

struct Asset {
    path: String,
    digest: String,
    kind: &'static str,
    body: String,
}

impl Asset {
    fn new(stem: &str, ending: &str, body: String) -> Asset {
        let digest = hex::encode(&Sha256::digest(body.as_bytes())[..6]);
        let kind = match ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        Asset { path: format!("/assets/{stem}.{digest}.{ending}"), digest, kind, body }
    }
}

struct Assets {
    style: Asset,
    script: Asset,
    icons: Asset,
    rare: Vec<Asset>,
}

impl Assets {
    fn all(&self) -> impl Iterator<Item = &Asset> {
        [&self.style, &self.script, &self.icons].into_iter().chain(&self.rare)
    }
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let rare: Vec<Asset> =
        RARE.iter().map(|(name, text)| Asset::new(name, "js", bare(text))).collect();
    Assets {
        style: Asset::new("afterword", "css", bare(&STYLE.join("\n"))),
        script: Asset::new("afterword", "js", script(&rare)),
        icons: Asset::new("icons", "svg", bare(include_str!("icons.svg"))),
        rare,
    }
});

/// The script of every page: what is early at once, the islands when there is a page to work on. Each
/// island keeps its names to itself.
fn script(rare: &[Asset]) -> String {
    let mut text = bare(EARLY);
    text.push_str(
        "addEventListener(\"DOMContentLoaded\", () => {\n\"use strict\";\nconst rare = {\n",
    );
    for ((name, _), asset) in RARE.iter().zip(rare) {
        text.push_str(&format!("\"{name}\": \"{}\",\n", asset.path));
    }
    text.push_str("};\n");
    for island in ISLANDS {
        text.push_str(&format!("{{\n{}}}\n", bare(island)));
    }
    text.push_str("});\n");
    text
}

/// A source without what only its readers need: indentation, empty lines and lines of comment. No text
/// of ours goes over lines in which those would count.
fn bare(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.filter(|line| !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Where the style is served.
#[must_use]
pub fn style() -> &'static str {
    &ASSETS.style.path
}

/// Where the script is served.
#[must_use]
pub fn script_path() -> &'static str {
    &ASSETS.script.path
}

/// Where the icons are served; the picture as a whole is the mark.
#[must_use]
pub fn icons() -> &'static str {
    &ASSETS.icons.path
}

/// The whole style, for a file that must stand alone.
#[must_use]
pub fn style_text() -> &'static str {
    &ASSETS.style.body
}

/// Serves them.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve)).route("/favicon.ico", get(favicon))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let asset = ASSETS.all().find(|asset| asset.path["/assets/".len()..] == name);
    let Some(asset) = asset else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", asset.digest);
    let said = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ETAG, &tag),
    ];
    // A proxy that compressed it may have made the tag a weak one.
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, said).into_response();
    }
    (said, asset.body.as_str()).into_response()
}

/// What asks for no page first, a feed reader or a bookmark, finds the mark here.
async fn favicon() -> Response {
    let said = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=86400")];
    (said, ASSETS.icons.body.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, RARE, bare, script_path};

    #[test]
    fn readers_words_are_left_out_and_nothing_else() {
        let source = "// Says why.\n\nconst a = {\n  b: \"//c\", // kept\n};\n";
        assert_eq!(bare(source), "const a = {\nb: \"//c\", // kept\n};\n");
    }

    #[test]
    fn the_script_of_every_page_knows_where_the_others_are() {
        assert_eq!(ASSETS.rare.len(), RARE.len());
        for asset in &ASSETS.rare {
            assert!(ASSETS.script.body.contains(&asset.path), "{}", asset.path);
        }
        assert!(script_path().starts_with("/assets/afterword.") && script_path().ends_with(".js"));
    }

    #[test]
    fn an_element_of_each_rare_island_is_defined_by_its_file() {
        for ((name, _), asset) in RARE.iter().zip(&ASSETS.rare) {
            assert!(asset.body.contains(&format!("customElements.define(\"{name}\"")), "{name}");
        }
    }
}
