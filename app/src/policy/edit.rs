//! What can be changed in a policy at once: one entry put, moved or taken out; the effort. Each gives a new
//! document, which is checked and saved as a whole.

use super::document::{Addition, Anchor, Depth, Document, Due, Rule, Then};
use kit::web::Said;
use std::collections::BTreeMap;

/// One rule, or one addition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A rule.
    Rule(Rule),
    /// An addition.
    Addition(Addition),
}

/// What somebody changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// An entry, in the place of one of an id, or a new one.
    Put(Option<String>, Entry),
    /// The entry of an id goes one up, or one down.
    Move(String, bool),
    /// The entry of an id goes.
    Remove(String),
    /// When the card is put before the commander, and what reviews take.
    Effort(Anchor, BTreeMap<String, i64>),
}

/// The entry of an id.
#[must_use]
pub fn entry(document: &Document, id: &str) -> Option<Entry> {
    let rule = document.rules.iter().find(|one| one.id == id).cloned().map(Entry::Rule);
    let addition = document.additions.iter().find(|one| one.id == id);
    rule.or_else(|| addition.cloned().map(Entry::Addition))
}

/// The document with a change; none when there is no such entry.
#[must_use]
pub fn changed(document: &Document, edit: Edit) -> Option<Document> {
    let mut new = document.clone();
    let rule_at = |id: &str| document.rules.iter().position(|one| one.id == id);
    let addition_at = |id: &str| document.additions.iter().position(|one| one.id == id);
    match edit {
        Edit::Put(None, Entry::Rule(rule)) => {
            // A last rule that always fires would hide one that comes after it.
            let always = new.rules.last().is_some_and(|last| last.when.trim() == "true");
            new.rules.insert(new.rules.len() - usize::from(always), rule);
        }
        Edit::Put(None, Entry::Addition(one)) => new.additions.push(one),
        Edit::Put(Some(id), Entry::Rule(rule)) => new.rules[rule_at(&id)?] = rule,
        Edit::Put(Some(id), Entry::Addition(one)) => new.additions[addition_at(&id)?] = one,
        Edit::Move(id, up) => match (rule_at(&id), addition_at(&id)) {
            (Some(at), _) => swap(&mut new.rules, at, up),
            (_, Some(at)) => swap(&mut new.additions, at, up),
            _ => return None,
        },
        Edit::Remove(id) => match (rule_at(&id), addition_at(&id)) {
            (Some(at), _) => drop(new.rules.remove(at)),
            (_, Some(at)) => drop(new.additions.remove(at)),
            _ => return None,
        },
        Edit::Effort(decides, minutes) => {
            new.decides = decides;
            new.effort_minutes = minutes;
        }
    }
    Some(new)
}

/// One up or one down; the first stays first and the last last.
fn swap<T>(all: &mut [T], at: usize, up: bool) {
    let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|n| *n < all.len()) };
    if let Some(other) = other {
        all.swap(at, other);
    }
}

/// Reads an entry from a form; what is wrong with it, the check of the whole says.
#[must_use]
pub fn read(said: &Said) -> Entry {
    let text = |name: &str| said.text(name).to_owned();
    let lines = |name: &str| -> Vec<String> {
        said.text(name)
            .lines()
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let dues: Vec<Due> = lines("dues").iter().map(|line| due(line)).collect();
    let (id, name, when, why) = (text("id"), text("name"), text("when"), text("why"));
    let (roles, audiences) = (lines("roles"), lines("audiences"));
    if said.text("as") == "addition" {
        return Entry::Addition(Addition { id, name, when, why, adds: dues, roles, audiences });
    }
    let depth = Depth::parse(said.text("depth")).unwrap_or(Depth::Usual);
    let then = Then { kind: text("kind"), depth, dues, roles, audiences };
    Entry::Rule(Rule { id, name, when, why, then })
}

/// `10bd Audit the alerts`, as a line of the form.
fn due(line: &str) -> Due {
    let (within, what) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let letters = what.to_lowercase();
    let words: Vec<&str> =
        letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|one| !one.is_empty()).collect();
    let mut id = words.iter().take(4).copied().collect::<Vec<_>>().join("-");
    id.truncate(40);
    let id = if id.is_empty() { "due".to_owned() } else { id };
    Due { id, what: what.trim().to_owned(), within: within.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Entry, changed, entry};
    use crate::policy::SHIPPED;
    use crate::policy::file::parse;

    #[test]
    fn an_entry_moves_goes_and_is_put() {
        let document = parse(SHIPPED).unwrap().document;
        let ids = |of: &super::Document| -> Vec<String> {
            of.rules.iter().map(|one| one.id.clone()).collect()
        };
        let moved = changed(&document, Edit::Move("data".into(), true)).unwrap();
        assert_eq!(ids(&moved)[..2], ["data", "security"]);
        assert_eq!(
            changed(&moved, Edit::Move("data".into(), true)).unwrap(),
            moved,
            "the first stays"
        );
        let gone = changed(&document, Edit::Remove("vendor".into())).unwrap();
        assert!(!ids(&gone).contains(&"vendor".to_owned()) && gone.rules.len() == 9);
        let Some(Entry::Rule(mut rule)) = entry(&document, "vendor") else { panic!("it is there") };
        rule.id = "own".into();
        let put = changed(&document, Edit::Put(None, Entry::Rule(rule.clone()))).unwrap();
        assert_eq!(ids(&put)[9..], ["own", "none"], "before what always fires");
        let same = changed(&document, Edit::Put(Some("vendor".into()), Entry::Rule(rule))).unwrap();
        assert_eq!(ids(&same)[3], "own");
        assert!(changed(&document, Edit::Remove("no-such".into())).is_none());
    }
}
