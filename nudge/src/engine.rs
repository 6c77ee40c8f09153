//! The engine: rules made ready, and how a sentence is checked.

use crate::compile::Starts;
use crate::lex::{Lexer, Marks};
use crate::lexicon::Lexicon;
use crate::markdown::Kind;
use crate::pattern::Automaton;
use crate::rules::{Rule, RuleError, Severity};
use crate::section::{Headings, Section, Sections};
use crate::subject::Knows;
use crate::token::Token;

/// The shipped rules, by language.
pub const SHIPPED: [(&str, &str); 2] =
    [("en", include_str!("../rules/en.toml")), ("de", include_str!("../rules/de.toml"))];

/// Rules made ready to check with.
#[derive(Debug)]
pub struct Engine {
    pub(crate) language: String,
    pub(crate) lexicon: Lexicon,
    pub(crate) marks: Marks,
    pub(crate) knows: Knows,
    pub(crate) rules: Vec<Rule>,
    pub(crate) made: Parts,
    pub(crate) starts: Starts,
    pub(crate) headings: Headings,
}

/// Patterns with their conditions, and the exceptions rules share among theirs.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) patterns: Vec<(usize, Automaton)>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) shared: Vec<(usize, Patterns)>,
}

#[derive(Debug, Default)]
pub(crate) struct Patterns {
    pub(crate) except: Vec<Automaton>,
    pub(crate) unless: Vec<Automaton>,
    pub(crate) unless_heading: Vec<Automaton>,
    pub(crate) with: Vec<Automaton>,
}

impl Patterns {
    pub(crate) fn extend(&mut self, more: Patterns) {
        self.except.extend(more.except);
        self.unless.extend(more.unless);
        self.unless_heading.extend(more.unless_heading);
        self.with.extend(more.with);
    }
}

/// Where a group of patterns speaks.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) rule: usize,
    pub(crate) sections: Sections,
    pub(crate) kinds: Option<Vec<String>>,
    pub(crate) without_zone: bool,
    pub(crate) once: bool,
    pub(crate) shorter_than: usize,
    pub(crate) patterns: Patterns,
}

/// A place where a rule has something to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The bytes it is about.
    pub span: Range2,
    /// The rule, for [`Engine::rule`].
    pub rule: usize,
    /// Whether one such finding a document is enough.
    pub(crate) once: bool,
}

/// A range that can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range2 {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Where a passage stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The kind of its section.
    pub section: Section,
    /// What kind of block it is.
    pub kind: Kind,
    /// The headings above it.
    pub heading: &'a str,
    /// Whether a time zone is declared for it.
    pub is_zone_declared: bool,
    /// Names of those who took part, in small letters, sorted.
    pub people: &'a [String],
}

impl Engine {
    /// The shipped engine for a language, if there is one.
    ///
    /// # Errors
    /// None but for a fault in the shipped rules, which a test would have found.
    pub fn shipped(language: &str) -> Option<Result<Engine, RuleError>> {
        let (_, text) = SHIPPED.iter().find(|(known, _)| *known == language)?;
        Some(Engine::of(&[text]))
    }

    /// An engine of rule files, each changing what those before it said.
    ///
    /// # Errors
    /// The first thing that is not understood, with its file and rule.
    pub fn of(files: &[&str]) -> Result<Engine, RuleError> {
        crate::compile::engine(files)
    }

    /// All rules, in the order of their files.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a finding.
    #[must_use]
    pub fn rule(&self, finding: &Finding) -> &Rule {
        &self.rules[finding.rule]
    }

    /// Its language's code.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// How headings tell a section's kind.
    #[must_use]
    pub fn headings(&self) -> &Headings {
        &self.headings
    }

    /// The number of a rule by its name.
    #[must_use]
    pub fn number_of(&self, id: &str) -> Option<usize> {
        self.rules.iter().position(|rule| rule.id == id)
    }

    /// Checks one passage: a field, a list item, a paragraph.
    #[must_use]
    pub fn check_passage(&self, text: &str, place: &Place<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut tokens = Vec::new();
        self.passage(text, place, &mut tokens, &mut found);
        found
    }

