//! Text as it arrives: encodings, and lines of bounded length.

use std::io::{self, BufRead, BufReader, Read, Seek};

use super::emit::{Meter, Metered, Refused, Stop};

/// The longest line kept; the rest of it is counted and left out.
pub(super) const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// A buffered, counted reader past the byte order mark. UTF-16 and packed files are refused.
pub(super) fn open<R: Read + Seek>(
    mut input: R,
    meter: &Meter,
) -> Result<BufReader<Metered<R>>, Stop> {
    input.rewind()?;
    let mut reader = BufReader::with_capacity(64 * 1024, meter.over(input));
    skip_mark(&mut reader)?;
    Ok(reader)
}

/// Skips a UTF-8 byte order mark; refuses what is not text.
pub(super) fn skip_mark(reader: &mut impl BufRead) -> Result<(), Stop> {
    let head = reader.fill_buf()?;
    if let Some(refused) = not_utf8(head) {
        return Err(refused.into());
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// A refusal when the first bytes are of another encoding or packed.
pub(super) fn not_utf8(head: &[u8]) -> Option<Refused> {
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let bare = head.len() >= 4 && (head[0] == 0) != (head[1] == 0) && head[0] == 0 && head[2] == 0
        || head.len() >= 4 && head[1] == 0 && head[3] == 0 && head[0] != 0;
    if wide || bare {
        let why = "The file is in UTF-16, which we do not read.";
        return Some(Refused::new(why, "Save it as UTF-8 and import it again."));
    }
    let packed = [
        (&b"\x1f\x8b"[..], "gzip"),
        (b"\xfd7zXZ", "xz"),
        (b"BZh", "bzip2"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"7z\xbc\xaf", "7z"),
        (b"Rar!", "rar"),
        (b"\x78\x9c", "zlib"),
        (b"\x78\xda", "zlib"),
    ];
    packed.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| {
        Refused::new(
            format!("The file is packed with {name}."),
            "Unpack it and import what is inside.",
        )
    })
}

/// Lines, one in memory at a time.
pub(super) struct Lines<R> {
    reader: R,
    bytes: Vec<u8>,
    number: u64,
}

/// One line.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u64,
    pub(super) text: std::borrow::Cow<'a, str>,
    /// Whether bytes that are not UTF-8 were replaced.
    pub(super) repaired: bool,
    /// How many bytes were beyond [`LONGEST_LINE`].
    pub(super) left_out: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Lines<R> {
        Lines { reader, bytes: Vec::new(), number: 0 }
    }

    /// The next line without its end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        let mut left_out = 0;
        let mut any = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|b| *b == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            let keep = piece.len().min(LONGEST_LINE - self.bytes.len());
            self.bytes.extend_from_slice(&piece[..keep]);
            left_out += (piece.len() - keep) as u64;
            let used = piece.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        let text = String::from_utf8_lossy(&self.bytes);
        let repaired = matches!(text, std::borrow::Cow::Owned(_));
        Ok(Some(Line { number: self.number, text, repaired, left_out }))
    }
}
