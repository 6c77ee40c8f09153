//! Takes out of every text what must not be kept: tokens, e-mail addresses, and characters that
//! deceive. What is taken out leaves a visible mark, `[token removed]` or `[e-mail removed]`.
//!
//! Every expression here is of the linear kind, so a hostile text costs its length and no more.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::item::Item;

/// The longest text kept for show; the raw file keeps the rest.
pub const LONGEST_TEXT: usize = 64 * 1024;
const LONGEST_NAME: usize = 300;
const LONGEST_LABEL: usize = 1024;
const LONGEST_URL: usize = 2048;
/// A token that begins before the cut must be seen whole.
const BEYOND_CUT: usize = 16 * 1024;

const TOKEN: &str = "[token removed]";
const EMAIL: &str = "[e-mail removed]";

/// Expression and what takes its place.
const RULES: &[(&str, &str)] = &[
    (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)",
        TOKEN,
    ),
    // credentials in an address come before e-mail addresses, which they look like
    (r"(?i)\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@<>|]+@", "${1}[token removed]@"),
    (r"(?i)<mailto:[^>\n]*>", EMAIL),
    (r"(?i)\b(?:mailto:)?[\w.!#$%&'*+=?^`{}~-]+@(?:[\w-]+\.)+\pL\pL[\w-]*", EMAIL),
    (r"\bx(?:ox[a-z]|app|oxe\.xox[a-z])-[A-Za-z0-9._%-]{6,}", TOKEN),
    (r"\b(?:gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,})", TOKEN),
    (r"\b(?:glpat|gldt|glrt|glcbt|glptt|glft)-[A-Za-z0-9_.-]{10,}", TOKEN),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b", TOKEN),
    // `password=…` and `"password": "…"`, but not "password: reset it"
    (
        r"(?i)\b(aws_secret_access_key|secret_?key|client_?secret|api_?key|access_?key|access_?token|auth_?token|private_?token|password|passwd|pwd)([\x22']?\s{0,3}(?:=\s{0,3}[\x22']?|:\s{0,3}[\x22']))[^\s\x22'&,;<>|]{4,}",
        "${1}${2}[token removed]",
    ),
    (
        r"(?i)\b(aws_secret_access_key|secret_?key|client_?secret|api_?key|access_?key|access_?token|auth_?token|private_?token)(:\s{0,3})[a-z0-9+/=_.-]{12,}",
        "${1}${2}[token removed]",
    ),
    (
        r"(?i)([?&;](?:token|t|sig|signature|key|secret|code|auth|password|pass|jwt|session|sid|x-amz-[a-z-]{1,40}|x-goog-[a-z-]{1,40}|hm)=)[^&\s<>|\x22')\[]{4,}",
        "${1}[token removed]",
    ),
    (r"(?i)\b(bearer|basic)\s{1,3}[A-Za-z0-9._~+/=-]{12,}", "${1} [token removed]"),
    (r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?", TOKEN),
    (
        r"\bhttps://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{6,}",
        "https://hooks.slack.com/[token removed]",
    ),
    (r"\b(?:sk|rk)[_-](?:live|test|proj|ant)[_-][A-Za-z0-9_-]{10,}", TOKEN),
    (r"\bAIza[0-9A-Za-z_-]{30,}", TOKEN),
    (r"\bnpm_[A-Za-z0-9]{30,}", TOKEN),
    (r"\b(?:hvs|hvb)\.[A-Za-z0-9_-]{20,}", TOKEN),
];

struct Rules {
    any: RegexSet,
    each: Vec<(Regex, &'static str)>,
    marks: Regex,
}

static COMPILED: LazyLock<Rules> = LazyLock::new(|| {
    let compile = |text: &str| Regex::new(text).expect("the expressions are constants and tested");
    Rules {
        any: RegexSet::new(RULES.iter().map(|rule| rule.0)).expect("the same expressions"),
        each: RULES.iter().map(|(text, mark)| (compile(text), *mark)).collect(),
        marks: compile(r"(\p{M}{8})\p{M}+"),
    }
});

/// What had to be done to an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The text was longer than is shown.
    pub(super) cut: bool,
}

/// Scrubs every field of an item.
pub(super) fn item(item: &mut Item) -> Marks {
    let (text, cut) = shown(&item.text);
    item.text = text;
    let name = |name: &Option<String>| {
        name.as_deref().map(|name| line(name, LONGEST_NAME)).filter(|n| !n.is_empty())
    };
    item.author = name(&item.author);
    item.place = name(&item.place);
    item.url = item.url.as_deref().and_then(url);
    item.external_id = line(&item.external_id, 512);
    item.answers = item.answers.as_deref().map(|id| line(id, 512));
    for (key, value) in &mut item.signals.labels {
        *key = line(key, LONGEST_NAME);
        *value = line(value, LONGEST_LABEL);
    }
    for (name, _) in &mut item.signals.reactions {
        *name = line(name, LONGEST_NAME);
    }
    if let Some(alert) = &mut item.signals.alert {
        alert.name = line(&alert.name, LONGEST_NAME);
        alert.severity = alert.severity.as_deref().map(|text| line(text, LONGEST_NAME));
    }
    if let Some(change) = &mut item.signals.change {
        change.environment = change.environment.as_deref().map(|text| line(text, LONGEST_NAME));
        change.revision = change.revision.as_deref().map(|text| line(text, LONGEST_NAME));
    }
    for series in &mut item.series {
        series.name = line(&series.name, LONGEST_LABEL);
    }
    Marks { cut }
}

