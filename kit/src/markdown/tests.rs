//! What people try, what always holds, and how a normal text looks.

use std::fmt::Write as _;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection::vec, prop_assert, sample::select};

use super::{MAX_BYTES, MAX_DEPTH, Options, excerpt, safe_href, to_html, to_text};

fn html(text: &str) -> String {
    to_html(text, &Options::default())
}

/// Every tag of the output, without its attributes' values.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or(rest)).collect()
}

/// Says what is wrong with an output, whatever the input was.
fn fault(html: &str) -> Option<String> {
    const NAMES: [&str; 28] = [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "em",
        "strong",
        "del",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "blockquote",
        "hr",
        "br",
        "a",
        "img",
        "sup",
        "div",
    ];
    const ATTRIBUTES: [&str; 11] = [
        "href", "rel", "title", "class", "id", "start", "scope", "tabindex", "src", "alt",
        "loading",
    ];
    for tag in tags(html) {
        let body = tag.trim_start_matches('/');
        let name = body.split(' ').next().unwrap_or("");
        if !NAMES.contains(&name) {
            return Some(format!("tag <{tag}>"));
        }
        // Between the quotes are values; what stands outside of them are the attributes' names.
        for (n, part) in body[name.len()..].split('"').enumerate() {
            let attribute = part.trim().trim_end_matches('=');
            if n % 2 == 0 && !attribute.is_empty() && !ATTRIBUTES.contains(&attribute) {
                return Some(format!("attribute {attribute} in <{tag}>"));
            }
        }
        for start in ["href=\"", "src=\""] {
            let Some((_, rest)) = tag.split_once(start) else { continue };
            let value = rest.split('"').next().unwrap_or("");
            let lower = value.to_ascii_lowercase();
            let web = ["http://", "https://", "mailto:"].iter().any(|s| lower.starts_with(s));
            let own =
                (lower.starts_with('/') && !lower.starts_with("//")) || lower.starts_with("#fn-");
            if !(own || (web && start == "href=\"")) || value.chars().any(char::is_control) {
                return Some(format!("address {value:?}"));
            }
        }
    }
    None
}

/// Cross-site scripting as it is tried (S20).
const ATTEMPTS: [&str; 62] = [
    "<script>alert(1)</script>",
    "text <script src=//evil></script> more",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<details open ontoggle=alert(1)>",
    "<style>@import '//evil'</style>",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php <script>alert(1)</script> ?>",
    "<base href=//evil>",
    "<form action=//evil><button>",
    "<br onclick=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\tscript:alert(1)>)",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](&#1;javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](blob:https://evil/1)",
    "[x](file:///etc/passwd)",
    "[x](view-source:javascript:alert(1))",
    "[x](//evil.example/x)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](/&Tab;/evil.example)",
    "[x](</\t/evil.example>)",
    "[x](http:evil.example)",
    "[x](https:///evil.example)",
    "[x](http://a\" onmouseover=\"alert(1))",
    "[x](http://a&quot; onmouseover=&quot;alert(1))",
    "[x](<http://a\" onmouseover=\"alert(1)>)",
    "[x](http://a 'y\" onmouseover=\"alert(1)')",
    "[x](http://a \"</a><script>alert(1)</script>\")",
    "[x](mailto:a@b.example?subject=x%0d%0aBcc:c@d.example)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<java\tscript:alert(1)>",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[r]\n\n[r]: <javascript:alert(1)> 't\" onclick=\"x'",
    "x[^1]\n\n[^1]: <script>alert(1)</script> [y](javascript:alert(1))",
    "x[^\"><script>]\n\n[^\"><script>]: y",
    "![x](javascript:alert(1))",
    "![\" onerror=\"alert(1)](/files/a.png \"\\\" onload=\\\"alert(1)\")",
    "```\"><script>alert(1)</script>\nx\n```",
    "| <script> | b |\n|---|---|\n| [x](javascript:y) | `<script>` |",
    "https://a.example/\"onmouseover=\"alert(1) http://<script>",
    "$$<script>alert(1)</script>$$\n\n```mermaid\nclick A \"javascript:alert(1)\"\n```",
];

#[test]
fn attempts_stay_text() {
    for attempt in ATTEMPTS {
        let out = html(attempt);
        assert_eq!(fault(&out), None, "{attempt:?}\ngave {out}");
        assert!(!out.to_ascii_lowercase().contains("<script"), "{attempt:?}\ngave {out}");
    }
}

#[test]
fn the_fault_finder_finds() {
    for bad in [
        "<script>",
        "<a href=\"javascript:x\">",
        "<a href=\"//evil\">",
        "<p onclick=\"x\">",
        "<img src=\"https://evil/x.png\">",
        "<a href=\"http://a\tb\">",
    ] {
        assert!(fault(bad).is_some(), "{bad}");
    }
}

