//! Setting a key time: recorded the first time, corrected after that, at any time, also after
//! publication. Nothing that follows from a time is stored, so a correction is seen at once.

use super::incident::Incident;
use super::key_time::{KeyTimeName, Moment, Precision};
use super::store_times::{self, Correction, Recording};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::shell::moment;
use kit::web::{Problem, Said};
use serde_json::json;

/// The most doubt that can be said, in seconds: a year.
const DOUBT_MAX_S: f64 = 366.0 * 86_400.0;

/// What was said of a key time.
#[derive(Debug, Clone)]
pub struct Telling {
    /// Which.
    pub name: KeyTimeName,
    /// When.
    pub moment: Moment,
    /// From where: alert, chat, deploy, log, metric, page, person, …
    pub source: String,
    /// The evidence that shows it.
    pub evidence_id: Option<String>,
    /// Why it differs from what was recorded; needed for a correction.
    pub reason: String,
}

impl Telling {
    /// Reads one from a form: `name`, `at` in `zone`, `precision`, `uncertainty_min`, `reason`.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub fn read(said: &Said) -> Result<Telling, Problem> {
        let name = said.need("name", KeyTimeName::parse);
        let at = said.need("at", |text| moment::parse(text, said.text("zone")));
        let precision = said.may("precision", Precision::parse).unwrap_or(Precision::Minute);
        let doubt = said.may("uncertainty_min", parse_doubt);
        said.checked()?;
        let (Some(name), Some(at)) = (name, at) else {
            return Err(Problem::internal("a checked form lacks a field"));
        };
        Ok(Telling {
            name,
            moment: Moment { at: at.timestamp(), precision, uncertainty_s: doubt.unwrap_or(0) },
            source: said.some("source").unwrap_or("person").chars().take(40).collect(),
            evidence_id: None,
            reason: said.text("reason").chars().take(400).collect(),
        })
    }
}

/// A doubt said in minutes, such as `10` or `0.5`, in seconds.
///
/// # Errors
/// A sentence with the form.
pub fn parse_doubt(text: &str) -> Result<u32, &'static str> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| minutes.is_finite());
    let seconds = minutes.map(|minutes| minutes * 60.0);
    let seconds = seconds.filter(|seconds| (0.0..=DOUBT_MAX_S).contains(seconds));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    seconds.map(|seconds| seconds as u32).ok_or("Say the doubt as minutes, such as 10.")
}

/// Records or corrects a key time. Gives a sentence that says which.
///
/// # Errors
/// 403 for who does not write; 422 when a correction has no reason.
pub async fn tell(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    telling: Telling,
    session: Option<&Session>,
) -> Result<String, Problem> {
    viewer.must_write()?;
    let now = app.now();
    let name = telling.name;
    let mut tx = app.db.write().await?;
    let before = store_times::key_times(&mut tx, incident).await?;
    let before = before.into_iter().find(|time| time.name == name);
    let what = match &before {
        None => {
            let recording = Recording {
                name,
                moment: telling.moment,
                source: telling.source.clone(),
                evidence_id: telling.evidence_id.clone(),
            };
            store_times::record(&mut tx, &incident.id, &recording, &viewer.id, now).await?;
            "key_time.recorded"
        }
        Some(time) if time.now_believed() == telling.moment => {
            return Ok(format!("{} was already {}.", name.label(), telling.moment.in_words()));
        }
        Some(_) if telling.reason.trim().is_empty() => {
            let why = format!("Say why {name} differs from what was recorded; both are kept.");
            return Err(Problem::field("reason", why));
        }
        Some(_) => {
            let (id, by) = (&incident.id, &viewer.id);
            let moment = telling.moment;
            let correction = Correction { name, moment, reason: &telling.reason };
            store_times::correct(&mut tx, id, &correction, by, now).await?;
            "key_time.corrected"
        }
    };
    let key = incident.key().to_string();
    let deed = Deed::new(&viewer.id, what, &key).of(incident.id.as_str());
    let deed = deed.before(json!(before.map(|time| time.now_believed())));
    let after = json!({ "name": name, "moment": telling.moment, "reason": telling.reason });
    audit::record(&mut tx, now, deed.after(after)).await?;
    let verb = if what == "key_time.recorded" { "recorded as" } else { "corrected to" };
    let sentence = format!("{name} is {verb} {} UTC.", telling.moment.in_words());
    if let Some(session) = session {
        crate::people::session::say(&mut tx, session, &sentence).await?;
    }
    tx.commit().await?;
    Ok(sentence)
}
