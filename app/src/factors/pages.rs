//! `/r/INC-42/factors`: the paths side by side, what they suggest changing, and the form for a factor.

use super::factor::{
    self, Certainty, FIRST_PATH, Factor, FactorId, Layer, NewFactor, Recurrence, Response as Part,
    Role, Trigger,
};
use super::recommendation::{self, NewRecommendation, Recommendation, RecommendationId, Target};
use super::{store, store_recommendations, write};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::{self, Evidence, EvidenceId};
use crate::incidents::{self, Incident};
use crate::people;
use crate::people::session::tell;
use crate::retrospectives::{self, LessonSort, Retrospective, need_for_reading};
use crate::shell::{self, Frame, Page, words};
use crate::timeline::{self, Entry};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::Conn;
use kit::web::road::{get, post};
use kit::web::{FieldError, Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/factors", get(show).merge(post(do_add)))
        .route("/r/{key}/factors/new", get(show_new))
        .route("/r/{key}/factors/{factor}", get(show_edit).merge(post(do_change)))
        .route("/r/{key}/factors/{factor}/remove", post(do_remove))
        .route("/r/{key}/factors/{factor}/restore", post(do_restore))
        .route("/r/{key}/factors/{factor}/up", post(do_up))
        .route("/r/{key}/factors/{factor}/down", post(do_down))
        .route("/r/{key}/recommendations", post(do_recommend))
        .route("/r/{key}/recommendations/{recommendation}", post(do_change_recommendation))
        .route("/r/{key}/recommendations/{recommendation}/remove", post(do_remove_recommendation))
        .route("/r/{key}/recommendations/{recommendation}/restore", post(do_restore_recommendation))
}

/// The factors of one explanatory path.
struct Along {
    name: String,
    factors: Vec<Factor>,
}

#[derive(askama::Template)]
#[template(path = "factors/templates/show.html")]
struct ShowPage {
    page: Page,
    retro: Retrospective,
    paths: Vec<Along>,
    all: Vec<Factor>,
    recommendations: Vec<Recommendation>,
    questions: Vec<&'static str>,
    named: Vec<String>,
    moments: Vec<Entry>,
    surprising: Vec<String>,
    said: Said,
    is_filtered: bool,
    /// What was just taken away, to bring back: its path.
    taken: Option<String>,
    can_write: bool,
}

impl ShowPage {
    fn statement(&self, id: &FactorId) -> &str {
        self.all.iter().find(|one| one.id == *id).map_or("", |one| one.statement.as_str())
    }

    fn answers(&self, one: &Recommendation, factor: &Factor) -> bool {
        one.factors.contains(&factor.id)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    fn sources(&self, factor: &Factor) -> String {
        let mut said = Vec::new();
        if !factor.cites.is_empty() {
            said.push(words::count(factor.cites.len(), "source", "sources"));
        }
        if !factor.entries.is_empty() {
            said.push(words::count(factor.entries.len(), "entry", "entries"));
        }
        said.join(", ")
    }

    fn relation(&self, factor: &Factor) -> Option<&'static str> {
        factor.roles.0.first().map(|role| role.label())
    }
}

/// Whether a factor is shown with these words chosen.
fn matches(factor: &Factor, said: &Said) -> bool {
    let has = |field: &str, words: Vec<&str>| {
        said.some(field).is_none_or(|wanted| words.contains(&wanted))
    };
    has("certainty", vec![factor.certainty.name()])
        && has("trigger", factor.triggers.0.iter().map(|one| one.name()).collect())
        && has("layer", factor.layers.0.iter().map(|one| one.name()).collect())
        && has("role", factor.roles.0.iter().map(|one| one.name()).collect())
        && has("response", factor.responses.0.iter().map(|one| one.name()).collect())
        && has("recurrence", factor.recurrences.0.iter().map(|one| one.name()).collect())
}

fn along(factors: &[Factor], said: &Said) -> Vec<Along> {
    let mut paths: Vec<Along> = Vec::new();
    for factor in factors.iter().filter(|factor| matches(factor, said)) {
        match paths.iter_mut().find(|path| path.name == factor.path) {
            Some(path) => path.factors.push(factor.clone()),
            None => {
                let (name, factors) = (factor.path.clone(), vec![factor.clone()]);
                paths.push(Along { name, factors });
            }
        }
    }
    paths
}

