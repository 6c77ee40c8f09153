//! Capturing while it runs: a note, a pin, a mark, taking an import back.

use super::import::item::{Item, Kind, Occurred, Precision, ZoneOrigin};
use super::import::scrub;
use super::piece::{Evidence, EvidenceId, Import, ImportId, NewEvidence, STOPPED};
use super::store::{self, Filter};
use super::store_write::{self, By, Mark};
use super::{store_imports, take_in};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::Incident;
use crate::shell::moment;
use kit::db::Time;
use kit::web::Problem;
use serde_json::json;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 20_000;
/// How far ahead of us a clock may be.
const AHEAD_S: i64 = 300;

/// A moment as it was typed, and how finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// When.
    pub at: Time,
    /// How finely it was said.
    pub precision: Precision,
    /// Whether it was typed; otherwise it is now.
    pub typed: bool,
}

/// Reads when something was: nothing is now; `14:02` is today in UTC, or yesterday when that is yet
/// to come; otherwise a day and a time as [`moment::parse`] reads them, in UTC.
///
/// # Errors
/// A sentence with the forms.
pub fn when(text: &str, now: Time) -> Result<Said, String> {
    let text = text.trim();
    if kit::line::is_blank(text) {
        return Ok(Said { at: now, precision: Precision::Second, typed: false });
    }
    let colons = text.split(['+', 'Z']).next().unwrap_or(text).matches(':').count();
    let precision = if colons > 1 { Precision::Second } else { Precision::Minute };
    let bare = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let is_clock = bare.len() <= 8 && bare.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let at = if is_clock {
        let bare = if bare.find(':') == Some(1) { format!("0{bare}") } else { bare.to_owned() };
        let today = moment::parse(&format!("{} {bare}", moment::today(now)), "UTC");
        let today = today.map_err(|_| format!("`{text}` is not a time such as 14:02."))?;
        let day = jiff::SignedDuration::from_hours(24);
        match today > now {
            true => Time::new(today.timestamp().saturating_sub(day).unwrap_or(today.timestamp())),
            false => today,
        }
    } else {
        moment::parse(text, "UTC")
            .map_err(|why| format!("{why} Or only a time such as 14:02, in UTC."))?
    };
    if at.microseconds() - now.microseconds() > AHEAD_S * 1_000_000 {
        return Err(format!("{text} is yet to come. Say when it was."));
    }
    Ok(Said { at, precision, typed: true })
}

/// Writes a note down as evidence.
///
/// # Errors
/// 422 for an empty or endless note; 403 for a seat that writes nothing.
pub async fn note(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    text: &str,
    said: Said,
) -> Result<EvidenceId, Problem> {
    viewer.must_write()?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::field("text", "Write a word or two."));
    }
    let long = text.chars().count();
    if long > LONGEST_NOTE {
        let why = format!("A note has at most {LONGEST_NOTE} characters; this has {long}.");
        return Err(Problem::field("text", why));
    }
    let zone = if said.typed { ZoneOrigin::Stated("UTC".to_owned()) } else { ZoneOrigin::Instant };
    let occurred = Occurred { at: said.at.timestamp(), precision: said.precision, zone };
    let now = app.now();
    let external_id = format!("{}-{}", viewer.handle, kit::id::after_prefix(now));
    let mut item = Item::new(Kind::Manual, "note", external_id, occurred);
    item.author = Some(viewer.name.clone());
    item.text = scrub::text(text);
    let piece = NewEvidence::new(&incident.id, item, 0, None);
    let id = piece.id.clone();
    let by = By { incident: incident.id.clone(), import: None, person: viewer.id.clone(), now };
    let mut tx = app.db.write().await?;
    store_write::insert(&mut tx, &by, vec![piece]).await?;
    let deed = Deed::new(&viewer.id, "evidence.noted", id.as_str()).of(incident.id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "at": said.at }))).await?;
    tx.commit().await?;
    Ok(id)
}

