//! JSON from strangers: one element in memory at a time, any damage kept to the element it is in.
//!
//! [`Pieces`] cuts the bytes into values without recursion and without trusting them; [`value`] then
//! parses one. Where a key comes twice in an object the last one counts. Bad UTF-8 and lone surrogates
//! are replaced, numbers past what a machine holds are kept as text, and each repair is reported.

use std::io::BufRead;

use serde_json::Value;

use super::emit::{Emit, Refused, Stop, digest};

/// Deeper nesting than this is refused; no source needs it.
const DEEPEST: u32 = 100;
/// The longest element of a streamed array.
pub(super) const LONGEST_ELEMENT: usize = 4 * 1024 * 1024;
/// The longest body that must be held whole.
pub(super) const LONGEST_BODY: usize = 32 * 1024 * 1024;

/// Where a value ended, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A value is in the buffer.
    Value,
    /// It is longer than allowed; its bytes were passed over.
    TooLong(u64),
    /// No value stands here (a stray character, which was passed over).
    Stray(u8),
    /// The bytes ended within it.
    Short,
    /// It is nested too deeply; nothing after it can be told apart.
    TooDeep,
}

/// Cuts bytes into JSON values.
pub(super) struct Pieces<R> {
    reader: R,
    /// Bytes passed.
    pub(super) at: u64,
    /// The value cut last.
    pub(super) bytes: Vec<u8>,
}

impl<R: BufRead> Pieces<R> {
    pub(super) fn new(reader: R) -> Pieces<R> {
        Pieces { reader, at: 0, bytes: Vec::new() }
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.at += count as u64;
    }

    /// The next byte that `skip` does not pass over, left where it is.
    pub(super) fn peek(&mut self, skip: impl Fn(u8) -> bool) -> Result<Option<u8>, Stop> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            if let Some(found) = buffer.iter().position(|b| !skip(*b)) {
                let byte = buffer[found];
                self.consume(found);
                return Ok(Some(byte));
            }
            let count = buffer.len();
            self.consume(count);
        }
    }

    /// The next byte that is not white space.
    pub(super) fn next_byte(&mut self) -> Result<Option<u8>, Stop> {
        self.peek(|b| b.is_ascii_whitespace())
    }

    /// Passes over one byte.
    pub(super) fn pass(&mut self) {
        self.consume(1);
    }

    /// Cuts one value into `bytes`. Ends before `,`, `:`, `}` or `]` of what is around it.
    pub(super) fn cut(&mut self, most: usize) -> Result<Cut, Stop> {
        self.bytes.clear();
        self.next_byte()?;
        let start = self.at;
        let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                let whole = depth == 0 && !in_text && self.at > start;
                return Ok(if whole { self.ended(start, most) } else { Cut::Short });
            }
            let mut used = 0;
            let mut done = false;
            for &byte in buffer {
                if in_text {
                    used += 1;
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => {
                            in_text = false;
                            done = depth == 0;
                        }
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => in_text = true,
                        b'{' | b'[' => {
                            depth += 1;
                            if depth > DEEPEST {
                                return Ok(Cut::TooDeep);
                            }
                        }
                        b'}' | b']' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => {
                            let nothing = self.at == start && used == 0;
                            if nothing {
                                self.pass();
                                return Ok(Cut::Stray(byte));
                            }
                            done = true;
                            break;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            done = depth == 0;
                        }
                        _ => {}
                    }
                    used += 1;
                }
                if done {
                    break;
                }
            }
            let keep = used.min((most + 1).saturating_sub(self.bytes.len()));
            self.bytes.extend_from_slice(&buffer[..keep]);
            self.consume(used);
            if done {
                return Ok(self.ended(start, most));
            }
        }
    }

    fn ended(&self, start: u64, most: usize) -> Cut {
        if self.bytes.len() > most { Cut::TooLong(self.at - start) } else { Cut::Value }
    }

    /// Gives each element of an array on whose `[` was passed. Damage is reported and the next element
    /// tried; `false` when the bytes ended before the `]`.
    pub(super) fn elements(
        &mut self,
        emit: &mut Emit<'_>,
        what: &str,
        each: impl FnMut(&mut Emit<'_>, Value, &str) -> Result<(), Stop>,
    ) -> Result<bool, Stop> {
        self.elements_by(value, emit, what, each)
    }

    /// The same, each parsed in a way of its own.
    pub(super) fn elements_by<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<Parsed<T>, String>,
        emit: &mut Emit<'_>,
        what: &str,
        mut each: impl FnMut(&mut Emit<'_>, T, &str) -> Result<(), Stop>,
    ) -> Result<bool, Stop> {
        let mut number = 0_u64;
        loop {
            match self.next_byte()? {
                None => {
                    emit.aside(format!("byte {}", self.at), format!("The file ends in the middle of a list, after {what} {number}. What comes after was not read; export it again."))?;
                    return Ok(false);
                }
                Some(b']') => {
                    self.pass();
                    return Ok(true);
                }
                Some(b',') => {
                    self.pass();
                    continue;
                }
                Some(_) => {}
            }
            number += 1;
            let place = format!("{what} {number}");
            match self.cut(LONGEST_ELEMENT)? {
                Cut::Value => match parse(&self.bytes) {
                    Ok(parsed) => {
                        parsed.report(emit, &place)?;
                        each(emit, parsed.value, &place)?;
                    }
                    Err(why) => emit.aside(&*place, why)?,
                },
                other => {
                    let after = self.at;
                    emit.aside(format!("{place}, byte {after}"), other.why())?;
                    if matches!(other, Cut::Short | Cut::TooDeep) {
                        return Ok(false);
                    }
                }
            }
        }
    }
}

