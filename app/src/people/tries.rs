//! Wrong tries at signing in: who must wait for how long, and who is refused.
//!
//! Refused is only who tries wrongly from one place: ten times for one address, or a hundred times for
//! any. Others are no worse off for that, so nobody locks another one out. What comes from many places
//! at one address is slowed, its owner too, by two seconds at most. An address that nobody has is
//! counted like any other.

use crate::api::Peer;
use kit::db::Time;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wrong tries for one address from one peer before it is refused.
const BY_BOTH: u32 = 10;
/// Wrong tries of one peer, for whatever addresses, before it is refused.
const BY_PEER: u32 = 100;
/// Wrong tries of one peer before it is slowed.
const PEER_IS_SLOWED: u32 = 20;
/// Wrong tries for one address, from wherever, before it is slowed.
const ADDRESS_IS_SLOWED: u32 = 10;
/// The first wait; each wrong try doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long wrong tries count from the first of them, in seconds.
const MEMORY_S: i64 = 15 * 60;
/// So many are remembered of each sort at most; beyond it the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// Wrong tries of one or for one, since the first.
#[derive(Clone, Copy)]
struct Since {
    began: Time,
    wrong: u32,
}

impl Since {
    /// Seconds until it is forgotten; none when it is. A clock that was set back forgets, too.
    fn left_s(self, now: Time) -> Option<u64> {
        let passed_us = now.microseconds() - self.began.microseconds();
        let left_us = MEMORY_S * 1_000_000 - passed_us;
        let is_remembered = passed_us >= 0 && left_us > 0;
        is_remembered.then(|| u64::try_from(left_us).unwrap_or(0).div_ceil(1_000_000))
    }
}

/// Wrong tries of one sort: for so many and no more.
#[derive(Default)]
struct Counts(HashMap<String, Since>);

impl Counts {
    /// Wrong tries and the seconds until they are forgotten.
    fn of(&self, whose: &str, now: Time) -> (u32, u64) {
        let known = self.0.get(whose).and_then(|since| Some((since.wrong, since.left_s(now)?)));
        known.unwrap_or((0, 0))
    }

    fn add(&mut self, whose: String, now: Time) -> u32 {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&whose) {
            self.make_room(now);
        }
        let since = self.0.entry(whose).or_insert(Since { began: now, wrong: 0 });
        if since.left_s(now).is_none() {
            *since = Since { began: now, wrong: 0 };
        }
        since.wrong = since.wrong.saturating_add(1);
        since.wrong
    }

    /// Forgets what is old; when that is not enough, the older half.
    fn make_room(&mut self, now: Time) {
        self.0.retain(|_, since| since.left_s(now).is_some());
        if self.0.len() < REMEMBERED {
            return;
        }
        let mut began: Vec<Time> = self.0.values().map(|since| since.began).collect();
        let middle = began.len() / 2;
        let (_, &mut middle, _) = began.select_nth_unstable(middle);
        self.0.retain(|_, since| since.began > middle);
    }
}

#[derive(Default)]
struct Remembered {
    both: Counts,
    peers: Counts,
    addresses: Counts,
}

/// What becomes of a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is looked at after this time.
    After(Duration),
    /// It is not looked at; one may come again in so many seconds.
    Refused {
        /// Seconds, at least one.
        seconds: u64,
    },
}

/// The wrong tries that are remembered; in memory, for a process that is started anew is asked anew.
#[derive(Default)]
pub struct Tries(Mutex<Remembered>);

impl Tries {
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ask(&self, address: &str, peer: &Peer, now: Time) -> Verdict {
        let remembered = self.remembered();
        let both = remembered.both.of(&joined(address, peer), now);
        let by_peer = remembered.peers.of(peer.as_str(), now);
        let waits = [(both, BY_BOTH), (by_peer, BY_PEER)].into_iter();
        let seconds = waits.filter(|((wrong, _), most)| wrong >= most).map(|((_, left), _)| left);
        if let Some(seconds) = seconds.max() {
            return Verdict::Refused { seconds: seconds.max(1) };
        }
        let (for_address, _) = remembered.addresses.of(address, now);
        let slow = wait(for_address, ADDRESS_IS_SLOWED).max(wait(by_peer.0, PEER_IS_SLOWED));
        Verdict::After(slow)
    }

    /// Remembers a wrong try; says whether it was the one with which its peer's patience ends.
    pub(super) fn was_wrong(&self, address: &str, peer: &Peer, now: Time) -> bool {
        let mut remembered = self.remembered();
        let both = remembered.both.add(joined(address, peer), now);
        let by_peer = remembered.peers.add(peer.as_str().to_owned(), now);
        remembered.addresses.add(address.to_owned(), now);
        both == BY_BOTH || by_peer == BY_PEER
    }

    /// Who signs in from there knows the password: that they mistyped it before is forgotten.
    pub(super) fn was_right(&self, address: &str, peer: &Peer) {
        self.remembered().both.0.remove(&joined(address, peer));
    }
}

/// A peer has no line break in it.
fn joined(address: &str, peer: &Peer) -> String {
    format!("{peer}\n{address}")
}

