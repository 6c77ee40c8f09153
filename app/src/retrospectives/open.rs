//! Deciding whether an incident is reviewed: opening a retrospective of a kind, or waiving it.

use super::move_on::move_to;
use super::retrospective::{Address, Retrospective, RetrospectiveId, Role, State, WaiverCode};
use super::store::{self, NewRetrospective};
use super::{change_kind, overlays, store_people};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::incidents::{self, Incident, Status, must_decide, store_parts};
use crate::kinds::{self, Kind};
use crate::policy::{self, Proposal};
use crate::requests;
use kit::db::{Conn, DbError, Time, Tx};
use kit::web::Problem;
use serde_json::json;

/// The most characters of a reason.
pub(super) const REASON_MAX: usize = 2000;

/// What somebody said when they accepted a kind.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Which kind.
    pub kind: &'static Kind,
    /// Why, as a sentence.
    pub reason: String,
    /// Who writes it; may be said later.
    pub owner: Option<PersonId>,
    /// Who leads the conversation; may be said later.
    pub facilitator: Option<PersonId>,
    /// One more beside one that is under way.
    pub is_another: bool,
}

/// What somebody said when they waived it.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Why, as a word.
    pub code: WaiverCode,
    /// Why, in words.
    pub text: String,
}

impl Waiver {
    /// The reason in one text.
    ///
    /// # Errors
    /// 422 when the word alone says nothing.
    pub fn reason(&self) -> Result<String, Problem> {
        let text = self.text.trim();
        let needs_words = matches!(self.code, WaiverCode::Other | WaiverCode::DuplicateOf);
        match (text.is_empty(), needs_words) {
            (true, true) if self.code == WaiverCode::DuplicateOf => {
                Err(Problem::field("text", "Say which incident’s retrospective covers it."))
            }
            (true, true) => Err(Problem::field("text", "Say why in a sentence.")),
            _ if text.chars().count() > REASON_MAX => {
                Err(Problem::field("text", format!("At most {REASON_MAX} characters, please.")))
            }
            (true, false) => Ok(format!("{}.", self.code.label())),
            (false, _) => Ok(text.to_owned()),
        }
    }
}

/// Why a kind is taken: what somebody says; else the reason of the proposal they follow, or that they
/// chose another.
///
/// # Errors
/// 422 when it is said in too many words.
pub(super) fn why(
    viewer: &Viewer,
    proposal: &Proposal,
    kind: &Kind,
    said: Option<&str>,
) -> Result<String, Problem> {
    let is_proposed = proposal.choice.kind.as_deref() == Some(kind.id.as_str());
    match said {
        Some(why) if why.chars().count() > REASON_MAX => {
            Err(Problem::field("why", "Say it in fewer words, please."))
        }
        Some(why) => Ok(why.to_owned()),
        None if is_proposed => Ok(proposal.choice.why.clone()),
        None => Ok(format!("{} chose this kind: {}.", viewer.name, kind.why_words)),
    }
}

/// Opens a retrospective: its sections are those of the kind, its people those who were there.
///
/// # Errors
/// 403 for who does not decide; 409 when one is under way and no other was asked for; 422 when an
/// owner cannot see or write it.
pub async fn open(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    said: &Opening,
) -> Result<Address, Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    must_decide(&mut tx, viewer, incident).await?;
    must_be_over(incident)?;
    let others = store::of_incident(&mut tx, viewer, incident).await?;
    if let Some(other) = others.iter().find(|one| one.state.is_running())
        && !said.is_another
    {
        let detail = format!(
            "A retrospective ({}) is already under way for {}. Tick “one more” if you want another beside it.",
            other.kind_name(),
            incident.key()
        );
        return Err(Problem::conflict("under_way", detail));
    }
    for person in [&said.owner, &said.facilitator].into_iter().flatten() {
        must_see(&mut tx, incident, person).await?;
    }
    let retro = begin(&mut tx, viewer, incident, (said.kind, &said.reason), now).await?;
    put_on_what_is_due(&mut tx, viewer, incident, &retro, now).await?;
    let taken = (Some(said.kind.id.as_str()), said.reason.as_str());
    let version = policy::answered(&mut tx, viewer, incident, taken, now).await?;
    store::set_policy_version(&mut tx, &retro.id, version).await?;
    let yes = (requests::State::Accepted, said.reason.as_str());
    requests::answer_all(&mut tx, viewer, incident, yes, now).await?;
    if said.owner.is_some() || said.facilitator.is_some() {
        let leads = (said.owner.as_ref(), said.facilitator.as_ref());
        super::assign::set_leads(&mut tx, viewer, &retro, leads, now).await?;
    }
    if said.owner.is_none() {
        crate::site::retrospective_opened(&mut tx, viewer, &retro.id, now).await?;
    }
    tx.commit().await?;
    Ok(Address { key: incident.key(), nth: None })
}

