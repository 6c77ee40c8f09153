//! An incident and the words it is described with.

use crate::access::PersonId;
use kit::db::Time;
use serde::{Deserialize, Serialize};

kit::id!(
    /// An incident's id. People see its [`Key`].
    IncidentId,
    "inc"
);

/// What people call an incident: `INC-42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(pub i64);

impl Key {
    /// Reads `INC-42`, in any case, or `42`.
    ///
    /// # Errors
    /// A sentence with the form.
    pub fn parse(text: &str) -> Result<Key, String> {
        let text = text.trim();
        let number = match text.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("inc-") => &text[4..],
            _ => text,
        };
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        match number.parse::<i64>() {
            Ok(number) if plain && number > 0 => Ok(Key(number)),
            _ => Err(format!("`{text}` is not an incident's key such as INC-42.")),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "INC-{}", self.0)
    }
}

impl utoipa::PartialSchema for Key {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        kit::schema::text("An incident's key, `INC-42`.", Some("^INC-[1-9][0-9]{0,17}$")).into()
    }
}

impl utoipa::ToSchema for Key {
    fn name() -> std::borrow::Cow<'static, str> {
        "IncidentKey".into()
    }
}

impl TryFrom<String> for Key {
    type Error = String;
    fn try_from(text: String) -> Result<Key, String> {
        Key::parse(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.to_string()
    }
}

/// A title: one line of 1 to 200 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// The most characters.
    pub const MAX: usize = 200;

    /// Joins the words by single spaces; refuses none and too many.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<Title, String> {
        let line = kit::line::of(text);
        match line.chars().count() {
            0 => Err("Say in a few words what happened.".to_owned()),
            len if len > Title::MAX => {
                Err(format!("A title has at most {} characters; this has {len}.", Title::MAX))
            }
            _ => Ok(Title(line)),
        }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folded, for order and likeness.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

kit::words!(
    /// What kind of incident it was; it decides which kind of review is proposed.
    Kind {
        /// A feature or service could not be used.
        Outage = "outage", "Outage";
        /// It could be used, badly.
        Degradation = "degradation", "Degradation";
        /// Data was lost, wrong or mixed up.
        Data = "data", "Data loss or corruption";
        /// Somebody may have had access who should not.
        Security = "security", "Security";
        /// The fault was in a supplier.
        Vendor = "vendor", "Third party";
        /// A change of ours, undone by rolling back.
        Deploy = "deploy", "Deploy regression";
        /// No or little harm, and it could have been.
        NearMiss = "near_miss", "Near miss";
        /// None of these.
        Other = "other", "Other";
        /// No incident: a project or an event that somebody looks back at. In no list and no figure of
        /// incidents, unless it is asked for.
        Project = "project", "Project or event";
    }
);

impl Kind {
    /// Those that an incident can be of.
    pub const OF_INCIDENTS: &'static [Kind] = &[
        Kind::Outage,
        Kind::Degradation,
        Kind::Data,
        Kind::Security,
        Kind::Vendor,
        Kind::Deploy,
        Kind::NearMiss,
        Kind::Other,
    ];

    /// Whether severity, duration and detection say something of it.
    #[must_use]
    pub fn is_measured(self) -> bool {
        !matches!(self, Kind::NearMiss | Kind::Project)
    }

    /// What it means, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Kind::Outage => "A feature or service could not be used.",
            Kind::Degradation => "It could be used, badly.",
            Kind::Data => "Data was lost, wrong or mixed up.",
            Kind::Security => {
                "Somebody may have had access who should not. Private from the start."
            }
            Kind::Vendor => "The fault was in a supplier.",
            Kind::Deploy => "A change of ours, undone by rolling back.",
            Kind::NearMiss => "Nothing broke, but it could have.",
            Kind::Other => "None of these, and worth learning from.",
            Kind::Project => "No incident: something that one looks back at.",
        }
    }
}

kit::words!(
    /// Where an incident is in its life (domain model 2.6).
    Status {
        /// Being written down; nobody was called yet.
        Draft = "draft", "draft";
        /// People are on it.
        Active = "active", "active";
        /// The severe harm has ended.
        Mitigated = "mitigated", "mitigated";
        /// Normal operation is confirmed.
        Resolved = "resolved", "resolved";
        /// Nothing more is to be done.
        Closed = "closed", "closed";
        /// It was none; no figure counts it against anybody.
        Cancelled = "cancelled", "cancelled";
        /// It was part of another one.
        Merged = "merged", "merged";
    }
);

