//! Writing an entry by hand, and what a form says of one.

use super::change::{Changed, Changing};
use super::entry::{Came, Content, parse_text};
use super::fact::{Fact, Phase};
use crate::access::{Session, Viewer};
use crate::app::App;
use crate::evidence::EvidenceId;
use crate::incidents::Incident;
use crate::incidents::key_time::Precision;
use crate::shell::moment;
use kit::db::Time;
use kit::web::{Problem, Said};

/// The most doubt that can be said, in seconds: a year.
pub(super) const DOUBT_MAX_S: i64 = 366 * 86_400;
/// The largest place among entries of the same time.
pub(super) const TIE_MAX: i64 = 1_000_000_000;

impl Content {
    /// Reads an entry from a form: `at`, `until`, `learned_at` in `zone`; `precision`,
    /// `uncertainty_min`, `fact`, `phase`, `text`, `actor`, `learned_later`, `from_memory`, `result`,
    /// `tie`, and `cites`, each an id.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub fn read(said: &Said) -> Result<Content, Problem> {
        let zone = said.text("zone");
        let precision = said.may("precision", Precision::parse).unwrap_or(Precision::Minute);
        let at = said.need("at", |text| parse_at(text, zone, precision));
        let until = said.may("until", |text| parse_at(text, zone, precision));
        if let Some(wrong) = at.and_then(|at| ends_before_it_begins(at, until)) {
            said.wrong("until", wrong);
        }
        let fact = said.need("fact", Fact::parse);
        let text = said.need("text", parse_text);
        let known_then = !said.is_set("learned_later");
        let learned_at = match known_then {
            true => None,
            false => said.may("learned_at", |text| parse_at(text, zone, Precision::Minute)),
        };
        let result = said.may("result", Came::parse);
        if let Some(wrong) = fact.and_then(|fact| effect_of_no_action(fact, result)) {
            said.wrong("result", wrong);
        }
        let cites = said.all("cites").into_iter().filter_map(EvidenceId::parse).collect();
        let uncertainty_s = said.may("uncertainty_min", parse_doubt).unwrap_or(0);
        let phase = said.may("phase", Phase::parse);
        let tie = said.may("tie", parse_tie).unwrap_or(0);
        let actor = said.may("actor", parse_actor);
        let from_memory = said.is_set("from_memory");
        said.checked()?;
        let (Some(at), Some(fact), Some(text)) = (at, fact, text) else {
            return Err(Problem::internal("a checked form lacks a field"));
        };
        let content = Content::plain(at, fact, &text);
        Ok(Content {
            until,
            precision,
            uncertainty_s,
            phase,
            actor,
            known_then,
            learned_at,
            from_memory,
            result,
            tie,
            cites,
            ..content
        })
    }
}

/// What is wrong with an end before the beginning.
pub(super) fn ends_before_it_begins(at: Time, until: Option<Time>) -> Option<&'static str> {
    let is_before = until.is_some_and(|until| until < at);
    is_before.then_some("It ends before it begins: one of the two is wrong.")
}

/// What is wrong with an effect of something that was no action.
pub(super) fn effect_of_no_action(fact: Fact, result: Option<Came>) -> Option<&'static str> {
    (result.is_some() && fact != Fact::Action)
        .then_some("Only an action has an effect. Leave it empty, or say that it was an action.")
}

/// Reads a time; a day alone where no more than the day is known.
fn parse_at(text: &str, zone: &str, precision: Precision) -> Result<Time, String> {
    match (precision, moment::parse_day(text)) {
        (Precision::Day, Ok(day)) => moment::parse(&format!("{day} 00:00"), "UTC"),
        _ => moment::parse(text, zone),
    }
}

fn parse_doubt(text: &str) -> Result<i64, &'static str> {
    let minutes = text.parse::<f64>().ok().filter(|minutes| minutes.is_finite());
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the filter")]
    let seconds = minutes.map(|minutes| (minutes * 60.0).round() as i64);
    let seconds = seconds.filter(|seconds| (0..=DOUBT_MAX_S).contains(seconds));
    seconds.ok_or("Say the doubt in minutes, such as 10.")
}

fn parse_tie(text: &str) -> Result<i64, &'static str> {
    let tie = text.parse().ok().filter(|tie| (-TIE_MAX..=TIE_MAX).contains(tie));
    tie.ok_or("Say a whole number; the smaller comes first.")
}

pub(super) fn parse_actor(text: &str) -> Result<String, String> {
    let line = kit::line::of(text);
    if line.chars().count() > 120 {
        return Err("Say who or what acted in at most 120 characters.".to_owned());
    }
    Ok(line)
}

/// Writes an entry by hand.
///
/// # Errors
/// 403 for who does not write; 404 when it cites what is not there.
pub async fn write(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    content: Content,
    session: Option<&Session>,
) -> Result<Changed, Problem> {
    let mut changing = Changing::begin(app, viewer, incident).await?;
    changing.evidence(&content.cites).await?;
    changing.add(content).await?;
    changing.finish("timeline.written", "Wrote an entry.".to_owned(), session).await
}
