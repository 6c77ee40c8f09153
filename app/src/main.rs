//! The binary: arguments, environment, clock and terminal are read here and handed on.

use afterword::cli::{self, Cli, Surroundings, Terminal};
use clap::FromArgMatches;
use kit::clock::SystemClock;
use std::io::IsTerminal;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

/// Gives back to the system what a burst took, which glibc's does not: 200 people who sign in at once left
/// it with 250 MB. `.cargo/config.toml` says how it behaves.
#[cfg(all(feature = "jemalloc", unix, target_env = "gnu"))]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let said = Cli::from_arg_matches(&cli::command().get_matches());
    let said = said.unwrap_or_else(|error| error.exit());
    let terminal = terminal(&environment);
    let given = Surroundings {
        environment,
        clock: Arc::new(SystemClock),
        output: Box::new(std::io::stdout()),
        terminal,
    };
    match said.run_to_end(given) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if cli::is_unread(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let words = cli::harmless(&format!("{error:#}"));
            if std::io::stderr().is_terminal() && terminal.has_colour {
                eprintln!("\x1b[1;31mafterword:\x1b[0m {words}");
            } else {
                eprintln!("afterword: {words}");
            }
            ExitCode::from(cli::exit_of(&error) as u8)
        }
    }
}

/// Who looks at what is printed.
fn terminal(environment: &[(String, String)]) -> Terminal {
    let variable = |name: &str| {
        let found = environment.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let is_plain = variable("NO_COLOR").is_some() || variable("TERM") == Some("dumb");
    let is_seen = std::io::stdout().is_terminal();
    let named = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = is_seen.then(|| named.or_else(columns).unwrap_or(80));
    let has_colour = is_seen && !is_plain;
    Terminal { width, has_colour, shows_progress: std::io::stderr().is_terminal() }
}

/// The terminal's columns, as `stty` tells them; asking the system itself would take unsafe code.
fn columns() -> Option<u16> {
    let mut stty = Command::new("stty");
    let answer = stty.arg("size").stdin(Stdio::inherit()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    text.split_whitespace().nth(1)?.parse().ok().filter(|columns| *columns > 0)
}
