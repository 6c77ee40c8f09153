//! Sections in the database. Text is read and written only here, so that it can be kept in another
//! form (people typing together) without anybody else noticing.

use super::retrospective::{RetrospectiveId, SectionState};
use crate::access::PersonId;
use crate::kinds;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

kit::id!(
    /// A section's id. People see the id it has in the library.
    SectionId,
    "sec"
);

/// A section as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Section {
    /// Its id.
    pub id: SectionId,
    /// Its id in the library: `sum`.
    pub section: String,
    /// Where it stands.
    pub position: i64,
    /// How far it is.
    pub state: SectionState,
    /// Markdown.
    pub text: String,
    /// Counts the edits; 0 when there was none.
    pub version: i64,
    /// Who edited it last.
    pub updated_by: Option<String>,
    /// When.
    pub updated_at: Time,
    /// Who stands by it.
    pub confirmed_by: Option<String>,
    /// Why it was taken from the library; none for one that came with the kind.
    pub added_because: Option<String>,
    /// The version of the kinds that its retrospective has.
    pub kind_version: i64,
}

impl Section {
    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        self.library().map_or(self.section.as_str(), |section| section.name.as_str())
    }

    /// What the library says of it; none when its retrospective's library does not have it.
    #[must_use]
    pub fn library(&self) -> Option<&'static kinds::Section> {
        let own = kinds::of_version(self.kind_version);
        own.section(&self.section).or_else(|| kinds::section(&self.section))
    }

    /// Whether it is filled from structured data; its text only adds to it.
    #[must_use]
    pub fn is_auto(&self) -> bool {
        self.library().is_some_and(|section| section.auto)
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// All sections of a retrospective, in order.
///
/// # Errors
/// What the database says.
pub async fn sections(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Section>> {
    let select = query(sql!(
        "select s.id, s.section, s.position, s.state, s.text, s.version, p.name as updated_by,
                s.updated_at, c.name as confirmed_by, s.added_because, r.kind_version
         from sections s join retrospectives r on r.id = s.retrospective_id
         left join people p on p.id = s.updated_by
         left join people c on c.id = s.confirmed_by
         where s.retrospective_id = $1 order by s.position, s.id"
    ));
    select.bind(id.clone()).all(conn).await
}

#[derive(sqlx::FromRow)]
struct Whose {
    retrospective_id: RetrospectiveId,
    #[sqlx(flatten)]
    section: Section,
}

/// How many retrospectives [`sections_of`] looks at.
pub const MANY: usize = 12;

/// All sections of the first [`MANY`] of some retrospectives, in order, each with whose it is.
///
/// # Errors
/// What the database says.
pub async fn sections_of(
    conn: &mut Conn,
    ids: &[&RetrospectiveId],
) -> Result<Vec<(RetrospectiveId, Section)>> {
    let mut select = query(sql!(
        "select s.retrospective_id, s.id, s.section, s.position, s.state, s.text, s.version,
                p.name as updated_by, s.updated_at, c.name as confirmed_by, s.added_because,
                r.kind_version
         from sections s join retrospectives r on r.id = s.retrospective_id
         left join people p on p.id = s.updated_by
         left join people c on c.id = s.confirmed_by
         where s.retrospective_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         order by s.retrospective_id, s.position, s.id"
    ));
    for n in 0..MANY {
        select = select.bind(ids.get(n).map(ToString::to_string).unwrap_or_default());
    }
    let rows: Vec<Whose> = select.all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.retrospective_id, row.section)).collect())
}

/// One section of a retrospective, by its id in the library.
///
/// # Errors
/// What the database says.
pub async fn section(
    conn: &mut Conn,
    id: &RetrospectiveId,
    section: &str,
) -> Result<Option<Section>> {
    let select = query(sql!(
        "select s.id, s.section, s.position, s.state, s.text, s.version, p.name as updated_by,
                s.updated_at, c.name as confirmed_by, s.added_because, r.kind_version
         from sections s join retrospectives r on r.id = s.retrospective_id
         left join people p on p.id = s.updated_by
         left join people c on c.id = s.confirmed_by
         where s.retrospective_id = $1 and s.section = $2"
    ));
    select.bind(id.clone()).bind(section.to_owned()).optional(conn).await
}

/// Makes an empty section there, or moves the one that is there; its text stays.
///
/// # Errors
/// What the database says.
pub(super) async fn place(
    tx: &mut Tx,
    id: &RetrospectiveId,
    section: &str,
    position: i64,
    now: Time,
) -> Result<()> {
    let insert = query(sql!(
        "insert into sections (id, retrospective_id, section, position, state, text, version,
             updated_at)
         values ($1, $2, $3, $4, 'empty', '', 0, $5)
         on conflict (retrospective_id, section) do update set position = excluded.position"
    ));
    let insert = insert.bind(SectionId::at(now)).bind(id.clone()).bind(section.to_owned());
    insert.bind(position).bind(now).run(tx).await?;
    Ok(())
}

