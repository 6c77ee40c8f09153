//! A factor and the words it is described with: five facets, each of which may hold several words,
//! and how sure people are.

use crate::evidence::EvidenceId;
use crate::timeline::EntryId;
use kit::db::Json;
use kit::web::{Problem, Said};

kit::id!(
    /// A factor's id.
    FactorId,
    "fac"
);

kit::words!(
    /// How sure people are that it was so.
    Certainty {
        /// Somebody thinks so.
        Proposed = "proposed", "proposed";
        /// It would explain something; it says how it could be tested.
        Hypothesis = "hypothesis", "hypothesis";
        /// Something speaks for it.
        Supported = "supported", "supported";
        /// Evidence shows it (I3).
        Confirmed = "confirmed", "confirmed";
        /// It was looked at and was not so.
        Refuted = "refuted", "refuted";
        /// Nobody can tell.
        Unknown = "unknown", "unknown";
    }
);

impl Certainty {
    /// What it may become: anything but newly proposed again.
    #[must_use]
    pub fn may_become(self, next: Certainty) -> bool {
        self == next || next != Certainty::Proposed
    }

    /// What it means, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Certainty::Proposed => "Somebody thinks so",
            Certainty::Hypothesis => "It would explain something; say how to test it",
            Certainty::Supported => "Something speaks for it",
            Certainty::Confirmed => "Evidence shows it; cite it",
            Certainty::Refuted => "Looked at, and it was not so",
            Certainty::Unknown => "Nobody can tell",
        }
    }
}

kit::words!(
    /// What turned a condition into an event.
    Trigger {
        /// Code was changed.
        CodeChange = "code_change", "code change";
        /// A setting was changed.
        ConfigurationChange = "configuration_change", "configuration change";
        /// Data was changed.
        DataChange = "data_change", "data change";
        /// More came than usual.
        Load = "load", "load";
        /// Something that is depended on behaved differently.
        Dependency = "dependency", "dependency";
        /// Time passed.
        DecayExpiry = "decay_expiry", "decay or expiry";
        /// A machine or its building.
        HardwareFacility = "hardware_facility", "hardware or facility";
        /// Somebody meant harm.
        HostileAct = "hostile_act", "hostile act";
        /// Nothing that is known.
        NoneKnown = "none_known", "none known";
    }
);

kit::words!(
    /// Where it lies.
    Layer {
        /// How it was thought out.
        Design = "design", "design";
        /// How it was made.
        Implementation = "implementation", "implementation";
        /// What people see and use.
        InterfaceTooling = "interface_tooling", "interface and tooling";
        /// What people can know.
        InformationDocs = "information_docs", "information and documents";
        /// How work fits together.
        Coordination = "coordination", "coordination";
        /// How many hands and hours there are.
        CapacityStaffing = "capacity_staffing", "capacity and staffing";
        /// What is asked for and rewarded.
        IncentivesPriorities = "incentives_priorities", "incentives and priorities";
        /// Outside the house.
        External = "external", "external";
    }
);

kit::words!(
    /// Its part in the course of things.
    Role {
        /// Made it possible.
        Enabled = "enabled", "enabled";
        /// Set it off.
        Triggered = "triggered", "triggered";
        /// Carried it on.
        Propagated = "propagated", "propagated";
        /// Made it larger.
        Amplified = "amplified", "amplified";
        /// Kept it from being seen.
        Hid = "hid", "hid";
        /// Slowed the response.
        DelayedResponse = "delayed_response", "delayed the response";
        /// Kept it from being worse.
        Limited = "limited", "limited";
        /// Went well by chance.
        Luck = "luck", "luck";
    }
);

kit::words!(
    /// Which part of the response it concerns.
    Response {
        /// Noticing.
        Detect = "detect", "detect";
        /// Calling somebody.
        Page = "page", "page";
        /// Coming together.
        Assemble = "assemble", "assemble";
        /// Finding out.
        Understand = "understand", "understand";
        /// Choosing.
        Decide = "decide", "decide";
        /// Doing.
        Act = "act", "act";
        /// Saying so to others.
        Tell = "tell", "tell";
        /// Coming back.
        Recover = "recover", "recover";
    }
);

