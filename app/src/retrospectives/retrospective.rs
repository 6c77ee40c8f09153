//! A retrospective and the words it is described with.

use crate::access::PersonId;
use crate::incidents::{IncidentId, Key, Label};
use crate::kinds::{self, Field, Kind, Library, Milestone, Overlay, Step};
use kit::db::Time;

kit::id!(
    /// A retrospective's id. People see its [`Address`].
    RetrospectiveId,
    "ret"
);

kit::words!(
    /// Where a retrospective is in its life (domain model 2.6).
    State {
        /// A kind was chosen; nobody owns it yet.
        Proposed = "proposed", "proposed";
        /// Somebody decided that none is written, and said why.
        Waived = "waived", "waived";
        /// Somebody owns it.
        Assigned = "assigned", "assigned";
        /// Evidence and accounts come together.
        Gathering = "gathering", "gathering";
        /// It is being written.
        Drafting = "drafting", "drafting";
        /// Its readers have it.
        InReview = "in_review", "in review";
        /// People spoke about it.
        MeetingHeld = "meeting_held", "meeting held";
        /// What was said is taken in; actions are settled.
        Finalising = "finalising", "finalising";
        /// A release is out.
        Published = "published", "published";
        /// Nothing more is to be done.
        Closed = "closed", "closed";
        /// It waits for something.
        OnHold = "on_hold", "on hold";
        /// A newer release is out.
        Revised = "revised", "revised";
    }
);

/// The table of moves for reviews with a report. Light kinds, which need no meeting, have two more;
/// conversations without a report have their own. Going on hold and coming back is beside all of them.
const MOVES: &[(State, &[State])] = &[
    (State::Proposed, &[State::Waived, State::Assigned]),
    (State::Assigned, &[State::Gathering]),
    (State::Gathering, &[State::Drafting]),
    (State::Drafting, &[State::InReview]),
    (State::InReview, &[State::MeetingHeld]),
    (State::MeetingHeld, &[State::Finalising]),
    (State::Finalising, &[State::Published]),
    (State::Published, &[State::Closed, State::Revised]),
    // What follows from a time is recomputed also later: a correction is one more release.
    (State::Revised, &[State::Closed, State::Revised]),
    (State::Closed, &[State::Revised]),
];
const WITHOUT_MEETING: &[(State, State)] =
    &[(State::Drafting, State::Finalising), (State::InReview, State::Finalising)];
const CONVERSATION: &[(State, &[State])] = &[
    (State::Proposed, &[State::Waived, State::Assigned]),
    (State::Assigned, &[State::MeetingHeld]),
    (State::MeetingHeld, &[State::Closed]),
];

impl State {
    /// Where a retrospective of this kind can go from here. `held` is where it was before it was put
    /// on hold.
    #[must_use]
    pub fn next(self, kind: &Kind, held: Option<State>) -> Vec<State> {
        if self == State::OnHold {
            return held.into_iter().collect();
        }
        let own = if kind.report { MOVES } else { CONVERSATION };
        // A review that became a conversation half-way goes on from where it is.
        let row = own.iter().chain(MOVES).find(|(from, _)| *from == self);
        let mut next = row.map(|(_, to)| to.to_vec()).unwrap_or_default();
        if kind.report && kind.may_skip_meeting() {
            let short = WITHOUT_MEETING.iter().filter(|(from, _)| *from == self);
            next.extend(short.map(|(_, to)| *to));
        }
        if !self.has_ended() {
            next.push(State::OnHold);
        }
        next
    }

    /// Whether nothing more is to be done.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, State::Waived | State::Closed)
    }

    /// Whether somebody still works on a draft that is not out.
    #[must_use]
    pub fn is_running(self) -> bool {
        !self.has_ended() && !matches!(self, State::Published | State::Revised)
    }

    /// Whether the move needs words.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        matches!(self, State::Waived | State::OnHold)
    }

    /// The button that goes there.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            State::Proposed => "Propose",
            State::Waived => "Waive",
            State::Assigned => "Assign",
            State::Gathering => "Begin to gather",
            State::Drafting => "Begin to write",
            State::InReview => "Send it to its readers",
            State::MeetingHeld => "The meeting was held",
            State::Finalising => "Take in what was said",
            State::Published => "Publish",
            State::Closed => "Close",
            State::OnHold => "Put on hold",
            State::Revised => "Publish a new release",
        }
    }

    /// The step of the rail that it belongs to, if it is on the rail.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            State::Published | State::Revised | State::Closed => "calm",
            State::OnHold => "care",
            State::Waived => "",
            _ => "key",
        }
    }
}

