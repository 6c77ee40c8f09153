//! HTML as Markdown of the same length, so that every place is a place of the original.

/// Puts the marks of Markdown in the place of tags, byte for byte; scripts, styles, code and comments
/// become gaps.
#[must_use]
pub fn as_markdown(html: &str) -> String {
    let bytes = html.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'<' {
            // Line ends within a text are gaps there, and a mark at its line's begin is none.
            let byte = bytes[at];
            out.push(if byte == b'\n' || byte == b'\r' { b' ' } else { byte });
            at += 1;
            continue;
        }
        let end = end_of_tag(bytes, at);
        let name = name_of_tag(&bytes[at..end]);
        let end = match hidden(&name) {
            Some(closing) => end_of(html, end, closing),
            None => end,
        };
        put(&mut out, mark(&name), end - at);
        at = end;
    }
    String::from_utf8(out).unwrap_or_default()
}

fn end_of_tag(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with(b"<!--") {
        let rest = &bytes[at..];
        return rest.windows(3).position(|w| w == b"-->").map_or(bytes.len(), |end| at + end + 3);
    }
    let is_tag = bytes
        .get(at + 1)
        .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'));
    if !is_tag {
        return at + 1;
    }
    let window = &bytes[at..bytes.len().min(at + 4_000)];
    window.iter().position(|byte| *byte == b'>').map_or(at + 1, |end| at + end + 1)
}

fn name_of_tag(tag: &[u8]) -> String {
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'/';
    let name: Vec<u8> = tag[1..].iter().take_while(is_name).take(12).copied().collect();
    String::from_utf8_lossy(&name).trim_end_matches('/').to_ascii_lowercase()
}

/// What is not read, and the tag at its end.
fn hidden(name: &str) -> Option<&'static str> {
    match name {
        "script" => Some("</script>"),
        "style" => Some("</style>"),
        "pre" => Some("</pre>"),
        "code" => Some("</code>"),
        "head" => Some("</head>"),
        "nav" => Some("</nav>"),
        "svg" => Some("</svg>"),
        _ => None,
    }
}

fn end_of(html: &str, from: usize, closing: &str) -> usize {
    let rest = &html.as_bytes()[from..];
    let found =
        rest.windows(closing.len()).position(|w| w.eq_ignore_ascii_case(closing.as_bytes()));
    found.map_or(html.len(), |end| from + end + closing.len())
}

/// The mark for a tag, never longer than the shortest way to write the tag.
fn mark(name: &str) -> &'static str {
    match name {
        "h1" => "\n# ",
        "h2" => "\n## ",
        "h3" | "h4" | "h5" | "h6" => "\n###",
        "/h1" | "/h2" | "/h3" | "/h4" | "/h5" | "/h6" => "\n\n",
        "li" | "dd" => "\n- ",
        "p" => "\n\n",
        "br" => "\n",
        "tr" => "\n| ",
        "td" | "th" => " | ",
        "blockquote" => "\n\n> ",
        "/p" | "div" | "/div" | "ul" | "ol" | "/ul" | "/ol" | "/li" | "table" | "/table" | "dt"
        | "section" | "/section" | "article" | "/blockquote" | "hr" | "/pre" | "body" | "pre" => {
            "\n\n"
        }
        _ => "",
    }
}

/// A mark and gaps up to a length in bytes.
fn put(out: &mut Vec<u8>, mark: &str, len: usize) {
    let mark = if mark.len() <= len { mark } else { "" };
    out.extend_from_slice(mark.as_bytes());
    out.resize(out.len() + len - mark.len(), b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_stays_in_its_place() {
        let html = "<h2 class=x>Impact</h2><p>Some <b>users</b> saw errors.</p><script>was to blame</script><li>é";
        let text = as_markdown(html);
        assert_eq!(text.len(), html.len());
        assert_eq!(text.find("users"), html.find("users"));
        assert!(text.contains("\n## "));
        assert!(!text.contains("blame"));
    }

    #[test]
    fn what_is_not_closed_is_text() {
        for html in ["<", "a < b", "<p", "<!--", "<script>", "</", "<é>"] {
            assert_eq!(as_markdown(html).len(), html.len(), "{html}");
        }
    }
}
