//! How the process went between two days, put together from what the viewer may see.

use super::spread::{Spread, length_of};
use super::store::{self, Row};
use crate::access::Viewer;
use crate::policy;
use crate::retrospectives::{self, State};
use crate::steps;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit::db::{Conn, Time};
use kit::web::Problem;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Retrospectives that are looked at, at most.
const MOST: i64 = 5000;
/// Running ones whose steps are looked at, at most.
const STEPS_OF: usize = 60;

/// A span of days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    pub from: Date,
    pub to: Date,
}

impl Days {
    /// The quarter of a year up to today, unless something else is said.
    pub(super) fn read(from: Option<&str>, to: Option<&str>, now: Time) -> Result<Days, Problem> {
        let read = |field: &str, text: &str| {
            let wrong = || format!("`{text}` is not a day such as 2026-03-01.");
            text.parse::<Date>().map_err(|_| Problem::field(field, wrong()))
        };
        let today = now.timestamp().to_zoned(TimeZone::UTC).date();
        let to = to.map_or(Ok(today), |text| read("to", text))?;
        let begin = to.checked_sub(jiff::Span::new().days(90)).unwrap_or(to);
        let from = from.map_or(Ok(begin), |text| read("from", text))?;
        if from > to {
            return Err(Problem::field("from", "The first day is after the last."));
        }
        Ok(Days { from, to })
    }

    fn ends(self) -> (Time, Time) {
        let begin = |date: Date| {
            let zoned = date.to_zoned(TimeZone::UTC);
            Time::new(zoned.map_or(jiff::Timestamp::UNIX_EPOCH, |at| at.timestamp()))
        };
        (begin(self.from), begin(self.to.tomorrow().unwrap_or(self.to)))
    }
}

/// How many got a kind, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KindCount)]
pub(super) struct OfKind {
    /// The kind’s id.
    #[schema(example = "standard")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How many retrospectives of it were opened.
    pub count: usize,
    /// By the rule that chose, with how many; an empty rule where the policy was not asked.
    pub rules: Vec<OfRule>,
}

/// How many a rule chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleCount)]
pub(super) struct OfRule {
    /// The rule’s id.
    #[schema(example = "users")]
    pub rule: String,
    /// Its name now; its id when the policy in force no longer has it.
    pub name: String,
    /// How many.
    pub count: usize,
}

/// How many were waived for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WaiverCount)]
pub(super) struct OfWaiver {
    /// The reason, as a word.
    #[schema(example = "harm_negligible")]
    pub code: String,
    /// The same in words.
    pub name: String,
    /// How many.
    pub count: usize,
}

/// A step whose day has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LateStep)]
pub(super) struct Late {
    /// Where the retrospective is found.
    #[schema(example = "INC-42")]
    pub key: String,
    /// Its incident’s title.
    pub title: String,
    /// The step.
    pub step: String,
    /// By whom, as a role.
    pub role: String,
    /// When it was due.
    pub due: Time,
    /// The page.
    pub url: String,
}

/// A retrospective in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProcessedRetrospective)]
pub(super) struct Listed {
    /// Where it is found.
    #[schema(example = "INC-42")]
    pub key: String,
    /// Its incident’s title.
    pub title: String,
    /// The name of its kind.
    pub kind: String,
    /// Where it is in its life.
    #[schema(inline)]
    pub state: State,
    /// When it was opened.
    pub opened_at: Time,
    /// The page.
    pub url: String,
}

impl Listed {
    fn of(row: &Row) -> Listed {
        Listed {
            key: row.address().to_string(),
            title: row.incident_title.clone(),
            kind: row.kind_name().to_owned(),
            state: row.state,
            opened_at: row.opened_at,
            url: row.url(),
        }
    }
}

/// What is open with somebody, for those who assign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OpenWith)]
pub(super) struct With {
    /// Their name; none for what nobody owns yet.
    pub name: Option<String>,
    /// What is open with them.
    pub open: Vec<Listed>,
}

/// How the process went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProcessInsights)]
pub(super) struct Process {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// How many retrospectives were looked at.
    pub looked_at: usize,
    /// Whether there are more than were looked at.
    pub is_cut: bool,
    /// Incidents that ended and have neither a review nor a waiver.
    pub undecided: i64,
    /// Kinds, as many as were opened.
    pub kinds: Vec<OfKind>,
    /// Waivers by their reasons.
    pub waivers: Vec<OfWaiver>,
    /// From the incident’s end to the day somebody owned its retrospective.
    pub to_owner: Spread,
    /// From the incident’s end to its first release.
    pub to_publish: Spread,
    /// Running ones that nobody owns.
    pub unowned: Vec<Listed>,
    /// Steps that are late, of what is shared with you, the oldest first.
    pub late_steps: Vec<Late>,
    /// Whether more drafts are shared with you than were looked at for late steps: the newest 60.
    pub late_steps_is_cut: bool,
    /// What is open with whom, in the order of names; null for who does not assign.
    pub open_with: Option<Vec<With>>,
}

/// What narrows a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    pub kind: Option<String>,
    pub rule: Option<String>,
    pub waived: Option<String>,
    pub owner_within: Option<String>,
    pub published_within: Option<String>,
}

/// Seconds from the incident's end, or from the opening where that is later known, to a time.
fn since_end(row: &Row, at: Option<Time>) -> Option<i64> {
    let from = row.ended_at.unwrap_or(row.opened_at);
    let seconds = (at?.microseconds() - from.microseconds()) / 1_000_000;
    Some(seconds.max(0))
}

