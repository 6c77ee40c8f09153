//! Participants: who was there, in which roles, and whether they were called out of hours. For
//! knowing whom to ask, never for counting per person.

use crate::access::PersonId;
use crate::people::parse_zone;
use crate::shell::moment;
use kit::db::{Json, Time};
use kit::web::Said;
use serde::Serialize;

kit::id!(
    /// A participant's id.
    ParticipantId,
    "par"
);

kit::words!(
    /// A role in the response (ICS-like defaults; configurable with issue 3).
    Role {
        /// Leads the response.
        Commander = "commander", "commander";
        /// Works on the systems.
        Operations = "operations", "operations";
        /// Tells those who need to know.
        Communications = "communications", "communications";
        /// Writes down what happens.
        Scribe = "scribe", "scribe";
        /// Knows a part well.
        Expert = "expert", "expert";
        /// Speaks for customers.
        CustomerVoice = "customer_voice", "customer voice";
        /// Security.
        Security = "security", "security";
        /// Privacy.
        Privacy = "privacy", "privacy";
        /// Legal.
        Legal = "legal", "legal";
        /// In touch with a supplier.
        VendorContact = "vendor_contact", "vendor contact";
        /// Looked on.
        Observer = "observer", "observer";
    }
);

/// What is said of a participant.
#[derive(Debug, Clone, Serialize)]
pub struct NewParticipant {
    /// Who, if they have an account.
    pub person_id: Option<PersonId>,
    /// What they are called, or a pseudonym.
    pub name: String,
    /// In which roles.
    pub roles: Vec<Role>,
    /// From when.
    pub joined_at: Option<Time>,
    /// Until when.
    pub left_at: Option<Time>,
    /// Whether it was their turn.
    pub on_call: bool,
    /// Whether they were called outside their hours.
    pub called_out_of_hours: bool,
    /// Where their clock stood: an IANA name, or empty when nobody said it.
    pub zone: String,
}

impl NewParticipant {
    /// Reads one from a form: `role`, `joined_at` and `left_at` in `times_in`, `zone`, `on_call`,
    /// `called_out_of_hours`. Notes what is wrong in the form.
    #[must_use]
    pub fn read(said: &Said, person_id: Option<PersonId>, name: &str) -> NewParticipant {
        let name: String = name.trim().chars().take(80).collect();
        if name.is_empty() {
            said.wrong("name", "Choose somebody, or write a name for who has no account.");
        }
        let times_in = said.text("times_in");
        let joined_at = said.may("joined_at", |text| moment::parse(text, times_in));
        let left_at = said.may("left_at", |text| moment::parse(text, times_in));
        if let (Some(joined), Some(left)) = (joined_at, left_at)
            && left < joined
        {
            said.wrong("left_at", "They left before they joined: one of the two is wrong.");
        }
        let roles = said.all("role").into_iter();
        NewParticipant {
            person_id,
            name,
            roles: roles.filter_map(|role| Role::parse(role).ok()).collect(),
            joined_at,
            left_at,
            on_call: said.is_set("on_call"),
            called_out_of_hours: said.is_set("called_out_of_hours"),
            zone: said.may("zone", parse_zone).unwrap_or_default(),
        }
    }
}

/// A participant as read.
#[derive(Debug, Clone, sqlx::FromRow, Serialize, utoipa::ToSchema)]
pub struct Participant {
    /// The row's id.
    pub id: ParticipantId,
    /// Who, if they have an account.
    pub person_id: Option<PersonId>,
    /// What they are called.
    pub name: String,
    /// In which roles.
    #[schema(value_type = Vec<Role>)]
    pub roles: Json<Vec<Role>>,
    /// From when.
    pub joined_at: Option<Time>,
    /// Until when.
    pub left_at: Option<Time>,
    /// Whether it was their turn.
    pub on_call: bool,
    /// Whether they were called outside their hours.
    pub called_out_of_hours: bool,
    /// Where their clock stood: an IANA name, or empty when nobody said it.
    pub zone: String,
}

impl Participant {
    /// The roles in words.
    #[must_use]
    pub fn roles_in_words(&self) -> String {
        self.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
    }

    /// What is said of them, as it was written down.
    #[must_use]
    pub fn said(&self) -> NewParticipant {
        NewParticipant {
            person_id: self.person_id.clone(),
            name: self.name.clone(),
            roles: self.roles.0.clone(),
            joined_at: self.joined_at,
            left_at: self.left_at,
            on_call: self.on_call,
            called_out_of_hours: self.called_out_of_hours,
            zone: self.zone.clone(),
        }
    }

    /// Whether they have this role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
