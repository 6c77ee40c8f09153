//! Named durations and faults in key times. Nothing here is stored: it follows from the times and the
//! impact windows, so a correction is seen at once. A span that cannot be told says why, and no span
//! is ever negative or filled in from another.

use super::key_time::{KeyTimeName, KeyTimes, Moment};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

kit::words!(
    /// The durations that have a name. Each is one difference, defined in words, and none is an average.
    DurationName {
        /// Harm that nobody had noticed yet.
        Undetected = "undetected", "Undetected";
        /// From the page to a human.
        Acknowledge = "acknowledge", "To acknowledge";
        /// From noticing to the first person at work.
        Engage = "engage", "To engage";
        /// From the first person at work to a working explanation.
        Diagnose = "diagnose", "To diagnose";
        /// From the first harm to the end of severe harm.
        Mitigate = "mitigate", "To mitigate";
        /// From noticing to the end of severe harm.
        MitigateFromDetect = "mitigate_from_detect", "To mitigate, from detection";
        /// Time in which anyone was harmed.
        Impact = "impact", "Impact";
        /// From the declaration to standing down.
        Respond = "respond", "Response";
        /// Harm that was left after mitigation.
        Residual = "residual", "Residual impact";
        /// From the first harm to the first public word.
        Tell = "tell", "To tell customers";
        /// From standing down to the end of the retrospective.
        Learn = "learn", "To learn";
    }
);

impl DurationName {
    /// The two key times it lies between; impact has windows instead.
    #[must_use]
    pub fn ends(self) -> Option<(KeyTimeName, KeyTimeName)> {
        use KeyTimeName as K;
        Some(match self {
            DurationName::Undetected => (K::ImpactStart, K::Detected),
            DurationName::Acknowledge => (K::Paged, K::Acknowledged),
            DurationName::Engage => (K::Detected, K::Engaged),
            DurationName::Diagnose => (K::Engaged, K::Identified),
            DurationName::Mitigate => (K::ImpactStart, K::Mitigated),
            DurationName::MitigateFromDetect => (K::Detected, K::Mitigated),
            DurationName::Impact => return None,
            DurationName::Respond => (K::Declared, K::Resolved),
            DurationName::Residual => (K::Mitigated, K::ImpactEnd),
            DurationName::Tell => (K::ImpactStart, K::FirstPublicNotice),
            DurationName::Learn => (K::Resolved, K::RetroClosed),
        })
    }

    /// Its definition in words.
    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            DurationName::Undetected => "From impact start until it was detected.",
            DurationName::Acknowledge => "From the page until a human took it.",
            DurationName::Engage => "From detection until the first person able to act began work.",
            DurationName::Diagnose => "From the first work until there was a working explanation.",
            DurationName::Mitigate => "From impact start until the severe harm ended.",
            DurationName::MitigateFromDetect => "From detection until the severe harm ended.",
            DurationName::Impact => {
                "The time covered by any impact window; windows that overlap count once, and times between windows do not count."
            }
            DurationName::Respond => "From the declaration until the response stood down.",
            DurationName::Residual => "From mitigation until the last harm ended.",
            DurationName::Tell => "From impact start until customers were first told.",
            DurationName::Learn => "From resolution until the retrospective was closed.",
        }
    }
}

/// A stretch of time in which something people use was harmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// What was hit, in people's words.
    pub surface: String,
    /// When the harm began.
    pub start: Moment,
    /// When it ended; nothing while it goes on.
    pub end: Option<Moment>,
}

/// A duration, or why it cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A span; never negative.
    Span {
        /// Its length.
        #[serde(serialize_with = "as_seconds", rename = "length_s")]
        #[schema(value_type = i64, minimum = 0)]
        length: SignedDuration,
        /// By how many seconds it may be off either way.
        uncertainty_s: u32,
        /// Where it begins.
        #[schema(value_type = kit::db::Time)]
        from: Timestamp,
        /// Where it ends.
        #[schema(value_type = kit::db::Time)]
        to: Timestamp,
    },
    /// It cannot be told.
    CannotTell {
        /// Why, as a sentence.
        why: String,
        /// The key times to record or correct.
        mend: Vec<KeyTimeName>,
    },
}

