//! What can stand in a field: read from JSON, checked against the field, said in words. Pure.
//!
//! | type | as JSON |
//! | --- | --- |
//! | number | a number |
//! | money | `{ "minor_units": 120050, "currency": "EUR" }` |
//! | choice, people, service | an id, or a list of them where several are asked for |
//! | duration | seconds |
//! | date | `2026-03-01` |
//! | text | a line |
//! | group | a list of rows, each an object by column |

use super::read::Names;
use crate::access::PersonId;
use crate::incidents::impact::{grouped, in_major_units, parse_currency};
use crate::kinds::{Field, FieldSort};
use crate::services::ServiceId;
use serde_json::{Map, Value, json};

/// The most characters of a line.
pub(super) const LINE_MAX: usize = 500;
/// The most rows of a table, and ids of a list.
pub(super) const MANY_MAX: usize = 100;
/// The largest number, sum and duration that is believed.
const NUMBER_MAX: f64 = 1e12;
const MINOR_MAX: i64 = 1_000_000_000_000_000;
const SECONDS_MAX: i64 = 10 * 366 * 86_400;

/// Where something is wrong in a value, as a path below it, and what.
pub(super) type Fault = (String, String);

/// The value in its one form; null when nothing is in it.
///
/// # Errors
/// Every fault with its place.
pub(super) fn checked(field: &Field, value: &Value) -> Result<Value, Vec<Fault>> {
    let wrong = |message: &str| Err(vec![(String::new(), message.to_owned())]);
    match field.sort {
        _ if is_nothing(value) => Ok(Value::Null),
        FieldSort::Number => match value.as_f64() {
            Some(number) => within(field, number).map(|()| value.clone()).map_err(at_top),
            None => wrong("Say a number."),
        },
        FieldSort::Money => money(value).map_err(at_top),
        FieldSort::Choice => ids(field, value, |id| {
            let known = field.choices.iter().any(|one| one.id == id);
            let ids: Vec<&str> = field.choices.iter().map(|one| one.id.as_str()).collect();
            known.then_some(()).ok_or_else(|| format!("`{id}` is not one of: {}.", ids.join(", ")))
        }),
        FieldSort::People => ids(field, value, |id| {
            PersonId::parse(id).map(|_| ()).ok_or_else(|| format!("`{id}` is nobody’s id."))
        }),
        FieldSort::Service => ids(field, value, |id| {
            ServiceId::parse(id).map(|_| ()).ok_or_else(|| format!("`{id}` is no service’s id."))
        }),
        FieldSort::Duration => match value.as_i64() {
            Some(seconds) if (0..=SECONDS_MAX).contains(&seconds) => Ok(json!(seconds)),
            _ => wrong("Say a duration in whole seconds, of ten years at most."),
        },
        FieldSort::Date => match value.as_str().map(str::parse::<jiff::civil::Date>) {
            Some(Ok(date)) => Ok(json!(date.to_string())),
            _ => wrong("Say a day such as 2026-03-01."),
        },
        FieldSort::Text => line(value).map_err(at_top),
        FieldSort::Group => rows(field, value),
    }
}

