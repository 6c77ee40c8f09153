//! What a release says: everything a reader sees, gathered once and frozen. Page, Markdown, PDF and JSON
//! are four dresses of this one value; its JSON is what the digest is taken of.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A whole release.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseDocument)]
pub struct Document {
    /// `INC-42`.
    pub key: String,
    /// 1, 2, …
    pub release: i64,
    /// What happened, in plain words.
    pub title: String,
    /// How far it may be shared: `amber strict`.
    pub label: String,
    /// For whom it was made.
    pub audience: String,
    /// The day it was published, `2026-03-09`.
    pub published_on: String,
    /// The day of the incident in words, `1 March 2026`.
    pub happened_on: String,
    /// `Standard`.
    pub kind: String,
    /// Other incidents that it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<CoveredOne>,
    /// 1 to 4.
    pub severity: Option<i64>,
    /// The services that were hit.
    pub services: Vec<String>,
    /// The teams it concerned.
    pub teams: Vec<String>,
    /// Who took part, by role; for knowing whom to ask.
    pub people: Vec<Part>,
    /// Five lines, Markdown.
    pub summary: String,
    /// Impact figures and durations, in words.
    pub figures: Vec<Figure>,
    /// What was hit, from when to when.
    pub impact: Vec<Hit>,
    /// The sections that tell the story, in their order.
    pub story: Vec<Chapter>,
    /// The timeline.
    pub timeline: Vec<Step>,
    /// The metrics that the story cites, as figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
    /// What surprised us: Markdown and lessons.
    pub surprises: Vec<String>,
    /// The factors, by explanatory path; several side by side, none the first.
    pub paths: Vec<Path>,
    /// What went well, and where we were lucky.
    pub went_well: Vec<String>,
    /// Other lessons.
    pub lessons: Vec<String>,
    /// What we decided: to do, not to do, to accept.
    pub decisions: Vec<Decision>,
    /// Recommendations for systems, process and communication.
    pub recommendations: Vec<Recommendation>,
    /// Why no action is the result, when it is.
    pub no_action_because: String,
    /// Questions left.
    pub questions: Vec<String>,
    /// Other sections that have something to say.
    pub more: Vec<Chapter>,
    /// What the kind wants as figures, choices and names, by section.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldsOf>,
    /// The key times, with what was recorded where it was corrected.
    pub key_times: Vec<NamedTime>,
    /// Every named duration, or why it cannot be told, with its definition.
    pub durations: Vec<Figure>,
    /// What the story cites.
    pub sources: Vec<Source>,
    /// What this release changed; empty for the first.
    pub what_changed: String,
}

/// An incident that is covered beside the own one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseCovered)]
pub struct CoveredOne {
    /// `INC-7`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Why it belongs there.
    pub reason: String,
}

/// A role and who had it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleasePart)]
pub struct Part {
    /// The role.
    pub role: String,
    /// Who.
    pub names: Vec<String>,
}

/// A term and a value, with what it means or how it was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseFigure)]
pub struct Figure {
    /// The term.
    pub term: String,
    /// The value.
    pub value: String,
    /// How it was counted, or the definition.
    pub note: String,
}

/// Something that was hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseHit)]
pub struct Hit {
    /// What.
    pub surface: String,
    /// How: `unavailable`.
    pub effect: String,
    /// From when, UTC.
    pub from: String,
    /// To when; empty while it lasted.
    pub to: String,
    /// How many people, how counted.
    pub people: String,
    /// What it cost, against which baseline.
    pub cost: String,
}

/// A section that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseChapter)]
pub struct Chapter {
    /// The section's name.
    pub name: String,
    /// Markdown.
    pub text: String,
}

/// The fields of a section in which something stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseFields)]
pub struct FieldsOf {
    /// The section's name.
    pub section: String,
    /// Figures, sums, choices, names.
    pub figures: Vec<Figure>,
    /// Tables.
    pub tables: Vec<FieldTable>,
}

