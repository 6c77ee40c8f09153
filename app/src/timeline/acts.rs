//! What the forms of the timeline's page do. A form is answered by the page it came from; a key press
//! (`X-Fragment: 1`) by the parts of the page that changed.

use super::change::{ChangeId, Changed};
use super::edit;
use super::entry::{Content, EntryId, parse_text};
use super::fact::{Fact, Phase};
use super::merge::{self, Halves};
use super::pages::{self, Asked, ctx, give_back, last_change, part, query_of};
use super::shown::Clock;
use super::suggest::{self, Chosen};
use super::view::{EntriesView, FormView, PieceView, ToastView, UndoView};
use super::{promote, shift, store, undo, write};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::{self, EvidenceId};
use crate::incidents::{self, Incident};
use crate::shell::{Frame, moment};
use axum::Router;
use axum::extract::{FromRequestParts, Path, RawQuery};
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/i/{key}/timeline", get(pages::show).merge(post(do_write)))
        .route("/i/{key}/timeline/table", get(super::table::show))
        .route("/i/{key}/timeline.csv", get(super::export::csv))
        .route("/i/{key}/timeline/promote", post(do_promote))
        .route("/i/{key}/timeline/phase", post(do_phase))
        .route("/i/{key}/timeline/merge", post(do_merge))
        .route("/i/{key}/timeline/cite", post(do_cite_selected))
        .route("/i/{key}/timeline/shift", post(do_shift))
        .route("/i/{key}/timeline/undo", post(do_undo))
        .route("/i/{key}/timeline/proposal", post(do_proposal))
        .route("/i/{key}/timeline/aside", post(do_aside))
        .route("/i/{key}/timeline/found", post(do_found))
        .route("/i/{key}/timeline/{entry}", post(do_edit))
        .route("/i/{key}/timeline/{entry}/cite", post(do_cite))
        .route("/i/{key}/timeline/{entry}/split", post(do_split))
        .route("/i/{key}/timeline/{entry}/memory", post(do_memory))
        .route("/i/{key}/timeline/{entry}/delete", post(do_delete))
}

/// What each of these handlers is given.
struct Asking {
    app: App,
    viewer: Viewer,
    session: Session,
    frame: Frame,
    asked: Asked,
    /// Whether parts are wanted instead of the page.
    parts: bool,
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asking, Problem> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        let session = Session::from_request_parts(parts, app).await?;
        let Ok(frame) = Frame::from_request_parts(parts, app).await;
        let Ok(RawQuery(raw)) = RawQuery::from_request_parts(parts, app).await;
        Ok(Asking {
            app: app.clone(),
            viewer,
            session,
            frame,
            asked: Asked::read(&query_of(raw.as_deref())),
            parts: parts.headers.contains_key("x-fragment"),
        })
    }
}

impl Asking {
    /// The session to leave a sentence in, where a page comes next.
    fn session(&self) -> Option<&Session> {
        (!self.parts).then_some(&self.session)
    }

    async fn incident(&self, key: &str) -> Result<Incident, Problem> {
        let mut conn = self.app.db.read().await?;
        incidents::need(&mut conn, &self.viewer, key).await
    }

    fn back(&self, incident: &Incident, anchor: &str) -> Response {
        let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        see_other(&format!("/i/{}/timeline{}{anchor}", incident.key(), self.asked.here()))
    }

    /// Answers with what changed, or sends back to the page, where the keys go on from `at`.
    async fn answer(&self, incident: &Incident, changed: &Changed) -> Result<Response, Problem> {
        if self.parts {
            return self.fragments(incident, changed).await;
        }
        let there = undo::still_there(changed);
        let Some(entry) = there.first() else { return Ok(self.back(incident, "entries")) };
        let at = entry.cites.first().map(|id| format!("at={id}"));
        let after = self.asked.after.as_ref().map(|after| format!("after={after}"));
        let query: Vec<String> = after.into_iter().chain(at).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        Ok(see_other(&format!("/i/{}/timeline{query}#{}", incident.key(), entry.id)))
    }

