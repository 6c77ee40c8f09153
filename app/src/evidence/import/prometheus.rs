//! Prometheus: what `api/v1/query_range` (or `query`) answers, as one item for each metric with its
//! series, to be drawn as a chart. Values are strings there; NaN and infinities are not points.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    emit::{Emit, Refused, Stop, digest},
    item::{Item, Kind, Series},
    json, text, when,
};

/// The most series of one chart, and the most points of one series (Prometheus answers at most 11,000).
const MOST_SERIES: usize = 100;
const MOST_POINTS: usize = 11_000;

/// Reads answers of the API.
pub(super) fn read<R: Read + Seek>(input: R, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let reader = text::open(input, &emit.meter.clone())?;
    json::bodies(reader, emit, |emit, value, place| {
        if json::text(&value, "/status") == Some("error") {
            return emit.aside(place, "It is an error that Prometheus answered, not a result.");
        }
        match json::text(&value, "/data/resultType") {
            Some("matrix" | "vector") => answer(&value, place, emit),
            Some(other) => emit.aside(
                place,
                format!("Results of the type “{other}” are not series over time; ask query_range."),
            ),
            None => Err(Refused::new(
                "There is no result of Prometheus in the file.",
                "Give the JSON that api/v1/query_range answers.",
            )
            .into()),
        }
    })
}

fn answer(value: &Value, place: &str, emit: &mut Emit<'_>) -> Result<(), Stop> {
    let mut metrics = BTreeMap::<String, Vec<Series>>::new();
    for (index, result) in json::list(value, "/data/result").iter().enumerate() {
        let place = format!("{place}, $.data.result[{index}]");
        let Some(labels) = result.get("metric").and_then(Value::as_object) else {
            emit.aside(place, "The result has no metric; it was left out.")?;
            continue;
        };
        let metric = labels.get("__name__").and_then(Value::as_str).unwrap_or("Query").to_owned();
        let names: Vec<String> = labels
            .iter()
            .filter(|(key, _)| *key != "__name__")
            .map(|(key, value)| format!("{key}=\"{}\"", value.as_str().unwrap_or_default()))
            .collect();
        let points = points(result, &place, emit)?;
        let of_metric = metrics.entry(metric).or_default();
        if of_metric.len() >= MOST_SERIES {
            emit.aside(place, format!("More than {MOST_SERIES} series of one metric; this one was left out. Ask for fewer."))?;
        } else if points.is_empty() {
            emit.aside(place, "The series has no points; it was left out.")?;
        } else {
            of_metric.push(Series { name: names.join(", "), points });
        }
    }
    for (metric, series) in metrics {
        if let Some(item) = chart(&metric, series) {
            emit.item(item, place)?;
        }
    }
    Ok(())
}

fn points(result: &Value, place: &str, emit: &mut Emit<'_>) -> Result<Vec<(Timestamp, f64)>, Stop> {
    let one = result.get("value").map(std::slice::from_ref).unwrap_or_default();
    let (mut points, mut not_finite, mut broken) = (Vec::new(), 0_u64, 0_u64);
    for pair in json::list(result, "/values").iter().chain(one) {
        // the time is a JSON number; its shortest decimal text is what Prometheus wrote
        let at = json::name(pair, "/0").and_then(|text| when::epoch(&text).ok());
        let value = json::name(pair, "/1").and_then(|text| text.parse::<f64>().ok());
        match (at, value) {
            (Some(at), Some(value)) if value.is_finite() => points.push((at.at, value)),
            (Some(_), Some(_)) => not_finite += 1,
            _ => broken += 1,
        }
    }
    if not_finite > 0 {
        emit.aside(
            place,
            format!("{not_finite} points are NaN or infinite; they are gaps in the chart."),
        )?;
    }
    if broken > 0 {
        emit.aside(
            place,
            format!(
                "{broken} points have no time or value we can read; they are gaps in the chart."
            ),
        )?;
    }
    if points.len() > MOST_POINTS {
        emit.aside(
            place,
            format!(
                "{} points; the first {MOST_POINTS} are kept. Ask for a larger step.",
                points.len()
            ),
        )?;
        points.truncate(MOST_POINTS);
    }
    points.sort_by_key(|point| point.0);
    Ok(points)
}

fn chart(metric: &str, series: Vec<Series>) -> Option<Item> {
    let all = || series.iter().flat_map(|series| &series.points);
    let (first, last) = (all().map(|p| p.0).min()?, all().map(|p| p.0).max()?);
    let lowest = all().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let highest = all().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let names: Vec<&str> = series.iter().map(|series| series.name.as_str()).collect();
    let id = digest(&[&[metric, &first.to_string(), &last.to_string()], &names[..]].concat());
    let mut item = Item::new(Kind::Metric, "prometheus", id, when::given(first));
    item.text = format!(
        "{metric}: {} series from {first} to {last}, between {lowest} and {highest}",
        series.len()
    );
    item.author = Some("Prometheus".into());
    item.author_is_bot = true;
    item.place = Some(metric.to_owned());
    item.label("until", last.to_string());
    item.series = series;
    Some(item)
}
