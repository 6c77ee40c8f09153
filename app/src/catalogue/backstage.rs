//! Backstage's `catalog-info.yaml`: several YAML documents in a file, each an entity. Groups are teams,
//! Users are people, Components and Systems are services; a System needs its Components. Other kinds are
//! set aside.

use super::came::Line;
use super::wanted::{At, Pointer, Wanted, WantedPerson, WantedService, WantedTeam};
use serde_json::Value;

/// The most documents of a file.
const MOST: usize = 20_000;

/// The documents of a text with the line on which each begins. A line `---` is nothing else in YAML.
fn documents(text: &str) -> Vec<(u64, String)> {
    let mut all: Vec<(u64, String)> = vec![(1, String::new())];
    for (n, line) in (1_u64..).zip(text.lines()) {
        let rest = line.strip_prefix("---");
        let is_mark =
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']));
        let is_end = line.trim_end() == "...";
        if is_mark || is_end {
            all.push((n + 1, String::new()));
        } else if let Some((_, document)) = all.last_mut() {
            // What stands before the mark of a document are instructions to the parser.
            if !(document.is_empty() && line.starts_with('%')) {
                document.push_str(line);
            }
            document.push('\n');
        }
    }
    let has_words = |document: &str| {
        document.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
    };
    all.retain(|(_, document)| has_words(document));
    all
}

/// The line on which something of a document stands first, or on which the document begins.
fn line_of(begins: u64, document: &str, key: &str) -> u64 {
    let at = document.lines().position(|line| line.starts_with(key));
    begins + at.and_then(|at| u64::try_from(at).ok()).unwrap_or(0)
}