/// Text for people: scrubbed, harmless characters only, cut to [`LONGEST_TEXT`] with a note.
pub fn text(text: &str) -> String {
    shown(text).0
}

fn shown(text: &str) -> (String, bool) {
    let whole = text.len();
    let near = floor(text, LONGEST_TEXT + BEYOND_CUT);
    let mut clean = secrets(&harmless(near)).trim().to_owned();
    let cut = clean.len() > LONGEST_TEXT || near.len() < whole;
    if cut {
        clean.truncate(floor(&clean, LONGEST_TEXT).len());
        let more = whole.saturating_sub(clean.len());
        clean.push_str(&format!("\n[cut here: about {more} more bytes in the original]"));
    }
    (clean, cut)
}

/// One line of at most `most` bytes: scrubbed, line breaks and tabs become spaces.
pub fn line(text: &str, most: usize) -> String {
    let plain = text.bytes().all(|b| (b' '..0x7f).contains(&b));
    let near = floor(text, most + BEYOND_CUT);
    let mut clean =
        if plain { secrets(near) } else { secrets(&harmless(near).replace(['\n', '\t'], " ")) };
    if clean.len() > most {
        clean.truncate(floor(&clean, most.saturating_sub(3)).len());
        clean.push('…');
    }
    clean.trim().to_owned()
}

/// An address that may be shown as a link: http or https, no credentials, no secret parameters.
pub fn url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" || text.len() > LONGEST_URL {
        return None;
    }
    if rest
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || is_deceiving(c) || "<>\"\\^`".contains(c))
    {
        return None;
    }
    let split = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(split);
    let host = authority.rsplit('@').next().filter(|host| !host.is_empty())?;
    let (before_fragment, fragment) =
        tail.split_once('#').map_or((tail, None), |(a, b)| (a, Some(b)));
    let (path, query) =
        before_fragment.split_once('?').map_or((before_fragment, None), |(a, b)| (a, Some(b)));
    let mut kept = format!("{scheme}://{host}{path}");
    let query: Vec<&str> =
        query.unwrap_or("").split(['&', ';']).filter(|pair| is_open(pair)).collect();
    if !query.is_empty() {
        kept.push('?');
        kept.push_str(&query.join("&"));
    }
    if let Some(fragment) = fragment.filter(|f| f.split(['&', '?']).all(is_open)) {
        kept.push('#');
        kept.push_str(fragment);
    }
    // an address with a mark inside would lead nowhere
    (secrets(&kept) == kept).then_some(kept)
}

/// An address of a file, whose query is a signature or a token throughout.
pub(super) fn file_url(text: &str) -> Option<String> {
    url(text.split(['?', '#']).next().unwrap_or(text))
}

/// Whether a `name=value` of an address holds no secret.
fn is_open(pair: &str) -> bool {
    const SECRET: &[&str] = &[
        "token",
        "secret",
        "sig",
        "password",
        "passwd",
        "credential",
        "auth",
        "jwt",
        "session",
        "x-amz",
        "x-goog",
        "apikey",
        "api_key",
        "access_key",
    ];
    const WHOLE: &[&str] = &["t", "key", "code", "sid", "hm", "pass", "pwd"];
    let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase();
    !name.is_empty()
        && !SECRET.iter().any(|part| name.contains(part))
        && !WHOLE.contains(&name.as_str())
}

/// Takes tokens and e-mail addresses out.
fn secrets(text: &str) -> String {
    let found = COMPILED.any.matches(text);
    if !found.matched_any() {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for index in found.iter() {
        let (rule, mark) = &COMPILED.each[index];
        text = rule.replace_all(&text, *mark).into_owned();
    }
    text
}

/// Takes out what cannot be stored or deceives: NUL and other controls, bidi overrides, invisible
/// characters, and more than eight marks on one letter. Line ends become `\n`.
fn harmless(text: &str) -> String {
    if text.bytes().all(|b| b == b'\n' || b == b'\t' || (b' '..0x7f).contains(&b)) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => clean.push('\n'),
            '\n' | '\t' => clean.push(c),
            c if c.is_control() || is_deceiving(c) => {}
            c => clean.push(c),
        }
    }
    match COMPILED.marks.replace_all(&clean, "$1") {
        std::borrow::Cow::Borrowed(_) => clean,
        std::borrow::Cow::Owned(capped) => capped,
    }
}

/// Overrides of direction, invisible characters, and characters of no meaning. Joiners stay: emoji
/// and several scripts need them.
fn is_deceiving(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2060}'..='\u{2064}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{fffe}' | '\u{ffff}' | '\u{180e}' | '\u{ad}')
}

/// The longest start of at most `most` bytes that ends between characters.
pub(super) fn floor(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
