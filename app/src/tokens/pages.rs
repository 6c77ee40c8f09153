//! `/tokens`: one's own tokens, and for administrators the service accounts and theirs.

use super::account::{self, Account, NewAccount};
use super::make::{self, NewToken};
use super::store;
use super::token::{State as TokenState, Token, parse_days, parse_name};
use crate::access::{Scope, Scopes, Seat, Session, Viewer};
use crate::app::App;
use crate::people::session::tell;
use crate::people::{Handle, Name};
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use kit::db::Time;
use kit::web::road::{get, post};
use kit::web::{Problem, Said, see_other};

/// Tokens and accounts shown at most; those that ended are told of as a number.
const SHOWN: i64 = 500;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/tokens", get(list).merge(post(add)))
        .route("/tokens/service-accounts", post(add_account))
        .route("/tokens/{id}/revocation", post(revoke))
}

#[derive(askama::Template)]
#[template(path = "tokens/templates/tokens.html")]
struct TokensPage {
    page: Page,
    good: Vec<Token>,
    ended: usize,
    accounts: Vec<Account>,
    can_administer: bool,
    scopes: &'static [Scope],
    seats: &'static [Seat],
    secret: Option<String>,
    handle: String,
    base: String,
}

impl TokensPage {
    fn day(&self, at: &Time) -> String {
        at.timestamp().strftime("%Y-%m-%d").to_string()
    }

    fn used(&self, token: &Token) -> String {
        token.last_used_at.map_or("never".to_owned(), |at| self.day(&at))
    }
}

async fn render(
    app: &App,
    viewer: &Viewer,
    frame: &Frame,
    secret: Option<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let can_administer = viewer.can_administer();
    let all = store::list(&mut conn, viewer, can_administer, None, SHOWN).await?;
    let now = app.now();
    let count = all.len();
    let good: Vec<Token> =
        all.into_iter().filter(|token| token.state(now) == TokenState::Good).collect();
    let accounts =
        if can_administer { store::accounts(&mut conn, None, SHOWN).await? } else { Vec::new() };
    let is_secret = secret.is_some();
    let page = TokensPage {
        page: frame.page("Tokens", "people"),
        ended: count - good.len(),
        good,
        accounts,
        can_administer,
        scopes: Scope::ALL,
        seats: Seat::ALL,
        secret,
        handle: viewer.handle.clone(),
        base: app.config.base_url.clone(),
    };
    let mut response = shell::page(&page)?;
    if is_secret {
        let no = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no);
    }
    Ok(response)
}

async fn list(State(app): State<App>, viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    render(&app, &viewer, &frame, None).await
}

/// Shows the secret once, on the page that answers.
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    let name = said.need("name", parse_name);
    let scopes = said.need("scopes", |_| Scopes::parse(&said.all("scopes").join(" ")));
    let days = said.need("days", |text| {
        text.parse().map_err(|_| "Say a whole number of days.".to_owned()).and_then(parse_days)
    });
    said.checked()?;
    let (Some(name), Some(scopes), Some(days)) = (name, scopes, days) else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let account = said.some("service_account").map(str::to_owned);
    let new = NewToken { name, scopes, days, account };
    let made = make::make(&app, &viewer, &new).await.map_err(|problem| said.give_back(problem))?;
    render(&app, &viewer, &frame, Some(made.secret)).await
}

async fn add_account(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    said: Said,
) -> Result<Response, Problem> {
    let handle = said.need("handle", Handle::parse);
    let name = said.need("name", Name::parse);
    let seat = said.need("seat", Seat::parse);
    said.checked()?;
    let (Some(handle), Some(name), Some(seat)) = (handle, name, seat) else {
        return Err(Problem::internal("a checked form lacks a field"));
    };
    let about = said.text("about").chars().take(200).collect();
    let new = NewAccount { handle, name, seat, about };
    let account = account::add(&app, &viewer, &new).await;
    let account = account.map_err(|problem| said.give_back(problem))?;
    tell(&app, &session, &format!("@{} is there; make a token for it.", account.handle)).await?;
    Ok(see_other("/tokens"))
}

async fn revoke(
    State(app): State<App>,
    viewer: Viewer,
    session: Session,
    Path(id): Path<String>,
    _said: Said,
) -> Result<Response, Problem> {
    make::revoke(&app, &viewer, &id).await?;
    tell(&app, &session, "The token has ended.").await?;
    Ok(see_other("/tokens"))
}