impl Narrow {
    fn lets_through(&self, row: &Row) -> bool {
        let is = |wanted: &Option<String>, has: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| has == Some(wanted))
        };
        let within = |wanted: &Option<String>, at: Option<Time>| {
            is(wanted, since_end(row, at).map(length_of))
        };
        let is_waived = row.state == State::Waived;
        is(&self.kind, (!is_waived).then_some(row.kind.as_str()))
            && is(&self.rule, Some(row.rule.as_deref().unwrap_or_default()))
            && is(&self.waived, row.waived_code.filter(|_| is_waived).map(|code| code.name()))
            && within(&self.owner_within, row.owned_at)
            && within(&self.published_within, row.published_at)
    }
}

/// The retrospectives behind a figure, the newest first.
pub(super) async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    days: Days,
    narrow: &Narrow,
) -> Result<Vec<Listed>, Problem> {
    let rows = store::opened(conn, viewer, days.ends(), MOST).await?;
    Ok(rows.iter().filter(|row| narrow.lets_through(row)).map(Listed::of).collect())
}

/// How the process went.
pub(super) async fn process(
    conn: &mut Conn,
    viewer: &Viewer,
    days: Days,
    now: Time,
) -> Result<Process, Problem> {
    let rows = store::opened(conn, viewer, days.ends(), MOST).await?;
    let policy = policy::current(conn).await?;
    let names: BTreeMap<&str, &str> = policy
        .policy
        .document
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), rule.name.as_str()))
        .collect();
    let lengths = |at: fn(&Row) -> Option<Time>| {
        rows.iter().filter_map(|row| since_end(row, at(row))).collect::<Vec<i64>>()
    };
    let is_open = |row: &&Row| row.state.is_running();
    let (late_steps, late_steps_is_cut) = late(conn, viewer, &rows, now).await?;
    Ok(Process {
        from: days.from,
        to: days.to,
        looked_at: rows.len(),
        is_cut: i64::try_from(rows.len()).is_ok_and(|n| n >= MOST),
        undecided: store::undecided(conn, viewer, days.ends()).await?,
        kinds: kinds(&rows, &names),
        waivers: waivers(&rows),
        to_owner: Spread::of(lengths(|row| row.owned_at)),
        to_publish: Spread::of(lengths(|row| row.published_at)),
        unowned: rows
            .iter()
            .filter(is_open)
            .filter(|row| row.owner_name.is_none())
            .map(Listed::of)
            .collect(),
        late_steps,
        late_steps_is_cut,
        open_with: viewer.can_decide().then(|| open_with(&rows)),
    })
}

fn kinds(rows: &[Row], names: &BTreeMap<&str, &str>) -> Vec<OfKind> {
    let mut all: BTreeMap<&str, (&Row, BTreeMap<&str, usize>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state != State::Waived) {
        let entry = all.entry(row.kind.as_str()).or_insert_with(|| (row, BTreeMap::new()));
        *entry.1.entry(row.rule.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let named = |rule: &str| {
        match rule {
            "" => "opened by hand",
            rule => names.get(rule).copied().unwrap_or(rule),
        }
        .to_owned()
    };
    let mut kinds: Vec<OfKind> = all
        .into_iter()
        .map(|(kind, (row, rules))| OfKind {
            kind: kind.to_owned(),
            name: row.kind_name().to_owned(),
            count: rules.values().sum(),
            rules: rules
                .into_iter()
                .map(|(rule, count)| OfRule { rule: rule.to_owned(), name: named(rule), count })
                .collect(),
        })
        .collect();
    kinds.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.kind.cmp(&b.kind)));
    kinds
}

fn waivers(rows: &[Row]) -> Vec<OfWaiver> {
    let mut all: BTreeMap<_, usize> = BTreeMap::new();
    for code in
        rows.iter().filter(|row| row.state == State::Waived).filter_map(|row| row.waived_code)
    {
        *all.entry(code).or_default() += 1;
    }
    let told = |(code, count): (retrospectives::WaiverCode, usize)| OfWaiver {
        code: code.name().to_owned(),
        name: code.label().to_owned(),
        count,
    };
    all.into_iter().map(told).collect()
}

/// Late steps of running drafts that are shared with the viewer; whether there are more drafts.
async fn late(
    conn: &mut Conn,
    viewer: &Viewer,
    rows: &[Row],
    now: Time,
) -> Result<(Vec<Late>, bool), Problem> {
    let mut late = Vec::new();
    let mine = rows.iter().filter(|row| row.is_mine && row.state.is_running());
    let mut goes_on = mine.filter(|row| row.state != State::OnHold);
    for row in goes_on.by_ref().take(STEPS_OF) {
        let key = row.address().to_string();
        let retro = retrospectives::need_for_reading(conn, viewer, &key).await?;
        for step in steps::of(conn, viewer, &retro).await? {
            let Some(due) = step.due.filter(|_| step.is_overdue(now)) else { continue };
            late.push(Late {
                key: key.clone(),
                title: row.incident_title.clone(),
                role: step.role_in_words(),
                step: step.name,
                due,
                url: format!("/r/{key}/steps#{}", step.id),
            });
        }
    }
    late.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
    Ok((late, goes_on.next().is_some()))
}

fn open_with(rows: &[Row]) -> Vec<With> {
    let mut all: BTreeMap<(String, Option<String>), Vec<Listed>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state.is_running()) {
        let name = row.owner_name.clone();
        let order = name.as_deref().unwrap_or_default().to_lowercase();
        all.entry((order, name)).or_default().push(Listed::of(row));
    }
    all.into_iter().map(|((_, name), open)| With { name, open }).collect()
}
