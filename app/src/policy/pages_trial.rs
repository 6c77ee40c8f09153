//! What a trial found, as a part of a page, and the page that asks whether to save what was tried.

use super::simulate::{Trial, effort_in_words};
use crate::kinds;
use crate::shell::{self, Frame, Page, words};
use askama::Template;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Problem, Said};

#[derive(Template)]
#[template(path = "policy/templates/trial_part.html")]
struct Part {
    trial: Trial,
}

impl Part {
    fn minutes(&self, minutes: &i64) -> String {
        effort_in_words(*minutes)
    }

    fn name_of<'a>(&self, kind: &'a Option<String>) -> &'a str {
        let found = kind.as_deref().and_then(kinds::find);
        found.map_or("no review", |kind| kind.name.as_str())
    }

    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }
}

/// What a trial found.
pub(super) fn part(trial: Trial) -> Result<String, Problem> {
    Part { trial }.render().map_err(Problem::internal)
}

#[derive(Template)]
#[template(path = "policy/templates/trial.html")]
struct TrialPage {
    page: Page,
    trial: String,
    /// Where the form is sent.
    action: String,
    /// What was sent, to be sent again.
    fields: Vec<(String, String)>,
}

/// Asks whether to save what was tried.
pub(super) fn page(
    frame: &Frame,
    (what, trial): (&str, Trial),
    said: &Said,
) -> Result<Response, Problem> {
    let again = |(name, _): &&(String, String)| name != "do" && !name.starts_with('_');
    shell::page(&TrialPage {
        page: frame.page(what, "retros"),
        trial: part(trial)?,
        action: frame.path.clone(),
        fields: said.fields().iter().filter(again).cloned().collect(),
    })
}
