//! Lines over an axis, as points on paper. Colour says nothing here: the strokes differ in their
//! dashes, so that a copy in black and white reads the same.

use typst::foundations::{Array, Dict, Value, array, dict};

use crate::runs::breakable;

/// The plot on paper, in points; the template draws it as large.
const WIDTH: f64 = 376.0;
const HEIGHT: f64 = 132.0;
/// More points of a line than this are drawn as the least and the most of each step.
const STEPS: usize = 400;

/// One or more lines over a common axis.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Under the chart.
    pub title: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// Up to six are told apart by their strokes.
    pub series: Vec<Series>,
    /// Moments on the x axis.
    pub marks: Vec<Mark>,
}

/// What runs along a side.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// Its name and unit, such as `orders a minute`.
    pub label: String,
    /// Where it is marked and how; when empty, round numbers are.
    pub ticks: Vec<(f64, String)>,
}

/// A line.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// For the legend.
    pub name: String,
    /// From left to right; nothing leaves a gap.
    pub points: Vec<(f64, Option<f64>)>,
}

/// A moment on the x axis.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// A word or two.
    pub label: String,
}

impl Chart {
    /// Everything that people wrote in it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &String> {
        let ticks = self.x.ticks.iter().chain(&self.y.ticks).map(|(_, label)| label);
        [&self.title, &self.alt, &self.x.label, &self.y.label]
            .into_iter()
            .chain(ticks)
            .chain(self.series.iter().map(|series| &series.name))
            .chain(self.marks.iter().map(|mark| &mark.label))
    }

    /// How many points its lines have.
    pub(crate) fn size(&self) -> usize {
        self.series.iter().map(|series| series.points.len()).sum()
    }

    pub(crate) fn values(&self) -> Dict {
        let x = Scale::over(self.xs(), WIDTH, false);
        let y = Scale::over(self.ys(), HEIGHT, true);
        let lines: Array = self.series.iter().map(|series| line(series, x, y)).collect();
        let marks = self.marks.iter().filter(|mark| x.holds(mark.x));
        let marks: Array = marks.map(|mark| Value::Dict(tick(x.at(mark.x), &mark.label))).collect();
        let alt = if self.alt.is_empty() { &self.title } else { &self.alt };
        dict! {
            "k" => "chart", "title" => breakable(&self.title), "alt" => alt.as_str(),
            "x" => self.x.label.as_str(), "y" => self.y.label.as_str(),
            "width" => WIDTH, "height" => HEIGHT,
            "x-ticks" => ticks(&self.x, x, false), "y-ticks" => ticks(&self.y, y, true),
            "lines" => lines, "marks" => marks,
        }
    }

    fn xs(&self) -> impl Iterator<Item = f64> {
        let points = self.series.iter().flat_map(|series| &series.points).map(|&(x, _)| x);
        points.chain(self.x.ticks.iter().map(|&(x, _)| x))
    }

    fn ys(&self) -> impl Iterator<Item = f64> {
        let points = self.series.iter().flat_map(|series| &series.points).filter_map(|&(_, y)| y);
        points.chain(self.y.ticks.iter().map(|&(y, _)| y))
    }
}

/// From values to points on paper.
#[derive(Clone, Copy)]
struct Scale {
    from: f64,
    to: f64,
    length: f64,
}

impl Scale {
    /// A scale over the values; a round one begins at zero unless that would flatten the line, and
    /// ends at a round number.
    fn over(values: impl Iterator<Item = f64>, length: f64, round: bool) -> Self {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite() && value.abs() < 1e300) {
            (from, to) = (from.min(value), to.max(value));
        }
        if from > to {
            (from, to) = (0.0, 1.0);
        }
        if round {
            if from > 0.0 && from < to * 0.6 || from == to {
                from = from.min(0.0);
            }
            let step = step(to - from);
            (from, to) = ((from / step).floor() * step, (to / step).ceil() * step);
        }
        if to - from < f64::EPSILON * to.abs().max(1.0) {
            to = from + to.abs().max(1.0);
        }
        Scale { from, to, length }
    }

    fn holds(self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }

    fn at(self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from) * self.length * 100.0).round() / 100.0
    }

    fn round_numbers(self) -> Vec<f64> {
        let step = step(self.to - self.from);
        let first = (self.from / step).ceil();
        (0..=12)
            .map(|n| (first + f64::from(n)) * step)
            .take_while(|v| *v <= self.to + step * 1e-6)
            .collect()
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides the span into about five.
fn step(span: f64) -> f64 {
    if span <= 0.0 || !span.is_finite() {
        return 1.0;
    }
    let rough = span / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| rough <= factor * power);
    factor.unwrap_or(10.0) * power
}

fn ticks(axis: &Axis, scale: Scale, upwards: bool) -> Array {
    let at = |value: f64| if upwards { scale.length - scale.at(value) } else { scale.at(value) };
    if axis.ticks.is_empty() {
        return scale
            .round_numbers()
            .into_iter()
            .map(|v| Value::Dict(tick(at(v), &number(v))))
            .collect();
    }
    let shown = axis.ticks.iter().filter(|(value, _)| scale.holds(*value)).take(24);
    shown.map(|(value, label)| Value::Dict(tick(at(*value), label))).collect()
}

fn tick(at: f64, label: &str) -> Dict {
    dict! { "at" => at, "label" => label }
}

/// A number as people write it: thousands apart by a narrow space, no tail of nines.
fn number(value: f64) -> String {
    let rounded = format!("{value:.6}");
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    let (whole, rest) = short.split_once('.').map_or((short, ""), |(whole, rest)| (whole, rest));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    if digits.len() > 15 {
        return format!("{value:e}");
    }
    let mut out = String::from(sign);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// The line's strokes; a gap begins another.
fn line(series: &Series, x: Scale, y: Scale) -> Value {
    let mut strokes = Array::new();
    let mut stroke = Array::new();
    for (px, py) in thinned(&series.points) {
        match py.filter(|py| y.holds(*py) && x.holds(px)) {
            Some(py) => stroke.push(Value::Array(array![x.at(px), y.length - y.at(py)])),
            None if !stroke.is_empty() => strokes.push(Value::Array(std::mem::take(&mut stroke))),
            None => {}
        }
    }
    if !stroke.is_empty() {
        strokes.push(Value::Array(stroke));
    }
    Value::Dict(dict! { "name" => series.name.as_str(), "strokes" => strokes })
}

/// The points, or of very many the least and the most of each step, in their order.
fn thinned(points: &[(f64, Option<f64>)]) -> Vec<(f64, Option<f64>)> {
    if points.len() <= 2 * STEPS {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    for step in points.chunks(points.len().div_ceil(STEPS)) {
        let by = |a: &&(f64, Option<f64>), b: &&(f64, Option<f64>)| {
            a.1.partial_cmp(&b.1).unwrap_or(std::cmp::Ordering::Equal)
        };
        let (Some(least), Some(most)) = (step.iter().min_by(by), step.iter().max_by(by)) else {
            continue;
        };
        kept.extend(if least.0 <= most.0 { [*least, *most] } else { [*most, *least] });
    }
    kept
}