/// The names that stand where a factor's subject stands; a question is asked about each.
pub(super) fn named(factors: &[Factor], people: &[people::Named]) -> Vec<String> {
    let is_named = |statement: &str, one: &people::Named| {
        let first = one.name.split_whitespace().next().unwrap_or_default();
        let begins = statement.split(|c: char| !c.is_alphanumeric()).next() == Some(first);
        (begins && first.chars().count() > 2)
            || statement.contains(&one.name) && one.name.contains(' ')
            || statement.contains(&format!("@{}", one.handle))
    };
    let statements = factors.iter().map(|factor| &factor.statement);
    statements.filter(|text| people.iter().any(|one| is_named(text, one))).cloned().collect()
}

async fn incident_of(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
) -> Result<Incident, Problem> {
    let incident = incidents::find_by_id(conn, viewer, &retro.incident_id).await?;
    incident.ok_or_else(Problem::not_found)
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
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    let incident = incident_of(&mut conn, &viewer, &retro).await?;
    let all = store::of_retrospective(&mut conn, &viewer, &incident.id, &retro.id).await?;
    let (mut moments, mut surprising) = (Vec::new(), Vec::new());
    if all.is_empty() {
        moments = timeline::of_incident(&mut conn, &viewer, &incident).await?;
        moments.retain(|one| one.phase == Some(timeline::Phase::KeyMoment));
        let lessons = retrospectives::lessons(&mut conn, &retro.id).await?;
        let odd = lessons.into_iter().filter(|one| one.sort == LessonSort::Surprising);
        surprising = odd.map(|one| one.text).collect();
    }
    let fields = ["certainty", "trigger", "layer", "role", "response", "recurrence"];
    let taken = said.some("taken").and_then(|text| {
        let factor = FactorId::parse(text).map(|id| format!("factors/{id}"));
        factor.or_else(|| RecommendationId::parse(text).map(|id| format!("recommendations/{id}")))
    });
    let page = ShowPage {
        page: frame.page(&format!("Factors of {}", retro.address()), "retros"),
        paths: along(&all, &said),
        recommendations: store_recommendations::of_retrospective(&mut conn, &retro.id).await?,
        questions: factor::questions(&all),
        named: named(&all, &people::names(&mut conn).await?),
        is_filtered: fields.iter().any(|field| said.some(field).is_some()),
        can_write: viewer.can_write(),
        retro,
        all,
        moments,
        surprising,
        said,
        taken,
    };
    shell::page(&page)
}

/// How many pieces are offered for citing when a timeline cites too few.
const OFFERED: i64 = 60;

#[derive(askama::Template)]
#[template(path = "factors/templates/edit.html")]
struct EditPage {
    page: Page,
    retro: Retrospective,
    /// The factor that is changed; none for a new one.
    factor: Option<Factor>,
    version: i64,
    said: Said,
    errors: Vec<FieldError>,
    paths: Vec<String>,
    pieces: Vec<Evidence>,
    entries: Vec<Entry>,
}

impl EditPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == field);
        found.map(|error| error.message.as_str())
    }

    fn holds(&self, field: &str, value: &str) -> bool {
        self.said.all(field).contains(&value)
    }

    fn at(&self, piece: &Evidence) -> String {
        words::second(piece.occurred_at)
    }

    fn entry_at(&self, entry: &Entry) -> String {
        words::second(entry.at)
    }

    fn short(&self, text: &str) -> String {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= 160 {
            return line;
        }
        line.chars().take(159).chain(['…']).collect()
    }

    fn certainty(&self) -> &str {
        self.said.some("certainty").unwrap_or("proposed")
    }

    fn certainties(&self) -> Vec<Certainty> {
        let was = self.factor.as_ref().map_or(Certainty::Proposed, |one| one.certainty);
        Certainty::ALL.iter().copied().filter(|next| was.may_become(*next)).collect()
    }
}

