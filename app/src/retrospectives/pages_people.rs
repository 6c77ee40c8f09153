//! `/r/INC-42/people`: who owns it, who facilitates, who may see the draft.

use super::api_people::seen;
use super::parts::{self, Parts};
use super::retrospective::{Address, Role};
use super::store_people::{self, InRole};
use super::{add_person, assign, remove_person};
use crate::access::{PersonId, Session, Viewer};
use crate::app::App;
use crate::incidents::Label;
use crate::kinds::Kind;
use crate::people::session::tell;
use crate::people::{self, Named};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/r/{key}/people", get(show).merge(post(do_add)))
        .route("/r/{key}/people/remove", post(do_remove))
        .route("/r/{key}/assign", post(do_assign))
}

/// Somebody with all their roles.
pub(super) struct Once {
    pub person_id: PersonId,
    pub name: String,
    pub roles: String,
}

/// Everybody once; `people` are in the order of their names.
pub(super) fn once(people: &[InRole]) -> Vec<Once> {
    let mut found: Vec<Once> = Vec::new();
    for one in people {
        match found.last_mut() {
            Some(last) if last.person_id == one.person_id => {
                last.roles = format!("{}, {}", last.roles, one.role);
            }
            _ => found.push(Once {
                person_id: one.person_id.clone(),
                name: one.name.clone(),
                roles: one.role.to_string(),
            }),
        }
    }
    found
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/people.html")]
struct PeoplePage {
    page: Page,
    address: Address,
    owner: String,
    facilitator: String,
    /// None for who decides without being one of its people.
    people: Option<Vec<Once>>,
    choices: Vec<Named>,
    can_write: bool,
    is_red: bool,
    kind: &'static Kind,
    /// Who has which part; none for who decides without being one of its people.
    parts: Option<Parts>,
}

impl PeoplePage {
    fn owns(&self, one: &Named) -> bool {
        one.id.as_str() == self.owner
    }

    fn facilitates(&self, one: &Named) -> bool {
        one.id.as_str() == self.facilitator
    }

    fn leads(&self, one: &Once) -> bool {
        one.person_id.as_str() == self.owner || one.person_id.as_str() == self.facilitator
    }

    /// Roles that can be given, those first that the kind asks for.
    fn roles(&self) -> Vec<Role> {
        let asked = |role: &Role| self.kind.roles.iter().any(|own| own == role.name());
        let (mut first, rest): (Vec<Role>, Vec<Role>) =
            Role::GIVEN.iter().copied().partition(asked);
        first.extend(rest);
        first
    }

    fn warnings(&self) -> &[String] {
        self.parts.as_ref().map_or(&[], |parts| &parts.warnings)
    }

    fn vacant(&self) -> String {
        self.parts.as_ref().map(|parts| parts.vacant.join(", ")).unwrap_or_default()
    }
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let (retro, is_one_of_them) = seen(&mut conn, &viewer, &key).await?;
    let people = store_people::people(&mut conn, &retro.id).await?;
    let id = |person: Option<&PersonId>| person.map(ToString::to_string).unwrap_or_default();
    let page = PeoplePage {
        page: frame.page(&format!("People · {}", retro.address()), "retros"),
        address: retro.address(),
        owner: id(retro.owner_id.as_ref()),
        facilitator: id(retro.facilitator_id.as_ref()),
        parts: match is_one_of_them {
            true => Some(parts::read(&mut conn, &viewer, &retro).await?),
            false => None,
        },
        people: is_one_of_them.then(|| once(&people)),
        choices: people::names(&mut conn).await?,
        can_write: viewer.can_write(),
        is_red: retro.label == Label::Red,
        kind: retro.kind(),
    };
    shell::page(&page)
}

fn parse_person(text: &str) -> Result<PersonId, &'static str> {
    PersonId::parse(text).ok_or("Choose somebody who is here.")
}

async fn do_assign(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let owner = said.may("owner", parse_person);
    let facilitator = said.may("facilitator", parse_person);
    said.checked()?;
    let done = assign(&app, &viewer, &key, (owner, facilitator)).await;
    done.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, "It is written down who leads it.").await?;
    Ok(see_other(&format!("/r/{key}/draft")))
}

async fn do_add(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let person = said.need("person", parse_person);
    let role = said.need("role", Role::parse);
    said.checked()?;
    if let (Some(person), Some(role)) = (person, role) {
        let done = add_person(&app, &viewer, &key, &person, role).await;
        done.map_err(|problem| said.give_back(problem))?;
        tell(&app, &session, "They can see the draft now.").await?;
    }
    Ok(see_other(&format!("/r/{key}/people")))
}

async fn do_remove(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(key): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    let person = said.need("person", parse_person);
    said.checked()?;
    if let Some(person) = person {
        remove_person(&app, &viewer, &key, &person).await?;
        tell(&app, &session, "The draft is no longer shared with them.").await?;
        if person == viewer.id {
            return Ok(see_other(&format!("/r/{key}")));
        }
    }
    Ok(see_other(&format!("/r/{key}/people")))
}
