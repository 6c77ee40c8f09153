//! Patterns over tokens: their notation, and the automaton each becomes.
//!
//! A pattern is words and classes in a row: `{check.base}`, `should|could`, `#time`, `.` for any word, `!x`
//! for anything else, `..4` for up to four tokens of the clause, `(a b / c)?` for groups, `?`, `*`, `+`
//! behind any of them, `^` and `$` for the ends of the sentence, `@human` behind a verb for the kind of
//! its subject, `<name>` for a part that the rule file defines once.
//!
//! The automaton has a state for each test of the pattern (Glushkov's), at most 128, kept as bits: a token
//! costs as many steps as states are alive, so matching is linear whatever the text.

use crate::classes::{self, Classes, FORMS, Forms, SHAPES, Shapes};
use crate::inflect::{Endings, Irregular};
use crate::lexicon::{Lexicon, WordId};
use crate::subject::{self, Kinds};
use crate::token::Token;
use std::collections::BTreeMap;

/// How many tests a pattern may have.
pub const MOST_TESTS: usize = 128;
/// How many tokens a match may span.
pub(crate) const LONGEST_MATCH: usize = 40;

/// What a pattern asks of one token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Test {
    words: Vec<WordId>,
    classes: Classes,
    shapes: Shapes,
    any: bool,
    negated: bool,
    subject: Option<Kinds>,
}

impl Test {
    fn holds(&self, tokens: &[Token], at: usize, knows: &subject::Knows) -> bool {
        let token = &tokens[at];
        if self.any {
            return !token.is_break() && self.subject_holds(tokens, at, knows);
        }
        let is = token.in_class(self.classes)
            || token.is(self.shapes)
            || (token.word != 0 && self.words.contains(&token.word));
        if self.negated {
            return !is && !token.is_break() && self.subject_holds(tokens, at, knows);
        }
        is && self.subject_holds(tokens, at, knows)
    }

    fn subject_holds(&self, tokens: &[Token], at: usize, knows: &subject::Knows) -> bool {
        self.subject.is_none_or(|wanted| knows.holds(tokens, at, wanted))
    }
}

/// A pattern made ready.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    tests: Vec<Test>,
    follow: Vec<u128>,
    first: u128,
    last: u128,
}

impl Automaton {
    /// The longest match that starts at a token, as the index after its last token.
    pub(crate) fn matches_at(
        &self,
        tokens: &[Token],
        start: usize,
        knows: &subject::Knows,
    ) -> Option<usize> {
        let mut wanted = self.first;
        let mut found = None;
        for at in start..tokens.len().min(start + LONGEST_MATCH) {
            let (mut alive, mut next, mut ends) = (wanted, 0_u128, false);
            while alive != 0 {
                let state = alive.trailing_zeros() as usize;
                alive &= alive - 1;
                if self.tests[state].holds(tokens, at, knows) {
                    next |= self.follow[state];
                    ends |= self.last & (1 << state) != 0;
                }
            }
            if ends {
                found = Some(at + 1);
            }
            if next == 0 {
                break;
            }
            wanted = next;
        }
        found
    }

    /// Where it matches in a sentence, one match a starting token.
    pub(crate) fn matches<'t>(
        &'t self,
        tokens: &'t [Token],
        knows: &'t subject::Knows,
    ) -> impl Iterator<Item = (usize, usize)> + 't {
        (0..tokens.len())
            .filter_map(move |start| Some((start, self.matches_at(tokens, start, knows)?)))
    }

    /// The tests with which a match can begin.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = Beginning<'_>> + '_ {
        let tests = self.tests.iter().enumerate();
        let first = tests.filter(|(state, _)| self.first & (1 << state) != 0);
        first.map(|(_, test)| {
            if test.any || test.negated {
                Beginning::Anything
            } else {
                Beginning::Of { words: &test.words, classes: test.classes, shapes: test.shapes }
            }
        })
    }
}

/// What a match can begin with.
pub(crate) enum Beginning<'a> {
    Anything,
    Of { words: &'a [WordId], classes: Classes, shapes: Shapes },
}

/// What compiling needs.
pub(crate) struct Compiler<'a> {
    pub(crate) lexicon: &'a mut Lexicon,
    pub(crate) parts: &'a BTreeMap<String, String>,
    /// Irregular verbs and endings, for `~verb`.
    pub(crate) endings: Endings,
    pub(crate) irregular: &'a Irregular,
}

enum Node {
    Test(Test),
    Row(Vec<Node>),
    Either(Vec<Node>),
    Maybe(Box<Node>),
    Many(Box<Node>),
}

