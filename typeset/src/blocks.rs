//! Markdown as blocks of runs. Blocks nest a few levels and are flat from there, since paper and the
//! typesetter end where a screen goes on.

use std::collections::HashMap;
use std::rc::Rc;

use pulldown_cmark::{
    Alignment, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream,
};

use crate::runs::{Look, Run, Words};
use crate::{Error, MAX_PARAGRAPH, MAX_PIECES};

/// Lists and quotes within each other; what is deeper stands at the last of these levels.
const MAX_DEPTH: usize = 6;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    Paragraph(Vec<Run>),
    Heading { level: u8, runs: Vec<Run> },
    Code(String),
    List { first: Option<u64>, items: Vec<Vec<Block>> },
    Quote(Vec<Block>),
    Table { columns: Vec<Alignment>, head: Vec<Vec<Run>>, rows: Vec<Vec<Vec<Run>>> },
    Rule,
}

/// The blocks of a text, or that there are too many.
pub(crate) fn parse(text: &str) -> Result<Vec<Block>, Error> {
    let mut reader = Reader {
        notes: notes_of(text),
        containers: vec![Container::default()],
        ..Reader::default()
    };
    for event in events(text) {
        reader.pieces += usize::from(matches!(event, Event::Start(_)));
        if reader.pieces > 4 * MAX_PIECES {
            return Err(Error::TooLong {
                what: "paragraphs, rows and cells or more",
                have: reader.pieces,
                most: MAX_PIECES,
            });
        }
        reader.take(event);
    }
    Ok(reader.finish())
}

fn events(text: &str) -> TextMergeStream<'_, Parser<'_>> {
    let syntax = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    TextMergeStream::new(Parser::new_ext(text, syntax))
}

/// What the notes of a text say, in plain words, by their label.
fn notes_of(text: &str) -> HashMap<String, Note> {
    let mut notes: HashMap<String, Note> = HashMap::new();
    if !text.contains("[^") {
        return notes;
    }
    let mut label = None;
    for event in events(text) {
        match event {
            Event::Start(Tag::FootnoteDefinition(name)) => {
                let n = notes.len();
                notes.entry(name.to_string()).or_insert(Note {
                    n,
                    text: String::new(),
                    said: None,
                });
                label = Some(name.to_string());
            }
            Event::End(TagEnd::FootnoteDefinition) => label = None,
            event => {
                if let Some(note) = label.as_ref().and_then(|label| notes.get_mut(label)) {
                    note.text.push_str(words_of(&event));
                }
            }
        }
    }
    notes
}

struct Note {
    n: usize,
    text: String,
    said: Option<Rc<str>>,
}

#[derive(Default)]
struct Container {
    quote: bool,
    list: Option<Option<u64>>,
    items: Vec<Vec<Block>>,
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Reader {
    notes: HashMap<String, Note>,
    containers: Vec<Container>,
    /// Containers that are open and have none of their own, being too deep.
    flat: usize,
    runs: Vec<Run>,
    look: Look,
    looks: Vec<Look>,
    link: Option<(String, Vec<Words>)>,
    /// The address of a picture, and what it shows.
    picture: Option<(String, String)>,
    code: Option<String>,
    table: Option<Table>,
    in_note: bool,
    pieces: usize,
}

#[derive(Default)]
struct Table {
    columns: Vec<Alignment>,
    head: Vec<Vec<Run>>,
    rows: Vec<Vec<Vec<Run>>>,
}

impl Reader {
    fn finish(mut self) -> Vec<Block> {
        self.flush();
        while self.containers.len() > 1 {
            self.close();
        }
        let mut blocks = self.containers.pop().unwrap_or_default().blocks;
        let mut unused: Vec<_> =
            self.notes.into_iter().filter(|(_, note)| note.said.is_none()).collect();
        unused.sort_by_key(|(_, note)| note.n);
        for (label, note) in unused {
            blocks.push(Block::Paragraph(vec![Run::Words(Words::plain(format!(
                "[{label}] {}",
                note.text.trim()
            )))]));
        }
        blocks
    }

