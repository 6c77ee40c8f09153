//! The band above the table: impact windows by surface, key times as flags with their doubt, and where
//! the entries lie. Positions only; the words for all of it are in the table.

use super::entry::Entry;
use super::shown::{Clock, Zone};
use crate::incidents::facts::Facts;
use crate::incidents::key_time::{KeyTimeName, Precision};
use kit::db::Time;

const LEFT: f64 = 130.0;
const WIDTH: f64 = 850.0;
const ROW: u32 = 30;

/// A bar of a surface.
pub struct Bar {
    /// Where it begins.
    pub x: String,
    /// How wide it is.
    pub width: String,
    /// Whether it was the worst kind of effect or severity.
    pub hot: bool,
    /// Whether it has no end yet.
    pub open: bool,
    /// Its place from the top.
    pub y: u32,
    /// `86 % of users`, when it fits.
    pub label: Option<String>,
}

/// A surface's row.
pub struct Surface {
    /// What was hit.
    pub name: String,
    /// The text's baseline.
    pub y: u32,
}

/// A flag of a key time.
pub struct Flag {
    /// Where.
    pub x: String,
    /// Where its words begin.
    pub text_x: String,
    /// The words' baseline.
    pub y: u32,
    /// The whisker of its doubt, as a path.
    pub whisker: Option<String>,
    /// Its name and doubt.
    pub label: String,
}

/// A tick of the time axis.
pub struct Tick {
    /// Where.
    pub x: String,
    /// What it says.
    pub label: String,
}

/// The band.
pub struct Band {
    /// The drawing's height.
    pub height: u32,
    /// Where the row of entries is.
    pub entries_y: u32,
    /// Where the row of key times begins.
    pub flags_y: u32,
    /// Rows of surfaces.
    pub surfaces: Vec<Surface>,
    /// Bars.
    pub bars: Vec<Bar>,
    /// Where entries are.
    pub dots: Vec<String>,
    /// Flags.
    pub flags: Vec<Flag>,
    /// The axis.
    pub ticks: Vec<Tick>,
    /// The zone of the axis.
    pub zone: String,
    /// All of it in a sentence.
    pub says: String,
}

struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "a place on a drawing")]
    fn x(&self, at: Time) -> f64 {
        let share = (at.microseconds() - self.from) as f64 / (self.to - self.from) as f64;
        LEFT + share.clamp(0.0, 1.0) * WIDTH
    }

    fn holds(&self, at: Time) -> bool {
        (self.from..=self.to).contains(&at.microseconds())
    }
}

fn px(x: f64) -> String {
    format!("{x:.1}")
}

/// Key times that say when the incident ran; the others may be months away.
const DURING: [KeyTimeName; 11] = [
    KeyTimeName::Triggered,
    KeyTimeName::ImpactStart,
    KeyTimeName::Detected,
    KeyTimeName::Paged,
    KeyTimeName::Acknowledged,
    KeyTimeName::Declared,
    KeyTimeName::Engaged,
    KeyTimeName::Identified,
    KeyTimeName::Mitigated,
    KeyTimeName::ImpactEnd,
    KeyTimeName::Resolved,
];

/// Draws the band; none where no impact window is written down.
#[must_use]
pub fn of(facts: &Facts, entries: &[Entry], clock: &Clock) -> Option<Band> {
    if facts.windows.is_empty() {
        return None;
    }
    let times: Vec<_> = facts
        .times
        .iter()
        .filter(|time| DURING.contains(&time.name))
        .map(|time| (time.name, time.now_believed()))
        .collect();
    let scale = scale(facts, times.iter().map(|(_, moment)| Time::new(moment.at)), entries)?;
    let mut names: Vec<&str> = Vec::new();
    for window in &facts.windows {
        if !names.contains(&window.said.surface.as_str()) {
            names.push(&window.said.surface);
        }
    }
    let row_of = |surface: &str| names.iter().position(|name| *name == surface).unwrap_or(0);
    let top = |row: usize| 34 + u32::try_from(row).unwrap_or(0) * ROW;
    let bars = facts
        .windows
        .iter()
        .map(|window| bar(&scale, window, top(row_of(&window.said.surface))))
        .collect();
    let surfaces = names.iter().enumerate();
    let surfaces: Vec<Surface> = surfaces
        .map(|(row, name)| Surface { name: super::entry::shortened(name, 18), y: top(row) + 13 })
        .collect();
    let entries_y = top(names.len()) + 8;
    let flags_y = entries_y + 26;
    let (flags, rows) = flags(&scale, &times, flags_y);
    let dots = entries.iter().filter(|entry| scale.holds(entry.at));
    let mut dots: Vec<String> = dots.map(|entry| px(scale.x(entry.at))).collect();
    dots.dedup();
    let first = facts.windows.iter().map(|window| window.said.started_at).min()?;
    Some(Band {
        height: flags_y + rows * 18 + 14,
        entries_y,
        flags_y,
        surfaces,
        bars,
        dots,
        flags,
        ticks: ticks(&scale, clock),
        zone: clock.zone_name(first),
        says: says(facts, clock),
    })
}

