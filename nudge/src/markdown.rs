//! Markdown, line by line, into the blocks that are checked: what is code, a log or a comment is left out.
//!
//! Places are bytes of the text as it was given.

use crate::section::{Headings, Section};
use std::ops::Range;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
    /// A row of a table.
    Row,
    /// The head of a table.
    Head,
    /// Quoted lines.
    Quote,
    /// A heading.
    Heading,
    /// An HTML comment.
    Comment,
    /// A code block.
    Code,
}

impl Kind {
    /// Its short name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Paragraph => "p",
            Kind::Item => "li",
            Kind::Row => "row",
            Kind::Head => "head",
            Kind::Quote => "quote",
            Kind::Heading => "heading",
            Kind::Comment => "comment",
            Kind::Code => "code",
        }
    }

    /// The kind by its short name.
    #[must_use]
    pub fn named(name: &str) -> Option<Kind> {
        let all = [
            Kind::Paragraph,
            Kind::Item,
            Kind::Row,
            Kind::Head,
            Kind::Quote,
            Kind::Heading,
            Kind::Comment,
            Kind::Code,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// A block with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its text's bytes, without the marks in front.
    pub range: Range<usize>,
    /// The kind of the section it stands in.
    pub section: Section,
    /// The blocks of the last two headings above it, outermost first.
    pub headings: [Option<u32>; 2],
    /// A heading's level, 1 to 7; 7 is a line that serves as one.
    pub level: u8,
    /// Whether a box before it is ticked, if there is one.
    pub is_done: Option<bool>,
}

/// Splits a text into its blocks.
#[must_use]
pub fn blocks(text: &str, headings: &Headings) -> Vec<Block> {
    let mut splitter = Splitter {
        text,
        headings,
        blocks: Vec::new(),
        open: None,
        fence: None,
        in_comment: false,
        above: Vec::new(),
        after_gap: true,
        in_list: false,
    };
    let mut at = front_matter(text);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |line| at + line + 1);
        splitter.line(at, end);
        at = end;
    }
    splitter.flush();
    splitter.blocks
}

/// Where the text begins after a head of `---` lines.
fn front_matter(text: &str) -> usize {
    if !text.starts_with("---\n") {
        return 0;
    }
    let mut at = 4;
    for line in text[4..].split_inclusive('\n').take(200) {
        at += line.len();
        if line.trim_end() == "---" {
            return at;
        }
    }
    0
}

struct Splitter<'a> {
    text: &'a str,
    headings: &'a Headings,
    blocks: Vec<Block>,
    /// The block that the next line may continue.
    open: Option<(Kind, Range<usize>, Option<bool>)>,
    /// The mark and length of the fence we are in.
    fence: Option<(u8, usize)>,
    in_comment: bool,
    /// The headings above: level, section, block.
    above: Vec<(u8, Section, u32)>,
    after_gap: bool,
    in_list: bool,
}

