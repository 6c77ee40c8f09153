//! `/i/INC-42/evidence`: what is there, one piece, notes and marks; and the files that pieces show.

use super::capture::{self, LONGEST_NOTE};
use super::chart::{self, Chart};
use super::import::item::{Kind, Precision};
use super::piece::{Cursor, Evidence, EvidenceId};
use super::store::{self, Count, Filter};
use super::store_write::Mark;
use super::{files, import, words};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::incidents::{self, Incident};
use crate::people::session::say;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kit::db::Conn;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};
use tokio::io::AsyncReadExt;

/// Pieces on a page.
const PAGE: i64 = 50;
/// Characters of a piece that a list shows.
const SHOWN: usize = 700;
/// Charts drawn on one page.
const CHARTS: usize = 6;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/i/{key}/evidence", get(list))
        .route("/i/{key}/evidence/{id}", get(one))
        .route("/i/{key}/notes", post(do_note))
        .route("/i/{key}/pins", post(do_pin))
        .route("/i/{key}/dismissals", post(do_dismiss))
        .route("/i/{key}/files/{sha256}", get(file))
        .merge(super::pages_imports::routes())
        .merge(super::pages_capture::routes())
}

/// A piece as a page shows it.
pub struct Shown {
    /// The piece.
    pub e: Evidence,
    /// `23:41:07`, as finely as it is known.
    pub clock: String,
    /// For `<time data-at>`.
    pub at: &'static str,
    /// Lines of its text, cut for a list.
    pub lines: Vec<String>,
    /// Whether the text goes on.
    pub cut: bool,
    /// What is said of its zone; empty when there is nothing to say.
    pub zone: String,
    /// Its series, drawn.
    pub chart: Option<Chart>,
}

impl Shown {
    /// Makes one; `most` is how many characters are shown.
    #[must_use]
    pub fn of(e: Evidence, most: usize) -> Shown {
        let time = e.occurred_at;
        let (at, clock) = match e.precision {
            Precision::Second => ("second", shell::words::clock_second(time)),
            Precision::Minute => ("minute", shell::words::clock(time)),
            Precision::Hour => ("minute", format!("≈ {}", shell::words::clock(time))),
            Precision::Day => ("date", "that day".to_owned()),
        };
        let text: String = e.body.chars().take(most).collect();
        let cut = text.len() < e.body.len();
        let lines = text.lines().map(str::to_owned).collect();
        let zone = words::zone_shown(&e.zone_origin);
        Shown { clock, at, lines, cut, zone, chart: None, e }
    }

    /// Whether it shows a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.e.source == "image" && self.e.file_sha256.is_some()
    }

    /// Its digest, for the picture's address.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.e.file_sha256.as_deref().unwrap_or_default()
    }

    /// What the picture or file is called.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.e.file_name.as_deref().unwrap_or("a file")
    }

    /// Its source for people.
    #[must_use]
    pub fn source(&self) -> &str {
        words::source(&self.e.source)
    }

    /// Its place, when it says more than the source.
    #[must_use]
    pub fn place(&self) -> &str {
        self.e.place.as_deref().unwrap_or_default()
    }

    /// Reactions, edits and alerts, in words.
    #[must_use]
    pub fn hints(&self) -> String {
        let signals = &self.e.signals.0;
        let mut said: Vec<String> = Vec::new();
        if let Some(alert) = &signals.alert {
            let severity =
                alert.severity.as_deref().map_or(String::new(), |text| format!(", {text}"));
            said.push(format!("{}{severity}", alert.name));
        }
        let reactions: u32 = signals.reactions.iter().map(|(_, n)| n).sum();
        if reactions > 0 {
            let few = signals.reactions.iter().take(4);
            let few: Vec<String> = few.map(|(name, n)| format!("{name} {n}")).collect();
            said.push(few.join(", "));
        }
        if signals.edited_at.is_some() {
            said.push("edited later".to_owned());
        }
        if signals.deleted {
            said.push("deleted in the source".to_owned());
        }
        said.join(" · ")
    }
}

/// Pieces of one day.
struct Day {
    name: String,
    pieces: Vec<Shown>,
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/evidence.html")]
struct EvidencePage {
    page: Page,
    incident: Incident,
    days: Vec<Day>,
    total: i64,
    sources: Vec<(String, i64)>,
    kinds: Vec<(Kind, i64)>,
    said: Said,
    is_filtered: bool,
    older: Option<String>,
    is_first: bool,
    can_write: bool,
    path: String,
    max_mib: u64,
}

impl EvidencePage {
    fn has(&self, name: &str, value: &str) -> bool {
        self.said.text(name) == value
    }

    fn source(&self, name: &str) -> String {
        words::source(name).to_owned()
    }

    fn author_link(&self, author: &str) -> String {
        format!("?{}", encode(&[("author", author)]))
    }

