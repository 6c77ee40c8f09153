//! One text for one JSON value, whoever kept it: keys sorted, no spaces, numbers by their value. Numbers
//! go through no library that rounds them, so that a value read, written and read again is the same.

use std::fmt::Write;

/// As deep as either database nests values that we write.
const DEEPEST: usize = 200;

/// The text, or none when it is not JSON or is nested too deep.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let mut reader = Reader { text, at: 0 };
    let mut out = String::with_capacity(text.len());
    reader.value(&mut out, 0)?;
    reader.space();
    (reader.at == text.len()).then_some(out)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, c: char) -> Option<()> {
        self.space();
        self.rest().starts_with(c).then(|| self.at += 1)
    }

    fn value(&mut self, out: &mut String, depth: usize) -> Option<()> {
        self.space();
        if depth > DEEPEST {
            return None;
        }
        match self.rest().chars().next()? {
            '{' => self.object(out, depth),
            '[' => self.array(out, depth),
            '"' => {
                let text = self.string()?;
                out.push_str(&quoted(&text));
                Some(())
            }
            '-' | '0'..='9' => self.number(out),
            _ => {
                let word = ["true", "false", "null"].into_iter();
                let word = word.into_iter().find(|word| self.rest().starts_with(word))?;
                self.at += word.len();
                out.push_str(word);
                Some(())
            }
        }
    }

    fn array(&mut self, out: &mut String, depth: usize) -> Option<()> {
        self.take('[')?;
        out.push('[');
        if self.take(']').is_none() {
            loop {
                self.value(out, depth + 1)?;
                if self.take(',').is_none() {
                    break;
                }
                out.push(',');
            }
            self.take(']')?;
        }
        out.push(']');
        Some(())
    }

    fn object(&mut self, out: &mut String, depth: usize) -> Option<()> {
        self.take('{')?;
        let mut fields: Vec<(String, String)> = Vec::new();
        if self.take('}').is_none() {
            loop {
                self.space();
                let key = self.string()?;
                self.take(':')?;
                let mut value = String::new();
                self.value(&mut value, depth + 1)?;
                // The last of equal keys counts, as PostgreSQL has it.
                fields.retain(|(other, _)| *other != key);
                fields.push((key, value));
                if self.take(',').is_none() {
                    break;
                }
            }
            self.take('}')?;
        }
        fields.sort();
        out.push('{');
        for (at, (key, value)) in fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(out, "{comma}{}:{value}", quoted(key));
        }
        out.push('}');
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let (end, _) = end.filter(|_| rest.starts_with('"'))?;
        self.at += end + 1;
        serde_json::from_str(&rest[..=end]).ok()
    }

    fn number(&mut self, out: &mut String) -> Option<()> {
        let rest = self.rest();
        let end = rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(rest.len());
        self.at += end;
        let text = &rest[..end];
        if let Ok(whole) = text.parse::<i128>() {
            let _ = write!(out, "{whole}");
            return Some(());
        }
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
        // Nought has no sign.
        let number = if number == 0.0 { 0.0 } else { number };
        // Whole ones as whole ones: 1.0, 1e2 and 100 are what each database makes of the same.
        let _ = if number.fract() == 0.0 && number.abs() < 1e30 {
            write!(out, "{number:.0}")
        } else {
            write!(out, "{number:?}")
        };
        Some(())
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use proptest::prelude::*;

    #[test]
    fn what_databases_write_differently_is_one_text() {
        let same = |a, b| assert_eq!(canonical(a).unwrap(), canonical(b).unwrap(), "{a} {b}");
        same(r#"{"b": 1.0, "a": [2, {}]}"#, r#"{"a":[2.0,{}],"b":1}"#);
        same(r#""\u00e9\/""#, r#""é/""#);
        same("1e2", "100");
        same("1.5e-7", "0.00000015");
        same(r#"{"a":1,"a":2}"#, r#"{"a":2}"#);
        same("1e20", "100000000000000000000");
        assert_ne!(canonical("[1]"), canonical("[1,1]"));
        for bad in ["", "{", "[1,]", "[1 2]", "nul", "\"a", "1 1", "{\"a\" 1}", "1e999"] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_the_same_after_it_was_written(number: f64) {
            prop_assume!(number.is_finite());
            let text = canonical(&format!("[{number:?}]")).unwrap();
            let again = canonical(&text).unwrap();
            prop_assert_eq!(&again, &text);
            let inner = &text[1..text.len() - 1];
            prop_assert_eq!(inner.parse::<f64>().unwrap(), number);
        }

        #[test]
        fn nothing_panics(text in r#"[\[\]{}",:0-9a-e\\ .+-]{0,40}"#) {
            let _ = canonical(&text);
        }
    }
}