/// What a form is filled with.
fn as_said(factor: &Factor) -> Said {
    let mut fields = vec![
        ("statement".to_owned(), factor.statement.clone()),
        ("certainty".to_owned(), factor.certainty.name().to_owned()),
        ("path".to_owned(), factor.path.clone()),
    ];
    let mut add = |name: &str, word: &str| fields.push((name.to_owned(), word.to_owned()));
    if factor.direct_cause {
        add("direct_cause", "on");
    }
    factor.triggers.0.iter().for_each(|one| add("trigger", one.name()));
    factor.layers.0.iter().for_each(|one| add("layer", one.name()));
    factor.roles.0.iter().for_each(|one| add("role", one.name()));
    factor.responses.0.iter().for_each(|one| add("response", one.name()));
    factor.recurrences.0.iter().for_each(|one| add("recurrence", one.name()));
    factor.cites.iter().for_each(|one| add("cites", one.as_str()));
    factor.entries.iter().for_each(|one| add("entries", one.as_str()));
    Said::new(fields)
}

/// What may be cited: what the timeline cites, what is pinned, what is cited already; and while that
/// is little, the first pieces there are.
async fn offered(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    entries: &[Entry],
    chosen: &[EvidenceId],
) -> Result<Vec<Evidence>, Problem> {
    let pinned = evidence::Filter { pinned: true, ..evidence::Filter::default() };
    let of = &incident.id;
    let mut found = evidence::of_incident(conn, viewer, of, &pinned, None, OFFERED).await?;
    let mut ids: Vec<EvidenceId> = entries.iter().flat_map(|one| one.cites.clone()).collect();
    ids.extend(chosen.iter().cloned());
    ids.sort();
    ids.dedup();
    found.extend(evidence::find_all(conn, viewer, of, &ids).await?);
    if found.len() < 12 {
        let any = evidence::Filter::default();
        found.extend(evidence::of_incident(conn, viewer, of, &any, None, OFFERED).await?);
    }
    found.sort_by(|a, b| (a.occurred_at, a.tie, &a.id).cmp(&(b.occurred_at, b.tie, &b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

async fn edit_page(
    conn: &mut Conn,
    viewer: &Viewer,
    frame: &Frame,
    retro: Retrospective,
    (factor, said, errors): (Option<Factor>, Said, Vec<FieldError>),
) -> Result<EditPage, Problem> {
    let incident = incident_of(conn, viewer, &retro).await?;
    let entries = timeline::of_incident(conn, viewer, &incident).await?;
    let chosen: Vec<EvidenceId> =
        said.all("cites").into_iter().filter_map(EvidenceId::parse).collect();
    let all = store::of_retrospective(conn, viewer, &incident.id, &retro.id).await?;
    let mut paths: Vec<String> = all.into_iter().map(|one| one.path).collect();
    paths.extend(
        [FIRST_PATH, "Why it took so long", "What kept it from being worse"].map(Into::into),
    );
    let mut seen = Vec::new();
    paths.retain(|path| {
        !seen.contains(path) && {
            seen.push(path.clone());
            true
        }
    });
    let title = if factor.is_some() { "Change a factor" } else { "Add a factor" };
    Ok(EditPage {
        page: frame.page(&format!("{title} · {}", retro.address()), "retros"),
        pieces: offered(conn, viewer, &incident, &entries, &chosen).await?,
        version: factor.as_ref().map_or(0, |one| one.version),
        retro,
        factor,
        said,
        errors,
        paths,
        entries,
    })
}

async fn show_new(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    viewer.must_write()?;
    let filled = (None, said, Vec::new());
    shell::page(&edit_page(&mut conn, &viewer, &frame, retro, filled).await?)
}

/// The factor of a path, with what it cites.
async fn found(
    conn: &mut Conn,
    viewer: &Viewer,
    retro: &Retrospective,
    factor: &str,
) -> Result<Factor, Problem> {
    let id = FactorId::parse(factor).ok_or_else(Problem::not_found)?;
    let all = store::of_retrospective(conn, viewer, &retro.incident_id, &retro.id).await?;
    all.into_iter().find(|one| one.id == id).ok_or_else(Problem::not_found)
}

async fn show_edit(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, factor)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, &viewer, &key).await?;
    viewer.must_write()?;
    let factor = found(&mut conn, &viewer, &retro, &factor).await?;
    let said = as_said(&factor);
    let filled = (Some(factor), said, Vec::new());
    shell::page(&edit_page(&mut conn, &viewer, &frame, retro, filled).await?)
}

/// The form again, with what was typed and what is wrong; any other problem as it is.
async fn again(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    (factor, said): (Option<&str>, Said),
    problem: Problem,
) -> Result<Response, Problem> {
    if problem.status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(said.give_back(problem));
    }
    let mut conn = app.db.read().await?;
    let retro = need_for_reading(&mut conn, viewer, key).await?;
    let factor = match factor {
        Some(factor) => Some(found(&mut conn, viewer, &retro, factor).await?),
        None => None,
    };
    let filled = (factor, said, problem.errors);
    let page = edit_page(&mut conn, viewer, frame, retro, filled).await?;
    Ok((problem.status, shell::page(&page)?).into_response())
}

async fn do_add(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let done = match NewFactor::read(&said) {
        Ok(new) => write::add(&app, &viewer, &key, &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(id) => {
            tell(&app, &session, "The factor is written down.").await?;
            Ok(see_other(&format!("/r/{key}/factors#{id}")))
        }
        Err(problem) => again(&app, &viewer, &frame, &key, (None, said), problem).await,
    }
}

async fn do_change(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    Path((key, factor)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let id = FactorId::parse(&factor).ok_or_else(Problem::not_found)?;
    let version = said.text("version").parse().unwrap_or(0);
    let done = match NewFactor::read(&said) {
        Ok(new) => write::change(&app, &viewer, &key, (&id, version), &new).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            tell(&app, &session, "Saved.").await?;
            Ok(see_other(&format!("/r/{key}/factors#{id}")))
        }
        Err(problem) => again(&app, &viewer, &frame, &key, (Some(&factor), said), problem).await,
    }
}

async fn do_remove(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, factor)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = FactorId::parse(&factor).ok_or_else(Problem::not_found)?;
    write::set_away(&app, &viewer, &key, &id, true).await?;
    Ok(see_other(&format!("/r/{key}/factors?taken={id}")))
}

async fn do_restore(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, factor)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = FactorId::parse(&factor).ok_or_else(Problem::not_found)?;
    write::set_away(&app, &viewer, &key, &id, false).await?;
    tell(&app, &session, "The factor is back.").await?;
    Ok(see_other(&format!("/r/{key}/factors#{id}")))
}