kit::words!(
    /// Whether it was met before.
    Recurrence {
        /// It was not.
        New = "new", "new";
        /// It was.
        SeenBefore = "seen_before", "seen before";
        /// An action against it was still open.
        ActionOpen = "action_open", "an action existed and was open";
        /// An action against it was done.
        ActionDone = "action_done", "an action existed and was done";
    }
);

/// What a factor says.
#[derive(Debug, Clone, Default)]
pub struct NewFactor {
    /// One condition, in a sentence.
    pub statement: String,
    /// How sure people are.
    pub certainty: Option<Certainty>,
    /// The explanatory path it belongs to.
    pub path: String,
    /// Looked at through the lens of the direct cause.
    pub direct_cause: bool,
    /// What set it off.
    pub triggers: Vec<Trigger>,
    /// Where it lies.
    pub layers: Vec<Layer>,
    /// Its part in the course.
    pub roles: Vec<Role>,
    /// Which part of the response.
    pub responses: Vec<Response>,
    /// Whether it was met before.
    pub recurrences: Vec<Recurrence>,
    /// What it cites.
    pub cites: Vec<EvidenceId>,
    /// The entries of the timeline it is about.
    pub entries: Vec<EntryId>,
}

/// The most characters of a statement.
pub const STATEMENT_MAX: usize = 600;
/// The most characters of a path's name.
const PATH_MAX: usize = 80;
/// The path of a factor that names none.
pub const FIRST_PATH: &str = "How it came about";

fn several<T>(said: &Said, name: &str, read: fn(&str) -> Result<T, String>) -> Vec<T> {
    let words = said.all(name).into_iter();
    words
        .filter_map(|word| match read(word) {
            Ok(value) => Some(value),
            Err(error) => {
                said.wrong(name, error);
                None
            }
        })
        .collect()
}

impl NewFactor {
    /// Reads a form.
    ///
    /// # Errors
    /// 422 with a line for each wrong field.
    pub fn read(said: &Said) -> Result<NewFactor, Problem> {
        let new = NewFactor {
            statement: said.text("statement").split_whitespace().collect::<Vec<_>>().join(" "),
            certainty: said.may("certainty", Certainty::parse),
            path: said.text("path").split_whitespace().collect::<Vec<_>>().join(" "),
            direct_cause: said.is_set("direct_cause"),
            triggers: several(said, "trigger", Trigger::parse),
            layers: several(said, "layer", Layer::parse),
            roles: several(said, "role", Role::parse),
            responses: several(said, "response", Response::parse),
            recurrences: several(said, "recurrence", Recurrence::parse),
            cites: several(said, "cites", |id| EvidenceId::parse(id).ok_or_else(not_one)),
            entries: several(said, "entries", |id| EntryId::parse(id).ok_or_else(not_one)),
        };
        said.checked()?;
        new.checked().map_err(|problem| said.give_back(problem))
    }

    /// What every factor needs, wherever it comes from.
    ///
    /// # Errors
    /// 422 in words.
    pub fn checked(mut self) -> Result<NewFactor, Problem> {
        match self.statement.chars().count() {
            0 => {
                let ask = "Say in a sentence what had to be true for it to go this way.";
                return Err(Problem::field("statement", ask));
            }
            n if n > STATEMENT_MAX => {
                let long = format!(
                    "A factor is one condition in at most {STATEMENT_MAX} characters; this has {n}. Two conditions are two factors."
                );
                return Err(Problem::field("statement", long));
            }
            _ => {}
        }
        if self.path.chars().count() > PATH_MAX {
            let long = format!("A path’s name has at most {PATH_MAX} characters.");
            return Err(Problem::field("path", long));
        }
        if self.path.is_empty() {
            self.path = FIRST_PATH.to_owned();
        }
        Ok(self)
    }
}

fn not_one() -> String {
    "Choose from the list.".to_owned()
}