/// Waives the review of an incident, or one that was proposed and that nobody owns yet. It stays in
/// lists and figures.
///
/// # Errors
/// 403 for who does not decide; 409 when a review is under way; 422 without a reason.
pub async fn waive(
    app: &App,
    viewer: &Viewer,
    incident: &Incident,
    said: &Waiver,
) -> Result<(), Problem> {
    let reason = said.reason()?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    must_decide(&mut tx, viewer, incident).await?;
    must_be_over(incident)?;
    let others = store::of_incident(&mut tx, viewer, incident).await?;
    let retro = match others.iter().find(|one| one.state.is_running()) {
        Some(one) if one.state == State::Proposed => store::find_for_system(&mut tx, &one.id)
            .await?
            .ok_or_else(|| Problem::internal("what was listed is gone"))?,
        Some(one) => {
            let detail = format!(
                "A retrospective ({}) is already {}. Put that one on hold and say why, or close it.",
                one.kind_name(),
                one.state
            );
            return Err(Problem::conflict("under_way", detail));
        }
        None => {
            let choice = policy::proposal(&mut tx, incident).await?.choice;
            let kind = choice
                .kind()
                .or_else(|| kinds::find("light"))
                .unwrap_or(&kinds::shipped().kinds[0]);
            begin(&mut tx, viewer, incident, (kind, &choice.why), now).await?
        }
    };
    store::set_waiver(&mut tx, &retro.id, said.code).await?;
    move_to(&mut tx, viewer, &retro, State::Waived, &reason, now).await?;
    let version = policy::answered(&mut tx, viewer, incident, (None, &reason), now).await?;
    store::set_policy_version(&mut tx, &retro.id, version).await?;
    let no = (requests::State::Declined, reason.as_str());
    requests::answer_all(&mut tx, viewer, incident, no, now).await?;
    tx.commit().await?;
    Ok(())
}

/// What the policy asks for beside the review and what is an overlay of the kinds comes with it.
async fn put_on_what_is_due(
    tx: &mut Tx,
    viewer: &Viewer,
    incident: &Incident,
    retro: &Retrospective,
    now: Time,
) -> Result<(), Problem> {
    let choice = policy::proposal(tx, incident).await?.choice;
    for one in &choice.to_do {
        if let Some(overlay) = retro.library().overlay(&one.id) {
            overlays::put(tx, retro, overlay, (&viewer.id, &one.why), now).await?;
        }
    }
    Ok(())
}

fn must_be_over(incident: &Incident) -> Result<(), Problem> {
    if matches!(incident.status, Status::Cancelled | Status::Merged) {
        let detail =
            format!("{} is {}; there is nothing to review.", incident.key(), incident.status);
        return Err(Problem::conflict("no_incident", detail));
    }
    Ok(())
}

/// Whether somebody is here, writes, and sees the incident.
pub(super) async fn must_see(
    conn: &mut Conn,
    incident: &Incident,
    person: &PersonId,
) -> Result<(), Problem> {
    let found = crate::people::find(conn, person).await?;
    let Some(person) = found.filter(|person| person.deactivated_at.is_none()) else {
        return Err(Problem::field("person", "Choose somebody who is here."));
    };
    if incident.label == incidents::Label::Red {
        let list = incidents::store::listed(conn, incident).await?;
        if !list.iter().any(|one| one.person_id == person.id) {
            let detail = format!(
                "{} is not on the list of this red incident. Add them to the list first.",
                person.name
            );
            return Err(Problem::field("person", detail));
        }
    }
    Ok(())
}

pub(super) async fn begin(
    tx: &mut Tx,
    viewer: &Viewer,
    incident: &Incident,
    (kind, reason): (&'static Kind, &str),
    now: Time,
) -> Result<Retrospective, Problem> {
    let library = kinds::current_kept(tx, now).await?;
    let kind = library.parse_kind(&kind.id).map_err(|why| Problem::field("kind", why))?;
    let kind_version = library.version;
    let new = NewRetrospective { incident, kind, kind_version, reason, by: &viewer.id };
    let id: RetrospectiveId = match store::insert(tx, &new, now).await {
        Err(DbError::Duplicate { .. }) => {
            let detail = "Somebody else decided about this incident just now. Look at it again.";
            return Err(Problem::conflict("decided", detail));
        }
        done => done?.0,
    };
    store::insert_move(tx, &id, State::Proposed, &viewer.id, reason, now).await?;
    store_people::add(tx, &id, &viewer.id, Role::Opener, now).await?;
    for one in store_parts::participants(tx, incident).await? {
        if let Some(person) = &one.person_id {
            store_people::add(tx, &id, person, Role::Participant, now).await?;
        }
    }
    let own: Vec<&str> = kind.sections.iter().map(String::as_str).collect();
    change_kind::lay_out(tx, &id, &own, now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.opened", id.as_str()).of(incident.id.as_str());
    audit::record(tx, now, deed.after(json!({ "kind": kind.id, "because": reason }))).await?;
    let found = store::find_for_system(tx, &id).await?;
    found.ok_or_else(|| Problem::internal("what was just written is gone"))
}
