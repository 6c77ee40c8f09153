//! The trained pool and the rules, as they are changed.

use super::rules::Rules;
use super::store_pool::{self, Trained};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::people;
use kit::db::DbError;
use kit::web::Problem;
use serde_json::json;

/// The most characters of a training or skill.
pub const WORDS_MAX: usize = 400;

/// Saves the rules, unless somebody else did since they were read.
///
/// # Errors
/// 403 for who does not decide; 409 when somebody saved meanwhile.
pub async fn save(app: &App, viewer: &Viewer, rules: &Rules) -> Result<(), Problem> {
    viewer.must_decide()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let before = store_pool::rules(&mut tx).await?.rules;
    let meanwhile = || {
        Problem::conflict("changed", "Somebody else saved the rules meanwhile. Look at them again.")
    };
    if before.version != rules.version {
        return Err(meanwhile());
    }
    match store_pool::save(&mut tx, rules, &viewer.id, now).await {
        Err(DbError::Duplicate { .. }) => return Err(meanwhile()),
        done => done?,
    }
    let told = |rules: &Rules| {
        json!({ "method": rules.method, "rungs": rules.rungs, "answer_hours": rules.answer_hours,
            "tenure_months": rules.tenure_months, "most_open": rules.most_open, "last_team": rules.last_team })
    };
    let deed = Deed::new(&viewer.id, "investigators.rules_saved", "investigators");
    audit::record(&mut tx, now, deed.before(told(&before)).after(told(rules))).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts somebody into the pool, or says anew what is known of them.
///
/// # Errors
/// 403 for who does not decide; 404 for nobody; 422 for who writes nothing.
pub async fn put(
    app: &App,
    viewer: &Viewer,
    person: &PersonId,
    said: &Trained,
) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    let found = people::find(&mut tx, person).await?.ok_or_else(Problem::not_found)?;
    if !found.seat.writes() {
        let why = format!("{} has the seat of {}, which writes nothing.", found.name, found.seat);
        return Err(Problem::field("person", why));
    }
    store_pool::put(&mut tx, person, said, &viewer.id, app.now()).await?;
    let deed = Deed::new(&viewer.id, "investigator.trained", person.as_str());
    let after = json!({ "is_available": said.is_available, "services": said.services });
    audit::record(&mut tx, app.now(), deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Says whether somebody can be asked now: they themselves, or who decides.
///
/// # Errors
/// 403 for others; 404 for who is not in the pool.
pub async fn set_available(
    app: &App,
    viewer: &Viewer,
    person: &PersonId,
    is_available: bool,
) -> Result<(), Problem> {
    if viewer.id == *person {
        viewer.must_write()?;
    } else {
        viewer.must_decide()?;
    }
    let mut tx = app.db.write().await?;
    if !store_pool::set_available(&mut tx, person, is_available).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&viewer.id, "investigator.availability", person.as_str());
    audit::record(&mut tx, app.now(), deed.after(json!({ "is_available": is_available }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes somebody out of the pool.
///
/// # Errors
/// 403 for who does not decide; 404 for who is not in it.
pub async fn remove(app: &App, viewer: &Viewer, person: &PersonId) -> Result<(), Problem> {
    viewer.must_decide()?;
    let mut tx = app.db.write().await?;
    if !store_pool::remove(&mut tx, person).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(&viewer.id, "investigator.left_the_pool", person.as_str());
    audit::record(&mut tx, app.now(), deed).await?;
    tx.commit().await?;
    Ok(())
}