#[test]
fn only_four_sorts_of_address_are_links() {
    let good = [
        ("https://a.example/b?c=d&e#f", "https://a.example/b?c=d&e#f"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("mailto:ada@a.example", "mailto:ada@a.example"),
        ("/incidents/42", "/incidents/42"),
        ("/", "/"),
        ("https://a.example/ä b\"<'", "https://a.example/ä%20b%22%3C'"),
        ("https://a.example/\u{202e}x", "https://a.example/%E2%80%AEx"),
    ];
    for (address, href) in good {
        assert_eq!(safe_href(address).as_deref(), Some(href));
    }
    for bad in [
        "",
        "x",
        "#x",
        "docs/a.md",
        "//a",
        "ftp://a",
        "https://",
        "javascript:x",
        "/\\a",
        "/\t/a",
        "mailto:x",
    ] {
        assert_eq!(safe_href(bad), None, "{bad:?}");
    }
    assert_eq!(safe_href(&format!("/{}", "a".repeat(3000))), None);
}

#[test]
fn a_refused_link_keeps_its_words_and_its_address() {
    assert_eq!(
        html("see [the *notes*](docs/notes.md)"),
        "<p>see the <em>notes</em> (docs/notes.md)</p>\n"
    );
}

#[test]
fn a_normal_document_reads_so() {
    let text = "# What happened\n\nCarts *stopped* **filling**, ~~slowly~~ at `13:45`.\nSee https://status.example/x_y_z?a=1&b=2.\n\n\
        > Nobody could buy.\n\n1. one\n2. two\n   - [x] done\n   - [ ] open\n\n\
        | at | carts |\n|---|--:|\n| 13:40 | 12 |\n\n---\n\n```rust\nlet a = 1 < 2;\n```\n\n\
        ![graph](/files/f1/graph.png) ![far](https://far.example/x.png) <ada@a.example>[^n]\n\n[^n]: A note.\n";
    let expected = r##"<h3>What happened</h3>
<p>Carts <em>stopped</em> <strong>filling</strong>, <del>slowly</del> at <code>13:45</code>.
See <a href="https://status.example/x_y_z?a=1&amp;b=2" rel="noopener nofollow ugc">https://status.example/x_y_z?a=1&amp;b=2</a>.</p>
<blockquote>
<p>Nobody could buy.</p>
</blockquote>
<ol>
<li>one</li>
<li>two<ul>
<li>☑ done</li>
<li>☐ open</li>
</ul>
</li>
</ol>
<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">at</th><th scope="col" class="right">carts</th></tr></thead><tbody>
<tr><td>13:40</td><td class="right">12</td></tr>
</tbody></table></div>
<hr>
<pre tabindex="0"><code class="language-rust">let a = 1 &lt; 2;
</code></pre>
<p><img src="/files/f1/graph.png" alt="graph" loading="lazy"> <a href="https://far.example/x.png" rel="noopener nofollow ugc">far</a> <a href="mailto:ada@a.example" rel="noopener nofollow ugc">ada@a.example</a><sup><a href="#fn-1">1</a></sup></p>
<div class="footnote" id="fn-1"><sup>1</sup> <p>A note.</p>
</div>
"##;
    assert_eq!(html(text), expected);
}

#[test]
fn headings_begin_where_the_page_says() {
    let options = Options { heading_level: 5, ..Options::default() };
    assert_eq!(to_html("# a\n## b\n### c", &options), "<h5>a</h5>\n<h6>b</h6>\n<h6>c</h6>\n");
}

#[test]
fn references_lead_where_the_caller_says() {
    let resolve = |word: &str| word.strip_prefix("INC-").map(|n| format!("/incidents/{n}"));
    let options = Options { references: Some(&resolve), ..Options::default() };
    let link = "<a class=\"ref\" href=\"/incidents/42\">INC-42</a>";
    assert_eq!(to_html("(INC-42), “INC-42”.", &options), format!("<p>({link}), “{link}”.</p>\n"));
    for word in [
        "ACT-7",
        "INC-0",
        "XINC-42",
        "INC-42-b",
        "INC-42b",
        "a_INC-42",
        "INC-1234567890",
        "inc-42",
        "`INC-42`",
    ] {
        assert!(!to_html(word, &options).contains("<a"), "{word}");
    }
    assert!(to_html("[INC-42](https://x.example)", &options).contains("ugc\">INC-42</a>"));
    let hostile = |_: &str| Some("javascript:alert(1)".to_owned());
    assert_eq!(
        to_html("INC-42", &Options { references: Some(&hostile), ..options }),
        "<p>INC-42</p>\n"
    );
}

#[test]
fn bare_addresses_end_before_the_sentence_does() {
    for (text, address) in [
        ("see https://a.example/b.", "https://a.example/b"),
        ("(https://a.example/b)", "https://a.example/b"),
        ("https://a.example/b_(c) d", "https://a.example/b_(c)"),
        ("“https://a.example”", "https://a.example"),
        ("HTTPS://A.example!", "HTTPS://A.example"),
    ] {
        assert!(html(text).contains(&format!(">{address}</a>")), "{text}: {}", html(text));
    }
    for none in ["https://", "xhttps://a.example", "`https://a.example`", "    https://a.example"] {
        assert!(!html(none).contains("<a"), "{none}");
    }
}

#[test]
fn deep_nesting_is_flattened_and_loses_no_word() {
    let quotes = html(&format!("{}word", "> ".repeat(5000)));
    assert!(quotes.matches("<blockquote").count() <= MAX_DEPTH);
    assert!(quotes.contains("word"));
    let mut lists = String::new();
    for depth in 0..300 {
        writeln!(lists, "{}- w{depth}", "  ".repeat(depth)).unwrap();
    }
    let lists = html(&lists);
    assert!(lists.contains("w299"));
    for name in ["ul", "li", "p", "blockquote"] {
        let count = |tag: &str| lists.matches(tag).count();
        assert_eq!(count(&format!("<{name}>")), count(&format!("</{name}>")), "{name}");
    }
}

#[test]
fn a_text_too_long_says_that_it_goes_on() {
    let out = html(&"ä ".repeat(MAX_BYTES));
    assert!(out.ends_with(
        "<p class=\"cut\">The text goes on. What follows is too long to be shown here.</p>\n"
    ));
}

#[test]
fn plain_words_have_no_marks() {
    let text = "# Title\n\nSome *words* and [a link](https://x.example) `code`.\n\n- one\n\n- two\n\n|a|b|\n|-|-|\n|1|2|\n\n<b>raw</b>";
    assert_eq!(to_text(text), "Title\nSome words and a link code.\none\ntwo\na b\n1 2\n<b>raw</b>");
}

#[test]
fn an_excerpt_ends_between_words_and_signs() {
    assert_eq!(excerpt("**Short** text", 40), "Short text");
    assert_eq!(excerpt("one two three, four", 14), "one two three…");
    assert_eq!(excerpt("one two three, four", 16), "one two three…");
    assert_eq!(excerpt("ääääää", 3), "äää…");
    assert_eq!(excerpt("", 3), "");
}

#[test]
fn the_bad_inputs_take_little_time() {
    // B40 to B46 in small, at a size where anything quadratic would take minutes.
    let inputs = [
        "[".repeat(60_000),
        "> ".repeat(20_000),
        "*a_".repeat(50_000),
        format!("|{}\n|{}\n{}", "a|".repeat(400), "-|".repeat(400), "|x\n".repeat(50_000)),
        (0..20_000).map(|n| format!("[^{n}]: [^{n}]\n")).collect(),
        "a".repeat(900_000),
        "<div>".repeat(40_000),
        "http://".repeat(100_000),
        "INC-".repeat(100_000),
        "https://a.example/)".repeat(40_000),
        format!("https://a.example/{}", ")".repeat(300_000)),
        "![".repeat(50_000),
        "`a".repeat(100_000),
    ];
    let resolve = |_: &str| None;
    for input in &inputs {
        let started = std::time::Instant::now();
        let out = to_html(input, &Options { references: Some(&resolve), ..Options::default() });
        let took = started.elapsed();
        assert_eq!(fault(&out), None);
        assert!(took.as_secs() < 5, "{took:?} for {}…", &input[..20]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn whatever_is_written_comes_out_safe(text in any::<String>()) {
        let out = html(&text);
        prop_assert!(fault(&out).is_none(), "{:?}", fault(&out));
    }

    #[test]
    fn markup_thrown_together_comes_out_safe(parts in vec(select(PARTS.as_slice()), 0..40)) {
        let text = parts.concat();
        let out = html(&text);
        prop_assert!(fault(&out).is_none(), "{:?} from {text:?}", fault(&out));
        prop_assert!(!out.contains("<script"));
        let _ = to_text(&text);
        prop_assert!(excerpt(&text, 20).chars().count() <= 21);
    }
}

const PARTS: [&str; 44] = [
    "<script>",
    "</a>",
    "\"",
    "'",
    "javascript:",
    "&#106;",
    "&Tab;",
    "[x](",
    "](",
    ")",
    "![",
    "[",
    "]",
    "<",
    ">",
    "`",
    "```",
    "\n",
    "\n\n",
    "> ",
    "- ",
    "1. ",
    "| ",
    "|\n|-|\n",
    "*",
    "_",
    "~~",
    "[^a]",
    "[^a]: ",
    "https://",
    "//",
    "/",
    "\\",
    "a.example",
    "mailto:",
    "@",
    " ",
    "\t",
    "\r\n",
    "ä",
    "\u{202e}",
    "\0",
    "<!--",
    "INC-42",
];
