//! Finds the words of `words.toml` in a text, in time that is linear in its length, and tells which
//! are meant: not denied, not planned, not asked.

use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// What a word in a message hints at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum List {
    Decision,
    Declared,
    TookIt,
    Working,
    Report,
    Trouble,
    Onset,
    Triggered,
    Identified,
    Mitigated,
    Recovering,
    ImpactOver,
    Resolved,
    Public,
    Action,
    Rollback,
    Deploy,
    Started,
    Finished,
    Failed,
    FollowUp,
    NotSo,
    BeforeState,
    Blame,
    FaultOf,
}

/// A word that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) list: List,
    /// The word, in lower case.
    pub(super) word: &'static str,
    /// Bytes in the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Which clause it stands in.
    pub(super) clause: usize,
    /// Whether it is said to be so: not denied, planned or asked.
    pub(super) meant: bool,
}

type Lists = BTreeMap<List, BTreeMap<String, Vec<String>>>;

struct Words {
    find: AhoCorasick,
    patterns: Vec<(List, String)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let lists: Lists =
        toml::from_str(include_str!("words.toml")).expect("words.toml is a constant and tested");
    let mut patterns = Vec::new();
    for (list, languages) in lists {
        for word in languages.into_values().flatten() {
            patterns.push((list, word));
        }
    }
    let find =
        AhoCorasick::new(patterns.iter().map(|(_, word)| word)).expect("a few hundred short words");
    Words { find, patterns }
});

/// A part of a text between commas, ends of sentences and line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the sentence it is part of is a question.
    pub(super) asked: bool,
    /// Which sentence it is part of.
    pub(super) sentence: usize,
}

/// The clauses of a text. There is at least one.
pub(super) fn clauses(folded: &str) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    let (mut start, mut sentence, mut first_of_sentence) = (0, 0, 0);
    let mut chars = folded.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let before_space = next.is_none_or(char::is_whitespace);
        let ends_sentence = matches!(c, '\n' | '。' | '？' | '！')
            || (matches!(c, '.' | '?' | '!') && before_space);
        let ends_clause = ends_sentence
            || matches!(c, '、' | '—')
            || (matches!(c, ',' | ';' | ':') && before_space);
        if !ends_clause {
            continue;
        }
        let end = at + c.len_utf8();
        found.push(Clause { start, end, asked: false, sentence });
        start = end;
        if ends_sentence {
            if matches!(c, '?' | '？') {
                found[first_of_sentence..].iter_mut().for_each(|clause| clause.asked = true);
            }
            sentence += 1;
            first_of_sentence = found.len();
        }
    }
    if start < folded.len() || found.is_empty() {
        found.push(Clause { start, end: folded.len(), asked: false, sentence });
    }
    found
}

/// Which clause a place lies in.
pub(super) fn clause_of(clauses: &[Clause], at: usize) -> usize {
    clauses.partition_point(|clause| clause.end <= at).min(clauses.len() - 1)
}

/// All words in a folded text, in their order, each list's longest only.
pub(super) fn find(folded: &str, clauses: &[Clause]) -> Vec<Hit> {
    let words = &*WORDS;
    let mut hits: Vec<Hit> = Vec::new();
    for found in words.find.find_overlapping_iter(folded) {
        let (list, word) = &words.patterns[found.pattern().as_usize()];
        if stands_alone(folded, found.start(), found.end()) {
            let clause = clause_of(clauses, found.start());
            hits.push(Hit {
                list: *list,
                word,
                start: found.start(),
                end: found.end(),
                clause,
                meant: true,
            });
        }
    }
    hits.sort_by_key(|hit| (hit.list, hit.start, std::cmp::Reverse(hit.end)));
    let mut covered = (List::Decision, 0);
    hits.retain(|hit| {
        let inside = covered.0 == hit.list && hit.end <= covered.1;
        if !inside {
            covered = (hit.list, hit.end);
        }
        !inside
    });
    hits.sort_by_key(|hit| (hit.start, hit.list));
    mark_meant(folded, clauses, &mut hits);
    hits
}

/// Whether no word goes on at either side. Scripts without spaces have no such border.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joins = |a: Option<char>, b: Option<char>| {
        a.zip(b).is_some_and(|(a, b)| {
            is_word(a) && is_word(b) && a.is_alphanumeric() && b.is_alphanumeric()
        })
    };
    let (before, first) = (text[..start].chars().next_back(), text[start..].chars().next());
    let (last, after) = (text[..end].chars().next_back(), text[end..].chars().next());
    !joins(before, first) && !joins(last, after)
}

/// A letter or digit of a script that puts spaces between words.
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}')
}

