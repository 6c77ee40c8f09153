//! `/policy`: the rules in order, and for administrators the forms that change them, each with a trial over
//! past incidents before it is saved.

use super::document::{Addition, Anchor, Depth, Document, Due, Rule};
use super::edit::{self, Edit, Entry};
use super::fact::{self, Fact};
use super::pages_trial;
use super::save;
use super::simulate::{self, Span, Trial};
use super::store::{self, Row};
use super::version::{self, Current};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::calendars::Offset;
use crate::kinds::{self, Kind};
use crate::people::session::tell;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{FieldError, Problem, Said, see_other};
use std::collections::BTreeMap;

/// Versions that the page lists.
const VERSIONS: i64 = 20;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/policy", get(show))
        .route("/policy.toml", get(download))
        .route("/policy/rules", get(show_new).merge(post(add)))
        .route("/policy/rules/{id}", get(show_edit).merge(post(change)))
        .route("/policy/rules/{id}/place", post(place))
        .route("/policy/rules/{id}/removal", post(remove))
        .route("/policy/effort", post(effort))
        .route("/policy/restoration", post(restore))
}

#[derive(askama::Template)]
#[template(path = "policy/templates/policy.html")]
struct PolicyPage {
    page: Page,
    current: Current,
    kinds: &'static [Kind],
    facts: &'static [Fact],
    versions: Vec<Row>,
    can_edit: bool,
}

impl PolicyPage {
    fn rules(&self) -> &[Rule] {
        &self.current.policy.document.rules
    }

    fn additions(&self) -> &[Addition] {
        &self.current.policy.document.additions
    }

    fn kind_name<'a>(&self, id: &'a str) -> &'a str {
        kinds::find(id).map_or("No review", |kind| kind.name.as_str())
    }

    fn within(&self, due: &Due) -> String {
        due.within.parse::<Offset>().map_or(due.within.clone(), Offset::length_in_words)
    }

    fn effort(&self, kind: &Kind) -> String {
        self.current.policy.effort(&kind.id).map(|n| n.to_string()).unwrap_or_default()
    }

    fn decides(&self, word: &str) -> bool {
        self.current.policy.document.decides.name() == word
    }

    fn shown(&self, at: &Time) -> String {
        words::minute(*at)
    }
}

async fn show(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let page = PolicyPage {
        page: frame.page("Policy", "retros"),
        current: version::current(&mut conn).await?,
        kinds: &kinds::current(&mut conn).await?.kinds,
        facts: fact::all(),
        versions: store::list(&mut conn, None, VERSIONS).await?,
        can_edit: viewer.can_administer(),
    };
    shell::page(&page)
}

async fn download(
    State(app): State<App>,
    _viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let text = match said.some("version") {
        None => version::current(&mut conn).await?.text,
        Some(n) => {
            let n = n.parse().map_err(|_| Problem::not_found())?;
            store::find(&mut conn, n).await?.ok_or_else(Problem::not_found)?.text
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"policy.toml\""),
    ];
    Ok((headers, text).into_response())
}

/// The form of one entry, with what a trial of it found.
#[derive(askama::Template)]
#[template(path = "policy/templates/rule.html")]
struct RulePage {
    page: Page,
    /// Where the form is sent.
    action: String,
    version: i64,
    is_rule: bool,
    said: Said,
    errors: Vec<FieldError>,
    trial: Option<String>,
    kinds: &'static [Kind],
    facts: &'static [Fact],
    depths: &'static [Depth],
}

