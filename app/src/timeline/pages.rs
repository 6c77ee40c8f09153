//! `/i/{key}/timeline`: evidence on the left, the timeline on the right, and what is proposed above.
//! What the forms do is in `acts.rs`.

use super::change::ChangeId;
use super::entry::{Entry, EntryId};
use super::shown::{Clock, as_typed};
use super::suggest::{self, Suggestions};
use super::undo::is_in_time;
use super::view::{Cited, Ctx, EntriesView, FormView, Line, PieceView, UndoView, days};
use super::{entry, fact, store, store_changes};
use crate::access::Viewer;
use crate::app::App;
use crate::evidence::{self, Cursor, Evidence, EvidenceId};
use crate::incidents::facts::{self, Facts};
use crate::incidents::key_time::Precision;
use crate::incidents::{self, Incident};
use crate::people;
use crate::shell::{self, Frame, Page};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::db::{Conn, Time};
use kit::web::{Problem, Said};

/// How many pieces the pane shows at once.
const PAGE: usize = 200;

/// Everything a timeline's page is made from.
pub(super) struct Looked {
    pub incident: Incident,
    pub entries: Vec<Entry>,
    pub facts: Facts,
    pub pieces: Vec<Evidence>,
    pub open: Suggestions,
    pub last: Option<(ChangeId, String)>,
    pub changes: Vec<Done>,
}

/// A change of the last day, as the page lists it.
pub(super) struct Done {
    id: ChangeId,
    says: String,
    by: String,
    when: String,
    undone: bool,
}

/// How many of the last changes the page lists.
const CHANGES: i64 = 20;

async fn changes(conn: &mut Conn, incident: &Incident, now: Time) -> Result<Vec<Done>, Problem> {
    let recent = store_changes::recent(conn, incident, None, CHANGES).await?;
    if recent.is_empty() {
        return Ok(Vec::new());
    }
    let names = people::names(conn).await?;
    let done = |change: store_changes::Change| {
        let by = names.iter().find(|named| named.id == change.by_person);
        Done {
            id: change.id,
            says: change.says,
            by: by.map(|named| named.name.clone()).unwrap_or_default(),
            when: shell::words::ago(now, change.at),
            undone: change.undone_at.is_some(),
        }
    };
    Ok(recent.into_iter().filter(|change| is_in_time(change.at, now)).map(done).collect())
}

/// What a page may be asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Where the pane of evidence begins.
    pub after: Option<Cursor>,
    /// The piece the keys are on.
    pub at: Option<EvidenceId>,
    /// A phase chosen for a piece that is not on the timeline yet.
    pub chosen: Option<(EvidenceId, Option<fact::Phase>)>,
}

impl Asked {
    pub(super) fn read(query: &Said) -> Asked {
        let chosen = query.some("choose").and_then(|text| {
            let (id, phase) = text.split_once('.')?;
            Some((EvidenceId::parse(id)?, fact::Phase::parse(phase).ok()))
        });
        Asked {
            after: query.some("after").and_then(Cursor::parse),
            at: query.some("at").and_then(EvidenceId::parse),
            chosen,
        }
    }

    /// The query that shows the same page of evidence.
    pub(super) fn here(&self) -> String {
        self.after.as_ref().map(|after| format!("?after={after}")).unwrap_or_default()
    }
}

/// The query of a request, as a form is read.
pub(super) fn query_of(raw: Option<&str>) -> Said {
    Said::parse_urlencoded(raw.unwrap_or("").as_bytes())
}

/// What every part of the page needs.
pub(super) async fn ctx(
    conn: &mut Conn,
    frame: &Frame,
    viewer: &Viewer,
    incident: &Incident,
    (here, clock): (String, Clock),
) -> Result<Ctx, Problem> {
    let people = people::names(conn).await?;
    let page = frame.page("", "incidents");
    Ok(Ctx {
        key: incident.key().to_string(),
        csrf: page.csrf,
        icons: page.icons,
        here,
        zone: viewer.zone.clone(),
        can_write: viewer.can_write(),
        clock,
        names: people.into_iter().map(|person| (person.handle, person.name)).collect(),
    })
}

/// The viewer's last change, while it can be undone.
pub(super) async fn last_change(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    now: Time,
) -> Result<Option<(ChangeId, String)>, Problem> {
    let last = store_changes::last_by(conn, &incident.id, &viewer.id).await?;
    let last = last.filter(|change| is_in_time(change.at, now));
    Ok(last.map(|change| (change.id, change.says)))
}

