//! Which addresses may be links, and which words are addresses.
//!
//! An address is judged after the parser has decoded entities and escapes, by what it must be and not
//! by what it must not be; a browser drops tabs and control characters, so any of them refuses it.

use super::{Resolve, escape};

const MAX_ADDRESS: usize = 2048;

/// The address as it may stand in an `href`, before HTML escaping; none if it is not http, https,
/// mailto or a path of our own.
#[must_use]
pub fn safe_href(address: &str) -> Option<String> {
    if address.len() > MAX_ADDRESS || address.chars().any(|c| c.is_control() || c == '\\') {
        return None;
    }
    let allowed = host_follows(address, "http://")
        || host_follows(address, "https://")
        || is_mailbox(address)
        || is_own_path(address);
    allowed.then(|| encode(address))
}

/// The address of a picture that we keep ourselves.
pub(super) fn own_file(address: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-~".contains(&b);
    let ours = address.len() <= MAX_ADDRESS
        && address.strip_prefix("/files/").is_some_and(|rest| !rest.is_empty())
        && address.bytes().all(plain)
        && !address.contains("..")
        && !address.contains("//");
    ours.then(|| address.to_owned())
}

fn begins(address: &str, scheme: &str) -> bool {
    address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

fn host_follows(address: &str, scheme: &str) -> bool {
    begins(address, scheme)
        && address[scheme.len()..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[')
}

fn is_mailbox(address: &str) -> bool {
    let lower = || address.to_ascii_lowercase();
    begins(address, "mailto:")
        && address.contains('@')
        && !lower().contains("%0a")
        && !lower().contains("%0d")
}

fn is_own_path(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

fn encode(address: &str) -> String {
    let mut href = String::with_capacity(address.len());
    for c in address.chars() {
        if c.is_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c) {
            href.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                href.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    href
}

/// Opens a link that a person wrote.
pub(super) fn open(out: &mut String, href: &str, title: &str) {
    out.push_str("<a href=\"");
    escape(out, href);
    if !title.is_empty() {
        out.push_str("\" title=\"");
        escape(out, title);
    }
    out.push_str("\" rel=\"noopener nofollow ugc\">");
}

/// Adds text in which bare addresses and references are links.
pub(super) fn linked(out: &mut String, text: &str, references: Option<Resolve<'_>>) {
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, link) = match rest[0] {
            b'h' | b'H' if is_web(rest) => web_link(&text[at..]),
            b'A'..=b'Z' => (word_length(rest), reference_link(&text[at..], references)),
            _ => (word_length(rest).max(1), None),
        };
        if let Some(link) = link {
            escape(out, &text[plain_from..at]);
            out.push_str(&link);
            plain_from = at + length;
        }
        at += length;
    }
    escape(out, &text[plain_from..]);
}

/// The length of the run of letters, digits and joints at the start, so that nothing within a word
/// is taken for the start of another.
fn word_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count()
}

fn is_web(bytes: &[u8]) -> bool {
    let starts =
        |scheme: &[u8]| bytes.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
    starts(b"http://") || starts(b"https://")
}

/// The bare address at the start, as a link; its length also when it is none, so that it is read once.
fn web_link(text: &str) -> (usize, Option<String>) {
    let whole = bare_length(text);
    let address = without_punctuation(&text[..whole]);
    let Some(href) = safe_href(address) else { return (whole, None) };
    let mut html = String::new();
    open(&mut html, &href, "");
    escape(&mut html, address);
    html.push_str("</a>");
    (address.len(), Some(html))
}

fn reference_link(text: &str, references: Option<Resolve<'_>>) -> Option<String> {
    let word = reference(text)?;
    let href = safe_href(&references?(word)?)?;
    let mut html = String::from("<a class=\"ref\" href=\"");
    escape(&mut html, &href);
    html.push_str("\">");
    html.push_str(word);
    html.push_str("</a>");
    Some(html)
}

fn bare_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c);
    text.find(ends).unwrap_or(text.len())
}

/// The address without the punctuation of the sentence around it.
fn without_punctuation(mut address: &str) -> &str {
    let count = |c: char| address.matches(c).count();
    let mut unopened = count(')').saturating_sub(count('('));
    while let Some(last) = address.chars().next_back() {
        match last {
            ')' if unopened > 0 => unopened -= 1,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '”' | '’' | ']' =>
                {}
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

/// A reference at the start of the text: two to ten capitals, a hyphen, a number.
fn reference(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let letters = bytes.iter().take(11).take_while(|b| b.is_ascii_uppercase()).count();
    if !(2..=10).contains(&letters) || bytes.get(letters) != Some(&b'-') {
        return None;
    }
    let digits = bytes[letters + 1..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    let end = letters + 1 + digits;
    let whole =
        (1..=9).contains(&digits) && bytes[letters + 1] != b'0' && word_length(&bytes[end..]) == 0;
    whole.then(|| &text[..end])
}
