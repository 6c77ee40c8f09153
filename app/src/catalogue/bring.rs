//! Bringing a set of files in: teams, then people, then services, then what joins them; in one transaction.

use super::came::{Came, Did, Line};
use super::wanted::{At, Pointer, Wanted};
use super::{bring_people, bring_services, bring_teams};
use crate::access::{PersonId, Viewer};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::people::{self, Person};
use crate::services::{self, Service};
use crate::teams::{self, Team, TeamId};
use kit::db::{Time, Tx};
use kit::web::Problem;
use serde_json::json;
use std::collections::BTreeMap;

/// What is worked with: what is here, and what was done so far.
pub(super) struct Work<'a> {
    pub tx: &'a mut Tx,
    pub by: &'a Viewer,
    pub now: Time,
    pub people: Vec<Person>,
    pub teams: Vec<Team>,
    pub services: Vec<Service>,
    pub lines: Vec<Line>,
    /// Which line tells of an object, so that what joins it to others is told there, too.
    pub line_of: BTreeMap<String, usize>,
    /// Whom or what a reference of another catalogue is here.
    pub by_ref: BTreeMap<String, String>,
}

impl Work<'_> {
    /// Sets something aside.
    pub fn aside(&mut self, what: &str, name: &str, at: &At, why: impl std::fmt::Display) {
        self.lines.push(Line::aside(what, name, at, why));
    }

    /// A description, cut where it is too long; that it was is told.
    pub fn description(&mut self, what: &str, name: &str, at: &At, text: &str) -> String {
        let cut: String = text.chars().take(teams::DESCRIPTION_MAX).collect();
        if cut.len() < text.len() {
            let most = teams::DESCRIPTION_MAX;
            let why = format!("The end of its description, which has more than {most} signs.");
            self.aside(what, name, at, why);
        }
        cut
    }

    /// Keeps the line of an object. None, when a line tells of it already: it stands twice.
    pub fn line(&mut self, id: &str, line: Line) -> Option<&mut Line> {
        if let Some(before) = self.line_of.get(id).and_then(|at| self.lines.get(*at)) {
            let why = format!("It stands in {}, line {}, already.", before.file, before.line);
            let at = At { file: line.file, line: line.line };
            let (what, name) = (line.what, line.name);
            self.lines.push(Line::aside(&what, &name, &at, why));
            return None;
        }
        self.line_of.insert(id.to_owned(), self.lines.len());
        self.lines.push(line);
        self.lines.last_mut()
    }

    /// Notes a change of an object of which a line tells.
    pub fn note(&mut self, id: &str, change: String) {
        if let Some(line) = self.line_of.get(id).and_then(|at| self.lines.get_mut(*at)) {
            line.note(change);
        }
    }

    /// Whom a pointer means.
    pub fn person(&self, pointer: &Pointer) -> Option<&Person> {
        let known = self.by_ref.get(pointer.text());
        let name = pointer.name().trim_start_matches('@').to_lowercase();
        let is_it = |one: &&Person| match known {
            Some(id) => one.id.as_str() == id,
            None => one.handle.to_lowercase() == name,
        };
        self.people.iter().find(is_it)
    }

    /// Which team a pointer means.
    pub fn team(&self, pointer: &Pointer) -> Option<&Team> {
        let known = self.by_ref.get(pointer.text());
        let (slug, key) = (teams::slug(pointer.name()), pointer.name().to_lowercase());
        let is_it = |one: &&Team| match known {
            Some(id) => one.id.as_str() == id,
            None => one.slug == slug || one.name.to_lowercase() == key,
        };
        self.teams.iter().find(is_it)
    }

    /// Which service a pointer means.
    pub fn service(&self, pointer: &Pointer) -> Option<&Service> {
        let known = self.by_ref.get(pointer.text());
        let (slug, key) = (teams::slug(pointer.name()), pointer.name().to_lowercase());
        let is_it = |one: &&Service| match known {
            Some(id) => one.id.as_str() == id,
            None => one.slug == slug || one.name.to_lowercase() == key,
        };
        self.services.iter().find(is_it)
    }

    /// Puts somebody into a team, unless they are in it.
    pub async fn join(
        &mut self,
        members: &mut Vec<(TeamId, PersonId)>,
        team: &Team,
        person: &Person,
        told_at: &str,
    ) -> Result<(), Problem> {
        let pair = (team.id.clone(), person.id.clone());
        if members.contains(&pair) {
            return Ok(());
        }
        teams::store::join(self.tx, &team.id, &person.id).await?;
        members.push(pair);
        let change = match told_at == team.id.as_str() {
            true => format!("{} is in it", person.name),
            false => format!("in the team {}", team.name),
        };
        self.note(told_at, change);
        Ok(())
    }

    /// Writes the lines of what was done to the record.
    async fn record(&mut self) -> Result<(), Problem> {
        for (id, at) in &self.line_of {
            let Some(line) = self.lines.get(*at) else { continue };
            let what = match line.did {
                Did::Added => format!("{}.added", line.what),
                Did::Changed => format!("{}.changed", line.what),
                Did::LeftAlone | Did::SetAside => continue,
            };
            let after = json!({ "name": line.name, "from": line.file, "changes": line.changes });
            let deed = Deed::new(&self.by.id, &what, id).after(after);
            audit::record(self.tx, self.now, deed).await?;
        }
        Ok(())
    }
}

