//! The engine: rules made ready, and how a sentence is checked.

use crate::compile::Starts;
use crate::lex::{Lexer, Marks};
use crate::lexicon::Lexicon;
use crate::markdown::Kind;
use crate::pattern::{Automaton, LONGEST_MATCH};
use crate::rules::{Rule, RuleError, Severity};
use crate::section::{Headings, Section, Sections};
use crate::shape::ShapeClasses;
use crate::subject::Knows;
use crate::token::Token;
use std::collections::BTreeMap;

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
    pub(crate) shapes: ShapeClasses,
    pub(crate) phrases: BTreeMap<String, Vec<String>>,
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
    pub span: Span,
    /// The rule, for [`Engine::rule`].
    pub rule: usize,
    /// Whether one such finding a document is enough.
    pub(crate) once: bool,
}

impl Finding {
    pub(crate) fn of(rule: usize, start: usize, end: usize) -> Finding {
        Finding { span: Span { start, end }, rule, once: false }
    }

    /// The finding with its place counted from further up.
    pub(crate) fn at(&self, start: usize) -> Finding {
        let span = Span { start: self.span.start + start, end: self.span.end + start };
        Finding { span, ..self.clone() }
    }
}

/// A range that can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// The sentence that is read.
struct Sentence<'a> {
    tokens: &'a [Token],
    place: &'a Place<'a>,
    /// How many findings there were before it.
    before: usize,
    /// Gates that the sentence as a whole was asked about, and whether it silences them.
    settled: Vec<(usize, bool)>,
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
        self.sentences(text, place.people, tokens, |tokens| self.sentence(tokens, place, found));
    }

    /// Reads a text's sentences one after the other.
    pub(crate) fn sentences(
        &self,
        text: &str,
        people: &[String],
        tokens: &mut Vec<Token>,
        mut take: impl FnMut(&[Token]),
    ) {
        let mut lexer = Lexer::new(text, &self.lexicon, self.marks, people);
        while lexer.sentence(tokens) {
            take(tokens);
        }
    }

    /// The phrases of a class of the rule file, in small letters.
    pub(crate) fn phrases(&self, class: &str) -> impl Iterator<Item = &String> + '_ {
        self.phrases.get(class).into_iter().flatten()
    }

    pub(crate) fn sentence(&self, tokens: &[Token], place: &Place<'_>, found: &mut Vec<Finding>) {
        let mut about = Sentence { tokens, place, before: found.len(), settled: Vec::new() };
        for (at, token) in tokens[..tokens.len() - 1].iter().enumerate() {
            if token.word != 0 {
                for pattern in self.starts.at_word(token.word) {
                    self.try_pattern(*pattern, &mut about, at, found);
                }
            }
            let mut shapes = token.shapes & self.starts.shapes;
            while shapes != 0 {
                let bit = shapes.trailing_zeros() as usize;
                shapes &= shapes - 1;
                for pattern in self.starts.at_shape(bit) {
                    self.try_pattern(*pattern, &mut about, at, found);
                }
            }
        }
    }

    fn try_pattern(
        &self,
        pattern: u16,
        about: &mut Sentence<'_>,
        at: usize,
        found: &mut Vec<Finding>,
    ) {
        let (number, automaton) = &self.made.patterns[usize::from(pattern)];
        let gate = &self.made.gates[*number];
        if !self.is_open(gate, about.tokens, about.place) {
            return;
        }
        let Some(end) = automaton.matches_at(about.tokens, at, &self.knows) else { return };
        let span = span(about.tokens, at, end);
        let touches = |old: &Finding| {
            old.rule == gate.rule && span.start < old.span.end && old.span.start < span.end
        };
        let is_known = found[about.before..].iter().any(touches);
        if is_known || self.is_settled(*number, about) || self.is_touched(gate, about, (at, end)) {
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

    /// The exceptions of a gate: its own, and those that its rule shares among its gates.
    fn exceptions<'e>(&'e self, gate: &'e Gate) -> impl Iterator<Item = &'e Patterns> {
        let shared = self.made.shared.iter().find(|(rule, _)| *rule == gate.rule);
        std::iter::once(&gate.patterns).chain(shared.map(|(_, patterns)| patterns))
    }

    /// Whether the sentence or its headings as a whole take back what a gate finds: asked once a sentence.
    fn is_settled(&self, number: usize, about: &mut Sentence<'_>) -> bool {
        if let Some((_, is_silent)) = about.settled.iter().find(|(gate, _)| *gate == number) {
            return *is_silent;
        }
        let gate = &self.made.gates[number];
        let stands = |one: &Automaton| one.matches(about.tokens, &self.knows).next().is_some();
        let with = &gate.patterns.with;
        let is_silent = (!with.is_empty() && !with.iter().any(stands))
            || self.exceptions(gate).any(|patterns| {
                patterns.unless.iter().any(stands)
                    || (!patterns.unless_heading.is_empty()
                        && self.heading_has(&patterns.unless_heading, about.place))
            });
        about.settled.push((number, is_silent));
        is_silent
    }

    /// Whether an exception touches a match.
    fn is_touched(&self, gate: &Gate, about: &Sentence<'_>, (start, end): (usize, usize)) -> bool {
        let from = start.saturating_sub(LONGEST_MATCH);
        let touches = |one: &Automaton| {
            (0..end - from).any(|at| {
                // Subjects are looked for in the whole sentence.
                one.matches_at(about.tokens, from + at, &self.knows).is_some_and(|to| start < to)
            })
        };
        self.exceptions(gate).any(|patterns| patterns.except.iter().any(touches))
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
fn span(tokens: &[Token], start: usize, end: usize) -> Span {
    let is_text = |token: &&Token| token.end > token.start;
    let inner = &tokens[start..end];
    let first = inner.iter().find(is_text).unwrap_or(&tokens[start]);
    let last = inner.iter().rev().find(is_text).unwrap_or(&tokens[end - 1]);
    Span { start: first.start as usize, end: (last.end as usize).max(first.start as usize) }
}
