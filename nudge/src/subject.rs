//! Whose deed a verb is: the search for the subject, backwards through the clause.
//!
//! No grammar of the whole sentence: auxiliaries and adverbs are passed, then the pronoun, the relative's
//! noun, the coordinated verb's subject or the head of the noun phrase is looked up. When unsure, the
//! answer is "unknown", and rules about people stay silent.

use crate::classes::{self, Classes};
use crate::lexicon::{Lexicon, WordId};
use crate::token::Token;

/// Kinds of subjects, a set of bits.
pub type Kinds = u16;

const HUMAN: Kinds = 1;
const SINGLE: Kinds = 1 << 1;
const IMPLIED: Kinds = 1 << 2;
const WORK: Kinds = 1 << 3;
const MACHINE: Kinds = 1 << 4;
const CUSTOMER: Kinds = 1 << 5;
const UNKNOWN: Kinds = 1 << 6;
const ATTACKER: Kinds = 1 << 7;
const NAMELIKE: Kinds = 1 << 8;
/// The verb is in the passive: its subject is not who did it.
const PASSIVE: Kinds = 1 << 9;

/// How far back a subject is looked for, in tokens.
const FARTHEST: usize = 24;

/// The kinds that a pattern's `@name` asks for.
pub(crate) fn kinds(name: &str) -> Option<Kinds> {
    Some(match name {
        "human" => HUMAN,
        "person" => HUMAN | IMPLIED,
        "single" => SINGLE,
        "named" => SINGLE | NAMELIKE,
        "work" => HUMAN | IMPLIED | WORK,
        "thing" => MACHINE | UNKNOWN | WORK,
        "machine" => MACHINE,
        "nomachine" => HUMAN | SINGLE | IMPLIED | WORK | UNKNOWN | NAMELIKE,
        "customer" => CUSTOMER,
        "attacker" => ATTACKER,
        // To whom it was done.
        "patient" => HUMAN | PASSIVE,
        _ => return None,
    })
}

/// The classes by which a subject is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Knows {
    human: Classes,
    role: Classes,
    single: Classes,
    name: Classes,
    machine: Classes,
    work: Classes,
    customer: Classes,
    attacker: Classes,
    auxiliary: Classes,
    be: Classes,
    adverb: Classes,
    pronoun: Classes,
    preposition: Classes,
    conjunction: Classes,
    subordinator: Classes,
    relative: Classes,
    partitive: Classes,
    determiner: Classes,
    verb: Classes,
    who: WordId,
    to: WordId,
    the: WordId,
    possessive: WordId,
    comma: WordId,
    not: WordId,
    open: WordId,
    one: WordId,
    close: WordId,
}

impl Knows {
    pub(crate) fn new(lexicon: &mut Lexicon) -> Knows {
        let names = &lexicon.names;
        let set = |name: &str| names.set(name);
        let mut knows = Knows {
            human: set("human"),
            role: set("role"),
            single: set("single"),
            name: set("name"),
            machine: set("machine"),
            work: set("work"),
            customer: set("customer"),
            attacker: set("attacker"),
            auxiliary: set("auxiliary"),
            be: set("be"),
            adverb: set("adverb"),
            pronoun: set("pronoun"),
            preposition: set("preposition"),
            conjunction: set("conjunction"),
            subordinator: set("subordinator"),
            relative: set("relative"),
            partitive: set("partitive"),
            determiner: set("determiner"),
            verb: set("finite"),
            ..Knows::default()
        };
        knows.who = lexicon.add("who");
        knows.to = lexicon.add("to");
        knows.the = lexicon.add("the");
        knows.possessive = lexicon.add("'s");
        knows.comma = lexicon.add(",");
        knows.not = lexicon.add("not");
        knows.one = lexicon.add("one");
        knows.open = lexicon.add("(");
        knows.close = lexicon.add(")");
        knows
    }

    /// Whether the verb at a token is the deed of such a subject.
    pub(crate) fn holds(&self, tokens: &[Token], verb: usize, wanted: Kinds) -> bool {
        let kinds = self.search(tokens, verb, 0);
        let is_passive = self.is_passive(tokens, verb);
        kinds & wanted & !PASSIVE != 0 && (wanted & PASSIVE != 0 || !is_passive)
    }

    /// A participle after a form of `be`.
    fn is_passive(&self, tokens: &[Token], verb: usize) -> bool {
        let token = &tokens[verb];
        if !token.is(classes::ED) && token.forms & classes::PARTICIPLE == 0 {
            return false;
        }
        let before = tokens[..verb].iter().rev().find(|token| {
            !(token.in_class(self.adverb) || token.is(classes::LY) || token.word == self.not)
        });
        before.is_some_and(|before| before.in_class(self.be))
    }

    fn search(&self, tokens: &[Token], verb: usize, depth: usize) -> Kinds {
        let earliest = verb.saturating_sub(FARTHEST);
        let mut at = verb;
        loop {
            if at <= earliest.max(1) {
                return if at <= 1 { IMPLIED } else { UNKNOWN };
            }
            at -= 1;
            if tokens[at].word == self.close {
                // `the controller (PLC) did not`.
                let opens = tokens[earliest..at].iter().rposition(|token| token.word == self.open);
                match opens {
                    Some(open) => at = earliest + open,
                    None => return UNKNOWN,
                }
            } else if !self.is_passed(&tokens[at]) {
                break;
            }
        }
        let token = &tokens[at];
        if token.word == self.comma || token.in_class(self.conjunction) || token.word == self.to {
            return self.earlier(tokens, at, depth);
        }
        if token.is_break() {
            return IMPLIED;
        }
        if token.in_class(self.relative) && token.word != self.who {
            let before = at - usize::from(tokens[at - 1].word == self.comma);
            return if before > 1 { self.phrase(tokens, before - 1) } else { UNKNOWN };
        }
        if token.in_class(self.subordinator) {
            return UNKNOWN;
        }
        self.phrase(tokens, at)
    }

