//! How often one may ask: each token and session, and each address without either, has its own
//! measure, which fills again evenly (GCRA). Pages have ten times the API's.

use super::{Peer, edge};
use crate::access::{Refused, Session, Through, Viewer};
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::Clock as Ticks;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use kit::web::Problem;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Askers remembered at most; when more come at once, the newcomers share one measure.
const ASKERS: usize = 50_000;
/// Whom the newcomers are then counted as.
const CROWD: &str = "crowd";

/// The product's clock as the measure reads it.
#[derive(Clone)]
struct ByApp(App);

impl Ticks for ByApp {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let us = u64::try_from(self.0.now().microseconds()).unwrap_or(0);
        Nanos::new(us.saturating_mul(1000))
    }
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, ByApp, StateInformationMiddleware>;

struct Measure {
    limiter: Limiter,
    per_minute: u32,
    clock: ByApp,
}

/// What came of asking.
enum Asked {
    May { left: u32 },
    Wait { seconds: u64 },
}

impl Measure {
    fn new(app: &App, per_minute: u32) -> Measure {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let clock = ByApp(app.clone());
        let limiter = RateLimiter::dashmap_with_clock(quota, clock.clone()).with_middleware();
        Measure { limiter, per_minute, clock }
    }

    fn ask(&self, who: String) -> Asked {
        if self.limiter.len() >= ASKERS {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let who = if self.limiter.len() >= ASKERS { CROWD.to_owned() } else { who };
        match self.limiter.check_key(&who) {
            Ok(state) => Asked::May { left: state.remaining_burst_capacity() },
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Asked::Wait { seconds: (wait.as_millis().div_ceil(1000) as u64).max(1) }
            }
        }
    }

    /// Says how it stands, in the words of the IETF's draft for `RateLimit` headers.
    fn tell(&self, headers: &mut HeaderMap, left: u32) {
        let full_s = u64::from(self.per_minute - left.min(self.per_minute)) * 60;
        let full_s = full_s.div_ceil(u64::from(self.per_minute));
        let mut put = |name: &'static str, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("ratelimit-policy", format!("\"minute\";q={};w=60", self.per_minute));
        put("ratelimit", format!("\"minute\";r={left};t={full_s}"));
    }
}

/// The measures of one server.
#[derive(Clone)]
pub struct Limits {
    api: Arc<Measure>,
    pages: Arc<Measure>,
    forwarded_for: bool,
}

impl Limits {
    /// As configured.
    #[must_use]
    pub fn new(app: &App) -> Limits {
        let per_minute = app.config.requests_per_minute;
        Limits {
            api: Arc::new(Measure::new(app, per_minute)),
            pages: Arc::new(Measure::new(app, per_minute.saturating_mul(10))),
            forwarded_for: app.config.forwarded_for,
        }
    }

    fn who(&self, request: &Request) -> String {
        let extensions = request.extensions();
        let through = extensions.get::<Viewer>().map(|viewer| &viewer.through);
        if let Some(Through::Token { id, .. }) = through {
            return id.clone();
        }
        if let Some(session) = extensions.get::<Session>() {
            return session.digest.clone();
        }
        Peer::of(extensions, request.headers(), self.forwarded_for).to_string()
    }
}

/// Counts a request, or says when to come again. What was shown and not taken is refused here, so
/// that guessing is counted too.
pub async fn layer(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let is_api = edge::is_api(request.uri().path());
    let measure = if is_api { &limits.api } else { &limits.pages };
    let left = match measure.ask(limits.who(&request)) {
        Asked::May { left } => left,
        Asked::Wait { seconds } => return wait(measure, seconds),
    };
    if is_api && let Some(Refused(why)) = request.extensions().get::<Refused>() {
        return why.clone().into_response();
    }
    let mut response = next.run(request).await;
    if is_api {
        measure.tell(response.headers_mut(), left);
    }
    response
}

fn wait(measure: &Measure, seconds: u64) -> Response {
    let detail = format!(
        "These are more than {} requests a minute. Come again in {seconds} s.",
        measure.per_minute
    );
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
    let mut response = problem.into_response();
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    measure.tell(response.headers_mut(), 0);
    response
}
