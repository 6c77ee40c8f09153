//! Metric series as a drawn chart: few lines, gaps left open, the zone and the unit said.

use super::import::item::Series;
use super::piece::Evidence;
use super::store;
use kit::db::{Conn, Result, Time};

/// Lines drawn at most; the others are counted.
const LINES: usize = 6;
/// Points of a line at most; more are thinned so that peaks stay.
const POINTS: usize = 480;
/// Rows of the table beside it.
const ROWS: usize = 40;

const LEFT: f64 = 64.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 190.0;

/// A chart, ready for its template.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows, in a line.
    pub title: String,
    /// The same in a sentence with numbers, for who does not see it.
    pub description: String,
    /// What is counted; empty when its name does not tell.
    pub unit: &'static str,
    /// The lines.
    pub lines: Vec<Line>,
    /// Marks on the left: height and number.
    pub heights: Vec<(f64, String)>,
    /// Marks below: place and time.
    pub times: Vec<(f64, String)>,
    /// Series that are not drawn.
    pub left_out: usize,
    /// The numbers of the first line: time and value.
    pub rows: Vec<(String, String)>,
    /// Points of the first line that the rows leave out.
    pub rows_left_out: usize,
}

/// A line of a chart.
#[derive(Debug, Clone)]
pub struct Line {
    /// `one-line` or `two-line`.
    pub class: &'static str,
    /// Its name where it ends, short.
    pub label: String,
    /// The height of the name.
    pub label_at: f64,
    /// Runs without a gap, each as SVG points.
    pub runs: Vec<String>,
}

/// Draws series; none when there is nothing to draw.
#[must_use]
pub fn draw(name: &str, series: &[Series]) -> Option<Chart> {
    let points = series.iter().flat_map(|one| &one.points);
    let values: Vec<f64> = points.clone().map(|(_, value)| *value).collect();
    let first = points.clone().map(|(at, _)| at.as_microsecond()).min()?;
    let last = points.map(|(at, _)| at.as_microsecond()).max()?;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = (least.min(0.0), if most > least.min(0.0) { most } else { least + 1.0 });
    let frame = Frame { first, last: last.max(first + 1), low, high };
    let unit = unit(name);
    let spans = series.iter().take(LINES).enumerate();
    let names = names(series);
    let mut lines: Vec<Line> = spans.map(|(n, one)| frame.line(n, one, &names[n])).collect();
    spread(&mut lines);
    let main = series.first()?;
    let step = main.points.len().div_ceil(ROWS).max(1);
    let rows: Vec<(String, String)> = main
        .points
        .iter()
        .step_by(step)
        .map(|(at, value)| (clock(at.as_microsecond(), true), short(*value)))
        .collect();
    Some(Chart {
        title: format!(
            "{name}, {} to {} UTC",
            clock(first, true),
            clock(last, clock(first, true)[..10] != clock(last, true)[..10])
        ),
        description: describe(series, &names, unit),
        unit,
        lines,
        heights: [0.0, 0.5, 1.0]
            .map(|part| {
                let value = low + (high - low) * part;
                (frame.y(value), short(value))
            })
            .to_vec(),
        times: [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]
            .map(|part| {
                #[expect(clippy::cast_possible_truncation, reason = "a part of a span of time")]
                let at = first + ((last - first) as f64 * part) as i64;
                (LEFT + (RIGHT - LEFT) * part - 16.0, clock(at, false))
            })
            .to_vec(),
        left_out: series.len().saturating_sub(LINES),
        rows_left_out: main.points.len() - rows.len(),
        rows,
    })
}

struct Frame {
    first: i64,
    last: i64,
    low: f64,
    high: f64,
}

impl Frame {
    fn x(&self, at: i64) -> f64 {
        LEFT + (RIGHT - LEFT) * (at - self.first) as f64 / (self.last - self.first) as f64
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low)
    }

    fn line(&self, n: usize, series: &Series, name: &str) -> Line {
        let point = |(at, value): &(i64, f64)| format!("{:.1},{:.1} ", self.x(*at), self.y(*value));
        let runs = runs(series);
        let mut runs: Vec<String> =
            runs.iter().map(|run| run.iter().map(point).collect()).collect();
        // One point alone is a short stroke, so that it is seen.
        for run in runs.iter_mut().filter(|run| run.trim().matches(' ').count() == 0) {
            if let Some((x, y)) = run.trim().split_once(',')
                && let Ok(x) = x.parse::<f64>()
            {
                *run = format!("{:.1},{y} {:.1},{y}", x - 2.0, x + 2.0);
            }
        }
        let ends = series.points.last().map_or(BOTTOM, |(_, value)| self.y(*value));
        let short: String = name.chars().take(18).collect();
        let more = if name.chars().count() > 18 { "…" } else { "" };
        Line {
            class: if n == 0 { "one-line" } else { "two-line" },
            label: short + more,
            label_at: ends + 4.0,
            runs,
        }
    }
}