    /// Auxiliaries, negation and adverbs stand between a subject and its verb.
    fn is_passed(&self, token: &Token) -> bool {
        token.word == self.not
            || token.in_class(self.auxiliary)
            || token.in_class(self.adverb)
            || (token.is(classes::LY) && token.is(classes::UNKNOWN))
    }

    /// `ran it and did not look`: the subject of the verb before.
    fn earlier(&self, tokens: &[Token], from: usize, depth: usize) -> Kinds {
        let earliest = from.saturating_sub(FARTHEST).max(1);
        if depth > 1 {
            return UNKNOWN;
        }
        let mut nearest = None;
        for at in (earliest..from).rev() {
            let token = &tokens[at];
            let is_verb = token.in_class(self.verb)
                || (token.is(classes::ED) && token.is(classes::UNKNOWN))
                || token.in_class(self.auxiliary);
            if is_verb {
                // The verb of a clause within: `looked at what was called and did not check`.
                let kinds = self.search(tokens, at, depth + 1);
                if kinds & (HUMAN | WORK | CUSTOMER | ATTACKER) != 0 {
                    return kinds;
                }
                nearest = nearest.or(Some(kinds));
            }
            if token.is_break() && token.word != self.comma {
                return nearest.unwrap_or(IMPLIED);
            }
        }
        if let Some(kinds) = nearest {
            return kinds;
        }
        // Nothing but adverbs and a comma before: `Unfortunately, skipped`.
        if earliest == 1 && tokens[1..from].iter().all(|token| self.is_passed(token)) {
            return IMPLIED;
        }
        UNKNOWN
    }

    /// The kind of the noun phrase that ends at a token.
    fn phrase(&self, tokens: &[Token], end: usize) -> Kinds {
        let last = &tokens[end];
        if last.in_class(self.pronoun) || last.word == self.who || last.is(classes::HANDLE) {
            return self.kind(tokens, end, end);
        }
        let earliest = end.saturating_sub(FARTHEST).max(1);
        let mut start = end;
        while start > earliest {
            let before = &tokens[start - 1];
            let ends_it = before.is_break()
                || before.in_class(self.subordinator)
                || before.in_class(self.relative)
                || before.in_class(self.conjunction)
                || before.in_class(self.auxiliary)
                || before.in_class(self.pronoun);
            if ends_it {
                break;
            }
            start -= 1;
        }
        let head = self.head(tokens, start, end);
        let kinds = self.kind(tokens, start, head);
        // `one of the engineers` is one.
        let is_one = tokens[start].word == self.one && kinds & HUMAN != 0;
        if is_one { kinds | SINGLE } else { kinds }
    }

    /// The word that a noun phrase is about: the last before its first preposition or participle.
    fn head(&self, tokens: &[Token], start: usize, end: usize) -> usize {
        if tokens[start].in_class(self.preposition) {
            return self.after_determiner(tokens, start, end);
        }
        let inner = start + 1..=end;
        let cut = inner.into_iter().find(|at| {
            let token = &tokens[*at];
            let after_noun = !tokens[at - 1].in_class(self.determiner);
            token.in_class(self.preposition)
                || (token.is(classes::ING) && after_noun && *at < end)
                || token.word == self.the
        });
        let Some(cut) = cut else { return end };
        let head = cut - 1;
        if tokens[cut].word == self.the {
            // A verb stood before: `we think the operator missed`.
            return self.head(tokens, cut, end);
        }
        if tokens[head].in_class(self.partitive) { end } else { head }
    }

    /// `During the night the team`: the last phrase that begins anew.
    fn after_determiner(&self, tokens: &[Token], start: usize, end: usize) -> usize {
        let mut anew = None;
        for at in start + 2..=end {
            if tokens[at].in_class(self.determiner) && !tokens[at - 1].in_class(self.preposition) {
                anew = Some(at);
            }
        }
        match anew {
            Some(at) => self.head(tokens, at, end),
            None => end,
        }
    }

    fn kind(&self, tokens: &[Token], start: usize, head: usize) -> Kinds {
        let token = &tokens[head];
        if token.in_class(self.attacker)
            || tokens[start..head].iter().any(|token| token.in_class(self.attacker))
        {
            return ATTACKER;
        }
        if token.is(classes::HANDLE | classes::PERSON) {
            return HUMAN | SINGLE;
        }
        if token.in_class(self.name) && token.is(classes::CAPITAL) {
            return HUMAN | SINGLE;
        }
        if token.in_class(self.customer) {
            return CUSTOMER;
        }
        if token.in_class(self.role) {
            let single = if token.forms & classes::SINGULAR != 0 { SINGLE } else { 0 };
            return HUMAN | single;
        }
        if token.in_class(self.human) {
            let single = if token.in_class(self.single) { SINGLE } else { 0 };
            return HUMAN | single;
        }
        if token.in_class(self.machine) {
            return MACHINE;
        }
        if token.in_class(self.work) {
            return WORK;
        }
        let is_bare = token.is(classes::CAPITAL) && token.is(classes::UNKNOWN);
        if is_bare && head == start {
            return UNKNOWN | NAMELIKE;
        }
        if token.is(classes::OPAQUE | classes::MIXED) { MACHINE } else { UNKNOWN }
    }
}