kit::words!(
    /// Why no retrospective is written.
    WaiverCode {
        /// We know it and treat it already.
        KnownAndTreated = "known_and_treated", "We know it and treat it already";
        /// Another incident's retrospective covers it.
        DuplicateOf = "duplicate_of", "Another incident’s retrospective covers it";
        /// The harm was too small to ask for people's time.
        HarmNegligible = "harm_negligible", "The harm was too small for anybody’s time";
        /// Feelings run too high for it to teach anything now.
        Heat = "heat", "Feelings run too high for it to teach anything now";
        /// Said in words.
        Other = "other", "Something else, said below";
    }
);

kit::words!(
    /// As what somebody belongs to a retrospective.
    Role {
        /// Opened it.
        Opener = "opener", "opened it";
        /// Writes it, or sees that it is written.
        Owner = "owner", "owner";
        /// Leads the conversation.
        Facilitator = "facilitator", "facilitator";
        /// Was part of the incident.
        Participant = "participant", "was there";
        /// Writes down what is said.
        NoteTaker = "note_taker", "note-taker";
        /// Writes down what is decided.
        ActionLogger = "action_logger", "action logger";
        /// Leads the conversation beside the facilitator.
        CoFacilitator = "co_facilitator", "co-facilitator";
        /// Reads the draft and says what is unclear.
        Reviewer = "reviewer", "reviewer";
        /// Says that it may be published, where a rule asks for it.
        Approver = "approver", "approver";
        /// Comes to the meeting.
        Attendee = "attendee", "comes to the meeting";
        /// Knows what it runs on.
        Infrastructure = "infrastructure", "infrastructure";
        /// Knows how it is built as a whole.
        Architecture = "architecture", "architecture";
        /// Looks at it as something that somebody did on purpose.
        Security = "security", "security";
        /// Leads where it was something that somebody did on purpose.
        SecurityLead = "security_lead", "security lead";
        /// Secures traces, and reads them.
        Forensics = "forensics", "forensics";
        /// Knows what the law asks for.
        Legal = "legal", "legal";
        /// Knows what is owed to those whose data it is.
        PrivacyOfficer = "privacy_officer", "privacy officer";
        /// Tells those who need to know.
        Communications = "communications", "communications";
        /// Speaks for customers.
        CustomerVoice = "customer_voice", "customer voice";
        /// Speaks for those who answer customers.
        SupportLead = "support_lead", "support lead";
        /// Answers for the product.
        ProductLead = "product_lead", "product lead";
        /// Answers for engineering.
        EngineeringLead = "engineering_lead", "engineering lead";
        /// Answers for reliability.
        ReliabilityLead = "reliability_lead", "reliability lead";
        /// Knows how changes go out.
        ReleaseEngineering = "release_engineering", "release engineering";
        /// Answers for the service that was hit.
        ServiceOwner = "service_owner", "service owner";
        /// Answers for the data that was hit.
        DataOwner = "data_owner", "data owner";
        /// In touch with a supplier.
        VendorManager = "vendor_manager", "vendor manager";
        /// Reads along.
        Observer = "observer", "observer";
    }
);

impl Role {
    /// Roles that somebody can be added in; the others come from what people did.
    pub const GIVEN: &'static [Role] = &[
        Role::Reviewer,
        Role::NoteTaker,
        Role::ActionLogger,
        Role::CoFacilitator,
        Role::Approver,
        Role::Attendee,
        Role::Infrastructure,
        Role::Architecture,
        Role::Security,
        Role::SecurityLead,
        Role::Forensics,
        Role::Legal,
        Role::PrivacyOfficer,
        Role::Communications,
        Role::CustomerVoice,
        Role::SupportLead,
        Role::ProductLead,
        Role::EngineeringLead,
        Role::ReliabilityLead,
        Role::ReleaseEngineering,
        Role::ServiceOwner,
        Role::DataOwner,
        Role::VendorManager,
        Role::Observer,
    ];
}

kit::words!(
    /// How far a section is.
    SectionState {
        /// Nothing is written.
        Empty = "empty", "empty";
        /// Something is.
        Draft = "draft", "draft";
        /// Its writer thinks that others can read it.
        Ready = "ready", "ready";
        /// Somebody stands by it.
        Confirmed = "confirmed", "confirmed";
    }
);

