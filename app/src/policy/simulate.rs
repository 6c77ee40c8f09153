//! A trial: what a policy would have asked for over past incidents, beside the one in force. It walks as
//! many as its viewer may see, a few hundred at a time, and keeps none of them.

use super::decide::{Choice, choose};
use super::document::Policy;
use super::gather::facts_of;
use super::version;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{Incident, store_often};
use crate::kinds::{self, Library};
use jiff::SignedDuration;
use kit::db::Time;
use kit::web::Problem;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Incidents read at once.
const BATCH: i64 = 200;
/// Incidents whose choice changes that are listed; all are counted.
const LISTED: usize = 200;
/// How long a trial may take, in seconds.
const SECONDS: i64 = 20;

/// Over which incidents.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Written down in the last days: 1 to 3,650.
    pub days: i64,
    /// As many at most: 1 to 20,000.
    pub most: i64,
}

impl Span {
    /// A year, and five thousand at most.
    pub const USUAL: Span = Span { days: 365, most: 5000 };

    /// Checks what somebody said.
    ///
    /// # Errors
    /// 422 with a line for each wrong number.
    pub fn new(days: Option<i64>, most: Option<i64>) -> Result<Span, Problem> {
        let usual = Span::USUAL;
        let span = Span { days: days.unwrap_or(usual.days), most: most.unwrap_or(usual.most) };
        if !(1..=3650).contains(&span.days) {
            return Err(Problem::field("days", "Say days from 1 to 3650."));
        }
        if !(1..=20_000).contains(&span.most) {
            return Err(Problem::field("most", "Say how many at most, from 1 to 20000."));
        }
        Ok(span)
    }
}

/// How many reviews of a kind, and the minutes they are said to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TrialOfKind)]
pub struct OfKind {
    /// The kind's id; `none` for no review.
    #[schema(example = "standard")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How many the policy in force asks for.
    pub now: i64,
    /// How many the other one would.
    pub then: i64,
    /// Minutes of those now.
    pub minutes_now: i64,
    /// Minutes of those then.
    pub minutes_then: i64,
}

/// An incident for which something else is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TrialChange)]
pub struct Changed {
    /// The incident's key.
    #[schema(example = "INC-42")]
    pub incident: String,
    /// Its title.
    pub title: String,
    /// The kind now; null for none.
    pub kind_now: Option<String>,
    /// The name of the rule now.
    pub rule_now: String,
    /// The kind then.
    pub kind_then: Option<String>,
    /// The name of the rule then.
    pub rule_then: String,
}

/// What a trial found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicyTrial)]
pub struct Trial {
    /// The version in force.
    pub policy_version: i64,
    /// How many incidents were looked at: those you may see.
    pub looked_at: i64,
    /// Whether these were all of the span.
    pub is_all: bool,
    /// Since when they were written down.
    pub since: Time,
    /// Each kind, with how many and how long.
    pub kinds: Vec<OfKind>,
    /// Minutes of all now.
    pub minutes_now: i64,
    /// Minutes of all then.
    pub minutes_then: i64,
    /// What comes on top, now.
    pub to_do_now: i64,
    /// What comes on top, then.
    pub to_do_then: i64,
    /// How many could not be told for certain now: a fact that is missing might make a rule fire.
    pub uncertain_now: i64,
    /// The same, then.
    pub uncertain_then: i64,
    /// For how many something else is chosen.
    pub changed: i64,
    /// The newest of these, 200 at most.
    pub changes: Vec<Changed>,
}

#[derive(Default)]
struct Sums {
    kinds: BTreeMap<String, (i64, i64)>,
    to_do: (i64, i64),
    uncertain: (i64, i64),
    looked_at: i64,
    changed: i64,
    changes: Vec<Changed>,
}

