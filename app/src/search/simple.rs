//! The database's own answer, while there is no index: titles and descriptions, the newest first, narrowed
//! as with one.

use super::doc::What;
use super::passage::Marker;
use super::question::{Filter, Question};
use super::show::{Answer, Choices, Place, Shown, took};
use crate::access::Viewer;
use crate::actions::store_index as actions;
use crate::app::App;
use crate::incidents::store_index::{self, Narrowed};
use crate::incidents::{Incident, Label, store_parts};
use jiff::tz::TimeZone;
use kit::db::{Conn, Result, Time};
use kit::web::Problem;

/// Incidents that are read at a time.
const PAGE: i64 = 100;
/// Of more incidents that have the words only so many, the newest, are narrowed by day and by open
/// actions, which takes a look at each; the page says so.
const LOOKED_AT: usize = 2_000;

/// What is known of an incident beside itself.
struct Seen {
    incident: Incident,
    began: Time,
    owed: u32,
    promised: u32,
}

/// Answers from the database.
///
/// # Errors
/// What the database says.
pub(super) async fn simple(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    (from, most): (usize, usize),
    began: std::time::Instant,
) -> Result<Shown, Problem> {
    let marker = Marker::new(&question.asked);
    let mut conn = app.db.read().await?;
    let found = newest(&mut conn, viewer, question, from + most + 1).await?;
    let total = found.len();
    let mut results = Vec::new();
    for seen in found.into_iter().skip(from).take(most) {
        let hits = store_parts::services(&mut conn, &seen.incident).await?;
        let services = hits.into_iter().map(|hit| hit.name).collect();
        results.push(answer(seen, services, &marker));
    }
    Ok(Shown {
        total,
        results,
        choices: Choices::default(),
        has_partial: false,
        nowhere: Vec::new(),
        mended: Vec::new(),
        index: app.search.state(),
        is_simple: true,
        took_ms: took(began),
    })
}

/// The newest incidents that have the words and that nothing narrows away.
async fn newest(
    conn: &mut Conn,
    viewer: &Viewer,
    question: &Question,
    most: usize,
) -> Result<Vec<Seen>> {
    let words = question.text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).take(4).map(str::to_owned).collect();
    let filter = &question.filter;
    let narrowed = Narrowed {
        kind: filter.kind,
        severity: filter.severity,
        status: filter.state,
        service: filter.service.clone(),
        team: filter.team.clone(),
    };
    let (mut found, mut below, mut looked_at) = (Vec::new(), i64::MAX, 0);
    while looked_at < LOOKED_AT {
        let asked = (words.as_slice(), &narrowed);
        let page = store_index::newest_with(conn, viewer, asked, below, PAGE).await?;
        let Some(last) = page.last() else { break };
        below = last.number;
        looked_at += page.len();
        for incident in page {
            let seen = look(conn, incident).await?;
            if is_wanted(&seen, filter) {
                found.push(seen);
            }
            if found.len() == most {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

async fn look(conn: &mut Conn, incident: Incident) -> Result<Seen> {
    let began = store_index::began_for_system(conn, &incident).await?;
    let all = actions::list_for_system(conn, &incident.id).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let owed = count(all.iter().filter(|one| one.state.is_owed()).count());
    let promised = count(all.iter().filter(|one| !one.is_of_draft()).count());
    Ok(Seen { incident, began, owed, promised })
}

fn is_wanted(seen: &Seen, filter: &Filter) -> bool {
    let day = seen.began.timestamp().to_zoned(TimeZone::UTC).date();
    filter.from.is_none_or(|from| day >= from)
        && filter.to.is_none_or(|to| day <= to)
        && filter.open_actions.is_none_or(|open| open == (seen.owed > 0))
}

fn answer(seen: Seen, services: Vec<String>, marker: &Marker) -> Answer {
    let incident = seen.incident;
    let text = kit::markdown::to_text(&incident.description);
    let (key, url) = (incident.key().to_string(), format!("/i/{}", incident.key()));
    Answer {
        title: marker.line(&incident.title),
        kind: incident.kind,
        severity: incident.severity,
        state: incident.status,
        services,
        began: seen.began,
        open_actions: seen.owed,
        actions: seen.promised,
        is_private: incident.label == Label::Red,
        found_in: vec![Place {
            what: What::Incident,
            name: key.clone(),
            url: url.clone(),
            passage: marker.passage(&text).parts,
            nth: 0,
            has: 0,
        }],
        key,
        url,
    }
}
