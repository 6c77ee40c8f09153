//! One incident of the demo: declared, described, its times, impact, people and evidence.

use super::content::{self, Evidence, Told, moment};
use super::load::{Loader, because};
use crate::access::Viewer;
use crate::evidence::import::item::{Item, Occurred, Series, ZoneOrigin};
use crate::evidence::{self, EvidenceId};
use crate::incidents::change::Change;
use crate::incidents::declare::{self, Declaration};
use crate::incidents::impact::{Confidence, Effect, NewWindow};
use crate::incidents::key_time::{KeyTimeName, Moment};
use crate::incidents::participants::{NewParticipant, Role};
use crate::incidents::store::Edit;
use crate::incidents::times::{self, Telling};
use crate::incidents::{Detection, Incident, Key, Kind, Label, Precision, Status, Title};
use crate::requests;
use anyhow::{Context, Result, anyhow};
use kit::db::Time;
use std::collections::HashMap;

/// An incident being loaded.
pub(super) struct Going<'a> {
    pub told: &'a Told,
    pub zero: Time,
    pub key: Key,
    /// Who declared it.
    pub by: Viewer,
    /// By the content's ids.
    pub evidence: HashMap<String, EvidenceId>,
    pub entries: HashMap<String, crate::timeline::EntryId>,
    pub factors: HashMap<String, crate::factors::FactorId>,
}

fn word<T>(parse: impl Fn(&str) -> Result<T, String>, text: &str) -> Result<T> {
    parse(text).map_err(|error| anyhow!("{error}"))
}

impl Going<'_> {
    pub fn cited(&self, ids: &[String]) -> Result<Vec<EvidenceId>> {
        let find = |id: &String| {
            self.evidence.get(id).cloned().with_context(|| format!("no evidence is called {id}"))
        };
        ids.iter().map(find).collect()
    }
}

impl Loader {
    /// Loads one, and everything that hangs on it.
    pub(super) async fn incident(&mut self, told: &Told) -> Result<()> {
        let zero = told.zero(self.loaded_at).map_err(|error| anyhow!(error))?;
        let by = self.who(&told.declared_by)?.clone();
        let key = self.declare(told, zero, &by).await?;
        self.incidents.insert(told.slug.clone(), key);
        let mut going = Going {
            told,
            zero,
            key,
            by,
            evidence: HashMap::new(),
            entries: HashMap::new(),
            factors: HashMap::new(),
        };
        self.people_and_severities(&going).await?;
        self.impact(&going).await?;
        self.evidence(&mut going).await?;
        self.key_times(&going).await?;
        self.import_files(&going).await?;
        self.timeline(&mut going).await?;
        self.walk(&going).await?;
        self.relations(&going).await?;
        self.asked(&going).await?;
        self.retrospective(&mut going).await
    }

    async fn declare(&self, told: &Told, zero: Time, by: &Viewer) -> Result<Key> {
        let declared = told.key_times.iter().find(|time| time.name == "declared");
        let first = told.severity_history.first().map(|change| change.at);
        let at = declared.map(|time| time.at).or(first);
        self.at(at.map_or(zero, |at| moment(zero, at)));
        let kind = word(Kind::parse, &told.incident_kind)?;
        let declaration = Declaration {
            title: word(Title::parse, &told.title)?,
            kind,
            severity: None,
            report_only: told.report_only || kind == Kind::NearMiss,
            label: word(Label::parse, &told.confidentiality)?,
        };
        let (_, key) = declare::declare(&self.app, by, &declaration)
            .await
            .map_err(|problem| because("declare", &problem))?;
        let incident = self.seen(by, key).await?;
        let change = self.change(by, &incident)?;
        let edit = Edit {
            title: declaration.title.clone(),
            description: invited(told),
            kind,
            detection: word(Detection::parse, &told.detection)?,
            environment: told.environment.clone(),
        };
        change.edit(incident.version, &edit).await.map_err(|problem| because("edit", &problem))?;
        let services: Vec<_> =
            told.services.iter().filter_map(|id| self.services.get(id).cloned()).collect();
        let teams: Vec<_> =
            told.teams.iter().filter_map(|id| self.teams.get(id).cloned()).collect();
        change.hits(&services, &teams).await.map_err(|problem| because("services", &problem))?;
        for handle in &told.may_see {
            let one = self.who(handle)?;
            change.share(&one.id, &one.name).await.map_err(|problem| because(handle, &problem))?;
        }
        Ok(key)
    }

