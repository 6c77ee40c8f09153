//! A document as the values that the template reads. Nothing of it is ever source.

use std::collections::BTreeSet;

use pulldown_cmark::Alignment;
use typst::foundations::{Array, Bytes, Datetime, Dict, IntoValue, Value, array, dict};

use crate::blocks::{Block, parse};
use crate::runs::{Foot, Footnotes, Run, breakable, values as runs};
use crate::world::Fonts;
use crate::{Document, Error, MAX_PIECES, MAX_POINTS, MAX_TEXT, Part, TimelineRow, pages};

/// The most columns of a table: more would each be too narrow to read.
const MAX_COLUMNS: usize = 24;

/// The most rows of a table in a text: who reads on paper reads no more, and setting them takes long.
const MAX_ROWS: usize = 500;

/// The values of a document, or why it cannot be printed.
pub(crate) fn of(
    document: &Document,
    missing: &BTreeSet<char>,
    fonts: &Fonts,
) -> Result<Dict, Error> {
    let mut size = 0;
    pages::each_text(document, &mut |text| size += text.len());
    within("bytes of text", size, MAX_TEXT)?;
    let mut writer =
        Writer { footnotes: Footnotes::on(&document.site), section: 0, level: 0, pieces: 0 };
    let mut parts = Array::new();
    for part in &document.parts {
        writer.part(part, document, &mut parts)?;
    }
    let words = &document.words;
    let (language, region) = language(&document.language);
    let missing: String =
        missing.iter().take(40).map(|c| format!(" {c} U+{:04X}", *c as u32)).collect();
    let date = document.date.and_then(|(year, month, day)| Datetime::from_ymd(year, month, day));
    Ok(dict! {
        "title" => title(&document.title), "id" => line(&document.id), "label" => line(&document.label),
        "hash" => line(&document.hash), "short-hash" => line(&document.hash.chars().take(12).collect::<String>()),
        "language" => language, "region" => region,
        "meta" => document.meta.iter().map(|text| line(text).into_value()).collect::<Array>(),
        "date" => date.map_or(Value::None, Value::Datetime), "author" => line(&document.author),
        "families" => fonts.families().iter().map(|name| name.as_str().into_value()).collect::<Array>(),
        "missing" => missing.trim_start(), "parts" => parts,
        "words" => dict! {
            "page" => words.page.as_str(), "hash" => words.hash.as_str(),
            "unprintable" => words.unprintable.as_str(),
        },
    })
}

fn within(what: &'static str, have: usize, most: usize) -> Result<(), Error> {
    if have > most { Err(Error::TooLong { what, have, most }) } else { Ok(()) }
}

