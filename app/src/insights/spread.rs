//! How lengths of time spread: quantiles and counts by length, never a mean. Pure.

use serde::Serialize;
use utoipa::ToSchema;

/// Lengths that are counted together: a name, and below how many seconds.
const LENGTHS: [(&str, i64); 7] = [
    ("4h", 4 * 3600),
    ("1d", 86_400),
    ("2d", 2 * 86_400),
    ("1w", 7 * 86_400),
    ("2w", 14 * 86_400),
    ("4w", 28 * 86_400),
    ("more", i64::MAX),
];

/// As many of a length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LengthCount)]
pub struct Bucket {
    /// `4h`, `1d`, `2d`, `1w`, `2w`, `4w` or `more`: below that, and not below the one before.
    #[schema(example = "1w")]
    pub length: String,
    /// The same for people.
    #[schema(example = "2 days to a week")]
    pub name: String,
    /// How many.
    pub count: usize,
}

/// How lengths of time spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LengthSpread)]
pub struct Spread {
    /// Of how many.
    pub count: usize,
    /// A tenth took less, in seconds; null below three.
    pub p10: Option<i64>,
    /// Half took less.
    pub p50: Option<i64>,
    /// Nine tenths took less.
    pub p90: Option<i64>,
    /// By length, the shortest first.
    pub buckets: Vec<Bucket>,
}

/// So many make a quantile.
const ENOUGH: usize = 3;

fn name_of(length: &str) -> &'static str {
    match length {
        "4h" => "up to 4 hours",
        "1d" => "4 hours to a day",
        "2d" => "1 to 2 days",
        "1w" => "2 days to a week",
        "2w" => "1 to 2 weeks",
        "4w" => "2 to 4 weeks",
        _ => "more than 4 weeks",
    }
}

/// The length that some seconds are counted with.
#[must_use]
pub fn length_of(seconds: i64) -> &'static str {
    LENGTHS.iter().find(|(_, below)| seconds < *below).map_or("more", |(name, _)| name)
}

impl Spread {
    /// Of lengths in seconds; none is negative.
    #[must_use]
    pub fn of(mut seconds: Vec<i64>) -> Spread {
        seconds.sort_unstable();
        let quantile = |tenths: usize| {
            let at = (seconds.len().saturating_sub(1) * tenths + 5) / 10;
            seconds.get(at).copied().filter(|_| seconds.len() >= ENOUGH)
        };
        let bucket = |(length, _): &(&str, i64)| Bucket {
            length: (*length).to_owned(),
            name: name_of(length).to_owned(),
            count: seconds.iter().filter(|one| length_of(**one) == *length).count(),
        };
        Spread {
            count: seconds.len(),
            p10: quantile(1),
            p50: quantile(5),
            p90: quantile(9),
            buckets: LENGTHS.iter().map(bucket).collect(),
        }
    }

    /// The largest bucket, for how long its bar is.
    #[must_use]
    pub fn most(&self) -> usize {
        self.buckets.iter().map(|one| one.count).max().unwrap_or(0)
    }
}

/// `3 h`, `2 days`.
#[must_use]
pub fn in_words(seconds: i64) -> String {
    match seconds {
        ..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, in_words, length_of};
    use proptest::prelude::*;

    #[test]
    fn quantiles_are_told_from_three_on_and_every_length_is_counted() {
        assert_eq!(Spread::of(vec![60, 90_000]).p50, None);
        let spread = Spread::of((0..=10).map(|n| n * 3600).collect());
        assert_eq!((spread.p10, spread.p50, spread.p90), (Some(3600), Some(18_000), Some(32_400)));
        assert_eq!(spread.buckets[0].count, 4);
        assert_eq!((length_of(0), length_of(4 * 3600), length_of(i64::MAX)), ("4h", "1d", "more"));
        assert_eq!(
            (in_words(120), in_words(7200), in_words(172_800)),
            ("2 min".into(), "2 h".into(), "2 days".into())
        );
    }

    proptest! {
        #[test]
        fn every_one_is_counted_once_and_quantiles_are_in_order(all in prop::collection::vec(0_i64..10_000_000, 0..80)) {
            let spread = Spread::of(all.clone());
            prop_assert_eq!(spread.buckets.iter().map(|one| one.count).sum::<usize>(), all.len());
            prop_assert!(spread.p10 <= spread.p50 && spread.p50 <= spread.p90);
        }
    }
}
