use super::*;
use crate::incidents::key_time::Precision;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    format!("2026-03-05T{text}Z").parse().expect("a time")
}

fn exact(text: &str) -> Moment {
    Moment::exact(at(text))
}

fn rough(text: &str, precision: Precision, uncertainty_s: u32) -> Moment {
    Moment { at: at(text), precision, uncertainty_s }
}

fn told(times: &KeyTimes, name: DurationName) -> Told {
    let all = durations(times, &[]);
    all.into_iter().find(|duration| duration.name == name).expect("all are told").told
}

fn window(start: &str, end: Option<&str>) -> Window {
    Window { surface: "checkout".into(), start: exact(start), end: end.map(exact) }
}

#[test]
fn a_span_is_told_in_words_with_its_uncertainty() {
    let times = KeyTimes::from([
        (KeyTimeName::ImpactStart, rough("23:38:00", Precision::Minute, 0)),
        (KeyTimeName::Detected, exact("23:41:07")),
    ]);
    assert_eq!(told(&times, DurationName::Undetected).to_string(), "3 min ± 1 min");
    assert_eq!(told(&times, DurationName::Engage).to_string(), "cannot tell: engaged is missing.");
    let Told::CannotTell { why, mend } = told(&times, DurationName::Respond) else {
        panic!("a span")
    };
    assert_eq!(why, "declared and resolved are missing.");
    assert_eq!(mend, [KeyTimeName::Declared, KeyTimeName::Resolved]);
}

#[test]
fn a_negative_span_is_a_fault_and_never_shown() {
    let times = KeyTimes::from([
        (KeyTimeName::ImpactStart, exact("10:04:00")),
        (KeyTimeName::Mitigated, exact("10:00:00")),
    ]);
    let Told::CannotTell { why, mend } = told(&times, DurationName::Mitigate) else {
        panic!("a span")
    };
    assert_eq!(why, "mitigated lies before impact start by 4 min: one of the two is wrong.");
    assert_eq!(mend, [KeyTimeName::ImpactStart, KeyTimeName::Mitigated]);
    let found = faults(&times, &[], at("12:00:00"));
    assert_eq!(found[0].what, "Mitigated lies before impact start, by 4 min.");
    assert_eq!(found[0].grade, Grade::Warning);
}

#[test]
fn what_may_be_right_within_its_uncertainty_is_no_fault() {
    let times = KeyTimes::from([
        (KeyTimeName::ImpactStart, exact("14:02:30")),
        (KeyTimeName::Detected, rough("00:00:00", Precision::Day, 0)),
    ]);
    assert_eq!(told(&times, DurationName::Undetected).to_string(), "under 1 d");
    assert!(faults(&times, &[], at("23:00:00")).is_empty());
}

#[test]
fn impact_is_the_union_of_its_windows() {
    let windows = [
        window("12:00:00", Some("12:30:00")),
        window("10:00:00", Some("10:20:00")),
        window("10:10:00", Some("10:30:00")),
    ];
    let Told::Span { length, from, to, uncertainty_s } = impact(&windows) else {
        panic!("cannot tell")
    };
    assert_eq!(length, SignedDuration::from_mins(60));
    assert_eq!((from, to, uncertainty_s), (at("10:00:00"), at("12:30:00"), 0));
    let open = [window("10:00:00", None)];
    assert_eq!(impact(&open).to_string(), "cannot tell: the impact on “checkout” has no end yet.");
}