impl Cut {
    /// What was wrong, as a sentence.
    pub(super) fn why(self) -> String {
        match self {
            Cut::Value => String::new(),
            Cut::TooLong(bytes) => {
                format!("It is {bytes} bytes long, more than we hold at once; it was left out.")
            }
            Cut::Stray(byte) => format!(
                "The character “{}” is out of place; it was passed over.",
                char::from(byte).escape_default()
            ),
            Cut::Short => {
                "The file ends in the middle of it; what comes after was not read.".into()
            }
            Cut::TooDeep => format!(
                "It is nested more than {DEEPEST} levels deep. Nothing from here on was read."
            ),
        }
    }
}

/// A value, and what had to be repaired.
#[derive(Debug)]
pub(super) struct Parsed<T = Value> {
    pub(super) value: T,
    repairs: Vec<&'static str>,
}

impl<T> Parsed<T> {
    /// Reports the repairs.
    pub(super) fn report(&self, emit: &mut Emit<'_>, place: &str) -> Result<(), Stop> {
        self.repairs.iter().try_for_each(|why| emit.aside(place, why))
    }
}

/// Parses one value, repairing what can be.
pub(super) fn value(bytes: &[u8]) -> Result<Parsed, String> {
    parsed(bytes, |text| serde_json::from_str(text))
}

/// Parses one value in a way of its own, repairing what can be.
pub(super) fn parsed<T>(
    bytes: &[u8],
    parse: impl Fn(&str) -> serde_json::Result<T>,
) -> Result<Parsed<T>, String> {
    let mut repairs = Vec::new();
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        repairs.push("Some bytes were not UTF-8 and were replaced by �.");
    }
    if !has_long_number(text.as_bytes())
        && let Ok(value) = parse(&text)
    {
        return Ok(Parsed { value, repairs });
    }
    let (mended, surrogates, numbers) = mend(&text);
    if surrogates {
        repairs.push("Half a character (a lone surrogate) was replaced by �.");
    }
    if numbers {
        repairs.push("A number larger than a machine holds was kept as text.");
    }
    match parse(&mended) {
        Ok(value) => Ok(Parsed { value, repairs }),
        Err(error) => Err(format!("It is not correct JSON: {}.", reason(&error))),
    }
}

/// Whether there are twenty digits in a row, which may be more than a machine's number holds.
fn has_long_number(bytes: &[u8]) -> bool {
    let mut run = 0;
    for byte in bytes {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        if run == 20 {
            return true;
        }
    }
    false
}

fn reason(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        _ => error.to_string(),
    }
}

/// Quotes numbers no machine number holds exactly enough, and replaces lone surrogates.
fn mend(text: &str) -> (String, bool, bool) {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut surrogates, mut numbers) = (false, false);
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        match bytes[i] {
            b'"' => {
                i += 1;
                while i < bytes.len() && bytes[i] != b'"' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                i = (i + 1).min(bytes.len());
                // an escape may end inside a character only when the text is cut; then all of it is kept
                while !text.is_char_boundary(i) {
                    i += 1;
                }
                surrogates |= whole_surrogates(&text[start..i], &mut out);
            }
            b'0'..=b'9' | b'-' => {
                while i < bytes.len()
                    && matches!(bytes[i], b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
                {
                    i += 1;
                }
                let number = &text[start..i];
                let integer = number.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                let fits = if integer {
                    number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()
                } else {
                    number.parse::<f64>().is_ok_and(f64::is_finite)
                };
                let quote = if fits || number.len() > 1000 && !integer { "" } else { "\"" };
                numbers |= !quote.is_empty();
                out.extend([quote, number, quote]);
            }
            _ => {
                while i < bytes.len() && !matches!(bytes[i], b'"' | b'0'..=b'9' | b'-') {
                    i += 1;
                }
                out.push_str(&text[start..i]);
            }
        }
    }
    (out, surrogates, numbers)
}