    fn change<'a>(&'a self, by: &'a Viewer, incident: &'a Incident) -> Result<Change<'a>> {
        Change::by(&self.app, by, incident, None).map_err(|problem| because("change", &problem))
    }

    async fn people_and_severities(&self, going: &Going<'_>) -> Result<()> {
        let incident = self.seen(&going.by, going.key).await?;
        let change = self.change(&going.by, &incident)?;
        // Whoever declared was written down as leading; the content says who did what.
        let mut conn = self.app.db.read().await?;
        let there = crate::incidents::store_parts::participants(&mut conn, &incident).await?;
        drop(conn);
        for one in there {
            change
                .remove_participant(&one.id)
                .await
                .map_err(|problem| because("people", &problem))?;
        }
        for one in &going.told.participants {
            let person = self.who(&one.person)?;
            let roles: Result<Vec<Role>> =
                one.roles.iter().map(|role| word(Role::parse, role)).collect();
            let new = NewParticipant {
                person_id: Some(person.id.clone()),
                name: person.name.clone(),
                roles: roles?,
                joined_at: one.joined.map(|at| moment(going.zero, at)),
                left_at: one.left.map(|at| moment(going.zero, at)),
                on_call: one.on_call,
                called_out_of_hours: one.called_out_of_hours,
                zone: person.zone.clone(),
            };
            change.participant(&new).await.map_err(|problem| because(&one.person, &problem))?;
        }
        for one in &going.told.severity_history {
            let at = moment(going.zero, one.at);
            self.at(at);
            let by = self.who(&one.by)?;
            let incident = self.seen(by, going.key).await?;
            let change = self.change(by, &incident)?;
            change
                .severity(one.level, at, &one.why)
                .await
                .map_err(|problem| because("severity", &problem))?;
        }
        Ok(())
    }

    async fn impact(&self, going: &Going<'_>) -> Result<()> {
        let incident = self.seen(&going.by, going.key).await?;
        let change = self.change(&going.by, &incident)?;
        for one in &going.told.impact {
            let confidence = one.users_confidence.as_deref();
            let confidence = confidence.map(|text| word(Confidence::parse, text)).transpose()?;
            let new = NewWindow {
                started_at: moment(going.zero, one.start),
                ended_at: one.end.map(|end| moment(going.zero, end)),
                severity: one.severity,
                surface: one.surface.clone(),
                effect: word(Effect::parse, &one.effect)?,
                users_count: one.users,
                users_method: one.users_method.clone(),
                users_confidence: confidence,
                percent: one.percent,
                requests_failed: one.requests_failed,
                support_cases: one.support_cases,
                slo_burn_percent: one.slo_burn_percent,
                money_expected: one.cost.as_ref().map(|cost| cost.expected),
                money_actual: one.cost.as_ref().map(|cost| cost.actual),
                currency: one.cost.as_ref().map(|cost| cost.currency.clone()),
                money_basis: one.cost.as_ref().map(|cost| cost.basis.clone()).unwrap_or_default(),
            };
            change.window(None, &new, "").await.map_err(|problem| because("impact", &problem))?;
        }
        Ok(())
    }

    async fn evidence(&self, going: &mut Going<'_>) -> Result<()> {
        let incident = self.seen(&going.by, going.key).await?;
        if going.told.evidence.is_empty() {
            return Ok(());
        }
        let items: Result<Vec<Item>> =
            going.told.evidence.iter().map(|one| self.item(going, one)).collect();
        let ids = evidence::bring(&self.app, &going.by, &incident, items?)
            .await
            .map_err(|problem| because("evidence", &problem))?;
        for (one, id) in going.told.evidence.iter().zip(ids) {
            going.evidence.insert(one.id.clone(), id);
        }
        Ok(())
    }

    fn item(&self, going: &Going<'_>, one: &Evidence) -> Result<Item> {
        let at = moment(going.zero, one.at);
        let precision = one.precision.as_deref().unwrap_or("second");
        let occurred = Occurred {
            at: at.timestamp(),
            precision: word(evidence::Precision::parse, precision)?,
            zone: ZoneOrigin::Instant,
        };
        let external_id = |id: &str| format!("{}-{id}", going.told.slug);
        let kind = word(evidence::Kind::parse, &one.kind)?;
        let mut item = Item::new(kind, &one.source, external_id(&one.id), occurred);
        let author = one.author.as_deref();
        item.author =
            author.map(|name| self.people.get(name).map_or(name, |one| &one.name).to_owned());
        item.author_is_bot = one.bot;
        item.text.clone_from(&one.text);
        item.place.clone_from(&one.place);
        item.answers = one.answers.as_deref().map(external_id);
        item.signals.pinned = one.pinned;
        item.series = one.series.iter().map(|series| series_of(going.zero, series)).collect();
        Ok(item)
    }

    async fn key_times(&self, going: &Going<'_>) -> Result<()> {
        for one in &going.told.key_times {
            let name = word(KeyTimeName::parse, &one.name)?;
            let evidence_id = self.first_cited(going, &one.cites);
            let telling = Telling {
                name,
                moment: Moment {
                    at: moment(going.zero, one.at).timestamp(),
                    precision: word(Precision::parse, &one.precision)?,
                    uncertainty_s: one.uncertainty_s,
                },
                source: one.source.clone(),
                evidence_id,
                // Declaring has recorded one already; a fresh record needs no reason.
                reason: "as the evidence says".to_owned(),
            };
            self.tell(going, &going.by, telling).await?;
            if let Some(one) = &one.r#override {
                self.at(moment(going.zero, one.on));
                let telling = Telling {
                    name,
                    moment: Moment {
                        at: moment(going.zero, one.at).timestamp(),
                        precision: word(Precision::parse, &one.precision)?,
                        uncertainty_s: one.uncertainty_s,
                    },
                    source: "person".to_owned(),
                    evidence_id: None,
                    reason: one.why.clone(),
                };
                let by = self.who(&one.by)?.clone();
                self.tell(going, &by, telling).await?;
            }
        }
        Ok(())
    }

    fn first_cited(&self, going: &Going<'_>, cites: &[String]) -> Option<String> {
        let id = going.evidence.get(cites.first()?)?;
        Some(id.as_str().to_owned())
    }

    pub(super) async fn tell(
        &self,
        going: &Going<'_>,
        by: &Viewer,
        telling: Telling,
    ) -> Result<()> {
        let incident = self.seen(by, going.key).await?;
        let name = telling.name;
        let told = times::tell(&self.app, by, &incident, telling, None).await;
        told.map_err(|problem| because(name.name(), &problem))?;
        Ok(())
    }

    /// Walks the incident's status to where the content leaves it.
    async fn walk(&self, going: &Going<'_>) -> Result<()> {
        let wanted = word(Status::parse, &going.told.status)?;
        let time_of = |name: &str| {
            let found = going.told.key_times.iter().find(|time| time.name == name);
            found.map(|time| moment(going.zero, time.at))
        };
        let road: &[(Status, &str)] = &[
            (Status::Mitigated, "mitigated"),
            (Status::Resolved, "resolved"),
            (Status::Closed, "retro_closed"),
        ];
        for (status, name) in road {
            let incident = self.seen(&going.by, going.key).await?;
            if incident.status == wanted || !incident.status.next().contains(status) {
                continue;
            }
            if *status == Status::Mitigated
                && wanted != Status::Mitigated
                && time_of(name).is_none()
            {
                continue;
            }
            if let Some(at) = time_of(name) {
                self.at(at);
            }
            let change = self.change(&going.by, &incident)?;
            change.status(*status, "").await.map_err(|problem| because("status", &problem))?;
        }
        Ok(())
    }

    async fn asked(&self, going: &Going<'_>) -> Result<()> {
        for one in &going.told.asked {
            let by = self.who(&one.by)?;
            self.at(moment(going.zero, one.at));
            let incident = self.seen(by, going.key).await?;
            let asked = requests::ask(&self.app, by, &incident, &one.reason).await;
            asked.map_err(|problem| because("asked", &problem))?;
        }
        Ok(())
    }

    async fn relations(&self, going: &Going<'_>) -> Result<()> {
        for one in &going.told.related {
            let other = *self.incidents.get(&one.of).with_context(|| one.of.clone())?;
            let incident = self.seen(&going.by, going.key).await?;
            let change = self.change(&going.by, &incident)?;
            change
                .relate(other, &one.relation, &one.note)
                .await
                .map_err(|problem| because("related", &problem))?;
        }
        Ok(())
    }
}

/// The description; for the fresh incident with its invitation.
fn invited(told: &Told) -> String {
    match &told.invitation {
        Some(invitation) => {
            let lines = invitation.trim().lines().map(|line| format!("> {line}\n"));
            format!("{}\n\n{}", told.description, lines.collect::<String>())
        }
        None => told.description.clone(),
    }
}

fn series_of(zero: Time, series: &content::Series) -> Series {
    let start = moment(zero, series.start).timestamp();
    let step = jiff::SignedDuration::from_secs(series.step_s);
    let mut at = start;
    let mut points = Vec::with_capacity(series.values.len());
    for value in &series.values {
        points.push((at, *value));
        at = at.saturating_add(step).unwrap_or(at);
    }
    let unit = if series.unit.is_empty() { String::new() } else { format!(" ({})", series.unit) };
    Series { name: format!("{}{unit}", series.name), points }
}
