//! Templates: nothing that a strict Content-Security-Policy would block, and no word that looks for
//! the one cause or the one figure.

use crate::{Exception, Finding, Tree, except};

/// Templates with a `<style>` of their own, by path, each with its reason.
pub const INLINE_STYLE: &[Exception] = &[Exception {
    of: "app/src/releases/templates/single.html",
    reason: "a release as one file that needs no other; it is downloaded and never served as a page",
}];

/// Attributes and elements that the policy blocks, and what to do instead.
pub fn nothing_inline(tree: &Tree, exceptions: &[Exception]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.under("app/src/", ".html") {
        for (line, text) in (1..).zip(text.to_lowercase().lines()) {
            for what in blocked(text) {
                let of = if what.starts_with("<style>") { path } else { "" };
                let finding = Finding::new(
                    path,
                    line,
                    format!("{what}; the Content-Security-Policy blocks it"),
                );
                found.push((of.to_owned(), finding));
            }
        }
    }
    except(found, exceptions, "tidy/src/templates.rs")
}

fn blocked(line: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if attributes(line).any(|name| name == "style") {
        found.push("style attribute: use a class");
    }
    if attributes(line).any(|name| {
        name.len() > 3 && name.starts_with("on") && name.chars().all(|c| c.is_ascii_lowercase())
    }) {
        found.push("handler in an attribute: use an island (`name.island.js`)");
    }
    if line
        .split("<script")
        .skip(1)
        .any(|rest| !rest.split('>').next().unwrap_or("").contains("src="))
    {
        found.push("script in the page: use an island (`name.island.js`)");
    }
    if line.contains("javascript:") {
        found.push("javascript: address: use an island (`name.island.js`)");
    }
    if line.contains("<style") {
        found.push("<style> in the page: put it in the slice's or the shell's CSS");
    }
    found
}

/// The names before `=` and a quote.
fn attributes(line: &str) -> impl Iterator<Item = &str> {
    let ends = line.match_indices("=\"").chain(line.match_indices("='"));
    ends.map(|(at, _)| {
        let before = &line[..at];
        let begin = before.rfind(|c: char| c.is_whitespace() || "\"'<>{}".contains(c));
        &before[begin.map_or(0, |b| b + 1)..]
    })
}

/// Words that do not occur on a page: there is no one cause, and no mean that tells how well people do.
const NOT_SAID: [&str; 4] = ["mttr", "root cause", "root-cause", "human error"];

/// No template says them.
pub fn words_not_said(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let pages = tree.under("app/src/", "").filter(|(path, _)| {
        path.ends_with(".html") || (path.contains("/templates/") && !path.ends_with(".rs"))
    });
    for (path, text) in pages {
        for (line, text) in (1..).zip(text.lines()) {
            let folded = text.to_lowercase();
            for word in NOT_SAID.iter().filter(|word| folded.contains(**word)) {
                found.push(Finding::new(
                    path,
                    line,
                    format!("says `{word}`; say what happened and how we know"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "app/src/a/templates/list.html";

    #[test]
    fn what_the_policy_blocks_is_found() {
        for (line, what) in [
            ("<p style=\"color: red\">", "style attribute"),
            ("<p class=a style='x'>", "style attribute"),
            ("<a onclick=\"go()\">", "handler"),
            ("<script>go()</script>", "script"),
            ("<script type=\"module\">", "script"),
            ("<a href=\"javascript:go()\">", "javascript:"),
            ("<style>p {}</style>", "<style>"),
        ] {
            let found = nothing_inline(&Tree::made_up(&[(PAGE, line)]), &[]);
            assert_eq!(found.len(), 1, "{line} {found:?}");
            assert!(found[0].what.starts_with(what), "{line}");
        }
    }

    #[test]
    fn what_the_policy_allows_is_fine() {
        for line in [
            "<script src=\"/static/a.js\" defer></script>",
            "<p data-style=\"x\" class=\"style\" on=\"1\">",
            "<link rel=\"stylesheet\" href=\"/static/a.css\">",
            "{% set style = 1 %} <input name=\"option\" content=\"2\">",
        ] {
            assert_eq!(nothing_inline(&Tree::made_up(&[(PAGE, line)]), &[]), [], "{line}");
        }
    }

    #[test]
    fn a_style_element_may_have_a_reason_and_a_handler_may_not() {
        let allowed = [Exception { of: PAGE, reason: "made up" }];
        let both = Tree::made_up(&[(PAGE, "<style>\n<a onclick=\"go()\">")]);
        let found = nothing_inline(&both, &allowed);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn words_that_are_not_said_are_found_in_templates_only() {
        let tree = Tree::made_up(&[
            (PAGE, "<h2>Lessons</h2>\n<h2>Root Cause</h2>"),
            ("app/src/a/templates/mail.md", "MTTR"),
            ("app/src/a/mod.rs", "//! no root cause"),
        ]);
        let found: Vec<String> = words_not_said(&tree).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("app/src/a/templates/list.html:2: says `root cause`"));
    }
}
