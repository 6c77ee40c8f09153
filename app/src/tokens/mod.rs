//! Tokens: secrets that programs show instead of signing in, and the accounts they act for.
//!
//! A *personal* token acts as the person who made it; a *service* token as a service account, which is
//! a person's row with a seat that cannot sign in. Either may what the seat may and its scopes allow.
//!
//! Invariants
//! - A secret is shown once and stored as its digest.
//! - A token ends: by its day, when it is revoked, or when its person leaves.
//! - No token makes a token.
//! - When a token was last used is kept to the hour.
//!
//! Tables: `tokens`, `service_accounts`. No other slice names them.

mod account;
mod api;
pub mod layer;
mod make;
mod pages;
mod store;
#[cfg(test)]
mod tests;
mod token;

pub use account::{Account, NewAccount, add as add_account};
pub use api::routes as api_routes;
pub use make::{Made, NewToken, make, revoke};
pub use pages::routes;
pub use token::{Token, TokenId};
