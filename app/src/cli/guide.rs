//! What the command line says of itself: commands in groups, completions, man pages, exit codes.

use super::{Cli, Out, exit};
use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

/// Commands by what one wants to do, in the order in which one comes to need them.
const GROUPS: &[(&str, &[&str])] = &[
    ("Run it", &["serve", "demo", "config"]),
    ("Without a server", &["draft", "lint"]),
    ("Your way to a server", &["login", "logout", "tokens", "open"]),
    ("While it happens", &["note", "pin", "time"]),
    (
        "From evidence to a published retrospective",
        &[
            "incidents",
            "import",
            "undo",
            "timeline",
            "policy",
            "catalogue",
            "retro",
            "actions",
            "publish",
            "export",
        ],
    ),
    ("Find and learn", &["search"]),
    ("Keep it", &["check", "backup", "restore", "audit", "sql", "move", "demo-data", "reindex"]),
    ("About the command line", &["exit-codes", "completions", "man", "openapi", "help"]),
];

/// The whole command line, with its commands in groups.
#[must_use]
pub fn command() -> Command {
    let command = Cli::command();
    let groups = grouped(&command);
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}{{after-help}}"
    ))
}

fn grouped(command: &Command) -> String {
    let mut text = String::new();
    let about = |name: &str| match name {
        "help" => Some("Explain a command, such as: afterword help note".to_owned()),
        _ => {
            let found = command.find_subcommand(name).filter(|found| !found.is_hide_set());
            found.map(|found| found.get_about().map(ToString::to_string).unwrap_or_default())
        }
    };
    let is_placed = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let others: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let others: Vec<&str> = others.into_iter().filter(|name| !is_placed(name)).collect();
    for (title, names) in GROUPS.iter().copied().chain([("Also", others.as_slice())]) {
        let known: Vec<_> = names.iter().filter_map(|name| Some((name, about(name)?))).collect();
        if known.is_empty() {
            continue;
        }
        text.push_str(&format!("{title}:\n"));
        for (name, about) in known {
            text.push_str(&format!("  {name:<12} {about}\n"));
        }
        text.push('\n');
    }
    text
}

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword completions bash > ~/.local/share/bash-completion/completions/afterword
  afterword completions zsh > ~/.zfunc/_afterword
  afterword completions fish > ~/.config/fish/completions/afterword.fish")]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "afterword", &mut script);
        out.document(&script)
    }
}

/// Write a man page for each command into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword man ~/.local/share/man/man1
  man afterword-note")]
pub(super) struct Man {
    /// The folder; made when it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        let at = self.folder.display().to_string();
        std::fs::create_dir_all(&self.folder).with_context(|| format!("{at} cannot be made"))?;
        // The groups are for the screen; a man page lists commands in its own way.
        clap_mangen::generate_to(Cli::command(), &self.folder)
            .with_context(|| format!("{at} cannot be written"))?;
        let pages = std::fs::read_dir(&self.folder)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("afterword"));
        let count = pages.count();
        out.line(&format!("{count} pages are in {at}; read one with: man {at}/afterword.1"))
    }
}

/// What `afterword help exit-codes` says.
pub(super) fn exit_codes() -> String {
    format!(
        "List what the process answers, for scripts.\n\n{}\n\
         A command that failed has changed nothing unless it says so. Messages go to standard error,\n\
         answers to standard output; with --json the answer is what the server gave.",
        exit::table()
    )
}
