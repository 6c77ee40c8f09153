//! Handlers as routes. Each of axum's routes is made of a dozen types that contain the handler's own, and
//! choosing among the ways in which a function may be a handler costs the compiler some milliseconds for
//! each of them: 40 seconds for 300 handlers. Here a handler's type is forgotten first, so that all
//! routes are made of the same types; a call costs one more pointer.

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use std::pin::Pin;
use std::sync::Arc;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler of which only what it does is known.
pub struct Plain<S>(Arc<dyn Fn(Request, S) -> Answering + Send + Sync>);

impl<S> Clone for Plain<S> {
    fn clone(&self) -> Self {
        Plain(Arc::clone(&self.0))
    }
}

/// Tells axum that a [`Plain`] is a handler in this way and no other.
pub struct ByPlain;

impl<S: 'static> Handler<ByPlain, S> for Plain<S> {
    type Future = Answering;

    fn call(self, request: Request, state: S) -> Answering {
        (self.0)(request, state)
    }
}

/// The handler with its type forgotten.
pub fn plain<H: Handler<T, S>, T: 'static, S: 'static>(handler: H) -> Plain<S> {
    Plain(Arc::new(move |request, state| Box::pin(handler.clone().call(request, state))))
}

/// What answers `GET` and `HEAD`; `.merge(post(…))` adds another method.
pub fn get<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::get(plain(handler))
}

/// What answers `POST`.
pub fn post<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::post(plain(handler))
}
