//! What an organisation sets beside kinds and policy: its severities, ground rules and words.

use super::place::{self, Fault, Places};
use super::{Part, store};
use crate::shell::frame;
use kit::db::{Conn, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the four severities are called, as it came with the product.
pub const SEVERITIES: &str = include_str!("severities.toml");
/// What is said before a meeting, as it came with the product.
pub const GROUND_RULES: &str = include_str!("ground-rules.toml");
/// What things are called, as it came with the product.
pub const WORDS: &str = include_str!("words.toml");

/// The most characters of a name and of a sentence.
const NAME_MAX: usize = 40;
const SENTENCE_MAX: usize = 300;

/// A severity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SeverityMeaning)]
pub struct Severity {
    /// 1, the worst, to 4.
    pub level: i64,
    /// What people call it.
    pub name: String,
    /// What it means, in a sentence.
    pub says: String,
}

/// The four severities.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severities {
    /// The worst first.
    pub severities: Vec<Severity>,
}

/// What is said before a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundRules {
    /// In order.
    pub rules: Vec<String>,
}

/// What things are called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// One of them: `retrospective`, `postmortem`.
    pub retrospective: String,
    /// Several.
    pub retrospectives: String,
    /// In the menu.
    pub menu: String,
}

/// What an organisation sets for itself.
#[derive(Debug, Clone)]
pub struct House {
    /// The four severities, the worst first.
    pub severities: Vec<Severity>,
    /// What is said before a meeting.
    pub rules: Vec<String>,
    /// What things are called.
    pub words: Words,
}

impl House {
    /// What is in force.
    ///
    /// # Errors
    /// What the database says.
    pub async fn current(conn: &mut Conn) -> Result<House> {
        let severities = text(conn, Part::Severities).await?;
        let rules = text(conn, Part::GroundRules).await?;
        let words = text(conn, Part::Words).await?;
        let house = House {
            severities: read_severities("", &severities)
                .or_else(|_| read_severities("", SEVERITIES))
                .map(|one| one.severities)
                .unwrap_or_default(),
            rules: read_rules("", &rules).map(|one| one.rules).unwrap_or_default(),
            words: read_words("", &words).unwrap_or_else(|_| Words {
                retrospective: "retrospective".to_owned(),
                retrospectives: "retrospectives".to_owned(),
                menu: "Retros".to_owned(),
            }),
        };
        house.call();
        Ok(house)
    }

    /// Every page says its words from here on.
    fn call(&self) {
        let Words { retrospective, retrospectives, menu } = self.words.clone();
        let mut letters = retrospectives.chars();
        let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
        let retrospectives = format!("{}{}", first.unwrap_or_default(), letters.as_str());
        frame::call(frame::Called { retrospective, retrospectives, menu });
    }

    /// What a severity is called.
    #[must_use]
    pub fn severity(&self, level: i64) -> &str {
        self.severities.iter().find(|one| one.level == level).map_or("", |one| one.name.as_str())
    }
}

/// The text of a part that came with the product; none for one that is kept elsewhere.
#[must_use]
pub fn shipped(part: Part) -> Option<&'static str> {
    match part {
        Part::Severities => Some(SEVERITIES),
        Part::GroundRules => Some(GROUND_RULES),
        Part::Words => Some(WORDS),
        Part::Kinds => None,
    }
}

async fn text(conn: &mut Conn, part: Part) -> Result<String> {
    let kept = store::newest(conn, part).await?.filter(|kept| !kept.is_shipped);
    Ok(kept.map_or_else(|| shipped(part).unwrap_or_default().to_owned(), |kept| kept.text))
}