impl RulePage {
    fn was(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    /// What is wrong with a field, which is the last part of the path.
    fn wrong(&self, field: &str) -> Vec<&str> {
        let of_field = |error: &&FieldError| {
            let path = error.path.split("].").last().unwrap_or(&error.path);
            let path = path.strip_prefix("then.").unwrap_or(path);
            path.split('[').next() == Some(field)
        };
        self.errors.iter().filter(of_field).map(|error| error.message.as_str()).collect()
    }

    fn others(&self) -> Vec<&str> {
        let known = ["id", "name", "when", "why", "kind", "dues", "adds", "roles", "audiences"];
        let said: Vec<&str> = known.iter().flat_map(|field| self.wrong(field)).collect();
        let all = self.errors.iter().map(|error| error.message.as_str());
        all.filter(|message| !said.contains(message)).collect()
    }
}

/// An entry as the fields of its form.
fn fields_of(entry: &Entry) -> Said {
    let lines = |all: &[String]| all.join("\n");
    let dues = |all: &[Due]| {
        all.iter().map(|due| format!("{} {}", due.within, due.what)).collect::<Vec<_>>().join("\n")
    };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Said::new(match entry {
        Entry::Rule(rule) => vec![
            field("as", "rule"),
            field("id", &rule.id),
            field("name", &rule.name),
            field("when", &rule.when),
            field("why", &rule.why),
            field("kind", &rule.then.kind),
            field("depth", rule.then.depth.name()),
            field("dues", &dues(&rule.then.dues)),
            field("roles", &lines(&rule.then.roles)),
            field("audiences", &lines(&rule.then.audiences)),
        ],
        Entry::Addition(one) => vec![
            field("as", "addition"),
            field("id", &one.id),
            field("name", &one.name),
            field("when", &one.when),
            field("why", &one.why),
            field("dues", &dues(&one.adds)),
            field("roles", &lines(&one.roles)),
            field("audiences", &lines(&one.audiences)),
        ],
    })
}

/// What the form's page shows.
struct Form {
    id: Option<String>,
    version: i64,
    said: Said,
    errors: Vec<FieldError>,
    trial: Option<Trial>,
}

async fn form(app: &App, frame: &Frame, form: Form) -> Result<Response, Problem> {
    let library = kinds::current(&mut app.db.read().await?).await?;
    let is_rule = form.said.text("as") != "addition";
    let what = if is_rule { "rule" } else { "addition" };
    let title = match &form.id {
        Some(_) => format!("Change a {what}").replace("a addition", "an addition"),
        None => format!("A new {what}"),
    };
    let address = |id: String| format!("/policy/rules/{id}");
    shell::page(&RulePage {
        page: frame.page(&title, "retros"),
        action: form.id.clone().map_or("/policy/rules".to_owned(), address),
        version: form.version,
        is_rule,
        said: form.said,
        errors: form.errors,
        trial: form.trial.map(pages_trial::part).transpose()?,
        kinds: &library.kinds,
        facts: fact::all(),
        depths: Depth::ALL,
    })
}

async fn show_edit(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let entry = edit::entry(&current.policy.document, &id).ok_or_else(Problem::not_found)?;
    let (version, said) = (current.version, fields_of(&entry));
    form(&app, &frame, Form { id: Some(id), version, said, errors: Vec::new(), trial: None }).await
}

async fn show_new(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let version = current.version;
    form(&app, &frame, Form { id: None, version, said, errors: Vec::new(), trial: None }).await
}

async fn add(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    put(&app, (&viewer, &session, &frame), None, said).await
}

async fn change(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(id): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    put(&app, (&viewer, &session, &frame), Some(id), said).await
}

/// Tries the entry of the form, or saves it.
async fn put(
    app: &App,
    (viewer, session, frame): (&Viewer, &Session, &Frame),
    id: Option<String>,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let version = said.text("version").parse().unwrap_or(current.version);
    let edit = Edit::Put(id.clone(), edit::read(&said));
    let new = edit::changed(&current.policy.document, edit).ok_or_else(Problem::not_found)?;
    let done = if said.text("do") == "try" {
        tried(app, viewer, &new).await.map(Some)
    } else {
        let note = format!("{}: {}", said.text("id"), said.text("name"));
        let note: String = note.chars().take(200).collect();
        save::save(app, viewer, version, new, &note).await.map(|_| None)
    };
    match done {
        Ok(None) => {
            tell(app, session, "Saved. It holds from now on; what was decided stays.").await?;
            Ok(see_other("/policy"))
        }
        Ok(trial) => form(app, frame, Form { id, version, said, errors: Vec::new(), trial }).await,
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let (status, errors) = (problem.status, problem.errors);
            let page = form(app, frame, Form { id, version, said, errors, trial: None }).await?;
            Ok((status, page).into_response())
        }
        Err(problem) => Err(said.give_back(problem)),
    }
}

async fn tried(app: &App, viewer: &Viewer, document: &Document) -> Result<Trial, Problem> {
    let policy = save::checked(document.clone())?;
    simulate::simulate(app, viewer, &policy, Span::USUAL).await
}

/// Saves a change that has no form of its own.
async fn saved(
    app: &App,
    (viewer, session, frame): (&Viewer, &Session, &Frame),
    (said, note): (&Said, &str),
    edit: Edit,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let current = version::current(&mut app.db.read().await?).await?;
    let version = said.text("version").parse().unwrap_or(current.version);
    let new = edit::changed(&current.policy.document, edit).ok_or_else(Problem::not_found)?;
    if said.text("do") == "try" {
        let trial = tried(app, viewer, &new).await.map_err(|problem| said.give_back(problem))?;
        return pages_trial::page(frame, (note, trial), said);
    }
    let done = save::save(app, viewer, version, new, note).await;
    done.map_err(|problem| said.give_back(problem))?;
    tell(app, session, "Saved. It holds from now on; what was decided stays.").await?;
    Ok(see_other("/policy"))
}

async fn place(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(id): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let up = said.text("to") == "up";
    let note = format!("{id}: one {}", if up { "up" } else { "down" });
    saved(&app, (&viewer, &session, &frame), (&said, &note), Edit::Move(id, up)).await
}

async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(id): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let note = format!("{id}: taken out");
    saved(&app, (&viewer, &session, &frame), (&said, &note), Edit::Remove(id)).await
}

async fn effort(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    let decides = said.need("decides", Anchor::parse);
    let mut minutes = BTreeMap::new();
    let library = kinds::current(&mut app.db.read().await?).await?;
    for kind in &library.kinds {
        let read = |text: &str| text.parse::<i64>().map_err(|_| "Say whole minutes.");
        if let Some(n) = said.may(&format!("minutes_{}", kind.id), read) {
            minutes.insert(kind.id.clone(), n);
        }
    }
    said.checked()?;
    let decides = decides.unwrap_or(Anchor::Resolved);
    let note = "When it decides, and what reviews take";
    saved(&app, (&viewer, &session, &frame), (&said, note), Edit::Effort(decides, minutes)).await
}

async fn restore(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    said: Said,
) -> Result<Response, Problem> {
    let version = said.text("version").parse().unwrap_or(0);
    let done = save::restore(&app, &viewer, version).await;
    done.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "The shipped policy is in force again.").await?;
    Ok(see_other("/policy"))
}
