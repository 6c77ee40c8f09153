//! The demo's content as its files have it. `README.md` beside the files says what each field is; an
//! unknown field is an error.

use jiff::civil::{Date, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kit::db::Time;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The invented company.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// What it does, in a line.
    pub about: String,
    pub teams: Vec<Team>,
    pub services: Vec<Service>,
    pub people: Vec<Someone>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub id: String,
    pub name: String,
    pub about: String,
    pub lead: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub id: String,
    pub name: String,
    pub team: String,
    pub tier: i64,
    pub about: String,
    /// The ids of those that it needs.
    #[serde(default)]
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Someone {
    pub handle: String,
    pub name: String,
    pub team: Option<String>,
    pub title: String,
    pub time_zone: String,
    pub seat: String,
    /// "Mon-Fri 10:00-18:00", where they work other hours than everybody.
    pub works: Option<String>,
    /// When they joined the company.
    pub joined: Option<String>,
    /// What they were trained in, who investigate.
    pub trained: Option<String>,
}

/// A span from the incident's zero: `+00:17:30`, `-92d`, `+3d 02:30:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Offset(pub SignedDuration);

impl TryFrom<String> for Offset {
    type Error = String;

    fn try_from(text: String) -> Result<Offset, String> {
        let wrong = || format!("`{text}` is not an offset such as +00:17:30 or +3d 02:30");
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(wrong()),
        };
        let mut seconds = 0_i64;
        for part in rest.split(' ').filter(|part| !part.is_empty()) {
            if let Some(days) = part.strip_suffix('d') {
                seconds += days.parse::<i64>().map_err(|_| wrong())? * 86_400;
                continue;
            }
            let mut unit = 3600;
            for piece in part.split(':') {
                seconds += piece.parse::<i64>().map_err(|_| wrong())? * unit;
                unit /= 60;
            }
        }
        Ok(Offset(SignedDuration::from_secs(sign * seconds)))
    }
}

/// One incident and everything that hangs on it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub n: i64,
    /// What stands in the fields of its kind; people by handle, services by name in addresses.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
    pub slug: String,
    pub title: String,
    pub description: String,
    pub days_ago: Option<i64>,
    pub weekday: Option<String>,
    pub date: Option<String>,
    pub start: String,
    pub status: String,
    pub incident_kind: String,
    pub kind: Option<String>,
    pub kind_why: Option<String>,
    pub severity: Option<i64>,
    #[serde(default)]
    pub severity_history: Vec<Severity>,
    pub environment: String,
    pub detection: String,
    pub confidentiality: String,
    #[serde(default)]
    pub may_see: Vec<String>,
    #[serde(default)]
    pub report_only: bool,
    pub declared_by: String,
    #[serde(default)]
    pub services: Vec<String>,
    #[serde(default)]
    pub teams: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub related: Vec<Related>,
    /// Who asked for a review of it, and why.
    #[serde(default)]
    pub asked: Vec<AskedFor>,
    #[serde(default)]
    pub participants: Vec<Participant>,
    #[serde(default)]
    pub impact: Vec<Impact>,
    #[serde(default)]
    pub key_times: Vec<KeyTime>,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    #[serde(default)]
    pub timeline: Vec<Entry>,
    pub retrospective: Option<Retrospective>,
    #[serde(default)]
    pub sections: Vec<Section>,
    #[serde(default)]
    pub factors: Vec<Factor>,
    #[serde(default)]
    pub lessons: Vec<Lesson>,
    #[serde(default)]
    pub recommendations: Vec<Recommendation>,
    #[serde(default)]
    pub actions: Vec<Action>,
    #[serde(default)]
    pub risks: Vec<Risk>,
    #[serde(default)]
    pub releases: Vec<Release>,
    #[serde(default)]
    pub corrections: Vec<Correction>,
    pub invitation: Option<String>,
    #[serde(default, rename = "import")]
    pub imports: Vec<Import>,
}

