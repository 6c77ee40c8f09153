//! The command line. `serve`, `demo` and `config` run on the data folder; `draft` on files alone;
//! everything else speaks to a server's JSON API, so that it can do nothing a person may not.
//!
//! Answers go through `out`, failures carry their number of `exit`, `guide` explains the rest.

mod actions;
#[cfg(feature = "set-clock")]
mod at;
mod backup;
mod browse;
mod capture;
mod catalogue;
mod client;
mod config;
mod demo;
mod demo_data;
mod draft;
mod exit;
mod export;
mod find;
mod guide;
mod import;
mod incidents;
mod investigator;
mod lint;
mod lists;
mod login;
mod look_after;
mod out;
mod policy;
mod releases;
mod retro;
mod sections;
mod serve;
mod sql;
mod timeline;
mod tokens;
#[cfg(test)]
mod tests;

pub use exit::{Exit, exit_of, is_unread};
pub use guide::command;
pub use import::Ended;
pub use out::{Out, Terminal, harmless};
pub use serve::{Opened, open};

use crate::config::{self as process, Config, Values};
use crate::site;
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use kit::clock::Clock;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the process read of its surroundings.
pub type Environment = Vec<(String, String)>;

/// What a command is given of the process.
pub struct Surroundings {
    /// The environment's variables.
    pub environment: Environment,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where answers go.
    pub output: Box<dyn Write + Send>,
    /// Who looks.
    pub terminal: Terminal,
}

/// The last chapter of every incident.
#[derive(Debug, Parser)]
#[command(
    name = "afterword",
    version,
    about,
    max_term_width = 100,
    after_help = "Afterword learns from incidents: evidence, a timeline, a blameless retrospective, \
                  actions that get done.\nTry it: afterword demo. Each command has examples: \
                  afterword help note."
)]
pub struct Cli {
    #[command(flatten)]
    server: client::Server,
    /// Print what the server answered, as JSON.
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    /// For trials: the clock runs from this instant, or shows the one in @FILE.
    #[cfg(feature = "set-clock")]
    #[arg(long, global = true, value_name = "TIME")]
    at: Option<at::At>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve Afterword from a data folder; makes the folder when it is empty.
    #[command(after_help = "Examples:
  afterword serve --data ./afterword
  AFTERWORD_DATABASE_URL=postgres://afterword@localhost/afterword afterword serve --data ./afterword
  afterword serve --data /srv/afterword --listen 0.0.0.0:8080 --base-url https://afterword.example.org")]
    Serve(Settings),
    /// Make the demo organisation anew in its folder, and serve it.
    #[command(
        after_help = "Examples:\n  afterword demo --data /tmp/afterword-demo --listen 127.0.0.1:8090"
    )]
    Demo(Settings),
    DemoData(demo_data::DemoData),
    /// Turn files into a Markdown draft of a retrospective, without a server.
    Draft(draft::Draft),
    Lint(lint::Lint),
    Login(login::Login),
    /// End the session, here and on the server.
    #[command(after_help = "Examples:\n  afterword logout")]
    Logout,
    Tokens(tokens::Tokens),
    Open(browse::Open),
    Note(capture::Note),
    Pin(capture::Pin),
    Time(capture::Time),
    Import(import::Import),
    Undo(capture::Undo),
    /// Print the description of the API, OpenAPI 3.1, as a server serves it at /api/openapi.json.
    #[command(after_help = "Examples:\n  afterword openapi > openapi.json")]
    Openapi,
    Incidents(incidents::Incidents),
    Timeline(timeline::Timeline),
    Retro(retro::Retro),
    Actions(actions::Actions),
    Policy(policy::PolicyCommand),
    Catalogue(catalogue::Catalogue),
    Publish(releases::Publish),
    Export(releases::Export),
    Check(look_after::Check),
    /// Look at the audit record.
    #[command(after_help = "Examples:\n  afterword audit verify --data /srv/afterword")]
    Audit {
        #[command(subcommand)]
        command: look_after::Audit,
    },
    Backup(backup::Backup),
    Restore(backup::Restore),
    Move(backup::Move),
    Sql(sql::Sql),
    Search(find::Find),
    Reindex(find::Reindex),
    /// Look at the server's settings; export, compare and apply what the organisation sets for itself.
    #[command(after_help = "Examples:
  afterword config check
  afterword config export ./afterword-config
  afterword config diff ./afterword-config
  afterword config apply ./afterword-config --note 'A reader for near misses'")]
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List what the process answers, for scripts.
    #[command(
        long_about = guide::exit_codes(),
        after_help = "Examples:\n  afterword note INC-42 ok || echo answered $?"
    )]
    ExitCodes,
    Completions(guide::Completions),
    Man(guide::Man),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting and where its value came from; refuse what is wrong.
    #[command(after_help = "Examples:\n  afterword config check --data /srv/afterword")]
    Check(Settings),
    /// Print the commented defaults.
    #[command(after_help = "Examples:\n  afterword config defaults > afterword.toml")]
    Defaults,
    Export(config::Export),
    Diff(config::Diff),
    Apply(config::Apply),
}