impl Sums {
    fn add(&mut self, incident: &Incident, now: &Choice, then: &Choice) {
        self.looked_at += 1;
        let id = |choice: &Choice| choice.kind.clone().unwrap_or("none".to_owned());
        self.kinds.entry(id(now)).or_default().0 += 1;
        self.kinds.entry(id(then)).or_default().1 += 1;
        let count = |choice: &Choice| i64::try_from(choice.to_do.len()).unwrap_or(0);
        self.to_do = (self.to_do.0 + count(now), self.to_do.1 + count(then));
        let open = |choice: &Choice| i64::from(choice.tried.iter().any(|one| one.is_unknown));
        self.uncertain = (self.uncertain.0 + open(now), self.uncertain.1 + open(then));
        if now.kind == then.kind && now.to_do == then.to_do {
            return;
        }
        self.changed += 1;
        if self.changes.len() < LISTED {
            self.changes.push(Changed {
                incident: incident.key().to_string(),
                title: incident.title.clone(),
                kind_now: now.kind.clone(),
                rule_now: now.rule_name.clone(),
                kind_then: then.kind.clone(),
                rule_then: then.rule_name.clone(),
            });
        }
    }
}

/// Tries a policy over the incidents that this viewer may see.
///
/// # Errors
/// 403 for who decides nothing; what the database says.
pub async fn simulate(
    app: &App,
    viewer: &Viewer,
    policy: &Policy,
    span: Span,
) -> Result<Trial, Problem> {
    viewer.must_decide()?;
    let began = app.now();
    let since = began.timestamp().checked_sub(SignedDuration::from_hours(24 * span.days));
    let since = Time::new(since.unwrap_or(began.timestamp()));
    let current = version::current(&mut app.db.read().await?).await?;
    let mut sums = Sums::default();
    let mut below = None;
    let mut is_all = false;
    while sums.looked_at < span.most {
        // A connection for each batch: nobody waits for a trial to end.
        let mut conn = app.db.read().await?;
        let most = BATCH.min(span.most - sums.looked_at);
        let batch = store_often::ended_since(&mut conn, viewer, (since, below), most).await?;
        let facts = facts_of(&mut conn, &batch).await?;
        for (incident, facts) in batch.iter().zip(&facts) {
            sums.add(incident, &choose(&current.policy, facts), &choose(policy, facts));
            below = Some(incident.number);
        }
        is_all = i64::try_from(batch.len()).unwrap_or(0) < most;
        let seconds = (app.now().microseconds() - began.microseconds()) / 1_000_000;
        if is_all || seconds >= SECONDS {
            break;
        }
    }
    let mut conn = app.db.read().await?;
    let library = kinds::current(&mut conn).await?;
    if !is_all {
        let more = store_often::ended_since(&mut conn, viewer, (since, below), 1).await?;
        is_all = more.is_empty();
    }
    Ok(told(sums, (&current.policy, policy), (current.version, since, is_all), library))
}

fn told(
    sums: Sums,
    (now, then): (&Policy, &Policy),
    (policy_version, since, is_all): (i64, Time, bool),
    library: &'static Library,
) -> Trial {
    let known = library.kinds.iter().map(|kind| (kind.id.as_str(), kind.name.as_str()));
    let all = known.chain([("none", "No review")]);
    let of_kind = |(id, name): (&str, &str)| {
        let (n, m) = sums.kinds.get(id).copied().filter(|counts| *counts != (0, 0))?;
        Some(OfKind {
            kind: id.to_owned(),
            name: name.to_owned(),
            now: n,
            then: m,
            minutes_now: n * now.effort(id).unwrap_or(0),
            minutes_then: m * then.effort(id).unwrap_or(0),
        })
    };
    let kinds: Vec<OfKind> = all.filter_map(of_kind).collect();
    Trial {
        policy_version,
        looked_at: sums.looked_at,
        is_all,
        since,
        minutes_now: kinds.iter().map(|one| one.minutes_now).sum(),
        minutes_then: kinds.iter().map(|one| one.minutes_then).sum(),
        kinds,
        to_do_now: sums.to_do.0,
        to_do_then: sums.to_do.1,
        uncertain_now: sums.uncertain.0,
        uncertain_then: sums.uncertain.1,
        changed: sums.changed,
        changes: sums.changes,
    }
}

/// Minutes as people say them: `45 min`, `6 h`, `1 h 30 min`.
#[must_use]
pub fn effort_in_words(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