impl Told {
    /// The incident's zero, for a demo loaded at `now`.
    ///
    /// # Errors
    /// When the file's day or time does not read.
    pub fn zero(&self, now: Time) -> Result<Time, String> {
        let clock: Clock = self.start.parse().map_err(|error| format!("start: {error}"))?;
        let day: Date = match (&self.date, self.days_ago) {
            (Some(date), _) => date.parse().map_err(|error| format!("date: {error}"))?,
            (None, Some(ago)) => {
                let today = now.timestamp().to_zoned(TimeZone::UTC).date();
                self.back_to_weekday(today.saturating_sub(ago.days()))?
            }
            _ => return Err("neither a date nor days_ago".to_owned()),
        };
        let zoned = day.to_datetime(clock).to_zoned(TimeZone::UTC);
        zoned.map(|zoned| Time::new(zoned.timestamp())).map_err(|error| error.to_string())
    }

    fn back_to_weekday(&self, mut day: Date) -> Result<Date, String> {
        let Some(name) = &self.weekday else { return Ok(day) };
        let wanted = match name.as_str() {
            "monday" => Weekday::Monday,
            "tuesday" => Weekday::Tuesday,
            "wednesday" => Weekday::Wednesday,
            "thursday" => Weekday::Thursday,
            "friday" => Weekday::Friday,
            "saturday" => Weekday::Saturday,
            "sunday" => Weekday::Sunday,
            other => return Err(format!("`{other}` is not a weekday")),
        };
        while day.weekday() != wanted {
            day = day.saturating_sub(1.day());
        }
        Ok(day)
    }
}

/// A moment from the zero.
#[must_use]
pub fn moment(zero: Time, offset: Offset) -> Time {
    let at: Timestamp = zero.timestamp();
    Time::new(at.saturating_add(offset.0).unwrap_or(at))
}

/// A day from the zero, `2026-03-05`.
#[must_use]
pub fn day(zero: Time, offset: Offset) -> String {
    crate::shell::words::date(moment(zero, offset))
}

macro_rules! content {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)+ })+) => {
        $(
            #[derive(Debug, Clone, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$meta])* pub $field: $type,)+ }
        )+
    };
}

