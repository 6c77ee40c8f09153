//! `afterword lint`: the language engine on files, without a server.

use super::exit::{Exit, Failure};
use super::{Out, Terminal};
use crate::nudges::baseline::Baseline;
use crate::nudges::config::LintConfig;
use crate::nudges::files::{self, Source};
use crate::nudges::labelled::{self, Counts, Predicted, Score};
use crate::nudges::lint::{LintError, Linter, Report, count};
use crate::nudges::show::{self, Look};
use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Ask better questions of the wording of reports: Markdown, HTML and text, without a server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword lint postmortems/
  afterword lint retro.md --format github --max-warnings 0
  cat retro.md | afterword lint -
  afterword lint --explain counterfactual
  afterword lint postmortems/ --write-baseline nudges-baseline.json")]
pub struct Lint {
    /// Files and folders; `-` reads standard input.
    files: Vec<PathBuf>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Explain a rule, and check nothing.
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    /// List the rules, and check nothing.
    #[arg(long)]
    rules: bool,
    /// The settings file; otherwise nudges.toml in the folder of the first file or above it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The language of the texts: en, de.
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Unfold the hints.
    #[arg(long)]
    hints: bool,
    /// Answer 9 when there are more warnings than this.
    #[arg(long, value_name = "COUNT")]
    max_warnings: Option<usize>,
    /// Leave out what stands in this file, written by --write-baseline.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found now to this file, and show nothing.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// What standard input is called.
    #[arg(long, value_name = "NAME", default_value = "stdin.md")]
    stdin_name: String,
    /// Check again whenever a file changes.
    #[arg(long)]
    watch: bool,
    /// Score the rules on labelled sentences, a JSON object a line.
    #[arg(long, value_name = "FILE")]
    labelled: Option<PathBuf>,
    /// Score the rules about whole documents on labelled ones, a JSON object a line.
    #[arg(long, value_name = "FILE")]
    documents: Option<PathBuf>,
    /// With --labelled or --documents: print what the rules say of each row.
    #[arg(long)]
    predict: bool,
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
    /// For code scanning.
    Sarif,
    /// For GitHub's workflows.
    Github,
}

