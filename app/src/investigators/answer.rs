//! What whoever is asked answers: it is mine; or it goes on, without a word of why.

use super::search::on;
use super::store;
use super::turn::{Turn, TurnState};
use crate::access::Viewer;
use crate::app::App;
use crate::retrospectives::{self as retros, Retrospective};
use kit::db::Conn;
use kit::web::Problem;

/// The turn in which this viewer is asked.
async fn need(
    conn: &mut Conn,
    viewer: &Viewer,
    key: &str,
) -> Result<(Retrospective, Turn), Problem> {
    let (retro, _) = retros::need_known(conn, viewer, key).await?;
    let turns = store::turns(conn, &retro.id).await?;
    let is_theirs = |turn: &Turn| turn.person_id.as_ref() == Some(&viewer.id);
    let last = turns.into_iter().rfind(is_theirs).ok_or_else(Problem::not_found)?;
    match last.state {
        TurnState::Open => Ok((retro, last)),
        TurnState::Taken => Err(Problem::conflict("answered", "It is yours already.")),
        _ => Err(Problem::conflict("answered", "It went on meanwhile; nothing is asked of you.")),
    }
}

/// Takes it: the viewer owns the review now.
///
/// # Errors
/// 404 for who was not asked; 409 when it went on meanwhile.
pub async fn take(app: &App, viewer: &Viewer, key: &str) -> Result<(), Problem> {
    viewer.must_write()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let (retro, _) = need(&mut tx, viewer, key).await?;
    retros::set_owner(&mut tx, viewer, &retro, &viewer.id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets it go on to the next. No reason is asked for.
///
/// # Errors
/// As [`take`].
pub async fn pass_on(app: &App, viewer: &Viewer, key: &str) -> Result<(), Problem> {
    viewer.must_write()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let (_, turn) = need(&mut tx, viewer, key).await?;
    if store::end(&mut tx, &turn.id, TurnState::WentOn, now).await? {
        on(&mut tx, &turn, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