fn at_top(message: String) -> Vec<Fault> {
    vec![(String::new(), message)]
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => kit::line::is_blank(text),
        Value::Array(all) => all.iter().all(is_nothing),
        Value::Object(map) => map.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn within(field: &Field, number: f64) -> Result<(), String> {
    let (min, max) = (field.min.unwrap_or(-NUMBER_MAX), field.max.unwrap_or(NUMBER_MAX));
    if number.is_finite() && (min..=max).contains(&number) {
        return Ok(());
    }
    Err(format!("Say a number from {} to {}.", number_in_words(min), number_in_words(max)))
}

fn money(value: &Value) -> Result<Value, String> {
    let example = "Say a sum such as { \"minor_units\": 120050, \"currency\": \"EUR\" }.";
    let map = value.as_object().ok_or(example)?;
    if map.keys().any(|key| key != "minor_units" && key != "currency") {
        return Err(example.to_owned());
    }
    let minor = map.get("minor_units").and_then(Value::as_i64).ok_or(example)?;
    if !(-MINOR_MAX..=MINOR_MAX).contains(&minor) {
        return Err("That is more than is believed.".to_owned());
    }
    let currency = map.get("currency").and_then(Value::as_str).ok_or(example)?;
    Ok(json!({ "minor_units": minor, "currency": parse_currency(currency)? }))
}

fn ids(
    field: &Field,
    value: &Value,
    known: impl Fn(&str) -> Result<(), String>,
) -> Result<Value, Vec<Fault>> {
    let given: Vec<&Value> = match value {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    if given.len() > 1 && !field.several {
        return Err(at_top("Say one.".to_owned()));
    }
    if given.len() > MANY_MAX {
        return Err(at_top(format!("At most {MANY_MAX}, please.")));
    }
    let mut ids: Vec<&str> = Vec::new();
    for one in given {
        let id = one.as_str().ok_or_else(|| at_top("Say ids as text.".to_owned()))?;
        known(id).map_err(at_top)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match (field.several, ids.first()) {
        (true, _) => Ok(json!(ids)),
        (false, Some(id)) => Ok(json!(id)),
        (false, None) => Ok(Value::Null),
    }
}

fn line(value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or("Say a line of text.")?.trim();
    if text.contains(['\n', '\0']) || text.chars().count() > LINE_MAX {
        return Err(format!("One line of at most {LINE_MAX} characters, please."));
    }
    Ok(json!(text))
}

fn rows(field: &Field, value: &Value) -> Result<Value, Vec<Fault>> {
    let Some(given) = value.as_array().filter(|all| all.len() <= MANY_MAX) else {
        return Err(at_top(format!("Say a list of rows, {MANY_MAX} at most.")));
    };
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (n, row) in given.iter().enumerate().filter(|(_, row)| !is_nothing(row)) {
        let Some(cells) = row.as_object() else {
            faults.push((format!("[{n}]"), "Say a row as an object by column.".to_owned()));
            continue;
        };
        let unknown = cells.keys().filter(|key| field.columns.iter().all(|one| one.id != **key));
        let names = || field.columns.iter().map(|one| one.id.as_str());
        faults.extend(unknown.map(|key| {
            let near = crate::kinds::did_you_mean(key, names());
            (format!("[{n}].{key}"), format!("There is no column `{key}`.{near}"))
        }));
        let mut kept = Map::new();
        for column in &field.columns {
            match checked(column, cells.get(&column.id).unwrap_or(&Value::Null)) {
                Ok(Value::Null) => {}
                Ok(cell) => {
                    kept.insert(column.id.clone(), cell);
                }
                Err(wrong) => faults.extend(
                    wrong.into_iter().map(|(at, what)| (format!("[{n}].{}{at}", column.id), what)),
                ),
            }
        }
        rows.push(Value::Object(kept));
    }
    if faults.is_empty() { Ok(Value::Array(rows)) } else { Err(faults) }
}

/// Every person and service that a value names.
pub(super) fn named(field: &Field, value: &Value) -> Vec<(FieldSort, String)> {
    match (field.sort, value) {
        (FieldSort::People | FieldSort::Service, Value::String(id)) => {
            vec![(field.sort, id.clone())]
        }
        (FieldSort::People | FieldSort::Service, Value::Array(all)) => {
            all.iter().filter_map(Value::as_str).map(|id| (field.sort, id.to_owned())).collect()
        }
        (FieldSort::Group, Value::Array(rows)) => {
            let cells = rows.iter().flat_map(|row| {
                field.columns.iter().filter_map(|column| Some((column, row.get(&column.id)?)))
            });
            cells.flat_map(|(column, cell)| named(column, cell)).collect()
        }
        _ => Vec::new(),
    }
}

/// The value as people read it; a table as its rows, one a line.
pub(super) fn in_words(field: &Field, value: &Value, names: &Names) -> String {
    let each = |name: &dyn Fn(&str) -> String| match value {
        Value::String(id) => name(id),
        Value::Array(all) => {
            all.iter().filter_map(Value::as_str).map(name).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    match field.sort {
        _ if value.is_null() => String::new(),
        FieldSort::Number => {
            let number = value.as_f64().map(number_in_words).unwrap_or_default();
            match field.unit.as_str() {
                "" => number,
                "percent" => format!("{number} %"),
                unit => format!("{number} {unit}"),
            }
        }
        FieldSort::Money => money_in_words(value),
        FieldSort::Choice => each(&|id| field.choice_name(id).to_owned()),
        FieldSort::People => each(&|id| names.person(id)),
        FieldSort::Service => each(&|id| names.service(id)),
        FieldSort::Duration => value.as_i64().map(duration_in_words).unwrap_or_default(),
        FieldSort::Date | FieldSort::Text => value.as_str().unwrap_or_default().to_owned(),
        FieldSort::Group => {
            let rows = table(field, value, names);
            let row = |cells: Vec<String>| {
                let cells: Vec<String> =
                    cells.into_iter().filter(|cell| !cell.is_empty()).collect();
                cells.join(", ")
            };
            rows.into_iter().map(row).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A table's cells as people read them, row by row.
pub(super) fn table(field: &Field, value: &Value, names: &Names) -> Vec<Vec<String>> {
    let cell = |row: &Value, column: &Field| {
        row.get(&column.id).map(|cell| in_words(column, cell, names)).unwrap_or_default()
    };
    let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|row| field.columns.iter().map(|column| cell(row, column)).collect()).collect()
}

fn money_in_words(value: &Value) -> String {
    let minor = value.get("minor_units").and_then(Value::as_i64);
    let currency = value.get("currency").and_then(Value::as_str);
    let said = minor.zip(currency);
    said.map(|(minor, currency)| format!("{} {currency}", in_major_units(minor, currency)))
        .unwrap_or_default()
}

/// `4,100`, `99.95`.
pub(super) fn number_in_words(number: f64) -> String {
    let plain = number.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), grouped);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    }
}

/// `1 h 30 min`.
pub(super) fn duration_in_words(seconds: i64) -> String {
    let parts = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (mut left, mut words) = (seconds, Vec::new());
    for (size, unit) in parts {
        if left >= size {
            words.push(format!("{} {unit}", left / size));
            left %= size;
        }
    }
    if words.is_empty() { "0 s".to_owned() } else { words.join(" ") }
}

/// Reads `1h 30m`, `90 min`, `2d`, `45s`.
///
/// # Errors
/// A sentence with examples.
pub(super) fn parse_duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not a duration; write it such as 1 h 30 min, 45 s or 2 d.");
    let mut rest = text.trim();
    let mut seconds = 0_i64;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let size = match rest[..letters].to_ascii_lowercase().as_str() {
            "d" | "day" | "days" => 86_400,
            "h" | "hour" | "hours" => 3_600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "second" | "seconds" => 1,
            _ => return Err(wrong()),
        };
        seconds =
            number.checked_mul(size).and_then(|n| seconds.checked_add(n)).ok_or_else(wrong)?;
        rest = rest[letters..].trim_start_matches([' ', ',']);
    }
    if seconds > SECONDS_MAX { Err(wrong()) } else { Ok(seconds) }
}

#[cfg(test)]
mod tests {
    use super::{checked, duration_in_words, in_words, number_in_words, parse_duration, table};
    use crate::fields::Names;
    use crate::kinds::{Field, shipped};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn field(id: &str) -> &'static Field {
        shipped().field(id).unwrap()
    }

    #[test]
    fn every_type_is_read_and_said() {
        let names = Names::default();
        for (id, value, words) in [
            ("data-records", json!(4100), "4,100 records"),
            ("credits", json!({ "minor_units": 120_050, "currency": "eur" }), "1,200.50 EUR"),
            ("data-fate", json!(["lost", "wrong"]), "lost, wrong"),
            ("near-caught", json!("lucky"), "lucky"),
            ("roll-decided", json!(5400), "1 h 30 min"),
            ("claim-until", json!("2026-03-31"), "2026-03-31"),
            ("data-method", json!("  by query "), "by query"),
        ] {
            let kept = checked(field(id), &value).unwrap();
            assert_eq!(in_words(field(id), &kept, &names), words, "{id}");
        }
    }

    #[test]
    fn a_table_keeps_its_rows_and_drops_empty_ones() {
        let rows = json!([{ "after": 60, "share": 2.5 }, {}, { "share": null, "why": " " }]);
        let kept = checked(field("exposure"), &rows).unwrap();
        assert_eq!(kept, json!([{ "after": 60, "share": 2.5 }]));
        let said = table(field("exposure"), &kept, &Names::default());
        assert_eq!(said, [["1 min", "2.5 %", ""]]);
    }

    #[test]
    fn what_does_not_fit_is_said_with_its_place() {
        let wrong = |id: &str, value: Value| checked(field(id), &value).unwrap_err();
        assert_eq!(
            wrong("near-caught", json!("luck"))[0].1,
            "`luck` is not one of: designed, both, lucky."
        );
        assert_eq!(wrong("near-caught", json!(["lucky", "both"]))[0].1, "Say one.");
        let rows = json!([{ "share": 20 }, { "share": 120, "afer": 3 }]);
        let said = wrong("exposure", rows);
        assert_eq!(said[0].0, "[1].afer");
        assert!(said[0].1.ends_with("Did you mean `after`?"), "{}", said[0].1);
        assert_eq!(said[1], ("[1].share".to_owned(), "Say a number from 0 to 100.".to_owned()));
        for (id, value) in [
            ("data-records", json!("many")),
            ("credits", json!(12)),
            ("claim-until", json!("soon")),
            ("roll-decided", json!(-1)),
            ("data-method", json!("two\nlines")),
            ("reg-deciders", json!(["ada"])),
        ] {
            assert!(checked(field(id), &value).is_err(), "{id}");
        }
    }

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(parse_duration("1h 30m"), Ok(5400));
        assert_eq!(parse_duration("90 min"), Ok(5400));
        assert_eq!(parse_duration("2 d, 4 h"), Ok(187_200));
        for bad in ["", "h", "90", "1 fortnight", "-1h", "99999999999999999999 d", "999999999 d"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        assert_eq!(duration_in_words(0), "0 s");
        assert_eq!(number_in_words(-1234.5), "-1,234.5");
    }

    proptest! {
        #[test]
        fn a_duration_comes_back(seconds in 0_i64..300_000_000) {
            prop_assert_eq!(parse_duration(&duration_in_words(seconds)), Ok(seconds));
        }

        #[test]
        fn nothing_that_is_typed_panics(text in "\\PC{0,40}") {
            let _ = parse_duration(&text);
            for field in &shipped().fields {
                let _ = checked(field, &json!(text));
            }
        }
    }
}