fn as_seconds<S: serde::Serializer>(length: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(length.as_secs())
}

impl Told {
    fn no(why: String, mend: &[KeyTimeName]) -> Told {
        Told::CannotTell { why, mend: mend.to_vec() }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Told::Span { length, uncertainty_s, .. } => {
                f.write_str(&in_words(*length, *uncertainty_s))
            }
            Told::CannotTell { why, .. } => write!(f, "cannot tell: {why}"),
        }
    }
}

/// A named duration of one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Duration {
    /// Which.
    pub name: DurationName,
    /// How long, or why that cannot be told.
    pub told: Told,
}

/// All named durations, in their order, each told or with the reason why not.
#[must_use]
pub fn durations(times: &KeyTimes, windows: &[Window]) -> Vec<Duration> {
    let told = |name: &DurationName| match name.ends() {
        Some((from, to)) => between(times, from, to),
        None => impact(windows),
    };
    DurationName::ALL.iter().map(|name| Duration { name: *name, told: told(name) }).collect()
}

/// By how many seconds the difference of two times may be off.
fn uncertainty(from: Moment, to: Moment) -> u32 {
    // both are cut down to the start of their unit, so these errors do not add up; stated ones do
    let stated = from.uncertainty_s.saturating_add(to.uncertainty_s);
    stated.saturating_add(from.open_s().max(to.open_s()))
}

/// Whether `from` lies after `to` by more than what is uncertain about them.
fn surely_after(from: Moment, to: Moment) -> bool {
    from.at.duration_since(to.at) > SignedDuration::from_secs(i64::from(uncertainty(from, to)))
}

fn between(times: &KeyTimes, from: KeyTimeName, to: KeyTimeName) -> Told {
    let (Some(start), Some(end)) = (times.get(&from), times.get(&to)) else {
        let missing = [from, to].into_iter().filter(|name| !times.contains_key(name));
        let missing: Vec<KeyTimeName> = missing.collect();
        let names: Vec<String> = missing.iter().map(|name| lower(*name)).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        return Told::no(format!("{} {verb} missing.", names.join(" and ")), &missing);
    };
    if surely_after(*start, *end) {
        let by = in_words(start.at.duration_since(end.at), 0);
        let why =
            format!("{} lies before {} by {by}: one of the two is wrong.", lower(to), lower(from));
        return Told::no(why, &[from, to]);
    }
    Told::Span {
        length: end.at.duration_since(start.at).max(SignedDuration::ZERO),
        uncertainty_s: uncertainty(*start, *end),
        from: start.at,
        to: end.at.max(start.at),
    }
}

/// The union of the windows.
fn impact(windows: &[Window]) -> Told {
    use KeyTimeName::{ImpactEnd, ImpactStart};
    if windows.is_empty() {
        return Told::no("no impact window is recorded.".to_owned(), &[ImpactStart, ImpactEnd]);
    }
    let mut open: Vec<&str> = Vec::new();
    let mut closed = Vec::new();
    for window in windows {
        match window.end {
            None => open.push(&window.surface),
            Some(end) if surely_after(window.start, end) => {
                let why =
                    format!("the impact on {} ends before it starts.", named(&window.surface));
                return Told::no(why, &[ImpactStart, ImpactEnd]);
            }
            Some(end) => {
                closed.push((window.start, Moment { at: end.at.max(window.start.at), ..end }))
            }
        }
    }
    open.sort_unstable();
    if let Some(surface) = open.first() {
        return Told::no(format!("the impact on {} has no end yet.", named(surface)), &[ImpactEnd]);
    }
    closed.sort_by_key(|(start, end)| {
        (start.at, end.at, start.precision, start.uncertainty_s, end.precision, end.uncertainty_s)
    });
    let (mut length, mut off) = (SignedDuration::ZERO, 0_u32);
    let (first, mut last) = (closed[0].0, closed[0].1);
    let mut start = first;
    for (next, end) in &closed[1..] {
        if next.at > last.at {
            length += last.at.duration_since(start.at);
            off = off.saturating_add(uncertainty(start, last));
            start = *next;
            last = *end;
        } else if end.at > last.at {
            last = *end;
        }
    }
    length += last.at.duration_since(start.at);
    off = off.saturating_add(uncertainty(start, last));
    Told::Span { length, uncertainty_s: off, from: first.at, to: last.at }
}