/// Reads a file. What is not understood is set aside.
pub fn read(file: &str, text: &str, wanted: &mut Wanted) {
    for (n, (begins, document)) in documents(text).into_iter().enumerate() {
        let at = |line| At { file: file.to_owned(), line };
        if n == MOST {
            let why = format!("A file has at most {MOST} documents; send it in parts.");
            wanted.aside.push(Line::aside("document", "", &at(begins), why));
            return;
        }
        let read = serde_saphyr::from_str_with_options::<Value>(
            &document,
            serde_saphyr::options! { with_snippet: false },
        );
        match read {
            Ok(value) => {
                let place = at(line_of(begins, &document, "kind:"));
                entity(place, &value, wanted);
            }
            Err(error) => {
                let line = error.location().map_or(0, |location| location.line().saturating_sub(1));
                let why = format!("It is no YAML that can be read: {error}");
                wanted.aside.push(Line::aside("document", "", &at(begins + line), why));
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The full reference of a short one: `payments` is `group:default/payments` for an owner.
fn full(reference: &str, kind: &str, namespace: &str) -> String {
    let reference = reference.trim().to_lowercase();
    let (kind, rest) = match reference.split_once(':') {
        Some((kind, rest)) => (kind.to_owned(), rest.to_owned()),
        None => (kind.to_owned(), reference),
    };
    if rest.contains('/') { format!("{kind}:{rest}") } else { format!("{kind}:{namespace}/{rest}") }
}

/// What every entity has.
struct Entity<'a> {
    value: &'a Value,
    kind: String,
    namespace: String,
    name: String,
}

impl Entity<'_> {
    fn reference(&self) -> Option<String> {
        Some(format!("{}:{}/{}", self.kind, self.namespace, self.name.to_lowercase()))
    }

    fn spec(&self, field: &str) -> Option<String> {
        text(&self.value["spec"][field])
    }

    fn called(&self) -> String {
        let display = text(&self.value["spec"]["profile"]["displayName"]);
        let title = || text(&self.value["metadata"]["title"]);
        display.or_else(title).unwrap_or_else(|| self.name.clone())
    }

    fn description(&self) -> Option<String> {
        text(&self.value["metadata"]["description"]).map(|text| kit::line::of(&text))
    }

    fn annotation(&self, name: &str) -> Option<String> {
        text(&self.value["metadata"]["annotations"][name])
    }

    fn pointer(&self, field: &str, kind: &str) -> Option<Pointer> {
        self.spec(field).map(|one| Pointer::Ref(full(&one, kind, &self.namespace)))
    }

    fn pointers(&self, field: &str, kind: &str) -> Vec<Pointer> {
        let all = self.value["spec"][field].as_array().into_iter().flatten();
        all.filter_map(text).map(|one| Pointer::Ref(full(&one, kind, &self.namespace))).collect()
    }

    /// `1`, or `tier-1`, of a label or an annotation that says a tier.
    fn tier(&self) -> Option<String> {
        let metadata = &self.value["metadata"];
        let found = ["labels", "annotations"].into_iter().find_map(|place| {
            let all = metadata[place].as_object()?.iter();
            let mut own = all.filter(|(key, _)| key.rsplit('/').next() == Some("tier"));
            own.find_map(|(_, value)| text(value))
        });
        let found = found.or_else(|| self.spec("tier"))?;
        Some(
            found
                .to_lowercase()
                .trim_start_matches("tier")
                .trim_start_matches(['-', '_', ' '])
                .to_owned(),
        )
    }

    fn person(&self) -> WantedPerson {
        WantedPerson {
            reference: self.reference(),
            handle: self.name.clone(),
            name: Some(self.called()),
            email: text(&self.value["spec"]["profile"]["email"]),
            code: self.annotation("github.com/user-login"),
            teams: self.pointers("memberOf", "group"),
            ..WantedPerson::default()
        }
    }

    fn team(&self) -> WantedTeam {
        WantedTeam {
            reference: self.reference(),
            slug: Some(self.name.clone()),
            name: self.called(),
            description: self.description(),
            manager: None,
            members: self.pointers("members", "user"),
        }
    }

    fn service(&self) -> WantedService {
        let mut needed_by = self.pointers("dependencyOf", "component");
        needed_by.extend(self.pointer("system", "system"));
        WantedService {
            reference: self.reference(),
            slug: Some(self.name.clone()),
            name: self.called(),
            description: self.description(),
            tier: self.tier(),
            team: self.pointer("owner", "group"),
            needs: self.pointers("dependsOn", "component"),
            needed_by,
        }
    }
}

fn entity(at: At, value: &Value, wanted: &mut Wanted) {
    let kind = text(&value["kind"]).unwrap_or_default();
    let Some(name) = text(&value["metadata"]["name"]) else {
        let why = "It has no `kind` and `metadata.name`, so it is no entity of a catalogue.";
        wanted.aside.push(Line::aside("document", &kind, &at, why));
        return;
    };
    let namespace = text(&value["metadata"]["namespace"]).unwrap_or_else(|| "default".to_owned());
    let namespace = namespace.to_lowercase();
    let entity = Entity { value, kind: kind.to_lowercase(), namespace, name };
    match entity.kind.as_str() {
        "user" => wanted.people.push((at, entity.person())),
        "group" => wanted.teams.push((at, entity.team())),
        "component" | "system" => wanted.services.push((at, entity.service())),
        other => {
            let why = "Of Backstage’s kinds, Group, User, Component and System are read.";
            wanted.aside.push(Line::aside(other, &entity.name, &at, why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{documents, full};

    #[test]
    fn documents_are_told_apart_by_lines() {
        let text = "%YAML 1.2\n---\na: 1\n--- # two\nb: |\n  --- not one\n...\n# only words\n---\n";
        let all: Vec<u64> = documents(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(all, [3, 5]);
    }

    #[test]
    fn a_short_reference_is_made_whole() {
        assert_eq!(full("payments", "group", "default"), "group:default/payments");
        assert_eq!(full("user:Ada", "group", "default"), "user:default/ada");
        assert_eq!(full("other/payments", "group", "default"), "group:other/payments");
    }
}
