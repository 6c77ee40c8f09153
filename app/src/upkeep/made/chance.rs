//! Chance that is the same each time: SplitMix64, seeded by what it is for.

/// A row of numbers that a seed determines.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// For one thing of one plan.
    pub fn of(seed: u64, what: u64, number: u64) -> Chance {
        let mut chance = Chance(
            seed ^ what.wrapping_mul(0xA24B_AED4_963E_E407)
                ^ number.wrapping_mul(0x9FB2_1C65_1E98_DF25),
        );
        chance.next();
        chance
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// Whether something of so many in a hundred comes about.
    pub fn percent(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }

    /// A place in a list of `len`, small ones far more often, as words are used (Zipf): the k-th about
    /// 1/k times as often as the first.
    pub fn rank(&mut self, len: usize) -> usize {
        // The inverse of the cumulated 1/k, which is nearly a logarithm.
        #[expect(clippy::cast_precision_loss, reason = "chance needs no last bit")]
        let (share, top) = ((self.next() >> 11) as f64 / (1_u64 << 53) as f64, len as f64);
        let rank = ((top + 1.0).powf(share) - 1.0).max(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the length"
        )]
        let rank = rank as usize;
        rank.min(len.saturating_sub(1))
    }

    /// Twenty hexadecimal digits, the part of an id that is chance.
    pub fn hex20(&mut self) -> String {
        let text = format!("{:016x}{:016x}", self.next(), self.next());
        text[..20].to_owned()
    }
}