/// Settings that can be flags.
#[derive(Debug, Args, Clone)]
pub struct Settings {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The address people use.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// PostgreSQL's address; SQLite when empty.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A settings file; otherwise afterword.toml in the data folder, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Settings {
    /// Reads them from everywhere.
    ///
    /// # Errors
    /// [`process::Refused`] with the place, or a file that does not read.
    pub fn values(&self, environment: &Environment) -> Result<Values> {
        let mut flags = Vec::new();
        let data = self.data.as_ref().map(|path| path.display().to_string());
        for (key, value) in [
            ("data", &data),
            ("listen", &self.listen),
            ("base_url", &self.base_url),
            ("database.url", &self.database_url),
        ] {
            if let Some(value) = value {
                flags.push((key, value.clone()));
            }
        }
        // The file may be in the data folder, which flags and environment may name.
        let first = process::collect(None, environment, &flags)?;
        let named = environment.iter().find(|(name, _)| name == "AFTERWORD_CONFIG");
        let named = self.config.clone().or_else(|| named.map(|(_, path)| PathBuf::from(path)));
        let beside = Path::new(&first["data"].0).join("afterword.toml");
        let path = named.clone().or_else(|| beside.exists().then_some(beside));
        let Some(path) = path else { return Ok(first) };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("the settings file {} does not read", path.display()))?;
        Ok(process::collect(Some((&path, &text)), environment, &flags)?)
    }

    /// Reads and checks them.
    ///
    /// # Errors
    /// As [`Settings::values`], and for a bad value.
    pub fn config(&self, environment: &Environment) -> Result<Config> {
        Ok(process::check(&self.values(environment)?)?)
    }
}

