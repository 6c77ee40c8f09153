//! From rule files to an engine.

use crate::classes;
use crate::engine::{Engine, Gate, Parts, Patterns};
use crate::inflect::{self, Endings, Irregular};
use crate::lex::Marks;
use crate::lexicon::Lexicon;
use crate::pattern::{Automaton, Beginning, Compiler, SHAPE_COUNT};
use crate::rules::{Group, Rule, RuleError, RuleFile, RuleText, Severity};
use crate::section::{Headings, Section, Sections};
use crate::shape::ShapeClasses;
use crate::subject::Knows;
use std::collections::BTreeMap;

/// Makes an engine of rule files, each changing what those before it said.
///
/// # Errors
/// The first thing that is not understood, with its file and rule.
pub(crate) fn engine(files: &[&str]) -> Result<Engine, RuleError> {
    let mut parsed = Vec::new();
    for (file, text) in files.iter().enumerate() {
        let read: Result<RuleFile, _> = toml::from_str(text);
        parsed.push(read.map_err(|error| RuleError { file, what: error.to_string() })?);
    }
    let mut all = Collected::default();
    for (file, read) in parsed.into_iter().enumerate() {
        all.take(read).map_err(|what| RuleError { file, what })?;
    }
    all.finish()
}

#[derive(Default)]
struct Collected {
    language: String,
    endings: Option<Endings>,
    lexicon: Option<Lexicon>,
    irregular: Irregular,
    parts: BTreeMap<String, String>,
    headings: Headings,
    phrases: BTreeMap<String, Vec<String>>,
    rules: Vec<(Rule, usize)>,
    texts: Vec<(usize, RuleText)>,
    files: usize,
}

impl Collected {
    fn take(&mut self, file: RuleFile) -> Result<(), String> {
        if let Some(language) = &file.language {
            self.language.clone_from(language);
        }
        let endings = Endings::of(&self.language);
        self.endings = Some(endings);
        for line in file.irregular.lines().flat_map(|line| line.split(',')) {
            let mut words = line.split_whitespace().map(str::to_owned);
            match (words.next(), words.next(), words.next(), words.next()) {
                (None, ..) => {}
                (Some(verb), Some(past), Some(part), None) => {
                    self.irregular.insert(verb, (past, part));
                }
                (Some(verb), Some(past), None, None) => {
                    self.irregular.insert(verb, (past.clone(), past));
                }
                _ => {
                    return Err(format!(
                        "irregular: `{line}` is not a verb, its past and participle"
                    ));
                }
            }
        }
        self.vocabulary(&file, endings)?;
        self.parts.extend(file.parts);
        for (name, words) in file.sections {
            let section = Section::named(&name);
            let section = section.ok_or_else(|| format!("sections: no section is `{name}`"))?;
            for words in words {
                self.headings.add(&words, section);
            }
        }
        self.phrases.extend(file.phrases);
        for text in file.rule {
            self.rule(text, false)?;
        }
        for text in file.document {
            self.rule(text, true)?;
        }
        for id in file.silence {
            let rule = self.rules.iter_mut().find(|(rule, _)| rule.id == id);
            let rule = rule.ok_or_else(|| format!("silence: no rule is `{id}`"))?;
            rule.0.severity = Severity::Off;
        }
        self.files += 1;
        Ok(())
    }

