//! The command line. `serve`, `demo` and `config` run on the data folder; `draft` on files alone;
//! everything else speaks to a server's JSON API, so that it can do nothing a person may not.

mod demo;
mod draft;
mod capture;
mod client;
mod import;
mod login;
mod serve;

pub use import::Ended;
pub use serve::{Opened, open};

use crate::config::{self, Config, Refused, Values};
use crate::site;
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use kit::clock::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the process read of its surroundings.
pub type Environment = Vec<(String, String)>;

/// The last chapter of every incident.
#[derive(Debug, Parser)]
#[command(name = "afterword", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    server: client::Server,
    /// Print what the server answered as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve Afterword from a data folder; makes the folder when it is empty.
    Serve(Settings),
    /// Make the demo organisation anew in its folder, and serve it.
    Demo(Settings),
    /// Turn files into a Markdown draft of a retrospective, without a server.
    Draft(draft::Draft),
    Login(login::Login),
    /// End the session, here and on the server.
    Logout,
    Note(capture::Note),
    Pin(capture::Pin),
    Time(capture::Time),
    Import(import::Import),
    Undo(capture::Undo),
    /// Print the description of the API, OpenAPI 3.1, as a server serves it at /api/openapi.json.
    Openapi,
    /// Look at the settings.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting and where its value came from; refuse what is wrong.
    Check(Settings),
    /// Print the commented defaults.
    Defaults,
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
    /// [`Refused`] with the place, or a file that does not read.
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
        let first = config::collect(None, environment, &flags)?;
        let named = environment.iter().find(|(name, _)| name == "AFTERWORD_CONFIG");
        let named = self.config.clone().or_else(|| named.map(|(_, path)| PathBuf::from(path)));
        let beside = Path::new(&first["data"].0).join("afterword.toml");
        let path = named.clone().or_else(|| beside.exists().then_some(beside));
        let Some(path) = path else { return Ok(first) };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("the settings file {} does not read", path.display()))?;
        Ok(config::collect(Some((&path, &text)), environment, &flags)?)
    }

    /// Reads and checks them.
    ///
    /// # Errors
    /// As [`Settings::values`], and for a bad value.
    pub fn config(&self, environment: &Environment) -> Result<Config> {
        Ok(config::check(&self.values(environment)?)?)
    }
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// With words for the person; [`exit_code`] gives the process's answer.
    pub async fn run(self, environment: Environment, clock: Arc<dyn Clock>) -> Result<()> {
        let client = || client::Client::new(&self.server, &environment);
        match self.command {
            Command::Login(login) => login.run(&self.server, &environment).await,
            Command::Logout => login::logout(&environment).await,
            Command::Note(note) => note.run(&client()?, self.json).await,
            Command::Pin(pin) => pin.run(&client()?, self.json).await,
            Command::Time(time) => time.run(&client()?, self.json).await,
            Command::Import(import) => import.run(&client()?, self.json).await,
            Command::Undo(undo) => undo.run(&client()?, self.json).await,
            Command::Serve(settings) => serve::serve(settings.config(&environment)?, clock).await,
            Command::Demo(settings) => demo::demo(settings.config(&environment)?, clock).await,
            Command::Draft(draft) => draft.run(clock.as_ref()),
            Command::Openapi => {
                println!("{}", serde_json::to_string_pretty(&site::openapi())?);
                Ok(())
            }
            Command::Config { command: ConfigCommand::Check(settings) } => {
                let values = settings.values(&environment)?;
                println!("{}", config::report(&values));
                config::check(&values)?;
                Ok(())
            }
            Command::Config { command: ConfigCommand::Defaults } => {
                print!("{}", config::DEFAULTS);
                Ok(())
            }
        }
    }
}

/// 2 for settings and arguments that are refused, 3 when something was set aside, 1 for everything
/// else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(ended) = error.downcast_ref::<Ended>() {
        return ended.exit_code();
    }
    if error.downcast_ref::<Refused>().is_some() { 2 } else { 1 }
}
