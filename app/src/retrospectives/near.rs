//! A near miss in two fields: what nearly happened and what stopped it. Whoever reports it is thanked.

use super::open::begin;
use super::retrospective::{Address, SectionState};
use super::store_sections::{self, Written};
use super::{RetrospectiveId, store};
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::declare::{Declaration, within};
use crate::incidents::{self, Kind, Title};
use crate::{kinds, policy};
use kit::db::{DbError, Time, Tx};
use kit::web::Problem;

/// The most characters of one of the two fields.
pub const FIELD_MAX: usize = 4000;
/// The most characters of the title that is made of the first sentence.
const TITLE_MAX: usize = 120;

/// What somebody said about it.
#[derive(Debug, Clone)]
pub struct NearMiss {
    /// What nearly happened.
    pub nearly: String,
    /// What stopped it.
    pub stopped: String,
}

impl NearMiss {
    /// Whether both fields say something.
    ///
    /// # Errors
    /// 422 with a line for each that does not.
    pub fn checked(&self) -> Result<(), Problem> {
        let said = kit::web::Said::default();
        for (name, text, what) in [
            ("nearly", &self.nearly, "Say what nearly happened."),
            ("stopped", &self.stopped, "Say what stopped it, or that it was luck."),
        ] {
            if kit::line::is_blank(text) {
                said.wrong(name, what);
            } else if text.chars().count() > FIELD_MAX {
                said.wrong(name, format!("At most {FIELD_MAX} characters, please."));
            }
        }
        said.checked()
    }

    /// The first sentence, as a title.
    fn title(&self) -> Result<Title, Problem> {
        let line = self.nearly.trim().lines().next().unwrap_or_default();
        let end = line.find(". ").map_or(line.len(), |at| at);
        let sentence = line[..end].trim_end_matches('.');
        let mut title: String = sentence.chars().take(TITLE_MAX).collect();
        if title.chars().count() < sentence.chars().count() {
            title.push('…');
        }
        Title::parse(&title).map_err(|why| Problem::field("nearly", why))
    }
}

/// Writes a near miss down with its retrospective, in which the two fields stand already.
///
/// # Errors
/// 403 for who does not write; 422 when a field says nothing.
pub async fn report_near_miss(
    app: &App,
    viewer: &Viewer,
    said: &NearMiss,
) -> Result<Address, Problem> {
    viewer.must_write()?;
    said.checked()?;
    let title = said.title()?;
    let declaration = Declaration::new(title, Kind::NearMiss, None, true, false);
    // Two may take the same number at once on PostgreSQL; the second takes the next.
    for _ in 0..20 {
        let now = app.now();
        let mut tx = app.db.write().await?;
        let (id, key) = match within(&mut tx, viewer, &declaration, now).await {
            Err(DbError::Duplicate { .. }) => continue,
            done => done?,
        };
        let incident = incidents::find_by_id(&mut tx, viewer, &id).await?;
        let incident = incident.ok_or_else(|| Problem::internal("what was written is gone"))?;
        let kind = kinds::find("near").ok_or_else(|| Problem::internal("no kind `near`"))?;
        let reason = format!("{} reported it: {}.", viewer.name, kind.why_words);
        let retro = begin(&mut tx, viewer, &incident, (kind, &reason), now).await?;
        for (section, text) in [("near-could", &said.nearly), ("near-saved", &said.stopped)] {
            put_down(&mut tx, &retro.id, (section, text), viewer, now).await?;
        }
        let taken = (Some(kind.id.as_str()), reason.as_str());
        let version = policy::answered(&mut tx, viewer, &incident, taken, now).await?;
        store::set_policy_version(&mut tx, &retro.id, version).await?;
        tx.commit().await?;
        return Ok(Address { key, nth: None });
    }
    Err(DbError::Away("many incidents are being declared at once".into()).into())
}

async fn put_down(
    tx: &mut Tx,
    id: &RetrospectiveId,
    (section, text): (&str, &str),
    viewer: &Viewer,
    now: Time,
) -> Result<(), Problem> {
    let found = store_sections::section(tx, id, section).await?;
    let found = found.ok_or_else(|| Problem::internal(format!("no section `{section}`")))?;
    let written =
        Written { text: text.trim(), state: SectionState::Draft, by: &viewer.id, at: now };
    store_sections::write(tx, &found.id, found.version, &written).await?;
    Ok(())
}