    fn take(&mut self, event: Event<'_>) {
        if self.in_note {
            self.in_note = event != Event::End(TagEnd::FootnoteDefinition);
            return;
        }
        if let Some((_, alt)) = &mut self.picture {
            match event {
                Event::End(TagEnd::Image) => self.end_picture(),
                event => alt.push_str(words_of(&event)),
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match (&mut self.code, &self.link) {
                (Some(code), _) => code.push_str(&text),
                (None, Some(_)) => self.words(&text),
                (None, None) => self.linked(&text),
            },
            Event::Code(text) => {
                let before = self.look;
                self.look.code = true;
                self.words(&text);
                self.look = before;
            }
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.runs.push(Run::Break),
            Event::InlineHtml(html) if matches!(&*html, "<br>" | "<br/>" | "<br />") => {
                self.runs.push(Run::Break)
            }
            Event::Html(html) => self.words(&html.replace('\n', " ")),
            Event::Rule => {
                self.flush();
                self.push(Block::Rule);
            }
            Event::FootnoteReference(label) => self.note(&label),
            event => self.words(words_of(&event)),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let inline = matches!(
            tag,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
        );
        if !inline && self.table.is_none() {
            self.flush();
        }
        match tag {
            Tag::Emphasis => self.looking(|look| look.emphasis = true),
            Tag::Strong => self.looking(|look| look.strong = true),
            Tag::Strikethrough => self.looking(|look| look.struck = true),
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => {
                self.link = Some((format!("mailto:{dest_url}"), Vec::new()));
            }
            Tag::Link { dest_url, .. } => self.link = Some((dest_url.to_string(), Vec::new())),
            Tag::Image { dest_url, .. } => {
                self.picture = Some((dest_url.to_string(), String::new()))
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            Tag::Table(columns) => self.table = Some(Table { columns, ..Table::default() }),
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::List(first) => self.open(Container { list: Some(first), ..Container::default() }),
            Tag::Item => {
                if self.flat == 0
                    && let Some(list) = self.containers.last_mut()
                {
                    list.items.push(Vec::new());
                }
            }
            Tag::BlockQuote(_) => self.open(Container { quote: true, ..Container::default() }),
            Tag::FootnoteDefinition(_) => self.in_note = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.look = self.looks.pop().unwrap_or_default()
            }
            TagEnd::Link => self.end_link(),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.push(Block::Code(code.trim_end_matches('\n').to_owned()));
            }
            TagEnd::Heading(level) => {
                let runs = std::mem::take(&mut self.runs);
                self.push(Block::Heading { level: level as u8, runs });
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Table => {
                if let Some(Table { columns, head, rows }) = self.table.take() {
                    self.push(Block::Table { columns, head, rows });
                }
            }
            TagEnd::List(_) | TagEnd::BlockQuote(_) => {
                self.flush();
                match self.flat {
                    0 => self.close(),
                    _ => self.flat -= 1,
                }
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn looking(&mut self, change: impl FnOnce(&mut Look)) {
        self.looks.push(self.look);
        change(&mut self.look);
    }

    fn words(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let look = self.look;
        let all = match &mut self.link {
            Some((_, words)) => return words.push(Words { text: text.to_owned(), look }),
            None => &mut self.runs,
        };
        match all.last_mut() {
            Some(Run::Words(last)) if last.look == look => last.text.push_str(text),
            _ => all.push(Run::Words(Words { text: text.to_owned(), look })),
        }
    }

    /// Words in which bare addresses are links.
    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, address, after)) = bare_address(rest) {
            self.words(before);
            let words = vec![Words { text: address.to_owned(), look: self.look }];
            self.runs.push(Run::Link { address: address.to_owned(), words });
            rest = after;
        }
        self.words(rest);
    }

    fn end_link(&mut self) {
        let Some((address, words)) = self.link.take() else { return };
        if leads(&address) {
            return self.runs.push(Run::Link { address, words });
        }
        self.runs.extend(words.into_iter().map(Run::Words));
        self.words(&format!(" ({address})"));
    }

    fn end_picture(&mut self) {
        let Some((address, alt)) = self.picture.take() else { return };
        let words = if alt.is_empty() { address.clone() } else { alt };
        if self.link.is_some() || !leads(&address) {
            return self.words(&words);
        }
        self.runs.push(Run::Link { address, words: vec![Words { text: words, look: self.look }] });
    }

    fn note(&mut self, label: &CowStr<'_>) {
        match self.notes.get_mut(&**label) {
            Some(note) => {
                let (n, text) =
                    (note.n, note.said.get_or_insert_with(|| note.text.trim().into()).clone());
                self.runs.push(Run::Note { n, text });
            }
            None => self.words(&format!("[^{label}]")),
        }
    }

    fn end_cell(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if let Some(table) = &mut self.table {
            table.rows.last_mut().unwrap_or(&mut table.head).push(runs);
        }
    }

    fn open(&mut self, container: Container) {
        if self.containers.len() > MAX_DEPTH {
            self.flat += 1;
        } else {
            self.containers.push(container);
        }
    }

    fn close(&mut self) {
        let Some(container) = self.containers.pop() else { return };
        if let Some(first) = container.list {
            self.push(Block::List { first, items: container.items });
        } else if container.quote {
            self.push(Block::Quote(container.blocks));
        } else {
            self.containers.push(container);
        }
    }

    fn push(&mut self, block: Block) {
        let Some(container) = self.containers.last_mut() else { return };
        match container.items.last_mut() {
            Some(item) => item.push(block),
            None => container.blocks.push(block),
        }
    }

    /// Ends a paragraph; a very long one becomes several.
    fn flush(&mut self) {
        let mut part = Vec::new();
        let mut size = 0;
        for run in std::mem::take(&mut self.runs) {
            for run in shorter(run) {
                size += length(&run);
                part.push(run);
                if size >= MAX_PARAGRAPH {
                    self.push(Block::Paragraph(std::mem::take(&mut part)));
                    size = 0;
                }
            }
        }
        if !part.is_empty() {
            self.push(Block::Paragraph(part));
        }
    }
}

/// A run in pieces of which none is longer than a paragraph may be.
fn shorter(run: Run) -> Vec<Run> {
    let Run::Words(Words { text, look }) = run else { return vec![run] };
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while rest.len() > MAX_PARAGRAPH {
        let most = &rest[..rest.floor_char_boundary(MAX_PARAGRAPH)];
        let end = most.rfind(' ').map_or(most.len(), |space| space + 1);
        pieces.push(Run::Words(Words { text: rest[..end].to_owned(), look }));
        rest = &rest[end..];
    }
    pieces.push(Run::Words(Words { text: rest.to_owned(), look }));
    pieces
}

fn length(run: &Run) -> usize {
    match run {
        Run::Words(words) => words.text.len(),
        Run::Link { words, .. } => words.iter().map(|words| words.text.len()).sum(),
        Run::Note { text, .. } => text.len(),
        Run::Break => 1,
    }
}

/// Whether a PDF may lead there: http, https, mailto or a path of our own.
fn leads(address: &str) -> bool {
    let starts = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let own = address.starts_with('/') && !address.starts_with("//");
    let clean = !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    clean
        && address.len() <= 2048
        && (own || starts("http://") || starts("https://") || starts("mailto:"))
}

/// The text before the first bare address, the address, and the text after it.
fn bare_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("http")?;
        let rest = &text[start..];
        let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c);
        let whole = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let unopened = whole.matches(')').count() > whole.matches('(').count();
        let dots: &[char] =
            &['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '…', '”', '’', ']'];
        let mut address = whole.trim_end_matches(dots);
        if unopened {
            address = address.trim_end_matches(')').trim_end_matches(dots);
        }
        let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        if host.is_some_and(|host| host.starts_with(char::is_alphanumeric)) && leads(address) {
            return Some((&text[..start], address, &rest[address.len()..]));
        }
        from = start + whole.len().max(4);
    }
}

/// The words that an event itself carries.
fn words_of<'e>(event: &'e Event<'_>) -> &'e str {
    match event {
        Event::Text(text)
        | Event::Code(text)
        | Event::Html(text)
        | Event::InlineHtml(text)
        | Event::InlineMath(text)
        | Event::DisplayMath(text) => text,
        Event::SoftBreak | Event::HardBreak => " ",
        Event::TaskListMarker(true) => "☑ ",
        Event::TaskListMarker(false) => "☐ ",
        _ => "",
    }
}