    fn vocabulary(&mut self, file: &RuleFile, endings: Endings) -> Result<(), String> {
        let lexicon = self.lexicon.get_or_insert_default();
        let too_many = || "the rule files name too many classes".to_owned();
        for (class, words) in &file.words {
            let class = lexicon.names.number(class).ok_or_else(too_many)?;
            for word in words.split_whitespace() {
                lexicon.put(word, class, 0);
            }
        }
        for (class, words) in &file.nouns {
            let class = lexicon.names.number(class).ok_or_else(too_many)?;
            for word in words.split_whitespace() {
                for (form, forms) in inflect::noun(word, endings) {
                    lexicon.put(&form, class, forms);
                }
            }
        }
        let finite = lexicon.names.number("finite").ok_or_else(too_many)?;
        let any = lexicon.names.number("anyverb").ok_or_else(too_many)?;
        let irregular = self.irregular.keys().cloned().collect::<Vec<_>>().join(" ");
        let own = [("anyverb".to_owned(), irregular)];
        for (name, words) in own.iter().map(|(name, words)| (name, words)).chain(&file.verbs) {
            let class = lexicon.names.number(name).ok_or_else(too_many)?;
            for word in words.split_whitespace() {
                for (form, forms) in inflect::verb(word, endings, &self.irregular) {
                    lexicon.put(&form, class, forms);
                    lexicon.put(&form, any, forms);
                    if forms & classes::PAST != 0 {
                        lexicon.put(&form, finite, forms);
                    }
                }
            }
        }
        Ok(())
    }

    fn rule(&mut self, text: RuleText, is_of_document: bool) -> Result<(), String> {
        let known = self.rules.iter().position(|(rule, _)| rule.id == text.id);
        let id = text.id.clone();
        let number = if let Some(number) = known {
            number
        } else {
            let need = |field: &Option<String>, name: &str| {
                field.clone().ok_or_else(|| format!("rule `{id}` does not say its {name}"))
            };
            if text.id.is_empty() {
                return Err("a rule has no id".to_owned());
            }
            let rule = Rule {
                id: text.id.clone(),
                category: need(&text.category, "category")?,
                severity: text.severity.unwrap_or(Severity::Hint),
                why: need(&text.why, "why")?,
                question: need(&text.question, "question")?,
                reference: text.reference.clone().unwrap_or_default(),
                is_of_document,
                speaks: Vec::new(),
                silent: Vec::new(),
            };
            self.rules.push((rule, self.files));
            self.rules.len() - 1
        };
        let rule = &mut self.rules[number].0;
        let changes = [
            (&mut rule.category, &text.category),
            (&mut rule.why, &text.why),
            (&mut rule.question, &text.question),
            (&mut rule.reference, &text.reference),
        ];
        for (field, said) in changes {
            if let Some(said) = said {
                field.clone_from(said);
            }
        }
        rule.severity = text.severity.unwrap_or(rule.severity);
        rule.speaks.extend(text.speaks.iter().cloned());
        rule.silent.extend(text.silent.iter().cloned());
        self.texts.push((number, text));
        Ok(())
    }

    fn finish(self) -> Result<Engine, RuleError> {
        let mut lexicon = self.lexicon.unwrap_or_default();
        let marks = Marks::of(&mut lexicon);
        let knows = Knows::new(&mut lexicon);
        let mut made = Parts::default();
        let mut compiler = Compiler {
            lexicon: &mut lexicon,
            parts: &self.parts,
            endings: self.endings.unwrap_or(Endings::Listed),
            irregular: &self.irregular,
        };
        for (number, text) in self.texts {
            let id = text.id.clone();
            groups(&mut compiler, number, text, &mut made).map_err(|what| RuleError {
                file: self.rules[number].1,
                what: format!("rule `{id}`: {what}"),
            })?;
        }
        let starts = Starts::of(&lexicon, &made.patterns);
        lexicon.finish();
        let rules = self.rules.into_iter().map(|(rule, _)| rule).collect();
        Ok(Engine {
            language: self.language,
            shapes: ShapeClasses::of(&lexicon),
            lexicon,
            marks,
            knows,
            rules,
            made,
            starts,
            headings: self.headings,
            phrases: self.phrases,
        })
    }
}

