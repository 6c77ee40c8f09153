//! Key times: the moments that every duration follows from (domain model 2.2), with how finely and how
//! surely each is known.

use kit::db::Time;
use serde::Serialize;

kit::words!(
    /// A key time's name.
    KeyTimeName {
        /// The change or condition came into being, maybe months earlier.
        Introduced = "introduced", "introduced";
        /// The event that turned it into a fault.
        Triggered = "triggered", "triggered";
        /// First harm to users.
        ImpactStart = "impact_start", "impact start";
        /// Someone or something of ours first noticed.
        Detected = "detected", "detected";
        /// A page was sent.
        Paged = "paged", "paged";
        /// A human took it.
        Acknowledged = "acknowledged", "acknowledged";
        /// It was called an incident.
        Declared = "declared", "declared";
        /// The first person able to act began work.
        Engaged = "engaged", "engaged";
        /// A working explanation good enough to act on.
        Identified = "identified", "identified";
        /// Severe harm ended; it may still be degraded.
        Mitigated = "mitigated", "mitigated";
        /// Last harm ended.
        ImpactEnd = "impact_end", "impact end";
        /// Normal operation confirmed, response stood down.
        Resolved = "resolved", "resolved";
        /// Customers were told.
        FirstPublicNotice = "first_public_notice", "first public notice";
        /// Legal anchor: became aware.
        Aware = "aware", "aware";
        /// Legal anchor: classified.
        Classified = "classified", "classified";
        /// Legal anchor: materiality decided.
        MaterialityDecided = "materiality_decided", "materiality decided";
        /// The learning began.
        RetroOpened = "retro_opened", "retrospective opened";
        /// The learning was published.
        RetroClosed = "retro_closed", "retrospective closed";
    }
);

impl KeyTimeName {
    /// What it means, in a line.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            KeyTimeName::Introduced => "The change or condition came into being, maybe months earlier.",
            KeyTimeName::Triggered => "The event that turned it into a fault.",
            KeyTimeName::ImpactStart => "First harm that people could notice.",
            KeyTimeName::Detected => "Someone or something of ours first noticed.",
            KeyTimeName::Paged => "A page was sent.",
            KeyTimeName::Acknowledged => "A human took it.",
            KeyTimeName::Declared => "It was called an incident.",
            KeyTimeName::Engaged => "The first person able to act began work.",
            KeyTimeName::Identified => "A working explanation good enough to act on.",
            KeyTimeName::Mitigated => "Severe harm ended; it may still have been degraded.",
            KeyTimeName::ImpactEnd => "The last harm ended.",
            KeyTimeName::Resolved => "Normal operation was confirmed and the response stood down.",
            KeyTimeName::FirstPublicNotice => "Customers were told.",
            KeyTimeName::Aware => "Legal anchor: we became aware. Never taken from detected.",
            KeyTimeName::Classified => "Legal anchor: it was classified.",
            KeyTimeName::MaterialityDecided => "Legal anchor: materiality was decided.",
            KeyTimeName::RetroOpened => "The retrospective was opened.",
            KeyTimeName::RetroClosed => "The retrospective was published.",
        }
    }

    /// Those shown for every incident, also when missing.
    pub const USUAL: &'static [KeyTimeName] = &[
        KeyTimeName::ImpactStart,
        KeyTimeName::Detected,
        KeyTimeName::Declared,
        KeyTimeName::Engaged,
        KeyTimeName::Identified,
        KeyTimeName::Mitigated,
        KeyTimeName::ImpactEnd,
        KeyTimeName::Resolved,
    ];
}

kit::words!(
    /// How finely a time is known.
    Precision {
        /// To the second.
        Second = "second", "the second";
        /// To the minute.
        Minute = "minute", "the minute";
        /// To the hour.
        Hour = "hour", "the hour";
        /// To the day.
        Day = "day", "the day";
    }
);

/// A value of a key time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// The instant.
    pub at: Time,
    /// How finely it is known.
    pub precision: Precision,
    /// ± seconds.
    pub uncertainty_s: i64,
}

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
        let zoned = self.at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