/// Copies a string literal; each `\uD8xx` without its other half becomes `\uFFFD`.
fn whole_surrogates(literal: &str, out: &mut String) -> bool {
    let unit = |at: usize| -> Option<u32> {
        let hex = literal.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(hex, 16).ok()
    };
    let mut mended = false;
    let (mut at, mut kept) = (0, 0);
    while let Some(found) = literal[at..].find('\\') {
        at += found;
        let Some(code) = unit(at) else {
            // the escaped character may be the first byte of a longer one
            at += 2;
            while at < literal.len() && !literal.is_char_boundary(at) {
                at += 1;
            }
            if at >= literal.len() {
                break;
            }
            continue;
        };
        let high = (0xd800..0xdc00).contains(&code);
        let low = (0xdc00..0xe000).contains(&code);
        let paired = high && unit(at + 6).is_some_and(|next| (0xdc00..0xe000).contains(&next));
        if paired {
            at += 12;
        } else {
            if high || low {
                out.push_str(&literal[kept..at]);
                out.push_str("\\uFFFD");
                kept = at + 6;
                mended = true;
            }
            at += 6;
        }
    }
    out.push_str(&literal[kept..]);
    mended
}

/// The bodies in a file: one object, an array of them, or one on each line. A single body that is
/// broken, or two on one line, refuse the file; a broken one among many is set aside.
pub(super) fn bodies<R: BufRead>(
    reader: R,
    emit: &mut Emit<'_>,
    each: impl FnMut(&mut Emit<'_>, Value, &str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    bodies_by(value, reader, emit, each)
}

/// The same, each parsed in a way of its own.
pub(super) fn bodies_by<R: BufRead, T>(
    parse: impl Fn(&[u8]) -> Result<Parsed<T>, String>,
    reader: R,
    emit: &mut Emit<'_>,
    mut each: impl FnMut(&mut Emit<'_>, T, &str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut pieces = Pieces::new(reader);
    match pieces.next_byte()? {
        None => return Err(empty().into()),
        Some(b'[') => {
            pieces.pass();
            if pieces.elements_by(parse, emit, "element", each)? {
                after_the_end(&mut pieces, emit)?;
            }
            return Ok(());
        }
        Some(_) => {}
    }
    let cut = pieces.cut(LONGEST_BODY)?;
    if cut != Cut::Value {
        return Err(broken(&cut.why()).into());
    }
    let first = parse(&pieces.bytes).map_err(|why| broken(&why))?;
    pieces.bytes = Vec::new();
    if pieces.peek(|b| matches!(b, b' ' | b'\t' | b'\r'))?.is_some_and(|byte| byte != b'\n') {
        return Err(broken("After the first value there is a second on the same line.").into());
    }
    first.report(emit, "body")?;
    let more = pieces.next_byte()?.is_some();
    each(emit, first.value, if more { "line 1" } else { "body" })?;
    if !more {
        return Ok(());
    }
    let mut lines = super::text::Lines::new(pieces.reader);
    while let Some(line) = lines.next()? {
        let place = format!("line {}", line.number + 1);
        if line.text.trim().is_empty() {
            continue;
        }
        match parse(line.text.as_bytes()) {
            Ok(parsed) => {
                parsed.report(emit, &place)?;
                each(emit, parsed.value, &place)?;
            }
            Err(why) => emit.aside(place, why)?,
        }
    }
    Ok(())
}

/// Reports what stands after the end of a list.
pub(super) fn after_the_end<R: BufRead>(
    pieces: &mut Pieces<R>,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    match pieces.next_byte()? {
        None => Ok(()),
        Some(_) => emit.aside(
            format!("byte {}", pieces.at),
            "After the end of the list there is more; it was not read.",
        ),
    }
}

pub(super) fn empty() -> Refused {
    Refused::new("The file is empty.", "Export it again.")
}

pub(super) fn broken(why: &str) -> Refused {
    Refused::new(format!("The file is not JSON we can read. {why}"), "Export it again.")
}

/// A text that is not empty, at a JSON pointer.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A text or a number, as text.
pub(super) fn name(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// The id of an object; without one a digest of all it holds.
pub(super) fn id(value: &Value, pointer: &str) -> String {
    name(value, pointer).unwrap_or_else(|| digest(&[&value.to_string()]))
}

/// The elements of an array at a JSON pointer; none if there is no array.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether there is `true` at a JSON pointer.
pub(super) fn yes(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
}
