//! What can be measured from outside: `/metrics`, in Prometheus' words. Requests are counted by the
//! pattern of their route, never by address, so no name or secret is in a label.

use super::ready::free_bytes;
use super::sizes;
use crate::app::App;
use crate::config::MetricsAccess;
use crate::{audit, evidence};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::db::{Db, records};
use kit::web::Problem;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    of: &'static str,
}

/// What is counted while the product runs.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    durations: Family<Routed, Histogram, fn() -> Histogram>,
    began: Instant,
}

const BUCKETS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

impl Default for Metrics {
    fn default() -> Metrics {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        Metrics {
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            began: Instant::now(),
        }
    }
}

/// Counts each request by its route.
pub async fn layer(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("none", MatchedPath::as_str).to_owned();
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    };
    let method = method.to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    metrics
        .durations
        .get_or_create(&Routed { route: route.clone() })
        .observe(began.elapsed().as_secs_f64());
    metrics.requests.get_or_create(&Answered { method, route, status }).inc();
    response
}

/// Whether this asker may read them, by `metrics.access`.
fn may_read(app: &App, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let refused =
        |how: &str| Problem::new(StatusCode::FORBIDDEN, "metrics_closed", format!("Metrics {how}"));
    match &app.config.metrics {
        MetricsAccess::Nobody => Err(refused("are turned off; see metrics.access.")),
        MetricsAccess::Loopback => {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let is_near = peer.is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback());
            // A proxy on this machine is near too; whom it speaks for is not.
            let is_proxied = ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
                .iter()
                .any(|name| headers.contains_key(*name));
            let how = "are read on the server itself, or with a token; see metrics.access.";
            if is_near && !is_proxied { Ok(()) } else { Err(refused(how)) }
        }
        MetricsAccess::Token(wanted) => {
            let how = "need the token of metrics.token as `Authorization: Bearer …`.";
            if is_token(headers, wanted) { Ok(()) } else { Err(refused(how)) }
        }
    }
}

/// Compares digests, so that time tells nothing of the token.
fn is_token(headers: &HeaderMap, wanted: &str) -> bool {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let said = said.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("");
    kit::chance::digest(said.trim()) == kit::chance::digest(wanted)
}

/// `/metrics`
///
/// # Errors
/// 403 to whom they are not open.
pub async fn show(app: App, metrics: Arc<Metrics>, request: Request) -> Result<Response, Problem> {
    may_read(&app, &request)?;
    let mut registry = Registry::with_prefix("afterword");
    counted(&mut registry, &metrics);
    measured(&mut registry, &app).await;
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Problem::internal)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn counted(registry: &mut Registry, metrics: &Metrics) {
    let text = "Requests answered, by the pattern of their route";
    registry.register("http_requests", text, metrics.requests.clone());
    let text = "Seconds until a request was answered";
    registry.register("http_request_duration_seconds", text, metrics.durations.clone());
    let up = i64::try_from(metrics.began.elapsed().as_secs()).unwrap_or(0);
    gauge(registry, "uptime_seconds", "Seconds since it started", up);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn whole(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

async fn measured(registry: &mut Registry, app: &App) {
    let version = env!("CARGO_PKG_VERSION");
    let build = Info::new([("version", version), ("database", app.db.name())]);
    registry.register("build", "What runs", build);
    pools(registry, &app.db);
    let data = app.config.data.clone();
    gauge(
        registry,
        "disk_free_bytes",
        "Room left for the data folder",
        whole(free_bytes(&data).unwrap_or(0)),
    );
    if let Ok(sizes) = tokio::task::spawn_blocking(move || sizes::of(&data)).await {
        let family: Family<Named, Gauge> = Family::default();
        for (of, bytes) in
            [("database", sizes.database), ("wal", sizes.wal), ("files", sizes.files)]
        {
            family.get_or_create(&Named { of }).set(whole(bytes));
        }
        registry.register("data_bytes", "Bytes in the data folder, by what they are of", family);
    }
    let asked = async {
        let mut conn = app.db.read().await?;
        let imports: Family<Named, Gauge> = Family::default();
        for of in ["waiting", "reading", "finished", "failed"] {
            let count = evidence::imports_in(&mut conn, of).await?;
            imports.get_or_create(&Named { of }).set(count);
        }
        let lines = audit::head(&mut conn).await?.n;
        let oldest = match &app.db {
            Db::Sqlite { .. } => None,
            Db::Postgres(_) => Some(records::number(&mut conn, OLDEST.to_owned()).await?),
        };
        Ok::<_, kit::db::DbError>((imports, lines, oldest))
    };
    let up = match tokio::time::timeout(Duration::from_secs(3), asked).await {
        Ok(Ok((imports, lines, oldest))) => {
            registry.register("imports", "Imports by state", imports);
            gauge(registry, "audit_lines", "Lines of the audit record", lines);
            if let Some(seconds) = oldest {
                let help = "Seconds that the oldest transaction on this database is open";
                gauge(registry, "oldest_transaction_seconds", help, seconds);
            }
            1
        }
        _ => 0,
    };
    gauge(registry, "database_up", "Whether the database answered", up);
}

const OLDEST: &str = "select coalesce(extract(epoch from now() - min(xact_start))::bigint, 0) \
                      from pg_stat_activity where datname = current_database()";

fn pools(registry: &mut Registry, db: &Db) {
    let open: Family<Named, Gauge> = Family::default();
    let idle: Family<Named, Gauge> = Family::default();
    let put = |of, size: u32, free: usize| {
        open.get_or_create(&Named { of }).set(i64::from(size));
        idle.get_or_create(&Named { of }).set(i64::try_from(free).unwrap_or(0));
    };
    match db {
        Db::Sqlite { readers, writer } => {
            put("readers", readers.size(), readers.num_idle());
            put("writer", writer.size(), writer.num_idle());
        }
        Db::Postgres(pool) => put("all", pool.size(), pool.num_idle()),
    }
    registry.register("database_connections", "Connections to the database", open);
    registry.register("database_connections_idle", "Those of them that wait", idle);
}
