//! Events to HTML. Every tag that can get out is written in this file.

use std::collections::HashMap;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd,
};

use super::{MAX_DEPTH, Options, escape, links};

/// The HTML of a text; `size` is its length in bytes, for the first allocation.
pub(super) fn render<'a>(
    events: impl Iterator<Item = Event<'a>>,
    size: usize,
    options: &Options<'_>,
) -> String {
    let mut page = Page {
        out: String::with_capacity(size + size / 2),
        options: *options,
        open: Vec::new(),
        depth: 0,
        flat: 0,
        links: 0,
        picture: None,
        columns: Vec::new(),
        column: 0,
        in_head: false,
        notes: HashMap::new(),
    };
    for event in events {
        page.take(event);
    }
    page.out
}

struct Page<'o, 'a> {
    out: String,
    options: Options<'o>,
    /// What closes each open container; nothing where it was flattened.
    open: Vec<Closing>,
    depth: usize,
    /// How many of the open containers were flattened; within one, all are.
    flat: usize,
    links: usize,
    picture: Option<Picture>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    notes: HashMap<CowStr<'a>, usize>,
}

enum Closing {
    Tag(CowStr<'static>),
    Link,
    /// A link to where we do not lead: its address follows in words.
    Refused(String),
    Flat,
}

struct Picture {
    address: String,
    title: String,
    alt: String,
    inner: usize,
}

impl<'a> Page<'_, 'a> {
    fn take(&mut self, event: Event<'a>) {
        if self.picture.is_some() {
            return self.take_alt(event);
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.links > 0 || self.in_code() => escape(&mut self.out, &text),
            Event::Text(text) => links::linked(&mut self.out, &text, self.options.references),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.out.push_str("<code>");
                escape(&mut self.out, &text);
                self.out.push_str("</code>");
            }
            Event::InlineHtml(html) if is_break(&html) => self.out.push_str("<br>"),
            Event::Html(html) | Event::InlineHtml(html) => escape(&mut self.out, &html),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(label) => self.note_mark(label),
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Image { dest_url, title, .. } => self.start_picture(&dest_url, &title),
            tag if self.too_deep(&tag) => {
                self.flat += 1;
                self.open.push(Closing::Flat);
            }
            Tag::Link { link_type, dest_url, title, .. } => {
                self.start_link(link_type, &dest_url, &title)
            }
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::Table(columns) => {
                self.columns = columns;
                self.push(
                    "<div class=\"scroll\" tabindex=\"0\"><table>\n",
                    "</tbody></table></div>\n",
                );
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.push("<thead><tr>", "</tr></thead><tbody>\n");
            }
            Tag::TableRow => {
                self.column = 0;
                self.push("<tr>", "</tr>\n");
            }
            Tag::TableCell => self.start_cell(),
            Tag::FootnoteDefinition(label) => {
                let n = self.note_number(label);
                let prefix = attribute_word(self.options.id_prefix);
                self.push(
                    format!("<div class=\"footnote\" id=\"{prefix}fn-{n}\"><sup>{n}</sup> "),
                    "</div>\n",
                );
            }
            Tag::Heading { level, .. } => {
                let level = self.level(level);
                self.push(format!("<h{level}>"), format!("</h{level}>\n"));
            }
            Tag::List(Some(1)) => self.push("<ol>\n", "</ol>\n"),
            Tag::List(Some(first)) => self.push(format!("<ol start=\"{first}\">\n"), "</ol>\n"),
            tag => match simple(&tag) {
                Some((open, close)) => self.push(open, close),
                // A container that our syntax does not turn on.
                None => {
                    self.flat += 1;
                    self.open.push(Closing::Flat);
                }
            },
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::TableHead => self.in_head = false,
            TagEnd::TableCell => self.column += 1,
            _ => {}
        }
        let Some(closing) = self.open.pop() else { return };
        if matches!(closing, Closing::Flat) {
            self.flat = self.flat.saturating_sub(1);
            return self.out.push(' ');
        }
        self.depth -= 1;
        match closing {
            Closing::Tag(tag) => self.out.push_str(&tag),
            Closing::Link => {
                self.links -= 1;
                self.out.push_str("</a>");
            }
            Closing::Refused(address) => {
                self.out.push_str(" (");
                escape(&mut self.out, &address);
                self.out.push(')');
            }
            Closing::Flat => {}
        }
    }

    fn push(&mut self, open: impl AsRef<str>, close: impl Into<CowStr<'static>>) {
        self.out.push_str(open.as_ref());
        self.open.push(Closing::Tag(close.into()));
        self.depth += 1;
    }

    /// Tables and lists need room for what they must hold, so they end a little earlier.
    fn too_deep(&self, tag: &Tag<'_>) -> bool {
        let room = if matches!(tag, Tag::Table(_) | Tag::List(_)) { 4 } else { 1 };
        self.flat > 0 || self.depth + room > MAX_DEPTH
    }

    fn level(&self, level: HeadingLevel) -> u8 {
        (self.options.heading_level.clamp(1, 6) + level as u8 - 1).min(6)
    }

    fn start_link(&mut self, kind: LinkType, address: &str, title: &str) {
        let address = match kind {
            LinkType::Email => format!("mailto:{address}"),
            _ => address.to_owned(),
        };
        self.depth += 1;
        match links::safe_href(&address) {
            Some(href) if self.links == 0 => {
                self.links += 1;
                links::open(&mut self.out, &href, title);
                self.open.push(Closing::Link);
            }
            _ => self.open.push(Closing::Refused(address)),
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => {
                attribute_word(info.split([' ', ',']).next().unwrap_or(""))
            }
            CodeBlockKind::Indented => String::new(),
        };
        let class = match language.is_empty() {
            true => String::new(),
            false => format!(" class=\"language-{language}\""),
        };
        self.push(format!("<pre tabindex=\"0\"><code{class}>"), CODE_END);
    }

    fn in_code(&self) -> bool {
        matches!(self.open.last(), Some(Closing::Tag(tag)) if &**tag == CODE_END)
    }

    fn start_cell(&mut self) {
        let class = match self.columns.get(self.column) {
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::Center) => " class=\"center\"",
            _ => "",
        };
        match self.in_head {
            true => self.push(format!("<th scope=\"col\"{class}>"), "</th>"),
            false => self.push(format!("<td{class}>"), "</td>"),
        }
    }

    fn note_number(&mut self, label: CowStr<'a>) -> usize {
        let next = self.notes.len() + 1;
        *self.notes.entry(label).or_insert(next)
    }

    fn note_mark(&mut self, label: CowStr<'a>) {
        let n = self.note_number(label);
        let mark = match self.links {
            0 => {
                let prefix = attribute_word(self.options.id_prefix);
                format!("<sup><a href=\"#{prefix}fn-{n}\">{n}</a></sup>")
            }
            _ => format!("<sup>{n}</sup>"),
        };
        self.out.push_str(&mark);
    }

    fn start_picture(&mut self, address: &str, title: &str) {
        self.picture = Some(Picture {
            address: address.to_owned(),
            title: title.to_owned(),
            alt: String::new(),
            inner: 0,
        });
    }

    /// What stands within a picture is its words for those who do not see it.
    fn take_alt(&mut self, event: Event<'a>) {
        let Some(picture) = &mut self.picture else { return };
        match event {
            Event::Start(_) => picture.inner += 1,
            Event::End(_) if picture.inner > 0 => picture.inner -= 1,
            Event::End(_) => self.end_picture(),
            Event::SoftBreak | Event::HardBreak => picture.alt.push(' '),
            event => picture.alt.push_str(super::plain::words(&event)),
        }
    }

    fn end_picture(&mut self) {
        let Some(Picture { address, title, alt, .. }) = self.picture.take() else { return };
        if let Some(source) = links::own_file(&address) {
            self.out.push_str("<img src=\"");
            escape(&mut self.out, &source);
            self.out.push_str("\" alt=\"");
            escape(&mut self.out, &alt);
            if !title.is_empty() {
                self.out.push_str("\" title=\"");
                escape(&mut self.out, &title);
            }
            return self.out.push_str("\" loading=\"lazy\">");
        }
        let words = if alt.is_empty() { &address } else { &alt };
        match links::safe_href(&address) {
            Some(href) if self.links == 0 => {
                links::open(&mut self.out, &href, &title);
                escape(&mut self.out, words);
                self.out.push_str("</a>");
            }
            _ => {
                escape(&mut self.out, words);
                if !alt.is_empty() && !address.is_empty() {
                    escape(&mut self.out, &format!(" ({address})"));
                }
            }
        }
    }
}

const CODE_END: &str = "</code></pre>\n";

/// Containers that are one tag and nothing else.
fn simple(tag: &Tag<'_>) -> Option<(&'static str, &'static str)> {
    Some(match tag {
        Tag::Paragraph | Tag::HtmlBlock => ("<p>", "</p>\n"),
        Tag::BlockQuote(_) => ("<blockquote>\n", "</blockquote>\n"),
        Tag::List(_) => ("<ul>\n", "</ul>\n"),
        Tag::Item => ("<li>", "</li>\n"),
        Tag::Emphasis => ("<em>", "</em>"),
        Tag::Strong => ("<strong>", "</strong>"),
        Tag::Strikethrough => ("<del>", "</del>"),
        _ => return None,
    })
}

/// A line break is the one tag that people must write in a table's cell, for Markdown has no other.
fn is_break(html: &str) -> bool {
    matches!(html, "<br>" | "<br/>" | "<br />")
}

/// The word, if it needs no escape anywhere; else nothing.
fn attribute_word(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_+#.".contains(&b);
    if word.len() <= 40 && word.bytes().all(plain) { word.to_owned() } else { String::new() }
}
