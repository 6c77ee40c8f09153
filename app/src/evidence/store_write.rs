//! Writing evidence down: many rows with one statement, and each fact once.
//!
//! A piece that a live import has is already here. One whose import was undone or failed is taken
//! over by the import that brings it again, as it stands. No statement changes what a piece says.

use super::import::item::{Item, SetAside};
use super::piece::{EvidenceId, ImportId, NewEvidence};
use super::store::{author_key, live};
use super::words;
use crate::access::PersonId;
use crate::incidents::IncidentId;
use kit::db::{Conn, Json, Query, Result, Time, Tx, query};
use kit::sql;
use std::collections::HashMap;

/// Rows that one statement inserts; what is left over is inserted one by one.
const ROWS: usize = 20;
/// Ids that one statement asks about.
const ASKED: usize = 100;

const INSERT: &str = "insert into evidence (id, incident_id, import_id, first_import, kind, source, \
    external_id, occurred_at, tie, precision, zone_origin, author, author_key, author_is_bot, body, \
    place, answers, url, signals, source_pinned, series, file_sha256, file_name, content_hash, \
    recorded_at, recorded_by) values ";
const COLUMNS: usize = 26;
const LONGEST: usize = 8192;

/// A text put together while compiling, so that a statement of many rows is still a constant.
struct Text {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Text {
    const fn new() -> Text {
        Text { bytes: [0; LONGEST], len: 0 }
    }

    const fn push(mut self, text: &str) -> Text {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn number(mut self, number: usize) -> Text {
        let mut unit = 1;
        while unit * 10 <= number {
            unit *= 10;
        }
        while unit > 0 {
            self.bytes[self.len] = b'0' + (number / unit % 10) as u8;
            self.len += 1;
            unit /= 10;
        }
        self
    }

    /// `($1, $2)` and so on, counted from `first`.
    const fn places(mut self, first: usize, count: usize) -> Text {
        let mut at = 0;
        while at < count {
            self = self.push(if at == 0 { "($" } else { ", $" }).number(first + at);
            at += 1;
        }
        self.push(")")
    }

    const fn rows(mut self, rows: usize) -> Text {
        let mut row = 0;
        while row < rows {
            if row > 0 {
                self = self.push(", ");
            }
            self = self.places(row * COLUMNS + 1, COLUMNS);
            row += 1;
        }
        self.push(" on conflict (id) do nothing")
    }

    const fn text(&'static self) -> &'static str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => panic!("the statement is ASCII"),
        }
    }
}

static MANY_ROWS: Text = Text::new().push(INSERT).rows(ROWS);
static ONE_ROW: Text = Text::new().push(INSERT).rows(1);
static KNOWN: Text = Text::new()
    .push("select e.id, e.external_id, ")
    .push(live!())
    .push(" as is_live from evidence e where e.incident_id = $1 and e.source = $2 and e.external_id in ")
    .places(3, ASKED);

/// What came of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// New ones.
    pub added: i64,
    /// Those that were here.
    pub already: i64,
    /// Those that are here and say something else now; the first is kept.
    pub differ: Vec<SetAside>,
}

/// Who writes down, for what and when.
#[derive(Debug, Clone)]
pub struct By {
    /// The incident.
    pub incident: IncidentId,
    /// The import; none for a note.
    pub import: Option<ImportId>,
    /// The person.
    pub person: PersonId,
    /// When.
    pub now: Time,
}

/// Writes a batch down. Each fact is there once, whatever is sent again.
///
/// # Errors
/// What the database says.
pub async fn insert(tx: &mut Tx, by: &By, pieces: Vec<NewEvidence>) -> Result<Taken> {
    let mut taken = Taken::default();
    let mut fresh = Vec::with_capacity(pieces.len());
    let mut known: HashMap<(String, String), (Option<EvidenceId>, bool, bool)> = HashMap::new();
    look_up(tx, by, &pieces, &mut known).await?;
    for piece in pieces {
        let key = (piece.item.source.clone(), piece.item.external_id.clone());
        match known.get(&key) {
            // (the row of the same id, if there is one; whether it is live; whether any is)
            Some((_, true, _)) => taken.already += 1,
            Some((_, false, true)) => {
                taken.already += 1;
                taken.differ.push(differs(&piece.item));
            }
            Some((Some(id), false, false)) if *id == piece.id => {
                take_over(tx, by, id).await?;
                taken.added += 1;
            }
            _ => fresh.push(piece),
        }
    }
    let mut rest = fresh.into_iter();
    while rest.len() >= ROWS {
        let mut insert = query(sql!(MANY_ROWS.text()));
        for piece in rest.by_ref().take(ROWS) {
            insert = bind(insert, by, piece);
        }
        taken.count(insert.run(tx).await?, ROWS);
    }
    for piece in rest {
        let insert = bind(query(sql!(ONE_ROW.text())), by, piece);
        taken.count(insert.run(tx).await?, 1);
    }
    Ok(taken)
}

