//! What the platform knows about a report and no reader of its text could: inputs of the engine.

/// Facts about a document. The default is that nothing is known but the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Names and handles of those who took part, as people write them.
    pub participants: Vec<String>,
    /// Whether the incident's record says the time zone; from the text when none.
    pub is_zone_declared: Option<bool>,
    /// Names of alerts, services and the like, which are never people.
    pub things: Vec<String>,
}

impl Facts {
    /// The participants' names in small letters, each word of them, sorted, as the lexer asks for them.
    pub(crate) fn people(&self) -> Vec<String> {
        let things: Vec<String> = self.things.iter().map(|thing| thing.to_lowercase()).collect();
        let mut people: Vec<String> = self
            .participants
            .iter()
            .flat_map(|name| name.split_whitespace())
            .map(|word| word.trim_start_matches('@').to_lowercase())
            .filter(|word| word.chars().count() > 1 && !things.contains(word))
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}
