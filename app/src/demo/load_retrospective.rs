//! The rest of a demo incident: its timeline, retrospective, factors, actions, risks and releases. What
//! has a time of its own (moves, releases, corrections) is done in the order of those times.

use super::content::{self, Action, ActionMove, Correction, Release, Risk, day, moment};
use super::load::{Loader, because};
use super::load_incident::Going;
use crate::access::Viewer;
use crate::actions::{self, Doing, NewAction, Owner, Terms};
use crate::factors::{self, NewFactor, NewRecommendation, RecommendationId};
use crate::incidents::Precision;
use crate::incidents::key_time::{KeyTimeName, Moment};
use crate::incidents::times::Telling;
use crate::kinds;
use crate::releases::{self, publish::Publication};
use crate::retrospectives::{
    self, LessonSort, Opening, Role, SectionState, State, Waiver, WaiverCode,
};
use crate::risks::{self, Decision, NewRisk};
use crate::timeline::{self, Content, Fact, Phase};
use anyhow::{Context, Result, anyhow};
use kit::db::Time;
use std::collections::HashMap;

fn word<T>(parse: impl Fn(&str) -> Result<T, String>, text: &str) -> Result<T> {
    parse(text).map_err(|error| anyhow!("{error}"))
}

fn words<T>(parse: impl Fn(&str) -> Result<T, String>, texts: &[String]) -> Result<Vec<T>> {
    texts.iter().map(|text| word(&parse, text)).collect()
}

