//! The frame around a page: who looks, where they are, what to say once.

use super::assets;
use crate::access::{Session, Viewer};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use kit::web::Problem;
use std::convert::Infallible;
use std::sync::{PoisonError, RwLock};

/// What a handler learns of the request for its page's frame.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Who looks; nobody before sign-in.
    pub viewer: Option<Viewer>,
    /// Their session.
    pub session: Option<Session>,
    /// The path and query asked for.
    pub path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Frame, Infallible> {
        Ok(Frame {
            viewer: parts.extensions.get().cloned(),
            session: parts.extensions.get().cloned(),
            path: parts.uri.path_and_query().map_or("/".to_owned(), ToString::to_string),
        })
    }
}

impl Frame {
    /// The page's frame. `here` is the navigation's entry: `home`, `incidents`, `retros`,
    /// `actions`, `risks`, `people`, `audit`, or empty.
    #[must_use]
    pub fn page(&self, title: &str, here: &'static str) -> Page {
        Page {
            title: title.to_owned(),
            here,
            viewer: self.viewer.clone(),
            csrf: self.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default(),
            flash: self.session.as_ref().and_then(|session| session.flash.clone()),
            zone: self.viewer.as_ref().map_or("UTC".to_owned(), |viewer| viewer.zone.clone()),
            style: assets::style(),
            script: assets::script_path(),
            icons: assets::icons(),
            called: called(),
        }
    }
}

/// What things are called here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// One of them: `retrospective`, `postmortem`.
    pub retrospective: String,
    /// Several, as a heading: `Retrospectives`.
    pub retrospectives: String,
    /// In the menu.
    pub menu: String,
}

impl Default for Called {
    fn default() -> Called {
        Called {
            retrospective: "retrospective".to_owned(),
            retrospectives: "Retrospectives".to_owned(),
            menu: "Retros".to_owned(),
        }
    }
}

static CALLED: RwLock<Option<Called>> = RwLock::new(None);

fn called() -> Called {
    CALLED.read().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
}

/// Says what things are called on every page from here on.
pub fn call(new: Called) {
    let mut called = CALLED.write().unwrap_or_else(PoisonError::into_inner);
    if called.as_ref() != Some(&new) {
        *called = Some(new);
    }
}

/// What `base.html` may use.
#[derive(Debug, Clone)]
pub struct Page {
    /// The page's title, without the product's name.
    pub title: String,
    /// The navigation's entry.
    pub here: &'static str,
    /// Who looks.
    pub viewer: Option<Viewer>,
    /// What forms give back.
    pub csrf: String,
    /// A sentence to show once.
    pub flash: Option<String>,
    /// The viewer's zone.
    pub zone: String,
    /// Where the style is.
    pub style: &'static str,
    /// Where the script is.
    pub script: &'static str,
    /// Where the icons are; the picture as a whole is the mark.
    pub icons: &'static str,
    /// What things are called here.
    pub called: Called,
}

/// Renders a page.
///
/// # Errors
/// [`Problem`] 500 when the template does not render.
pub fn page(template: &impl askama::Template) -> Result<Response, Problem> {
    Ok(Html(template.render().map_err(Problem::internal)?).into_response())
}
