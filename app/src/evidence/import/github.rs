//! GitHub webhook bodies: deployments and their statuses, workflow runs, pushes, releases.
//!
//! The name of the event is only in a header, so a body is known by its shape. A new branch is pushed
//! from a commit of zeros, a deleted one to it, without a head commit. `pushed_at` is a number in a push
//! and text elsewhere.

use std::io::{Read, Seek};

use serde_json::Value;

use super::{
    emit::{Emit, Stop},
    item::{ChangeKind, ChangeSignal, ChangeState, Item, Kind, Options},
    json, text,
    when::{self, NotATime, When},
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

/// What a body tells, before it becomes an item.
struct Told<'a> {
    id: String,
    at: Result<When, NotATime>,
    what: ChangeKind,
    state: ChangeState,
    environment: Option<&'a str>,
    revision: Option<&'a str>,
    text: String,
    url: Option<&'a str>,
}

fn event(body: &Value, options: &Options) -> Result<Item, String> {
    let has = |key: &str| body.get(key).is_some_and(Value::is_object);
    let told = if has("deployment_status") {
        deployment_status(body)
    } else if has("workflow_run") {
        workflow_run(body)
    } else if has("deployment") {
        deployment(&body["deployment"])
    } else if has("release") {
        release(body)
    } else if body.get("ref").is_some()
        && body.get("before").is_some()
        && body.get("after").is_some()
    {
        push(body)
    } else if body.get("statuses_url").is_some() && body.get("environment").is_some() {
        deployment(body)
    } else {
        return Err(not_taken(body));
    };
    let (when, note) = match told.at {
        Ok(when) => (when.occurred, when.note),
        Err(why) => match when::undated(options) {
            Some((occurred, note)) => (occurred, Some(note)),
            None => return Err(why.0),
        },
    };
    let mut item = Item::new(Kind::Deploy, "github", told.id, when);
    item.author = ["/sender/login", "/pusher/name", "/deployment/creator/login", "/creator/login"]
        .iter()
        .find_map(|at| json::text(body, at))
        .map(str::to_owned);
    item.author_is_bot = json::text(body, "/sender/type") == Some("Bot");
    item.place = json::text(body, "/repository/full_name").map(str::to_owned);
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

/// Why a body is not taken, with the event it seems to be.
fn not_taken(body: &Value) -> String {
    if !body.is_object() {
        return "It is not a webhook body but another kind of JSON value.".into();
    }
    const OTHERS: [&str; 9] = [
        "issue",
        "pull_request",
        "check_run",
        "check_suite",
        "workflow_job",
        "comment",
        "review",
        "alert",
        "zen",
    ];
    match OTHERS.iter().find(|key| body.get(**key).is_some()) {
        Some(key) => format!("GitHub events about “{key}” are not taken; we take deployments, workflow runs, pushes and releases."),
        None => "It is not a GitHub event we know; we take deployments, workflow runs, pushes and releases.".into(),
    }
}

fn at(value: &Value, pointers: &[&str]) -> Result<When, NotATime> {
    let found = pointers.iter().find_map(|pointer| json::name(value, pointer));
    match found {
        Some(text) => when::written(&text, None),
        None => Err(NotATime(
            "GitHub tells no time for it. Import again and say the day and zone.".into(),
        )),
    }
}

/// Whether a deployment says that it brings back what ran before.
fn kind(deployment: &Value) -> ChangeKind {
    let says = |at: &str| {
        json::text(deployment, at).is_some_and(|text| {
            let text = text.to_ascii_lowercase();
            text.contains("rollback") || text.contains("roll back")
        })
    };
    if says("/task") || says("/description") {
        ChangeKind::Rollback
    } else {
        ChangeKind::Deployment
    }
}

fn noun(kind: ChangeKind) -> &'static str {
    if kind == ChangeKind::Rollback { "Rollback" } else { "Deployment" }
}

fn deployment(value: &Value) -> Told<'_> {
    let (what, environment) = (kind(value), json::text(value, "/environment"));
    let revision = json::text(value, "/sha").or_else(|| json::text(value, "/ref"));
    let mut text = format!(
        "{} of {} to {} asked for",
        noun(what),
        json::text(value, "/ref").unwrap_or("a commit"),
        environment.unwrap_or("an environment")
    );
    about(&mut text, json::text(value, "/description"));
    Told {
        id: format!("deployment-{}", json::id(value, "/id")),
        at: at(value, &["/created_at"]),
        what,
        state: ChangeState::Started,
        environment,
        revision,
        text,
        url: None,
    }
}

