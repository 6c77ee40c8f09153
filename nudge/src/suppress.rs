//! Comments in a text that silence rules there, with a reason.
//!
//! `<!-- nudge off RULE: reason -->` from there on, `<!-- nudge on RULE -->` no more,
//! `<!-- nudge ignore RULE: reason -->` for the block that follows. `RULE` may be several, or `all`.

use std::ops::Range;

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    pub(crate) what: What,
    pub(crate) rules: Vec<String>,
    pub(crate) has_reason: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Off,
    On,
    Ignore,
}

/// The directive of a comment, if it is one of ours.
pub(crate) fn directive(comment: &str) -> Option<Directive> {
    let inner = comment.trim().strip_prefix("<!--")?.trim_end().trim_end_matches("-->").trim();
    let rest = inner.strip_prefix("nudge ")?.trim();
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let what = match word.trim_end_matches(':') {
        "off" => What::Off,
        "on" => What::On,
        "ignore" => What::Ignore,
        _ => return None,
    };
    let (rules, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let mut rules: Vec<String> = rules
        .split([',', ' '])
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .map(str::to_owned)
        .collect();
    if rules.is_empty() {
        rules.push("all".to_owned());
    }
    Some(Directive { what, rules, has_reason: !reason.trim().is_empty() })
}

/// Where which rules are silent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Silences {
    ranges: Vec<(Range<usize>, String)>,
}

impl Silences {
    pub(crate) fn add(&mut self, range: Range<usize>, rule: &str) {
        self.ranges.push((range, rule.to_owned()));
    }

    /// Ends what is still silent by this name, or all of it.
    pub(crate) fn end(&mut self, rule: &str, at: usize) {
        for (range, name) in &mut self.ranges {
            if range.end == usize::MAX && (rule == "all" || name == rule) {
                range.end = at;
            }
        }
    }

    pub(crate) fn silence(&self, rule: &str, at: usize) -> bool {
        let is_here = |(range, name): &(Range<usize>, String)| {
            range.contains(&at) && (name == "all" || name == rule)
        };
        self.ranges.iter().any(is_here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_rules_and_gives_a_reason() {
        let said = directive("<!-- nudge ignore vague-quantity, counterfactual: a quote -->");
        let said = said.expect("it is a directive");
        assert_eq!(said.what, What::Ignore);
        assert_eq!(said.rules, ["vague-quantity", "counterfactual"]);
        assert!(said.has_reason);
        assert!(!directive("<!-- nudge off -->").expect("it is one").has_reason);
        assert_eq!(directive("<!-- a prompt of the template -->"), None);
    }
}
