//! Access: who someone is here and what they may see and do.
//!
//! A person sits in one *seat*. An incident carries a *label* (TLP 2.0 in meaning); a red one exists
//! only for the people on its list. Everything an incident owns is seen through the incident: the
//! condition is [`visible!`], inside the query, and nothing else decides.
//!
//! Invariants
//! - Every finder takes the [`Viewer`]; the only unscoped reads are called `find_for_system`.
//! - In a scoped statement `$1` is the viewer's id and `$2` whether the seat reads everything.
//! - What a viewer may not see is not found; it is never forbidden.
//! - A token may what its person's seat may and its scopes allow, never more.
//!
//! Tables: none of its own; the conditions read `incidents` and `incident_access`.

mod scope;
mod session;

pub use scope::{Scope, Scopes, Through};
pub use session::{Refused, Session};

use kit::web::Problem;

kit::id!(
    /// A person's id.
    PersonId,
    "per"
);

/// The condition that an incident `i` exists for the viewer (`$1` their id, `$2` reads everything).
#[macro_export]
macro_rules! visible {
    () => {
        "(i.label <> 'red' or $2 or exists (select 1 from incident_access acc \
         where acc.incident_id = i.id and acc.person_id = $1))"
    };
}

/// The condition that the viewer sees every incident that a retrospective covers beside its own (`$1`
/// their id, `$2` reads everything). It is never instead of [`visible!`], always beside it.
#[macro_export]
macro_rules! covered_visible {
    ($retrospective:literal) => {
        concat!(
            "not exists (select 1 from retrospective_incidents cov \
             join incidents cin on cin.id = cov.covered_id \
             where cov.retrospective_id = ",
            $retrospective,
            " and cin.label = 'red' and not $2 \
             and not exists (select 1 from incident_access cac \
                 where cac.incident_id = cin.id and cac.person_id = $1))"
        )
    };
}

kit::words!(
    /// The seat someone sits in.
    Seat {
        /// Installs, invites, configures; and everything an editor does.
        Administrator = "administrator", "administrator";
        /// Writes everything, decides kinds, publishes.
        Editor = "editor", "editor";
        /// Adds evidence, notes and text; owns actions; cannot decide, publish or waive for others.
        Contributor = "contributor", "contributor";
        /// Reads.
        Reader = "reader", "reader";
        /// Reads everything published or recorded, the audit log included; writes nothing.
        Auditor = "auditor", "auditor";
    }
);

impl Seat {
    /// Adds evidence, notes, text.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Seat::Administrator | Seat::Editor | Seat::Contributor)
    }

    /// Decides: kinds, waivers, releases, labels.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(self, Seat::Administrator | Seat::Editor)
    }

    /// What it may do, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Seat::Administrator => "Invites people and configures; does all that an editor does.",
            Seat::Editor => "Writes everything, decides the kind of review, publishes.",
            Seat::Contributor => "Adds evidence, notes and text; owns actions.",
            Seat::Reader => "Reads what is shared with everybody.",
            Seat::Auditor => "Reads all that is recorded, the audit log too; writes nothing.",
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Their id.
    pub id: PersonId,
    /// What colleagues call them.
    pub name: String,
    /// Their handle, without `@`.
    pub handle: String,
    /// Their seat.
    pub seat: Seat,
    /// Their time zone, an IANA name.
    pub zone: String,
    /// By what they show who they are.
    pub through: Through,
}

impl Viewer {
    /// Whether the seat reads what is only on lists. Bound as `$2` of every scoped statement.
    #[must_use]
    pub fn reads_everything(&self) -> bool {
        self.seat == Seat::Auditor
    }

    /// Adds evidence, notes, text.
    #[must_use]
    pub fn can_write(&self) -> bool {
        self.seat.writes() && self.through.allows(Scope::Write)
    }

    /// Decides: kinds, waivers, releases, labels.
    #[must_use]
    pub fn can_decide(&self) -> bool {
        self.seat.decides() && self.through.allows(Scope::Decide)
    }

    /// Invites people and configures.
    #[must_use]
    pub fn can_administer(&self) -> bool {
        self.seat == Seat::Administrator && self.through.allows(Scope::Administer)
    }

    /// Reads the audit log.
    #[must_use]
    pub fn can_audit(&self) -> bool {
        matches!(self.seat, Seat::Administrator | Seat::Auditor)
    }

    /// Refuses a seat that writes nothing.
    ///
    /// # Errors
    /// [`Problem`] 403 in words.
    pub fn must_write(&self) -> Result<(), Problem> {
        self.must(self.seat.writes(), "changes nothing")?;
        self.must_have(Scope::Write)
    }

    /// Refuses a seat that decides nothing.
    ///
    /// # Errors
    /// [`Problem`] 403 in words.
    pub fn must_decide(&self) -> Result<(), Problem> {
        self.must(self.seat.decides(), "does not decide this")?;
        self.must_have(Scope::Decide)
    }

    /// Refuses everyone but administrators.
    ///
    /// # Errors
    /// [`Problem`] 403 in words.
    pub fn must_administer(&self) -> Result<(), Problem> {
        self.must(self.seat == Seat::Administrator, "does not administer")?;
        self.must_have(Scope::Administer)
    }

    /// Refuses a token that is not for this.
    ///
    /// # Errors
    /// [`Problem`] 403 that names the scope.
    pub fn must_have(&self, scope: Scope) -> Result<(), Problem> {
        if self.through.allows(scope) {
            return Ok(());
        }
        let scope = scope.name();
        let detail = format!("This token has not the scope `{scope}`. Make one that has it.");
        Err(Problem::forbidden(detail))
    }

    fn must(&self, can: bool, cannot: &str) -> Result<(), Problem> {
        if can {
            return Ok(());
        }
        let seat = self.seat.name();
        Err(Problem::forbidden(format!(
            "Your seat, {seat}, {cannot}. Ask an administrator for another seat."
        )))
    }
}