impl Taken {
    fn count(&mut self, written: u64, of: usize) {
        let written = i64::try_from(written).unwrap_or(0);
        self.added += written;
        self.already += i64::try_from(of).unwrap_or(0) - written;
    }
}

fn differs(item: &Item) -> SetAside {
    let id: String = item.external_id.chars().take(80).collect();
    SetAside {
        file: item.place.clone(),
        place: format!("{} {id}", item.source),
        why: "It is here already and says something else there. Evidence does not change, so the \
              first stays; undo the earlier import first if this one is right."
            .to_owned(),
    }
}

#[derive(sqlx::FromRow)]
struct Known {
    id: EvidenceId,
    external_id: String,
    is_live: bool,
}

async fn look_up(
    tx: &mut Tx,
    by: &By,
    pieces: &[NewEvidence],
    known: &mut HashMap<(String, String), (Option<EvidenceId>, bool, bool)>,
) -> Result<()> {
    let mut by_source: HashMap<&str, Vec<&NewEvidence>> = HashMap::new();
    for piece in pieces {
        by_source.entry(&piece.item.source).or_default().push(piece);
    }
    for (source, pieces) in by_source {
        for some in pieces.chunks(ASKED) {
            let mut select = query(sql!(KNOWN.text()));
            select = select.bind(by.incident.clone()).bind(source.to_owned());
            for n in 0..ASKED {
                let id = some.get(n).or(some.first()).map(|piece| piece.item.external_id.clone());
                select = select.bind(id.unwrap_or_default());
            }
            let conn: &mut Conn = tx;
            let rows: Vec<Known> = select.all(conn).await?;
            let ids: HashMap<&str, &EvidenceId> =
                some.iter().map(|piece| (piece.item.external_id.as_str(), &piece.id)).collect();
            for row in rows {
                let is_same = ids.get(row.external_id.as_str()) == Some(&&row.id);
                let seen = known.entry((source.to_owned(), row.external_id)).or_default();
                seen.2 |= row.is_live;
                if is_same {
                    seen.1 = row.is_live;
                    seen.0 = Some(row.id);
                }
            }
        }
    }
    Ok(())
}

async fn take_over(tx: &mut Tx, by: &By, id: &EvidenceId) -> Result<()> {
    let update = query(sql!("update evidence set import_id = $2 where id = $1"));
    update.bind(id.clone()).bind(by.import.clone()).run(tx).await?;
    Ok(())
}

fn bind(insert: Query, by: &By, piece: NewEvidence) -> Query {
    let NewEvidence { id, item, tie, content_hash, file } = piece;
    let (file_sha256, file_name) = file.unzip();
    let pinned = item.signals.pinned;
    insert
        .bind(id)
        .bind(by.incident.clone())
        .bind(by.import.clone())
        .bind(by.import.clone())
        .bind(item.kind)
        .bind(item.source)
        .bind(item.external_id)
        .bind(Time::new(item.occurred.at))
        .bind(tie)
        .bind(item.occurred.precision)
        .bind(words::zone_origin(&item.occurred.zone))
        .bind(item.author.clone())
        .bind(item.author.as_deref().map(author_key))
        .bind(item.author_is_bot)
        .bind(item.text)
        .bind(item.place)
        .bind(item.answers)
        .bind(item.url)
        .bind(Json(item.signals))
        .bind(pinned)
        .bind(Json(item.series))
        .bind(file_sha256)
        .bind(file_name)
        .bind(content_hash)
        .bind(by.now)
        .bind(by.person.clone())
}

kit::words!(
    /// What people say of a piece, apart from it.
    Mark {
        /// It matters.
        Pinned = "pinned", "pinned";
        /// It does not matter here.
        Dismissed = "dismissed", "dismissed";
    }
);

/// Marks a piece that was found for the viewer. Says whether it was not marked so before.
///
/// # Errors
/// What the database says.
pub async fn mark(
    tx: &mut Tx,
    id: &EvidenceId,
    mark: Mark,
    by: &PersonId,
    now: Time,
) -> Result<bool> {
    let insert = query(sql!(
        "insert into evidence_marks (evidence_id, mark, by_person, at) values ($1, $2, $3, $4)
         on conflict (evidence_id, mark) do nothing"
    ));
    let insert = insert.bind(id.clone()).bind(mark).bind(by.clone()).bind(now);
    Ok(insert.run(tx).await? == 1)
}

/// Takes a mark away. Says whether it was there.
///
/// # Errors
/// What the database says.
pub async fn unmark(tx: &mut Tx, id: &EvidenceId, mark: Mark) -> Result<bool> {
    let delete = query(sql!("delete from evidence_marks where evidence_id = $1 and mark = $2"));
    Ok(delete.bind(id.clone()).bind(mark).run(tx).await? == 1)
}
