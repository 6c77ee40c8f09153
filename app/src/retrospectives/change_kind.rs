//! Changing the kind, up when it is bigger than it looked or down when it is smaller. No word is lost:
//! sections that the new kind does not have stay, if something is written in them. What would change can
//! be read before.

use super::open::REASON_MAX;
use super::retrospective::{Retrospective, RetrospectiveId, sections_of};
use super::{need_for_writing, store, store_sections};
use crate::access::Viewer;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::kinds::{Kind, Library, Overlay, Step};
use kit::db::{Conn, Result as DbResult, Time, Tx};
use kit::web::Problem;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Sections of another kind stand after those of the own one.
const AFTER_THE_KINDS_OWN: i64 = 1000;

/// What a reason has to be.
///
/// # Errors
/// 422 without one, or with one that is too long.
pub(super) fn must_say_why(reason: &str) -> Result<&str, Problem> {
    let reason = reason.trim();
    if kit::line::is_blank(reason) || reason.chars().count() > REASON_MAX {
        let detail = format!("Say in a sentence why, of at most {REASON_MAX} characters.");
        return Err(Problem::field("reason", detail));
    }
    Ok(reason)
}

/// Gives it another kind, of a library: its own, or the one in force.
///
/// # Errors
/// 404 for who is not one of its people; 409 when somebody changed it since `version`; 422 without a
/// reason.
pub async fn change_kind(
    app: &App,
    viewer: &Viewer,
    key: &str,
    version: i64,
    (library, kind, reason): (&'static Library, &'static Kind, &str),
) -> Result<(), Problem> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let retro = need_for_writing(&mut tx, viewer, key).await?;
    let reason = must_say_why(reason)?;
    let new = (kind, library.version, reason);
    if !store::set_kind(&mut tx, &retro.id, version, new, now).await? {
        let detail =
            "Somebody changed this retrospective while you looked. Nothing was overwritten.";
        return Err(Problem::conflict("changed", detail));
    }
    let on_top = on_top(library, &retro.overlays);
    lay_out(&mut tx, &retro.id, &sections_of(kind, &on_top), now).await?;
    let deed = Deed::new(&viewer.id, "retrospective.kind_changed", retro.id.as_str());
    let deed = deed.of(retro.incident_id.as_str());
    let was =
        json!({ "kind": retro.kind, "because": retro.kind_reason, "version": retro.kind_version });
    let is = json!({ "kind": kind.id, "because": reason, "version": library.version });
    audit::record(&mut tx, now, deed.before(was).after(is)).await?;
    tx.commit().await?;
    Ok(())
}

/// What is put on top, as far as a library has it.
fn on_top(library: &'static Library, ids: &str) -> Vec<&'static Overlay> {
    ids.split_whitespace().filter_map(|id| library.overlay(id)).collect()
}

/// Puts the sections of a kind in their order, empty where they are new, and the others after them.
pub(super) async fn lay_out(
    tx: &mut Tx,
    id: &RetrospectiveId,
    own: &[&str],
    now: Time,
) -> DbResult<()> {
    let there = store_sections::sections(tx, id).await?;
    for (position, section) in (1..).zip(own) {
        store_sections::place(tx, id, section, position, now).await?;
    }
    let left = there.iter().filter(|one| !own.contains(&one.section.as_str()));
    for (position, section) in (AFTER_THE_KINDS_OWN..).zip(left) {
        store_sections::place(tx, id, &section.section, position, now).await?;
    }
    Ok(())
}

/// A section that stays though the new kind does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KeptSection)]
pub struct Kept {
    /// Its name.
    #[schema(example = "Detection")]
    pub name: String,
    /// How many words are written in it.
    #[schema(example = 120)]
    pub words: usize,
}

/// What a change of kind would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindPreview {
    /// The kind it is now.
    #[schema(example = "light")]
    pub from: String,
    /// The kind it would be.
    #[schema(example = "standard")]
    pub to: String,
    /// Its name.
    pub name: String,
    /// Sections that it gets, empty.
    pub new_sections: Vec<String>,
    /// Sections that are not the new kind’s and stay with every word.
    pub kept_sections: Vec<Kept>,
    /// Empty sections that are no longer asked for.
    pub dropped_sections: Vec<String>,
    /// Steps that come.
    pub new_steps: Vec<String>,
    /// Steps that go; one of which something was said stays.
    pub dropped_steps: Vec<String>,
    /// Fields that are asked for from then on.
    pub new_fields: Vec<String>,
    /// Fields that are no longer asked for; what is written in them stays.
    pub dropped_fields: Vec<String>,
    /// Roles that are needed from then on.
    pub new_roles: Vec<String>,
    /// The meeting, in words.
    pub meeting: String,
    /// What it costs.
    pub effort: String,
    /// Who reads what is published.
    pub audience: String,
}