#[test]
fn i11_impact_that_ends_before_it_starts_is_an_error_and_other_orders_warn() {
    let times = KeyTimes::from([
        (KeyTimeName::ImpactStart, exact("10:30:00")),
        (KeyTimeName::ImpactEnd, exact("10:00:00")),
        (KeyTimeName::Acknowledged, exact("10:50:00")),
        (KeyTimeName::Mitigated, exact("10:40:00")),
    ]);
    let found = faults(&times, &[], at("12:00:00"));
    let of = |grade| {
        found.iter().filter(|f| f.grade == grade).map(|f| f.what.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        of(Grade::Error),
        ["Impact end lies before impact start, by 30 min: one of the two is wrong."]
    );
    let warnings = of(Grade::Warning);
    let healed = "Mitigated lies before acknowledged, by 10 min. It can be right when the system healed itself.";
    assert!(warnings.contains(&healed), "{warnings:?}");
    let missing = of(Grade::Missing);
    assert!(missing.contains(&"Detected is missing, though mitigated is recorded: someone or something of ours first noticed."), "{missing:?}");
}

#[test]
fn times_in_the_future_and_doubtful_windows_are_named() {
    let times = KeyTimes::from([
        (KeyTimeName::Resolved, exact("13:00:00")),
        (KeyTimeName::ImpactStart, exact("09:00:00")),
    ]);
    let windows = [window("10:00:00", Some("10:30:00")), window("10:20:00", None)];
    let found = faults(&times, &windows, at("12:00:00"));
    let what: Vec<&str> = found.iter().map(|fault| fault.what.as_str()).collect();
    assert!(what.contains(&"Resolved lies in the future, by 1 h 00 min."), "{what:?}");
    assert!(
        what.contains(&"The impact on “checkout” has no end, though resolved is recorded."),
        "{what:?}"
    );
    assert!(
        what.contains(
            &"Two impact windows on “checkout” overlap; the time they share counts once."
        ),
        "{what:?}"
    );
    assert!(
        what.contains(
            &"The first impact window begins 1 h 00 min after the recorded impact start."
        ),
        "{what:?}"
    );
}

#[test]
fn spans_from_seconds_to_months_are_written_as_finely_as_they_are_known() {
    let words = |seconds, off| in_words(SignedDuration::from_secs(seconds), off);
    assert_eq!(words(0, 0), "0 s");
    assert_eq!(words(40, 0), "40 s");
    assert_eq!(words(38 * 60, 0), "38 min");
    assert_eq!(words(64 * 60, 60), "1 h 04 min ± 1 min");
    assert_eq!(words(74 * HOUR, 0), "3 d 2 h");
    assert_eq!(words(72 * HOUR, 86_400), "3 d ± 1 d");
    assert_eq!(words(94 * DAY + HOUR, 0), "94 d");
    assert_eq!(words(5 * HOUR + 900, 3_600), "5 h ± 1 h");
    assert_eq!(words(20, 600), "under 10 min");
}

fn moment() -> impl Strategy<Value = Moment> {
    let precision = prop::sample::select(Precision::ALL.to_vec());
    (0_i64..40 * DAY, precision, prop::sample::select(vec![0_u32, 30, 600, 90_000])).prop_map(
        |(second, precision, uncertainty_s)| {
            let at =
                at("00:00:00").checked_add(SignedDuration::from_secs(second)).expect("in range");
            Moment { at, precision, uncertainty_s }
        },
    )
}

fn precise() -> impl Strategy<Value = Window> {
    (0_i64..100_000, 0_i64..50_000).prop_map(|(start, length)| {
        let second = |s| {
            Moment::exact(
                at("00:00:00").checked_add(SignedDuration::from_secs(s)).expect("in range"),
            )
        };
        Window { surface: "a".into(), start: second(start), end: Some(second(start + length)) }
    })
}

proptest! {
    #[test]
    fn no_duration_is_negative(times in prop::collection::btree_map(prop::sample::select(KeyTimeName::ALL.to_vec()), moment(), 0..18),
        windows in prop::collection::vec((moment(), prop::option::of(moment())), 0..5)) {
        let windows: Vec<Window> = windows.into_iter().map(|(start, end)| Window { surface: String::new(), start, end }).collect();
        for duration in durations(&times, &windows) {
            match duration.told {
                Told::Span { length, from, to, uncertainty_s } => {
                    prop_assert!(length >= SignedDuration::ZERO && from <= to);
                    prop_assert!(!in_words(length, uncertainty_s).contains('-'));
                }
                Told::CannotTell { why, mend } => prop_assert!(!why.is_empty() && !mend.is_empty()),
            }
        }
        for fault in faults(&times, &windows, at("12:00:00")) {
            prop_assert!(!fault.mend.is_empty() && fault.what.ends_with('.'));
        }
    }

    #[test]
    fn the_union_is_at_most_the_sum_and_at_least_the_longest(windows in prop::collection::vec(precise(), 1..8)) {
        let lengths: Vec<SignedDuration> = windows.iter().map(|w| w.end.map_or(SignedDuration::ZERO, |end| end.at.duration_since(w.start.at))).collect();
        let sum: SignedDuration = lengths.iter().sum();
        let longest = lengths.iter().max().copied().unwrap_or_default();
        let Told::Span { length, from, to, .. } = impact(&windows) else { panic!("cannot tell") };
        prop_assert!(longest <= length && length <= sum && length <= to.duration_since(from));
    }

    #[test]
    fn the_order_of_windows_does_not_matter(windows in prop::collection::vec((moment(), prop::option::of(moment())), 0..5), turn in 0_usize..5) {
        let windows: Vec<Window> = windows.into_iter().map(|(start, end)| Window { surface: "a".into(), start, end }).collect();
        let mut turned = windows.clone();
        turned.rotate_left(turn.min(windows.len()));
        turned.reverse();
        let times = KeyTimes::new();
        prop_assert_eq!(durations(&times, &windows), durations(&times, &turned));
        prop_assert_eq!(faults(&times, &windows, at("12:00:00")), faults(&times, &turned, at("12:00:00")));
    }
}
