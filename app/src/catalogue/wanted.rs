//! What files say that there is: as text, before anything of it is believed.

use super::came::Line;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    pub file: String,
    /// From 1.
    pub line: u64,
}

/// How a file points at something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    /// `group:default/payments`.
    Ref(String),
    /// A name, a slug or a handle.
    Named(String),
}

impl Pointer {
    /// As the file has it.
    pub fn text(&self) -> &str {
        match self {
            Pointer::Ref(text) | Pointer::Named(text) => text,
        }
    }

    /// What it ends in: the name without kind and namespace.
    pub fn name(&self) -> &str {
        match self {
            Pointer::Ref(text) => text.rsplit(['/', ':']).next().unwrap_or(text),
            Pointer::Named(text) => text,
        }
    }
}

/// A person of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedPerson {
    pub reference: Option<String>,
    pub handle: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub zone: Option<String>,
    pub seat: Option<String>,
    pub works_days: Option<String>,
    pub works_from: Option<String>,
    pub works_to: Option<String>,
    pub chat: Option<String>,
    pub code: Option<String>,
    pub pager: Option<String>,
    pub joined_on: Option<String>,
    pub away_until: Option<String>,
    pub teams: Vec<Pointer>,
}

/// A team of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedTeam {
    pub reference: Option<String>,
    /// The name in its reference, where that is another than what people call it.
    pub slug: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub manager: Option<Pointer>,
    pub members: Vec<Pointer>,
}

/// A service of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedService {
    pub reference: Option<String>,
    pub slug: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub tier: Option<String>,
    pub team: Option<Pointer>,
    pub needs: Vec<Pointer>,
    /// What needs it, where the file says it from that side.
    pub needed_by: Vec<Pointer>,
}

/// All that files say.
#[derive(Debug, Default)]
pub struct Wanted {
    pub people: Vec<(At, WantedPerson)>,
    pub teams: Vec<(At, WantedTeam)>,
    pub services: Vec<(At, WantedService)>,
    /// What was not understood.
    pub aside: Vec<Line>,
}
