//! Fields as a form has them, there and back. A field `credits` is `f.credits.amount` and
//! `f.credits.currency`; a cell of a table is `f.slo.0.target`; `v.slo` is the version that was read.

use super::fill::Change;
use super::value::{LINE_MAX, MANY_MAX, duration_in_words, parse_duration};
use crate::incidents::impact::{in_major_units, parse_currency, parse_money};
use crate::kinds::{Field, FieldSort};
use kit::web::Said;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a form says of the fields that it shows; notes what cannot be read.
pub(super) fn read(fields: &[&'static Field], said: &Said) -> BTreeMap<String, Change> {
    let shown = fields.iter().filter_map(|field| {
        let version = said.some(&format!("v.{}", field.id))?;
        let version = version.parse::<i64>().map_err(|_| {
            said.wrong(&format!("v.{}", field.id), "Open the page again; this form is too old.");
        });
        let name = format!("f.{}", field.id);
        Some((
            field.id.clone(),
            Change { version: Some(version.ok()?), value: of(field, said, &name) },
        ))
    });
    shown.collect()
}

fn of(field: &Field, said: &Said, name: &str) -> Value {
    let text = said.text(name);
    match field.sort {
        FieldSort::Group => {
            let count = said.text(&format!("n.{}", field.id)).parse::<usize>().unwrap_or(0);
            let rows = (0..count.min(MANY_MAX)).map(|n| {
                let cells = field.columns.iter().map(|column| {
                    (column.id.clone(), of(column, said, &format!("{name}.{n}.{}", column.id)))
                });
                Value::Object(cells.collect::<Map<_, _>>())
            });
            Value::Array(rows.collect())
        }
        FieldSort::Money => money(said, name),
        FieldSort::Choice | FieldSort::People | FieldSort::Service if field.several => {
            json!(said.all(name))
        }
        _ if text.is_empty() => Value::Null,
        FieldSort::Number => number(said, name, text),
        FieldSort::Duration => said.may(name, parse_duration).map_or(Value::Null, |n| json!(n)),
        FieldSort::Text if text.chars().count() > LINE_MAX => {
            said.wrong(name, format!("At most {LINE_MAX} characters, please."));
            Value::Null
        }
        FieldSort::Choice
        | FieldSort::People
        | FieldSort::Service
        | FieldSort::Date
        | FieldSort::Text => json!(text),
    }
}

fn number(said: &Said, name: &str, text: &str) -> Value {
    let plain: String =
        text.chars().filter(|c| !matches!(c, ',' | ' ' | '_' | '’' | '%')).collect();
    let whole = plain.parse::<i64>().ok().map(|n| json!(n));
    let number = whole.or_else(|| {
        let number = plain.parse::<f64>().ok().filter(|number| number.is_finite())?;
        Some(json!(number))
    });
    number.unwrap_or_else(|| {
        said.wrong(name, format!("`{text}` is not a number such as 99.95."));
        Value::Null
    })
}

fn money(said: &Said, name: &str) -> Value {
    let (amount, currency) = (format!("{name}.amount"), format!("{name}.currency"));
    if said.some(&amount).is_none() {
        return Value::Null;
    }
    let Some(letters) = said.need(&currency, parse_currency) else { return Value::Null };
    let minor = said.need(&amount, |text| match text.strip_prefix('-') {
        Some(owed) => parse_money(owed, &letters).map(|minor| -minor),
        None => parse_money(text, &letters),
    });
    minor.map_or(Value::Null, |minor| json!({ "minor_units": minor, "currency": letters }))
}

/// What an input of the form shows: how it looks and what stands in it.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its name and id.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What helps to fill it in.
    pub help: String,
    /// How it looks: `text`, `date`, `select`, `checks`, `money`.
    pub looks: &'static str,
    /// What stands in it.
    pub text: String,
    /// The currency of a sum.
    pub currency: String,
    /// What can be chosen: id, name, whether it is.
    pub choices: Vec<(String, String, bool)>,
}

/// What can be chosen as somebody or as a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices<'a> {
    pub people: &'a [(&'a str, &'a str)],
    pub services: &'a [(&'a str, &'a str)],
}