/// A text on one line.
fn line(text: &str) -> String {
    breakable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A PDF must have a title.
fn title(text: &str) -> String {
    let text = line(text);
    if text.is_empty() { "–".to_owned() } else { text }
}

/// Language and region as the typesetter takes them; what it does not, is English or none.
fn language(tag: &str) -> (String, Value) {
    let mut parts = tag.split(['-', '_']);
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let language =
        parts.next().filter(|part| letters(part) && (2..=3).contains(&part.len())).unwrap_or("en");
    let region = parts.next_back().filter(|part| letters(part) && part.len() == 2);
    (
        language.to_ascii_lowercase(),
        region.map_or(Value::None, |region| region.to_ascii_uppercase().into_value()),
    )
}

struct Writer {
    footnotes: Footnotes,
    /// The level of the part's heading that we are under.
    section: u8,
    /// The level of the last heading of any kind.
    level: u8,
    pieces: usize,
}

impl Writer {
    fn part(&mut self, part: &Part, document: &Document, out: &mut Array) -> Result<(), Error> {
        let value = match part {
            Part::Heading { level, text } => {
                self.section = 0;
                self.section = self.heading_level((*level).clamp(1, 6));
                self.piece(1)?;
                dict! { "k" => "heading", "level" => i64::from(self.section), "c" => array![words(text)] }
            }
            Part::Markdown(text) => {
                self.markdown(text)?.into_iter().for_each(|block| out.push(block));
                return Ok(());
            }
            Part::Summary(text) => dict! { "k" => "summary", "c" => self.markdown(text)? },
            Part::Note(text) => dict! { "k" => "aside", "c" => self.markdown(text)? },
            Part::Facts(facts) => {
                self.piece(facts.len())?;
                let rows =
                    facts.iter().map(|(term, value)| array![line(term), line(value)].into_value());
                dict! { "k" => "facts", "rows" => rows.collect::<Array>() }
            }
            Part::Timeline(rows) => self.timeline(rows, document)?,
            Part::Decision { title, state, note } => {
                self.piece(1)?;
                let together = note.len() < 1500;
                dict! {
                    "k" => "decision", "title" => line(title), "state" => line(state),
                    "c" => self.markdown(note)?, "together" => together,
                }
            }
            Part::Table { header, rows } => self.table(header, rows)?,
            Part::Chart(chart) => {
                within("points of a chart", chart.size(), MAX_PIECES)?;
                chart.values()
            }
            Part::Image { png_or_jpeg, alt, caption } => picture(png_or_jpeg, alt, caption)?,
        };
        out.push(Value::Dict(value));
        Ok(())
    }

    fn piece(&mut self, more: usize) -> Result<(), Error> {
        self.pieces += more;
        within("paragraphs, rows and cells", self.pieces, MAX_PIECES)
    }

    /// Headings go down one level at a time, as those who listen need them to.
    fn heading_level(&mut self, wanted: u8) -> u8 {
        self.level = wanted.saturating_add(self.section).clamp(1, self.level + 1).min(6);
        self.level
    }

    fn timeline(&mut self, rows: &[TimelineRow], document: &Document) -> Result<Dict, Error> {
        self.piece(rows.len())?;
        let marked = rows.iter().any(|row| !row.mark.is_empty());
        let mut cells = Array::new();
        for row in rows {
            let text = self.markdown_in(&row.text, Foot::Table)?;
            cells.push(array![line(&row.time), text, line(&row.mark)].into_value());
        }
        let words = &document.words;
        let head = array![words.time.as_str(), words.what_happened.as_str(), words.mark.as_str()];
        Ok(dict! { "k" => "timeline", "marked" => marked, "head" => head, "rows" => cells })
    }

    /// A table too wide for the page: a line of words for each row.
    fn wide(&mut self, rows: Vec<Vec<String>>) -> Result<Dict, Error> {
        self.piece(rows.iter().map(Vec::len).sum())?;
        let lines: Vec<String> = rows.iter().map(|row| row.join(" | ")).collect();
        Ok(dict! { "k" => "code", "t" => breakable(&lines.join("\n")) })
    }

    fn table(&mut self, header: &[String], rows: &[Vec<String>]) -> Result<Dict, Error> {
        if rows.iter().map(Vec::len).chain([header.len()]).max() > Some(MAX_COLUMNS) {
            return self.wide(
                std::iter::once(header)
                    .chain(rows.iter().map(Vec::as_slice))
                    .map(<[String]>::to_vec)
                    .collect(),
            );
        }
        let cell = |text: &String| array![words(text)].into_value();
        let head: Vec<Value> = header.iter().map(cell).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let columns: Vec<_> =
            (0..width).map(|n| side(rows.iter().filter_map(|row| row.get(n)))).collect();
        let cells = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        self.cells(head, cells, &columns)
    }

    /// A table whose rows are as long as its longest.
    fn cells(
        &mut self,
        head: Vec<Value>,
        rows: Vec<Vec<Value>>,
        columns: &[Alignment],
    ) -> Result<Dict, Error> {
        let width = rows.iter().map(Vec::len).chain([head.len(), 1]).max().unwrap_or(1);
        self.piece(width * (rows.len() + 1))?;
        let filled = |mut row: Vec<Value>| {
            row.resize(width, Array::new().into_value());
            row.into_iter().collect::<Array>().into_value()
        };
        let align = (0..width).map(|n| match columns.get(n) {
            Some(Alignment::Right) => "right".into_value(),
            Some(Alignment::Center) => "center".into_value(),
            _ => "left".into_value(),
        });
        Ok(dict! {
            "k" => "table", "width" => width as i64, "align" => align.collect::<Array>(), "head" => filled(head),
            "rows" => rows.into_iter().map(filled).collect::<Array>(),
        })
    }

    fn markdown(&mut self, text: &str) -> Result<Array, Error> {
        self.markdown_in(text, Foot::Page)
    }

    fn markdown_in(&mut self, text: &str, foot: Foot) -> Result<Array, Error> {
        self.footnotes.next_text();
        self.blocks(parse(text)?, foot)
    }

    fn blocks(&mut self, blocks: Vec<Block>, foot: Foot) -> Result<Array, Error> {
        blocks.into_iter().map(|block| self.block(block, foot).map(Value::Dict)).collect()
    }

    fn block(&mut self, block: Block, foot: Foot) -> Result<Dict, Error> {
        self.piece(1)?;
        Ok(match block {
            Block::Paragraph(c) => {
                dict! { "k" => "paragraph", "c" => runs(&c, &mut self.footnotes, foot) }
            }
            Block::Heading { level, runs: c } => {
                let level = self.heading_level(level);
                dict! { "k" => "heading", "level" => i64::from(level), "c" => runs(&c, &mut self.footnotes, Foot::Here) }
            }
            Block::Code(text) => {
                dict! { "k" => "code", "t" => breakable(&text.replace('\t', "    ")) }
            }
            Block::Rule => dict! { "k" => "rule" },
            Block::Quote(blocks) => dict! { "k" => "quote", "c" => self.blocks(blocks, foot)? },
            Block::List { first, items } => {
                let tasks = !items.is_empty() && items.iter().all(|item| is_task(item));
                let items: Result<Array, Error> = items
                    .into_iter()
                    .map(|item| self.blocks(item, foot).map(Value::Array))
                    .collect();
                let first = first.map_or(Value::None, |n| Value::Int(n.min(1_000_000_000) as i64));
                dict! { "k" => "list", "first" => first, "tasks" => tasks, "items" => items? }
            }
            Block::Table { head, rows, .. } if head.len() > MAX_COLUMNS => {
                let lines = std::iter::once(&head)
                    .chain(&rows)
                    .map(|row| row.iter().map(|cell| text_of(cell)).collect());
                self.wide(lines.collect())?
            }
            Block::Table { columns, head, mut rows } => {
                let more = rows.len().saturating_sub(MAX_ROWS);
                rows.truncate(MAX_ROWS);
                let mut row = |cells: Vec<Vec<Run>>, foot: Foot| -> Vec<Value> {
                    cells
                        .iter()
                        .map(|cell| runs(cell, &mut self.footnotes, foot).into_value())
                        .collect()
                };
                let head = row(head, Foot::Here);
                let mut rows: Vec<Vec<Value>> =
                    rows.into_iter().map(|cells| row(cells, Foot::Table)).collect();
                if more > 0 {
                    let note = format!("… and {more} more rows, which the Markdown has");
                    rows.push(vec![array![words(&note)].into_value()]);
                }
                self.cells(head, rows, &columns)?
            }
        })
    }
}

/// Numbers stand at the right, so that their places are under each other.
fn side<'t>(cells: impl Iterator<Item = &'t String>) -> Alignment {
    let mut filled = cells.filter(|text| !text.is_empty()).peekable();
    let digits =
        |text: &String| text.starts_with(|c: char| c.is_ascii_digit() || "+-−±≈".contains(c));
    let number =
        |text: &String| digits(text) && !text.contains(|c: char| c.is_alphabetic() || c == ':');
    let numbers = filled.peek().is_some() && filled.all(number);
    if numbers { Alignment::Right } else { Alignment::Left }
}

