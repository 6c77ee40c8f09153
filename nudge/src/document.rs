//! A whole document: its blocks' findings, joined by what only the whole can tell.

mod actions;
mod judge;
mod timeline;

use crate::engine::{Engine, Finding, Place};
use crate::facts::Facts;
use crate::markdown::{self, Block, Kind};
use crate::rules::Severity;
use crate::section::Section;
use crate::shape::Shape;
use crate::suppress::{self, Silences, What};
use crate::token::Token;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A text split into blocks, each with its shape and what the rules say of it.
#[derive(Debug)]
pub struct Document<'a> {
    text: &'a str,
    blocks: Vec<Block>,
    read: Vec<Arc<Read>>,
}

/// What was read of a block; places are counted from its start.
#[derive(Debug, Default)]
struct Read {
    findings: Vec<Finding>,
    shape: Shape,
    /// A place-holder or a prompt of the template: its first byte and its length.
    leftover: Option<(usize, usize)>,
    /// Whether it says that the incident was grave.
    is_grave: bool,
}

/// What was read of the blocks of the last text, for the next one: only what changed is read again.
#[derive(Debug, Default)]
pub struct Recheck {
    known: HashMap<u64, Arc<Read>>,
}

impl Engine {
    /// All findings on a Markdown document, in the order of their places.
    #[must_use]
    pub fn check(&self, text: &str, facts: &Facts) -> Vec<Finding> {
        self.recheck(text, facts, &mut Recheck::default())
    }

    /// The same, reading only the blocks that the last call with this memory did not read.
    #[must_use]
    pub fn recheck(&self, text: &str, facts: &Facts, memory: &mut Recheck) -> Vec<Finding> {
        let people = facts.people();
        let blocks = markdown::blocks(text, &self.headings);
        let mut read = Vec::with_capacity(blocks.len());
        let mut known = HashMap::with_capacity(blocks.len());
        let mut tokens = Vec::new();
        for block in &blocks {
            let heading = heading_of(text, &blocks, block);
            let key = key(&text[block.range.clone()], &heading, block, &people);
            let one = known.get(&key).or_else(|| memory.known.get(&key)).cloned();
            let one = one.unwrap_or_else(|| {
                Arc::new(self.read(
                    &text[block.range.clone()],
                    &heading,
                    block,
                    &people,
                    &mut tokens,
                ))
            });
            known.insert(key, Arc::clone(&one));
            read.push(one);
        }
        memory.known = known;
        let document = Document { text, blocks, read };
        self.judge(&document, facts)
    }

    fn read(
        &self,
        text: &str,
        heading: &str,
        block: &Block,
        people: &[String],
        tokens: &mut Vec<Token>,
    ) -> Read {
        let mut read = Read::default();
        if matches!(block.kind, Kind::Code | Kind::Comment) {
            return read;
        }
        let is_prose = !matches!(block.kind, Kind::Heading | Kind::Head | Kind::Quote);
        let place = Place {
            section: block.section,
            kind: block.kind,
            heading,
            is_zone_declared: false,
            people,
        };
        let shape = &mut read.shape;
        let findings = &mut read.findings;
        self.sentences(text, people, tokens, |tokens| {
            shape.take(tokens, text, &self.shapes);
            if is_prose {
                self.sentence(tokens, &place, findings);
            }
        });
        if block.kind != Kind::Quote {
            read.leftover = self.leftover(text, block);
        }
        read.is_grave = text.len() < 120 && self.has_words("grave", &text.to_lowercase());
        read
    }

    /// The findings of the whole: the blocks' own in their places, those about the document, and without
    /// those that a comment silences.
    fn judge(&self, document: &Document<'_>, facts: &Facts) -> Vec<Finding> {
        let is_zone_declared = facts.is_zone_declared.unwrap_or_else(|| document.declares_a_zone());
        let mut found = Vec::new();
        let mut said_once = false;
        for (block, read) in document.blocks.iter().zip(&document.read) {
            for finding in &read.findings {
                if finding.once {
                    if is_zone_declared || said_once || !read.shape.zones.is_empty() {
                        continue;
                    }
                    said_once = true;
                }
                found.push(finding.at(block.range.start));
            }
        }
        self.judge_whole(document, &found.clone(), &mut found);
        let silences = self.silences(document, &mut found);
        found.retain(|finding| {
            let rule = self.rule(finding);
            rule.severity != Severity::Off && !silences.silence(&rule.id, finding.span.start)
        });
        found.sort();
        found.dedup();
        found
    }

    /// What the document's comments silence; a comment without a reason is a finding.
    fn silences(&self, document: &Document<'_>, found: &mut Vec<Finding>) -> Silences {
        let mut silences = Silences::default();
        for (number, block) in document.blocks.iter().enumerate() {
            if block.kind != Kind::Comment {
                continue;
            }
            let text = &document.text[block.range.clone()];
            let Some(said) = suppress::directive(text) else { continue };
            if said.what != What::On && !said.has_reason {
                self.push(found, "silence-without-reason", block);
            }
            for rule in &said.rules {
                match said.what {
                    What::On => silences.end(rule, block.range.start),
                    What::Off => silences.add(block.range.end..usize::MAX, rule),
                    What::Ignore => {
                        if let Some(next) = document.blocks.get(number + 1) {
                            silences.add(
                                next.range.start..next.range.end.max(next.range.start + 1),
                                rule,
                            );
                        }
                    }
                }
            }
        }
        silences
    }

    /// Adds a finding of a rule about a block, if there is such a rule.
    fn push(&self, found: &mut Vec<Finding>, rule: &str, block: &Block) {
        if let Some(rule) = self.number_of(rule) {
            found.push(Finding::of(rule, block.range.start, block.range.end));
        }
    }
}

/// The last two headings above a block, as rules see them.
fn heading_of(text: &str, blocks: &[Block], block: &Block) -> String {
    let headings = block.headings.iter().flatten();
    let texts = headings.filter_map(|at| blocks.get(*at as usize));
    let texts: Vec<&str> = texts.map(|heading| &text[heading.range.clone()]).collect();
    texts.join(" > ")
}

fn key(text: &str, heading: &str, block: &Block, people: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (text, heading, block.section, block.kind, people).hash(&mut hasher);
    hasher.finish()
}

impl Document<'_> {
    /// The blocks of a section, with what was read of them, without its headings.
    fn of(&self, section: Section) -> impl Iterator<Item = (&Block, &Shape)> + '_ {
        self.all().filter(move |(block, _)| {
            block.section == section
                && !matches!(block.kind, Kind::Heading | Kind::Comment | Kind::Head)
        })
    }

    fn all(&self) -> impl Iterator<Item = (&Block, &Shape)> + '_ {
        self.blocks.iter().zip(self.read.iter().map(|read| &read.shape))
    }

    fn text_of(&self, block: &Block) -> &str {
        &self.text[block.range.clone()]
    }

    /// The first heading of a section.
    fn heading(&self, section: Section) -> Option<&Block> {
        self.blocks.iter().find(|block| block.kind == Kind::Heading && block.section == section)
    }

    /// Whether the document says which zone its times are in.
    fn declares_a_zone(&self) -> bool {
        self.all().any(|(block, shape)| {
            let counts = matches!(block.kind, Kind::Heading | Kind::Head)
                || block.section == Section::Timeline
                || shape.says_times;
            counts && !shape.zones.is_empty()
        })
    }
}
