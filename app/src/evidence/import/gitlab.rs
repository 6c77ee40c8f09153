//! GitLab webhook bodies: deployments, pipelines, jobs, pushes, releases, told by `object_kind`.
//!
//! GitLab writes times in three forms, sometimes in one body; a job that has not begun has none. What
//! has no time takes the day said at import or the time it came, and says so; without either it is set
//! aside.

use std::io::{Read, Seek};

use serde_json::Value;

use super::{
    emit::{Emit, Stop},
    item::{ChangeKind, ChangeSignal, ChangeState, Item, Kind, Options},
    json, text, when,
};

/// Reads bodies: one, a list, or one on each line.
pub(super) fn read<R: Read + Seek>(
    input: R,
    options: &Options,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let reader = text::open(input, &emit.meter.clone())?;
    json::bodies(reader, emit, |emit, value, place| match event(&value, options) {
        Ok(item) => emit.item(item, place),
        Err(why) => emit.aside(place, why),
    })
}

struct Told<'a> {
    id: String,
    at: Option<String>,
    what: ChangeKind,
    state: ChangeState,
    environment: Option<&'a str>,
    revision: Option<&'a str>,
    text: String,
    url: Option<&'a str>,
}

fn event(body: &Value, options: &Options) -> Result<Item, String> {
    let told = match json::text(body, "/object_kind") {
        Some("deployment") => deployment(body),
        Some("pipeline") => pipeline(body),
        Some("build" | "job") => job(body),
        Some("push" | "tag_push") => push(body),
        Some("release") => release(body),
        Some(other) => {
            return Err(format!(
                "GitLab events of the kind “{other}” are not taken; we take deployments, pipelines, jobs, pushes and releases."
            ));
        }
        None => return Err("It has no object_kind, so it is not from GitLab.".into()),
    };
    let (occurred, note) = match &told.at {
        Some(text) => when::written(text, options.zone.as_ref())
            .map(|when| (when.occurred, when.note))
            .map_err(|why| why.0)?,
        None => match when::undated(options) {
            Some((occurred, note)) => (occurred, Some(note)),
            None => {
                return Err(
                    "GitLab tells no time for it. Import again and say the day and zone.".into()
                );
            }
        },
    };
    let mut item = Item::new(Kind::Deploy, "gitlab", told.id, occurred);
    item.author = ["/user/name", "/user_name", "/commit/author/name"]
        .iter()
        .find_map(|at| json::text(body, at))
        .map(str::to_owned);
    item.place = ["/project/path_with_namespace", "/project_name", "/repository/name"]
        .iter()
        .find_map(|at| json::text(body, at))
        .map(str::to_owned);
    item.url = told.url.map(str::to_owned);
    item.text = told.text;
    if let Some(note) = note {
        item.label("time_note", note);
    }
    if let Some(environment) = told.environment {
        item.label("environment", environment);
    }
    if let Some(revision) = told.revision {
        item.label("revision", revision);
    }
    item.signals.change = Some(ChangeSignal {
        what: told.what,
        state: told.state,
        environment: told.environment.map(str::to_owned),
        revision: told.revision.map(str::to_owned),
    });
    Ok(item)
}

fn state(said: &str) -> ChangeState {
    match said {
        "success" => ChangeState::Succeeded,
        "failed" => ChangeState::Failed,
        "canceled" | "canceling" | "skipped" => ChangeState::Cancelled,
        "created" | "pending" | "preparing" | "running" | "waiting_for_resource" | "scheduled" => {
            ChangeState::Started
        }
        _ => ChangeState::Noted,
    }
}

/// The project, as ids count within one.
fn project(body: &Value) -> String {
    ["/project/id", "/project_id", "/project/path_with_namespace"]
        .iter()
        .find_map(|at| json::name(body, at))
        .unwrap_or_default()
}

fn first(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|at| json::name(value, at))
}

