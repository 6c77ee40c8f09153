//! The command line as people and scripts use it: real arguments, a real server, real answers.

mod config;
mod frame;
mod words;
mod work;

use super::{Cli, Exit, Surroundings, Terminal, command, exit_of};
use crate::access::Viewer;
use crate::testing::{On, TestApp, start_of_tests};
use clap::FromArgMatches;
use kit::clock::SetClock;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// What a command printed and answered.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) exit: Exit,
    /// Standard output.
    pub(super) out: String,
    /// What the message on standard error is.
    pub(super) error: String,
}

impl Said {
    /// The printed JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless it was done.
    pub(super) fn done(self) -> Said {
        assert_eq!(self.exit, Exit::Done, "{self:?}");
        self
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs a command with variables of its own and nothing else around it.
pub(super) async fn run_with(variables: &[(&str, &str)], arguments: &[&str]) -> Said {
    let matches = command().try_get_matches_from([&["afterword"], arguments].concat());
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.exit_code() == 0 { Exit::Done } else { Exit::Usage };
            return Said { exit, out: String::new(), error: error.to_string() };
        }
    };
    let kept = Kept::default();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let given = Surroundings {
        environment: variables.iter().map(own).collect(),
        clock: Arc::new(SetClock::at(start_of_tests())),
        output: Box::new(kept.clone()),
        terminal: Terminal::default(),
    };
    let ran = cli.run(given).await;
    let out = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    match ran {
        Ok(()) => Said { exit: Exit::Done, out, error: String::new() },
        Err(error) => Said { exit: exit_of(&error), out, error: format!("{error:#}") },
    }
}

/// A server, and people who speak to it from their terminals.
pub(super) struct Site {
    pub(super) app: TestApp,
    pub(super) url: String,
}

impl Site {
    pub(super) async fn start(on: On) -> Site {
        let app = TestApp::start(on).await;
        let url = app.listen().await;
        Site { app, url }
    }

    /// An incident that somebody declared; gives its key.
    pub(super) async fn declared(&self, viewer: &Viewer, title: &str) -> String {
        let form = [("title", title), ("kind", "outage")];
        let answer = self.app.post(viewer, "/incidents", &form).await;
        answer.location.split('/').nth(2).unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// Runs a command as somebody.
    pub(super) async fn run(&self, viewer: &Viewer, arguments: &[&str]) -> Said {
        let token = self.app.token(viewer);
        let variables = [("AFTERWORD_URL", self.url.as_str()), ("AFTERWORD_TOKEN", &token)];
        run_with(&variables, arguments).await
    }
}

/// The words of a line as a shell would split it, to its first operator; none when the line is not
/// ours.
pub(super) fn words_of(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.trim().trim_start_matches("$ ").chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | '<' | '&' | ';' | '#') => break,
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let is_setting = |word: &String| word.starts_with("AFTERWORD_") && word.contains('=');
    let words: Vec<String> = words.into_iter().skip_while(is_setting).collect();
    (words.first().is_some_and(|word| word == "afterword")).then_some(words)
}

/// Fails unless the command line takes the line as it is written.
pub(super) fn assert_parses(line: &str, words: &[String]) {
    if let Err(error) = command().try_get_matches_from(words) {
        assert_eq!(error.exit_code(), 0, "`{line}` is refused:\n{error}");
    }
}