/// Something with a time of its own, after the draft was written.
enum Deed<'a> {
    Move(&'a content::Move),
    Act(&'a Action, &'a ActionMove),
    Settle(&'a Risk),
    Publish(&'a Release),
    Correct(&'a Correction),
}

/// Numbers by the content's ids.
#[derive(Default)]
struct Numbers {
    recommendations: HashMap<String, RecommendationId>,
    actions: HashMap<String, i64>,
    risks: HashMap<String, i64>,
}

impl Loader {
    pub(super) async fn timeline(&self, going: &mut Going<'_>) -> Result<()> {
        for one in &going.told.timeline {
            let incident = self.seen(&going.by, going.key).await?;
            let fact = word(Fact::parse, &one.fact)?;
            let mut content = Content::plain(moment(going.zero, one.at), fact, &one.text);
            content.until = one.until.map(|until| moment(going.zero, until));
            content.precision =
                word(Precision::parse, one.precision.as_deref().unwrap_or("second"))?;
            content.uncertainty_s = one.uncertainty_s;
            content.phase =
                one.phase.as_deref().map(|text| word(Phase::parse, text)).transpose()?;
            content.actor = one.actor.as_deref().map(|actor| self.named(actor));
            content.known_then = one.known_then.unwrap_or(true);
            content.learned_at = one.learned_at.map(|at| moment(going.zero, at));
            content.from_memory = one.memory;
            let result = one.result.as_deref();
            content.result = result.map(|text| word(timeline::Came::parse, text)).transpose()?;
            content.cites = going.cited(&one.cites)?;
            let changed = timeline::write::write(&self.app, &going.by, &incident, content, None);
            let changed = changed.await.map_err(|problem| because(&one.id, &problem))?;
            let entry = changed.entries.first().context("an entry was written")?;
            going.entries.insert(one.id.clone(), entry.id.clone());
        }
        Ok(())
    }

    /// `person:noor` by name; roles and systems as they are.
    fn named(&self, actor: &str) -> String {
        let person = actor.strip_prefix("person:").and_then(|handle| self.people.get(handle));
        person.map_or(actor.to_owned(), |person| format!("person:{}", person.name))
    }

    pub(super) async fn retrospective(&self, going: &mut Going<'_>) -> Result<()> {
        let Some(told) = &going.told.retrospective else { return Ok(()) };
        let first = told.moves.first().context("a retrospective has moves")?;
        let opener = self.who(told.opened_by.as_deref().unwrap_or(&first.by))?.clone();
        self.at(moment(going.zero, first.at));
        let incident = self.seen(&opener, going.key).await?;
        if let Some(waiver) = &told.waiver {
            let last = told.moves.last().context("a waiver has a move")?;
            self.at(moment(going.zero, last.at));
            let code = word(WaiverCode::parse, &waiver.code)?;
            let by = self.who(&waiver.by)?;
            let said = Waiver { code, text: waiver.text.clone() };
            let waived = retrospectives::waive(&self.app, by, &incident, &said).await;
            waived.map_err(|problem| because("waive", &problem))?;
            return Ok(());
        }
        let kind = going.told.kind.as_deref().context("a retrospective has a kind")?;
        // Proposed and not decided: that is what an incident without a retrospective shows.
        if told.state == "proposed" {
            return Ok(());
        }
        let opening = Opening {
            kind: kinds::find(kind).context("a known kind")?,
            reason: going.told.kind_why.clone().unwrap_or_default(),
            owner: self.id_of(told.owner.as_deref())?,
            facilitator: self.id_of(told.facilitator.as_deref())?,
            is_another: false,
        };
        let opened = retrospectives::open(&self.app, &opener, &incident, &opening).await;
        opened.map_err(|problem| because("open", &problem))?;
        self.everybody_in(going, &opener).await?;
        let mut rest = Vec::new();
        for step in &told.moves {
            let is_late = matches!(step.to.as_str(), "published" | "revised" | "closed");
            match step.to.as_str() {
                "proposed" | "assigned" => {}
                _ if is_late => rest.push(Deed::Move(step)),
                _ => self.move_on(going, step).await?,
            }
        }
        self.write(going, &opener).await?;
        self.fill(going, &opener).await?;
        let numbers = self.follow_up(going, &opener).await?;
        self.deeds(going, rest, numbers, &opener).await
    }

    fn id_of(&self, handle: Option<&str>) -> Result<Option<crate::access::PersonId>> {
        handle.map(|handle| Ok(self.who(handle)?.id.clone())).transpose()
    }

    /// Whoever the content names as a writer becomes one of the draft's people.
    async fn everybody_in(&self, going: &Going<'_>, opener: &Viewer) -> Result<()> {
        let told = going.told;
        let mut handles: Vec<&str> = told.sections.iter().map(|one| one.by.as_str()).collect();
        handles.extend(told.actions.iter().map(|one| one.proposed_by.as_str()));
        handles.extend(told.actions.iter().flat_map(|one| &one.moves).map(|step| step.by.as_str()));
        handles.extend(told.risks.iter().filter_map(|one| one.accepted_by.as_deref()));
        handles.extend(told.releases.iter().map(|one| one.by.as_str()));
        handles.extend(told.corrections.iter().map(|one| one.by.as_str()));
        let moves = told.retrospective.iter().flat_map(|retro| &retro.moves);
        handles.extend(moves.map(|step| step.by.as_str()));
        handles.sort_unstable();
        handles.dedup();
        let key = going.key.to_string();
        let role = Role::GIVEN.last().copied().context("roles can be given")?;
        for handle in handles {
            let person = self.who(handle)?;
            let is_in = {
                let mut conn = self.app.db.read().await?;
                retrospectives::need_for_reading(&mut conn, person, &key).await.is_ok()
            };
            if is_in || !person.can_write() {
                continue;
            }
            let added = retrospectives::add_person(&self.app, opener, &key, &person.id, role).await;
            added.map_err(|problem| because(handle, &problem))?;
        }
        Ok(())
    }

    /// Somebody who may write, or who opened it.
    fn writer<'a>(&'a self, handle: &str, opener: &'a Viewer) -> Result<&'a Viewer> {
        let person = self.who(handle)?;
        Ok(if person.can_write() { person } else { opener })
    }

    async fn move_on(&self, going: &Going<'_>, step: &content::Move) -> Result<()> {
        self.at(moment(going.zero, step.at));
        let by = self.who(&step.by)?;
        let to = word(State::parse, &step.to)?;
        let (key, reason) = (going.key.to_string(), step.reason.as_deref().unwrap_or(""));
        let moved = retrospectives::move_on(&self.app, by, &key, to, reason).await;
        moved.map_err(|problem| because(&format!("move to {}", step.to), &problem))
    }

    /// Sections, lessons, factors and recommendations.
    async fn write(&self, going: &mut Going<'_>, opener: &Viewer) -> Result<()> {
        let key = going.key.to_string();
        for one in &going.told.sections {
            let by = self.writer(&one.by, opener)?;
            self.write_section(&key, by, one).await.with_context(|| one.id.clone())?;
        }
        for one in &going.told.lessons {
            let lesson = (word(LessonSort::parse, &one.sort)?, one.text.as_str());
            let added = retrospectives::add_lesson(&self.app, opener, &key, lesson).await;
            added.map_err(|problem| because("lesson", &problem))?;
        }
        for one in &going.told.factors {
            let entry = |id: &String| {
                going.entries.get(id).cloned().with_context(|| format!("no entry {id}"))
            };
            let new = NewFactor {
                statement: one.statement.clone(),
                certainty: Some(word(factors::Certainty::parse, &one.certainty)?),
                path: one.path.clone(),
                direct_cause: one.direct_cause,
                triggers: words(factors::Trigger::parse, &one.trigger)?,
                layers: words(factors::Layer::parse, &one.layer)?,
                roles: words(factors::Role::parse, &one.role)?,
                responses: words(factors::Response::parse, &one.response)?,
                recurrences: words(factors::Recurrence::parse, &one.recurrence)?,
                cites: going.cited(&one.cites)?,
                entries: one.entries.iter().map(entry).collect::<Result<_>>()?,
            };
            let id = factors::add(&self.app, opener, &key, &new).await;
            let id = id.map_err(|problem| because(&one.id, &problem))?;
            going.factors.insert(one.id.clone(), id);
        }
        let because_of = &going.told.retrospective;
        let no_action = because_of.as_ref().map_or("", |retro| retro.no_action_because.as_str());
        if !no_action.is_empty() {
            let said =
                retrospectives::say_no_action(&self.app, opener, &key, ("", no_action)).await;
            said.map_err(|problem| because("no action", &problem))?;
        }
        Ok(())
    }

    async fn write_section(&self, key: &str, by: &Viewer, one: &content::Section) -> Result<()> {
        let current = self.section(by, key, &one.id).await?;
        let version = match current {
            Some(version) => version,
            None => {
                let added = retrospectives::add_section(&self.app, by, key, (&one.id, "")).await;
                added.map_err(|problem| because("add", &problem))?;
                self.section(by, key, &one.id).await?.context("the section was added")?
            }
        };
        let text = (version, one.text.trim());
        let saved = retrospectives::write(&self.app, by, key, &one.id, text).await;
        saved.map_err(|problem| because("write", &problem))?;
        let steps: &[SectionState] = match one.state.as_str() {
            "ready" => &[SectionState::Ready],
            "confirmed" => &[SectionState::Ready, SectionState::Confirmed],
            _ => &[],
        };
        for state in steps {
            let version = self.section(by, key, &one.id).await?.context("it is there")?;
            let to = (version, *state);
            let set = retrospectives::set_section_state(&self.app, by, key, &one.id, to).await;
            set.map_err(|problem| because("state", &problem))?;
        }
        Ok(())
    }

    async fn section(&self, by: &Viewer, key: &str, id: &str) -> Result<Option<i64>> {
        let mut conn = self.app.db.read().await?;
        let retro = retrospectives::need_for_reading(&mut conn, by, key).await;
        let retro = retro.map_err(|problem| because(key, &problem))?;
        let found = retrospectives::section(&mut conn, &retro.id, id).await?;
        Ok(found.map(|section| section.version))
    }

    /// Recommendations, actions and risks as they were first said.
    async fn follow_up(&self, going: &Going<'_>, opener: &Viewer) -> Result<Numbers> {
        let key = going.key.to_string();
        let mut numbers = Numbers::default();
        for one in &going.told.recommendations {
            let new = NewRecommendation {
                target: word(factors::Target::parse, &one.target)?,
                text: one.text.clone(),
                rationale: one.rationale.clone(),
                factors: self.answered(going, &one.factors)?,
            };
            let id = factors::recommend(&self.app, opener, &key, &new).await;
            let id = id.map_err(|problem| because(&one.id, &problem))?;
            numbers.recommendations.insert(one.id.clone(), id);
        }
        for one in &going.told.actions {
            self.at(moment(going.zero, one.proposed_at));
            let new = self.new_action(going, one, &numbers)?;
            let by = self.writer(&one.proposed_by, opener)?;
            let number = actions::propose(&self.app, by, &key, &new).await;
            let number = number.map_err(|problem| because(&one.id, &problem))?;
            numbers.actions.insert(one.id.clone(), number);
        }
        let moved: Vec<&str> = going
            .told
            .actions
            .iter()
            .flat_map(|one| &one.moves)
            .filter_map(|step| step.risk.as_deref())
            .collect();
        for one in going.told.risks.iter().filter(|one| !moved.contains(&one.id.as_str())) {
            let new = self.new_risk(going, one)?;
            let number = risks::add(&self.app, opener, &key, &new).await;
            let number = number.map_err(|problem| because(&one.id, &problem))?;
            numbers.risks.insert(one.id.clone(), number);
        }
        Ok(numbers)
    }

    fn answered(&self, going: &Going<'_>, ids: &[String]) -> Result<Vec<factors::FactorId>> {
        let find = |id: &String| {
            going.factors.get(id).cloned().with_context(|| format!("no factor is called {id}"))
        };
        ids.iter().map(find).collect()
    }

    fn new_action(&self, going: &Going<'_>, one: &Action, numbers: &Numbers) -> Result<NewAction> {
        let recommendation = one.recommendation.as_ref();
        let priority = one.priority.as_deref();
        Ok(NewAction {
            title: one.title.clone(),
            done_when: one.done_when.clone(),
            owner: self.owner(going, one)?,
            due: one.due.map(|due| day(going.zero, due)),
            class: word(actions::Class::parse, &one.class)?,
            aim: word(actions::Aim::parse, &one.aim)?,
            strength: word(actions::Strength::parse, &one.strength)?,
            priority: priority.map(|text| word(actions::Priority::parse, text)).transpose()?,
            effort: String::new(),
            effect: String::new(),
            factors: self.answered(going, &one.factors)?,
            recommendation: recommendation.and_then(|id| numbers.recommendations.get(id).cloned()),
        })
    }

    fn owner(&self, going: &Going<'_>, one: &Action) -> Result<Option<Owner>> {
        if let Some(handle) = &one.owner {
            return Ok(Some(Owner::Person(self.who(handle)?.id.clone())));
        }
        let Some(team) = &one.team else { return Ok(None) };
        let team = self.teams.get(team).cloned().with_context(|| team.clone())?;
        let by = one.person_by.context("a team says by when it names a person")?;
        Ok(Some(Owner::Team { team, name_person_by: day(going.zero, by) }))
    }

    fn new_risk(&self, going: &Going<'_>, one: &Risk) -> Result<NewRisk> {
        Ok(NewRisk {
            statement: one.statement.clone(),
            likelihood: word(risks::Level::parse, &one.likelihood)?,
            impact: word(risks::Level::parse, &one.impact)?,
            softened_by: one.softened_by.clone(),
            review_on: one.review.map(|review| day(going.zero, review)),
            factors: self.answered(going, &one.factors)?,
            services: one.services.iter().filter_map(|id| self.services.get(id).cloned()).collect(),
        })
    }

    /// Everything that has a time of its own, in the order of those times.
    async fn deeds(
        &self,
        going: &Going<'_>,
        moves: Vec<Deed<'_>>,
        mut numbers: Numbers,
        opener: &Viewer,
    ) -> Result<()> {
        let told = going.told;
        let at = |offset| moment(going.zero, offset);
        let mut deeds: Vec<(Time, Deed<'_>)> = Vec::new();
        for deed in moves {
            // Publishing is what brings these two states about.
            if let Deed::Move(step) = &deed
                && step.to == "closed"
            {
                deeds.push((at(step.at), deed));
            }
        }
        for action in &told.actions {
            let steps = action.moves.iter().map(|step| (at(step.at), Deed::Act(action, step)));
            deeds.extend(steps);
        }
        let settled = |risk: &&Risk| {
            matches!(risk.state.as_str(), "accepted" | "treated" | "closed" | "due_for_review")
        };
        for risk in told.risks.iter().filter(settled) {
            let when = risk.accepted_at.map_or(self.app.now(), at);
            deeds.push((when, Deed::Settle(risk)));
        }
        deeds.extend(told.releases.iter().map(|one| (at(one.at), Deed::Publish(one))));
        deeds.extend(told.corrections.iter().map(|one| (at(one.at), Deed::Correct(one))));
        deeds.sort_by_key(|(time, _)| *time);
        for (time, deed) in deeds {
            self.at(time);
            match deed {
                Deed::Move(step) => self.move_on(going, step).await?,
                Deed::Act(action, step) => {
                    self.act(going, (action, step), &mut numbers, opener).await?;
                }
                Deed::Settle(risk) => self.settle(going, risk, &numbers, opener).await?,
                Deed::Publish(release) => self.publish(going, release).await?,
                Deed::Correct(one) => self.correct(going, one, opener).await?,
            }
        }
        Ok(())
    }

    async fn act(
        &self,
        going: &Going<'_>,
        (action, step): (&Action, &ActionMove),
        numbers: &mut Numbers,
        opener: &Viewer,
    ) -> Result<()> {
        let number = *numbers.actions.get(&action.id).context("the action was proposed")?;
        let by = self.writer(&step.by, opener)?;
        let text = [&step.note, &step.evidence, &step.reason].into_iter().flatten().next();
        let text = text.cloned().unwrap_or_default();
        let doing = match step.to.as_str() {
            "accepted" => Doing::Accept(Terms { why: text, ..Terms::default() }),
            "declined" => Doing::Decline(text),
            "in_progress" => Doing::Begin,
            "done" => Doing::Finish(text),
            "verified" => Doing::Verify(text),
            "reopened" => Doing::Reopen(text),
            "dropped" => Doing::Drop(text),
            "moved_to_risk" => {
                let id = step.risk.as_ref().context("the risk it becomes")?;
                let risk = going.told.risks.iter().find(|risk| risk.id == *id);
                let new = self.new_risk(going, risk.context("a known risk")?)?;
                let number = risks::from_action(&self.app, by, number, &text, &new).await;
                let number = number.map_err(|problem| because(&action.id, &problem))?;
                numbers.risks.insert(id.clone(), number);
                return Ok(());
            }
            other => return Err(anyhow!("{}: no such move, {other}", action.id)),
        };
        let done = actions::go(&self.app, by, number, None, doing).await;
        let place = || format!("{} to {} by {}", action.id, step.to, step.by);
        done.map_err(|problem| because(&place(), &problem))?;
        Ok(())
    }

    async fn settle(
        &self,
        going: &Going<'_>,
        risk: &Risk,
        numbers: &Numbers,
        opener: &Viewer,
    ) -> Result<()> {
        let Some(number) = numbers.risks.get(&risk.id).copied() else {
            return Err(anyhow!("{}: it is not there yet", risk.id));
        };
        let review_on = risk.review.map(|review| day(going.zero, review));
        let by = match &risk.accepted_by {
            Some(handle) => self.writer(handle, opener)?,
            None => opener,
        };
        let decision = match risk.state.as_str() {
            "treated" => Decision::Treat {
                actions: risk
                    .actions
                    .iter()
                    .filter_map(|id| numbers.actions.get(id).copied())
                    .collect(),
                review_on,
            },
            "closed" => Decision::Close,
            _ => Decision::Accept {
                by: self.id_of(risk.accepted_by.as_deref())?.unwrap_or(by.id.clone()),
                until: risk.accepted_until.map(|until| day(going.zero, until)).context("until")?,
                review_on: review_on.context("a review day")?,
            },
        };
        let note = if risk.state == "closed" { risk.softened_by.as_str() } else { "" };
        let decided = risks::decide(&self.app, by, number, &decision, note).await;
        decided.map_err(|problem| because(&risk.id, &problem))?;
        Ok(())
    }

    async fn publish(&self, going: &Going<'_>, release: &Release) -> Result<()> {
        let by = self.who(&release.by)?;
        let incident = self.seen(by, going.key).await?;
        let retro = {
            let mut conn = self.app.db.read().await?;
            let key = going.key.to_string();
            let found = retrospectives::need_for_writing(&mut conn, by, &key).await;
            found.map_err(|problem| because("publish", &problem))?
        };
        let said = Publication {
            audience: release.audience.clone(),
            what_changed: release.what_changed.clone(),
        };
        let published = releases::publish(&self.app, by, &incident, &retro, &said).await;
        published.map_err(|problem| because(&format!("release {}", release.number), &problem))?;
        Ok(())
    }

    async fn correct(&self, going: &Going<'_>, one: &Correction, opener: &Viewer) -> Result<()> {
        let by = self.writer(&one.by, opener)?.clone();
        if let Some(time) = &one.key_time {
            let telling = Telling {
                name: word(KeyTimeName::parse, &time.name)?,
                moment: Moment {
                    at: moment(going.zero, time.at).timestamp(),
                    precision: word(Precision::parse, &time.precision)?,
                    uncertainty_s: time.uncertainty_s,
                },
                source: "person".to_owned(),
                evidence_id: None,
                reason: one.why.clone(),
            };
            self.tell(going, &by, telling).await?;
        }
        if let Some(section) = &one.section {
            let key = going.key.to_string();
            let version = self.section(&by, &key, &section.id).await?.context("a section")?;
            let text = (version, section.text.trim());
            let saved = retrospectives::write(&self.app, &by, &key, &section.id, text).await;
            saved.map_err(|problem| because(&section.id, &problem))?;
        }
        if let Some(entry) = &one.entry {
            self.correct_entry(going, entry, &by).await?;
        }
        Ok(())
    }

    async fn correct_entry(
        &self,
        going: &Going<'_>,
        entry: &content::CorrectedEntry,
        by: &Viewer,
    ) -> Result<()> {
        let incident = self.seen(by, going.key).await?;
        let id = going.entries.get(&entry.id).context("a known entry")?;
        let current = {
            let mut conn = self.app.db.read().await?;
            let all = timeline::of_incident(&mut conn, by, &incident).await?;
            all.into_iter().find(|one| one.id == *id).context("the entry is there")?
        };
        let mut content = current.content.clone();
        if let Some(at) = entry.at {
            content.at = moment(going.zero, at);
        }
        if let Some(text) = &entry.text {
            content.text.clone_from(text);
        }
        let which = (id, current.version);
        let edited = timeline::edit::edit(&self.app, by, &incident, which, content, None).await;
        edited.map_err(|problem| because(&entry.id, &problem))?;
        Ok(())
    }
}