async fn do_up(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, factor)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = FactorId::parse(&factor).ok_or_else(Problem::not_found)?;
    write::shift(&app, &viewer, &key, &id, true).await?;
    Ok(see_other(&format!("/r/{key}/factors#{id}")))
}

async fn do_down(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, factor)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = FactorId::parse(&factor).ok_or_else(Problem::not_found)?;
    write::shift(&app, &viewer, &key, &id, false).await?;
    Ok(see_other(&format!("/r/{key}/factors#{id}")))
}

async fn do_recommend(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let new = NewRecommendation::read(&said)?;
    let done = recommendation::recommend(&app, &viewer, &key, &new).await;
    done.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "The recommendation is written down.").await?;
    Ok(see_other(&format!("/r/{key}/factors#recommendations")))
}

async fn do_change_recommendation(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, which)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let id = RecommendationId::parse(&which).ok_or_else(Problem::not_found)?;
    let new = NewRecommendation::read(&said)?;
    let version = said.text("version").parse().unwrap_or(0);
    recommendation::change_recommendation(&app, &viewer, &key, (&id, version), &new)
        .await
        .map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "Saved.").await?;
    Ok(see_other(&format!("/r/{key}/factors#recommendations")))
}

async fn do_remove_recommendation(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, which)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = RecommendationId::parse(&which).ok_or_else(Problem::not_found)?;
    recommendation::set_recommendation_away(&app, &viewer, &key, &id, true).await?;
    Ok(see_other(&format!("/r/{key}/factors?taken={id}")))
}

async fn do_restore_recommendation(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path((key, which)): Path<(String, String)>,
    _said: Said,
) -> Result<Response, Problem> {
    let id = RecommendationId::parse(&which).ok_or_else(Problem::not_found)?;
    recommendation::set_recommendation_away(&app, &viewer, &key, &id, false).await?;
    tell(&app, &session, "The recommendation is back.").await?;
    Ok(see_other(&format!("/r/{key}/factors#recommendations")))
}