    async fn fragments(&self, incident: &Incident, changed: &Changed) -> Result<Response, Problem> {
        let mut conn = self.app.db.read().await?;
        let from = (self.asked.here(), Clock::utc());
        let ctx = ctx(&mut conn, &self.frame, &self.viewer, incident, from).await?;
        let entries = super::of_incident(&mut conn, &self.viewer, incident).await?;
        let ids = &changed.evidence[..changed.evidence.len().min(200)];
        let pieces = evidence::find_all(&mut conn, &self.viewer, &incident.id, ids).await?;
        let last = last_change(&mut conn, &self.viewer, incident, self.app.now()).await?;
        drop(conn);
        let by = suggest::by_evidence(&entries);
        let mut html = String::new();
        for piece in &pieces {
            let on = by.get(&piece.id).and_then(|ids| ids.first());
            let on = on.and_then(|id| entries.iter().find(|entry| entry.id == **id));
            html.push_str(&part(&PieceView::new(&ctx, piece, on, None, None, false))?);
        }
        html.push_str(&part(&EntriesView::new(&ctx, &entries, None))?);
        html.push_str(&part(&UndoView { ctx: &ctx, last })?);
        let count = crate::shell::words::count(entries.len(), "entry", "entries");
        html.push_str(&format!("<small id=\"how-many\">{count}</small>"));
        let toast = ToastView { ctx: &ctx, says: &changed.says, change: changed.id.as_ref() };
        html.push_str(&part(&toast)?);
        Ok(Html(html).into_response())
    }
}

fn entry_id(text: &str) -> Result<EntryId, Problem> {
    EntryId::parse(text).ok_or_else(Problem::not_found)
}

fn evidence_ids(said: &Said, name: &str) -> Result<Vec<EvidenceId>, Problem> {
    let ids = said.all(name).into_iter().map(EvidenceId::parse);
    ids.collect::<Option<Vec<_>>>().ok_or_else(Problem::not_found)
}

fn entry_ids(said: &Said, name: &str) -> Result<Vec<EntryId>, Problem> {
    said.all(name).into_iter().map(entry_id).collect()
}

fn version(said: &Said) -> Result<i64, Problem> {
    let version = said.text("version").parse();
    version.map_err(|_| Problem::field("version", "Open the page again; the form is incomplete."))
}

async fn do_write(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let Asking { app, viewer, .. } = &asking;
    let incident = asking.incident(&key).await?;
    viewer.must_write().map_err(|problem| said.give_back(problem))?;
    let done = match Content::read(&said) {
        Ok(content) => write::write(app, viewer, &incident, content, asking.session()).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(changed) => asking.answer(&incident, &changed).await,
        Err(problem) => {
            let back = (&asking.asked, FormView::typed(None, &said), problem);
            give_back(app, viewer, &asking.frame, &key, back).await
        }
    }
}

