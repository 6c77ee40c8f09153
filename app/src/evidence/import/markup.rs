//! The markup of chats, turned into the plain text that people saw.
//!
//! Every pass goes through the text once; nothing here can be made slow by what somebody wrote.

use std::sync::LazyLock;

use regex::Regex;

/// What names stand behind the ids of a chat.
pub(super) trait Names {
    /// The person or bot behind an id.
    fn person(&self, id: &str) -> Option<&str>;
    /// The channel behind an id.
    fn channel(&self, id: &str) -> Option<&str>;
}

/// Slack: `<@U1>`, `<#C1|general>`, `<!here>`, `<https://…|label>`, `&lt;`, and `*bold*`.
pub(super) fn slack(text: &str, names: &impl Names) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        entities(&rest[..open], &mut out);
        let after = &rest[open + 1..];
        match after.find(['<', '>']) {
            Some(end) if after.as_bytes()[end] == b'>' && end > 0 => {
                reference(&after[..end], names, &mut out);
                rest = &after[end + 1..];
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    entities(rest, &mut out);
    unstyled(&out, true)
}

/// What stands between `<` and `>`.
fn reference(inside: &str, names: &impl Names, out: &mut String) {
    let (target, label) = inside.split_once('|').map_or((inside, None), |(t, l)| (t, Some(l)));
    let label = label.filter(|label| !label.is_empty());
    if let Some(id) = target.strip_prefix('@') {
        out.push('@');
        entities(names.person(id).or(label).unwrap_or(id), out);
    } else if let Some(id) = target.strip_prefix('#') {
        out.push('#');
        entities(label.or(names.channel(id)).unwrap_or(id), out);
    } else if let Some(word) = target.strip_prefix('!') {
        match label {
            Some(label) => entities(label, out),
            None => {
                out.push('@');
                out.push_str(word.split('^').next().unwrap_or(word));
            }
        }
    } else if target.starts_with("mailto:") {
        out.push_str("[e-mail removed]");
    } else {
        link(target, label, out);
    }
}

/// `label (address)`, or the address alone when the label says nothing more.
fn link(target: &str, label: Option<&str>, out: &mut String) {
    let bare =
        target.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    match label {
        Some(label) if label != target && label.trim_end_matches('/') != bare => {
            entities(label, out);
            out.push_str(" (");
            entities(target, out);
            out.push(')');
        }
        _ => entities(target, out),
    }
}

/// Copies text with the five entities resolved, each once.
fn entities(text: &str, out: &mut String) {
    const KNOWN: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&apos;", '\''),
        ("&#39;", '\''),
        ("&quot;", '"'),
    ];
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = KNOWN.iter().find(|(entity, _)| rest.starts_with(entity));
        let (skip, c) = known.map_or((1, '&'), |(entity, c)| (entity.len(), *c));
        out.push(c);
        rest = &rest[skip..];
    }
    out.push_str(rest);
}

/// Mattermost and Discord: `**bold**`, `[label](address)`, code fences.
pub(super) fn markdown(text: &str) -> String {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"!?\[([^\[\]\n]{1,300})\]\((https?://[^\s()]{1,2000})\)").expect("constant")
    });
    if !text.contains(['*', '`', '[', '~', '_', '|']) {
        return text.to_owned();
    }
    let linked = LINK.replace_all(text, |found: &regex::Captures<'_>| {
        let mut out = String::new();
        let (label, target) = (&found[1], &found[2]);
        if label == target {
            out.push_str(target)
        } else {
            out.push_str(&format!("{label} ({target})"))
        }
        out
    });
    unstyled(&linked, false)
}

/// Takes the marks of bold, italics, strike-through and code away, outside of code only.
fn unstyled(text: &str, slack: bool) -> String {
    static SLACK: LazyLock<[Regex; 3]> =
        LazyLock::new(|| ["\\*", "_", "~"].map(|mark| paired(mark, 1)));
    static MARKDOWN: LazyLock<[Regex; 5]> = LazyLock::new(|| {
        [paired("\\*", 2), paired("_", 2), paired("~", 2), paired("\\*", 1), paired("_", 1)]
    });
    if !text.contains(['*', '_', '~', '`']) {
        return text.to_owned();
    }
    let marks: &[Regex] = if slack { &*SLACK } else { &*MARKDOWN };
    let mut out = String::with_capacity(text.len());
    // every other piece between fences is code
    for (index, piece) in text.split("```").enumerate() {
        if index % 2 == 1 {
            fenced(piece, &mut out);
            continue;
        }
        for (index, piece) in piece.split('`').enumerate() {
            if index % 2 == 1 {
                out.push_str(piece);
                continue;
            }
            let mut plain = std::borrow::Cow::Borrowed(piece);
            for mark in marks {
                if let std::borrow::Cow::Owned(next) = mark.replace_all(&plain, "${1}${2}") {
                    plain = std::borrow::Cow::Owned(next);
                }
            }
            out.push_str(&plain);
        }
    }
    out
}

/// A block of code on lines of its own.
fn fenced(code: &str, out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(code.trim_matches('\n'));
    out.push('\n');
}

fn paired(mark: &str, count: usize) -> Regex {
    let mark = mark.repeat(count);
    let not = mark.chars().last().unwrap_or('*');
    let text = format!(
        r"(^|[\s(\[{{'>|,.:;!?–—-]){mark}([^\s{not}](?:[^{not}\n]{{0,500}}[^\s{not}])?){mark}"
    );
    Regex::new(&text).expect("made of constants")
}
