//! Participants: who was there, in which roles, and whether they were called out of hours. For
//! knowing whom to ask, never for counting per person.

use crate::access::PersonId;
use kit::db::{Json, Time};
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
}

impl Participant {
    /// The roles in words.
    #[must_use]
    pub fn roles_in_words(&self) -> String {
        self.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
    }

    /// Whether they have this role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
