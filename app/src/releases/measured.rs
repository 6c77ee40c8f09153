//! Metrics that a story cites: gathered as figures, drawn for the page, for paper and as a table.

use super::document::{Chart, Line};
use crate::evidence::chart::{self, Chart as Drawing};
use crate::evidence::{Evidence, EvidenceId, Kind, Series};
use crate::shell::words;
use kit::db::{Conn, Result, Time};
use std::fmt::Write;
use typeset::{Axis, Chart as Printed};

/// Charts of one release at most; what is beyond is still among its sources.
const CHARTS: usize = 8;

/// The charts of the pieces that measure something, in the order in which they are first cited.
///
/// # Errors
/// What the database says.
pub(super) async fn charts(
    conn: &mut Conn,
    found: &[Evidence],
    number: impl Fn(&EvidenceId) -> usize,
) -> Result<Vec<Chart>> {
    let mut metrics: Vec<(usize, &Evidence)> = found
        .iter()
        .filter(|piece| piece.kind == Kind::Metric)
        .map(|piece| (number(&piece.id), piece))
        .collect();
    metrics.sort_by_key(|(number, _)| *number);
    let mut charts = Vec::new();
    for (source, piece) in metrics.into_iter().take(CHARTS) {
        let (name, series) = chart::of(conn, piece).await?;
        charts.extend(frozen(source, &name, &series));
    }
    Ok(charts)
}

/// What a release keeps of these series; nothing where there is nothing to draw.
fn frozen(source: usize, name: &str, series: &[Series]) -> Option<Chart> {
    let drawn = chart::draw(name, series)?;
    let lines = chart::thinned(series).into_iter().map(|one| Line {
        name: one.name,
        points: one.points.iter().map(|(at, value)| (*at, value.to_string())).collect(),
    });
    Some(Chart {
        source,
        name: name.to_owned(),
        says: drawn.description,
        lines: lines.collect(),
        left_out: drawn.left_out,
    })
}

fn series(chart: &Chart) -> Vec<Series> {
    let lines = chart.lines.iter().map(|line| {
        let points = line.points.iter().filter_map(|(at, value)| {
            let value: f64 = value.parse().ok()?;
            value.is_finite().then_some((*at, value))
        });
        Series { name: line.name.clone(), points: points.collect() }
    });
    lines.collect()
}

/// The chart as the page draws it, with the number of its source.
pub(super) fn drawn(chart: &Chart) -> Option<(usize, Drawing)> {
    let drawing = chart::draw(&chart.name, &series(chart))?;
    Some((chart.source, Drawing { left_out: chart.left_out, ..drawing }))
}

/// The chart on paper.
pub(super) fn printed(chart: &Chart) -> Option<Printed> {
    let (_, drawing) = drawn(chart)?;
    let series = series(chart);
    let instants = series.iter().flat_map(|one| &one.points).map(|(at, _)| at.as_microsecond());
    let (first, last) = (instants.clone().min()?, instants.max()?);
    let along = |at: i64| (at - first) as f64 / 1e6;
    let ticks = [0, 1, 2, 3].map(|part| {
        let at = first + (last - first) / 3 * part;
        let clock = Time::from_microseconds(at).map(words::clock);
        (along(at), clock.unwrap_or_default())
    });
    let lines = series.iter().zip(chart::names(&series)).map(|(one, name)| {
        let mut points = Vec::new();
        for run in chart::runs(one) {
            points.extend(run.iter().map(|(at, value)| (along(*at), Some(*value))));
            // Nothing after a run leaves the gap open.
            points.extend(run.last().map(|(at, _)| (along(*at), None)));
        }
        typeset::Series { name, points }
    });
    Some(Printed {
        title: drawing.title.clone(),
        alt: format!("{}. {}", drawing.title, chart.says),
        x: Axis { label: "UTC".to_owned(), ticks: ticks.to_vec() },
        y: Axis { label: drawing.unit.to_owned(), ticks: Vec::new() },
        series: lines.collect(),
        marks: Vec::new(),
    })
}

/// The charts in Markdown: what each shows, and the numbers of its first line.
pub(super) fn tables(out: &mut String, charts: &[Chart]) {
    for one in charts {
        let Some((number, drawing)) = drawn(one) else { continue };
        let plain = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        writeln!(out, "### {}\n", plain(&drawing.title)).ok();
        writeln!(out, "{} [{number}]\n", plain(&one.says)).ok();
        let first = drawing.lines.first().map(|line| plain(&line.label)).unwrap_or_default();
        writeln!(out, "| UTC | {first} |\n|---|---|").ok();
        for (at, value) in &drawing.rows {
            writeln!(out, "| {at} | {value} |").ok();
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{drawn, frozen, printed, tables};
    use crate::evidence::Series;
    use crate::releases::Document;
    use jiff::Timestamp;

    fn series(name: &str, values: &[(i64, f64)]) -> Series {
        let at = |s: &i64| Timestamp::from_second(1_794_896_100 + s).unwrap();
        Series { name: name.to_owned(), points: values.iter().map(|(s, v)| (at(s), *v)).collect() }
    }

    #[test]
    fn a_frozen_chart_is_the_same_after_it_was_read_from_its_json() {
        let values: Vec<(i64, f64)> = (0..2000).map(|n| (n * 15, 0.1 + n as f64 / 3.0)).collect();
        let chart = frozen(3, "requests:rate5m", &[series("job=shop", &values)]).unwrap();
        assert!(chart.lines[0].points.len() <= 480, "thinned");
        let document = Document { charts: vec![chart], ..Document::default() };
        let again: Document = serde_json::from_str(&document.json()).unwrap();
        assert_eq!(again, document);
        assert_eq!(again.sha256(), document.sha256());
        let without = Document::default();
        assert!(!without.json().contains("charts"), "releases from before keep their digest");
    }

    #[test]
    fn a_gap_stays_open_on_page_and_paper_and_the_table_has_the_numbers() {
        let values = [(0, 1.0), (60, 2.0), (120, 1.0), (3600, 4.0), (3660, 4.5)];
        let chart = frozen(2, "up_seconds", &[series("a|b", &values)]).unwrap();
        let (number, drawing) = drawn(&chart).unwrap();
        assert_eq!((number, drawing.lines[0].runs.len()), (2, 2));
        let paper = printed(&chart).unwrap();
        let gaps = paper.series[0].points.iter().filter(|(_, value)| value.is_none()).count();
        assert_eq!(gaps, 2, "one after each run");
        assert_eq!(paper.y.label, "seconds");
        assert!(paper.alt.contains("highest 4.5"), "{}", paper.alt);
        let mut out = String::new();
        tables(&mut out, &[chart]);
        assert!(
            out.contains("[2]") && out.contains("| a\\|b |") && out.contains("| 4.5 |"),
            "{out}"
        );
    }
}
