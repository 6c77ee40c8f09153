//! `/actions`: mine, my teams', everybody's, by the day they are due; the same as CSV.

use super::action::{Aim, StateName};
use super::pages::{due, tag};
use super::said::Class;
use super::store::{self, Action, DONE_DAY, Filter, NO_DAY, Whose};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page, moment, words};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::web::road::get;
use kit::web::{Problem, Said};

/// How many actions a page shows.
const SHOWN: i64 = 50;

/// What is served for pages.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/actions", get(list)).route("/actions.csv", get(csv))
}

#[derive(askama::Template)]
#[template(path = "actions/templates/list.html")]
struct ListPage {
    page: Page,
    actions: Vec<Action>,
    whose: Whose,
    said: Said,
    today: String,
    query: String,
    is_filtered: bool,
    later: Option<String>,
}

impl ListPage {
    fn due(&self, action: &Action) -> Option<String> {
        due(action, &self.today)
    }

    fn tag(&self, action: &Action) -> &'static str {
        tag(action, &self.today)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.said.text(field) == value
    }

    /// The list of another's, with the same filters.
    fn link(&self, whose: &Whose) -> String {
        let kept = |name: &str| name != "whose" && name != "after";
        let kept =
            self.said.fields().iter().filter(|(name, value)| kept(name) && !value.is_empty());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("whose", whose.name()).extend_pairs(kept);
        format!("/actions?{}", query.finish())
    }
}

/// What an address narrows the list to; words it does not know narrow nothing.
fn filter_of(said: &Said, today: &str) -> Filter {
    let state = match said.text("state") {
        "" => Some("open".to_owned()),
        "any" => None,
        word => StateName::parse(word).ok().map(|state| state.name().to_owned()),
    };
    let before = match said.text("due") {
        "overdue" => Some(today.to_owned()),
        "soon" => Some(super::days_after(today, 15)),
        _ => None,
    };
    Filter {
        whose: Whose::parse(said.text("whose")).unwrap_or(Whose::Mine),
        state,
        class: said.some("class").and_then(|text| Class::parse(text).ok()),
        aim: said.some("aim").and_then(|text| Aim::parse(text).ok()),
        before,
        after: said.some("after").and_then(|text| {
            let (day, number) = text.split_once('.')?;
            Some((day.to_owned(), number.parse().ok()?))
        }),
    }
}

pub(super) fn place(action: &Action) -> (String, i64) {
    let day = match action.state {
        StateName::Done => DONE_DAY,
        _ => action.due.as_deref().unwrap_or(NO_DAY),
    };
    (day.to_owned(), action.number)
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let today = moment::today(app.now());
    let filter = filter_of(&said, &today);
    let mut conn = app.db.read().await?;
    let actions = store::list(&mut conn, &viewer, &filter, SHOWN).await?;
    let kept = said.fields().iter().filter(|(name, value)| name != "after" && !value.is_empty());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    let query = query.finish();
    let is_full = i64::try_from(actions.len()).unwrap_or(0) == SHOWN;
    let last = actions.last().filter(|_| is_full).map(place);
    let fields = ["state", "class", "aim", "due"];
    let page = ListPage {
        page: frame.page("Actions", "actions"),
        later: last.map(|(day, number)| format!("/actions?{query}&after={day}.{number}")),
        whose: filter.whose,
        is_filtered: fields.iter().any(|field| said.some(field).is_some()),
        actions,
        said,
        today,
        query,
    };
    shell::page(&page)
}

async fn csv(
    State(app): State<App>,
    viewer: Viewer,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let said = Said::parse_urlencoded(query.unwrap_or_default().as_bytes());
    let mut filter = filter_of(&said, &moment::today(app.now()));
    let mut out = String::from(
        "key,title,state,owner,due,done_when,class,aim,strength,priority,incident\r\n",
    );
    loop {
        let mut conn = app.db.read().await?;
        let actions = store::list(&mut conn, &viewer, &filter, 500).await?;
        drop(conn);
        for one in &actions {
            let owner = one.owner_in_words().unwrap_or_default();
            let incident = one.incident_key().map(|key| key.to_string()).unwrap_or_default();
            let cells = [
                one.key(),
                words::csv_cell(&one.title),
                one.state.name().to_owned(),
                words::csv_cell(owner),
                one.due.clone().unwrap_or_default(),
                words::csv_cell(&one.done_when),
                one.class.name().to_owned(),
                one.aim.name().to_owned(),
                one.strength.name().to_owned(),
                one.priority.map_or("", super::Priority::name).to_owned(),
                incident,
            ];
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        match actions.last() {
            Some(last) if actions.len() == 500 => filter.after = Some(place(last)),
            _ => break,
        }
    }
    let name = "attachment; filename=\"actions.csv\"";
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, out).into_response())
}