/// The words of a cell.
fn text_of(runs: &[Run]) -> String {
    let words = runs.iter().map(|run| match run {
        Run::Words(words) => words.text.clone(),
        Run::Link { words, .. } => words.iter().map(|words| words.text.as_str()).collect(),
        Run::Note { text, .. } => format!(" ({text})"),
        Run::Break => " ".to_owned(),
    });
    words.collect()
}

fn is_task(item: &[Block]) -> bool {
    let words = match item.first() {
        Some(Block::Paragraph(runs)) => runs.first(),
        _ => None,
    };
    matches!(words, Some(Run::Words(words)) if words.text.starts_with(['☑', '☐']))
}

/// Plain text as one run.
fn words(text: &str) -> Value {
    dict! { "k" => "words", "t" => line(text), "e" => false, "s" => false, "d" => false, "m" => false }.into_value()
}

fn picture(bytes: &[u8], alt: &str, caption: &str) -> Result<Dict, Error> {
    let name = if caption.is_empty() { alt } else { caption };
    let refuse = |why: String| Error::Picture { picture: line(name), why };
    let kind = imagesize::image_type(bytes)
        .map_err(|_| refuse("it is neither a PNG nor a JPEG".into()))?;
    let format = match kind {
        imagesize::ImageType::Png => "png",
        imagesize::ImageType::Jpeg => "jpg",
        _ => return Err(refuse("it is neither a PNG nor a JPEG".into())),
    };
    let size = imagesize::blob_size(bytes).map_err(|_| refuse("its head is damaged".into()))?;
    let points = size.width.saturating_mul(size.height);
    if points == 0 || points > MAX_POINTS {
        return Err(refuse(format!(
            "it is {} × {} points; {MAX_POINTS} are the most",
            size.width, size.height
        )));
    }
    Ok(dict! {
        "k" => "picture", "bytes" => Bytes::new(bytes.to_vec()), "format" => format,
        "alt" => line(if alt.is_empty() { caption } else { alt }), "caption" => line(caption),
        "wide" => size.width as f64 * 0.48,
    })
}