/// A factor as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// One condition, in a sentence.
    pub statement: String,
    /// How sure people are.
    pub certainty: Certainty,
    /// The explanatory path it belongs to.
    pub path: String,
    /// Looked at through the lens of the direct cause.
    pub direct_cause: bool,
    /// What set it off.
    pub triggers: Json<Vec<Trigger>>,
    /// Where it lies.
    pub layers: Json<Vec<Layer>>,
    /// Its part in the course.
    pub roles: Json<Vec<Role>>,
    /// Which part of the response.
    pub responses: Json<Vec<Response>>,
    /// Whether it was met before.
    pub recurrences: Json<Vec<Recurrence>>,
    /// Its place among the others.
    pub position: i64,
    /// Counts the changes.
    pub version: i64,
    /// The evidence it cites that is still there for the viewer.
    #[sqlx(skip)]
    pub cites: Vec<EvidenceId>,
    /// The entries of the timeline it is about.
    #[sqlx(skip)]
    pub entries: Vec<EntryId>,
}

impl Factor {
    /// Its part and where it lies: `hid · interface and tooling`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words: Vec<&str> = self.roles.0.iter().map(|one| one.label()).collect();
        words.extend(
            self.triggers.0.iter().filter(|t| **t != Trigger::NoneKnown).map(|t| t.label()),
        );
        words.extend(self.layers.0.iter().map(|one| one.label()));
        words.extend(self.responses.0.iter().map(|one| one.label()));
        words.extend(
            self.recurrences.0.iter().filter(|r| **r != Recurrence::New).map(|r| r.label()),
        );
        words.join(" · ")
    }

    /// Confirmed once, and what confirmed it was taken back since.
    #[must_use]
    pub fn lost_its_evidence(&self) -> bool {
        self.certainty == Certainty::Confirmed && self.cites.is_empty()
    }
}

/// What to ask of the factors there are; never a gate.
#[must_use]
pub fn questions(factors: &[Factor]) -> Vec<&'static str> {
    let held: Vec<&Factor> = factors.iter().filter(|f| f.certainty != Certainty::Refuted).collect();
    let mut asked = Vec::new();
    if held.iter().any(|f| f.direct_cause) && held.iter().all(|f| f.direct_cause) {
        asked.push(
            "Only the direct cause is written down. What else had to be true? What would it alone not explain?",
        );
    }
    if held.iter().any(|f| is_slip(&f.statement)) {
        asked.push(
            "One factor reads like a slip. Which design would have absorbed it, whoever was there?",
        );
    }
    asked
}

/// Words with which an analysis likes to end too early.
const SLIPS: [&str; 9] = [
    "human error",
    "mistake",
    "typo",
    "forgot",
    "overlooked",
    "wrong button",
    "slip",
    "misread",
    "mistyped",
];

fn is_slip(statement: &str) -> bool {
    let folded = statement.to_lowercase();
    let mut words = folded.split(|c: char| !c.is_alphanumeric());
    SLIPS.iter().any(|slip| {
        if slip.contains(' ') { folded.contains(slip) } else { words.clone().any(|w| w == *slip) }
    }) || words.any(|w| w == "mistakenly" || w == "carelessly")
}

#[cfg(test)]
mod tests {
    use super::{Certainty, NewFactor, is_slip};

    #[test]
    fn a_factor_says_one_thing_in_a_sentence() {
        let of = |statement: &str| NewFactor { statement: statement.into(), ..Default::default() };
        assert!(of("").checked().is_err());
        assert!(of(&"x".repeat(601)).checked().is_err());
        assert_eq!(of("Both nodes share a limit").checked().unwrap().path, super::FIRST_PATH);
    }

    #[test]
    fn certainty_never_goes_back_to_newly_proposed() {
        for from in Certainty::ALL {
            for to in Certainty::ALL {
                let is_back = *to == Certainty::Proposed && *from != Certainty::Proposed;
                assert_eq!(from.may_become(*to), !is_back, "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_slip_is_heard_in_whole_words() {
        assert!(is_slip("Somebody made a typo in the zone"));
        assert!(is_slip("It was human error"));
        assert!(!is_slip("The slipway sensor was off"), "a word is a word");
    }
}