/// What is drawn of these series: the first few, and of a long line the least and greatest of each
/// stretch, so that peaks stay.
#[must_use]
pub fn thinned(series: &[Series]) -> Vec<Series> {
    let thinned = series.iter().take(LINES).map(|one| {
        let points = thin(&in_microseconds(one)).into_iter();
        let points = points
            .filter_map(|(at, value)| Some((jiff::Timestamp::from_microsecond(at).ok()?, value)));
        Series { name: one.name.clone(), points: points.collect() }
    });
    thinned.collect()
}

/// A line as it is drawn, instants in microseconds: a stretch for each run without a gap.
#[must_use]
pub fn runs(series: &Series) -> Vec<Vec<(i64, f64)>> {
    let points = in_microseconds(series);
    let gap = usual_step(&points).saturating_mul(3);
    let mut runs: Vec<Vec<(i64, f64)>> = Vec::new();
    let mut before: Option<i64> = None;
    for (at, value) in thin(&points) {
        if before.is_none_or(|before| at - before > gap) {
            runs.push(Vec::new());
        }
        before = Some(at);
        if let Some(run) = runs.last_mut() {
            run.push((at, value));
        }
    }
    runs
}

fn in_microseconds(series: &Series) -> Vec<(i64, f64)> {
    series.points.iter().map(|(at, value)| (at.as_microsecond(), *value)).collect()
}

/// The name and series of a piece that measures something.
///
/// # Errors
/// What the database says.
pub async fn of(conn: &mut Conn, piece: &Evidence) -> Result<(String, Vec<Series>)> {
    let first = piece.body.lines().next().unwrap_or_default();
    let name = piece.place.as_deref().unwrap_or(first);
    Ok((name.chars().take(120).collect(), store::series(conn, piece).await?))
}

/// The median distance of neighbours.
fn usual_step(points: &[(i64, f64)]) -> i64 {
    let mut steps: Vec<i64> = points.windows(2).map(|two| two[1].0 - two[0].0).collect();
    steps.sort_unstable();
    // Thinned lines have wider steps.
    let widened = i64::try_from(points.len().div_ceil(POINTS)).unwrap_or(1).max(1) * 2;
    steps.get(steps.len() / 2).copied().unwrap_or(i64::MAX / 8).saturating_mul(widened).max(1)
}

/// The least and the greatest of each stretch, in their order.
fn thin(points: &[(i64, f64)]) -> Vec<(i64, f64)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(POINTS / 2);
    let mut kept = Vec::with_capacity(POINTS);
    for some in points.chunks(stretch) {
        let least = some.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = some.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<(i64, f64)> = least.into_iter().chain(most).copied().collect();
        both.sort_by_key(|point| point.0);
        both.dedup();
        kept.extend(both);
    }
    kept
}

/// Moves names apart that would lie over each other.
fn spread(lines: &mut [Line]) {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| lines[*a].label_at.total_cmp(&lines[*b].label_at));
    let mut free = TOP;
    for n in order {
        lines[n].label_at = lines[n].label_at.max(free);
        free = lines[n].label_at + 14.0;
    }
}

/// A unit, where the name ends in one as the metrics' own rules say.
fn unit(name: &str) -> &'static str {
    let name = name.split(['{', '(', ' ', ':']).next().unwrap_or(name);
    let ends = |ending: &str| name.ends_with(ending);
    match () {
        () if ends("_seconds") || ends("_seconds_sum") => "seconds",
        () if ends("_milliseconds") || ends("_ms") => "milliseconds",
        () if ends("_bytes") => "bytes",
        () if ends("_ratio") => "ratio, 1 is all",
        () if ends("_percent") => "percent",
        () if ends("_celsius") => "°C",
        () if ends("_total") || ends("_count") => "count",
        () => "",
    }
}

/// What tells the series apart: their labels without those that all of them share.
#[must_use]
pub fn names(series: &[Series]) -> Vec<String> {
    let labels: Vec<Vec<&str>> = series.iter().map(|one| one.name.split(", ").collect()).collect();
    let shared = |label: &&str| series.len() > 1 && labels.iter().all(|all| all.contains(label));
    let name = |(own, whole): (&Vec<&str>, &Series)| {
        let own: Vec<&str> = own.iter().copied().filter(|label| !shared(label)).collect();
        if own.is_empty() { whole.name.clone() } else { own.join(", ") }
    };
    let names: Vec<String> = labels.iter().zip(series).map(name).collect();
    values_alone(&names).unwrap_or(names)
}