/// How often watched files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Lint {
    /// Checks and tells.
    ///
    /// # Errors
    /// When nothing was named, a file or setting is wrong, or there are more warnings than allowed.
    pub fn run(self, terminal: Terminal, out: &mut Out) -> Result<()> {
        let linter = self.linter()?;
        if let Some(rule) = &self.explain {
            return self.explain(&linter, rule, out);
        }
        if self.rules {
            return self.list(&linter, out);
        }
        if let Some(path) = self.labelled.as_ref().or(self.documents.as_ref()) {
            return self.score(&linter, path, out);
        }
        if self.files.is_empty() {
            let what = "name a file or a folder, such as: afterword lint postmortems/";
            return Err(Failure::new(Exit::Usage, what).into());
        }
        let mut seen = Vec::new();
        loop {
            let answer = self.once(&linter, terminal, out);
            if !self.watch {
                return answer;
            }
            if let Err(error) = answer {
                out.aside(&format!("{error:#}"));
            }
            self.wait(&linter, &mut seen);
        }
    }

    fn linter(&self) -> Result<Linter> {
        let first = self.files.first().filter(|path| path.as_os_str() != "-");
        let folder = match first {
            Some(path) if path.is_dir() => path.clone(),
            Some(path) => path.parent().map(Path::to_owned).unwrap_or_default(),
            None => PathBuf::from("."),
        };
        let config = match &self.config {
            Some(path) => LintConfig::read(path),
            None => LintConfig::above(&folder),
        };
        let mut config = config.map_err(|error| usage(&error))?;
        if self.language.is_some() {
            config.language.clone_from(&self.language);
        }
        Linter::new(config).map_err(|error| usage(&error))
    }

    fn once(&self, linter: &Linter, terminal: Terminal, out: &mut Out) -> Result<()> {
        let mut reports = self.reports(linter)?;
        if let Some(path) = &self.write_baseline {
            let baseline = Baseline::of(&reports);
            std::fs::write(path, baseline.to_text())
                .with_context(|| format!("{} cannot be written", path.display()))?;
            let (warnings, hints) = count(&reports);
            out.aside(&format!("{warnings} warnings and {hints} hints are in {}", path.display()));
            return Ok(());
        }
        if let Some(path) = &self.baseline {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            let baseline = Baseline::parse(&text).map_err(|what| {
                Failure::new(Exit::Usage, format!("{} is no baseline: {what}", path.display()))
            })?;
            baseline.take_out(&mut reports);
        }
        self.tell(linter, &reports, terminal, out)?;
        let (warnings, _) = count(&reports);
        match self.max_warnings.or(linter.config.max_warnings) {
            Some(most) if most < warnings => {
                let what = format!("{warnings} warnings, and {most} are allowed");
                Err(Failure::new(Exit::Nudged, what).into())
            }
            _ => Ok(()),
        }
    }

    fn reports(&self, linter: &Linter) -> Result<Vec<Report>> {
        let is_input = |path: &PathBuf| path.as_os_str() == "-";
        let named: Vec<PathBuf> = self.files.iter().filter(|p| !is_input(p)).cloned().collect();
        let paths = files::find(&named, &linter.config)?;
        let mut reports = linter.check_files(&paths)?;
        if self.files.iter().any(is_input) {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
            reports.push(linter.check(Source::of(&self.stdin_name, &bytes))?);
        }
        Ok(reports)
    }

    fn tell(
        &self,
        linter: &Linter,
        reports: &[Report],
        terminal: Terminal,
        out: &mut Out,
    ) -> Result<()> {
        let format = if out.json { Format::Json } else { self.format };
        match format {
            Format::Json => out.value(&show::json(reports)),
            Format::Sarif => {
                let language = linter.config.language.as_deref().unwrap_or("en");
                out.value(&show::sarif(reports, linter.engine(language)?.rules()))
            }
            Format::Github => out.document(show::github(reports).as_bytes()),
            Format::Text => {
                let look = Look { has_colour: terminal.has_colour, shows_hints: self.hints };
                out.coloured(&show::text(reports, look))?;
                let (warnings, hints) = count(reports);
                let files = reports.len();
                out.aside(&format!("{warnings} warnings, {hints} hints in {files} files"));
                Ok(())
            }
        }
    }

    /// Until a file changes, comes or goes.
    fn wait(&self, linter: &Linter, seen: &mut Vec<(PathBuf, Option<SystemTime>, u64)>) {
        loop {
            let found = files::find(&self.files, &linter.config).unwrap_or_default();
            let now: Vec<_> = found
                .into_iter()
                .map(|path| {
                    let data = std::fs::metadata(&path);
                    let changed = data.as_ref().ok().and_then(|data| data.modified().ok());
                    (path, changed, data.map_or(0, |data| data.len()))
                })
                .collect();
            let is_first = seen.is_empty();
            let is_new = *seen != now;
            *seen = now;
            if is_new && !is_first {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn language(&self, linter: &Linter) -> String {
        linter.config.language.clone().unwrap_or_else(|| "en".to_owned())
    }

    fn explain(&self, linter: &Linter, id: &str, out: &mut Out) -> Result<()> {
        let engine = linter.engine(&self.language(linter))?;
        let Some(rule) = engine.rules().iter().find(|rule| rule.id == id) else {
            return Err(usage(&LintError::UnknownRule(id.to_owned())));
        };
        out.answer(&serde_json::to_value(rule)?, show::explain(rule).trim_end())
    }

    fn list(&self, linter: &Linter, out: &mut Out) -> Result<()> {
        let engine = linter.engine(&self.language(linter))?;
        if out.json {
            return out.value(&serde_json::to_value(engine.rules())?);
        }
        let rows: Vec<Vec<String>> = engine
            .rules()
            .iter()
            .map(|rule| {
                let severity = rule.severity.name().to_owned();
                vec![rule.id.clone(), rule.category.clone(), severity, rule.why.clone()]
            })
            .collect();
        out.table(&["rule", "category", "severity", "why"], &rows)
    }

    fn score(&self, linter: &Linter, path: &Path, out: &mut Out) -> Result<()> {
        let engine = linter.engine(&self.language(linter))?;
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let checked = match &self.labelled {
            Some(_) => labelled::sentences(&engine, &text),
            None => labelled::documents(&engine, &text),
        };
        let (predicted, score) = checked
            .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", path.display())))?;
        if self.predict { predictions(&predicted, out) } else { scores(&score, out) }
    }
}

fn usage(error: &dyn std::error::Error) -> anyhow::Error {
    Failure::new(Exit::Usage, error.to_string()).into()
}

fn predictions(all: &[Predicted], out: &mut Out) -> Result<()> {
    let mut lines = String::new();
    for one in all {
        lines.push_str(&serde_json::to_string(one).map_err(|error| anyhow!(error))?);
        lines.push('\n');
    }
    out.document(lines.as_bytes())
}

fn scores(score: &Score, out: &mut Out) -> Result<()> {
    if out.json {
        return out.value(&score.to_json());
    }
    let row = |rule: &str, counts: Counts| {
        let share = |share: f64| format!("{share:.2}");
        vec![
            rule.to_owned(),
            share(counts.precision()),
            share(counts.recall()),
            share(counts.f1()),
            counts.right.to_string(),
            counts.wrong.to_string(),
            counts.missed.to_string(),
        ]
    };
    let mut rows: Vec<_> = score.rules.iter().map(|(rule, counts)| row(rule, *counts)).collect();
    rows.push(row("in sum", score.sum()));
    out.table(&["rule", "precision", "recall", "f1", "right", "wrong", "missed"], &rows)?;
    out.line(&format!("{} false alarms on {} rows without a label", score.alarms, score.clean))
}
