//! The database's own answer, while there is no index: titles and descriptions, the newest first.

use super::doc::What;
use super::passage::Marker;
use super::question::Question;
use super::show::{Answer, Choices, Place, Shown, took};
use crate::access::Viewer;
use crate::app::App;
use crate::incidents::{Incident, Label, store_index};
use kit::web::Problem;

/// Answers from the database.
///
/// # Errors
/// What the database says.
pub(super) async fn simple(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    (from, most): (usize, usize),
    began: std::time::Instant,
) -> Result<Shown, Problem> {
    let words = question.text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).take(4).map(str::to_owned).collect();
    let marker = Marker::new(&question.asked);
    let mut conn = app.db.read().await?;
    let below = i64::MAX;
    let asked = i64::try_from(from + most + 1).unwrap_or(i64::MAX);
    let found = store_index::newest_with(&mut conn, viewer, &words, below, asked).await?;
    let total = found.len();
    let answer = |incident: Incident| {
        let text = kit::markdown::to_text(&incident.description);
        let url = format!("/i/{}", incident.key());
        Answer {
            key: incident.key().to_string(),
            title: marker.line(&incident.title),
            kind: incident.kind,
            severity: incident.severity,
            state: incident.status,
            services: Vec::new(),
            began: incident.created_at,
            open_actions: 0,
            actions: 0,
            is_private: incident.label == Label::Red,
            found_in: vec![Place {
                what: What::Incident,
                name: incident.key().to_string(),
                url: url.clone(),
                passage: marker.passage(&text).parts,
                nth: 0,
                has: 0,
            }],
            url,
        }
    };
    let results = found.into_iter().skip(from).take(most).map(answer).collect();
    Ok(Shown {
        total,
        results,
        choices: Choices::default(),
        has_partial: false,
        nowhere: Vec::new(),
        mended: Vec::new(),
        index: app.search.state(),
        is_simple: true,
        took_ms: took(began),
    })
}