/// A field, or a cell of a table, as an input.
pub(super) fn input(field: &Field, name: String, value: &Value, choices: Choices<'_>) -> Input {
    let chosen: Vec<&str> = match value {
        Value::String(id) => vec![id],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let offered = |all: &[(&str, &str)]| {
        all.iter()
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned(), chosen.contains(id)))
            .collect()
    };
    let own: Vec<(&str, &str)> =
        field.choices.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
    let (looks, options) = match field.sort {
        FieldSort::Choice => ("select", offered(&own)),
        FieldSort::People => ("select", offered(choices.people)),
        FieldSort::Service => ("select", offered(choices.services)),
        FieldSort::Date => ("date", Vec::new()),
        FieldSort::Money => ("money", Vec::new()),
        _ => ("text", Vec::new()),
    };
    Input {
        looks: if looks == "select" && field.several { "checks" } else { looks },
        label: match field.unit.as_str() {
            "" => field.name.clone(),
            // “Records hit” says what is counted already.
            unit if field.name.to_lowercase().contains(unit) => field.name.clone(),
            unit => format!("{} ({unit})", field.name),
        },
        help: match (field.help.as_str(), field.sort) {
            ("", FieldSort::Duration) => "such as 1 h 30 min".to_owned(),
            (help, _) => help.to_owned(),
        },
        text: typed(field, value),
        currency: value.get("currency").and_then(Value::as_str).unwrap_or("EUR").to_owned(),
        choices: options,
        name,
    }
}

/// The value as one would type it.
fn typed(field: &Field, value: &Value) -> String {
    match (field.sort, value) {
        (FieldSort::Duration, value) => value.as_i64().map(duration_in_words).unwrap_or_default(),
        (FieldSort::Money, value) => {
            let minor = value.get("minor_units").and_then(Value::as_i64);
            let currency = value.get("currency").and_then(Value::as_str).unwrap_or("EUR");
            minor.map(|minor| in_major_units(minor, currency)).unwrap_or_default()
        }
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::String(text)) => text.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, input, read};
    use crate::kinds::shipped;
    use kit::web::Said;
    use serde_json::json;

    fn said(pairs: &[(&str, &str)]) -> Said {
        Said::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    #[test]
    fn a_form_is_read_field_by_field_and_only_what_it_shows() {
        let fields: Vec<_> = shipped().fields.iter().collect();
        let form = said(&[
            ("v.credits", "0"),
            ("f.credits.amount", "1,200.50"),
            ("f.credits.currency", "eur"),
            ("v.exposure", "2"),
            ("n.exposure", "2"),
            ("f.exposure.0.after", "5 min"),
            ("f.exposure.0.share", "2.5 %"),
            ("f.exposure.1.why", ""),
            ("v.data-fate", "0"),
            ("f.data-fate", "lost"),
            ("f.data-fate", "wrong"),
            ("f.near-caught", "lucky"),
        ]);
        let read = read(&fields, &form);
        assert!(form.checked().is_ok());
        assert_eq!(read.len(), 3, "near-caught is not shown: it has no version");
        assert_eq!(read["credits"].value, json!({ "minor_units": 120_050, "currency": "EUR" }));
        assert_eq!(read["exposure"].version, Some(2));
        assert_eq!(read["exposure"].value[0], json!({ "after": 300, "share": 2.5, "why": null }));
        assert_eq!(read["data-fate"].value, json!(["lost", "wrong"]));
    }

    #[test]
    fn what_cannot_be_read_is_said_at_its_input() {
        let fields: Vec<_> = shipped().fields.iter().collect();
        let form = said(&[
            ("v.data-records", "0"),
            ("f.data-records", "many"),
            ("v.roll-decided", "0"),
            ("f.roll-decided", "a while"),
        ]);
        let _ = read(&fields, &form);
        let wrong = format!("{:?}", form.checked().unwrap_err());
        assert!(wrong.contains("f.data-records") && wrong.contains("f.roll-decided"), "{wrong}");
    }

    #[test]
    fn a_sum_that_is_shown_is_read_back_as_it_stands() {
        let field = shipped().field("credits").unwrap();
        let value = json!({ "minor_units": -500, "currency": "JPY" });
        let nobody = Choices { people: &[], services: &[] };
        let shown = input(field, "f.credits".to_owned(), &value, nobody);
        assert_eq!((shown.text.as_str(), shown.currency.as_str()), ("-500", "JPY"));
        let form = said(&[
            ("v.credits", "1"),
            ("f.credits.amount", &shown.text),
            ("f.credits.currency", &shown.currency),
        ]);
        assert_eq!(read(&[field], &form)["credits"].value, value);
    }
}