fn named(surface: &str) -> String {
    if surface.trim().is_empty() {
        "an unnamed part".to_owned()
    } else {
        format!("“{surface}”")
    }
}

fn lower(name: KeyTimeName) -> String {
    name.label().to_lowercase()
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// A span for people: `40 s`, `38 min`, `1 h 04 min`, `3 d 2 h`, `94 d`, with ` ± 1 min` where it may
/// be off. It is never written more finely than it is known; what is too short for that is "under".
#[must_use]
pub fn in_words(length: SignedDuration, uncertainty_s: u32) -> String {
    let seconds = length.as_secs().max(0);
    let off = i64::from(uncertainty_s);
    let unit = match (seconds, off) {
        (_, DAY..) | (2_592_000.., _) => DAY,
        (_, HOUR..) | (DAY.., _) => HOUR,
        (0..MINUTE, 0..MINUTE) => 1,
        _ => MINUTE,
    };
    let count = (seconds + if unit == 1 { 0 } else { unit / 2 }) / unit;
    let rough = (off + unit - 1) / unit;
    if count == 0 && off > 0 {
        return format!("under {}", pieces(rough.max(1), unit));
    }
    let mut words = pieces(count, unit);
    // an uncertainty below what is written is not worth a word
    if off >= unit {
        words = format!("{words} ± {}", pieces(rough, unit));
    }
    words
}

fn pieces(count: i64, unit: i64) -> String {
    match unit {
        DAY => format!("{count} d"),
        HOUR if count >= 24 && count % 24 == 0 => format!("{} d", count / 24),
        HOUR if count >= 24 => format!("{} d {} h", count / 24, count % 24),
        HOUR => format!("{count} h"),
        MINUTE if count >= 60 * 24 => pieces(count / 60, HOUR),
        MINUTE if count >= 60 => format!("{} h {:02} min", count / 60, count % 60),
        MINUTE => format!("{count} min"),
        _ => format!("{count} s"),
    }
}

kit::words!(
    /// How sure it is that something must be mended.
    Grade {
        /// It cannot be so.
        Error = "error", "Error";
        /// It can be so, but seldom is.
        Warning = "warning", "Warning";
        /// A later step needs it and it is not there.
        Missing = "missing", "Missing";
    }
);

/// Something about the times that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Fault {
    /// How sure it is.
    pub grade: Grade,
    /// The key times to record or correct; for windows, their ends.
    pub mend: Vec<KeyTimeName>,
    /// What, in a sentence for people.
    pub what: String,
}

/// Usual orders of key times, and when the other order can be right.
const ORDERS: &[(KeyTimeName, KeyTimeName, &str)] = {
    use KeyTimeName as K;
    &[
        (K::Introduced, K::Triggered, ""),
        (K::Triggered, K::ImpactStart, ""),
        (
            K::ImpactStart,
            K::Detected,
            "It can be right when an alert fired before anyone was harmed.",
        ),
        (K::ImpactStart, K::Mitigated, ""),
        (K::ImpactStart, K::FirstPublicNotice, "It can be right when the work was announced."),
        (K::Paged, K::Acknowledged, ""),
        (K::Detected, K::Declared, ""),
        (K::Detected, K::Engaged, ""),
        (K::Detected, K::Mitigated, "It can be right when the system healed itself."),
        (K::Acknowledged, K::Mitigated, "It can be right when the system healed itself."),
        (K::Engaged, K::Identified, ""),
        (K::Mitigated, K::ImpactEnd, ""),
        (K::Mitigated, K::Resolved, ""),
        (K::ImpactEnd, K::Resolved, "It can be right when little harm was left."),
        (K::Declared, K::Resolved, "It can be right when it was declared afterwards."),
        (K::Resolved, K::RetroClosed, ""),
        (K::RetroOpened, K::RetroClosed, ""),
    ]
};

