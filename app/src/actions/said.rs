//! What people say of an action: its words, class, aim, strength, and what it answers.

use super::action::{Aim, Owner};
use crate::access::PersonId;
use crate::factors::{FactorId, RecommendationId};
use crate::shell::moment;
use crate::teams::TeamId;
use kit::web::{Problem, Said};

kit::words!(
    /// What sort of change it is.
    Class {
        /// In a system.
        Technical = "technical", "technical";
        /// In who does what.
        Organisational = "organisational", "organisational";
        /// In how work is done.
        Process = "process", "process";
    }
);

kit::words!(
    /// How well it would hold on a bad day, with someone new.
    Strength {
        /// It holds by itself: it cannot be done wrongly, or there is less to do.
        Strong = "strong", "strong";
        /// It helps people to do it right: a check, a list, a second pair of eyes.
        Medium = "medium", "medium";
        /// It asks people to remember: a rule, a training.
        Weak = "weak", "weak";
    }
);

impl Strength {
    /// What it means, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Strength::Strong => "holds by itself",
            Strength::Medium => "helps people to do it right",
            Strength::Weak => "asks people to remember",
        }
    }
}

kit::words!(
    /// How soon it matters.
    Priority {
        /// At once.
        P0 = "P0", "P0";
        /// Next.
        P1 = "P1", "P1";
        /// Soon.
        P2 = "P2", "P2";
        /// When there is time.
        P3 = "P3", "P3";
    }
);

/// What an action says; who and by when may come with its acceptance.
#[derive(Debug, Clone)]
pub struct NewAction {
    /// Verb first.
    pub title: String,
    /// How we know that it is done.
    pub done_when: String,
    /// Who might do it.
    pub owner: Option<Owner>,
    /// By when, `2026-11-12`.
    pub due: Option<String>,
    /// What sort of change.
    pub class: Class,
    /// What it is for.
    pub aim: Aim,
    /// How well it would hold.
    pub strength: Strength,
    /// How soon it matters.
    pub priority: Option<Priority>,
    /// What it takes.
    pub effort: String,
    /// What it is expected to change.
    pub effect: String,
    /// Which factors it answers.
    pub factors: Vec<FactorId>,
    /// Which recommendation it carries out.
    pub recommendation: Option<RecommendationId>,
}

/// The most characters of a title.
pub const TITLE_MAX: usize = 200;
/// The most characters of everything else.
pub const TEXT_MAX: usize = 1000;

/// The owner that a form names: `per_…` or `tea_…` with the day by which it names a person.
///
/// Notes what is wrong and gives none.
#[must_use]
pub fn owner(said: &Said) -> Option<Owner> {
    let text = said.some("owner")?;
    if let Some(person) = PersonId::parse(text) {
        return Some(Owner::Person(person));
    }
    let Some(team) = TeamId::parse(text) else {
        said.wrong("owner", "Choose an owner from the list.");
        return None;
    };
    if said.some("name_person_by").is_none() {
        said.wrong("name_person_by", "Say by which day the team names a person.");
        return None;
    }
    let name_person_by = said.need("name_person_by", moment::parse_day)?;
    Some(Owner::Team { team, name_person_by })
}

impl NewAction {
    /// Reads a form.
    ///
    /// # Errors
    /// 422 with a line for each wrong field.
    pub fn read(said: &Said) -> Result<NewAction, Problem> {
        let (class, aim) = (said.need("class", Class::parse), said.need("aim", Aim::parse));
        let strength = said.need("strength", Strength::parse);
        let new = NewAction {
            title: said.text("title").split_whitespace().collect::<Vec<_>>().join(" "),
            done_when: said.text("done_when").to_owned(),
            owner: owner(said),
            due: said.may("due", moment::parse_day),
            class: class.unwrap_or(Class::Technical),
            aim: aim.unwrap_or(Aim::Prevention),
            strength: strength.unwrap_or(Strength::Medium),
            priority: said.may("priority", Priority::parse),
            effort: said.text("effort").to_owned(),
            effect: said.text("effect").to_owned(),
            factors: said.all("factor").into_iter().filter_map(FactorId::parse).collect(),
            recommendation: said.some("recommendation").and_then(RecommendationId::parse),
        };
        new.note_wrong(said);
        said.checked()?;
        Ok(new)
    }

    /// Notes each wrong field.
    pub(super) fn note_wrong(&self, said: &Said) {
        for (field, message) in self.wrong() {
            said.wrong(field, message);
        }
    }

    fn wrong(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let count = self.title.chars().count();
        if count == 0 {
            wrong.push(("title", "Say what somebody would do, verb first.".to_owned()));
        } else if count > TITLE_MAX {
            let long = format!("A title has at most {TITLE_MAX} characters; this has {count}.");
            wrong.push(("title", long));
        }
        for (field, text) in
            [("done_when", &self.done_when), ("effort", &self.effort), ("effect", &self.effect)]
        {
            let count = text.chars().count();
            if count > TEXT_MAX {
                wrong.push((field, format!("At most {TEXT_MAX} characters; this has {count}.")));
            }
        }
        if matches!(self.owner, Some(Owner::Team { .. })) && self.aim != Aim::Investigation {
            let only = super::action::Refused::TeamOwns.to_string();
            wrong.push(("owner", only));
        }
        wrong
    }

    /// What every action needs, wherever it comes from.
    ///
    /// # Errors
    /// 422 in words.
    pub fn checked(&self) -> Result<(), Problem> {
        let said = Said::default();
        self.note_wrong(&said);
        said.checked()
    }
}
