//! The lexer: a block's text to the tokens of its sentences, in one pass, with code, addresses, quotes,
//! tags and marks of Markdown left out.
//!
//! Every look ahead has a limit, so the time is linear in the text whatever it holds.

mod word;

use crate::classes;
use crate::lexicon::Lexicon;
use crate::number;
use crate::token::Token;

/// A sentence longer than this is cut: what has no full stop for so long is no prose.
const LONGEST_SENTENCE: usize = 160;
/// How far a closing quote is looked for, in bytes.
const LONGEST_QUOTE: usize = 400;
/// How far the end of code, a tag or an address is looked for, in bytes.
const LONGEST_MASK: usize = 1_000;
/// A longer word is not looked up.
const LONGEST_WORD: usize = 40;

/// Words that the lexer itself asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) first: Token,
    pub(crate) last: Token,
    month: classes::Classes,
    abbreviation: classes::Classes,
}

impl Marks {
    pub(crate) fn of(lexicon: &mut Lexicon) -> Marks {
        let mut mark = |word: &str| {
            let word = lexicon.add(word);
            Token { word, ..Token::shaped(0, 0, classes::BREAK) }
        };
        let (first, last) = (mark("^"), mark("$"));
        Marks {
            first,
            last,
            month: lexicon.names.set("month"),
            abbreviation: lexicon.names.set("abbreviation"),
        }
    }
}