fn deployment_status(body: &Value) -> Told<'_> {
    let (status, deployment) = (&body["deployment_status"], &body["deployment"]);
    let said = json::text(status, "/state").unwrap_or("unknown");
    let state = match said {
        "success" => ChangeState::Succeeded,
        "failure" | "error" => ChangeState::Failed,
        "queued" | "pending" | "in_progress" | "waiting" => ChangeState::Started,
        _ => ChangeState::Noted,
    };
    let what = kind(deployment);
    let environment =
        json::text(status, "/environment").or_else(|| json::text(deployment, "/environment"));
    let mut text = format!(
        "{} of {} to {}: {}",
        noun(what),
        json::text(deployment, "/ref").unwrap_or("a commit"),
        environment.unwrap_or("an environment"),
        said.replace('_', " ")
    );
    about(&mut text, json::text(status, "/description"));
    let url = ["/log_url", "/target_url", "/environment_url"]
        .iter()
        .find_map(|at| json::text(status, at));
    Told {
        id: format!("deployment_status-{}", json::id(status, "/id")),
        at: at(status, &["/created_at", "/updated_at"]),
        what,
        state,
        environment,
        revision: json::text(deployment, "/sha"),
        text,
        url,
    }
}

fn workflow_run(body: &Value) -> Told<'_> {
    let run = &body["workflow_run"];
    let completed = json::text(run, "/status") == Some("completed");
    let conclusion = json::text(run, "/conclusion");
    let state = match conclusion.filter(|_| completed) {
        Some("success") => ChangeState::Succeeded,
        Some("failure" | "timed_out" | "startup_failure") => ChangeState::Failed,
        Some("cancelled" | "skipped" | "stale") => ChangeState::Cancelled,
        Some(_) => ChangeState::Noted,
        None => ChangeState::Started,
    };
    let times: &[&str] =
        if completed { &["/updated_at"] } else { &["/run_started_at", "/created_at"] };
    let action =
        json::text(body, "/action").or_else(|| json::text(run, "/status")).unwrap_or("run");
    let id = format!(
        "workflow_run-{}-{}-{action}",
        json::id(run, "/id"),
        json::name(run, "/run_attempt").unwrap_or_else(|| "1".into())
    );
    let name = ["/name", "/display_title", "/path"]
        .iter()
        .find_map(|at| json::text(run, at))
        .or_else(|| json::text(body, "/workflow/name"))
        .unwrap_or("without a name");
    let mut text = format!(
        "Workflow {name} on {}: {}",
        json::text(run, "/head_branch").unwrap_or("a commit"),
        conclusion.filter(|_| completed).unwrap_or(action).replace('_', " ")
    );
    about(&mut text, json::text(run, "/display_title").filter(|title| *title != name));
    Told {
        id,
        at: at(run, times),
        what: ChangeKind::Workflow,
        state,
        environment: None,
        revision: json::text(run, "/head_sha"),
        text,
        url: json::text(run, "/html_url"),
    }
}

fn push(body: &Value) -> Told<'_> {
    let zeros = |key: &str| json::text(body, key).is_some_and(|sha| sha.bytes().all(|b| b == b'0'));
    let branch = json::text(body, "/ref").unwrap_or("");
    let name = branch.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
    let noun = if branch.starts_with("refs/tags/") { "Tag" } else { "Branch" };
    let (before, after) =
        (json::text(body, "/before").unwrap_or(""), json::text(body, "/after").unwrap_or(""));
    let commits = json::list(body, "/commits");
    let mut text = if zeros("/after") {
        format!("{noun} {name} deleted")
    } else if zeros("/before") {
        format!("{noun} {name} created")
    } else {
        let forced = if json::yes(body, "/forced") { " by force" } else { "" };
        format!("{} commits pushed to {name}{forced}", commits.len())
    };
    for commit in commits.iter().take(20) {
        let sha: String = json::text(commit, "/id").unwrap_or("").chars().take(8).collect();
        about(
            &mut text,
            Some(&format!(
                "{sha} {}",
                json::text(commit, "/message").unwrap_or("").lines().next().unwrap_or("")
            )),
        );
    }
    if commits.len() > 20 {
        about(&mut text, Some(&format!("and {} more", commits.len() - 20)));
    }
    let id = format!(
        "push-{}-{branch}-{before}-{after}",
        json::text(body, "/repository/full_name").unwrap_or("")
    );
    let revision = Some(if zeros("/after") { before } else { after });
    Told {
        id,
        at: at(body, &["/repository/pushed_at", "/head_commit/timestamp"]),
        what: ChangeKind::Push,
        state: ChangeState::Noted,
        environment: None,
        revision,
        text,
        url: json::text(body, "/compare"),
    }
}

fn release(body: &Value) -> Told<'_> {
    let release = &body["release"];
    let action = json::text(body, "/action").unwrap_or("published");
    let tag = json::text(release, "/tag_name");
    let mut text = format!(
        "Release {} {action}",
        json::text(release, "/name").or(tag).unwrap_or("without a name")
    );
    about(&mut text, json::text(release, "/body").and_then(|body| body.lines().next()));
    let id = format!("release-{}-{action}", json::id(release, "/id"));
    let state = if matches!(action, "published" | "released") {
        ChangeState::Succeeded
    } else {
        ChangeState::Noted
    };
    Told {
        id,
        at: at(release, &["/published_at", "/created_at"]),
        what: ChangeKind::Release,
        state,
        environment: None,
        revision: tag,
        text,
        url: json::text(release, "/html_url"),
    }
}

/// A further line.
fn about(text: &mut String, more: Option<&str>) {
    if let Some(more) = more.filter(|more| !more.is_empty()) {
        text.push('\n');
        text.push_str(more);
    }
}