async fn do_edit(
    asking: Asking,
    Path((key, entry)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let Asking { app, viewer, .. } = &asking;
    let incident = asking.incident(&key).await?;
    viewer.must_write().map_err(|problem| said.give_back(problem))?;
    let id = entry_id(&entry)?;
    let done = match (Content::read(&said), version(&said)) {
        (Ok(content), Ok(version)) => {
            let which = (&id, version);
            edit::edit(app, viewer, &incident, which, content, asking.session()).await
        }
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    match done {
        Ok(changed) if changed.id.is_none() => Ok(asking.back(&incident, id.as_str())),
        Ok(changed) => asking.answer(&incident, &changed).await,
        Err(problem) => {
            let mut conn = app.db.read().await?;
            let found = store::find(&mut conn, &incident.id, &id).await?;
            let entry = found.ok_or_else(|| said.give_back(Problem::not_found()))?;
            let cited = pages::cited(&mut conn, viewer, &incident, &entry).await?;
            drop(conn);
            let form = FormView::typed(Some(id.to_string()), &said).citing(cited);
            give_back(app, viewer, &asking.frame, &key, (&asking.asked, form, problem)).await
        }
    }
}

async fn do_promote(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let pieces = evidence_ids(&said, "evidence")?;
    let fact = said.may("fact", Fact::parse);
    let phase = said.may("phase", Phase::parse);
    said.checked()?;
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let as_what = (fact, phase);
    let changed = promote::promote(app, viewer, &incident, &pieces, as_what, session).await?;
    asking.answer(&incident, &changed).await
}

/// Marks an entry's phase; of a piece that is on no entry yet, remembers which it will be.
async fn do_phase(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let phase = said.may("phase", Phase::parse);
    said.checked()?;
    if let Some(entry) = said.some("entry") {
        let which = (&entry_id(entry)?, said.text("version").parse().ok());
        let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
        let changed = edit::set_phase(app, viewer, &incident, which, phase, session).await?;
        return asking.answer(&incident, &changed).await;
    }
    asking.viewer.must_write()?;
    let id = EvidenceId::parse(said.text("evidence")).ok_or_else(Problem::not_found)?;
    let mut conn = asking.app.db.read().await?;
    let piece = evidence::find(&mut conn, &asking.viewer, &incident.id, &id).await?;
    let piece = piece.ok_or_else(Problem::not_found)?;
    if !asking.parts {
        let word = phase.map_or("none", Phase::name);
        let after = asking.asked.after.as_ref().map(|after| format!("&after={after}"));
        let after = after.unwrap_or_default();
        let to = format!("/i/{}/timeline?choose={id}.{word}&at={id}{after}#{id}", incident.key());
        return Ok(see_other(&to));
    }
    let from = (asking.asked.here(), Clock::utc());
    let ctx = ctx(&mut conn, &asking.frame, &asking.viewer, &incident, from).await?;
    let view = PieceView::new(&ctx, &piece, None, None, Some(phase), true);
    Ok(Html(part(&view)?).into_response())
}

async fn do_merge(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let (entries, pieces) = (entry_ids(&said, "entry")?, evidence_ids(&said, "merge")?);
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = merge::merge(app, viewer, &incident, &entries, &pieces, session).await?;
    asking.answer(&incident, &changed).await
}

async fn do_cite_selected(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let (entries, pieces) = (entry_ids(&said, "entry")?, evidence_ids(&said, "merge")?);
    let ([entry], false) = (&entries[..], pieces.is_empty()) else {
        let detail = "Select one entry, and the evidence that it shall cite.";
        return Err(Problem::field("entry", detail));
    };
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = edit::cite(app, viewer, &incident, entry, (&pieces, &[]), session).await?;
    asking.answer(&incident, &changed).await
}

async fn do_shift(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let by = said.need("by", shift::parse);
    said.checked()?;
    let by = by.ok_or_else(|| Problem::internal("a checked form lacks a field"))?;
    let chosen = entry_ids(&said, "entry")?;
    let chosen = if said.is_set("all") { None } else { Some(&chosen[..]) };
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = shift::shift(app, viewer, &incident, chosen, by, session).await;
    asking.answer(&incident, &changed.map_err(|problem| said.give_back(problem))?).await
}

async fn do_undo(asking: Asking, Path(key): Path<String>, said: Said) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let change = match said.some("change") {
        Some(text) => Some(ChangeId::parse(text).ok_or_else(Problem::not_found)?),
        None => None,
    };
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = undo::undo(app, viewer, &incident, change.as_ref(), session).await?;
    asking.answer(&incident, &changed).await
}

async fn do_proposal(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let chosen = match said.is_set("all") {
        true => Chosen::All,
        false => Chosen::One(said.text("mark").to_owned()),
    };
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = suggest::accept(app, viewer, &incident, &chosen, session).await?;
    match chosen {
        Chosen::All => Ok(asking.back(&incident, "entries")),
        Chosen::One(_) if !asking.parts => Ok(asking.back(&incident, "proposed")),
        Chosen::One(_) => asking.answer(&incident, &changed).await,
    }
}

async fn do_aside(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let (app, viewer) = (&asking.app, &asking.viewer);
    let mark = said.some("mark");
    suggest::put_aside(app, viewer, &incident, mark, Some(&asking.session)).await?;
    Ok(asking.back(&incident, "proposed"))
}

async fn do_found(
    asking: Asking,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let (app, viewer) = (&asking.app, &asking.viewer);
    let mark = said.text("mark");
    suggest::record_time(app, viewer, &incident, mark, Some(&asking.session)).await?;
    Ok(asking.back(&incident, "found"))
}

async fn do_cite(
    asking: Asking,
    Path((key, entry)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let id = entry_id(&entry)?;
    let (more, fewer) = (evidence_ids(&said, "add")?, evidence_ids(&said, "drop")?);
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = edit::cite(app, viewer, &incident, &id, (&more, &fewer), session).await?;
    asking.answer(&incident, &changed).await
}

async fn do_split(
    asking: Asking,
    Path((key, entry)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let id = entry_id(&entry)?;
    let first_text = said.need("first_text", parse_text);
    let second_text = said.need("second_text", parse_text);
    let second_at = said.need("second_at", |text| moment::parse(text, "UTC"));
    said.checked()?;
    let (Some(first_text), Some(second_text), Some(second_at)) =
        (first_text, second_text, second_at)
    else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let second_cites = evidence_ids(&said, "second_cites")?;
    let halves = Halves { first_text, second_text, second_at, second_cites };
    let which = (&id, version(&said)?);
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let done = merge::split(app, viewer, &incident, which, halves, session).await;
    asking.answer(&incident, &done.map_err(|problem| said.give_back(problem))?).await
}

async fn do_memory(
    asking: Asking,
    Path((key, entry)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let which = (&entry_id(&entry)?, said.text("version").parse().ok());
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = edit::mark_memory(app, viewer, &incident, which, session).await?;
    asking.answer(&incident, &changed).await
}

async fn do_delete(
    asking: Asking,
    Path((key, entry)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = asking.incident(&key).await?;
    let which = (&entry_id(&entry)?, said.text("version").parse().ok());
    let (app, viewer, session) = (&asking.app, &asking.viewer, asking.session());
    let changed = edit::delete(app, viewer, &incident, which, session).await?;
    asking.answer(&incident, &changed).await
}
