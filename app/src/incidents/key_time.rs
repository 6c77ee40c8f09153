//! Key times: the moments of an incident that its story and its durations hang on. Any of them may be
//! missing, and each may be known only roughly; neither is ever filled in silently from another.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

kit::words!(
    /// The name of a key time, in the order in which they usually come.
    KeyTimeName {
        /// The change or condition came into being.
        Introduced = "introduced", "Introduced";
        /// The event that turned it into a fault.
        Triggered = "triggered", "Triggered";
        /// First harm that users could see.
        ImpactStart = "impact_start", "Impact start";
        /// Someone or something of ours first noticed.
        Detected = "detected", "Detected";
        /// The page was sent.
        Paged = "paged", "Paged";
        /// A human took it.
        Acknowledged = "acknowledged", "Acknowledged";
        /// It was called an incident.
        Declared = "declared", "Declared";
        /// The first person able to act began work.
        Engaged = "engaged", "Engaged";
        /// A working explanation, good enough to act on.
        Identified = "identified", "Identified";
        /// Severe harm ended.
        Mitigated = "mitigated", "Mitigated";
        /// The last harm ended.
        ImpactEnd = "impact_end", "Impact end";
        /// Normal operation was confirmed.
        Resolved = "resolved", "Resolved";
        /// Customers were told.
        FirstPublicNotice = "first_public_notice", "First public notice";
        /// The organisation became aware in the sense of a law.
        Aware = "aware", "Aware";
        /// Classified in the sense of a law.
        Classified = "classified", "Classified";
        /// It was decided whether it is material.
        MaterialityDecided = "materiality_decided", "Materiality decided";
        /// Learning began.
        RetroOpened = "retro_opened", "Retrospective opened";
        /// Learning ended.
        RetroClosed = "retro_closed", "Retrospective closed";
    }
);

impl KeyTimeName {
    /// What it means, as a half sentence for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            KeyTimeName::Introduced => "the change or condition came into being",
            KeyTimeName::Triggered => "the event that turned it into a fault",
            KeyTimeName::ImpactStart => "the first harm that users could see",
            KeyTimeName::Detected => "someone or something of ours first noticed",
            KeyTimeName::Paged => "the page was sent",
            KeyTimeName::Acknowledged => "a human took it",
            KeyTimeName::Declared => "it was called an incident",
            KeyTimeName::Engaged => "the first person able to act began work",
            KeyTimeName::Identified => "there was a working explanation, good enough to act on",
            KeyTimeName::Mitigated => "the severe harm ended; it may still be degraded",
            KeyTimeName::ImpactEnd => "the last harm ended",
            KeyTimeName::Resolved => "normal operation was confirmed and the response stood down",
            KeyTimeName::FirstPublicNotice => "customers were told",
            KeyTimeName::Aware => "the organisation became aware, in the sense of a law",
            KeyTimeName::Classified => "it was classified, in the sense of a law",
            KeyTimeName::MaterialityDecided => "it was decided whether it is material",
            KeyTimeName::RetroOpened => "the retrospective was opened",
            KeyTimeName::RetroClosed => "the retrospective was closed",
        }
    }
}

kit::words!(
    /// How finely a time is known.
    Precision {
        /// To the second.
        Second = "second", "to the second";
        /// To the minute.
        Minute = "minute", "to the minute";
        /// To the hour.
        Hour = "hour", "to the hour";
        /// To the day.
        Day = "day", "to the day";
    }
);

impl Precision {
    /// What it leaves open, in seconds; nothing for a second.
    #[must_use]
    pub fn leaves_open_s(self) -> u32 {
        match self {
            Precision::Second => 0,
            Precision::Minute => 60,
            Precision::Hour => 3_600,
            Precision::Day => 86_400,
        }
    }
}

/// A time as it is believed now: an instant, how finely it is known, and by how much it may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Moment {
    /// The instant, at the start of its minute, hour or day (UTC) when it is not known more finely.
    #[schema(value_type = kit::db::Time)]
    pub at: Timestamp,
    /// How finely it is known.
    pub precision: Precision,
    /// By how many seconds it may be off either way; 0 when only the precision limits it.
    pub uncertainty_s: u32,
}

impl Moment {
    /// A time known to the second.
    #[must_use]
    pub fn exact(at: Timestamp) -> Moment {
        Moment { at, precision: Precision::Second, uncertainty_s: 0 }
    }

    /// What the precision leaves open beyond the uncertainty that was stated.
    pub(super) fn open_s(self) -> u32 {
        let open = self.precision.leaves_open_s();
        if self.uncertainty_s < open { open } else { 0 }
    }
}

/// The key times that are known; a missing one is not in it.
pub type KeyTimes = BTreeMap<KeyTimeName, Moment>;
