//! `/r/{key}/fields`: what the kind wants beside the text; and the card on a draft's page.

use super::fill::fill;
use super::form::{self, Choices, Input};
use super::missing::{self, Missing};
use super::read::{Filled, Names, of_retrospective};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::kinds::Milestone;
use crate::people::session;
use crate::retrospectives::{Retrospective, need_for_reading};
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::db::{Conn, Time};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};
use serde_json::Value;

/// Empty rows that a table shows after its own.
const SPARE: usize = 2;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new().route("/r/{key}/fields", get(show).merge(post(save)))
}

/// The milestones that miss something, each with what.
fn by_milestone(missing: &[Missing]) -> Vec<(Milestone, Vec<&Missing>)> {
    let of = |one: Milestone| missing.iter().filter(|two| two.milestone == one).collect::<Vec<_>>();
    let all = Milestone::ALL.iter().map(|one| (*one, of(*one)));
    all.filter(|(_, missing)| !missing.is_empty()).collect()
}

#[derive(askama::Template)]
#[template(path = "fields/templates/card.html")]
struct Card<'a> {
    retro: &'a Retrospective,
    filled: Vec<&'a Filled>,
    empty: usize,
    missing: Vec<Missing>,
}

impl Card<'_> {
    fn by_milestone(&self) -> Vec<(Milestone, Vec<&Missing>)> {
        by_milestone(&self.missing)
    }
}

/// What stands in the fields of a draft and what a milestone still needs, for its own page; nothing for
/// a kind that wants none.
///
/// # Errors
/// What the database says.
pub async fn card(conn: &mut Conn, retro: &Retrospective) -> Result<Option<String>, Problem> {
    let names = Names::read(conn).await?;
    let all = of_retrospective(conn, retro, &names).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let card = Card {
        retro,
        filled: all.iter().filter(|one| !one.is_empty()).collect(),
        empty: all.iter().filter(|one| one.is_empty()).count(),
        missing: missing::of(&all),
    };
    askama::Template::render(&card).map(Some).map_err(Problem::internal)
}

/// A field as the page shows it.
struct Shown {
    filled: Filled,
    /// Its input; none for a table.
    input: Option<Input>,
    /// A table's inputs, row by row.
    rows: Vec<Vec<Input>>,
}

impl Shown {
    fn of(filled: Filled, choices: Choices<'_>) -> Shown {
        let field = filled.field;
        let name = format!("f.{}", field.id);
        if !filled.is_group() {
            let input = form::input(field, name, &filled.value, choices);
            return Shown { filled, input: Some(input), rows: Vec::new() };
        }
        let own = filled.value.as_array().map_or(0, Vec::len);
        let row = |n: usize| {
            let cell = |column: &crate::kinds::Field| {
                let value = filled.value.get(n).and_then(|row| row.get(&column.id));
                let name = format!("{name}.{n}.{}", column.id);
                form::input(column, name, value.unwrap_or(&Value::Null), choices)
            };
            field.columns.iter().map(cell).collect()
        };
        let rows = (0..own + SPARE).map(row).collect();
        Shown { filled, input: None, rows }
    }
}

#[derive(askama::Template)]
#[template(path = "fields/templates/fields.html")]
struct FieldsPage {
    page: Page,
    retro: Retrospective,
    /// By the name of their section.
    sections: Vec<(String, Vec<Shown>)>,
    missing: Vec<Missing>,
    can_write: bool,
    now: Time,
}

impl FieldsPage {
    fn by_milestone(&self) -> Vec<(Milestone, Vec<&Missing>)> {
        by_milestone(&self.missing)
    }

    fn since(&self, one: &Filled) -> String {
        match (&one.by, one.at) {
            (Some(by), Some(at)) => format!("{by}, {}", words::ago(self.now, at)),
            _ => String::new(),
        }
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let names = Names::read(&mut conn).await?;
    let all = of_retrospective(&mut conn, &retro, &names).await?;
    let missing = missing::of(&all);
    let (people, services) = (names.people(), names.services());
    let choices = Choices { people: &people, services: &services };
    let mut sections: Vec<(String, Vec<Shown>)> = Vec::new();
    for one in all {
        let section = if one.is_wanted { one.section } else { "Of another kind" };
        let shown = Shown::of(one, choices);
        match sections.last_mut() {
            Some((name, list)) if name == section => list.push(shown),
            _ => sections.push((section.to_owned(), vec![shown])),
        }
    }
    let page = FieldsPage {
        page: frame.page(&format!("Fields · {}", retro.address()), "retros"),
        retro,
        sections,
        missing,
        can_write: viewer.can_write(),
        now: app.now(),
    };
    shell::page(&page)
}

async fn save(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let fields: Vec<_> = {
        let mut conn = app.db.read().await?;
        let retro = need_for_reading(&mut conn, &viewer, &key).await?;
        retro.library().fields.iter().collect()
    };
    let changes = form::read(&fields, &said);
    said.checked()?;
    fill(&app, &viewer, &key, changes).await.map_err(|problem| said.give_back(problem))?;
    session::tell(&app, &session, "The fields are saved.").await?;
    Ok(see_other(&format!("/r/{key}/fields")))
}