content! {
    Severity { at: Offset, level: i64, by: String, why: String, }
    Related { of: String, relation: String, #[serde(default)] note: String, }
    AskedFor { by: String, at: Offset, reason: String, }
    Participant {
        person: String,
        roles: Vec<String>,
        joined: Option<Offset>,
        left: Option<Offset>,
        #[serde(default)] on_call: bool,
        #[serde(default)] called_out_of_hours: bool,
    }
    Impact {
        start: Offset,
        end: Option<Offset>,
        severity: Option<i64>,
        surface: String,
        effect: String,
        users: Option<i64>,
        #[serde(default)] users_method: String,
        users_confidence: Option<String>,
        percent: Option<f64>,
        requests_failed: Option<i64>,
        support_cases: Option<i64>,
        slo_burn_percent: Option<f64>,
        cost: Option<Cost>,
        #[serde(default)] cites: Vec<String>,
    }
    Cost { expected: i64, actual: i64, currency: String, #[serde(default)] basis: String, }
    KeyTime {
        name: String,
        at: Offset,
        precision: String,
        #[serde(default)] uncertainty_s: u32,
        source: String,
        #[serde(default)] cites: Vec<String>,
        r#override: Option<Override>,
    }
    Override {
        at: Offset,
        precision: String,
        #[serde(default)] uncertainty_s: u32,
        by: String,
        on: Offset,
        why: String,
    }
    Evidence {
        id: String,
        at: Offset,
        precision: Option<String>,
        kind: String,
        source: String,
        author: Option<String>,
        #[serde(default)] bot: bool,
        text: String,
        place: Option<String>,
        #[serde(default)] pinned: bool,
        answers: Option<String>,
        #[serde(default)] series: Vec<Series>,
    }
    Series { name: String, start: Offset, step_s: i64, values: Vec<f64>, #[serde(default)] unit: String, }
    Entry {
        id: String,
        at: Offset,
        until: Option<Offset>,
        precision: Option<String>,
        #[serde(default)] uncertainty_s: i64,
        fact: String,
        phase: Option<String>,
        text: String,
        actor: Option<String>,
        #[serde(default)] cites: Vec<String>,
        #[serde(default)] memory: bool,
        known_then: Option<bool>,
        learned_at: Option<Offset>,
        result: Option<String>,
    }
    Retrospective {
        state: String,
        owner: Option<String>,
        facilitator: Option<String>,
        opened_by: Option<String>,
        meeting_at: Option<Offset>,
        meeting_minutes: Option<i64>,
        #[serde(default)] no_action_because: String,
        #[serde(default)] moves: Vec<Move>,
        waiver: Option<Waiver>,
    }
    Move { to: String, at: Offset, by: String, reason: Option<String>, }
    Waiver { code: String, text: String, by: String, of: Option<String>, }
    Section { id: String, state: String, by: String, text: String, }
    Factor {
        id: String,
        statement: String,
        #[serde(default)] trigger: Vec<String>,
        #[serde(default)] layer: Vec<String>,
        #[serde(default)] role: Vec<String>,
        #[serde(default)] response: Vec<String>,
        #[serde(default)] recurrence: Vec<String>,
        certainty: String,
        path: String,
        #[serde(default)] direct_cause: bool,
        #[serde(default)] cites: Vec<String>,
        #[serde(default)] entries: Vec<String>,
    }
    Lesson { sort: String, text: String, }
    Recommendation {
        id: String,
        target: String,
        text: String,
        #[serde(default)] rationale: String,
        #[serde(default)] factors: Vec<String>,
    }
    Action {
        id: String,
        title: String,
        #[serde(default)] done_when: String,
        owner: Option<String>,
        team: Option<String>,
        person_by: Option<Offset>,
        due: Option<Offset>,
        class: String,
        aim: String,
        strength: String,
        priority: Option<String>,
        #[serde(default)] factors: Vec<String>,
        recommendation: Option<String>,
        proposed_at: Offset,
        proposed_by: String,
        state: String,
        #[serde(default)] moves: Vec<ActionMove>,
    }
    ActionMove {
        to: String,
        at: Offset,
        by: String,
        note: Option<String>,
        evidence: Option<String>,
        reason: Option<String>,
        risk: Option<String>,
    }
    Risk {
        id: String,
        statement: String,
        likelihood: String,
        impact: String,
        #[serde(default)] softened_by: String,
        state: String,
        accepted_by: Option<String>,
        accepted_at: Option<Offset>,
        accepted_until: Option<Offset>,
        review: Option<Offset>,
        #[serde(default)] factors: Vec<String>,
        #[serde(default)] actions: Vec<String>,
        #[serde(default)] services: Vec<String>,
    }
    Release {
        number: i64,
        at: Offset,
        by: String,
        approved_by: Option<String>,
        audience: String,
        label: String,
        #[serde(default)] what_changed: String,
    }
    Correction {
        at: Offset,
        by: String,
        why: String,
        key_time: Option<CorrectedTime>,
        section: Option<CorrectedSection>,
        entry: Option<CorrectedEntry>,
    }
    CorrectedTime { name: String, at: Offset, precision: String, #[serde(default)] uncertainty_s: u32, }
    CorrectedSection { id: String, text: String, }
    CorrectedEntry { id: String, at: Option<Offset>, text: Option<String>, }
    Import {
        file: String,
        zone: Option<String>,
        day: Option<String>,
        mapping: Option<Mapping>,
    }
    Mapping {
        at: String,
        text: String,
        author: Option<String>,
        kind: Option<String>,
        url: Option<String>,
        id: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::{Offset, Organisation, Told};

    #[test]
    fn offsets_read_as_the_readme_says() {
        let seconds =
            |text: &str| Offset::try_from(text.to_owned()).map(|offset| offset.0.as_secs());
        assert_eq!(seconds("+00:17:30"), Ok(1050));
        assert_eq!(seconds("-92d"), Ok(-92 * 86_400));
        assert_eq!(seconds("+3d 02:30"), Ok(3 * 86_400 + 9000));
        assert!(seconds("3d").is_err());
    }

    #[test]
    fn every_file_reads_and_nothing_in_it_is_unknown() {
        let _: Organisation = toml::from_str(super::super::ORGANISATION).unwrap();
        for (name, text) in super::super::INCIDENTS {
            let told: Told = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(name.starts_with(&format!("{:02}-", told.n)), "{name}");
            told.zero(crate::testing::start_of_tests()).unwrap();
        }
    }
}