/// A field that is a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseFieldTable)]
pub struct FieldTable {
    /// Its name.
    pub name: String,
    /// What its columns are called.
    pub columns: Vec<String>,
    /// Its cells in words, row by row.
    pub rows: Vec<Vec<String>>,
}

impl FieldTable {
    /// Its rows, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| format!("{}: {}", self.name, row.join(", "))).collect()
    }
}

/// An entry of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseStep)]
pub struct Step {
    /// The instant, RFC 3339.
    pub at: String,
    /// As people read it, UTC: `13:45`, `≈ 13:45`.
    pub clock: String,
    /// The day it begins, when it is another than the step before: `1 March 2026`.
    pub day: String,
    /// What kind of fact.
    pub fact: String,
    /// In which phase.
    pub phase: String,
    /// What, Markdown.
    pub text: String,
    /// Who or what acted.
    pub actor: String,
    /// `known later`, since when; empty when it was known then.
    pub learned: String,
    /// What an action came to.
    pub result: String,
    /// Numbers of its sources.
    pub sources: Vec<usize>,
}

/// A metric that the story cites: lines over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseChart)]
pub struct Chart {
    /// The number of its source.
    pub source: usize,
    /// What is measured: `checkout_requests:rate5m`.
    pub name: String,
    /// Lowest, highest and last of each line, in a sentence.
    pub says: String,
    /// The lines, thinned so that peaks stay.
    pub lines: Vec<Line>,
    /// How many lines the evidence has beside these.
    pub left_out: usize,
}

/// A line of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseLine)]
pub struct Line {
    /// Its labels.
    pub name: String,
    /// Instant and value. The value is a number as text, as in the files it comes from, so that the
    /// digest does not depend on how a reader rounds.
    #[schema(value_type = Vec<Vec<Value>>)]
    pub points: Vec<(jiff::Timestamp, String)>,
}

/// An explanatory path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleasePath)]
pub struct Path {
    /// Its name.
    pub name: String,
    /// Its factors.
    pub factors: Vec<Factor>,
}

/// A contributing factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseFactor)]
pub struct Factor {
    /// What had to be true.
    pub statement: String,
    /// `confirmed`, `supported`, …
    pub certainty: String,
    /// Its facets in words.
    pub facets: Vec<String>,
    /// Whether it is the last event before the harm.
    pub is_direct_cause: bool,
    /// Numbers of its sources.
    pub sources: Vec<usize>,
}

/// Something decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseDecision)]
pub struct Decision {
    /// `do`, `not_doing`, `accept`.
    pub sort: String,
    /// `ACT-7`, `RISK-3`.
    pub key: String,
    /// What.
    pub title: String,
    /// Its state when this was published.
    pub state: String,
    /// Owner, date, done-when, reason: a line.
    pub note: String,
}

/// Something recommended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseRecommendation)]
pub struct Recommendation {
    /// `system`, `process`, `communication`.
    pub target: String,
    /// What.
    pub text: String,
}

/// A key time in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseNamedTime)]
pub struct NamedTime {
    /// Which.
    pub name: String,
    /// When, UTC, with its doubt.
    pub when: String,
    /// What was recorded first and why it was corrected; empty when it was not.
    pub corrected: String,
}

/// Something the story cites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseSource)]
pub struct Source {
    /// Its number.
    pub number: usize,
    /// When, UTC.
    pub at: String,
    /// Where from: `slack, #inc-42`.
    pub origin: String,
    /// Its words, shortened.
    pub text: String,
    /// Where it is, if it can be opened.
    pub url: String,
}