    /// The passage's findings, with places counted from its start.
    pub(crate) fn passage(
        &self,
        text: &str,
        place: &Place<'_>,
        tokens: &mut Vec<Token>,
        found: &mut Vec<Finding>,
    ) {
        if place.kind == Kind::Quote {
            return;
        }
        let mut lexer = Lexer::new(text, &self.lexicon, self.marks, place.people);
        while lexer.sentence(tokens) {
            self.sentence(tokens, place, found);
        }
    }

    fn sentence(&self, tokens: &[Token], place: &Place<'_>, found: &mut Vec<Finding>) {
        let before = found.len();
        for at in 0..tokens.len() - 1 {
            let token = &tokens[at];
            if token.word != 0 {
                for pattern in self.starts.at_word(token.word) {
                    self.try_pattern(*pattern, tokens, at, place, found, before);
                }
            }
            let mut shapes = token.shapes & self.starts.shapes;
            while shapes != 0 {
                let bit = shapes.trailing_zeros() as usize;
                shapes &= shapes - 1;
                for pattern in self.starts.at_shape(bit) {
                    self.try_pattern(*pattern, tokens, at, place, found, before);
                }
            }
        }
    }

    fn try_pattern(
        &self,
        pattern: u16,
        tokens: &[Token],
        at: usize,
        place: &Place<'_>,
        found: &mut Vec<Finding>,
        before: usize,
    ) {
        let (gate, automaton) = &self.made.patterns[usize::from(pattern)];
        let gate = &self.made.gates[*gate];
        if !self.is_open(gate, tokens, place) {
            return;
        }
        let Some(end) = automaton.matches_at(tokens, at, &self.knows) else { return };
        let span = span(tokens, at, end);
        let touches = |old: &Finding| {
            old.rule == gate.rule && span.start < old.span.end && old.span.start < span.end
        };
        if found[before..].iter().any(touches) || self.is_taken_back(gate, tokens, (at, end), place)
        {
            return;
        }
        found.push(Finding { span, rule: gate.rule, once: gate.once });
    }

    fn is_open(&self, gate: &Gate, tokens: &[Token], place: &Place<'_>) -> bool {
        gate.sections.has(place.section)
            && self.rules[gate.rule].severity != Severity::Off
            && !(gate.without_zone && place.is_zone_declared)
            && tokens.len() < gate.shorter_than
            && gate.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == place.kind.name()))
    }

    fn is_taken_back(
        &self,
        gate: &Gate,
        tokens: &[Token],
        (start, end): (usize, usize),
        place: &Place<'_>,
    ) -> bool {
        let anywhere =
            |automaton: &Automaton| automaton.matches(tokens, &self.knows).next().is_some();
        let with = &gate.patterns.with;
        if !with.is_empty() && !with.iter().any(anywhere) {
            return true;
        }
        let shared = self.made.shared.iter().find(|(rule, _)| *rule == gate.rule);
        let shared = shared.map(|(_, patterns)| patterns);
        std::iter::once(&gate.patterns).chain(shared).any(|patterns| {
            let touches = |automaton: &Automaton| {
                automaton.matches(tokens, &self.knows).any(|(from, to)| from < end && start < to)
            };
            patterns.unless.iter().any(anywhere)
                || patterns.except.iter().any(touches)
                || (!patterns.unless_heading.is_empty()
                    && self.heading_has(&patterns.unless_heading, place))
        })
    }

    fn heading_has(&self, patterns: &[Automaton], place: &Place<'_>) -> bool {
        let mut lexer = Lexer::new(place.heading, &self.lexicon, self.marks, &[]);
        let mut tokens = Vec::new();
        while lexer.sentence(&mut tokens) {
            let stands = |one: &Automaton| one.matches(&tokens, &self.knows).next().is_some();
            if patterns.iter().any(stands) {
                return true;
            }
        }
        false
    }
}

/// The bytes of a match, without the sentence's ends and the marks at its own.
fn span(tokens: &[Token], start: usize, end: usize) -> Range2 {
    let is_text = |token: &&Token| token.end > token.start;
    let inner = &tokens[start..end];
    let first = inner.iter().find(is_text).unwrap_or(&tokens[start]);
    let last = inner.iter().rev().find(is_text).unwrap_or(&tokens[end - 1]);
    Range2 { start: first.start as usize, end: (last.end as usize).max(first.start as usize) }
}
