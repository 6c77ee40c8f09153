//! Whether what a kept answer tells of is still there for who asks again: each thing is read once more,
//! as its own operation reads it now, before the answer is given a second time.

use super::bulk::Operations;
use crate::access::{Session, Viewer};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;

/// What everything else belongs to: who sees it may see what was answered of it.
const ROOTS: [&str; 4] = ["incidents", "retrospectives", "actions", "risks"];
/// Where operations are.
const API: &str = "/api/v1/";

/// Whether everything is still there that the answer to a request tells of: what the request was about,
/// what it made, and of many changes what each was about and made.
pub(super) async fn is_there(
    operations: &Operations,
    viewer: &Viewer,
    session: Option<&Session>,
    told: &Told<'_>,
) -> bool {
    for path in told.paths() {
        let Ok(request) = Request::builder().uri(&path).body(Body::empty()) else { return false };
        let status = operations.ask(viewer, session, request).await.status();
        // What cannot be read by itself belongs to what was looked at before it.
        if !status.is_success() && status != StatusCode::METHOD_NOT_ALLOWED {
            return false;
        }
    }
    true
}

/// A request that was answered, and its answer.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The path asked for.
    pub path: &'a str,
    /// What was sent, as JSON; empty when it was none.
    pub sent: &'a [u8],
    /// Where what was made is.
    pub location: Option<&'a str>,
    /// What was answered.
    pub answer: &'a str,
}

impl Told<'_> {
    fn paths(&self) -> BTreeSet<String> {
        let mut paths: BTreeSet<String> = root(self.path).into_iter().collect();
        paths.extend(self.location.map(str::to_owned));
        if self.path == "/api/v1/bulk" {
            let sent: Value = serde_json::from_slice(self.sent).unwrap_or_default();
            let each = sent["operations"].as_array().into_iter().flatten();
            let each = each.filter_map(|one| one["path"].as_str());
            paths.extend(each.filter_map(|path| root(&format!("/api/v1{path}"))));
            let answer: Value = serde_json::from_str(self.answer).unwrap_or_default();
            let made = answer["results"].as_array().into_iter().flatten();
            paths.extend(made.filter_map(|one| one["location"].as_str().map(str::to_owned)));
        }
        paths
    }
}

/// The incident, retrospective, action or risk that a path leads into.
fn root(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or(path);
    let mut parts = path.strip_prefix(API)?.split('/');
    let noun = parts.next().filter(|noun| ROOTS.contains(noun))?;
    let name = parts.next().filter(|name| !name.is_empty())?;
    Some(format!("{API}{noun}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::{Told, root};

    #[test]
    fn what_an_answer_tells_of_is_where_it_leads_and_what_it_made() {
        let at = |path| root(path).unwrap_or_default();
        assert_eq!(at("/api/v1/incidents/INC-1/timeline/shift?x=1"), "/api/v1/incidents/INC-1");
        assert_eq!(at("/api/v1/tokens"), "");
        assert_eq!(at("/api/v1/incidents"), "");
        let told = Told {
            path: "/api/v1/bulk",
            sent: br#"{"operations": [{"path": "/risks/RISK-1/moves"}, {"path": "/teams"}]}"#,
            location: None,
            answer: r#"{"results": [{"location": null}, {"location": "/api/v1/incidents/INC-2"}]}"#,
        };
        let paths: Vec<String> = told.paths().into_iter().collect();
        assert_eq!(paths, ["/api/v1/incidents/INC-2", "/api/v1/risks/RISK-1"]);
    }
}