impl Status {
    /// Where it can go from here.
    #[must_use]
    pub fn next(self) -> &'static [Status] {
        match self {
            Status::Draft => &[Status::Active, Status::Cancelled],
            Status::Active => {
                &[Status::Mitigated, Status::Resolved, Status::Cancelled, Status::Merged]
            }
            Status::Mitigated => {
                &[Status::Resolved, Status::Active, Status::Cancelled, Status::Merged]
            }
            Status::Resolved => &[Status::Closed, Status::Active],
            Status::Closed => &[Status::Active],
            Status::Cancelled | Status::Merged => &[],
        }
    }

    /// The button that goes there.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Status::Draft => "Keep as a draft",
            Status::Active => "Open again",
            Status::Mitigated => "Mitigated",
            Status::Resolved => "Resolved",
            Status::Closed => "Close",
            Status::Cancelled => "It was none",
            Status::Merged => "Part of another",
        }
    }

    /// Whether people are still on it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Status::Draft | Status::Active | Status::Mitigated)
    }
}

kit::words!(
    /// Who or what noticed first.
    Detection {
        /// An alert of ours.
        Alert = "alert", "An alert";
        /// Somebody of ours.
        InternalPerson = "internal_person", "Somebody of ours";
        /// A customer.
        Customer = "customer", "A customer";
        /// A partner or supplier.
        Partner = "partner", "A partner";
        /// The public: press, social media.
        Public = "public", "The public";
        /// An audit.
        Audit = "audit", "An audit";
        /// Not known yet.
        Unknown = "unknown", "Not known yet";
    }
);

kit::words!(
    /// How far it may be shared (TLP 2.0 in meaning).
    Label {
        /// Anybody may know.
        Clear = "clear", "Clear: anybody";
        /// Our community may know.
        Green = "green", "Green: our community";
        /// The organisation and those clients who need it.
        Amber = "amber", "Amber: we and clients who need it";
        /// The organisation only.
        AmberStrict = "amber_strict", "Amber strict: we only";
        /// The people on its list and nobody else.
        Red = "red", "Red: named people only";
    }
);

impl Label {
    /// The one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Label::Clear => "clear",
            Label::Green => "green",
            Label::Amber => "amber",
            Label::AmberStrict => "amber strict",
            Label::Red => "red",
        }
    }
}

/// A severity, 1 the worst to 4.
///
/// # Errors
/// A sentence.
pub fn parse_severity(text: &str) -> Result<i64, String> {
    match text.trim().parse::<i64>() {
        Ok(level @ 1..=4) => Ok(level),
        _ => Err("A severity is a number from 1, the worst, to 4.".to_owned()),
    }
}

/// An incident as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The number in its key.
    pub number: i64,
    /// What happened, in plain words.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// 1 to 4; none for a near miss or while nobody said.
    pub severity: Option<i64>,
    /// Where it is in its life.
    pub status: Status,
    /// Markdown.
    pub description: String,
    /// Who noticed first.
    pub detection: Detection,
    /// `production`, usually.
    pub environment: String,
    /// How far it may be shared.
    pub label: Label,
    /// Written down after the fact.
    pub report_only: bool,
    /// Who wrote it down.
    pub declared_by: PersonId,
    /// When it was written down here; never a stand-in for when it began.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
}

impl Incident {
    /// What people call it.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Status, Title};

    #[test]
    fn a_key_reads_in_any_case() {
        assert_eq!(Key::parse("inc-42"), Ok(Key(42)));
        assert_eq!(Key::parse("42"), Ok(Key(42)));
        for bad in ["", "INC-", "INC-0", "INC-+1", "INC-1x", "é", "inc-99999999999999999999"] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_title_is_one_line_that_says_something() {
        assert_eq!(Title::parse(" a\n b\t").unwrap().as_str(), "a b");
        assert!(Title::parse(" \n").is_err());
        assert!(Title::parse(&"x".repeat(201)).is_err());
    }

    #[test]
    fn what_has_ended_for_good_goes_nowhere() {
        assert!(Status::Cancelled.next().is_empty() && Status::Merged.next().is_empty());
        assert!(Status::Resolved.next().contains(&Status::Active), "reopen");
    }
}