fn mark_meant(folded: &str, clauses: &[Clause], hits: &mut [Hit]) {
    let denials: Vec<(usize, usize, usize, bool)> = hits
        .iter()
        .filter(|hit| hit.list == List::NotSo)
        .map(|hit| {
            (
                hit.clause,
                hit.start,
                hit.end,
                hit.word.chars().any(|c| !is_word(c) && c.is_alphanumeric()),
            )
        })
        .collect();
    // each clause's first denial, so that long texts full of them stay cheap
    let mut first: BTreeMap<usize, (usize, usize, bool)> = BTreeMap::new();
    for (clause, start, end, anywhere) in denials {
        let entry = first.entry(clause).or_insert((start, end, anywhere));
        entry.2 |= anywhere;
    }
    let before: Vec<&str> = WORDS
        .patterns
        .iter()
        .filter(|(list, _)| *list == List::BeforeState)
        .map(|(_, w)| w.as_str())
        .collect();
    for hit in hits.iter_mut() {
        let clause = clauses[hit.clause];
        let denied =
            first.get(&hit.clause).is_some_and(|(_, end, anywhere)| *end <= hit.start || *anywhere);
        let named = !matches!(hit.list, List::Mitigated | List::Resolved | List::Identified)
            || hit.word.contains(' ')
            || !hit.word.is_ascii()
            || said_of_the_incident(folded, clause, hit, &before);
        hit.meant = !denied && !clause.asked && named && fits(folded, clause, hit);
    }
}

/// Short phrases that mean something else with other neighbours.
fn fits(folded: &str, clause: Clause, hit: &Hit) -> bool {
    let after = folded[hit.end..].trim_start();
    match hit.word {
        // "roll back to v2" and "back to 2.30.4" are no recoveries, "back to 0.2%" is
        "back to" => {
            let next =
                after.split_whitespace().next().unwrap_or("").trim_end_matches(['.', ',', ';']);
            let figure =
                next.starts_with(|c: char| c.is_ascii_digit()) && next.matches('.').count() < 2;
            figure || ["normal", "baseline", "usual"].contains(&next)
        }
        // "orders are down by a fifth", "is down to 0.9 s"
        "is down" | "are down" => {
            !["to ", "by ", "about ", "from "].iter().any(|word| after.starts_with(word))
        }
        // "on it!", but not "we are working on it"
        "on it" => folded[clause.start..hit.start].trim().is_empty(),
        _ => true,
    }
}

/// "resolved" at the start of a clause or after "is", "incident" and the like; not "DNS resolved".
fn said_of_the_incident(folded: &str, clause: Clause, hit: &Hit, before: &[&str]) -> bool {
    let word = folded[clause.start..hit.start].split_whitespace().next_back();
    word.is_none_or(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty() || before.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str, list: List) -> bool {
        let folded = text.to_lowercase();
        find(&folded, &clauses(&folded)).iter().any(|hit| hit.list == list && hit.meant)
    }

    #[test]
    fn a_state_counts_when_it_is_said_of_the_incident() {
        for text in [
            "Mitigated. Monitoring.",
            "this is mitigated",
            "OK, we have mitigated it",
            "Auswirkung ist entschärft",
            "暫定復旧しました",
        ] {
            assert!(meant(text, List::Mitigated), "{text}");
        }
        for text in [
            "not mitigated yet",
            "is it mitigated?",
            "once mitigated, we wait",
            "it will be mitigated soon",
            "unmitigated",
        ] {
            assert!(!meant(text, List::Mitigated), "{text}");
        }
        assert!(
            meant("Störung behoben", List::Resolved)
                && meant("Resolved at 00:36 UTC.", List::Resolved)
        );
        for text in [
            "dns resolved fine",
            "the alert resolved",
            "noch nicht behoben",
            "ticket unresolved",
            "まだ解決しました",
        ] {
            assert!(!meant(text, List::Resolved), "{text}");
        }
    }

    #[test]
    fn short_phrases_are_weighed_by_their_neighbours() {
        assert!(meant("5xx back to 0.2%, queue draining", List::Recovering));
        for text in ["Decision: roll back to v2.14.3", "Back to 2.30.4, which reads the old file"] {
            assert!(!meant(text, List::Recovering), "{text}");
        }
        assert!(meant("the carts are down", List::Report));
        assert!(!meant("they are down to 0.9 s", List::Report));
        assert!(meant("ok, on it", List::TookIt) && !meant("we are working on it", List::TookIt));
    }

    #[test]
    fn words_stand_alone_where_a_script_has_borders() {
        assert!(meant("ack!", List::TookIt) && !meant("the backend stack", List::TookIt));
        assert!(meant("ステータスページを更新しました", List::Public));
    }

    #[test]
    fn every_word_of_the_list_finds_itself_in_lower_case() {
        for (list, word) in &WORDS.patterns {
            assert_eq!(word, &word.to_lowercase());
            let found = find(word, &clauses(word));
            assert!(found.iter().any(|hit| hit.list == *list), "{word}");
        }
    }

    #[test]
    fn clauses_end_at_punctuation_before_a_space_only() {
        let text = "rate 0.1% at 23:38 utc, was it 10.0.3.11:8080? yes";
        let found = clauses(text);
        let parts: Vec<(&str, bool)> =
            found.iter().map(|c| (text[c.start..c.end].trim(), c.asked)).collect();
        assert_eq!(
            parts,
            [("rate 0.1% at 23:38 utc,", true), ("was it 10.0.3.11:8080?", true), ("yes", false)]
        );
    }
}