impl SectionState {
    /// Where it can go from here without an edit.
    #[must_use]
    pub fn next(self) -> &'static [SectionState] {
        match self {
            SectionState::Empty => &[],
            SectionState::Draft => &[SectionState::Ready],
            SectionState::Ready => &[SectionState::Confirmed, SectionState::Draft],
            SectionState::Confirmed => &[SectionState::Draft],
        }
    }

    /// What an edit makes of it.
    #[must_use]
    pub fn after_edit(self, text: &str) -> SectionState {
        match self {
            _ if text.trim().is_empty() => SectionState::Empty,
            SectionState::Empty | SectionState::Confirmed => SectionState::Draft,
            kept => kept,
        }
    }

    /// The button that goes there.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            SectionState::Empty => "Empty",
            SectionState::Draft => "Back to draft",
            SectionState::Ready => "Mark as ready",
            SectionState::Confirmed => "Confirm",
        }
    }

    /// The colour of its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            SectionState::Ready => "key",
            SectionState::Confirmed => "calm",
            SectionState::Empty | SectionState::Draft => "",
        }
    }
}

kit::words!(
    /// What sort of lesson it is.
    LessonSort {
        /// Worth keeping.
        WentWell = "went_well", "Went well";
        /// Made the work hard.
        Hard = "hard", "Was hard";
        /// Chance was kind.
        Lucky = "lucky", "Was luck";
        /// Not what people expected.
        Surprising = "surprising", "Surprised us";
        /// Not known yet.
        Question = "question", "Open question";
    }
);

/// Where a retrospective is found: its incident's key, and which of several of that incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The incident.
    pub key: Key,
    /// Its number among the incident's retrospectives, from 1; none for the newest.
    pub nth: Option<i64>,
}

impl Address {
    /// Reads `INC-42` or `INC-42.2`.
    ///
    /// # Errors
    /// A sentence with the form.
    pub fn parse(text: &str) -> Result<Address, String> {
        let (key, nth) = match text.split_once('.') {
            Some((key, nth)) => {
                let nth = nth.parse::<i64>().ok().filter(|n| *n > 0 && !nth.starts_with('+'));
                (key, Some(nth.ok_or_else(|| format!("`{text}` is not such as INC-42.2."))?))
            }
            None => (text, None),
        };
        Ok(Address { key: Key::parse(key)?, nth })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.nth {
            Some(nth) => write!(f, "{}.{nth}", self.key),
            None => write!(f, "{}", self.key),
        }
    }
}

/// A retrospective as it is read. Its content is in its sections, lessons and what other slices hang
/// on it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Retrospective {
    /// Its id.
    pub id: RetrospectiveId,
    /// The incident it is about.
    pub incident_id: IncidentId,
    /// The number in the incident's key.
    pub incident_number: i64,
    /// How far the incident may be shared.
    pub label: Label,
    /// Which of the incident's retrospectives it is, from 1.
    pub nth: i64,
    /// Whether it is the newest of its incident that was not waived.
    pub is_newest: bool,
    /// Its kind's id.
    pub kind: String,
    /// The version of the kinds when it was opened.
    pub kind_version: i64,
    /// What is put on top of the kind: ids with a space between.
    pub overlays: String,
    /// The version of the policy by which it was decided; none for one from before there were any.
    pub policy_version: Option<i64>,
    /// Why this kind.
    pub kind_reason: String,
    /// Its title.
    pub title: String,
    /// Where it is in its life.
    pub state: State,
    /// Who owns it.
    pub owner_id: Option<PersonId>,
    /// Their name.
    pub owner_name: Option<String>,
    /// Who facilitates.
    pub facilitator_id: Option<PersonId>,
    /// Their name.
    pub facilitator_name: Option<String>,
    /// Why no action follows; empty when nobody said so.
    pub no_action_because: String,
    /// Why it was waived.
    pub waived_code: Option<WaiverCode>,
    /// Who opened it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Time,
    /// When something of it was last changed here.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
}

