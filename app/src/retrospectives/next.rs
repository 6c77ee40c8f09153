//! The one thing to do next, in a sentence, for whoever writes a retrospective; and the steps as a rail.

use super::retrospective::{Retrospective, RetrospectiveId, State};
use super::store_sections::Section;
use super::{shown, store, store_sections};
use crate::access::Viewer;
use crate::shell::words;
use kit::db::{Conn, Result};
use std::collections::HashMap;

/// What no reader wants to miss, in the order in which it is asked for, where a kind has it: surprise
/// first, since it is what people read first. The rest may stay empty without a word.
const ESSENTIAL: &[&str] =
    &["surp", "near-saved", "sum", "imp", "sec-scope", "data-scope", "vend-us", "dep-path"];

/// What the next step follows from.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its sections that are shown, in order.
    pub sections: Vec<Section>,
    /// Where it was before it was put on hold.
    pub held: Option<State>,
}

impl Facts {
    /// Reads them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn, retro: &Retrospective) -> Result<Facts> {
        let sections = store_sections::sections(conn, &retro.id).await?;
        let held = store::before_hold(conn, &retro.id).await?;
        Ok(Facts { sections: shown(retro, sections), held })
    }

    /// The first of what no reader wants to miss that is still empty.
    #[must_use]
    pub fn to_write(&self, retro: &Retrospective) -> Option<&Section> {
        let own = &retro.kind().sections;
        let asked = ESSENTIAL.iter().filter(|id| own.iter().any(|one| one == *id));
        asked
            .into_iter()
            .find_map(|id| self.sections.iter().find(|one| one.section == **id && one.is_empty()))
    }

    /// How much has words, said so that nobody feels obliged to the rest.
    fn told(&self) -> String {
        match self.written() {
            (written, all) if written == all => "Every section has words.".to_owned(),
            (written, all) => {
                let have = words::count(written, "section has words", "sections have words");
                let empty = words::count(all - written, "is empty", "are empty");
                format!("{have}; {empty}, which is fine.")
            }
        }
    }

    /// How many of the sections that people write have words, and how many there are.
    #[must_use]
    pub fn written(&self) -> (usize, usize) {
        let own: Vec<&Section> = self.sections.iter().filter(|one| !one.is_auto()).collect();
        (own.iter().filter(|one| !one.is_empty()).count(), own.len())
    }
}

/// The next step of a retrospective.
#[derive(Debug, Clone)]
pub struct NextStep {
    /// What to do, in one sentence.
    pub sentence: String,
    /// Why, or what helps.
    pub why: String,
    /// Where.
    pub url: String,
    /// The button.
    pub label: String,
    /// The move that the button makes, where the step is a move.
    pub moves_to: Option<State>,
}

impl NextStep {
    fn go(sentence: &str, why: &str, url: String, label: &str) -> NextStep {
        let (sentence, why, label) = (sentence.to_owned(), why.to_owned(), label.to_owned());
        NextStep { sentence, why, url, label, moves_to: None }
    }

    fn step(sentence: &str, why: &str, retro: &Retrospective, to: State) -> NextStep {
        let url = format!("/r/{}/draft", retro.address());
        NextStep { moves_to: Some(to), ..NextStep::go(sentence, why, url, to.verb()) }
    }
}

