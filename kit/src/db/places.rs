//! Places for values as SQLite takes them fastest.
//!
//! SQLite knows a numbered place (`$7`) by its name and finds it along a list of all names, and the driver
//! asks for each of them at each run: `n` places cost `n²` steps. Where every number comes once and in
//! order, bare `?` say the same. Only long statements are worth it; there are few, so each is kept.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// From so many values on.
pub(super) const MANY: usize = 50;

static KNOWN: LazyLock<RwLock<HashMap<usize, &'static str>>> = LazyLock::new(RwLock::default);

/// The same statement for SQLite.
pub(super) fn bare(text: &'static str) -> &'static str {
    let key = text.as_ptr().addr();
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known;
    }
    let made: &'static str = in_order(text).map_or(text, |bare| Box::leak(bare.into_boxed_str()));
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(made)
}

/// With `?` for `$1`, `$2` and so on; none when they are not in order or a quoted text may hold one.
fn in_order(text: &str) -> Option<String> {
    let mut parts = text.split('$');
    let mut bare = String::with_capacity(text.len());
    bare.push_str(parts.next()?);
    for (number, part) in (1_usize..).zip(parts) {
        let is_quoted = bare.bytes().filter(|byte| *byte == b'\'').count() % 2 == 1;
        let rest = part.strip_prefix(&number.to_string()).filter(|_| !is_quoted)?;
        if rest.starts_with(|next: char| next.is_ascii_digit()) {
            return None;
        }
        bare.push('?');
        bare.push_str(rest);
    }
    Some(bare)
}

#[cfg(test)]
mod tests {
    use super::{bare, in_order};

    #[test]
    fn places_in_order_need_no_number() {
        let text = "insert into t (a, b) values ($1, $2), ($3, 'it''s') on conflict do nothing";
        let same = "insert into t (a, b) values (?, ?), (?, 'it''s') on conflict do nothing";
        assert_eq!(in_order(text).as_deref(), Some(same));
        assert_eq!(bare("select $1"), "select ?");
        assert_eq!(bare("select $1"), "select ?");
    }

    #[test]
    fn others_stay_as_they_are() {
        for text in ["select $2, $1", "select $1, $1", "select '$1'", "select $10", "select $1, $3"]
        {
            assert_eq!(in_order(text), None, "{text}");
            assert_eq!(bare("select $2, $1"), "select $2, $1");
        }
    }
}
