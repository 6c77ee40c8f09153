//! Pages of people: signing in, coming in by a link, who is here.

use super::person::Person;
use super::{invite, session, sign_in, store};
use crate::access::{Seat, Session, Viewer};
use crate::api::Peer;
use crate::app::App;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{FieldError, Problem, Said, see_other};
use serde::Deserialize;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show_sign_in).merge(post(do_sign_in)))
        .route("/sign-out", post(do_sign_out))
        .route("/setup/{secret}", get(show_invitation).merge(post(accept_invitation)))
        .route("/invitation/{secret}", get(show_invitation).merge(post(accept_invitation)))
        .route("/people", get(list))
        .route("/people/invitations", post(do_invite))
        .merge(super::pages_person::routes())
}

#[derive(askama::Template)]
#[template(path = "people/templates/sign_in.html")]
struct SignInPage {
    page: Page,
    email: String,
    next: String,
    wrong: Option<String>,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// A path of ours, or home.
fn own_path(next: &str) -> &str {
    if shell::is_own_path(next) { next } else { "/" }
}

async fn show_sign_in(mut frame: Frame, Query(next): Query<Next>) -> Result<Response, Problem> {
    if frame.viewer.is_some() {
        return Ok(see_other(own_path(&next.next)));
    }
    frame.viewer = None;
    let page = frame.page("Sign in", "");
    shell::page(&SignInPage { page, email: String::new(), next: next.next, wrong: None })
}

async fn do_sign_in(
    State(app): State<App>,
    peer: Peer,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    let password = said.raw("password").to_owned();
    match sign_in::sign_in(&app, &peer, said.text("email"), password).await {
        Ok(secret) => {
            let cookie = session::set_cookie(&app, &secret, app.config.session_days);
            let mut response = see_other(own_path(said.text("next")));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let page = SignInPage {
                page: Frame { viewer: None, ..frame }.page("Sign in", ""),
                email: said.text("email").to_owned(),
                next: said.text("next").to_owned(),
                wrong: Some(problem.detail),
            };
            Ok((problem.status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(problem),
    }
}

async fn do_sign_out(
    State(app): State<App>,
    session: Session,
    _said: Said,
) -> Result<Response, Problem> {
    sign_in::sign_out(&app, &session).await?;
    let mut response = see_other("/sign-in");
    response.headers_mut().insert(header::SET_COOKIE, session::set_cookie(&app, "", 0));
    Ok(response)
}

#[derive(askama::Template)]
#[template(path = "people/templates/invitation.html")]
struct InvitationPage {
    page: Page,
    invitation: invite::Invitation,
    said: Said,
    errors: Vec<FieldError>,
}

impl InvitationPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == field);
        found.map(|error| error.message.as_str())
    }

    /// What was typed; else what the catalogue has.
    fn name(&self) -> &str {
        let known = self.invitation.person.as_ref().map_or("", |person| person.name.as_str());
        self.said.some("name").unwrap_or(known)
    }

    fn zone(&self) -> &str {
        let known = self.invitation.person.as_ref().map_or("", |person| person.zone.as_str());
        self.said.some("zone").unwrap_or(known)
    }
}

fn invitation_title(invitation: &invite::Invitation) -> &'static str {
    if invitation.is_setup { "Set up Afterword" } else { "Join" }
}

async fn show_invitation(
    State(app): State<App>,
    frame: Frame,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let invitation = invite::look(&app, &secret).await?;
    let page = Frame { viewer: None, ..frame }.page(invitation_title(&invitation), "");
    shell::page(&InvitationPage { page, invitation, said: Said::default(), errors: Vec::new() })
}

async fn accept_invitation(
    State(app): State<App>,
    frame: Frame,
    Path(secret): Path<String>,
    said: Said,
) -> Result<Response, Problem> {
    match invite::accept(&app, &secret, &said).await {
        Ok(secret) => {
            let cookie = session::set_cookie(&app, &secret, app.config.session_days);
            let mut response = see_other("/");
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let invitation = invite::look(&app, &secret).await?;
            let page = Frame { viewer: None, ..frame }.page(invitation_title(&invitation), "");
            let status = problem.status;
            let page = InvitationPage { page, invitation, said, errors: problem.errors };
            Ok((status, shell::page(&page)?).into_response())
        }
        Err(problem) => Err(problem),
    }
}

#[derive(askama::Template)]
#[template(path = "people/templates/list.html")]
struct ListPage {
    page: Page,
    people: Vec<Person>,
    can_invite: bool,
    seats: &'static [Seat],
    link: Option<String>,
    now: Time,
}

impl ListPage {
    fn came(&self, person: &Person) -> String {
        words::ago(self.now, person.created_at)
    }
}

async fn render_list(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    link: Option<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let people = store::all(&mut conn).await?;
    let page = ListPage {
        page: frame.page("People", "people"),
        people,
        can_invite: viewer.can_administer(),
        seats: Seat::ALL,
        link,
        now: app.now(),
    };
    shell::page(&page)
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    render_list(&app, &viewer, &frame, None).await
}

/// Shows the link once, on the page that answers; it is stored only as a digest.
async fn do_invite(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    let seat = said.need("seat", Seat::parse);
    said.checked()?;
    let seat = seat.unwrap_or(Seat::Reader);
    let note: String = said.text("note").chars().take(200).collect();
    let path = invite::invite(&app, &viewer, seat, &note).await?;
    let link = format!("{}{path}", app.config.base_url);
    render_list(&app, &viewer, &frame, Some(link)).await
}