/// Reads and checks severities.
///
/// # Errors
/// Every fault with its place.
pub fn read_severities(file: &str, text: &str) -> std::result::Result<Severities, Vec<Fault>> {
    let read: Severities = place::read(file, text).map_err(|fault| vec![fault])?;
    let mut wrong: Vec<(String, String)> = Vec::new();
    for (n, one) in read.severities.iter().enumerate() {
        let at = |field: &str| format!("severities[{n}].{field}");
        let again = read.severities[..n].iter().any(|other| other.level == one.level);
        if !(1..=4).contains(&one.level) {
            wrong.push((at("level"), "A level is a number from 1, the worst, to 4.".to_owned()));
        } else if again {
            wrong.push((at("level"), format!("Level {} is there twice.", one.level)));
        }
        line(&mut wrong, at("name"), &one.name, NAME_MAX);
        line(&mut wrong, at("says"), &one.says, SENTENCE_MAX);
    }
    let missing: Vec<String> = (1..=4)
        .filter(|level| read.severities.iter().all(|one| one.level != *level))
        .map(|level| level.to_string())
        .collect();
    if !missing.is_empty() {
        let message = format!("Level {} is not there; all four are.", missing.join(" and "));
        wrong.push(("severities".to_owned(), message));
    }
    placed(file, text, wrong)?;
    let mut severities = read.severities;
    severities.sort_by_key(|one| one.level);
    Ok(Severities { severities })
}

/// Reads and checks ground rules.
///
/// # Errors
/// Every fault with its place.
pub fn read_rules(file: &str, text: &str) -> std::result::Result<GroundRules, Vec<Fault>> {
    let read: GroundRules = place::read(file, text).map_err(|fault| vec![fault])?;
    let mut wrong = Vec::new();
    if read.rules.len() > 30 {
        wrong.push(("rules".to_owned(), "At most 30; people hear them read out.".to_owned()));
    }
    for (n, one) in read.rules.iter().enumerate() {
        line(&mut wrong, format!("rules[{n}]"), one, SENTENCE_MAX);
    }
    placed(file, text, wrong)?;
    Ok(read)
}

/// Reads and checks words.
///
/// # Errors
/// Every fault with its place.
pub fn read_words(file: &str, text: &str) -> std::result::Result<Words, Vec<Fault>> {
    let read: Words = place::read(file, text).map_err(|fault| vec![fault])?;
    let mut wrong = Vec::new();
    line(&mut wrong, "retrospective".to_owned(), &read.retrospective, NAME_MAX);
    line(&mut wrong, "retrospectives".to_owned(), &read.retrospectives, NAME_MAX);
    line(&mut wrong, "menu".to_owned(), &read.menu, 16);
    placed(file, text, wrong)?;
    Ok(read)
}

fn line(wrong: &mut Vec<(String, String)>, path: String, text: &str, most: usize) {
    if kit::line::is_blank(text) || text.contains('\n') || text.chars().count() > most {
        wrong.push((path, format!("Say it in one line of 1 to {most} characters.")));
    }
}

fn placed(
    file: &str,
    text: &str,
    wrong: Vec<(String, String)>,
) -> std::result::Result<(), Vec<Fault>> {
    if wrong.is_empty() {
        return Ok(());
    }
    let places = Places::of(text);
    Err(wrong.iter().map(|(path, message)| places.fault(file, text, path, message)).collect())
}

#[cfg(test)]
mod tests {
    use super::{GROUND_RULES, SEVERITIES, WORDS, read_rules, read_severities, read_words};

    #[test]
    fn what_came_with_the_product_is_whole() {
        assert_eq!(read_severities("", SEVERITIES).unwrap().severities.len(), 4);
        assert_eq!(read_rules("", GROUND_RULES).unwrap().rules.len(), 10);
        assert_eq!(read_words("", WORDS).unwrap().retrospective, "retrospective");
    }

    #[test]
    fn a_fault_is_placed() {
        let twice = SEVERITIES.replacen("level = 2", "level = 1", 1);
        let wrong = read_severities("severities.toml", &twice).unwrap_err();
        assert_eq!(wrong[0].words(), "severities.toml:9:9: Level 1 is there twice.");
        assert!(wrong[1].message.contains("Level 2 is not there"));
        let wrong = read_words("words.toml", "retrospectve = \"x\"").unwrap_err();
        assert!(wrong[0].message.contains("did you mean `retrospective`?"), "{}", wrong[0].message);
        let wrong = read_rules("g", "rules = [\"Listen.\", \" \"]").unwrap_err();
        assert_eq!((wrong[0].line, wrong[0].column), (1, 21));
    }
}
