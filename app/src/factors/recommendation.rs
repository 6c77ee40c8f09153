//! Recommendations: what the factors suggest changing, before anybody promises to. The verbs that
//! write, change and withdraw one.

use super::factor::FactorId;
use super::{store, store_recommendations};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::retrospectives::need_for_writing;
use kit::web::{Problem, Said};
use serde_json::json;

kit::id!(
    /// A recommendation's id.
    RecommendationId,
    "rec"
);

kit::words!(
    /// What it would change.
    Target {
        /// A system or a feature.
        System = "system", "system or feature";
        /// How work is done.
        Process = "process", "process";
        /// How people hear of things.
        Communication = "communication", "communication";
    }
);

/// What a recommendation says.
#[derive(Debug, Clone)]
pub struct NewRecommendation {
    /// What it would change.
    pub target: Target,
    /// What is recommended.
    pub text: String,
    /// Why.
    pub rationale: String,
    /// Which factors it answers.
    pub factors: Vec<FactorId>,
}

/// A recommendation as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Recommendation {
    /// Its id.
    pub id: RecommendationId,
    /// What it would change.
    pub target: Target,
    /// What is recommended.
    pub text: String,
    /// Why.
    pub rationale: String,
    /// Counts the changes.
    pub version: i64,
    /// Which factors it answers.
    #[sqlx(skip)]
    pub factors: Vec<FactorId>,
}

const TEXT_MAX: usize = 1000;

impl NewRecommendation {
    /// Reads a form.
    ///
    /// # Errors
    /// 422 with a line for each wrong field.
    pub fn read(said: &Said) -> Result<NewRecommendation, Problem> {
        let target = said.need("target", Target::parse);
        let new = NewRecommendation {
            target: target.unwrap_or(Target::System),
            text: said.text("text").to_owned(),
            rationale: said.text("rationale").to_owned(),
            factors: said.all("factor").into_iter().filter_map(FactorId::parse).collect(),
        };
        said.checked()?;
        new.checked().map_err(|problem| said.give_back(problem))?;
        Ok(new)
    }

    fn checked(&self) -> Result<(), Problem> {
        if kit::line::is_blank(&self.text) {
            return Err(Problem::field("text", "Say what is recommended, in a sentence or two."));
        }
        for (field, text) in [("text", &self.text), ("rationale", &self.rationale)] {
            let count = text.chars().count();
            if count > TEXT_MAX {
                let long = format!("At most {TEXT_MAX} characters; this has {count}.");
                return Err(Problem::field(field, long));
            }
        }
        Ok(())
    }
}

/// Writes a recommendation down.
///
/// # Errors
/// 404 for who is not one of its people; 422 when it says nothing or cites a factor of another.
pub async fn recommend(
    app: &App,
    viewer: &Viewer,
    key: &str,
    new: &NewRecommendation,
) -> Result<RecommendationId, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    new.checked()?;
    if store::belonging(&mut tx, &retro.id, &new.factors).await?.len() != new.factors.len() {
        return Err(Problem::field("factor", "Choose factors of this retrospective."));
    }
    let id = store_recommendations::insert(&mut tx, &retro.id, new, &viewer.id, now).await?;
    let deed = Deed::new(&viewer.id, "recommendation.added", id.as_str());
    let deed = deed.of(retro.incident_id.as_str()).after(json!({ "target": new.target }));
    audit::record(&mut tx, now, deed).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a recommendation, if nobody else did since `version`.
///
/// # Errors
/// 404 and 422 as above; 409 when somebody else was faster.
pub async fn change_recommendation(
    app: &App,
    viewer: &Viewer,
    key: &str,
    (id, version): (&RecommendationId, i64),
    new: &NewRecommendation,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    new.checked()?;
    if store::belonging(&mut tx, &retro.id, &new.factors).await?.len() != new.factors.len() {
        return Err(Problem::field("factor", "Choose factors of this retrospective."));
    }
    let there = store_recommendations::of_retrospective(&mut tx, &retro.id).await?;
    let was = there.into_iter().find(|one| one.id == *id).ok_or_else(Problem::not_found)?;
    if !store_recommendations::update(&mut tx, &retro.id, (id, version), new).await? {
        let detail = format!("Somebody changed it meanwhile; it now reads: “{}”.", was.text);
        return Err(Problem::conflict("changed", detail));
    }
    let deed = Deed::new(&viewer.id, "recommendation.changed", id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let deed = deed.before(json!({ "target": was.target, "characters": was.text.chars().count() }));
    let after = json!({ "target": new.target, "characters": new.text.chars().count() });
    audit::record(&mut tx, now, deed.after(after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a recommendation away, or brings it back.
///
/// # Errors
/// 404 for who is not one of its people, or when there is nothing to do.
pub async fn set_recommendation_away(
    app: &App,
    viewer: &Viewer,
    key: &str,
    id: &RecommendationId,
    is_away: bool,
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let at = is_away.then_some(now);
    if !store_recommendations::set_deleted(&mut tx, &retro.id, id, at).await? {
        return Err(Problem::not_found());
    }
    let what = if is_away { "recommendation.removed" } else { "recommendation.restored" };
    let deed = Deed::new(&viewer.id, what, id.as_str()).of(retro.incident_id.as_str());
    audit::record(&mut tx, now, deed.after(json!({ "removed": is_away }))).await?;
    tx.commit().await?;
    Ok(())
}