/// The piece of this id, or without one the last thing that happened.
///
/// # Errors
/// 404 when there is none; 409 when there is no evidence yet.
pub async fn which(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: Option<&str>,
) -> Result<Evidence, Problem> {
    let mut conn = app.db.read().await?;
    match id {
        Some(id) => {
            let id = EvidenceId::parse(id).ok_or_else(Problem::not_found)?;
            let found = store::find(&mut conn, viewer, &incident.id, &id).await?;
            found.ok_or_else(Problem::not_found)
        }
        None => {
            let all = Filter::default();
            let last =
                store::newest_of_incident(&mut conn, viewer, &incident.id, &all, None, 1).await?;
            last.into_iter().next().ok_or_else(|| {
                let detail =
                    "There is no evidence here yet, so nothing can be pinned. Write a note.";
                Problem::conflict("nothing_yet", detail)
            })
        }
    }
}

/// Sets or takes away what people say of a piece.
///
/// # Errors
/// 403 for a seat that writes nothing.
pub async fn mark(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    piece: &Evidence,
    mark: Mark,
    on: bool,
) -> Result<bool, Problem> {
    viewer.must_write()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let changed = match on {
        true => store_write::mark(&mut tx, &piece.id, mark, &viewer.id, now).await?,
        false => store_write::unmark(&mut tx, &piece.id, mark).await?,
    };
    if changed {
        let what = match (mark, on) {
            (Mark::Pinned, true) => "evidence.pinned",
            (Mark::Pinned, false) => "evidence.unpinned",
            (Mark::Dismissed, true) => "evidence.dismissed",
            (Mark::Dismissed, false) => "evidence.undismissed",
        };
        let deed = Deed::new(&viewer.id, what, piece.id.as_str()).of(incident.id.as_str());
        audit::record(&mut tx, now, deed).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

/// Takes a whole import back, or stops it while it is read. What cites it says "unsupported" until it
/// is brought again.
///
/// # Errors
/// 404; 409 when it was not taken in or is undone; 403 for a seat that writes nothing.
pub async fn undo(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    id: &ImportId,
) -> Result<Import, Problem> {
    viewer.must_write()?;
    let import = take_in::show(app, viewer, incident, id).await?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    if store_imports::stop(&mut tx, &import.id, STOPPED).await? {
        let deed = Deed::new(&viewer.id, "evidence.import_stopped", import.id.as_str());
        audit::record(&mut tx, now, deed.of(incident.id.as_str())).await?;
        tx.commit().await?;
        return take_in::show(app, viewer, incident, id).await;
    }
    if !store_imports::undo(&mut tx, &import.id, &viewer.id, now).await? {
        let detail = "This import is not here to be undone: it was undone before, or not taken in.";
        return Err(Problem::conflict("not_live", detail));
    }
    let deed = Deed::new(&viewer.id, "evidence.import_undone", import.id.as_str());
    let before = json!({ "file": import.file_name, "added": import.added });
    audit::record(&mut tx, now, deed.of(incident.id.as_str()).before(before)).await?;
    tx.commit().await?;
    take_in::show(app, viewer, incident, id).await
}

#[cfg(test)]
mod tests {
    use super::{Precision, when};
    use kit::db::Time;

    #[test]
    fn a_clock_time_is_today_or_yesterday_and_never_tomorrow() {
        let now = Time::new("2026-03-05T12:00:00Z".parse().unwrap());
        let at = |text| when(text, now).map(|said| said.at.to_string());
        assert_eq!(at("").unwrap(), "2026-03-05T12:00:00Z");
        assert_eq!(at("11:58").unwrap(), "2026-03-05T11:58:00Z");
        assert_eq!(at("9:05 UTC").unwrap(), "2026-03-05T09:05:00Z");
        assert_eq!(at("23:41").unwrap(), "2026-03-04T23:41:00Z");
        assert_eq!(at("2026-03-01 10:00").unwrap(), "2026-03-01T10:00:00Z");
        assert_eq!(when("11:58:03", now).unwrap().precision, Precision::Second);
        assert_eq!(when("11:58", now).unwrap().precision, Precision::Minute);
        for bad in ["soon", "25:00", "2026-03-06 10:00", "2026-03-05"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