fn scale(facts: &Facts, times: impl Iterator<Item = Time>, entries: &[Entry]) -> Option<Scale> {
    let starts = facts.windows.iter().map(|window| window.said.started_at);
    let ends = facts.windows.iter().filter_map(|window| window.said.ended_at);
    let mut all: Vec<i64> =
        starts.chain(ends).chain(times).map(|time| time.microseconds()).collect();
    if facts.windows.iter().any(|window| window.said.ended_at.is_none()) {
        // An open window is drawn to the last thing known.
        all.extend(entries.iter().map(|entry| entry.at.microseconds()).max());
    }
    let (from, to) = (*all.iter().min()?, *all.iter().max()?);
    let pad = ((to - from) / 12).max(60_000_000);
    Some(Scale { from: from - pad, to: to + pad })
}

fn bar(scale: &Scale, window: &crate::incidents::impact::Window, y: u32) -> Bar {
    let said = &window.said;
    let from = scale.x(said.started_at);
    let to = said.ended_at.map_or(LEFT + WIDTH, |end| scale.x(end));
    let width = (to - from).max(3.0);
    let effect = said.effect.label();
    let label = match said.percent {
        Some(percent) => format!("{effect}, {percent} %"),
        None => effect.to_owned(),
    };
    #[expect(clippy::cast_precision_loss, reason = "the width of a few letters")]
    let fits = (label.chars().count() as f64) * 6.5 < width - 12.0;
    Bar {
        x: px(from),
        width: px(width),
        hot: said.severity.is_some_and(|severity| severity <= 1)
            || said.percent.is_some_and(|percent| percent >= 50.0),
        open: said.ended_at.is_none(),
        y,
        label: Some(label).filter(|_| fits),
    }
}

/// The flags, each on the first of a few rows where its words have room; and how many rows that took.
fn flags(
    scale: &Scale,
    times: &[(KeyTimeName, crate::incidents::key_time::Moment)],
    top: u32,
) -> (Vec<Flag>, u32) {
    let mut sorted = times.to_vec();
    sorted.sort_by_key(|(name, moment)| (moment.at, *name));
    let mut ends: Vec<f64> = Vec::new();
    let mut flags = Vec::new();
    for (name, moment) in sorted {
        let at = Time::new(moment.at);
        if !scale.holds(at) {
            continue;
        }
        let x = scale.x(at);
        let doubt = moment.doubt_in_words().map(|doubt| format!(" {doubt}")).unwrap_or_default();
        let label = format!("{}{doubt}", name.label());
        #[expect(clippy::cast_precision_loss, reason = "the width of a few letters")]
        let width = label.chars().count() as f64 * 6.6 + 12.0;
        // Near the right edge the words stand left of their flag.
        let text_x = if x + width > LEFT + WIDTH + 20.0 { x - width + 4.0 } else { x + 6.0 };
        let row = ends.iter().position(|end| *end < text_x).unwrap_or(ends.len());
        match ends.get_mut(row) {
            Some(end) => *end = text_x + width,
            None => ends.push(text_x + width),
        }
        let y = top + u32::try_from(row).unwrap_or(0) * 18;
        let half = i64::from(moment.uncertainty_s) * 1_000_000;
        let whisker = (half > 0).then(|| {
            let edge = |us| Time::from_microseconds(us).map_or(x, |at| scale.x(at));
            let (low, high) = (edge(at.microseconds() - half), edge(at.microseconds() + half));
            let (up, down) = (y - 4, y + 4);
            format!(
                "M{} {y}H{} M{} {up}V{down} M{} {up}V{down}",
                px(low),
                px(high),
                px(low),
                px(high)
            )
        });
        flags.push(Flag { x: px(x), text_x: px(text_x), y: y + 4, whisker, label });
    }
    (flags, u32::try_from(ends.len()).unwrap_or(0))
}

/// Steps between ticks, in seconds.
const STEPS: [i64; 17] = [
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000, 7_776_000, 31_536_000,
];

fn ticks(scale: &Scale, clock: &Clock) -> Vec<Tick> {
    let span = (scale.to - scale.from) / 1_000_000;
    let step = STEPS.into_iter().find(|step| span / step <= 8).unwrap_or(31_536_000);
    let precision = if step >= 86_400 && clock.zone != Zone::Offset {
        Precision::Day
    } else {
        Precision::Minute
    };
    let begin = clock.origin();
    let step_us = step * 1_000_000;
    let first = (scale.from - begin).div_euclid(step_us) + 1;
    let last = (scale.to - begin).div_euclid(step_us);
    (first..=last)
        .filter_map(|n| Time::from_microseconds(begin + n * step_us))
        .map(|at| Tick { x: px(scale.x(at)), label: clock.show(at, precision, 0).text })
        .collect()
}

fn says(facts: &Facts, clock: &Clock) -> String {
    let one = |window: &crate::incidents::impact::Window| {
        let said = &window.said;
        let show = |at| {
            let shown = clock.show(at, Precision::Minute, 0);
            let day = clock.day(at).map(|day| format!(" on {day}")).unwrap_or_default();
            format!("{} {}{day}", shown.text, shown.zone)
        };
        let until = said
            .ended_at
            .map_or_else(|| "and not ended".to_owned(), |end| format!("to {}", show(end)));
        format!("{}: {}, from {} {until}", said.surface, said.effect.label(), show(said.started_at))
    };
    let windows: Vec<String> = facts.windows.iter().map(one).collect();
    format!("Impact. {}. The table below says the rest in words.", windows.join(". "))
}