    fn older_link(&self, cursor: &str) -> String {
        let kept = ["source", "kind", "author", "pinned"].map(|name| (name, self.said.text(name)));
        let mut kept: Vec<(&str, &str)> =
            kept.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        kept.push(("before", cursor));
        format!("?{}", encode(&kept))
    }
}

/// A query's text.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let plain = |text: &str| {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    out.push(byte as char)
                }
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn read_filter(said: &Said) -> Result<Filter, Problem> {
    let filter = Filter {
        source: said.some("source").map(str::to_owned),
        kind: said.may("kind", Kind::parse),
        author: said.some("author").map(str::to_owned),
        pinned: said.is_set("pinned"),
    };
    said.checked()?;
    Ok(filter)
}

/// How many there are: in all, by source, by kind.
#[derive(Default)]
struct Tally {
    total: i64,
    sources: Vec<(String, i64)>,
    kinds: Vec<(Kind, i64)>,
}

fn tally(counts: &[Count]) -> Tally {
    let Tally { mut total, mut sources, mut kinds } = Tally::default();
    for count in counts {
        match sources.iter_mut().find(|(name, _)| *name == count.source) {
            Some((_, n)) => *n += count.n,
            None => sources.push((count.source.clone(), count.n)),
        }
        match kinds.iter_mut().find(|(kind, _)| *kind == count.kind) {
            Some((_, n)) => *n += count.n,
            None => kinds.push((count.kind, count.n)),
        }
        total += count.n;
    }
    Tally { total, sources, kinds }
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let filter = read_filter(&said)?;
    let before = match said.some("before") {
        Some(text) => Some(Cursor::parse(text).ok_or_else(|| {
            Problem::field("before", "This link to older evidence is damaged. Begin at the newest.")
        })?),
        None => None,
    };
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let counts = store::counts(&mut conn, &viewer, &incident.id).await?;
    let (id, before) = (&incident.id, before.as_ref());
    let mut pieces =
        store::newest_of_incident(&mut conn, &viewer, id, &filter, before, PAGE + 1).await?;
    let more = pieces.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    pieces.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let older = pieces.last().filter(|_| more).map(|last| last.cursor().to_string());
    let days = by_day(&mut conn, pieces).await?;
    let Tally { total, sources, kinds } = tally(&counts);
    shell::page(&EvidencePage {
        page: frame.page(&format!("Evidence · {}", incident.key()), "incidents"),
        incident,
        days,
        total,
        sources,
        kinds,
        is_filtered: said
            .fields()
            .iter()
            .any(|(name, value)| name != "before" && !value.is_empty()),
        is_first: before.is_none(),
        said,
        older,
        can_write: viewer.can_write(),
        path: frame.path,
        max_mib: app.config.upload_max_bytes >> 20,
    })
}

async fn by_day(conn: &mut Conn, pieces: Vec<Evidence>) -> Result<Vec<Day>, Problem> {
    let mut days: Vec<Day> = Vec::new();
    let mut charts = 0;
    for piece in pieces {
        let name = shell::words::day(piece.occurred_at);
        let mut shown = Shown::of(piece, SHOWN);
        if shown.e.kind == Kind::Metric && charts < CHARTS {
            shown.chart = draw(conn, &shown.e).await?;
            charts += usize::from(shown.chart.is_some());
        }
        match days.last_mut().filter(|day| day.name == name) {
            Some(day) => day.pieces.push(shown),
            None => days.push(Day { name, pieces: vec![shown] }),
        }
    }
    Ok(days)
}

