//! A release as HTML: the article that is frozen, and the one file that stands alone.

use super::document::Document;
use super::measured;
use crate::evidence::chart::Chart as Drawing;
use crate::shell::{assets, words};
use askama::Template;
use kit::web::Problem;

#[derive(Template)]
#[template(path = "releases/templates/article.html")]
struct Article<'a> {
    document: &'a Document,
    /// Whether there is such a release, or one looks at what will be one.
    is_frozen: bool,
}

impl Article<'_> {
    fn html(&self, text: &str) -> String {
        words::markdown(text)
    }

    /// The metrics that the story cites, drawn, each with the number of its source.
    fn charts(&self) -> Vec<(usize, Drawing)> {
        self.document.charts.iter().filter_map(measured::drawn).collect()
    }

    fn has_story(&self) -> bool {
        !self.document.story.is_empty() || !self.document.timeline.is_empty()
    }

    fn has_decisions(&self) -> bool {
        let document = self.document;
        !document.decisions.is_empty()
            || !document.no_action_because.is_empty()
            || !document.recommendations.is_empty()
    }

    fn has_contents(&self) -> bool {
        self.has_story() && (self.has_decisions() || !self.document.paths.is_empty())
    }

    /// The digest as a running head has it. The whole one stands at the end of the page.
    fn short(&self) -> String {
        let digest = self.document.sha256();
        format!("{}…{}", &digest[..4], &digest[digest.len() - 4..])
    }
}

/// The article, safe to stand in a page.
///
/// # Errors
/// When the template does not render.
pub(super) fn article(document: &Document) -> Result<String, Problem> {
    Article { document, is_frozen: true }.render().map_err(Problem::internal)
}

/// The article before it is frozen: nothing in it leads to a release that is not there yet.
///
/// # Errors
/// When the template does not render.
pub(super) fn preview(document: &Document) -> Result<String, Problem> {
    Article { document, is_frozen: false }.render().map_err(Problem::internal)
}

#[derive(Template)]
#[template(path = "releases/templates/single.html")]
struct Single<'a> {
    title: &'a str,
    article: &'a str,
    sha256: &'a str,
    style: &'a str,
}

/// One file that needs no other.
///
/// # Errors
/// When the template does not render.
pub(super) fn single(title: &str, article: &str, sha256: &str) -> Result<String, Problem> {
    let style = assets::style_text();
    Single { title, article, sha256, style }.render().map_err(Problem::internal)
}
