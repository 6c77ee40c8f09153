//! JSON as it was sent, before it is read into its type: a field said twice is a mistake, and `4.0` is
//! the whole number 4, as JSON Schema has it.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Up to here every whole number is one of double precision.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What was heard.
#[derive(Debug)]
pub(super) struct Heard(pub Value);

impl<'de> Deserialize<'de> for Heard {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Heard, D::Error> {
        from.deserialize_any(Hearing).map(Heard)
    }
}

struct Hearing;

impl<'de> Visitor<'de> for Hearing {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within what i64 has")]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let is_whole = value.fract() == 0.0 && value.abs() <= WHOLE;
        Ok(if is_whole { Value::from(value as i64) } else { Value::from(value) })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Heard(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Heard(value) = fields.next_value()?;
            if all.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format!("`{name}` is said twice")));
            }
        }
        Ok(Value::Object(all))
    }
}