async fn draw(conn: &mut Conn, piece: &Evidence) -> Result<Option<Chart>, Problem> {
    let (name, series) = chart::of(conn, piece).await?;
    Ok(chart::draw(&name, &series))
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/piece.html")]
struct PiecePage {
    page: Page,
    incident: Incident,
    piece: Shown,
    recorded: String,
    can_write: bool,
    path: String,
}

async fn one(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path((key, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let id = EvidenceId::parse(&id).ok_or_else(Problem::not_found)?;
    let found = store::find(&mut conn, &viewer, &incident.id, &id).await?;
    let mut piece = Shown::of(found.ok_or_else(Problem::not_found)?, usize::MAX);
    piece.chart = draw(&mut conn, &piece.e).await?;
    shell::page(&PiecePage {
        page: frame.page(&format!("Evidence · {}", incident.key()), "incidents"),
        recorded: shell::words::second(piece.e.recorded_at),
        piece,
        incident,
        can_write: viewer.can_write(),
        path: frame.path,
    })
}

#[derive(askama::Template)]
#[template(path = "evidence/templates/card.html")]
struct Card<'a> {
    incident: &'a Incident,
    total: i64,
    kinds: Vec<(Kind, i64)>,
    can_write: bool,
    icons: &'static str,
}

/// What an incident's page says of its evidence.
///
/// # Errors
/// What the database says.
pub async fn card(
    conn: &mut Conn,
    viewer: &Viewer,
    incident: &Incident,
) -> Result<String, Problem> {
    let counts = store::counts(conn, viewer, &incident.id).await?;
    let Tally { total, kinds, .. } = tally(&counts);
    let icons = shell::assets::icons();
    let card = Card { incident, total, kinds, can_write: viewer.can_write(), icons };
    askama::Template::render(&card).map_err(Problem::internal)
}

/// Where a form wants to go back to: a page of this incident.
pub(super) fn back(said: &Said, incident: &Incident) -> String {
    let own = format!("/i/{}/", incident.key());
    let asked = said.text("back");
    let fine = asked.starts_with(&own) && !asked.contains(['\\', '\n', '\r']);
    if fine { asked.to_owned() } else { format!("{own}evidence") }
}

/// Leaves a sentence for the next page.
pub(super) async fn tell(app: &App, session: &Session, sentence: &str) -> Result<(), Problem> {
    let mut tx = app.db.write().await?;
    say(&mut tx, session, sentence).await?;
    tx.commit().await?;
    Ok(())
}

async fn found(app: &App, viewer: &Viewer, key: &str) -> Result<Incident, Problem> {
    let mut conn = app.db.read().await?;
    incidents::need(&mut conn, viewer, key).await
}

async fn do_note(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let text = said.need("text", |text| match text.chars().count() {
        0 => Err("Write a word or two.".to_owned()),
        long if long > LONGEST_NOTE => {
            Err(format!("A note has at most {LONGEST_NOTE} characters; this has {long}."))
        }
        _ => Ok(text.to_owned()),
    });
    let when = said.need("at", |text| capture::when(text, app.now()));
    said.checked()?;
    let (Some(text), Some(when)) = (text, when) else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    capture::note(&app, &viewer, &incident, &text, when).await?;
    let sentence = format!("Saved, at {} UTC.", shell::words::clock_second(when.at));
    tell(&app, &session, &sentence).await?;
    Ok(see_other(&back(&said, &incident)))
}

async fn do_pin(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let on = !said.is_set("off");
    let piece = capture::which(&app, &viewer, &incident, said.some("id")).await?;
    let changed = capture::mark(&app, &viewer, &incident, &piece, Mark::Pinned, on).await?;
    let what: String = piece.body.lines().next().unwrap_or_default().chars().take(60).collect();
    let did = match (on, changed) {
        (true, true) => "Pinned",
        (true, false) => "It was pinned before",
        (false, true) => "No longer pinned",
        (false, false) => "It was not pinned",
    };
    tell(&app, &session, &format!("{did}: {what}")).await?;
    Ok(see_other(&back(&said, &incident)))
}

async fn do_dismiss(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let incident = found(&app, &viewer, &key).await?;
    let Some(id) = said.some("id") else {
        return Err(Problem::field("id", "Say which piece of evidence."));
    };
    let on = !said.is_set("off");
    let piece = capture::which(&app, &viewer, &incident, Some(id)).await?;
    capture::mark(&app, &viewer, &incident, &piece, Mark::Dismissed, on).await?;
    let sentence = match on {
        true => "Dismissed: it stays here and is proposed no more.",
        false => "Brought back.",
    };
    tell(&app, &session, sentence).await?;
    Ok(see_other(&back(&said, &incident)))
}

/// A file that a piece shows. A picture that its importer took goes as what it is; everything else
/// is handed over to be saved. Nothing in it can run here.
async fn file(
    State(app): State<App>,
    viewer: Viewer,
    Path((key, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    send_file(&app, &viewer, &key, &sha256).await
}

/// The file of a digest, as [`file`] sends it.
pub(super) async fn send_file(
    app: &App,
    viewer: &Viewer,
    key: &str,
    sha256: &str,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, viewer, key).await?;
    let path = files::path(app, sha256).ok_or_else(Problem::not_found)?;
    let shown = store::file(&mut conn, viewer, &incident.id, sha256).await?;
    let shown = shown.ok_or_else(Problem::not_found)?;
    drop(conn);
    let opened = path.clone();
    let picture = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::open(opened).ok()?;
        import::image::header(file).ok()
    });
    let picture = picture.await.ok().flatten().filter(|_| shown.source == "image");
    let file = tokio::fs::File::open(&path).await.map_err(Problem::internal)?;
    let length = file.metadata().await.map_err(Problem::internal)?.len();
    let pieces = futures_util::stream::unfold(file, |mut file| async {
        let mut piece = vec![0; 64 * 1024];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    // Who compresses it asks once more after the end, which `unfold` does not bear.
    let pieces = futures_util::StreamExt::fuse(pieces);
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    let (kind, how) = match picture {
        Some(picture) => (picture.media_type, "inline"),
        None => ("application/octet-stream", "attachment"),
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name = shown.file_name.unwrap_or_default();
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).take(100).collect();
    let disposition = HeaderValue::from_str(&format!("{how}; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
