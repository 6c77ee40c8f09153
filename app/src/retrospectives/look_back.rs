//! Looking back at a project or an event that was no incident.

use super::open::{REASON_MAX, begin};
use super::retrospective::Address;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::declare::{Declaration, within};
use crate::incidents::{self, Kind, Title};
use crate::kinds;
use kit::db::DbError;
use kit::web::Problem;

/// What somebody looks back at.
#[derive(Debug, Clone)]
pub struct LookBack {
    /// What it was, in plain words.
    pub title: Title,
    /// Why one looks back at it.
    pub why: String,
    /// Which kind of review.
    pub kind: &'static kinds::Kind,
    /// Whether only named people see it.
    pub private: bool,
}

/// Opens a retrospective of a project or event, which the viewer owns. Nobody declares anything: what it
/// is about stands beside the incidents, is in none of their lists and figures, and carries access,
/// evidence and timeline as they do.
///
/// # Errors
/// 403 for who does not write; 422 without a reason.
pub async fn look_back(app: &App, viewer: &Viewer, said: &LookBack) -> Result<Address, Problem> {
    viewer.must_write()?;
    let why = said.why.trim();
    if kit::line::is_blank(why) || why.chars().count() > REASON_MAX {
        return Err(Problem::field("why", "Say in a sentence why you look back at it."));
    }
    let declaration = Declaration::new(said.title.clone(), Kind::Project, None, true, said.private);
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
        let retro = begin(&mut tx, viewer, &incident, (said.kind, why), now).await?;
        let leads = (Some(&viewer.id), None);
        super::assign::set_leads(&mut tx, viewer, &retro, leads, now).await?;
        tx.commit().await?;
        return Ok(Address { key, nth: None });
    }
    Err(DbError::Away("many incidents are being declared at once".into()).into())
}
