//! Numbers, times and dates.

use crate::classes::{self, Shapes};

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// How many bytes what starts here has, and what it is. The first byte is a digit.
pub(crate) fn read(bytes: &[u8]) -> (usize, Shapes) {
    let window = &bytes[..bytes.len().min(48)];
    instant(window).or_else(|| clock(window)).unwrap_or_else(|| plain(window))
}

/// `2026-02-03`, perhaps with a time and an offset.
fn instant(bytes: &[u8]) -> Option<(usize, Shapes)> {
    let two = |at: usize| bytes.get(at..at + 2).is_some_and(|two| digits(two) == 2);
    let is_date = digits(bytes) == 4
        && matches!(bytes.get(4), Some(b'-' | b'/'))
        && two(5)
        && matches!(bytes.get(7), Some(b'-' | b'/'))
        && two(8);
    if !is_date {
        return None;
    }
    let mut len = 10;
    let mut shapes = classes::DATE;
    if matches!(bytes.get(len), Some(b'T' | b't'))
        && let Some((time, shape)) = clock(&bytes[len + 1..])
    {
        len += 1 + time;
        shapes |= shape;
        if matches!(bytes.get(len), Some(b'-')) && two(len + 1) {
            len += 3 + usize::from(bytes.get(len + 3) == Some(&b':')) + 2;
            shapes |= classes::ZONED;
        }
    }
    Some((len.min(bytes.len()), shapes))
}

/// `14:02`, `2:40:11.5`, `08:02Z`, `3pm`.
fn clock(bytes: &[u8]) -> Option<(usize, Shapes)> {
    let hours = digits(bytes);
    if hours == 0 || hours > 2 {
        return None;
    }
    let half = |at: usize| {
        let two = bytes.get(at..at + 2)?;
        let is_half = matches!(two.to_ascii_lowercase().as_slice(), b"am" | b"pm");
        let ends = !bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
        (is_half && ends).then_some(at + 2)
    };
    if let Some(end) = half(hours) {
        return Some((end, classes::TIME));
    }
    let hour: u32 = std::str::from_utf8(&bytes[..hours]).ok()?.parse().ok()?;
    let colon = bytes.get(hours) == Some(&b':');
    let minute = bytes.get(hours + 1..hours + 3).unwrap_or(b"");
    if !colon || digits(minute) != 2 || hour > 24 || minute[0] > b'5' {
        return None;
    }
    let mut len = hours + 3;
    if bytes.get(len) == Some(&b':') && digits(bytes.get(len + 1..).unwrap_or(b"")) >= 2 {
        len += 3;
        if bytes.get(len) == Some(&b'.') && digits(&bytes[len + 1..]) > 0 {
            len += 1 + digits(&bytes[len + 1..]);
        }
    }
    if digits(&bytes[len..]) > 0 {
        return None;
    }
    if let Some(end) = half(len) {
        return Some((end, classes::TIME));
    }
    let after = bytes.get(len + 1).copied().unwrap_or(b' ');
    match bytes.get(len) {
        Some(b'Z' | b'z') if !after.is_ascii_alphanumeric() => {
            Some((len + 1, classes::TIME | classes::ZONED))
        }
        Some(b'+') if after.is_ascii_digit() => {
            let rest = bytes[len + 1..].iter();
            let zone = rest.take_while(|b| b.is_ascii_digit() || **b == b':').take(5).count();
            Some((len + 1 + zone, classes::TIME | classes::ZONED))
        }
        _ => Some((len, classes::TIME)),
    }
}

/// `1,400`, `2.1%`, `10k`, `0h36m`; versions and addresses are not numbers.
fn plain(bytes: &[u8]) -> (usize, Shapes) {
    let mut len = 0;
    let mut dots = 0;
    while len < bytes.len() {
        let next_is_digit = bytes.get(len + 1).is_some_and(u8::is_ascii_digit);
        match bytes[len] {
            b'0'..=b'9' => len += 1,
            b'.' if next_is_digit => {
                dots += 1;
                len += 1;
            }
            b',' | b'\'' if next_is_digit => len += 1,
            b'/' | b'-' if next_is_digit && dots == 0 => return slashed(bytes),
            _ => break,
        }
    }
    let unit = bytes[len..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'%').count();
    let tail = bytes[len..len + unit].to_ascii_lowercase();
    len += unit;
    if dots > 1 {
        let year = bytes[..len].rsplit(|b| *b == b'.').next().is_some_and(|last| last.len() == 4);
        return (len, if year && dots == 2 { classes::DATE } else { classes::MIXED });
    }
    let shape = match tail.as_slice() {
        b"st" | b"nd" | b"rd" | b"th" => classes::DATE,
        _ if unit == 0 && len == 4 && (bytes.starts_with(b"19") || bytes.starts_with(b"20")) => {
            classes::DATE
        }
        _ if unit > 4 => classes::MIXED,
        _ => classes::NUMBER,
    };
    (len, shape)
}

/// `31/12/2025`, `02/15/23`, `10-20`.
fn slashed(bytes: &[u8]) -> (usize, Shapes) {
    let is_part = |b: &&u8| b.is_ascii_digit() || matches!(**b, b'/' | b'-');
    let mut len = bytes.iter().take_while(is_part).count();
    while len > 1 && !bytes[len - 1].is_ascii_digit() {
        len -= 1;
    }
    let marks = bytes[..len].iter().filter(|b| !b.is_ascii_digit()).count();
    // A range of times ends where the second begins.
    if bytes.get(len) == Some(&b':') {
        let first = digits(bytes);
        return (first.max(1), classes::NUMBER);
    }
    (len, if marks >= 2 { classes::DATE } else { classes::NUMBER })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_dates_and_numbers_are_told_apart() {
        assert_eq!(read(b"14:02 UTC"), (5, classes::TIME));
        assert_eq!(read(b"08:02Z - site"), (6, classes::TIME | classes::ZONED));
        assert_eq!(read(b"3pm London"), (3, classes::TIME));
        assert_eq!(read(b"2026-02-03 08"), (10, classes::DATE));
        let zoned = classes::DATE | classes::TIME | classes::ZONED;
        assert_eq!(read(b"2026-02-03T08:02Z"), (17, zoned));
        assert_eq!(read(b"2026-02-03T08:02-07:00"), (22, zoned));
        assert_eq!(read(b"1,400 shared"), (5, classes::NUMBER));
        assert_eq!(read(b"95% of"), (3, classes::NUMBER));
        assert_eq!(read(b"1.7.0 of"), (5, classes::MIXED));
        assert_eq!(read(b"24th, 2025"), (4, classes::DATE));
        assert_eq!(read(b"02/15/2023"), (10, classes::DATE));
        assert_eq!(read(b"10:00-11:00"), (5, classes::TIME));
    }

    #[test]
    fn nothing_is_read_beyond_its_end() {
        for text in ["1", "12:", "12:3", "2026-", "2026-02-03T", "1-", "1/", "9:99", "24:00:0"] {
            let (len, _) = read(text.as_bytes());
            assert!(0 < len && len <= text.len(), "{text}");
        }
    }
}
