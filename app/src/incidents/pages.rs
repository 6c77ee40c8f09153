//! `/incidents` and `/i/INC-42`: the list, declaring, one incident with its times, impact and people.

use super::change::Change;
use super::declare::{self, Declaration};
use super::duration::{Duration, DurationName, Told};
use super::facts::{self, Facts};
use super::impact::{Confidence, Effect, Window};
use super::incident::{Detection, Incident, Key, Kind, Label, Status, Title, parse_severity};
use super::key_time::{KeyTimeName, Precision};
use super::participants::{Participant, Role};
use super::recorded::{self, KeyTime};
use super::store::{self, Edit, Filter};
use super::store_parts::{self, Hit};
use super::store_whole::Whole;
use super::times::{self, Telling};
use super::{need, need_whole};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::people::{self, Named};
use crate::services::Service;
use crate::settings::House;
use crate::settings::house::Severity;
use crate::shell::{self, Frame, Page, words};
use crate::teams::Team;
use crate::{audit, services, teams};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{FieldError, Problem, Said, see_other};
use std::mem::take;

/// How many incidents a page of the list shows.
const PAGE: i64 = 50;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/incidents", get(list).merge(post(do_declare)))
        .route("/incidents/new", get(show_declare))
        .route("/incidents.csv", get(csv))
        .route("/i/{key}", get(show))
        .route("/i/{key}/edit", get(show_edit).merge(post(do_edit)))
        .route("/i/{key}/status", post(do_status))
        .route("/i/{key}/label", post(do_label))
        .route("/i/{key}/list", post(do_share))
        .route("/i/{key}/list/remove", post(do_unshare))
        .route("/i/{key}/times", post(do_time))
        .route("/i/{key}/related", post(do_relate))
        .route("/i/{key}/activity", get(activity))
        .merge(super::pages_parts::routes())
}

#[derive(askama::Template)]
#[template(path = "incidents/templates/list.html")]
struct ListPage {
    page: Page,
    incidents: Vec<Incident>,
    services: Vec<Service>,
    said: Said,
    can_write: bool,
    is_filtered: bool,
    older: Option<String>,
    query: String,
}

impl ListPage {
    fn day(&self, time: &Time) -> String {
        words::day(*time)
    }
}

fn filter_of(said: &Said) -> Filter {
    Filter {
        status: said.some("status").and_then(|text| Status::parse(text).ok()),
        severity: said.some("severity").and_then(|text| parse_severity(text).ok()),
        kind: said.some("kind").and_then(|text| Kind::parse(text).ok()),
        service: said.some("service").map(str::to_owned),
        below: said.some("below").and_then(|text| text.parse().ok()),
    }
}

/// The query without where the page begins.
fn query_of(said: &Said) -> String {
    let kept = said.fields().iter().filter(|(name, value)| name != "below" && !value.is_empty());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    query.finish()
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let filter = filter_of(&said);
    let mut conn = app.db.read().await?;
    let incidents = store::list(&mut conn, &viewer, &filter, PAGE).await?;
    let query = query_of(&said);
    let is_full = i64::try_from(incidents.len()).unwrap_or(0) == PAGE;
    let last = incidents.last().filter(|_| is_full);
    let page = ListPage {
        page: frame.page("Incidents", "incidents"),
        older: last.map(|last| format!("/incidents?{query}&below={}", last.number)),
        services: services::all(&mut conn).await?,
        can_write: viewer.can_write(),
        is_filtered: !query.is_empty(),
        incidents,
        said,
        query,
    };
    shell::page(&page)
}

async fn csv(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut filter = filter_of(&said);
    let mut out = String::from("key,title,kind,severity,status,label,written_down_at\r\n");
    loop {
        let mut conn = app.db.read().await?;
        let incidents = store::list(&mut conn, &viewer, &filter, 500).await?;
        drop(conn);
        for one in &incidents {
            let severity = one.severity.map(|level| level.to_string()).unwrap_or_default();
            let key = one.key();
            let (title, kind, status) =
                (words::csv_cell(&one.title), one.kind.name(), one.status.name());
            let (label, at) = (one.label.name(), one.created_at);
            out.push_str(&format!("{key},{title},{kind},{severity},{status},{label},{at}\r\n"));
        }
        match incidents.last() {
            Some(last) if incidents.len() == 500 => filter.below = Some(last.number),
            _ => break,
        }
    }
    let name = "attachment; filename=\"incidents.csv\"";
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, out).into_response())
}

#[derive(askama::Template)]
#[template(path = "incidents/templates/new.html")]
struct NewPage {
    page: Page,
    severities: Vec<Severity>,
    said: Said,
    errors: Vec<FieldError>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == field);
        found.map(|error| error.message.as_str())
    }

    fn is(&self, field: &str, value: &str, otherwise: bool) -> bool {
        self.said.some(field).map_or(otherwise, |said| said == value)
    }

    fn is_level(&self, one: &Severity) -> bool {
        self.said.text("severity") == one.level.to_string()
    }
}