impl Cli {
    /// [`Cli::run`] on a runtime of its own. It is neither generic nor async, so that whatever it awaits is
    /// compiled once, with this library, and not into the binary after it.
    ///
    /// # Errors
    /// Those of [`Cli::run`], and where the runtime does not start.
    pub fn run_to_end(self, given: Surroundings) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.context("the runtime does not start")?.block_on(self.run(given))
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// With words for the person; [`exit_of`] gives the process's answer.
    pub async fn run(self, given: Surroundings) -> Result<()> {
        let Surroundings { environment, clock, output, terminal } = given;
        #[cfg(feature = "set-clock")]
        let clock: Arc<dyn Clock> = match self.at {
            Some(at) => Arc::new(at::AtClock::new(at)),
            None => clock,
        };
        let out = &mut Out::new(output, self.json, terminal);
        let client = || client::Client::new(&self.server, &environment);
        match self.command {
            Command::Login(login) => login.run(&self.server, &environment, out).await,
            Command::Logout => login::logout(&environment, out).await,
            Command::Tokens(tokens) => tokens.run(&client()?, out).await,
            Command::Incidents(incidents) => incidents.run(&client()?, out).await,
            Command::Timeline(timeline) => timeline.run(&client()?, clock.now(), out).await,
            Command::Retro(retro) => retro.run(&client()?, out).await,
            Command::Actions(actions) => actions.run(&client()?, out).await,
            Command::Policy(policy::PolicyCommand { command: policy::Command::Check(check) }) => {
                check.run(out)
            }
            Command::Policy(policy) => policy.run(&client()?, out).await,
            Command::Catalogue(catalogue) => catalogue.run(&client()?, out).await,
            Command::Publish(publish) => publish.run(&client()?, out).await,
            Command::Open(open) => open.run(&client()?, &environment, out),
            Command::Note(note) => note.run(&client()?, out).await,
            Command::Pin(pin) => pin.run(&client()?, out).await,
            Command::Time(time) => time.run(&client()?, out).await,
            Command::Import(import) => match &import.all {
                Some(from) => {
                    let config = import.settings.config(&environment)?;
                    export::import_all(from, config, clock, out).await
                }
                None => import.run(&client()?, out).await,
            },
            Command::Export(export) => match &export.all {
                Some(to) => {
                    let config = export.settings.config(&environment)?;
                    export::export_all(to, export.with_secrets, config, out).await
                }
                None => export.run(&client()?, out).await,
            },
            Command::Undo(undo) => undo.run(&client()?, out).await,
            Command::Search(find) => find.run(&client()?, out).await,
            Command::Reindex(reindex) => reindex.run(&self.server, &environment, clock, out).await,
            Command::Serve(settings) => serve::serve(settings.config(&environment)?, clock).await,
            Command::Demo(settings) => demo::demo(settings.config(&environment)?, clock).await,
            Command::DemoData(data) => {
                let config = data.settings.config(&environment)?;
                data.run(config, clock, out).await
            }
            Command::Check(check) if check.is_online() => check.ask(&client()?, out).await,
            Command::Check(check) => {
                let config = check.settings.config(&environment)?;
                check.offline(config, out).await
            }
            Command::Audit { command: look_after::Audit::Verify(verify) } => {
                let config = verify.settings.config(&environment)?;
                verify.run(config, out).await
            }
            Command::Backup(backup) => {
                let config = backup.settings.config(&environment)?;
                backup.run(config, clock.as_ref(), out).await
            }
            Command::Restore(restore) => restore.run(clock.as_ref(), out).await,
            Command::Move(relocation) => relocation.run(clock.as_ref(), out).await,
            Command::Sql(sql) => {
                let config = sql.settings.config(&environment)?;
                sql.run(config, out).await
            }
            Command::Draft(draft) => draft.run(clock.as_ref(), out),
            Command::Lint(lint) => lint.run(terminal, out),
            Command::Openapi => {
                out.line(&serde_json::to_string_pretty(&site::openapi())?)?;
                Ok(())
            }
            Command::Config { command: ConfigCommand::Check(settings) } => {
                let values = settings.values(&environment)?;
                out.line(&process::report(&values))?;
                process::check(&values)?;
                Ok(())
            }
            Command::Config { command: ConfigCommand::Defaults } => {
                out.document(process::DEFAULTS.as_bytes())
            }
            Command::Config { command: ConfigCommand::Export(export) } => {
                export.run(&client()?, out).await
            }
            Command::Config { command: ConfigCommand::Diff(diff) } => {
                diff.run(&client()?, out).await
            }
            Command::Config { command: ConfigCommand::Apply(apply) } => {
                apply.run(&client()?, out).await
            }
            Command::ExitCodes => out.line(guide::exit_codes().trim_end()),
            Command::Completions(completions) => completions.run(out),
            Command::Man(man) => man.run(out),
        }
    }
}

/// An incident's key as an argument, in the form that stands in addresses.
fn incident_key(text: &str) -> Result<String, String> {
    crate::incidents::Key::parse(text).map(|key| key.to_string())
}

/// A key of another noun, such as `ACT-7` or only `7`, in the form that stands in addresses.
fn numbered(noun: &str, text: &str) -> Result<String, String> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.strip_prefix(noun).and_then(|rest| rest.strip_prefix('-')).unwrap_or(&upper);
    match number.parse::<i64>() {
        Ok(number) if number > 0 => Ok(format!("{noun}-{number}")),
        _ => Err(format!("`{text}` is not a key such as {noun}-7.")),
    }
}