async fn look(app: &App, viewer: &Viewer, key: &str) -> Result<Looked, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, viewer, key).await?;
    let entries = super::of_incident(&mut conn, viewer, &incident).await?;
    let facts = facts::of(&mut conn, &incident, app.now()).await?;
    let pieces = suggest::evidence_of(&mut conn, viewer, &incident).await?;
    let open = suggest::suggestions(&mut conn, &incident, &pieces, &entries, &facts).await?;
    let last = last_change(&mut conn, viewer, &incident, app.now()).await?;
    let changes = changes(&mut conn, &incident, app.now()).await?;
    Ok(Looked { incident, entries, facts, pieces, open, last, changes })
}

#[derive(askama::Template)]
#[template(path = "timeline/templates/curate.html")]
struct CuratePage<'a> {
    page: Page,
    ctx: &'a Ctx,
    looked: &'a Looked,
    start: Option<String>,
    lines: Vec<Line<'a>>,
    entries: EntriesView<'a>,
    undo: UndoView<'a>,
    shown: usize,
    hidden: usize,
    next: Option<Cursor>,
    back: bool,
}

impl CuratePage<'_> {
    /// A proposed entry's time.
    fn time(&self, content: &entry::Content) -> super::shown::Shown {
        self.ctx.clock.at(content)
    }

    fn moment(&self, found: &suggest::Found) -> super::shown::Shown {
        let moment = found.time.moment();
        let doubt = i64::from(moment.uncertainty_s);
        self.ctx.clock.show(Time::new(moment.at), moment.precision, doubt)
    }

    /// Where the form opens that answers a question.
    fn answer(&self, asked: &suggest::Asked) -> String {
        let at = match asked.gap() {
            Some((from, to)) => {
                Time::from_microseconds(from.microseconds().midpoint(to.microseconds()))
            }
            None => None,
        };
        let at = at.map(|at| format!("&t={}", as_typed(at, Precision::Minute).replace(' ', "T")));
        format!("/i/{}/timeline?write=1{}#new", self.ctx.key, at.unwrap_or_default())
    }

    fn is_missing(&self, asked: &suggest::Asked) -> Option<&'static str> {
        match &asked.question {
            super::propose::Question::Missing { key_time, .. } => Some(key_time.name()),
            _ => None,
        }
    }

    fn count(&self) -> String {
        shell::words::count(self.looked.entries.len(), "entry", "entries")
    }
}

/// The pane of evidence: this page of it, parted by days, with the silences in their places.
fn pane<'a>(
    ctx: &'a Ctx,
    looked: &'a Looked,
    page: &'a [Evidence],
    asked: &Asked,
) -> Vec<Line<'a>> {
    let by = suggest::by_evidence(&looked.entries);
    let entry_of = |id: &EvidenceId| {
        let entry = by.get(id)?.first()?;
        looked.entries.iter().find(|other| other.id == **entry)
    };
    let mut gaps = looked.open.questions.iter().filter(|asked| asked.gap().is_some()).peekable();
    let mut lines = Vec::with_capacity(page.len());
    let first = page.first().map(|piece| piece.occurred_at);
    // Silences before this page are on the pages before.
    while gaps.next_if(|gap| gap.gap().zip(first).is_some_and(|((_, to), at)| to < at)).is_some() {}
    let days = days(&ctx.clock, page.iter().map(|piece| piece.occurred_at));
    for (piece, day) in page.iter().zip(days) {
        let ended =
            |gap: &&suggest::Asked| gap.gap().is_some_and(|(_, to)| to <= piece.occurred_at);
        while let Some(gap) = gaps.next_if(ended) {
            lines.push(Line::Gap(gap));
        }
        lines.extend(day.map(Line::Day));
        let chosen =
            asked.chosen.as_ref().filter(|(id, _)| *id == piece.id).map(|(_, phase)| *phase);
        let is_on = asked.at.as_ref() == Some(&piece.id);
        let proposed = looked.open.of(&piece.id);
        let view = PieceView::new(ctx, piece, entry_of(&piece.id), proposed, chosen, is_on);
        lines.push(Line::Piece(Box::new(view)));
    }
    lines
}