impl Retrospective {
    /// The incident's key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.incident_number)
    }

    /// Where it is found: `INC-42`, or `INC-42.1` for one that is not the newest.
    #[must_use]
    pub fn address(&self) -> Address {
        Address { key: self.key(), nth: (!self.is_newest).then_some(self.nth) }
    }

    /// The library of the version that it was opened with, or was moved to.
    #[must_use]
    pub fn library(&self) -> &'static Library {
        kinds::of_version(self.kind_version)
    }

    /// Its kind; the light one should its library not have it.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        let library = self.library();
        library.kind(&self.kind).or_else(|| library.kind("light")).unwrap_or(&library.kinds[0])
    }

    /// What is put on top of its kind.
    #[must_use]
    pub fn overlays(&self) -> Vec<&'static Overlay> {
        let library = self.library();
        self.overlays.split_whitespace().filter_map(|id| library.overlay(id)).collect()
    }

    /// The ids of the sections that it begins with: the kind's, then those put on top.
    #[must_use]
    pub fn own_sections(&self) -> Vec<&'static str> {
        sections_of(self.kind(), &self.overlays())
    }

    /// What is done by when: the kind's steps, then those put on top.
    #[must_use]
    pub fn steps(&self) -> Vec<&'static Step> {
        let on_top = self.overlays().into_iter().flat_map(|one| &one.steps);
        self.kind().steps.iter().chain(on_top).collect()
    }

    /// The fields that it wants, each with until when it is needed.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static Field, Option<Milestone>)> {
        let on_top = self.overlays().into_iter().flat_map(|one| &one.fields);
        let wanted = self.kind().fields.iter().chain(on_top);
        let found = wanted.map(|one| Some((self.library().field(&one.field)?, one.needed_for)));
        found.flatten().collect()
    }

    /// Whether it is this person's to write.
    #[must_use]
    pub fn is_owned_by(&self, person: &PersonId) -> bool {
        self.owner_id.as_ref() == Some(person)
    }
}

/// The sections of a kind and of what is put on top, in order, each once.
pub(super) fn sections_of<'a>(kind: &'a Kind, overlays: &[&'a Overlay]) -> Vec<&'a str> {
    let mut ids: Vec<&str> = kind.sections.iter().map(String::as_str).collect();
    for id in overlays.iter().flat_map(|one| &one.sections) {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::{Address, SectionState, State};
    use crate::incidents::Key;
    use crate::kinds::{find, shipped};

    #[test]
    fn an_address_names_the_incident_and_which_of_its_retrospectives() {
        let address = Address::parse("inc-42.2").unwrap();
        assert_eq!(address, Address { key: Key(42), nth: Some(2) });
        assert_eq!(address.to_string(), "INC-42.2");
        assert_eq!(Address::parse("INC-42").unwrap().nth, None);
        for bad in ["", "INC-42.", "INC-42.0", "INC-42.+1", "INC-42.x", ".1", "INC-42.1.1"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn moves_are_those_of_the_domain_model() {
        let standard = find("standard").unwrap();
        let path = [
            State::Proposed,
            State::Assigned,
            State::Gathering,
            State::Drafting,
            State::InReview,
            State::MeetingHeld,
            State::Finalising,
            State::Published,
            State::Closed,
        ];
        for pair in path.windows(2) {
            assert!(pair[0].next(standard, None).contains(&pair[1]), "{pair:?}");
        }
        for (from, to) in [
            (State::Proposed, State::Gathering),
            (State::Drafting, State::Finalising),
            (State::InReview, State::Finalising),
            (State::Waived, State::Assigned),
            (State::Closed, State::OnHold),
            (State::Assigned, State::MeetingHeld),
        ] {
            assert!(!from.next(standard, None).contains(&to), "{from} to {to}");
        }
    }

    #[test]
    fn light_kinds_need_no_meeting_and_conversations_no_report() {
        let light = find("light").unwrap();
        assert!(State::Drafting.next(light, None).contains(&State::Finalising));
        let discussion = find("discussion").unwrap();
        assert!(State::Assigned.next(discussion, None).contains(&State::MeetingHeld));
        assert!(State::MeetingHeld.next(discussion, None).contains(&State::Closed));
        assert!(!State::Assigned.next(discussion, None).contains(&State::Gathering));
    }

    #[test]
    fn on_hold_goes_back_to_where_it_was_and_nowhere_else() {
        for kind in &shipped().kinds {
            assert_eq!(State::OnHold.next(kind, Some(State::Drafting)), [State::Drafting]);
            for state in State::ALL {
                let can = state.next(kind, None).contains(&State::OnHold);
                let has_row = !state.next(kind, None).is_empty();
                assert!(!can || !state.has_ended(), "{state}");
                assert!(can || state.has_ended() || *state == State::OnHold, "{state} {has_row}");
            }
        }
    }

    #[test]
    fn an_edit_takes_a_confirmation_back() {
        assert_eq!(SectionState::Confirmed.after_edit("x"), SectionState::Draft);
        assert_eq!(SectionState::Ready.after_edit("x"), SectionState::Ready);
        assert_eq!(SectionState::Ready.after_edit(" \n"), SectionState::Empty);
        assert_eq!(SectionState::Empty.after_edit("x"), SectionState::Draft);
    }
}