impl Splitter<'_> {
    fn line(&mut self, start: usize, end: usize) {
        let line = &self.text[start..end];
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let (content, body) = (start + indent, trimmed.trim_end());
        if self.goes_on(content, end, body) {
            return;
        }
        if body.is_empty() {
            self.flush();
            self.after_gap = true;
            return;
        }
        let after_gap = std::mem::replace(&mut self.after_gap, false);
        if body.starts_with("```") || body.starts_with("~~~") {
            self.flush();
            let mark = body.as_bytes()[0];
            let len = body.bytes().take_while(|byte| *byte == mark).count();
            self.fence = Some((mark, len));
            self.push(Kind::Code, content..content + body.len(), None);
        } else if body.starts_with("<!--") {
            self.flush();
            self.in_comment = !body.contains("-->");
            self.push(Kind::Comment, content..content + body.len(), None);
        } else if indent >= 4 && after_gap && !self.in_list && self.open.is_none() {
            self.push(Kind::Code, content..content + body.len(), None);
            self.after_gap = true;
        } else {
            self.marked(content, body);
        }
    }

    /// A line within a fence or a comment.
    fn goes_on(&mut self, content: usize, end: usize, body: &str) -> bool {
        if let Some((mark, len)) = self.fence {
            let run = body.bytes().take_while(|byte| *byte == mark).count();
            if run >= len && run == body.len() {
                self.fence = None;
            }
            return true;
        }
        if self.in_comment {
            if let Some(last) = self.blocks.last_mut() {
                last.range.end = (content + body.len()).min(end);
            }
            self.in_comment = !body.contains("-->");
        }
        self.in_comment || body.ends_with("-->") && !body.contains("<!--")
    }

    fn marked(&mut self, content: usize, body: &str) {
        let whole = content..content + body.len();
        let hashes = body.bytes().take_while(|byte| *byte == b'#').count();
        let is_spaced = body.as_bytes().get(hashes).is_none_or(|byte| *byte == b' ');
        if (1..=6).contains(&hashes) && (is_spaced || hashes > 2) {
            self.flush();
            let inner = body[hashes..].trim().trim_end_matches('#').trim_end();
            let skipped = body.len() - body[hashes..].trim_start().len();
            self.heading(u8::try_from(hashes).unwrap_or(6), content + skipped, inner.len());
            return;
        }
        if is_rule(body) {
            self.underline(body);
            return;
        }
        if body.starts_with('|') || (body.contains(" | ") && self.is_table_next(whole.end)) {
            self.flush();
            if is_delimiter(body) {
                if let Some(last) = self.blocks.last_mut().filter(|last| last.kind == Kind::Row) {
                    last.kind = Kind::Head;
                }
            } else {
                self.push(Kind::Row, whole, None);
            }
            return;
        }
        if is_delimiter(body) {
            self.flush();
            return;
        }
        if let Some(mark) = bullet(body) {
            self.flush();
            self.in_list = true;
            let (skipped, is_done) = tick_box(&body[mark..]);
            self.open = Some((Kind::Item, whole.start + mark + skipped..whole.end, is_done));
            return;
        }
        if body.starts_with('>') {
            let skipped = body.len() - body.trim_start_matches(['>', ' ']).len();
            match &mut self.open {
                Some((Kind::Quote, range, _)) => range.end = whole.end,
                _ => {
                    self.flush();
                    self.open = Some((Kind::Quote, whole.start + skipped..whole.end, None));
                }
            }
            return;
        }
        self.plain(whole, body);
    }

    /// A line of running text: it goes on with what is open, unless it stands for itself.
    fn plain(&mut self, whole: Range<usize>, body: &str) {
        let in_item = matches!(self.open, Some((Kind::Item | Kind::Quote, ..)));
        if !in_item && let Some(len) = self.words_with_colon(body) {
            self.flush();
            self.heading(7, whole.start, len);
            return;
        }
        let section = self.above.last().map_or(Section::Other, |(_, section, _)| *section);
        if section == Section::Timeline && starts_with_time(body) {
            self.flush();
            self.open = Some((Kind::Item, whole, None));
            return;
        }
        match &mut self.open {
            Some((_, range, _)) if range.len() < 20_000 => range.end = whole.end,
            _ => {
                self.flush();
                self.open = Some((Kind::Paragraph, whole, None));
            }
        }
    }

    /// `Timeline:` alone on its line: the length of its words.
    fn words_with_colon(&self, text: &str) -> Option<usize> {
        let inner = text.strip_suffix([':', '?'])?;
        let is_short = inner.len() < 60 && inner.split_whitespace().count() <= 4;
        (is_short && self.headings.section(inner).is_some()).then_some(inner.len())
    }

    fn is_table_next(&self, end: usize) -> bool {
        let is_row = |block: &Block| matches!(block.kind, Kind::Row | Kind::Head);
        let last_is_row = self.open.is_none() && self.blocks.last().is_some_and(is_row);
        let next = self.text[end..].trim_start_matches(['\r', '\n']).lines().next();
        (last_is_row && !self.after_gap) || next.is_some_and(is_delimiter)
    }

    /// `===` or `---` below one line makes it a heading; otherwise it is a rule.
    fn underline(&mut self, body: &str) {
        match self.open.take() {
            Some((Kind::Paragraph, range, _)) if !body.starts_with('*') => {
                let text = &self.text[range.clone()];
                if text.len() < 200 && !text.contains('\n') {
                    let level = if body.starts_with('=') { 1 } else { 2 };
                    self.heading(level, range.start, range.len());
                    return;
                }
                self.open = Some((Kind::Paragraph, range, None));
            }
            other => self.open = other,
        }
        self.flush();
    }

    fn heading(&mut self, level: u8, start: usize, len: usize) {
        self.in_list = false;
        let text = &self.text[start..start + len];
        while self.above.last().is_some_and(|(above, _, _)| *above >= level) {
            self.above.pop();
        }
        let parent = self.above.last().map_or(Section::Other, |(_, section, _)| *section);
        let section = self.headings.section(text).unwrap_or(parent);
        let number = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        self.push(Kind::Heading, start..start + len, None);
        if let Some(last) = self.blocks.last_mut() {
            last.level = level;
            last.section = section;
        }
        self.above.push((level, section, number));
    }

    fn flush(&mut self) {
        let Some((kind, range, is_done)) = self.open.take() else { return };
        let text = self.text[range.clone()].trim_end();
        let range = range.start..range.start + text.len();
        if kind == Kind::Paragraph {
            self.in_list = false;
            if let Some(inner) = Self::line_as_heading(text) {
                let at = range.start + (text.len() - text.trim_start_matches(['*', '_']).len());
                self.heading(7, at, inner);
                return;
            }
        }
        if !range.is_empty() {
            self.push(kind, range, is_done);
        }
    }

    /// `**Timeline**` alone on its line: the length of its words.
    fn line_as_heading(text: &str) -> Option<usize> {
        if text.len() > 80 || text.contains('\n') {
            return None;
        }
        let bold = text.strip_prefix("**").and_then(|rest| {
            let inner = rest.strip_suffix("**").or(rest.strip_suffix("**:"))?;
            (!inner.contains("**")).then_some(inner)
        });
        bold.map(str::len)
    }

    fn push(&mut self, kind: Kind, range: Range<usize>, is_done: Option<bool>) {
        let section = self.above.last().map_or(Section::Other, |(_, section, _)| *section);
        let mut last_two = self.above.iter().rev().map(|(_, _, block)| *block);
        let (inner, outer) = (last_two.next(), last_two.next());
        self.blocks.push(Block {
            kind,
            range,
            section,
            headings: [outer, inner],
            level: 0,
            is_done,
        });
    }
}