/// Shows the page, with a form where one is open.
pub(super) async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    asked: &Asked,
    form: Option<FormView>,
) -> Result<Response, Problem> {
    let looked = look(app, viewer, key).await?;
    let mut conn = app.db.read().await?;
    let from = (asked.here(), Clock::utc());
    let ctx = ctx(&mut conn, frame, viewer, &looked.incident, from).await?;
    drop(conn);
    let dismissed = looked.pieces.iter().filter(|piece| piece.dismissed).count();
    let pieces: Vec<Evidence> =
        looked.pieces.iter().filter(|piece| !piece.dismissed).cloned().collect();
    let is_after = |piece: &Evidence| match &asked.after {
        Some(after) => (piece.occurred_at, piece.tie, &piece.id) > (after.at, after.tie, &after.id),
        None => true,
    };
    let begin = pieces.iter().position(is_after).unwrap_or(pieces.len());
    let end = (begin + PAGE).min(pieces.len());
    let page = &pieces[begin..end];
    let next = page.last().filter(|_| end < pieces.len()).map(Evidence::cursor);
    let title = format!("Timeline · {}", ctx.key);
    let curate = CuratePage {
        page: frame.page(&title, "incidents"),
        ctx: &ctx,
        start: looked.facts.impact_start().map(|at| at.to_string()),
        lines: pane(&ctx, &looked, page, asked),
        entries: EntriesView::new(&ctx, &looked.entries, form.as_ref()),
        undo: UndoView { ctx: &ctx, last: looked.last.clone() },
        shown: pieces.len(),
        hidden: dismissed,
        next,
        back: begin > 0,
        looked: &looked,
    };
    shell::page(&curate)
}

/// The pieces that an entry cites, in a line each.
pub(super) async fn cited(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
    entry: &Entry,
) -> Result<Vec<Cited>, Problem> {
    let pieces = evidence::find_all(conn, viewer, &incident.id, &entry.cites).await?;
    let line = |piece: &Evidence| {
        let at = shell::words::second(piece.occurred_at);
        let text = entry::shortened(&piece.body.replace('\n', " "), 120);
        Cited {
            id: piece.id.to_string(),
            text: format!("{at} UTC, {}: {text}", piece.kind.label()),
        }
    };
    Ok(pieces.iter().map(line).collect())
}

/// The page; `?edit=` and `?write=1` open a form on it.
pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = query_of(raw.as_deref());
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let form = match query.some("edit").and_then(EntryId::parse) {
        Some(id) if viewer.can_write() => {
            let found = super::store::find(&mut conn, &incident.id, &id).await?;
            let entry = found.ok_or_else(Problem::not_found)?;
            let cited = cited(&mut conn, &viewer, &incident, &entry).await?;
            Some(FormView::of(&entry, cited))
        }
        _ if query.is_set("write") && viewer.can_write() => Some(empty_form(&query)),
        _ => None,
    };
    drop(conn);
    render(&app, &viewer, &frame, &key, &Asked::read(&query), form).await
}

/// The form of a new entry, with what the link said.
fn empty_form(query: &Said) -> FormView {
    let fields = [("at", "t"), ("text", "text"), ("cites", "cites")];
    let mut values: Vec<(String, String)> = fields
        .iter()
        .map(|(field, from)| ((*field).to_owned(), query.text(from).to_owned()))
        .collect();
    for (_, value) in values.iter_mut().filter(|(field, _)| field == "at") {
        *value = value.replacen('T', " ", 1);
    }
    values.push(("precision".to_owned(), "minute".to_owned()));
    FormView::typed(None, &Said::new(values))
}

/// The page again, with what was typed and what is wrong with it.
pub(super) async fn give_back(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    key: &str,
    (asked, mut form, problem): (&Asked, FormView, Problem),
) -> Result<Response, Problem> {
    if !matches!(problem.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT) {
        return Err(problem);
    }
    form.trouble = Some(problem.detail.clone());
    form.errors = problem.errors;
    let page = render(app, viewer, frame, key, asked, Some(form)).await?;
    Ok((problem.status, page).into_response())
}

/// A rendered part.
pub(super) fn part(template: &impl askama::Template) -> Result<String, Problem> {
    template.render().map_err(Problem::internal)
}

#[derive(askama::Template)]
#[template(path = "timeline/templates/card.html")]
struct Card {
    key: String,
    entries: usize,
    unsupported: usize,
    can_write: bool,
}

/// What an incident's page says of its timeline.
///
/// # Errors
/// What the database says.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<String, Problem> {
    let tally = store::tally(conn, viewer, incident).await?;
    part(&Card {
        key: incident.key().to_string(),
        entries: usize::try_from(tally.entries).unwrap_or(0),
        unsupported: usize::try_from(tally.unsupported).unwrap_or(0),
        can_write: viewer.can_write(),
    })
}