async fn show_declare(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
) -> Result<Response, Problem> {
    viewer.must_write()?;
    let page = frame.page("New incident", "incidents");
    let severities = House::current(&mut app.db.read().await?).await?.severities;
    shell::page(&NewPage { page, severities, said: Said::default(), errors: Vec::new() })
}

async fn do_declare(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_write()?;
    match Declaration::read(&said) {
        Ok(declaration) => {
            let (_, key) = declare::declare(&app, &viewer, &declaration).await?;
            Ok(see_other(&format!("/i/{key}")))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let page = frame.page("New incident", "incidents");
            let status = problem.status;
            let severities = House::current(&mut app.db.read().await?).await?.severities;
            let page = NewPage { page, severities, said, errors: problem.errors };
            Ok((status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(problem),
    }
}

#[derive(askama::Template)]
#[template(path = "incidents/templates/show.html")]
struct ShowPage {
    page: Page,
    viewer: Viewer,
    incident: Incident,
    description: String,
    facts: Facts,
    whole: Whole,
    people: Vec<Named>,
    cards: Vec<String>,
    /// Which row is open for mending: a key time's name, `impact`, or the id of a window, of a
    /// participant or of a row of the severity history.
    mend: String,
}

impl ShowPage {
    fn key(&self) -> Key {
        self.incident.key()
    }

    fn can_write(&self) -> bool {
        self.viewer.can_write()
    }

    /// The usual names, and those recorded beside them.
    fn names(&self) -> Vec<KeyTimeName> {
        let is_shown = |name: &&KeyTimeName| {
            recorded::USUAL.contains(name) || self.time(**name).is_some() || self.mends(name.name())
        };
        KeyTimeName::ALL.iter().filter(is_shown).copied().collect()
    }

    fn others(&self) -> Vec<KeyTimeName> {
        let shown = self.names();
        KeyTimeName::ALL.iter().filter(|name| !shown.contains(name)).copied().collect()
    }

    fn time(&self, name: KeyTimeName) -> Option<&KeyTime> {
        self.facts.times.iter().find(|time| time.name == name)
    }

    fn mends(&self, what: &str) -> bool {
        self.mend == what
    }

    fn typed(&self, time: &Time) -> String {
        words::second(*time)
    }

    /// The durations an incident is told by.
    fn leading(&self) -> Vec<&Duration> {
        let leads = |one: &&Duration| {
            matches!(
                one.name,
                DurationName::Impact
                    | DurationName::Undetected
                    | DurationName::MitigateFromDetect
                    | DurationName::Respond
            )
        };
        self.facts.durations.iter().filter(leads).collect()
    }

    fn is_told(&self, duration: &Duration) -> bool {
        matches!(duration.told, Told::Span { .. })
    }

    fn value(&self, name: KeyTimeName) -> String {
        let believed = self.time(name).map(|time| Time::new(time.now_believed().at));
        believed.map(words::second).unwrap_or_default()
    }

    fn shown(&self, time: &Time) -> String {
        words::minute(*time)
    }

    fn users(&self, window: &Window) -> Option<String> {
        let count = u64::try_from(window.said.users_count?).ok()?;
        Some(super::impact::grouped(count))
    }

    fn window_in_mending(&self) -> Option<&Window> {
        self.facts.windows.iter().find(|window| self.mend == window.id.as_str())
    }

    fn person_in_mending(&self) -> Option<&Participant> {
        self.whole.participants.iter().find(|one| self.mends(one.id.as_str()))
    }

    fn has_severity(&self) -> bool {
        self.incident.kind.is_measured()
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let can_choose = viewer.can_write() || viewer.can_decide();
    let (incident, mut whole) = need_whole(&mut conn, &viewer, &key, can_choose).await?;
    let cards =
        crate::site::cards(&mut conn, &viewer, &incident, &whole, (&frame, app.now())).await?;
    drop(conn);
    let (times, windows) = (take(&mut whole.times), take(&mut whole.windows));
    let page = ShowPage {
        page: frame.page(&format!("{} {}", incident.key(), incident.title), "incidents"),
        description: shell::words::markdown(&incident.description),
        facts: facts::told(incident.kind, times, windows, app.now()),
        people: take(&mut whole.people),
        whole,
        cards,
        mend: said.text("mend").to_owned(),
        incident,
        viewer,
    };
    shell::page(&page)
}

#[derive(askama::Template)]
#[template(path = "incidents/templates/edit.html")]
struct EditPage {
    page: Page,
    incident: Incident,
    services: Vec<Service>,
    teams: Vec<Team>,
    hit_services: Vec<Hit>,
    hit_teams: Vec<Hit>,
}

impl EditPage {
    /// The kinds that it can be of: one that is no incident stays none.
    fn kinds(&self) -> &'static [Kind] {
        if self.incident.kind == Kind::Project { &[Kind::Project] } else { Kind::OF_INCIDENTS }
    }

    fn hits(&self, service: &Service) -> bool {
        self.hit_services.iter().any(|hit| hit.slug == service.slug)
    }

    fn concerns(&self, team: &Team) -> bool {
        self.hit_teams.iter().any(|hit| hit.slug == team.slug)
    }
}

async fn show_edit(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    viewer.must_write()?;
    let page = EditPage {
        page: frame.page(&format!("Edit {}", incident.key()), "incidents"),
        services: services::all(&mut conn).await?,
        teams: teams::all(&mut conn).await?,
        hit_services: store_parts::services(&mut conn, &incident).await?,
        hit_teams: store_parts::teams(&mut conn, &incident).await?,
        incident,
    };
    shell::page(&page)
}

async fn do_edit(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let title = said.need("title", Title::parse);
    let kind = said.need("kind", Kind::parse);
    let detection = said.need("detection", Detection::parse);
    let version = said.need("version", |text| text.parse::<i64>().map_err(|_| "Open it again."));
    if said.raw("description").len() > 200_000 {
        said.wrong("description", "This is too long: at most 200,000 bytes.");
    }
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    said.checked()?;
    let chosen = |name: &str| said.all(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (slugs, team_slugs) = (chosen("service"), chosen("team"));
    let services = services::all(&mut conn).await?;
    let services = services.into_iter().filter(|one| slugs.contains(&one.slug)).map(|one| one.id);
    let services: Vec<_> = services.collect();
    let teams = teams::all(&mut conn).await?;
    let teams = teams.into_iter().filter(|one| team_slugs.contains(&one.slug)).map(|one| one.id);
    let teams: Vec<_> = teams.collect();
    drop(conn);
    let (Some(title), Some(kind), Some(detection), Some(version)) =
        (title, kind, detection, version)
    else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let environment = said.some("environment").unwrap_or("production").chars().take(80).collect();
    let description = said.raw("description").trim_end().to_owned();
    let edit = Edit { title, description, kind, detection, environment };
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.edit(version, &edit).await.map_err(|problem| said.give_back(problem))?;
    change.hits(&services, &teams).await?;
    Ok(see_other(&format!("/i/{}", incident.key())))
}

/// The incident of a form's path, and the way back to it.
pub(super) async fn found(
    app: &App,
    viewer: &Viewer,
    key: &str,
) -> Result<(Incident, Response), Problem> {
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, viewer, key).await?;
    let back = see_other(&format!("/i/{}", incident.key()));
    Ok((incident, back))
}

async fn do_status(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let to = said.need("status", Status::parse);
    said.checked()?;
    let reason: String = said.text("reason").chars().take(400).collect();
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change
        .status(to.unwrap_or(incident.status), &reason)
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(back)
}

async fn do_label(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let to = said.need("label", Label::parse);
    said.checked()?;
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.label(to.unwrap_or(incident.label)).await?;
    Ok(back)
}

async fn do_share(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let person = {
        let mut conn = app.db.read().await?;
        people::by_handle(&mut conn, said.text("person")).await?
    };
    let Some(person) = person else {
        return Err(said.give_back(Problem::field("person", "Choose somebody who is here.")));
    };
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.share(&person.id, &person.name).await?;
    Ok(back)
}

async fn do_unshare(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let person = crate::access::PersonId::parse(said.text("person"));
    let Some(person) = person else { return Err(Problem::not_found()) };
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    change.unshare(&person).await?;
    Ok(if person == viewer.id { see_other("/incidents") } else { back })
}

async fn do_time(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, _) = found(&app, &viewer, &key).await?;
    let telling = Telling::read(&said)?;
    times::tell(&app, &viewer, &incident, telling, Some(&session))
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(see_other(&format!("/i/{}#times", incident.key())))
}

async fn do_relate(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let (incident, back) = found(&app, &viewer, &key).await?;
    let other = said.need("other", Key::parse);
    said.checked()?;
    let note: String = said.text("note").chars().take(400).collect();
    let change = Change::by(&app, &viewer, &incident, Some(&session))?;
    let other = other.unwrap_or(incident.key());
    change
        .relate(other, said.text("relation"), &note)
        .await
        .map_err(|problem| said.give_back(problem))?;
    Ok(back)
}

#[derive(askama::Template)]
#[template(path = "incidents/templates/activity.html")]
struct ActivityPage {
    page: Page,
    incident: Incident,
    lines: Vec<audit::Line>,
}

impl ActivityPage {
    fn at(&self, line: &audit::Line) -> String {
        words::second(line.at)
    }
}

async fn activity(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = need(&mut conn, &viewer, &key).await?;
    let lines = audit::of_incident(&mut conn, &viewer, incident.id.as_str(), i64::MAX, 500).await?;
    let page = frame.page(&format!("Activity of {}", incident.key()), "incidents");
    shell::page(&ActivityPage { page, incident, lines })
}