/// What is next for those who write this retrospective; none when nothing is.
#[must_use]
pub fn next_step(retro: &Retrospective, facts: &Facts) -> Option<NextStep> {
    let (key, address, kind) = (retro.key(), retro.address(), retro.kind());
    Some(match retro.state {
        State::Proposed => NextStep::go(
            "Name who owns it",
            "Nothing becomes anybody’s by silence: until somebody is named, it waits.",
            format!("/r/{address}/people"),
            "Name somebody",
        ),
        State::Assigned if !kind.report => NextStep::step(
            "Hold the conversation",
            "No report is asked for. Keep what people want to keep as notes.",
            retro,
            State::MeetingHeld,
        ),
        State::Assigned => NextStep::step(
            "Gather what the incident left behind",
            "Chat, alerts, deploys, notes: dropping the files in is enough.",
            retro,
            State::Gathering,
        ),
        State::Gathering => NextStep::go(
            "Make the timeline from the evidence",
            "Promote what mattered; gaps become questions. Then begin to write.",
            format!("/i/{key}/timeline"),
            "Open the timeline",
        ),
        State::Drafting => match facts.to_write(retro) {
            Some(section) if section.section == "surp" => NextStep::go(
                "Write what surprised you",
                "It is the part people read first. Two sentences are plenty.",
                format!("/r/{address}/edit#surp"),
                "Go there",
            ),
            Some(section) => NextStep::go(
                &format!("Write “{}”", section.name()),
                section.library().map_or("", |section| section.help.as_str()),
                format!("/r/{address}/edit#{}", section.section),
                "Go there",
            ),
            None if kind.meeting.is_none() => NextStep::step(
                "Have one other person read it",
                &format!("{} Fresh eyes find what is missing.", facts.told()),
                retro,
                State::InReview,
            ),
            None => NextStep::step(
                "Send it to its readers",
                &format!("{} Readers need a day before you meet.", facts.told()),
                retro,
                State::InReview,
            ),
        },
        State::InReview if kind.meeting.is_none() => NextStep::step(
            "Take in what your reader said",
            "This kind needs no meeting.",
            retro,
            State::Finalising,
        ),
        State::InReview => NextStep::step(
            &format!("Meet, {}", kind.meeting_in_words()),
            "Talk about what surprised people, not about who did what.",
            retro,
            State::MeetingHeld,
        ),
        State::MeetingHeld if !kind.report => {
            NextStep::step("Close it", "The notes stay with those who spoke.", retro, State::Closed)
        }
        State::MeetingHeld => NextStep::step(
            "Take in what was said",
            "The timeline can still be corrected, and so can everything else.",
            retro,
            State::Finalising,
        ),
        State::Finalising => NextStep::go(
            "Publish it",
            "Actions have owners, or it says why there are none. Look at it once as a reader will.",
            format!("/r/{address}/publish"),
            "Look and publish",
        ),
        State::OnHold => {
            let back = facts.held.unwrap_or(State::Assigned);
            NextStep {
                label: format!("Go on: {back}"),
                ..NextStep::step("Take it up again", "It is on hold.", retro, back)
            }
        }
        State::Published | State::Revised | State::Closed | State::Waived => return None,
    })
}

/// The next steps of what this viewer writes, at most [`store_sections::MANY`], in the order of
/// [`store::written_by`].
///
/// # Errors
/// What the database says.
pub async fn next_steps(
    conn: &mut Conn,
    viewer: &Viewer,
) -> Result<Vec<(Retrospective, NextStep)>> {
    let most = i64::try_from(store_sections::MANY).unwrap_or(i64::MAX);
    let retros = store::written_by(conn, viewer, most).await?;
    // In no other state does the step follow from what is written.
    let drafts: Vec<&RetrospectiveId> =
        retros.iter().filter(|one| one.state == State::Drafting).map(|one| &one.id).collect();
    let mut sections: HashMap<RetrospectiveId, Vec<Section>> = HashMap::new();
    if !drafts.is_empty() {
        for (id, section) in store_sections::sections_of(conn, &drafts).await? {
            sections.entry(id).or_default().push(section);
        }
    }
    let with_step = |retro: Retrospective| {
        let sections = shown(&retro, sections.remove(&retro.id).unwrap_or_default());
        let step = next_step(&retro, &Facts { sections, held: None })?;
        Some((retro, step))
    };
    Ok(retros.into_iter().filter_map(with_step).collect())
}

/// A step of the rail.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it is called.
    pub name: &'static str,
    /// Where it is done, if it is not here.
    pub url: Option<String>,
    /// Whether it is behind us.
    pub is_done: bool,
    /// Whether we are in it.
    pub is_current: bool,
}

/// A step's name, its place, and the states in which one is in it.
type Planned = (&'static str, Option<String>, &'static [State]);

/// The steps of a retrospective of this kind.
#[must_use]
pub fn rail(retro: &Retrospective, facts: &Facts) -> Vec<Step> {
    let (key, address, kind) = (retro.key(), retro.address(), retro.kind());
    let mut steps: Vec<Planned> =
        vec![("Assign", Some(format!("/r/{address}/people")), &[State::Proposed])];
    if kind.report {
        let gather = Some(format!("/i/{key}/evidence"));
        steps.push(("Gather", gather, &[State::Assigned, State::Gathering]));
        steps.push(("Write", Some(format!("/r/{address}/edit")), &[State::Drafting]));
        let review = if kind.may_skip_meeting() { "Read" } else { "Read and meet" };
        steps.push((review, None, &[State::InReview]));
        steps.push(("Finish", None, &[State::MeetingHeld]));
        let publish = Some(format!("/r/{address}/publish"));
        steps.push(("Publish", publish, &[State::Finalising]));
    } else {
        steps.push(("Talk", None, &[State::Assigned]));
        steps.push(("Keep the notes", Some(format!("/r/{address}/edit")), &[State::MeetingHeld]));
    }
    let state =
        if retro.state == State::OnHold { facts.held.unwrap_or(retro.state) } else { retro.state };
    let at = steps.iter().position(|(_, _, states)| states.contains(&state));
    let at = at.unwrap_or(if state.is_running() { 0 } else { steps.len() });
    let step = |(n, (name, url, _)): (usize, Planned)| Step {
        name,
        url,
        is_done: n < at,
        is_current: n == at,
    };
    steps.into_iter().enumerate().map(step).collect()
}
