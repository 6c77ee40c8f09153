//! Words and sentences, used about as often as words are: a few all the time, most hardly ever.

use super::chance::Chance;
use std::sync::LazyLock;

/// What people in such places say most, the commonest first.
const COMMON: &str = "the to and of a in on is it for we was not that with at are now from this be \
    still have by after as all seeing service error back up no but can requests deploy latency \
    checkout database traffic restarted timeout looks rolled again one queue users errors down last \
    new config pool since which cluster region only also out memory primary alert some page host \
    node cache fix logs version customers graph payment normal rate more orders than should first \
    increase disk connections replica health pods canary step retry login search api spike \
    backend rollback certificate dns gateway upstream connection limit failed failing slow drop \
    broker index worker lag shard leader failover deploys balancer token session cpu threads \
    kernel packet loss storage volume snapshot backup migration schema lock deadlock query plan \
    rows batch job cron scheduler partition consumer producer offset heartbeat quorum election \
    throttled quota billing invoice export import warehouse mobile release flag toggle rollout \
    monitoring dashboard threshold paging oncall handover runbook status update mitigated resolved \
    identified investigating confirmed suspect unrelated reproduced workaround vendor provider \
    outage degraded partial intermittent elevated baseline recovered draining cordoned scaled \
    evicted saturated exhausted corrupted stale duplicate missing expired revoked rotated pinned";

const BEGIN: [&str; 24] = [
    "ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa",
    "ze", "bri", "cla", "dre", "flo", "gra", "ste", "tru",
];
const MIDDLE: [&str; 20] = [
    "ra", "li", "no", "te", "mu", "sa", "ve", "di", "co", "pe", "ri", "la", "ne", "to", "fa", "gi",
    "ho", "be", "su", "ma",
];
const END: [&str; 12] = ["n", "r", "s", "tor", "ler", "ing", "ed", "ment", "sis", "ty", "x", "ra"];

/// The vocabulary: the common words, then some thousands that are made of syllables.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
    for (b, begin) in BEGIN.iter().enumerate() {
        for (m, middle) in MIDDLE.iter().enumerate() {
            for e in 0..END.len() {
                // Spread, so that neighbours in frequency do not look alike.
                let end = END[(e * 5 + b + m) % END.len()];
                words.push(format!("{begin}{middle}{end}"));
            }
        }
    }
    let tail = words.len() - COMMON.split_whitespace().count();
    let from = words.len() - tail;
    let mut chance = Chance::of(1, 99, tail as u64);
    for at in (1..tail).rev() {
        let other = usize::try_from(chance.below(at as u64 + 1)).unwrap_or(0);
        words.swap(from + at, from + other);
    }
    words
});

/// A word.
pub fn word(chance: &mut Chance) -> &'static str {
    let words: &'static [String] = &WORDS;
    &words[chance.rank(words.len())]
}

/// So many words as a sentence.
pub fn sentence(chance: &mut Chance, words: u64) -> String {
    let mut text = String::new();
    for at in 0..words {
        let one = word(chance);
        if at == 0 {
            let mut letters = one.chars();
            text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            text.push_str(letters.as_str());
        } else {
            text.push(' ');
            text.push_str(one);
        }
    }
    text.push('.');
    text
}

/// Sentences up to about so many words, in paragraphs of four.
pub fn text(chance: &mut Chance, words: u64) -> String {
    let mut text = String::new();
    let (mut written, mut sentences) = (0, 0);
    while written < words {
        let next = 6 + chance.below(14);
        if sentences > 0 {
            text.push_str(if sentences % 4 == 0 { "\n\n" } else { " " });
        }
        text.push_str(&sentence(chance, next));
        written += next;
        sentences += 1;
    }
    text
}
