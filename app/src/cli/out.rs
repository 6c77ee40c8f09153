//! The one place for what is printed: sentences, tables, JSON. Tables fit the terminal and never wrap
//! in a pipe; colours only where somebody looks; nothing that came from elsewhere steers a terminal.

use anyhow::{Context, Result};
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;
use std::io::Write;

/// What is known of who looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Columns of the terminal that standard output is; none in a pipe or file.
    pub width: Option<u16>,
    /// Whether standard output may be coloured.
    pub has_colour: bool,
    /// Whether somebody looks at standard error, for progress.
    pub shows_progress: bool,
}

/// Where answers go.
pub struct Out {
    to: Box<dyn Write + Send>,
    /// Whether answers are JSON.
    pub json: bool,
    terminal: Terminal,
}

/// Columns of a table with nothing to wrap to.
const NARROWEST: u16 = 40;

impl Out {
    /// Answers to a writer.
    #[must_use]
    pub fn new(to: Box<dyn Write + Send>, json: bool, terminal: Terminal) -> Out {
        Out { to, json, terminal }
    }

    /// Whether a person looks at the answers as they come.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.terminal.width.is_some()
    }

    /// One or more lines for people.
    ///
    /// # Errors
    /// When nobody takes them.
    pub fn line(&mut self, text: &str) -> Result<()> {
        writeln!(self.to, "{}", harmless(text))?;
        Ok(self.to.flush()?)
    }

    /// A sentence beside the answer, on standard error: a script's answer stays what it is.
    pub fn aside(&self, text: &str) {
        writeln!(std::io::stderr(), "{}", harmless(text)).ok();
    }

    /// What the server answered, for a script: one line in a pipe, indented where a person looks.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn value(&mut self, value: &Value) -> Result<()> {
        let text = if self.is_seen() {
            serde_json::to_string_pretty(value).context("JSON is text")?
        } else {
            value.to_string()
        };
        writeln!(self.to, "{text}")?;
        Ok(self.to.flush()?)
    }

    /// The answer itself with `--json`, else the sentence about it.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn answer(&mut self, value: &Value, sentence: &str) -> Result<()> {
        if self.json { self.value(value) } else { self.line(sentence) }
    }

    /// A document as it is; on a terminal without what would steer it.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn document(&mut self, bytes: &[u8]) -> Result<()> {
        if self.is_seen() {
            let text = String::from_utf8_lossy(bytes);
            self.to.write_all(harmless(&text).as_bytes())?;
        } else {
            self.to.write_all(bytes)?;
        }
        Ok(self.to.flush()?)
    }

    /// Text that was coloured here and whose foreign words are harmless already.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn coloured(&mut self, text: &str) -> Result<()> {
        self.to.write_all(text.as_bytes())?;
        Ok(self.to.flush()?)
    }

    /// A table: its columns' names, and a row for each thing. `last` is the column that takes the
    /// space that is left, the others are not wrapped while there is any.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn table(&mut self, names: &[&str], rows: &[Vec<String>]) -> Result<()> {
        let mut table = Table::new();
        table.set_header(names.iter().map(|name| name.to_uppercase()));
        for row in rows {
            table.add_row(row.iter().map(|cell| harmless(&cell.replace('\n', " "))));
        }
        if let Some(width) = self.terminal.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width.max(NARROWEST));
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table.load_style(comfy_table::presets::NOTHING);
        for (at, line) in table.lines().enumerate() {
            let line = line.trim_end();
            if at == 0 && self.terminal.has_colour {
                writeln!(self.to, "\x1b[1m{line}\x1b[0m")?;
            } else {
                writeln!(self.to, "{line}")?;
            }
        }
        Ok(self.to.flush()?)
    }

    /// Says on standard error what takes time, while somebody looks; the next line overwrites it.
    pub fn progress(&self, text: &str) {
        if self.terminal.shows_progress {
            eprint!("\r\x1b[K{}", harmless(text));
            std::io::stderr().flush().ok();
        }
    }
}

/// Text without the characters that move a cursor, change a title or clear a screen.
#[must_use]
pub fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// A text of an answer; empty when it has none.
#[must_use]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// A moment as people read it in a table: `2026-11-12 14:02` UTC. Anything else stays as it is.
#[must_use]
pub fn minute(at: &str) -> String {
    match at.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Out, Terminal, harmless, minute};
    use std::io::Write;
    use std::sync::{Arc, Mutex};

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

    fn printed(terminal: Terminal, rows: &[Vec<String>]) -> String {
        let kept = Kept::default();
        Out::new(Box::new(kept.clone()), false, terminal).table(&["key", "title"], rows).unwrap();
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_table_is_plain_and_whole_in_a_pipe_and_fits_a_terminal() {
        let long = "a title of many words ".repeat(12);
        let rows = [vec!["INC-1".to_owned(), "short".to_owned()], vec!["INC-22".to_owned(), long]];
        let piped = printed(Terminal::default(), &rows);
        assert_eq!(piped.lines().count(), 3, "{piped}");
        assert!(piped.starts_with("KEY     TITLE\nINC-1   short\nINC-22  a title"), "{piped}");
        let seen = Terminal { width: Some(60), has_colour: true, shows_progress: false };
        let shown = printed(seen, &rows);
        assert!(shown.starts_with("\u{1b}[1mKEY"), "{shown}");
        assert!(shown.lines().skip(1).all(|line| line.chars().count() <= 60), "{shown}");
        assert!(shown.contains("INC-22"), "a key is not broken: {shown}");
    }

    #[test]
    fn what_came_from_elsewhere_steers_no_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{7}\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\n");
        let rows = [vec!["INC-1".to_owned(), "x\u{1b}]0;y\u{7}".to_owned()]];
        assert!(!printed(Terminal::default(), &rows).contains('\u{1b}'));
    }

    #[test]
    fn moments_are_short_in_tables() {
        assert_eq!(minute("2026-11-12T14:02:03.5Z"), "2026-11-12 14:02");
        assert_eq!(minute("about noon"), "about noon");
    }
}
