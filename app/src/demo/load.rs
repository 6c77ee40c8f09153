//! Loads the demo organisation through the product's verbs. The clock of a loader is set to the moment
//! of each deed, so histories, audit rows and ids are as if people had done it over the year.

use super::content::{Organisation, Someone, Told};
use super::{INCIDENTS, ORGANISATION};
use crate::access::{Seat, Through, Viewer};
use crate::app::App;
use crate::calendars::{self, NewCalendar};
use crate::incidents::{Incident, Key};
use crate::investigators::{self, Trained};
use crate::people::{self, Details, Email, Handle, Hours, Name, NewPerson, Place, password};
use crate::services::{self, NewService, ServiceId};
use crate::teams::{self, TeamId, TeamSaid};
use anyhow::{Context, Result, anyhow};
use kit::clock::SetClock;
use kit::db::Time;
use kit::web::Problem;
use std::collections::HashMap;
use std::sync::Arc;

/// The days off of the company.
const HOLIDAYS: &str = include_str!("hamburg.ics");

/// The password of everybody in the demo.
pub const PASSWORD: &str = "afterword-demo";

/// Somebody of the demo, for the sign-in lines.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their seat.
    pub seat: Seat,
}

/// What is known while loading.
pub(super) struct Loader {
    /// The product, by the loader's clock.
    pub app: App,
    clock: Arc<SetClock>,
    /// When the demo is loaded.
    pub loaded_at: Time,
    pub people: HashMap<String, Viewer>,
    pub teams: HashMap<String, TeamId>,
    pub services: HashMap<String, ServiceId>,
    /// By slug.
    pub incidents: HashMap<String, Key>,
}

/// Says a problem as an error with its place.
pub(super) fn because(place: &str, problem: &Problem) -> anyhow::Error {
    anyhow!("{place}: {} ({})", problem.detail, problem.kind)
}

/// Loads everything into an empty product; gives one sign-in for each seat.
///
/// # Errors
/// When the content and the product disagree; the message has the place.
pub async fn load(app: &App, say: &mut (dyn FnMut(&str) + Send)) -> Result<Vec<SignIn>> {
    let organisation: Organisation = toml::from_str(ORGANISATION)?;
    let mut loader = Loader::new(app);
    say(&format!("{}: {}", organisation.name, organisation.about));
    let sign_ins = loader.organisation(&organisation).await?;
    for (name, text) in INCIDENTS {
        let told: Told = toml::from_str(text).with_context(|| format!("{name}.toml"))?;
        loader.incident(&told).await.with_context(|| format!("{name}.toml"))?;
        say(&format!("INC-{} {}", told.n, told.title));
    }
    Ok(sign_ins)
}

impl Loader {
    fn new(app: &App) -> Loader {
        let loaded_at = app.now();
        let clock = Arc::new(SetClock::at(loaded_at));
        let app = app.by_clock(clock.clone());
        Loader {
            app,
            clock,
            loaded_at,
            people: HashMap::new(),
            teams: HashMap::new(),
            services: HashMap::new(),
            incidents: HashMap::new(),
        }
    }

    /// Sets the clock: what is done next is done then.
    pub(super) fn at(&self, time: Time) {
        self.clock.set(time);
    }

    /// Somebody, by handle.
    pub(super) fn who(&self, handle: &str) -> Result<&Viewer> {
        self.people.get(handle).with_context(|| format!("nobody has the handle {handle}"))
    }

    /// Reads an incident as somebody sees it now.
    pub(super) async fn seen(&self, viewer: &Viewer, key: Key) -> Result<Incident> {
        let mut conn = self.app.db.read().await?;
        let found = crate::incidents::find(&mut conn, viewer, key).await?;
        found.with_context(|| format!("{key} does not exist for {}", viewer.handle))
    }

    async fn organisation(&mut self, organisation: &Organisation) -> Result<Vec<SignIn>> {
        let years_ago = jiff::SignedDuration::from_hours(24 * 500);
        let founded = self.loaded_at.timestamp().checked_sub(years_ago)?;
        self.at(Time::new(founded));
        self.register(organisation).await?;
        let founder = organisation.people.iter().find(|one| one.seat == "administrator");
        let founder = founder.context("the demo has an administrator")?;
        let founder = self.who(&founder.handle)?.clone();
        self.teams_and_services(organisation, &founder).await?;
        self.calendar(&founder).await?;
        self.investigators(organisation, &founder).await?;
        let mut sign_ins = Vec::new();
        for seat in Seat::ALL {
            let somebody = organisation.people.iter().find(|one| one.seat == seat.name());
            if let Some(one) = somebody {
                let email = format!("{}@demo.example", one.handle);
                sign_ins.push(SignIn { email, name: one.name.clone(), seat: *seat });
            }
        }
        Ok(sign_ins)
    }