/// Refuses who may not bring this in.
fn must(viewer: &Viewer, wanted: &Wanted) -> Result<(), Problem> {
    viewer.must_decide()?;
    if wanted.people.is_empty() { Ok(()) } else { viewer.must_administer() }
}

/// The work itself, in a transaction that the caller commits or drops.
async fn work(tx: &mut Tx, by: &Viewer, wanted: Wanted, now: Time) -> Result<Came, Problem> {
    let Wanted { people: wanted_people, teams: wanted_teams, services: wanted_services, aside } =
        wanted;
    let mut work = Work {
        people: people::all(tx).await?,
        teams: teams::all(tx).await?,
        services: services::all(tx).await?,
        tx,
        by,
        now,
        lines: aside,
        line_of: BTreeMap::new(),
        by_ref: BTreeMap::new(),
    };
    let members = teams::members(work.tx).await?;
    let mut members: Vec<(TeamId, PersonId)> =
        members.into_iter().map(|one| (one.team_id, one.person_id)).collect();
    for (at, team) in &wanted_teams {
        bring_teams::bring(&mut work, at, team).await?;
    }
    for (at, person) in &wanted_people {
        bring_people::bring(&mut work, at, person).await?;
    }
    for (at, person) in &wanted_people {
        bring_people::join(&mut work, &mut members, at, person).await?;
    }
    for (at, team) in &wanted_teams {
        bring_teams::join(&mut work, &mut members, at, team).await?;
    }
    for (at, service) in &wanted_services {
        bring_services::bring(&mut work, at, service).await?;
    }
    bring_services::join(&mut work, &wanted_services).await?;
    work.record().await?;
    Ok(Came::of(work.lines))
}

/// Says what files would come to. Nothing is written.
///
/// # Errors
/// 403 for who may not bring this in.
pub async fn preview(app: &App, viewer: &Viewer, wanted: Wanted) -> Result<Came, Problem> {
    must(viewer, &wanted)?;
    let mut tx = app.db.write().await?;
    work(&mut tx, viewer, wanted, app.now()).await
}

/// Brings files in: all that can be read of them, or nothing.
///
/// # Errors
/// 403 for who may not bring this in.
pub async fn bring(app: &App, viewer: &Viewer, wanted: Wanted) -> Result<Came, Problem> {
    must(viewer, &wanted)?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    let came = work(&mut tx, viewer, wanted, now).await?;
    let Came { added, changed, left_alone, set_aside, .. } = came;
    if added + changed > 0 {
        let deed = Deed::new(&viewer.id, "catalogue.imported", "catalogue");
        let after = json!({ "added": added, "changed": changed, "left_alone": left_alone, "set_aside": set_aside });
        audit::record(&mut tx, now, deed.after(after)).await?;
    }
    tx.commit().await?;
    Ok(came)
}
