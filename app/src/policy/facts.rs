//! The facts of one incident: what is known, each with its value.

use super::fact;
use cel::{Context, Env, Value as CelValue};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

/// As many services of one incident are looked at.
pub const SERVICES_MAX: usize = 200;

/// A service that was hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// 1, the most critical, to 4.
    pub tier: i64,
    /// The name of who owns it; empty when nobody does.
    pub team: String,
}

/// The value of a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Number(f64),
    /// A word or text.
    Text(String),
    /// Words or texts.
    Texts(Vec<String>),
    /// Services.
    Services(Vec<Service>),
}

impl From<&Value> for CelValue {
    fn from(value: &Value) -> CelValue {
        match value {
            Value::Bool(is) => CelValue::Bool(*is),
            Value::Int(n) => CelValue::Int(*n),
            Value::Number(n) => CelValue::Float(*n),
            Value::Text(text) => CelValue::from(text.as_str()),
            Value::Texts(all) => {
                let all: Vec<CelValue> = all.iter().map(|one| one.as_str().into()).collect();
                CelValue::from(all)
            }
            Value::Services(all) => {
                let all: Vec<CelValue> = all.iter().map(of_service).collect();
                CelValue::from(all)
            }
        }
    }
}

fn of_service(one: &Service) -> CelValue {
    let parts: HashMap<String, CelValue> = [
        ("slug".to_owned(), one.slug.as_str().into()),
        ("name".to_owned(), one.name.as_str().into()),
        ("tier".to_owned(), CelValue::Int(one.tier)),
        ("team".to_owned(), one.team.as_str().into()),
    ]
    .into();
    CelValue::from(parts)
}

impl Value {
    /// In words, short.
    #[must_use]
    pub fn words(&self) -> String {
        let several = |all: Vec<&str>| match all.len() {
            0 => "none".to_owned(),
            n if n > 6 => format!("{} and {} more", all[..6].join(", "), n - 6),
            _ => all.join(", "),
        };
        match self {
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::Int(n) => n.to_string(),
            Value::Number(n) => n.to_string(),
            Value::Text(text) => text.replace('_', " "),
            Value::Texts(all) => {
                several(all.iter().map(String::as_str).collect()).replace('_', " ")
            }
            Value::Services(all) => several(all.iter().map(|one| one.name.as_str()).collect()),
        }
    }
}

/// What is known of an incident, by the names of the facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<String, Value>);

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Facts {
    /// Says a fact.
    pub fn say(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Says a fact, if it is known.
    pub fn may_say(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.say(name, value);
        }
    }

    /// Whether a fact is known.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// `severity: 3`, or that it is not known.
    #[must_use]
    pub fn in_words(&self, name: &str) -> String {
        let label = fact::find(name).map_or(name, |fact| fact.label);
        match self.0.get(name) {
            Some(value) => format!("{label}: {}", value.words()),
            None => format!("{label}: not known"),
        }
    }

    /// What the interpreter is given.
    #[must_use]
    pub fn context(&self) -> Context<'static, 'static> {
        let mut context = Context::with_env(ENV.clone());
        for (name, value) in &self.0 {
            context.add_variable_from_value(name.clone(), CelValue::from(value));
        }
        context
    }
}
