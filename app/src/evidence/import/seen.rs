//! Which ids an input gave already, in memory that does not grow with it. What came more than about a
//! million items ago is forgotten; the database still knows it and takes it once.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// As many as fill a table of 2^20 places before it would double: 9 MB, and there are two.
const MOST: usize = (1 << 20) / 8 * 7;

/// What was met lately.
#[derive(Debug, Default)]
pub(super) struct Seen {
    now: HashSet<u64>,
    before: HashSet<u64>,
}

impl Seen {
    /// Whether it is met for the first time lately.
    pub(super) fn insert(&mut self, what: &(impl Hash + ?Sized)) -> bool {
        let hash = hash(what);
        if self.before.contains(&hash) || self.now.contains(&hash) {
            return false;
        }
        if self.now.len() == MOST {
            self.before = std::mem::take(&mut self.now);
        }
        self.now.insert(hash)
    }

    /// Whether it was met lately.
    pub(super) fn contains(&self, what: &(impl Hash + ?Sized)) -> bool {
        let hash = hash(what);
        self.now.contains(&hash) || self.before.contains(&hash)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Seen::default();
    }
}

fn hash(what: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_many_are_known_and_no_more_are_kept() {
        let mut seen = Seen::default();
        let met = 2 * MOST + MOST / 2;
        for id in 0..met {
            assert!(seen.insert(&id));
            assert!(!seen.insert(&id));
        }
        assert!(seen.contains(&(met - MOST)) && seen.contains(&(met - 1)));
        assert!(!seen.contains(&0_usize));
        assert!(seen.now.len() + seen.before.len() <= 2 * MOST);
        assert!(seen.now.capacity() <= MOST && seen.before.capacity() <= MOST);
        seen.clear();
        assert!(!seen.contains(&(met - 1)));
    }
}