/// The groups of a rule: its own patterns, then those with conditions of their own.
fn groups(
    compiler: &mut Compiler<'_>,
    rule: usize,
    text: RuleText,
    made: &mut Parts,
) -> Result<(), String> {
    let own = Group { sections: None, matches: text.matches, ..Group::default() };
    let mut shared = Patterns::default();
    let exceptions = [
        (&text.except, &mut shared.except),
        (&text.unless, &mut shared.unless),
        (&text.unless_heading, &mut shared.unless_heading),
    ];
    for (texts, to) in exceptions {
        for text in texts {
            to.push(compile(compiler, text)?);
        }
    }
    // A later file's exceptions hold for the rule as it was, too.
    match made.shared.iter_mut().find(|(of, _)| *of == rule) {
        Some((_, known)) => known.extend(shared),
        None => made.shared.push((rule, shared)),
    }
    for group in std::iter::once(own).chain(text.when) {
        if group.matches.is_empty() {
            continue;
        }
        let sections = group.sections.as_ref().or(text.sections.as_ref());
        let mut own = Patterns::default();
        let kinds = [
            (&group.except, &mut own.except),
            (&group.unless, &mut own.unless),
            (&group.with, &mut own.with),
        ];
        for (texts, to) in kinds {
            for text in texts {
                to.push(compile(compiler, text)?);
            }
        }
        let gate = Gate {
            rule,
            sections: sections.map_or(Ok(Sections::ALL), |text| Sections::parse(text))?,
            kinds: group.kinds.map(|kinds| kinds.split_whitespace().map(str::to_owned).collect()),
            without_zone: group.without_zone,
            once: group.once,
            shorter_than: group.shorter_than.unwrap_or(usize::MAX),
            patterns: own,
        };
        let number = made.gates.len();
        made.gates.push(gate);
        for text in &group.matches {
            let automaton = compile(compiler, text)?;
            if automaton.beginnings().any(|first| matches!(first, Beginning::Anything)) {
                return Err(format!("`{text}` could begin anywhere; begin with words or a class"));
            }
            made.patterns.push((number, automaton));
        }
    }
    Ok(())
}

fn compile(compiler: &mut Compiler<'_>, text: &str) -> Result<Automaton, String> {
    compiler.compile(text).map_err(|what| format!("pattern `{text}`: {what}"))
}

/// Which patterns can begin at a word, and at a shape.
#[derive(Debug, Clone, Default)]
pub(crate) struct Starts {
    from: Vec<u32>,
    patterns: Vec<u16>,
    by_shape: Vec<Vec<u16>>,
    pub(crate) shapes: u32,
}

impl Starts {
    fn of(lexicon: &Lexicon, patterns: &[(usize, Automaton)]) -> Starts {
        let mut by_word: Vec<Vec<u16>> = vec![Vec::new(); lexicon.size()];
        let mut starts = Starts { by_shape: vec![Vec::new(); SHAPE_COUNT], ..Starts::default() };
        for (number, (_, automaton)) in patterns.iter().enumerate() {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            for beginning in automaton.beginnings() {
                let Beginning::Of { words, classes, shapes } = beginning else { continue };
                let named = words.iter().copied();
                for word in named.chain(lexicon.words_of(classes)) {
                    by_word[word as usize].push(number);
                }
                for bit in (0..SHAPE_COUNT).filter(|bit| shapes & (1 << bit) != 0) {
                    starts.by_shape[bit].push(number);
                    starts.shapes |= 1 << bit;
                }
            }
        }
        for mut numbers in by_word {
            numbers.sort_unstable();
            numbers.dedup();
            starts.from.push(u32::try_from(starts.patterns.len()).unwrap_or(u32::MAX));
            starts.patterns.extend(numbers);
        }
        starts.from.push(u32::try_from(starts.patterns.len()).unwrap_or(u32::MAX));
        starts
    }

    pub(crate) fn at_word(&self, word: u32) -> &[u16] {
        let word = word as usize;
        &self.patterns[self.from[word] as usize..self.from[word + 1] as usize]
    }

    pub(crate) fn at_shape(&self, bit: usize) -> &[u16] {
        &self.by_shape[bit]
    }
}