/// `b` of `a="b"`, where every name is one label and all are of the same.
fn values_alone(names: &[String]) -> Option<Vec<String>> {
    let (label, _) = names.first()?.split_once("=\"")?;
    let values = names.iter().map(|name| {
        let value = name.strip_prefix(label)?.strip_prefix("=\"")?.strip_suffix('"')?;
        (!value.contains('"')).then(|| value.to_owned())
    });
    (names.len() > 1).then(|| values.collect())?
}

fn describe(series: &[Series], names: &[String], unit: &str) -> String {
    let said = series.iter().zip(names).take(LINES).map(|(one, name)| {
        let least = one.points.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = one.points.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let at = |point: Option<&(jiff::Timestamp, f64)>| {
            point.map_or(String::new(), |(at, value)| {
                format!("{} at {}", short(*value), clock(at.as_microsecond(), false))
            })
        };
        let last = one.points.last().map(|(_, value)| short(value)).unwrap_or_default();
        format!("{name}: lowest {}, highest {}, last {last}", at(least), at(most))
    });
    let said: Vec<String> = said.collect();
    let unit = if unit.is_empty() { String::new() } else { format!(" In {unit}.") };
    format!("{}.{unit} Times in UTC.", said.join("; "))
}

fn clock(us: i64, with_day: bool) -> String {
    use crate::shell::words;
    let Some(time) = Time::from_microseconds(us) else { return String::new() };
    if with_day { words::minute(time) } else { words::clock(time) }
}

/// A number as people write it: three or four figures, `k`, `M` and `G` for the large.
fn short(value: impl std::borrow::Borrow<f64>) -> String {
    let value = *value.borrow();
    let (scaled, suffix) = match value.abs() {
        size if size >= 1e12 => return format!("{value:.2e}"),
        size if size >= 1e9 => (value / 1e9, " G"),
        size if size >= 1e6 => (value / 1e6, " M"),
        size if size >= 1e4 => (value / 1e3, " k"),
        size if size > 0.0 && size < 0.001 => return format!("{value:.2e}"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{scaled:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::{draw, short, unit};
    use crate::evidence::Series;
    use jiff::Timestamp;

    fn series(name: &str, values: &[(i64, f64)]) -> Series {
        let points =
            values.iter().map(|(s, v)| (Timestamp::from_second(1_700_000_000 + s).unwrap(), *v));
        Series { name: name.to_owned(), points: points.collect() }
    }

    #[test]
    fn a_missing_stretch_stays_open_and_one_point_is_seen() {
        let gap = series("a", &[(0, 1.0), (60, 2.0), (120, 1.0), (3600, 4.0), (3660, 4.0)]);
        let chart = draw("up", &[gap]).unwrap();
        assert_eq!(chart.lines[0].runs.len(), 2);
        let one = draw("up", &[series("a", &[(0, 3.0)])]).unwrap();
        assert_eq!(one.lines[0].runs.len(), 1);
        assert!(!one.lines[0].runs[0].contains("NaN"), "{:?}", one.lines[0].runs);
        assert!(draw("up", &[series("a", &[])]).is_none());
    }

    #[test]
    fn a_thousand_points_keep_their_peak() {
        let mut values: Vec<(i64, f64)> = (0..5000).map(|n| (n * 15, 1.0)).collect();
        values[2500].1 = 99.0;
        let chart = draw("x_seconds", &[series("a", &values)]).unwrap();
        assert!(chart.lines[0].runs.iter().any(|run| run.contains(",24.0 ")), "the top is reached");
        assert_eq!(chart.unit, "seconds");
        assert!(chart.description.contains("highest 99"), "{}", chart.description);
        assert!(chart.lines[0].runs.len() == 1, "thinning opens no gap");
    }

    #[test]
    fn lines_that_one_label_tells_apart_are_called_by_its_value() {
        let lines = [("job=\"a\", zone=\"x\"", 1.0), ("job=\"a\", zone=\"y\"", 2.0)];
        let chart = draw("up", &lines.map(|(name, value)| series(name, &[(0, value)]))).unwrap();
        let labels: Vec<&str> = chart.lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(labels, ["x", "y"]);
    }

    #[test]
    fn numbers_and_units_read_as_people_say_them() {
        assert_eq!(short(0.0), "0");
        assert_eq!(short(1234.0), "1234");
        assert_eq!(short(12_500.0), "12.5 k");
        assert_eq!(short(0.25), "0.25");
        assert_eq!(unit("process_resident_memory_bytes{job=\"a\"}"), "bytes");
        assert_eq!(unit("up"), "");
    }
}