impl Document {
    /// Minutes to read, at 220 words a minute; at least one.
    #[must_use]
    pub fn minutes_to_read(&self) -> usize {
        let chapters = self.story.iter().chain(&self.more).map(|one| one.text.as_str());
        let steps = self.timeline.iter().map(|one| one.text.as_str());
        let lists = [&self.surprises, &self.went_well, &self.lessons, &self.questions];
        let lists = lists.into_iter().flatten().map(String::as_str);
        let factors = self.paths.iter().flat_map(|path| &path.factors);
        let factors = factors.map(|one| one.statement.as_str());
        let decisions = self.decisions.iter().map(|one| one.title.as_str());
        let texts = chapters.chain(steps).chain(lists).chain(factors).chain(decisions);
        let words: usize =
            texts.chain([self.summary.as_str()]).map(|text| text.split_whitespace().count()).sum();
        words.div_ceil(220).max(1)
    }

    /// The JSON the digest is taken of.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The digest of [`Document::json`], in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(self.json().as_bytes()))
    }

    /// Text by heading, in reading order; what a diff compares.
    #[must_use]
    pub fn by_heading(&self) -> Vec<(String, String)> {
        let lines = |items: &[String]| items.join("\n");
        let mut out = vec![("Title".to_owned(), self.title.clone())];
        out.push(("Summary".to_owned(), self.summary.clone()));
        let covers =
            self.covers.iter().map(|one| format!("{} {}: {}", one.key, one.title, one.reason));
        out.push(("Incidents".to_owned(), covers.collect::<Vec<_>>().join("\n")));
        let figures = self.figures.iter().map(|one| format!("{}: {}", one.term, one.value));
        out.push(("Figures".to_owned(), figures.collect::<Vec<_>>().join("\n")));
        let hits = self.impact.iter().map(|hit| {
            format!(
                "{}: {}, {} to {} {} {}",
                hit.surface, hit.effect, hit.from, hit.to, hit.people, hit.cost
            )
        });
        out.push(("Impact".to_owned(), hits.collect::<Vec<_>>().join("\n")));
        out.extend(self.story.iter().map(|one| (one.name.clone(), one.text.clone())));
        let steps = self.timeline.iter().map(|step| format!("{} {}", step.clock, step.text));
        out.push(("Timeline".to_owned(), steps.collect::<Vec<_>>().join("\n")));
        let charts = self.charts.iter().map(|one| format!("{}: {}", one.name, one.says));
        out.push(("What was measured".to_owned(), charts.collect::<Vec<_>>().join("\n")));
        out.push(("What surprised us".to_owned(), lines(&self.surprises)));
        let factors = self.paths.iter().flat_map(|path| &path.factors);
        let factors = factors.map(|one| format!("{} ({})", one.statement, one.certainty));
        out.push(("What had to be true".to_owned(), factors.collect::<Vec<_>>().join("\n")));
        out.push(("What went well".to_owned(), lines(&self.went_well)));
        out.push(("Lessons".to_owned(), lines(&self.lessons)));
        let decisions = self
            .decisions
            .iter()
            .map(|one| format!("{} {}: {}. {}", one.key, one.title, one.state, one.note));
        out.push(("What we decided".to_owned(), decisions.collect::<Vec<_>>().join("\n")));
        let recommended =
            self.recommendations.iter().map(|one| format!("{}: {}", one.target, one.text));
        out.push(("Recommendations".to_owned(), recommended.collect::<Vec<_>>().join("\n")));
        out.push(("No action, because".to_owned(), self.no_action_because.clone()));
        out.push(("Questions left".to_owned(), lines(&self.questions)));
        out.extend(self.more.iter().map(|one| (one.name.clone(), one.text.clone())));
        let fields = self.fields.iter().flat_map(|one| {
            let figures = one.figures.iter().map(|one| format!("{}: {}", one.term, one.value));
            figures.chain(one.tables.iter().flat_map(FieldTable::lines))
        });
        out.push(("In figures".to_owned(), fields.collect::<Vec<_>>().join("\n")));
        let times = self
            .key_times
            .iter()
            .map(|one| format!("{}: {} {}", one.name, one.when, one.corrected));
        out.push(("Key times".to_owned(), times.collect::<Vec<_>>().join("\n")));
        out
    }
}