impl Compiler<'_> {
    /// Makes a pattern ready.
    ///
    /// # Errors
    /// What in the pattern is not understood.
    pub(crate) fn compile(&mut self, pattern: &str) -> Result<Automaton, String> {
        let text = self.with_parts(pattern, 0)?;
        let spaced = spaced(&text);
        let mut items = spaced.split_whitespace().peekable();
        let node = self.either(&mut items)?;
        if let Some(left) = items.next() {
            return Err(format!("`{left}` closes nothing"));
        }
        let mut automaton = Automaton { tests: Vec::new(), follow: Vec::new(), first: 0, last: 0 };
        let ends = automaton.place(node)?;
        if ends.may_be_empty {
            return Err("it would match nothing at all".to_owned());
        }
        automaton.first = ends.first;
        automaton.last = ends.last;
        Ok(automaton)
    }

    /// Puts the defined parts in the place of their names.
    fn with_parts(&self, pattern: &str, depth: usize) -> Result<String, String> {
        if depth > 6 {
            return Err("its parts name each other in a circle".to_owned());
        }
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('<') {
            let (name, behind) = after.split_once('>').ok_or("`<` is not closed by `>`")?;
            let part = self.parts.get(name).ok_or(format!("no part is named `{name}`"))?;
            text.push_str(before);
            let part = self.with_parts(part, depth + 1)?;
            // One test stays one, so that more choices can be joined to it.
            if part.contains(' ') {
                text.push_str(&format!("( {part} )"));
            } else {
                text.push_str(&part);
            }
            rest = behind;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn either<'t>(
        &mut self,
        items: &mut std::iter::Peekable<impl Iterator<Item = &'t str>>,
    ) -> Result<Node, String> {
        let mut ways = Vec::new();
        let mut row = Vec::new();
        while let Some(item) = items.peek().copied() {
            if item.starts_with(')') {
                break;
            }
            items.next();
            match item {
                "/" => ways.push(Node::Row(std::mem::take(&mut row))),
                "(" => {
                    let inner = self.either(items)?;
                    let close = items.next().ok_or("`(` is not closed by `)`")?;
                    row.push(repeated(inner, &close[1..])?);
                }
                _ => self.item(item, &mut row)?,
            }
        }
        ways.push(Node::Row(row));
        Ok(Node::Either(ways))
    }

    fn item(&mut self, item: &str, row: &mut Vec<Node>) -> Result<(), String> {
        if let Some(count) = item.strip_prefix("..") {
            let count = match count {
                "" => 3,
                "." => 12,
                number => number.parse().map_err(|_| format!("`{item}` is no gap"))?,
            };
            for _ in 0..count {
                let any = Test { any: true, ..Test::default() };
                row.push(Node::Maybe(Box::new(Node::Test(any))));
            }
            return Ok(());
        }
        let (test, mark) = match item.char_indices().next_back() {
            Some((at, '?' | '*' | '+')) if at > 0 && !item.starts_with('\\') => item.split_at(at),
            _ => (item, ""),
        };
        let test = self.test(test)?;
        row.push(repeated(Node::Test(test), mark)?);
        Ok(())
    }

    fn test(&mut self, text: &str) -> Result<Test, String> {
        let mut test = Test::default();
        if let Some((_, kind)) = text.rsplit_once('@').filter(|(_, kind)| !kind.is_empty()) {
            test.subject = Some(subject_named(kind)?);
        }
        let text = match text.strip_prefix('!') {
            Some(rest) if !rest.is_empty() => {
                test.negated = true;
                rest
            }
            _ => text,
        };
        if text.is_empty() || text == "." || text.starts_with(".@") {
            test.any = true;
            return Ok(test);
        }
        for choice in text.split('|') {
            // `a@human|b@human` is `a|b` with a human subject.
            let choice = match choice.split_once('@') {
                Some((choice, kind)) if !kind.is_empty() => choice,
                _ => choice,
            };
            self.choice(choice, &mut test)?;
        }
        Ok(test)
    }

    fn choice(&mut self, choice: &str, test: &mut Test) -> Result<(), String> {
        if let Some(shape) = choice.strip_prefix('#').filter(|shape| !shape.is_empty()) {
            let known = SHAPES.iter().find(|(name, _)| *name == shape);
            test.shapes |= known.ok_or(format!("no shape is named `#{shape}`"))?.1;
            return Ok(());
        }
        if let Some(name) = choice.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            test.classes = test.classes.and(self.class(name)?);
            return Ok(());
        }
        if let Some(lemma) = choice.strip_prefix('~') {
            for (form, forms) in crate::inflect::verb(lemma, self.endings, self.irregular) {
                if forms != 0 {
                    test.words.push(self.lexicon.add(&form));
                }
            }
            return Ok(());
        }
        let word = choice.strip_prefix('\\').unwrap_or(choice);
        if word.is_empty() || word.chars().any(char::is_uppercase) {
            return Err(format!("`{choice}` is no word in small letters"));
        }
        test.words.push(self.lexicon.add(word));
        Ok(())
    }

    /// A class, or the part of it that stands in a form.
    fn class(&mut self, name: &str) -> Result<Classes, String> {
        let (class, form) = match name.split_once('.') {
            Some((class, form)) => (class, Some(form)),
            None => (name, None),
        };
        if !self.lexicon.names.knows(class) {
            return Err(format!("no class is named `{{{class}}}`"));
        }
        let Some(form) = form else { return Ok(self.lexicon.names.set(class)) };
        if self.lexicon.names.knows(name) {
            return Ok(self.lexicon.names.set(name));
        }
        let wanted: Forms = FORMS
            .iter()
            .find(|(known, _)| *known == form)
            .ok_or(format!("no form is named `.{form}`"))?
            .1;
        let too_many = || "the rule files name too many classes".to_owned();
        let of = self.lexicon.names.number(class).ok_or_else(too_many)?;
        let number = self.lexicon.names.number(name).ok_or_else(too_many)?;
        self.lexicon.derive(of, wanted, number);
        Ok(Classes::one(number))
    }
}

