//! The blameless-language engine: text, section kinds and facts in, findings out.
//!
//! It asks a better question where the wording of a report ends the enquiry: at a person, at a world that
//! did not happen, at one cause. It never blocks, ranks or remembers anyone.
//!
//! A text goes through `markdown` (blocks), `lex` (tokens of sentences; code, quotes and addresses left
//! out), then the automata of `pattern`, which ask `lexicon` for a word's classes and `subject` for whose
//! deed a verb is. The rules are data, in `rules/`.
//!
//! Invariants
//! - A pure function: no file, clock, network, chance or model.
//! - The time is linear in the text, whatever it holds; no text makes it panic.
//! - Places are bytes of the text as it was given, on character boundaries.
//! - When it is unsure it is silent.

mod classes;
mod compile;
mod document;
mod engine;
mod facts;
mod html;
mod inflect;
mod lex;
mod lexicon;
mod markdown;
mod number;
mod pattern;
mod rules;
mod section;
mod shape;
mod subject;
mod suppress;
mod token;

pub use document::{Document, Recheck};
pub use engine::{Engine, Finding, Place, SHIPPED, Span};
pub use facts::Facts;
pub use html::as_markdown;
pub use markdown::{Block, Kind, blocks};
pub use rules::{Rule, RuleError, Severity};
pub use section::{Headings, Section};