/// `10:02 …`, `[10:02] …`: an entry of a timeline in running text.
fn starts_with_time(body: &str) -> bool {
    let bytes = body.trim_start_matches(['[', '*', '_', '(']).as_bytes();
    let hours = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=2).contains(&hours)
        && bytes.get(hours) == Some(&b':')
        && bytes.get(hours + 1).is_some_and(u8::is_ascii_digit)
}

fn is_rule(body: &str) -> bool {
    let mark = body.as_bytes()[0];
    matches!(mark, b'-' | b'=' | b'*' | b'_')
        && body.len() >= 3
        && body.bytes().all(|byte| byte == mark || byte == b' ')
}

/// `|---|:--:|` parts a table's head from its rows.
fn is_delimiter(body: &str) -> bool {
    body.contains('-')
        && body.contains('|')
        && body.bytes().all(|byte| matches!(byte, b'-' | b'|' | b':' | b' ' | b'\t' | b'\r'))
}

/// How long the mark of a list's item is.
fn bullet(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    if body.starts_with('•') {
        return Some('•'.len_utf8());
    }
    if matches!(bytes[0], b'-' | b'*' | b'+') && matches!(bytes.get(1), Some(b' ' | b'\t')) {
        return Some(2);
    }
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_mark = matches!(bytes.get(digits), Some(b'.' | b')'));
    ((1..4).contains(&digits) && is_mark && bytes.get(digits + 1) == Some(&b' '))
        .then_some(digits + 2)
}

/// The box before an item: its length, and whether it is ticked.
fn tick_box(text: &str) -> (usize, Option<bool>) {
    let rest = text.trim_start();
    let gap = text.len() - rest.len();
    for (mark, is_done) in [("[ ]", false), ("[]", false), ("[x]", true), ("[X]", true)] {
        if let Some(after) = rest.strip_prefix(mark).filter(|after| !after.starts_with('(')) {
            let space = after.len() - after.trim_start().len();
            return (gap + mark.len() + space, Some(is_done));
        }
    }
    (gap, None)
}
