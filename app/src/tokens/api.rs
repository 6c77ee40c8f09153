//! Operations on tokens and service accounts.

use super::account::{self, Account, NewAccount};
use super::make::{self, NewToken};
use super::store;
use super::token::{State as TokenState, Token, parse_days, parse_name};
use crate::access::{Scope, Scopes, Seat, Viewer};
use crate::api::{self, List, Listed, ShownOnce};
use crate::app::App;
use crate::people::{Handle, Name};
use crate::shell::routes;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::db::Time;
use kit::web::{Asked, Problem, Sent, Wrong};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What is served under `/api/v1`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, revoke))
        .routes(routes!(accounts, add_account))
}

/// A token, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Token)]
struct Told {
    /// Its id.
    id: String,
    /// What it is for.
    name: String,
    /// Whose seat it acts with, by handle.
    acts_for: String,
    /// What it may be used for.
    scopes: Vec<Scope>,
    /// The secret's last characters.
    hint: String,
    /// Whether it is good.
    state: TokenState,
    /// Who made it, by name.
    created_by: String,
    /// When it was made.
    created_at: Time,
    /// When it ends.
    expires_at: Time,
    /// When it was last used, to the hour.
    last_used_at: Option<Time>,
}

impl Told {
    fn of(token: Token, now: Time) -> Told {
        let scopes = token.scopes().map(|scopes| scopes.all().to_vec()).unwrap_or_default();
        Told {
            id: token.id.to_string(),
            state: token.state(now),
            scopes,
            name: token.name,
            acts_for: token.handle,
            hint: token.hint,
            created_by: token.created_by,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// Lists your tokens, the newest first; for administrators also those of service accounts.
#[utoipa::path(
    get, path = "/tokens", tag = "tokens", operation_id = "list_tokens",
    params(api::ListParams),
    responses((status = 200, description = "A page of tokens.", body = Listed<Told>)),
)]
async fn list(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Response, Problem> {
    let list = List::<Told>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let all = viewer.can_administer();
    let tokens = store::list(&mut conn, &viewer, all, list.after(), list.most()).await?;
    let tokens = tokens.into_iter().map(|token| Told::of(token, app.now())).collect();
    Ok(list.answer(tokens, |token| token.id.clone()))
}

/// What is said of a new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTokenSaid {
    /// What it is for; one line of 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// What it may be used for. `decide` and `administer` need `write` too.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// Days until it ends, 1 to 366.
    #[serde(default = "quarter")]
    #[schema(default = 90, minimum = 1, maximum = 366)]
    expires_in_days: i64,
    /// The handle of the service account it acts for; your own when absent. For administrators.
    #[serde(default)]
    service_account: Option<String>,
}

fn quarter() -> i64 {
    90
}

/// A new token and its secret, which is shown now and never again.
#[derive(Debug, Serialize, ToSchema)]
struct TokenMade {
    /// The token.
    token: Told,
    /// Send it as `Authorization: Bearer …`. It is stored nowhere.
    secret: String,
}

/// Makes a token. Its secret is in this answer alone. A token cannot make one.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", operation_id = "make_token", request_body = NewTokenSaid,
    responses((status = 201, description = "The token and its secret.", body = TokenMade)),
)]
async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Sent(said): Sent<NewTokenSaid>,
) -> Result<Response, Problem> {
    let mut wrong = Wrong::default();
    let name = wrong.keep("name", parse_name(&said.name));
    let scopes = wrong.keep("scopes", Scopes::new(&said.scopes));
    let days = wrong.keep("expires_in_days", parse_days(said.expires_in_days));
    wrong.checked()?;
    let (Some(name), Some(scopes), Some(days)) = (name, scopes, days) else {
        return Err(Problem::internal("a checked body lacks a field"));
    };
    let new = NewToken { name, scopes, days, account: said.service_account };
    let made = make::make(&app, &viewer, &new).await?;
    let at = format!("/api/v1/tokens/{}", made.token.id);
    let told = TokenMade { token: Told::of(made.token, app.now()), secret: made.secret };
    let mut response = api::made(&at, &told);
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

/// Shows a token, without its secret.
#[utoipa::path(
    get, path = "/tokens/{id}", tag = "tokens", operation_id = "show_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 200, description = "The token.", body = Told)),
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Json<Told>, Problem> {
    let mut conn = app.db.read().await?;
    let token = make::need(&mut conn, &viewer, &id).await?;
    Ok(Json(Told::of(token, app.now())))
}

/// Revokes a token. It ends at once; a second time changes nothing.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens", operation_id = "revoke_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 204, description = "It has ended.")),
)]
async fn revoke(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    make::revoke(&app, &viewer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the service accounts, by handle. For administrators.
#[utoipa::path(
    get, path = "/service-accounts", tag = "tokens", operation_id = "list_service_accounts",
    params(api::ListParams),
    responses((status = 200, description = "A page of service accounts.", body = Listed<Account>)),
)]
async fn accounts(
    State(app): State<App>,
    viewer: Viewer,
    asked: Asked,
) -> Result<Response, Problem> {
    viewer.must_administer()?;
    let list = List::<Account>::asked(&app, &viewer, &asked);
    asked.checked()?;
    let mut conn = app.db.read().await?;
    let accounts = store::accounts(&mut conn, list.after(), list.most()).await?;
    Ok(list.answer(accounts, |account| account.handle.clone()))
}

/// What is said of a new service account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewServiceAccount {
    /// Unique: 1 to 32 letters a-z, digits, dots, underscores or hyphens.
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,31}$")]
    handle: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// Its seat.
    seat: Seat,
    /// What it is for, in a line.
    #[serde(default)]
    #[schema(max_length = 200)]
    about: String,
}

/// Adds a service account: it has a seat and tokens, and cannot sign in. For administrators.
#[utoipa::path(
    post, path = "/service-accounts", tag = "tokens", operation_id = "add_service_account",
    request_body = NewServiceAccount,
    responses((status = 201, description = "The account.", body = Account)),
)]
async fn add_account(
    State(app): State<App>,
    viewer: Viewer,
    Sent(said): Sent<NewServiceAccount>,
) -> Result<Response, Problem> {
    let mut wrong = Wrong::default();
    let handle = wrong.keep("handle", Handle::parse(&said.handle));
    let name = wrong.keep("name", Name::parse(&said.name));
    let about = said.about.trim().to_owned();
    if about.chars().count() > 200 {
        wrong.note("about", "Say it in at most 200 characters.");
    }
    wrong.checked()?;
    let (Some(handle), Some(name)) = (handle, name) else {
        return Err(Problem::internal("a checked body lacks a field"));
    };
    let new = NewAccount { handle, name, seat: said.seat, about };
    let account = account::add(&app, &viewer, &new).await?;
    Ok(api::made("/api/v1/service-accounts", &account))
}
