//! `afterword open INC-42`: its page in a browser, or its address where there is none.

use super::client::Client;
use super::exit::{Exit, Failure};
use super::{Environment, Out, incident_key};
use anyhow::Result;
use clap::Args;
use std::process::{Command, Stdio};

/// Open a page in the browser; prints its address where there is none, or in a pipe.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword open INC-42
  afterword open INC-42 timeline
  afterword open ACT-7
  afterword open INC-42 | xclip")]
pub(super) struct Open {
    /// An incident, action or risk, such as INC-42, ACT-7, RISK-3; the home page when missing.
    #[arg(value_name = "KEY", value_parser = any_key)]
    key: Option<Key>,
    /// Which of an incident's pages.
    #[arg(value_enum, requires = "key")]
    page: Option<Page>,
    /// Only print the address.
    #[arg(long)]
    print: bool,
}

#[derive(Debug, Clone)]
enum Key {
    Incident(String),
    Action(String),
    Risk(String),
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Page {
    /// What is known, as it arrived.
    Evidence,
    /// What happened.
    Timeline,
    /// The retrospective in the making.
    Retro,
    /// What is published.
    Release,
}

fn any_key(text: &str) -> Result<Key, String> {
    let upper = text.trim().to_ascii_uppercase();
    match upper.split_once('-') {
        Some(("ACT", _)) => super::numbered("ACT", &upper).map(Key::Action),
        Some(("RISK", _)) => super::numbered("RISK", &upper).map(Key::Risk),
        _ => incident_key(text).map(Key::Incident),
    }
}

/// The path of a thing's page.
fn path_of(key: Option<&Key>, page: Option<Page>) -> Result<String> {
    let path = match (key, page) {
        (None, _) => String::new(),
        (Some(Key::Incident(key)), None) => format!("/i/{key}"),
        (Some(Key::Incident(key)), Some(Page::Evidence)) => format!("/i/{key}/evidence"),
        (Some(Key::Incident(key)), Some(Page::Timeline)) => format!("/i/{key}/timeline"),
        (Some(Key::Incident(key)), Some(Page::Retro)) => format!("/i/{key}/retro"),
        (Some(Key::Incident(key)), Some(Page::Release)) => format!("/r/{key}"),
        (Some(Key::Action(key)), None) => format!("/actions/{key}"),
        (Some(Key::Risk(key)), None) => format!("/risks/{key}"),
        (Some(_), Some(_)) => {
            let what = "only an incident has such pages; name one, such as INC-42";
            return Err(Failure::new(Exit::Usage, what).into());
        }
    };
    Ok(path)
}

impl Open {
    pub(super) fn run(
        self,
        client: &Client,
        environment: &Environment,
        out: &mut Out,
    ) -> Result<()> {
        let url = format!("{}{}", client.url, path_of(self.key.as_ref(), self.page)?);
        let is_shown = !self.print && !out.json && out.is_seen() && browse(&url, environment);
        match (out.json, is_shown) {
            (true, _) => out.value(&serde_json::json!({ "url": url })),
            (false, true) => out.line(&format!("Opened {url}")),
            (false, false) => out.line(&url),
        }
    }
}

/// Asks the desktop to show a page; false where there is no desktop or it would not.
fn browse(url: &str, environment: &Environment) -> bool {
    let has = |name: &str| super::client::variable(environment, name);
    if has("DISPLAY").is_none() && has("WAYLAND_DISPLAY").is_none() && has("BROWSER").is_none() {
        return false;
    }
    let quiet =
        Command::new("xdg-open").arg(url).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}
