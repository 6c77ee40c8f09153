//! Words, and what is made of letters and marks and is none.

use super::{LONGEST_MASK, LONGEST_WORD, Lexer};
use crate::classes;
use crate::token::Token;

impl Lexer<'_> {
    /// A word, or something made of letters and marks that is none.
    pub(super) fn word(&mut self, tokens: &mut Vec<Token>) {
        let start = self.at;
        let run = self.run();
        self.at = run.end;
        let text = &self.text[start..run.end];
        if run.is_address {
            tokens.push(Token::shaped(start, run.end, classes::OPAQUE));
        } else if run.has_digit {
            let is_ticket = is_ticket(text.as_bytes());
            let shape = if is_ticket { classes::TICKET } else { classes::MIXED };
            tokens.push(Token::shaped(start, run.end, shape));
        } else if let Some(at) = run.apostrophe {
            self.contraction(start, at, run.end, tokens);
        } else {
            self.push_word(start, run.end, tokens);
        }
    }

    fn run(&self) -> Run {
        let mut run = Run { end: self.at, has_digit: false, is_address: false, apostrophe: None };
        let mut slash = None;
        while run.end < self.bytes.len() && run.end - self.at < LONGEST_MASK {
            let byte = self.bytes[run.end];
            let next = self.bytes.get(run.end + 1).copied().unwrap_or(b' ');
            let joins = next.is_ascii_alphanumeric() || next >= 0x80;
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' => run.end += 1,
                b'0'..=b'9' => {
                    run.has_digit = true;
                    run.end += 1;
                }
                b'_' if joins => {
                    run.is_address = true;
                    run.end += 1;
                }
                b'.' | b'@' if joins => {
                    run.is_address |= !is_abbreviation(&self.bytes[self.at..run.end + 2]);
                    run.end += 1;
                }
                b':' if next == b'/' => {
                    let rest = &self.bytes[run.end..self.bytes.len().min(run.end + LONGEST_MASK)];
                    let stops = |b: &u8| b.is_ascii_whitespace() || matches!(b, b')' | b'>' | b'"');
                    run.end += rest.iter().position(stops).unwrap_or(rest.len());
                    run.is_address = true;
                    break;
                }
                b'-' if joins => run.end += 1,
                b'/' if joins => {
                    slash = slash.or(Some(run.end));
                    run.end += 1;
                }
                b'\'' if next.is_ascii_alphabetic() => {
                    run.apostrophe = run.apostrophe.or(Some(run.end));
                    run.end += 1;
                }
                0x80.. => match self.text[run.end..].chars().next() {
                    Some('’') if self.after(run.end + 3).is_some_and(char::is_alphabetic) => {
                        run.apostrophe = run.apostrophe.or(Some(run.end));
                        run.end += 3;
                    }
                    Some(char) if char.is_alphabetic() => run.end += char.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        self.end_at_slash(&mut run, slash);
        run.end = run.end.max(self.at + 1);
        while !self.text.is_char_boundary(run.end) {
            run.end += 1;
        }
        run
    }

    /// `readiness/liveness` is two words; a path is none.
    fn end_at_slash(&self, run: &mut Run, slash: Option<usize>) {
        if let Some(at) = slash.filter(|_| !run.is_address && !run.has_digit) {
            let parts = self.bytes[self.at..run.end].iter().filter(|b| **b == b'/').count();
            if parts < 3 {
                run.end = at;
                run.apostrophe = run.apostrophe.filter(|mark| *mark < at);
            } else {
                run.is_address = true;
            }
        }
    }

    fn after(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// `didn't` is `did` and `not`; `Elena's` is `Elena` and `'s`.
    fn contraction(&mut self, start: usize, at: usize, end: usize, tokens: &mut Vec<Token>) {
        let is_not = self.bytes[at - 1].eq_ignore_ascii_case(&b'n')
            && self.bytes[end - 1].eq_ignore_ascii_case(&b't')
            && end - at <= 4;
        if is_not {
            let stem = &self.text[start..at - 1];
            let stem = match stem.to_ascii_lowercase().as_str() {
                "ca" => "can",
                "wo" => "will",
                "sha" => "shall",
                _ => stem,
            };
            self.look_up(stem.as_bytes(), start, at - 1, tokens);
            self.look_up(b"not", at - 1, end, tokens);
            return;
        }
        self.push_word(start, at, tokens);
        let mark = if self.bytes[at] == b'\'' { 1 } else { 3 };
        let tail: &[u8] = match self.text[at + mark..end].to_ascii_lowercase().as_str() {
            "ve" => b"have",
            "ll" => b"will",
            "re" => b"are",
            "m" => b"am",
            "d" => b"'d",
            "s" => b"'s",
            _ => b"'",
        };
        self.look_up(tail, at, end, tokens);
    }

    fn push_word(&mut self, start: usize, end: usize, tokens: &mut Vec<Token>) {
        let text = &self.text[start..end];
        let small = text.as_bytes();
        if small.eq_ignore_ascii_case(b"cannot") {
            self.look_up(b"can", start, start + 3, tokens);
            self.look_up(b"not", start + 3, end, tokens);
            return;
        }
        if let Some(stem) = without_apostrophe(small) {
            self.look_up(&small[..stem], start, start + stem, tokens);
            self.look_up(b"not", start + stem, end, tokens);
            return;
        }
        self.look_up(small, start, end, tokens);
    }

    /// Looks a word up in small letters and takes it in.
    fn look_up(&self, word: &[u8], start: usize, end: usize, tokens: &mut Vec<Token>) {
        let mut token = Token::shaped(start, end, classes::WORD);
        let mut buffer = [0_u8; LONGEST_WORD * 2];
        let Some(small) = lower(word, &mut buffer) else {
            tokens.push(token);
            return;
        };
        token.shapes |= capitals(&self.bytes[start..end]) | ending(small);
        match self.lexicon.find(small) {
            Some(entry) => {
                token.word = entry.word;
                token.classes = entry.classes;
                token.forms = entry.forms;
            }
            None => token.shapes |= classes::UNKNOWN,
        }
        if !self.people.is_empty() && token.is(classes::CAPITAL | classes::UPPER) {
            let is_known = self.people.binary_search_by(|name| name.as_bytes().cmp(small)).is_ok();
            token.shapes |= if is_known { classes::PERSON } else { 0 };
        }
        tokens.push(token);
    }
}

struct Run {
    end: usize,
    has_digit: bool,
    is_address: bool,
    apostrophe: Option<usize>,
}

/// `i.e` and `e.g` have single letters between their stops.
fn is_abbreviation(bytes: &[u8]) -> bool {
    bytes.len() <= 6 && bytes.split(|b| *b == b'.').all(|part| part.len() == 1)
}

/// `OPS-91`: capitals, a hyphen, digits.
fn is_ticket(bytes: &[u8]) -> bool {
    let Some(hyphen) = bytes.iter().position(|b| *b == b'-') else { return false };
    let (key, number) = (&bytes[..hyphen], &bytes[hyphen + 1..]);
    key.len() > 1
        && key.iter().all(u8::is_ascii_uppercase)
        && !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
}

/// Where `didnt` has its `nt`.
fn without_apostrophe(word: &[u8]) -> Option<usize> {
    const STEMS: [&[u8]; 12] = [
        b"did", b"does", b"do", b"was", b"were", b"is", b"has", b"have", b"had", b"could",
        b"would", b"should",
    ];
    let stem = word.strip_suffix(b"nt").or(word.strip_suffix(b"NT"))?;
    STEMS.iter().any(|known| stem.eq_ignore_ascii_case(known)).then_some(stem.len())
}

/// A word in small letters, if it is not too long.
fn lower<'b>(word: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    if LONGEST_WORD < word.len() {
        return None;
    }
    if word.is_ascii() {
        for (to, from) in buffer.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        return Some(&buffer[..word.len()]);
    }
    let mut len = 0;
    for char in std::str::from_utf8(word).ok()?.chars().flat_map(char::to_lowercase) {
        let next = buffer.get_mut(len..len + char.len_utf8())?;
        char.encode_utf8(next);
        len += char.len_utf8();
    }
    Some(&buffer[..len])
}

fn capitals(word: &[u8]) -> u32 {
    let first = word.first().is_some_and(u8::is_ascii_uppercase);
    let rest = word.get(1..).unwrap_or(&[]);
    let large = rest.iter().filter(|b| b.is_ascii_uppercase()).count();
    let letters = rest.iter().filter(|b| b.is_ascii_alphabetic()).count();
    match (first, large) {
        (false, 0) => 0,
        (true, 0) => classes::CAPITAL,
        (true, _) if large == letters => classes::UPPER,
        // `VMs` and `PRs` are capitals still.
        (true, _) if large + 1 == letters && rest.ends_with(b"s") => classes::UPPER,
        _ if word.contains(&b'-') => classes::CAPITAL,
        _ => classes::MIXED,
    }
}

fn ending(word: &[u8]) -> u32 {
    if word.len() < 4 {
        0
    } else if word.ends_with(b"ed") {
        classes::ED
    } else if word.ends_with(b"ing") {
        classes::ING
    } else if word.ends_with(b"ly") {
        classes::LY
    } else {
        0
    }
}
