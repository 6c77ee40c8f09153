//! Key times as an incident keeps them: what was recorded first, what is believed now, and the words
//! for both.

use super::key_time::{KeyTimeName, Moment, Precision};
use kit::db::Time;
use serde::Serialize;

/// Those shown for every incident, also when missing.
pub const USUAL: &[KeyTimeName] = &[
    KeyTimeName::ImpactStart,
    KeyTimeName::Detected,
    KeyTimeName::Declared,
    KeyTimeName::Engaged,
    KeyTimeName::Identified,
    KeyTimeName::Mitigated,
    KeyTimeName::ImpactEnd,
    KeyTimeName::Resolved,
];

impl Moment {
    /// In words, in UTC: `2026-03-05 23:41`, `≈ …` when it is not sure.
    #[must_use]
    pub fn in_words(&self) -> String {
        let form = match self.precision {
            Precision::Second => "%Y-%m-%d %H:%M:%S",
            Precision::Minute => "%Y-%m-%d %H:%M",
            Precision::Hour => "%Y-%m-%d %H h",
            Precision::Day => "%Y-%m-%d",
        };
        let zoned = self.at.to_zoned(jiff::tz::TimeZone::UTC);
        let sign = if self.uncertainty_s > 0 { "≈ " } else { "" };
        format!("{sign}{}", zoned.strftime(form))
    }

    /// `± 10 min`, when it is not sure.
    #[must_use]
    pub fn doubt_in_words(&self) -> Option<String> {
        match self.uncertainty_s {
            0 => None,
            seconds @ 1..=119 => Some(format!("± {seconds} s")),
            seconds @ 120..=7199 => Some(format!("± {} min", seconds / 60)),
            seconds => Some(format!("± {} h", seconds / 3600)),
        }
    }
}

/// What was said instead of the recorded value, by whom and why.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = KeyTimeCorrection)]
pub struct Override {
    /// What is believed now.
    pub moment: Moment,
    /// Who corrected it, by name.
    pub by: String,
    /// When.
    pub on: Time,
    /// Why.
    pub reason: String,
}

/// A key time of an incident: what was recorded, and what is believed now (I10).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct KeyTime {
    /// Which.
    pub name: KeyTimeName,
    /// As first recorded; kept for ever.
    pub recorded: Moment,
    /// From where: alert, chat, deploy, person, …
    pub source: String,
    /// Who recorded it, by name.
    pub recorded_by: String,
    /// The correction, if there is one.
    pub corrected: Option<Override>,
}

impl KeyTime {
    /// What is believed now.
    #[must_use]
    pub fn now_believed(&self) -> Moment {
        self.corrected.as_ref().map_or(self.recorded, |corrected| corrected.moment)
    }
}
