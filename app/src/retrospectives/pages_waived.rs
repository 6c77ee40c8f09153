//! `/waivers`: reviews that were waived in a month, with who and why; the same as CSV.

use super::store_waived::{Waived, waived};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page, words};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit::db::Time;
use kit::web::road::get;
use kit::web::{Problem, Said};

/// Waivers that the page shows at most; the CSV has all.
const SHOWN: i64 = 500;

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/waivers", get(list)).route("/waivers.csv", get(csv))
}

/// A month, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month(Date);

impl Month {
    /// Reads `2026-11`.
    pub(super) fn parse(text: &str) -> Result<Month, String> {
        let day: Result<Date, _> = format!("{text}-01").parse();
        match day {
            Ok(day) if text.len() == 7 && (1970..=2200).contains(&day.year()) => Ok(Month(day)),
            _ => Err(format!("`{text}` is not a month such as 2026-11.")),
        }
    }

    pub(super) fn of(at: Time) -> Month {
        let day = at.timestamp().to_zoned(TimeZone::UTC).date();
        Month(day.first_of_month())
    }

    fn other(self, months: i64) -> Month {
        Month(self.0.checked_add(months.months()).unwrap_or(self.0))
    }

    /// When it begins, and when the next one does.
    pub(super) fn ends(self) -> (Time, Time) {
        let begin = |month: Month| {
            let zoned = month.0.to_zoned(TimeZone::UTC);
            Time::new(zoned.map_or(jiff::Timestamp::UNIX_EPOCH, |at| at.timestamp()))
        };
        (begin(self), begin(self.other(1)))
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m"))
    }
}

#[derive(askama::Template)]
#[template(path = "retrospectives/templates/waived.html")]
struct WaivedPage {
    page: Page,
    month: Month,
    before: Month,
    after: Option<Month>,
    waived: Vec<Waived>,
    is_full: bool,
}

impl WaivedPage {
    fn name(&self, month: &Month) -> String {
        month.0.strftime("%B %Y").to_string()
    }

    fn day(&self, at: &Time) -> String {
        words::date(*at)
    }
}

/// The month of an address; the current one when it says none that there is.
fn month_of(query: Option<String>, now: Time) -> Month {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    Month::parse(said.text("month")).unwrap_or(Month::of(now))
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let month = month_of(query, app.now());
    let mut conn = app.db.read().await?;
    let waived = waived(&mut conn, &viewer, month.ends(), None, SHOWN).await?;
    let is_past = month.0 < Month::of(app.now()).0;
    shell::page(&WaivedPage {
        page: frame.page("Waived reviews", "retros"),
        before: month.other(-1),
        after: is_past.then(|| month.other(1)),
        month,
        is_full: i64::try_from(waived.len()).unwrap_or(0) == SHOWN,
        waived,
    })
}

async fn csv(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let month = month_of(query, app.now());
    let mut out = String::from(
        "incident,title,incident_kind,severity,proposed,code,reason,waived_by,waived_at_utc\r\n",
    );
    let mut after = None;
    loop {
        let mut conn = app.db.read().await?;
        let some = waived(&mut conn, &viewer, month.ends(), after, SHOWN).await?;
        for one in &some {
            let cells = [
                one.key().to_string(),
                words::csv_cell(&one.incident_title),
                one.incident_kind.name().to_owned(),
                one.severity.map(|n| n.to_string()).unwrap_or_default(),
                one.kind.clone(),
                one.code.map_or("", |code| code.name()).to_owned(),
                words::csv_cell(&one.reason),
                words::csv_cell(&one.waived_by),
                words::second(one.waived_at),
            ];
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        match some.last() {
            Some(last) if i64::try_from(some.len()).unwrap_or(0) == SHOWN => {
                after = Some((last.waived_at, last.id.clone()));
            }
            _ => break,
        }
    }
    let name = format!("attachment; filename=\"waived-{month}.csv\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], out).into_response())
}

#[cfg(test)]
mod tests {
    use super::Month;

    #[test]
    fn a_month_has_its_ends() {
        let month = Month::parse("2026-12").unwrap();
        let (from, to) = month.ends();
        assert_eq!(from.to_string(), "2026-12-01T00:00:00Z");
        assert_eq!(to.to_string(), "2027-01-01T00:00:00Z");
        assert_eq!((month.other(-1).to_string(), Month::of(from)), ("2026-11".to_owned(), month));
        for bad in ["", "2026", "2026-13", "2026-1", "12026-1", "2026-12-01"] {
            assert!(Month::parse(bad).is_err(), "{bad}");
        }
    }
}
