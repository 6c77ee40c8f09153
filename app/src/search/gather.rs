//! Reads what is to be found of an incident, whoever may see it; the table says who may.

use super::doc::{Doc, Piece, What, batches, import_group, loose_group, story_group};
use super::table::{Draft, Entry, Names};
use crate::actions::store_index as actions;
use crate::evidence::store_index as evidence;
use crate::evidence::{EvidenceId, ImportId};
use crate::factors::{self, recommendations_of};
use crate::incidents::{Incident, IncidentId, Label, store_index, store_parts};
use crate::releases::store_index as releases;
use crate::retrospectives::{self, store_index as retros};
use crate::risks::store_index as risks;
use crate::{services, teams, timeline};
use kit::db::{Conn, Result, Time};
use kit::markdown::to_text;

/// Pieces of evidence that are read at a time.
const PAGE: i64 = 1_000;

/// What services and teams are called.
pub async fn names(conn: &mut Conn) -> Result<Names> {
    let mut names = Names::default();
    for one in services::all(conn).await? {
        names.slugs.insert(one.id.to_string(), one.slug.clone());
        names.services.insert(one.slug, one.name);
    }
    for one in teams::all(conn).await? {
        names.slugs.insert(one.id.to_string(), one.slug.clone());
        names.teams.insert(one.slug, one.name);
    }
    Ok(names)
}

/// Everything of an incident but its evidence, the incident itself first; none when there is none.
pub async fn story(conn: &mut Conn, id: &IncidentId) -> Result<Option<(Entry, Vec<Doc>)>> {
    let Some(incident) = store_index::find_for_system(conn, id).await? else { return Ok(None) };
    let mut docs = vec![about(conn, &incident).await?];
    docs.extend(entries(conn, &incident).await?);
    let written = retros::list_for_system(conn, id).await?;
    let mut drafts = Vec::new();
    for retro in &written {
        let people = retros::people_for_system(conn, &retro.id).await?;
        let people = people.iter().map(ToString::to_string).collect();
        drafts.push(Draft { nth: retro.nth, people });
        if retro.state != retrospectives::State::Waived {
            docs.extend(draft(conn, &incident, retro).await?);
        }
    }
    // What only its people see while nothing of the draft is out; of no draft, nobody.
    let door = |id: &retrospectives::RetrospectiveId, is_of_draft: bool| {
        let retro = written.iter().find(|retro| retro.id == *id);
        match retro {
            _ if !is_of_draft => 0,
            Some(retro) if retro.published > 0 => 0,
            Some(retro) => retro.nth,
            None => i64::MAX,
        }
    };
    let promised = actions::list_for_system(conn, id).await?;
    for one in &promised {
        let key = format!("ACT-{}", one.number);
        let mut doc = doc(&incident, What::Action, &key, format!("/actions/{key}"));
        doc.nth = door(&one.retrospective_id, one.is_of_draft());
        doc.summary = format!("{key} {}", one.title);
        doc.pieces = [&one.done_when, &one.effect, &one.note].map(Piece::plain).into();
        docs.push(doc);
    }
    for one in risks::list_for_system(conn, id).await? {
        let key = format!("RISK-{}", one.number);
        let mut doc = doc(&incident, What::Risk, &key, format!("/risks/{key}"));
        doc.nth = door(&one.retrospective_id, one.is_of_draft());
        doc.summary = format!("{key} {}", one.statement);
        doc.pieces = [&one.softened_by, &one.note].map(Piece::plain).into();
        docs.push(doc);
    }
    for one in releases::list_for_system(conn, id).await? {
        let link = format!("/r/{}/releases/{}", incident.key(), one.number);
        let name = format!("release {}", one.number);
        let texts = to_text(&one.markdown);
        for (n, pieces) in
            batches(texts.lines().map(Piece::plain).collect()).into_iter().enumerate()
        {
            let mut doc = doc(&incident, What::Release, &name, link.clone());
            // Once is enough: what is found is brought together by incident.
            doc.title = if n == 0 { one.title.clone() } else { String::new() };
            doc.pieces = pieces;
            docs.push(doc);
        }
    }
    let entry = entry(conn, &incident, drafts, &promised).await?;
    docs[0].entry = Some(entry.clone());
    Ok(Some((entry, docs)))
}

fn doc(incident: &Incident, what: What, name: &str, link: String) -> Doc {
    Doc {
        number: incident.number,
        what,
        nth: 0,
        group: story_group(incident.number),
        name: name.to_owned(),
        link,
        title: String::new(),
        summary: String::new(),
        pieces: Vec::new(),
        entry: None,
    }
}

async fn entry(
    conn: &mut Conn,
    incident: &Incident,
    drafts: Vec<Draft>,
    actions: &[actions::Indexed],
) -> Result<Entry> {
    let only = match incident.label {
        Label::Red => {
            let listed = store_index::listed_for_system(conn, &incident.id).await?;
            Some(listed.iter().map(ToString::to_string).collect())
        }
        _ => None,
    };
    let slugs = |hits: Vec<store_parts::Hit>| hits.into_iter().map(|hit| hit.slug).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Entry {
        id: incident.id.to_string(),
        only,
        drafts,
        kind: incident.kind,
        status: incident.status,
        severity: incident.severity,
        began: store_index::began_for_system(conn, incident).await?.microseconds(),
        services: slugs(store_parts::services(conn, incident).await?),
        teams: slugs(store_parts::teams(conn, incident).await?),
        owed: count(actions.iter().filter(|one| one.state.is_owed()).count()),
        promised: count(actions.iter().filter(|one| !one.is_of_draft()).count()),
    })
}

