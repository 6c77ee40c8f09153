//! Whether a metric left its usual band, said only where the series itself allows it: a steady stretch
//! first, then several points in a row outside.

use crate::evidence::import::item::Series;
use jiff::{SignedDuration, Timestamp};

/// The fewest points of the steady stretch.
const FEWEST: usize = 10;
/// How many points in a row are outside, or back inside, before it is said.
const IN_A_ROW: usize = 3;

/// A metric that left its usual band.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Left {
    pub(super) name: String,
    pub(super) at: Timestamp,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The value farthest from the band.
    pub(super) extreme: f64,
    /// The first of the points back in the band.
    pub(super) back: Option<Timestamp>,
    /// Time between points.
    pub(super) step: SignedDuration,
}

/// Looks at one series. Nothing when it is short, unsteady from the start, or never leaves.
pub(super) fn left_band(series: &Series) -> Option<Left> {
    let mut points: Vec<(Timestamp, f64)> =
        series.points.iter().copied().filter(|(_, value)| value.is_finite()).collect();
    points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let steady = (points.len() / 8).max(FEWEST);
    if points.len() < steady + 2 * IN_A_ROW {
        return None;
    }
    let usual: Vec<f64> = points[..steady].iter().map(|(_, value)| *value).collect();
    let middle = median(usual.clone());
    let spread = median(usual.iter().map(|value| (value - middle).abs()).collect());
    let reach = (6.0 * spread).max(middle.abs() * 0.1);
    // a series that does not move at all has no band that a first small step would honestly leave
    if reach <= f64::EPSILON {
        return None;
    }
    let (low, high) = (middle - reach, middle + reach);
    let outside = |value: f64| value < low || high < value;
    if usual.iter().filter(|value| outside(**value)).count() * 10 > steady {
        return None;
    }
    let start = (steady..=points.len() - IN_A_ROW)
        .find(|at| points[*at..at + IN_A_ROW].iter().all(|(_, value)| outside(*value)))?;
    let back = (start..=points.len() - IN_A_ROW)
        .find(|at| points[*at..at + IN_A_ROW].iter().all(|(_, value)| !outside(*value)));
    let until = back.unwrap_or(points.len());
    let far = |value: f64| (value - middle).abs();
    let extreme = points[start..until]
        .iter()
        .map(|(_, value)| *value)
        .max_by(|a, b| far(*a).total_cmp(&far(*b)))?;
    let step = points[start].0.duration_since(points[start - 1].0);
    Some(Left {
        name: series.name.clone(),
        at: points[start].0,
        low,
        high,
        extreme,
        back: back.map(|at| points[at].0),
        step,
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// A value with three figures that count.
pub(super) fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs().log10().floor() as i32;
    if !(-4..=9).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = usize::try_from(2 - size).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        let start: Timestamp = "2026-03-05T23:00:00Z".parse().expect("a time");
        let at = |n: usize| {
            start.checked_add(SignedDuration::from_secs(60 * n as i64)).expect("in range")
        };
        Series {
            name: "errors".into(),
            points: values.iter().enumerate().map(|(n, v)| (at(n), *v)).collect(),
        }
    }

    #[test]
    fn a_steady_metric_that_jumps_is_told_and_so_is_its_return() {
        let mut values: Vec<f64> = (0..20).map(|n| 0.1 + f64::from(n % 3) * 0.01).collect();
        values.extend([9.0, 30.0, 38.0, 20.0, 0.11, 0.1, 0.12]);
        let left = left_band(&series(&values)).expect("it left");
        assert_eq!(left.at.to_string(), "2026-03-05T23:20:00Z");
        assert_eq!(left.back.map(|at| at.to_string()).as_deref(), Some("2026-03-05T23:24:00Z"));
        assert_eq!(figure(left.extreme), "38");
    }

    #[test]
    fn an_unsteady_short_or_flat_metric_tells_nothing() {
        let unsteady: Vec<f64> = (0..40).map(|n| f64::from((n * 37) % 23)).collect();
        assert_eq!(left_band(&series(&unsteady)), None);
        assert_eq!(left_band(&series(&[1.0, 1.0, 9.0, 9.0, 9.0])), None);
        assert_eq!(left_band(&series(&[0.0; 40])), None);
        let mut spike = [1.0, 1.1, 0.9].repeat(10);
        spike[20] = 50.0;
        assert_eq!(left_band(&series(&spike)), None);
    }

    #[test]
    fn figures_are_short() {
        let figures: Vec<String> =
            [38.0, 0.12345, 1234.5, 0.0, -2.5, 1e12].into_iter().map(figure).collect();
        assert_eq!(figures, ["38", "0.123", "1234", "0", "-2.5", "1.00e12"]);
    }
}