/// What a later key time needs so that the durations can be told.
const NEEDS: &[(KeyTimeName, &[KeyTimeName])] = {
    use KeyTimeName as K;
    &[
        (K::Detected, &[K::ImpactStart]),
        (K::Acknowledged, &[K::Paged]),
        (K::Identified, &[K::Engaged]),
        (K::Mitigated, &[K::ImpactStart, K::Detected]),
        (K::Resolved, &[K::Mitigated, K::ImpactEnd, K::Declared]),
        (K::FirstPublicNotice, &[K::ImpactStart]),
    ]
};

/// What is wrong, doubtful or missing about the times, errors first. Uncertainty is given its due: what
/// may be right within it is not a fault.
#[must_use]
pub fn faults(times: &KeyTimes, windows: &[Window], now: Timestamp) -> Vec<Fault> {
    let mut found = Vec::new();
    in_the_future(times, windows, now, &mut found);
    orders(times, &mut found);
    of_windows(times, windows, &mut found);
    missing(times, windows, &mut found);
    found.sort();
    found.dedup();
    found
}

fn fault(grade: Grade, mend: &[KeyTimeName], what: String) -> Fault {
    Fault { grade, mend: mend.to_vec(), what }
}

fn in_the_future(times: &KeyTimes, windows: &[Window], now: Timestamp, found: &mut Vec<Fault>) {
    let ahead = |moment: &Moment| surely_after(*moment, Moment::exact(now));
    let by = |moment: &Moment| in_words(moment.at.duration_since(now), 0);
    for (name, moment) in times.iter().filter(|(_, moment)| ahead(moment)) {
        let what = format!("{} lies in the future, by {}.", name.label(), by(moment));
        found.push(fault(Grade::Error, &[*name], what));
    }
    for window in windows {
        let ends = [
            (KeyTimeName::ImpactStart, "start", Some(&window.start)),
            (KeyTimeName::ImpactEnd, "end", window.end.as_ref()),
        ];
        for (name, end, moment) in ends {
            let Some(moment) = moment.filter(|moment| ahead(moment)) else { continue };
            let what = format!(
                "The {end} of the impact on {} lies in the future, by {}.",
                named(&window.surface),
                by(moment)
            );
            found.push(fault(Grade::Error, &[name], what));
        }
    }
}

fn orders(times: &KeyTimes, found: &mut Vec<Fault>) {
    let out_of_order = |from: KeyTimeName, to: KeyTimeName| {
        let (from, to) = (*times.get(&from)?, *times.get(&to)?);
        surely_after(from, to).then(|| in_words(from.at.duration_since(to.at), 0))
    };
    if let Some(by) = out_of_order(KeyTimeName::ImpactStart, KeyTimeName::ImpactEnd) {
        let what =
            format!("Impact end lies before impact start, by {by}: one of the two is wrong.");
        found.push(fault(Grade::Error, &[KeyTimeName::ImpactStart, KeyTimeName::ImpactEnd], what));
    }
    for (from, to, unless) in ORDERS {
        let Some(by) = out_of_order(*from, *to) else { continue };
        let what = format!("{} lies before {}, by {by}. {unless}", to.label(), lower(*from));
        found.push(fault(Grade::Warning, &[*from, *to], what.trim_end().to_owned()));
    }
}