fn wait(wrong: u32, from: u32) -> Duration {
    let Some(doublings) = wrong.checked_sub(from) else { return Duration::ZERO };
    let times = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(times).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::{
        ADDRESS_IS_SLOWED, BY_BOTH, BY_PEER, LONGEST_WAIT, PEER_IS_SLOWED, REMEMBERED, Tries,
        Verdict,
    };
    use crate::api::Peer;
    use axum::extract::ConnectInfo;
    use axum::http::{Extensions, HeaderMap};
    use kit::db::Time;
    use std::net::SocketAddr;
    use std::time::Duration;

    fn at(second: i64) -> Time {
        Time::from_microseconds(1_700_000_000_000_000 + second * 1_000_000).unwrap()
    }

    fn peer(n: u16) -> Peer {
        let [high, low] = n.to_be_bytes();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, high, low], 4000))));
        Peer::of(&extensions, &HeaderMap::new(), false)
    }

    fn is_refused(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Refused { .. })
    }

    #[test]
    fn s01_a_thousand_wrong_tries_from_one_peer_do_not_lock_out_the_owner_at_another() {
        let tries = Tries::default();
        let mut looked_at = 0;
        for n in 0..1000 {
            if !is_refused(&tries.ask("ada", &peer(1), at(n / 10))) {
                looked_at += 1;
                tries.was_wrong("ada", &peer(1), at(n / 10));
            }
        }
        assert_eq!(looked_at, BY_BOTH);
        assert_eq!(tries.ask("ada", &peer(1), at(100)), Verdict::Refused { seconds: 800 });
        assert_eq!(tries.ask("ada", &peer(2), at(100)), Verdict::After(Duration::from_millis(250)));
        assert_eq!(tries.ask("bob", &peer(1), at(100)), Verdict::After(Duration::ZERO));
        assert_eq!(tries.ask("bob", &peer(2), at(100)), Verdict::After(Duration::ZERO));
        assert!(!is_refused(&tries.ask("ada", &peer(1), at(900))), "after 15 minutes");
    }

    #[test]
    fn s01_a_thousand_wrong_tries_from_two_hundred_peers_slow_the_owner_by_two_seconds_at_most() {
        let tries = Tries::default();
        for n in 0..1000 {
            tries.was_wrong("ada", &peer(n % 200), at(0));
        }
        assert_eq!(tries.ask("ada", &peer(500), at(1)), Verdict::After(LONGEST_WAIT));
        assert_eq!(tries.ask("bob", &peer(500), at(1)), Verdict::After(Duration::ZERO));
    }

    #[test]
    fn s01_one_password_tried_at_many_addresses_is_counted_by_its_peer() {
        let tries = Tries::default();
        let mut looked_at = 0;
        for n in 0..1000 {
            let address = format!("{n}@x.example");
            let verdict = tries.ask(&address, &peer(1), at(0));
            let slow = n > PEER_IS_SLOWED && n < BY_PEER;
            assert!(!slow || matches!(verdict, Verdict::After(wait) if !wait.is_zero()), "{n}");
            if !is_refused(&verdict) {
                looked_at += 1;
                tries.was_wrong(&address, &peer(1), at(0));
            }
        }
        assert_eq!(looked_at, BY_PEER);
        assert_eq!(tries.ask("1@x.example", &peer(2), at(0)), Verdict::After(Duration::ZERO));
    }

    #[test]
    fn who_mistyped_and_then_knew_it_begins_anew_there_and_nowhere_else() {
        let tries = Tries::default();
        for n in 1..BY_BOTH {
            assert!(!tries.was_wrong("ada", &peer(1), at(0)), "{n}");
        }
        tries.was_right("ada", &peer(1));
        assert!(!tries.was_wrong("ada", &peer(1), at(0)));
        assert!(!is_refused(&tries.ask("ada", &peer(1), at(0))));
        const { assert!(ADDRESS_IS_SLOWED <= BY_BOTH, "an address is slowed before a peer is refused") };
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let tries = Tries::default();
        for _ in 0..BY_PEER {
            tries.was_wrong("ada", &peer(1), at(0));
        }
        assert_eq!(tries.ask("ada", &peer(1), at(-3600)), Verdict::After(Duration::ZERO));
        assert!(!tries.was_wrong("ada", &peer(1), at(-3600)));
    }

    #[test]
    fn many_addresses_tried_take_no_more_memory_and_the_last_are_remembered() {
        let tries = Tries::default();
        for n in 0..3 * REMEMBERED {
            let second = i64::try_from(n).unwrap() / 100;
            tries.was_wrong(&format!("{n}@x.example"), &peer(1), at(second));
            assert!(tries.remembered().both.0.len() <= REMEMBERED);
            assert!(tries.remembered().addresses.0.len() <= REMEMBERED);
        }
        let last = format!("{}@x.example", 3 * REMEMBERED - 1);
        assert!(tries.remembered().addresses.0.contains_key(&last));
        for n in 0..2 * REMEMBERED {
            tries.ask(&format!("{n}@y.example"), &peer(2), at(400));
        }
        assert!(tries.remembered().addresses.0.len() <= REMEMBERED, "asking remembers nothing");
    }
}
