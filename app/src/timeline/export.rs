//! The timeline as a file: CSV for spreadsheets.

use super::entry::Entry;
use super::shown::as_typed;
use crate::access::Viewer;
use crate::app::App;
use crate::incidents;
use crate::incidents::key_time::Precision;
use crate::shell::words::guarded;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::web::Problem;

const COLUMNS: [&str; 17] = [
    "id",
    "at_utc",
    "until_utc",
    "precision",
    "uncertainty_s",
    "fact",
    "phase",
    "text",
    "actor",
    "known_then",
    "learned_at_utc",
    "from_memory",
    "result",
    "unsupported",
    "cites",
    "tie",
    "version",
];

fn quoted(text: &str) -> String {
    let text = guarded(&text.replace("\r\n", "\n"));
    match text.contains(['"', ',', '\n', '\r', ';', '\'']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn line(entry: &Entry) -> String {
    let or_nothing = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let time = |at: Option<kit::db::Time>| {
        at.map(|at| as_typed(at, Precision::Second)).unwrap_or_default()
    };
    let cites: Vec<&str> = entry.cites.iter().map(|id| id.as_str()).collect();
    let cells = [
        entry.id.to_string(),
        as_typed(
            entry.at,
            if entry.precision == Precision::Day { Precision::Day } else { Precision::Second },
        ),
        time(entry.until),
        entry.precision.name().to_owned(),
        entry.uncertainty_s.to_string(),
        entry.fact.name().to_owned(),
        or_nothing(entry.phase.map(super::Phase::name)),
        entry.text.clone(),
        or_nothing(entry.actor.as_deref()),
        entry.known_then.to_string(),
        time(entry.learned_at),
        entry.from_memory.to_string(),
        or_nothing(entry.result.map(super::Came::name)),
        entry.is_unsupported().to_string(),
        cites.join(" "),
        entry.tie.to_string(),
        entry.version.to_string(),
    ];
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")
}

pub(super) async fn csv(
    State(app): State<App>,
    viewer: Viewer,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let mut conn = app.db.read().await?;
    let incident = incidents::need(&mut conn, &viewer, &key).await?;
    let entries = super::of_incident(&mut conn, &viewer, &incident).await?;
    let mut body = format!("{}\r\n", COLUMNS.join(","));
    for entry in &entries {
        body.push_str(&line(entry));
        body.push_str("\r\n");
    }
    let name = format!("attachment; filename=\"{}-timeline.csv\"", incident.key());
    let kind = "text/csv; charset=utf-8; header=present".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::{guarded, quoted};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn no_cell_is_a_formula() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@a",
            "\t=1",
            "\r=1",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            " =1",
            "\u{feff}=1",
            "\"=1",
        ] {
            assert!(guarded(bad).starts_with('\''), "{bad:?}");
        }
        assert_eq!(guarded("14:02 rollback"), "14:02 rollback");
        assert_eq!(quoted("say \"no\", twice"), "\"say \"\"no\"\", twice\"");
    }

    proptest! {
        #[test]
        fn whatever_an_entry_says_its_cell_begins_no_formula(text in "\\PC{0,40}") {
            let cell = quoted(&text);
            let begins = cell.trim_start_matches('"').trim_start().chars().next();
            prop_assert!(!begins.is_some_and(|c| "=+-@＝＋－＠".contains(c)), "{cell:?}");
        }
    }
}