impl KindPreview {
    /// Whether nothing but the name would change.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let names = [
            &self.new_sections,
            &self.dropped_sections,
            &self.new_steps,
            &self.dropped_steps,
            &self.new_fields,
            &self.dropped_fields,
            &self.new_roles,
        ];
        self.from == self.to && names.iter().all(|list| list.is_empty())
    }
}

/// What would change if this retrospective had a kind of a library.
///
/// # Errors
/// What the database says.
pub async fn preview(
    conn: &mut Conn,
    retro: &Retrospective,
    (library, kind): (&'static Library, &'static Kind),
) -> DbResult<KindPreview> {
    let there = store_sections::sections(conn, &retro.id).await?;
    let on_top = on_top(library, &retro.overlays);
    let own = sections_of(kind, &on_top);
    let named = |id: &str| library.section(id).map_or(id, |one| one.name.as_str()).to_owned();
    let is_own = |id: &str| own.contains(&id) || kind.optional.iter().any(|one| one == id);
    let others = || there.iter().filter(|one| !is_own(&one.section));
    let kept = others().filter(|one| !one.is_empty() || one.added_because.is_some());
    let dropped = others().filter(|one| one.is_empty() && one.added_because.is_none());
    let before: Vec<&Step> = retro.steps();
    let after: Vec<&Step> =
        kind.steps.iter().chain(on_top.iter().flat_map(|one| &one.steps)).collect();
    let steps = |these: &[&Step], others: &[&Step]| {
        let new = these.iter().filter(|one| !others.iter().any(|other| other.name == one.name));
        new.map(|one| one.name.clone()).collect()
    };
    let fields_before: Vec<&str> =
        retro.fields().iter().map(|(one, _)| one.name.as_str()).collect();
    let wanted = kind.fields.iter().chain(on_top.iter().flat_map(|one| &one.fields));
    let fields_after: Vec<&str> =
        wanted.filter_map(|one| Some(library.field(&one.field)?.name.as_str())).collect();
    let roles = kind.roles.iter().filter(|one| !retro.kind().roles.contains(one));
    Ok(KindPreview {
        from: retro.kind.clone(),
        to: kind.id.clone(),
        name: kind.name.clone(),
        new_sections: own
            .iter()
            .filter(|id| !there.iter().any(|one| one.section == **id))
            .map(|id| named(id))
            .collect(),
        kept_sections: kept
            .map(|one| Kept {
                name: one.name().to_owned(),
                words: one.text.split_whitespace().count(),
            })
            .collect(),
        dropped_sections: dropped.map(|one| one.name().to_owned()).collect(),
        new_steps: steps(&after, &before),
        dropped_steps: steps(&before, &after),
        new_fields: less(&fields_after, &fields_before),
        dropped_fields: less(&fields_before, &fields_after),
        new_roles: roles.map(|one| one.replace('_', " ")).collect(),
        meeting: kind.meeting_in_words(),
        effort: kind.effort.clone(),
        audience: kind.audience.clone(),
    })
}

fn less(these: &[&str], others: &[&str]) -> Vec<String> {
    these.iter().filter(|one| !others.contains(one)).map(|one| (*one).to_owned()).collect()
}