fn deployment(body: &Value) -> Told<'_> {
    let said = json::text(body, "/status").unwrap_or("unknown");
    let environment = json::text(body, "/environment");
    let revision = json::text(body, "/short_sha");
    let title = json::text(body, "/commit_title").map(|title| format!("\n{title}"));
    let text = format!(
        "Deployment of {} to {}: {said}{}",
        revision.unwrap_or("a commit"),
        environment.unwrap_or("an environment"),
        title.unwrap_or_default()
    );
    let id = format!("deployment-{}-{}-{said}", project(body), json::id(body, "/deployment_id"));
    Told {
        id,
        at: first(body, &["/status_changed_at"]),
        what: ChangeKind::Deployment,
        state: state(said),
        environment,
        revision,
        text,
        url: json::text(body, "/deployable_url"),
    }
}

fn pipeline(body: &Value) -> Told<'_> {
    let run = &body["object_attributes"];
    let said = json::text(run, "/status").unwrap_or("unknown");
    let number = json::id(run, "/id");
    let name = json::text(run, "/name").map(|name| format!(" {name}")).unwrap_or_default();
    let text = format!(
        "Pipeline {number}{name} on {}: {said}",
        json::text(run, "/ref").unwrap_or("a commit")
    );
    Told {
        id: format!("pipeline-{}-{number}-{said}", project(body)),
        at: first(run, &["/finished_at", "/created_at"]),
        what: ChangeKind::Pipeline,
        state: state(said),
        environment: None,
        revision: json::text(run, "/sha"),
        text,
        url: json::text(run, "/url"),
    }
}

fn job(body: &Value) -> Told<'_> {
    let said = json::text(body, "/build_status").unwrap_or("unknown");
    let number = json::id(body, "/build_id");
    let text = format!(
        "Job {} ({}) on {}: {said}",
        json::text(body, "/build_name").unwrap_or(&number),
        json::text(body, "/build_stage").unwrap_or("no stage"),
        json::text(body, "/ref").unwrap_or("a commit")
    );
    let times = ["/build_finished_at", "/build_started_at", "/build_created_at"];
    Told {
        id: format!("job-{}-{number}-{said}", project(body)),
        at: first(body, &times),
        what: ChangeKind::Pipeline,
        state: state(said),
        environment: json::text(body, "/environment/name"),
        revision: json::text(body, "/sha"),
        text,
        url: None,
    }
}

fn push(body: &Value) -> Told<'_> {
    let (branch, after) =
        (json::text(body, "/ref").unwrap_or(""), json::text(body, "/after").unwrap_or(""));
    let name = branch.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
    let commits = json::list(body, "/commits");
    let head =
        commits.iter().find(|commit| json::text(commit, "/id") == Some(after)).or(commits.last());
    let gone = after.bytes().all(|b| b == b'0');
    let count =
        body.get("total_commits_count").and_then(Value::as_u64).unwrap_or(commits.len() as u64);
    let mut text =
        if gone { format!("{name} deleted") } else { format!("{count} commits pushed to {name}") };
    for commit in commits.iter().take(20) {
        let sha: String = json::text(commit, "/id").unwrap_or("").chars().take(8).collect();
        text.push_str(&format!(
            "\n{sha} {}",
            json::text(commit, "/message").unwrap_or("").lines().next().unwrap_or("")
        ));
    }
    let before = json::text(body, "/before").unwrap_or("");
    Told {
        id: format!("push-{}-{branch}-{before}-{after}", project(body)),
        at: head.and_then(|commit| json::name(commit, "/timestamp")),
        what: ChangeKind::Push,
        state: ChangeState::Noted,
        environment: None,
        revision: Some(if gone { before } else { after }),
        text,
        url: head.and_then(|commit| json::text(commit, "/url")),
    }
}

fn release(body: &Value) -> Told<'_> {
    let action = json::text(body, "/action").unwrap_or("create");
    let tag = json::text(body, "/tag");
    let text = format!(
        "Release {}: {action}\n{}",
        json::text(body, "/name").or(tag).unwrap_or("without a name"),
        json::text(body, "/description").and_then(|d| d.lines().next()).unwrap_or("")
    );
    Told {
        id: format!("release-{}-{}-{action}", project(body), json::id(body, "/id")),
        at: first(body, &["/released_at", "/created_at"]),
        what: ChangeKind::Release,
        state: if action == "create" { ChangeState::Succeeded } else { ChangeState::Noted },
        environment: None,
        revision: tag,
        text,
        url: json::text(body, "/url"),
    }
}
