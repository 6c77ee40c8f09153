//! Pages.
use crate::app::App;
use axum::Router;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
}