fn of_windows(times: &KeyTimes, windows: &[Window], found: &mut Vec<Fault>) {
    use KeyTimeName::{ImpactEnd, ImpactStart};
    for window in windows {
        match window.end {
            Some(end) if surely_after(window.start, end) => {
                let what =
                    format!("The impact on {} ends before it starts.", named(&window.surface));
                found.push(fault(Grade::Error, &[ImpactStart, ImpactEnd], what));
            }
            None => {
                let over = [KeyTimeName::Resolved, ImpactEnd]
                    .into_iter()
                    .find(|name| times.contains_key(name));
                let Some(over) = over else { continue };
                let what = format!(
                    "The impact on {} has no end, though {} is recorded.",
                    named(&window.surface),
                    lower(over)
                );
                found.push(fault(Grade::Warning, &[ImpactEnd], what));
            }
            Some(_) => {}
        }
    }
    overlaps(windows, found);
    disagreements(times, windows, found);
}

fn overlaps(windows: &[Window], found: &mut Vec<Fault>) {
    let mut sorted: Vec<(String, &Window)> =
        windows.iter().map(|w| (w.surface.trim().to_lowercase(), w)).collect();
    sorted.sort_by(|a, b| {
        (&a.0, a.1.start.at, a.1.end.map(|e| e.at)).cmp(&(
            &b.0,
            b.1.start.at,
            b.1.end.map(|e| e.at),
        ))
    });
    for pair in sorted.windows(2) {
        let ((surface, first), (next_surface, next)) = (&pair[0], &pair[1]);
        let overlap = first.end.is_none_or(|end| surely_after(end, next.start));
        if surface == next_surface && overlap {
            let what = format!(
                "Two impact windows on {} overlap; the time they share counts once.",
                named(&next.surface)
            );
            found.push(fault(
                Grade::Warning,
                &[KeyTimeName::ImpactStart, KeyTimeName::ImpactEnd],
                what,
            ));
        }
    }
}

/// Impact start and end are the ends of the windows, where there are any.
fn disagreements(times: &KeyTimes, windows: &[Window], found: &mut Vec<Fault>) {
    let first = windows.iter().map(|window| window.start).min_by_key(|start| start.at);
    let all_ended = windows.iter().all(|window| window.end.is_some());
    let last = windows
        .iter()
        .filter_map(|window| window.end)
        .max_by_key(|end| end.at)
        .filter(|_| all_ended);
    let ends = [
        (KeyTimeName::ImpactStart, "first impact window begins", first),
        (KeyTimeName::ImpactEnd, "last impact window ends", last),
    ];
    for (name, end, window) in ends {
        let (Some(time), Some(window)) = (times.get(&name), window) else { continue };
        let order = match (surely_after(*time, window), surely_after(window, *time)) {
            (true, _) => "before",
            (_, true) => "after",
            _ => continue,
        };
        let by = in_words(time.at.duration_since(window.at).abs(), 0);
        let what = format!("The {end} {by} {order} the recorded {}.", lower(name));
        found.push(fault(Grade::Warning, &[name], what));
    }
}

fn missing(times: &KeyTimes, windows: &[Window], found: &mut Vec<Fault>) {
    let known = |name: &KeyTimeName| match name {
        KeyTimeName::ImpactStart => times.contains_key(name) || !windows.is_empty(),
        // an open window is told on its own
        KeyTimeName::ImpactEnd => times.contains_key(name) || !windows.is_empty(),
        _ => times.contains_key(name),
    };
    for name in KeyTimeName::ALL.iter().filter(|name| !known(name)) {
        let needs = NEEDS
            .iter()
            .filter(|(later, needed)| times.contains_key(later) && needed.contains(name));
        let later: Vec<String> = needs.map(|(later, _)| lower(*later)).collect();
        if !later.is_empty() {
            let what = format!(
                "{} is missing, though {} is recorded: {}.",
                name.label(),
                later.join(" and "),
                name.meaning()
            );
            found.push(fault(Grade::Missing, &[*name], what));
        }
    }
}

#[cfg(test)]
#[path = "duration_tests.rs"]
mod tests;
