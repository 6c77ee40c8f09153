//! Making a token, and taking it back.

use super::store::{self, Row};
use super::token::{LIVE_MAX, PREFIX, Token, TokenId};
use crate::access::{PersonId, Scopes, Through, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use jiff::SignedDuration;
use kit::chance;
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// What is said of a new token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Days until it ends.
    pub days: i64,
    /// The handle of the service account it acts for; the maker's own when there is none.
    pub account: Option<String>,
}

/// A new token and its secret, which is shown now and never again.
#[derive(Debug)]
pub struct Made {
    /// The token.
    pub token: Token,
    /// `awt_…`
    pub secret: String,
}

/// Makes a token for the viewer, or for a service account.
///
/// # Errors
/// 403 for a token that would make one, and for a service account's by who does not administer; 422
/// for an account that is not there; 409 when there are too many.
pub async fn make(app: &App, viewer: &Viewer, new: &NewToken) -> Result<Made, Problem> {
    if viewer.through != Through::Session {
        let detail =
            "A token makes no token: who finds one would never have to go. Sign in for it.";
        return Err(Problem::forbidden(detail));
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let person = acts_for(&mut tx, viewer, new.account.as_deref()).await?;
    if store::live(&mut tx, &person, now).await? >= LIVE_MAX {
        let detail =
            format!("There are {LIVE_MAX} good tokens already; revoke what is not needed.");
        return Err(Problem::conflict("too_many_tokens", detail));
    }
    let secret = format!("{PREFIX}{}", chance::secret());
    let row = Row {
        id: TokenId::at(now),
        digest: chance::digest(&secret),
        hint: secret[secret.len() - 4..].to_owned(),
        person,
        name: new.name.clone(),
        scopes: new.scopes.to_string(),
        by: viewer.id.clone(),
        now,
        expires_at: after(now, new.days),
    };
    store::insert(&mut tx, &row).await?;
    let deed = Deed::new(&viewer.id, "token.made", row.id.as_str());
    let said = json!({ "name": row.name, "scopes": row.scopes, "for": row.person,
        "expires_at": row.expires_at });
    audit::record(&mut tx, now, deed.after(said)).await?;
    let token = store::find(&mut tx, viewer, new.account.is_some(), &row.id).await?;
    let token = token.ok_or_else(|| Problem::internal("a new token is not there"))?;
    tx.commit().await?;
    Ok(Made { token, secret })
}

async fn acts_for(
    tx: &mut Tx,
    viewer: &Viewer,
    account: Option<&str>,
) -> Result<PersonId, Problem> {
    let Some(handle) = account else { return Ok(viewer.id.clone()) };
    viewer.must_administer()?;
    let account = store::account(tx, handle).await?;
    account.map(|account| account.id).ok_or_else(|| {
        Problem::field("service_account", format!("There is no service account @{handle}."))
    })
}

fn after(now: Time, days: i64) -> Time {
    let later = now.timestamp().checked_add(SignedDuration::from_hours(24 * days));
    Time::new(later.unwrap_or(now.timestamp()))
}

/// The viewer's token of an id; an administrator's also one of a service account.
///
/// # Errors
/// 404 for anything else.
pub(super) async fn need(
    conn: &mut kit::db::Conn,
    viewer: &Viewer,
    id: &str,
) -> Result<Token, Problem> {
    let id = TokenId::parse(id).ok_or_else(Problem::not_found)?;
    let found = store::find(conn, viewer, viewer.can_administer(), &id).await?;
    found.ok_or_else(Problem::not_found)
}

/// Takes a token back; what was taken back before stays so.
///
/// # Errors
/// 404 for a token that is not the viewer's to take back.
pub async fn revoke(app: &App, viewer: &Viewer, id: &str) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let token = need(&mut tx, viewer, id).await?;
    if store::revoke(&mut tx, &token.id, &viewer.id, now).await? {
        let deed = Deed::new(&viewer.id, "token.revoked", token.id.as_str());
        let before = json!({ "name": token.name, "scopes": token.scopes, "for": token.person_id });
        audit::record(&mut tx, now, deed.before(before)).await?;
    }
    tx.commit().await?;
    Ok(())
}