/// The pattern with gaps around its parentheses and none before what repeats them.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match char {
            '(' => spaced.push_str(" ( "),
            ')' => spaced.push_str(" )"),
            _ => spaced.push(char),
        }
    }
    spaced
}

fn subject_named(kind: &str) -> Result<Kinds, String> {
    subject::kinds(kind).ok_or_else(|| format!("no subject is named `@{kind}`"))
}

/// Says whose deed each verb of a part must be.
fn with_subject(node: &mut Node, kinds: Kinds) {
    match node {
        Node::Test(test) => test.subject = Some(kinds),
        Node::Row(parts) | Node::Either(parts) => {
            parts.iter_mut().for_each(|part| with_subject(part, kinds));
        }
        Node::Maybe(inner) | Node::Many(inner) => with_subject(inner, kinds),
    }
}

fn repeated(mut node: Node, mark: &str) -> Result<Node, String> {
    if let Some(kind) = mark.strip_prefix('@') {
        with_subject(&mut node, subject_named(kind)?);
        return Ok(node);
    }
    match mark {
        "" => Ok(node),
        "?" => Ok(Node::Maybe(Box::new(node))),
        "+" => Ok(Node::Many(Box::new(node))),
        "*" => Ok(Node::Maybe(Box::new(Node::Many(Box::new(node))))),
        _ => Err(format!("`{mark}` repeats nothing")),
    }
}

struct Ends {
    first: u128,
    last: u128,
    may_be_empty: bool,
}

impl Automaton {
    /// Gives a part its states and returns where it begins and ends.
    fn place(&mut self, node: Node) -> Result<Ends, String> {
        match node {
            Node::Test(test) => {
                let state = self.tests.len();
                if state == MOST_TESTS {
                    return Err(format!("it has more than {MOST_TESTS} tests"));
                }
                self.tests.push(test);
                self.follow.push(0);
                Ok(Ends { first: 1 << state, last: 1 << state, may_be_empty: false })
            }
            Node::Maybe(inner) => Ok(Ends { may_be_empty: true, ..self.place(*inner)? }),
            Node::Many(inner) => {
                let ends = self.place(*inner)?;
                self.join(ends.last, ends.first);
                Ok(ends)
            }
            Node::Either(ways) => {
                let mut all = Ends { first: 0, last: 0, may_be_empty: false };
                for way in ways {
                    let ends = self.place(way)?;
                    all.first |= ends.first;
                    all.last |= ends.last;
                    all.may_be_empty |= ends.may_be_empty;
                }
                Ok(all)
            }
            Node::Row(parts) => {
                let mut all = Ends { first: 0, last: 0, may_be_empty: true };
                for part in parts {
                    let ends = self.place(part)?;
                    self.join(all.last, ends.first);
                    if all.may_be_empty {
                        all.first |= ends.first;
                    }
                    all.last = if ends.may_be_empty { all.last | ends.last } else { ends.last };
                    all.may_be_empty &= ends.may_be_empty;
                }
                Ok(all)
            }
        }
    }

    fn join(&mut self, from: u128, to: u128) {
        for (state, follow) in self.follow.iter_mut().enumerate() {
            if from & (1 << state) != 0 {
                *follow |= to;
            }
        }
    }
}

/// The shapes that a token may begin a match with, each as its bit's number.
pub(crate) const SHAPE_COUNT: usize = classes::FIRST.trailing_zeros() as usize;