/// Remembers why a section was taken from the library.
///
/// # Errors
/// What the database says.
pub(super) async fn set_added(
    tx: &mut Tx,
    id: &RetrospectiveId,
    section: &str,
    because: &str,
) -> Result<()> {
    let update = query(sql!(
        "update sections set added_because = $3 where retrospective_id = $1 and section = $2"
    ));
    let update = update.bind(id.clone()).bind(section.to_owned()).bind(because.to_owned());
    update.run(tx).await?;
    Ok(())
}

/// What an edit writes.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub text: &'a str,
    pub state: SectionState,
    pub by: &'a PersonId,
    pub at: Time,
}

/// Writes its text, if nobody else did since `version`. Says whether it did. What was written is kept
/// for ever among its versions.
///
/// # Errors
/// What the database says.
pub(super) async fn write(
    tx: &mut Tx,
    id: &SectionId,
    version: i64,
    new: &Written<'_>,
) -> Result<bool> {
    let update = query(sql!(
        "update sections set text = $3, state = $4, version = version + 1, updated_by = $5,
             updated_at = $6, confirmed_by = null
         where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(new.text.to_owned());
    let update = update.bind(new.state).bind(new.by.clone()).bind(new.at);
    if update.run(tx).await? == 0 {
        return Ok(false);
    }
    let insert = query(sql!(
        "insert into section_versions (section_id, version, text, by_person, at)
         values ($1, $2, $3, $4, $5)"
    ));
    let insert = insert.bind(id.clone()).bind(version + 1).bind(new.text.to_owned());
    insert.bind(new.by.clone()).bind(new.at).run(tx).await?;
    Ok(true)
}

/// Sets how far it is, if nobody edited it since `version`. Says whether it did.
///
/// # Errors
/// What the database says.
pub(super) async fn set_state(
    tx: &mut Tx,
    id: &SectionId,
    version: i64,
    state: SectionState,
    confirmed_by: Option<&PersonId>,
) -> Result<bool> {
    let update = query(sql!(
        "update sections set state = $3, confirmed_by = $4 where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(state).bind(confirmed_by.cloned());
    Ok(update.run(tx).await? == 1)
}

/// One saved text of a section.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Version {
    /// Which section, by its id in the library.
    pub section: String,
    /// Counts the edits.
    pub version: i64,
    /// Markdown.
    pub text: String,
    /// By whom.
    pub name: String,
    /// When.
    pub at: Time,
}

/// Every saved text of a retrospective, by section, the first one first.
///
/// # Errors
/// What the database says.
pub async fn versions(conn: &mut Conn, id: &RetrospectiveId) -> Result<Vec<Version>> {
    let select = query(sql!(
        "select s.section, v.version, v.text, p.name, v.at
         from section_versions v join sections s on s.id = v.section_id
         join people p on p.id = v.by_person
         where s.retrospective_id = $1 order by s.position, s.id, v.version"
    ));
    select.bind(id.clone()).all(conn).await
}

/// One saved text.
///
/// # Errors
/// What the database says.
pub async fn version(
    conn: &mut Conn,
    id: &RetrospectiveId,
    section: &str,
    version: i64,
) -> Result<Option<Version>> {
    let select = query(sql!(
        "select s.section, v.version, v.text, p.name, v.at
         from section_versions v join sections s on s.id = v.section_id
         join people p on p.id = v.by_person
         where s.retrospective_id = $1 and s.section = $2 and v.version = $3"
    ));
    select.bind(id.clone()).bind(section.to_owned()).bind(version).optional(conn).await
}

/// That a text was saved, without the text.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Kept {
    /// Counts the edits.
    pub version: i64,
    /// How long the text is.
    pub characters: i64,
    /// By whom.
    pub name: String,
    /// When.
    pub at: Time,
}

/// The saved texts of a section, or those before a version; the newest first.
///
/// # Errors
/// What the database says.
pub(super) async fn kept(
    conn: &mut Conn,
    section: &SectionId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Kept>> {
    let select = query(sql!(
        "select v.version, cast(length(v.text) as bigint) as characters, p.name, v.at
         from section_versions v join people p on p.id = v.by_person
         where v.section_id = $1 and (cast($2 as bigint) is null or v.version < $2)
         order by v.version desc limit $3"
    ));
    select.bind(section.clone()).bind(before).bind(most).all(conn).await
}