    async fn register(&mut self, organisation: &Organisation) -> Result<()> {
        // One digest for all: it is one password, and hashing is slow on purpose.
        let hashed = password::hash(&self.app, PASSWORD.to_owned()).await;
        let digest = hashed.map_err(|problem| because("password", &problem))?;
        let mut tx = self.app.db.write().await?;
        for one in &organisation.people {
            let said = |error: String| anyhow!("{}: {error}", one.handle);
            let seat = Seat::parse(&one.seat).map_err(said)?;
            let person = NewPerson {
                handle: Handle::parse(&one.handle).map_err(said)?,
                name: Name::parse(&one.name).map_err(said)?,
                email: Some(Email::parse(&format!("{}@demo.example", one.handle)).map_err(said)?),
                password_digest: Some(digest.clone()),
                seat,
                zone: one.time_zone.clone(),
            };
            let id = people::register(&mut tx, &person, self.app.now()).await?;
            let details = details(one).with_context(|| one.handle.clone())?;
            let written = people::write(&mut tx, &id, &details).await;
            written.map_err(|problem| because(&one.handle, &problem))?;
            let viewer = Viewer {
                id,
                name: one.name.clone(),
                handle: one.handle.clone(),
                seat,
                zone: one.time_zone.clone(),
                through: Through::Session,
            };
            self.people.insert(one.handle.clone(), viewer);
        }
        tx.commit().await?;
        Ok(())
    }

    /// The company's own hours and holidays, as its administrator set them up.
    async fn calendar(&self, founder: &Viewer) -> Result<()> {
        let name = Name::parse("Hamburg").map_err(|error| anyhow!("calendar: {error}"))?;
        let zone = "Europe/Berlin".to_owned();
        let new = NewCalendar { zone, for_all: true, ..NewCalendar::shipped(name) };
        let said = |problem| because("calendar", &problem);
        calendars::add(&self.app, founder, &new).await.map_err(said)?;
        let mut conn = self.app.db.read().await?;
        let calendar = calendars::find(&mut conn, "hamburg").await?.context("it was just added")?;
        drop(conn);
        calendars::add_holidays(&self.app, founder, &calendar, HOLIDAYS).await.map_err(said)?;
        Ok(())
    }

    async fn teams_and_services(
        &mut self,
        organisation: &Organisation,
        founder: &Viewer,
    ) -> Result<()> {
        for team in &organisation.teams {
            let name = Name::parse(&team.name).map_err(|error| anyhow!("{}: {error}", team.id))?;
            let id = teams::found(&self.app, founder, &name).await;
            let id = id.map_err(|problem| because(&team.id, &problem))?;
            let mut tx = self.app.db.write().await?;
            for one in
                organisation.people.iter().filter(|one| one.team.as_deref() == Some(&team.id))
            {
                teams::store::join(&mut tx, &id, &self.who(&one.handle)?.id).await?;
            }
            let manager = Some(self.who(&team.lead)?.id.clone());
            let said = TeamSaid { name, description: team.about.clone(), manager };
            teams::store::update(&mut tx, &id, &said).await?;
            tx.commit().await?;
            self.teams.insert(team.id.clone(), id);
        }
        for service in &organisation.services {
            let name = Name::parse(&service.name).map_err(|error| anyhow!("{error}"))?;
            let new = NewService {
                name,
                team: self.teams.get(&service.team).cloned(),
                tier: service.tier,
                description: service.about.clone(),
            };
            let id = services::add(&self.app, founder, &new).await;
            let id = id.map_err(|problem| because(&service.id, &problem))?;
            self.services.insert(service.id.clone(), id);
        }
        let mut tx = self.app.db.write().await?;
        for service in &organisation.services {
            for need in &service.needs {
                let known = |id: &str| self.services.get(id).context(format!("no service {id}"));
                services::store::depend(&mut tx, known(&service.id)?, known(need)?).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Who is trained to investigate.
    async fn investigators(&self, organisation: &Organisation, founder: &Viewer) -> Result<()> {
        for one in &organisation.people {
            let Some(training) = &one.trained else { continue };
            let trained = Trained {
                training: training.clone(),
                skills: String::new(),
                is_available: true,
                services: Vec::new(),
            };
            let id = &self.who(&one.handle)?.id;
            let put = investigators::put(&self.app, founder, id, &trained).await;
            put.map_err(|problem| because(&one.handle, &problem))?;
        }
        Ok(())
    }
}

/// What is known of somebody beside their name.
fn details(one: &Someone) -> Result<Details> {
    let works = match one.works.as_deref().and_then(|text| text.split_once(' ')) {
        None => None,
        Some((days, hours)) => {
            let (from, to) = hours.split_once('-').context("hours such as 10:00-18:00")?;
            Some(Hours::parse(days, from, to).map_err(|(field, why)| anyhow!("{field}: {why}"))?)
        }
    };
    let handles = vec![(Place::Chat, one.handle.clone()), (Place::Code, one.handle.clone())];
    Ok(Details { works, joined_on: one.joined.clone(), away_until: None, handles })
}