/// Reads a block's sentences one after the other.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    lexicon: &'a Lexicon,
    marks: Marks,
    /// Names of people in small letters, sorted.
    people: &'a [String],
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(
        text: &'a str,
        lexicon: &'a Lexicon,
        marks: Marks,
        people: &'a [String],
    ) -> Lexer<'a> {
        Lexer { text, bytes: text.as_bytes(), at: 0, lexicon, marks, people }
    }

    /// Fills in the next sentence, between its two marks; false at the end of the block.
    pub(crate) fn sentence(&mut self, tokens: &mut Vec<Token>) -> bool {
        tokens.clear();
        tokens.push(self.marks.first);
        while self.at < self.bytes.len() {
            let ended = self.step(tokens);
            if (ended && tokens.len() > 1) || LONGEST_SENTENCE <= tokens.len() {
                break;
            }
        }
        if tokens.len() == 1 {
            return false;
        }
        self.dates(tokens);
        if let Some(first) = tokens.iter_mut().find(|token| token.is(classes::WORD)) {
            first.shapes |= classes::FIRST;
        }
        tokens.push(self.marks.last);
        true
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Reads one thing; true when a sentence ended with it.
    fn step(&mut self, tokens: &mut Vec<Token>) -> bool {
        let byte = self.bytes[self.at];
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => self.word(tokens),
            b' ' | b'\t' | b'\n' | b'\r' | b'*' | b'~' | b'_' | b'\\' => self.at += 1,
            b'0'..=b'9' => self.number(tokens),
            b'#' | b'$' => self.at += 1,
            b'.' | b'!' | b'?' => return self.stop(byte, tokens),
            // A cell of a table ends what it says.
            b'|' => {
                self.at += 1;
                return true;
            }
            b'`' => self.code(tokens),
            b'"' => self.quoted(1, &["\""], tokens),
            b'\'' => self.apostrophe(tokens),
            b'<' => self.tag(tokens),
            b'@' => self.handle(tokens),
            b'[' | b']' => self.bracket(),
            b'&' => self.entity(),
            b'!'..=b'/' | b':'..=b'@' | b'{'..=b'~' | b'^' => self.punctuation(byte, tokens),
            0x80.. => self.beyond_ascii(tokens),
            _ => self.at += 1,
        }
        false
    }

    fn punctuation(&mut self, byte: u8, tokens: &mut Vec<Token>) {
        let start = self.at;
        self.at += 1;
        if byte == b':' {
            // `:warning:` is a picture.
            let rest = &self.bytes[self.at..self.bytes.len().min(self.at + 30)];
            let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            if name > 1 && rest.get(name) == Some(&b':') && rest[0].is_ascii_alphabetic() {
                self.at += name + 1;
                return;
            }
        }
        let stands_free = self.bytes.get(start.wrapping_sub(1)).is_none_or(|b| *b == b' ');
        let is_break = match byte {
            b',' | b';' | b':' | b'(' | b')' | b'|' | b'{' | b'}' | b'=' | b'>' => true,
            b'-' => stands_free,
            _ => false,
        };
        if is_break || matches!(byte, b'/' | b'%' | b'+' | b'&') {
            self.push_text(start, self.at, if is_break { classes::BREAK } else { 0 }, tokens);
        }
    }

    /// A full stop, or a mark that is one.
    fn stop(&mut self, byte: u8, tokens: &mut Vec<Token>) -> bool {
        let start = self.at;
        if byte == b'!' && self.peek(1) == b'[' {
            self.at += 1;
            self.skip_to(b']');
            return false;
        }
        self.at += 1;
        if byte != b'.' {
            self.push_text(start, self.at, classes::BREAK, tokens);
        }
        while matches!(self.peek(0), b')' | b'"' | b'\'' | b'*' | b'_' | b'.' | b'!') {
            self.at += 1;
        }
        let gap = self.peek(0);
        if !(gap == 0 || gap.is_ascii_whitespace() || self.at >= self.bytes.len()) {
            return false;
        }
        if byte != b'.' {
            return true;
        }
        let abbreviated = tokens.last().is_some_and(|last| {
            last.in_class(self.marks.abbreviation) && last.end as usize == start
        });
        let rest = &self.text[self.at.min(self.text.len())..];
        let next = rest.trim_start().chars().next();
        !abbreviated && !next.is_some_and(char::is_lowercase)
    }

    /// Code in backticks is one token.
    fn code(&mut self, tokens: &mut Vec<Token>) {
        let start = self.at;
        let ticks = self.bytes[start..].iter().take_while(|b| **b == b'`').take(8).count();
        let from = start + ticks;
        let window = &self.bytes[from..self.bytes.len().min(from + LONGEST_MASK)];
        let mut run = 0;
        for (at, byte) in window.iter().enumerate() {
            run = if *byte == b'`' { run + 1 } else { 0 };
            if run == ticks && window.get(at + 1) != Some(&b'`') {
                self.at = from + at + 1;
                tokens.push(Token::shaped(start, self.at, classes::OPAQUE));
                return;
            }
        }
        self.at = from;
    }

    /// Quoted words are one token; a mark that nothing closes is nothing.
    fn quoted(&mut self, opening: usize, closings: &[&str], tokens: &mut Vec<Token>) {
        let start = self.at;
        let from = start + opening;
        let mut to = self.bytes.len().min(from + LONGEST_QUOTE);
        while !self.text.is_char_boundary(to) {
            to -= 1;
        }
        let window = &self.text[from..to];
        let close = closings.iter().filter_map(|end| Some((window.find(end)?, end.len()))).min();
        match close {
            Some((at, len)) if at > 0 => {
                self.at = from + at + len;
                tokens.push(Token::shaped(start, self.at, classes::QUOTE));
                // A full stop within the quote may end the sentence around it.
                if window[..at].ends_with(['.', '?', '!']) && self.at < self.bytes.len() {
                    let rest = self.text[self.at..].trim_start();
                    if rest.starts_with(char::is_uppercase) {
                        self.push_text(self.at, self.at, classes::BREAK, tokens);
                    }
                }
            }
            _ => self.at = from,
        }
    }

    /// A single mark opens a quote after a gap and before a letter when another closes it soon.
    fn apostrophe(&mut self, tokens: &mut Vec<Token>) {
        let before = self.at.checked_sub(1).map_or(b' ', |at| self.bytes[at]);
        let window = &self.bytes[self.at + 1..self.bytes.len().min(self.at + 80)];
        let opens = matches!(before, b' ' | b'(' | b'\n' | b'\t') && !window.starts_with(b" ");
        let close = window.iter().enumerate().position(|(at, byte)| {
            let after = window.get(at + 1).copied().unwrap_or(b' ');
            *byte == b'\'' && at > 0 && !after.is_ascii_alphanumeric()
        });
        match close {
            Some(at) if opens => {
                let start = self.at;
                self.at += at + 2;
                tokens.push(Token::shaped(start, self.at, classes::QUOTE));
            }
            _ => self.at += 1,
        }
    }

    /// Tags are nothing, addresses in angles are not read.
    fn tag(&mut self, tokens: &mut Vec<Token>) {
        let start = self.at;
        if self.bytes[start..].starts_with(b"<!--") {
            let rest = &self.bytes[start..];
            let end = rest.windows(3).position(|three| three == b"-->");
            self.at = end.map_or(self.bytes.len(), |at| start + at + 3);
            return;
        }
        if !(self.peek(1).is_ascii_alphabetic() || self.peek(1) == b'/') {
            self.at += 1;
            return;
        }
        let window = &self.bytes[start..self.bytes.len().min(start + LONGEST_MASK)];
        match window.iter().position(|byte| *byte == b'>') {
            Some(at) => {
                self.at = start + at + 1;
                if window[..at].contains(&b':') {
                    tokens.push(Token::shaped(start, self.at, classes::OPAQUE));
                }
            }
            None => self.at += 1,
        }
    }

    fn handle(&mut self, tokens: &mut Vec<Token>) {
        let start = self.at;
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let len = self.bytes[start + 1..].iter().take(LONGEST_WORD).take_while(|b| is_name(b));
        let mut len = len.count();
        while len > 0 && matches!(self.bytes[start + len], b'.' | b'-') {
            len -= 1;
        }
        self.at += 1 + len;
        if len > 0 {
            tokens.push(Token::shaped(start, self.at, classes::HANDLE));
        }
    }

    /// The text of a link is read, its address is not.
    fn bracket(&mut self) {
        let closes = self.bytes[self.at] == b']';
        let next = self.peek(1);
        self.at += 1;
        if closes && next == b'(' {
            self.at += 1;
            self.skip_to(b')');
        } else if closes && next == b'[' {
            self.at += 1;
            self.skip_to(b']');
        }
    }

    /// To after the next such byte, if it is near.
    fn skip_to(&mut self, byte: u8) {
        let window = &self.bytes[self.at..self.bytes.len().min(self.at + LONGEST_MASK)];
        if let Some(at) = window.iter().position(|b| *b == byte) {
            self.at += at + 1;
        }
    }

    /// `&nbsp;` is a gap.
    fn entity(&mut self) {
        let window = &self.bytes[self.at + 1..self.bytes.len().min(self.at + 10)];
        let name = window.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
        self.at += if name > 0 && window.get(name) == Some(&b';') { name + 2 } else { 1 };
    }

    fn beyond_ascii(&mut self, tokens: &mut Vec<Token>) {
        let Some(char) = self.text[self.at..].chars().next() else {
            self.at += 1;
            return;
        };
        match char {
            '“' | '„' | '”' => self.quoted(char.len_utf8(), &["”", "“"], tokens),
            '«' => self.quoted(char.len_utf8(), &["»"], tokens),
            '»' => self.quoted(char.len_utf8(), &["«"], tokens),
            '‘' => self.quoted(char.len_utf8(), &["’ ", "’,", "’."], tokens),
            '–' | '—' | '…' | '→' | '·' | '•' => {
                let start = self.at;
                self.at += char.len_utf8();
                self.push_text(start, self.at, classes::BREAK, tokens);
            }
            _ if char.is_alphabetic() => self.word(tokens),
            _ => self.at += char.len_utf8(),
        }
    }

    fn number(&mut self, tokens: &mut Vec<Token>) {
        let start = self.at;
        let before = start.checked_sub(1).map_or(b' ', |at| self.bytes[at]);
        let (len, mut shapes) = number::read(&self.bytes[start..]);
        self.at += len;
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        if before == b'#' {
            shapes = classes::TICKET;
        }
        tokens.push(Token::shaped(start, self.at, shapes));
    }

    fn push_text(&self, start: usize, end: usize, shapes: u32, tokens: &mut Vec<Token>) {
        let mut token = Token::shaped(start, end, shapes);
        if let Some(entry) = self.lexicon.find(&self.bytes[start..end]) {
            token.word = entry.word;
            token.classes = entry.classes;
        }
        tokens.push(token);
    }

    /// A number beside a month is a date; `3 pm` is a time.
    fn dates(&self, tokens: &mut [Token]) {
        for at in 1..tokens.len() {
            if tokens[at].shapes != classes::NUMBER {
                continue;
            }
            let near = |token: Option<&Token>| {
                token.is_some_and(|token| {
                    token.in_class(self.marks.month) && token.is(classes::CAPITAL | classes::UPPER)
                })
            };
            if near(tokens.get(at - 1)) || near(tokens.get(at + 1)) {
                tokens[at].shapes = classes::DATE;
            }
            let half = tokens.get(at + 1).map(|next| next.text(self.text));
            if half.is_some_and(|half| ["am", "pm", "AM", "PM"].contains(&half)) {
                tokens[at].shapes = classes::TIME;
            }
        }
    }
}

#[cfg(test)]
mod tests;