/// Title, description and what else stands on the incident's page.
async fn about(conn: &mut Conn, incident: &Incident) -> Result<Doc> {
    let key = incident.key();
    let mut about = doc(incident, What::Incident, &key.to_string(), format!("/i/{key}"));
    about.title.clone_from(&incident.title);
    about.summary = to_text(&incident.description);
    let mut line = format!("{key} {} {}", incident.kind.label(), incident.environment);
    for hit in store_parts::services(conn, incident).await? {
        line.push_str(&format!(" · {}", hit.name));
    }
    for hit in store_parts::teams(conn, incident).await? {
        line.push_str(&format!(" · {}", hit.name));
    }
    about.pieces.push(Piece::plain(line));
    for window in store_parts::windows(conn, incident).await? {
        let said = window.said;
        let text =
            [&said.surface, &said.users_method, &said.money_basis].map(String::as_str).join(" ");
        about.pieces.push(Piece::plain(format!("{} {text}", said.effect.label())));
    }
    for one in store_parts::statuses(conn, incident).await? {
        about.pieces.push(Piece::plain(one.reason));
    }
    about.pieces.retain(|piece| !piece.text.trim().is_empty());
    Ok(about)
}

async fn entries(conn: &mut Conn, incident: &Incident) -> Result<Vec<Doc>> {
    let entries = timeline::find_for_system(conn, incident).await?;
    let pieces = entries.into_iter().map(|entry| Piece::plain(entry.content.text)).collect();
    let link = format!("/i/{}/timeline", incident.key());
    let made = batches(pieces).into_iter().map(|pieces| {
        let mut doc = doc(incident, What::Timeline, "", link.clone());
        doc.pieces = pieces;
        doc
    });
    Ok(made.collect())
}

/// What a draft says: it exists for its people only, also after a release is out.
async fn draft(conn: &mut Conn, incident: &Incident, retro: &retros::Indexed) -> Result<Vec<Doc>> {
    let address = format!("/r/{}.{}", incident.key(), retro.nth);
    let mut docs = Vec::new();
    let mut add = |what, name: &str, link: String, pieces: Vec<Piece>| {
        for pieces in batches(pieces) {
            let mut doc = doc(incident, what, name, link.clone());
            doc.nth = retro.nth;
            if what == What::Section {
                doc.summary.clone_from(&retro.title);
            }
            doc.pieces = pieces;
            docs.push(doc);
        }
    };
    for one in retrospectives::sections(conn, &retro.id).await? {
        let text = to_text(&one.text);
        let lines = text.lines().map(Piece::plain).collect();
        add(What::Section, one.name(), format!("{address}/edit"), lines);
    }
    let mut said = factors::store_index::statements_for_system(conn, &retro.id).await?;
    for one in recommendations_of(conn, &retro.id).await? {
        said.extend([one.text, one.rationale]);
    }
    let pieces = said.into_iter().map(Piece::plain).collect();
    add(What::Factors, "", format!("{address}/factors"), pieces);
    let lessons = retrospectives::lessons(conn, &retro.id).await?;
    let mut pieces: Vec<Piece> = lessons.into_iter().map(|one| Piece::plain(one.text)).collect();
    pieces.push(Piece::plain(retro.no_action_because.clone()));
    add(What::Lessons, "", format!("{address}/edit"), pieces);
    Ok(docs)
}

fn said(one: evidence::Said) -> Piece {
    let mut text = one.body;
    for more in [one.file_name, one.place].into_iter().flatten() {
        text.push('\n');
        text.push_str(&more);
    }
    Piece { text, author: one.author.unwrap_or_default(), evidence: Some(one.id) }
}

fn evidence_docs(number: i64, group: &str, pieces: Vec<Piece>) -> Vec<Doc> {
    let link = format!("/i/INC-{number}/evidence");
    let made = batches(pieces).into_iter().map(|pieces| Doc {
        number,
        what: What::Evidence,
        nth: 0,
        group: group.to_owned(),
        name: String::new(),
        link: link.clone(),
        title: String::new(),
        summary: String::new(),
        pieces,
        entry: None,
    });
    made.collect()
}

/// A page of what an import brought, after a piece: the documents, and where the next page begins.
pub async fn import_page(
    conn: &mut Conn,
    (id, number): (&IncidentId, i64),
    import: &ImportId,
    after: Option<&EvidenceId>,
) -> Result<(Vec<Doc>, Option<EvidenceId>)> {
    let after = after.map_or("", EvidenceId::as_str);
    let found = evidence::of_import_for_system(conn, id, import, after, PAGE).await?;
    let is_full = found.len() == usize::try_from(PAGE).unwrap_or(0);
    let next = found.last().filter(|_| is_full).map(|last| last.id.clone());
    let pieces = found.into_iter().map(said).collect();
    Ok((evidence_docs(number, &import_group(import.as_str()), pieces), next))
}

/// A place among what came without an import.
pub type Loose = (Time, String);

/// A page of what came without an import, after a place, up to a time.
pub async fn loose_page(
    conn: &mut Conn,
    (id, number): (&IncidentId, i64),
    after: &Loose,
    until: Time,
) -> Result<(Vec<Doc>, Option<Loose>)> {
    let place = (after.0, after.1.as_str());
    let found = evidence::loose_for_system(conn, id, place, until, PAGE).await?;
    let is_full = found.len() == usize::try_from(PAGE).unwrap_or(0);
    let next = found.last().filter(|_| is_full);
    let next = next.map(|last| (last.recorded_at, last.id.to_string()));
    let mut docs = Vec::new();
    for some in found.chunk_by(|a, b| a.recorded_at == b.recorded_at) {
        let group = loose_group(number, some[0].recorded_at.microseconds());
        let pieces = some.iter().cloned().map(said).collect();
        docs.extend(evidence_docs(number, &group, pieces));
    }
    Ok((docs, next))
}
