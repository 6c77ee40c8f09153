//! The pieces a timeline's page is made of, as its templates see them; each renders by itself, so that
//! an answer to a key press is one of them.

use super::change::ChangeId;
use super::entry::{Came, Content, Entry, shortened};
use super::fact::{Fact, Phase};
use super::propose::Question;
use super::shown::{Clock, Shown, as_typed};
use super::suggest::{Asked, Suggested};
use crate::evidence::Evidence;
use crate::incidents::key_time::Precision;
use kit::web::{FieldError, Said};
use std::collections::HashMap;

/// The most characters of a piece shown in the pane.
const EXCERPT: usize = 700;

/// What every part needs to know of its page.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The incident's key.
    pub key: String,
    /// What forms give back.
    pub csrf: String,
    /// Where the icons are.
    pub icons: &'static str,
    /// `?after=…` of the page of evidence, or nothing.
    pub here: String,
    /// The viewer's zone.
    pub zone: String,
    /// Whether the viewer writes.
    pub can_write: bool,
    /// How times are shown.
    pub clock: Clock,
    /// Names of people by handle.
    pub names: HashMap<String, String>,
}

impl Ctx {
    /// Who or what acted, by name.
    pub fn actor(&self, content: &Content) -> Option<String> {
        let name = content.actor_name()?;
        let is_person = content.actor.as_deref().is_some_and(|actor| actor.starts_with("person:"));
        match self.names.get(name).filter(|_| is_person) {
            Some(full) => Some(full.clone()),
            None => Some(name.to_owned()),
        }
    }
}

/// One line of the evidence pane.
#[derive(askama::Template)]
#[template(path = "timeline/templates/piece.html")]
pub struct PieceView<'a> {
    ctx: &'a Ctx,
    piece: &'a Evidence,
    time: Shown,
    text: String,
    /// The entry it is on.
    on: Option<&'a Entry>,
    proposed: Option<&'a Suggested>,
    chosen: Option<Phase>,
    is_on: bool,
}

impl<'a> PieceView<'a> {
    /// A piece; `chosen` is the phase somebody chose for it before it is on the timeline.
    pub fn new(
        ctx: &'a Ctx,
        piece: &'a Evidence,
        on: Option<&'a Entry>,
        proposed: Option<&'a Suggested>,
        chosen: Option<Option<Phase>>,
        is_on: bool,
    ) -> PieceView<'a> {
        let precision = Precision::parse(piece.precision.name()).unwrap_or(Precision::Second);
        let time = ctx.clock.show(piece.occurred_at, precision, 0);
        let mut text = shortened(&piece.body, EXCERPT);
        if text.is_empty() {
            text = piece.file_name.clone().unwrap_or_default();
        }
        let proposed = proposed.filter(|_| on.is_none());
        let chosen = chosen.unwrap_or_else(|| proposed.and_then(|one| one.content.phase));
        PieceView { ctx, piece, time, text, on, proposed, chosen, is_on }
    }

    fn fact(&self) -> Option<Fact> {
        self.proposed.map(|proposed| proposed.content.fact)
    }

    fn next(&self) -> &'static str {
        super::edit::next_phase(self.phase()).map_or("", Phase::name)
    }

    fn phase(&self) -> Option<Phase> {
        match self.on {
            Some(entry) => entry.phase,
            None => self.chosen,
        }
    }

    fn phase_word(&self) -> String {
        word(self.phase())
    }

    fn proposed_as(&self) -> String {
        let proposed = self.proposed.map(|one| &one.content);
        let phase = proposed.and_then(|content| content.phase).map(|phase| phase.label());
        let fact = proposed.map(|content| content.fact.label());
        phase.or(fact).unwrap_or_default().to_lowercase()
    }

    fn why(&self) -> String {
        self.proposed.map(|one| one.why.join("; ")).unwrap_or_default()
    }
}

fn word(phase: Option<Phase>) -> String {
    phase.map_or_else(|| "none".to_owned(), |phase| phase.label().to_lowercase())
}

/// One line of the timeline pane.
#[derive(askama::Template)]
#[template(path = "timeline/templates/entry.html")]
pub struct EntryView<'a> {
    ctx: &'a Ctx,
    entry: &'a Entry,
    time: Shown,
    until: Option<Shown>,
    actor: Option<String>,
    learned: Option<Shown>,
    form: Option<&'a FormView>,
}

impl<'a> EntryView<'a> {
    /// An entry, with its form when it is being edited.
    pub fn new(ctx: &'a Ctx, entry: &'a Entry, form: Option<&'a FormView>) -> EntryView<'a> {
        let learned = entry.learned_at.map(|at| ctx.clock.show(at, Precision::Minute, 0));
        EntryView {
            ctx,
            entry,
            time: ctx.clock.at(entry),
            until: ctx.clock.until(entry),
            actor: ctx.actor(entry),
            learned,
            form: form.filter(|form| form.id.as_deref() == Some(entry.id.as_str())),
        }
    }

    fn phase_word(&self) -> String {
        word(self.entry.phase)
    }

    fn next(&self) -> &'static str {
        super::edit::next_phase(self.entry.phase).map_or("", Phase::name)
    }

    fn first_source(&self) -> &str {
        self.entry.cites.first().map_or("", |id| id.as_str())
    }

    fn sources(&self) -> String {
        crate::shell::words::count(self.entry.cites.len(), "source", "sources")
    }
}

/// A line of a pane.
pub enum Line<'a> {
    /// A new day begins.
    Day(String),
    /// Time without evidence, with the question it raises.
    Gap(&'a Asked),
    /// A piece of evidence.
    Piece(Box<PieceView<'a>>),
    /// An entry.
    Entry(Box<EntryView<'a>>),
}

/// The timeline pane.
#[derive(askama::Template)]
#[template(path = "timeline/templates/entries.html")]
pub struct EntriesView<'a> {
    ctx: &'a Ctx,
    lines: Vec<Line<'a>>,
    new: Option<&'a FormView>,
}

impl<'a> EntriesView<'a> {
    /// The entries, parted by day where they span several.
    pub fn new(ctx: &'a Ctx, entries: &'a [Entry], form: Option<&'a FormView>) -> EntriesView<'a> {
        let days = days(&ctx.clock, entries.iter().map(|entry| entry.at));
        let mut lines = Vec::with_capacity(entries.len());
        for (entry, day) in entries.iter().zip(days) {
            lines.extend(day.map(Line::Day));
            lines.push(Line::Entry(Box::new(EntryView::new(ctx, entry, form))));
        }
        EntriesView { ctx, lines, new: form.filter(|form| form.id.is_none()) }
    }
}

/// The day's name at each time where a new day begins; none at all when it is all one day.
pub fn days(clock: &Clock, times: impl Iterator<Item = kit::db::Time>) -> Vec<Option<String>> {
    let all: Vec<Option<String>> = times.map(|at| clock.day(at)).collect();
    let mut last = None;
    let parted: Vec<Option<String>> = all
        .into_iter()
        .map(|day| {
            let is_new = day.is_some() && day != last;
            last.clone_from(&day);
            day.filter(|_| is_new)
        })
        .collect();
    let several = parted.iter().flatten().count() > 1;
    parted.into_iter().map(|day| day.filter(|_| several)).collect()
}

/// The button that undoes the viewer's last change.
#[derive(askama::Template)]
#[template(path = "timeline/templates/undo_last.html")]
pub struct UndoView<'a> {
    /// The page.
    pub ctx: &'a Ctx,
    /// What would be undone.
    pub last: Option<(ChangeId, String)>,
}

/// What happened, with a way back.
#[derive(askama::Template)]
#[template(path = "timeline/templates/toast.html")]
pub struct ToastView<'a> {
    /// The page.
    pub ctx: &'a Ctx,
    /// The sentence.
    pub says: &'a str,
    /// What to undo.
    pub change: Option<&'a ChangeId>,
}

/// A piece that the entry in the form cites.
#[derive(Debug, Clone)]
pub struct Cited {
    /// Its id.
    pub id: String,
    /// Its time, source and the beginning of its text.
    pub text: String,
}

/// A form of an entry: as it is, as it was typed, or empty.
#[derive(Debug, Clone, Default)]
pub struct FormView {
    /// The entry; none for a new one.
    pub id: Option<String>,
    /// Its version.
    pub version: i64,
    /// What it cites.
    pub cited: Vec<Cited>,
    /// What is wrong with what was typed.
    pub errors: Vec<FieldError>,
    /// Why it could not be saved.
    pub trouble: Option<String>,
    values: HashMap<&'static str, String>,
}

const FIELDS: [&str; 15] = [
    "at",
    "until",
    "zone",
    "precision",
    "uncertainty_min",
    "fact",
    "phase",
    "text",
    "actor",
    "learned_later",
    "learned_at",
    "from_memory",
    "result",
    "tie",
    "cites",
];

impl FormView {
    /// The form of an entry as it is.
    pub fn of(entry: &Entry, cited: Vec<Cited>) -> FormView {
        let typed = |at| as_typed(at, entry.precision);
        let set = |is: bool| if is { "1".to_owned() } else { String::new() };
        let doubt = match entry.uncertainty_s {
            0 => String::new(),
            #[expect(clippy::cast_precision_loss, reason = "at most a year of seconds")]
            seconds => ((seconds as f64 / 60.0 * 1000.0).round() / 1000.0).to_string(),
        };
        let values = HashMap::from([
            ("at", typed(entry.at)),
            ("until", entry.until.map(typed).unwrap_or_default()),
            ("zone", "UTC".to_owned()),
            ("precision", entry.precision.name().to_owned()),
            ("uncertainty_min", doubt),
            ("fact", entry.fact.name().to_owned()),
            ("phase", entry.phase.map(|phase| phase.name().to_owned()).unwrap_or_default()),
            ("text", entry.text.clone()),
            ("actor", entry.actor.clone().unwrap_or_default()),
            ("learned_later", set(!entry.known_then)),
            (
                "learned_at",
                entry.learned_at.map(|at| as_typed(at, Precision::Second)).unwrap_or_default(),
            ),
            ("from_memory", set(entry.from_memory)),
            ("result", entry.result.map(|came| came.name().to_owned()).unwrap_or_default()),
            ("tie", entry.tie.to_string()),
        ]);
        let (id, version) = (Some(entry.id.to_string()), entry.version);
        FormView { id, version, cited, values, ..FormView::default() }
    }

    /// The form as somebody filled it in.
    pub fn typed(id: Option<String>, said: &Said) -> FormView {
        let values = FIELDS.iter().map(|name| (*name, said.raw(name).to_owned())).collect();
        let version = said.text("version").parse().unwrap_or(0);
        FormView { id, version, values, ..FormView::default() }
    }

    /// The same with other cited pieces.
    pub fn citing(mut self, cited: Vec<Cited>) -> FormView {
        self.cited = cited;
        self
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Whether a choice is made.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.value(name) == value
    }

    /// Whether a box is ticked.
    pub fn is_set(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }

    /// What is wrong with a field.
    pub fn wrong(&self, name: &str) -> Option<&str> {
        let found = self.errors.iter().find(|error| error.path == name);
        found.map(|error| error.message.as_str())
    }
}

/// A form of an entry on the page.
#[derive(askama::Template)]
#[template(path = "timeline/templates/form.html")]
pub struct FormPart<'a> {
    ctx: &'a Ctx,
    form: &'a FormView,
    facts: &'static [Fact],
    phases: &'static [Phase],
    results: &'static [Came],
    precisions: &'static [Precision],
}

impl<'a> FormPart<'a> {
    /// The form's markup.
    pub fn new(ctx: &'a Ctx, form: &'a FormView) -> FormPart<'a> {
        FormPart {
            ctx,
            form,
            facts: Fact::ALL,
            phases: Phase::ALL,
            results: Came::ALL,
            precisions: Precision::ALL,
        }
    }

    fn action(&self) -> String {
        let (key, here) = (&self.ctx.key, &self.ctx.here);
        match &self.form.id {
            Some(id) => format!("/i/{key}/timeline/{id}{here}"),
            None => format!("/i/{key}/timeline{here}"),
        }
    }
}

impl EntryView<'_> {
    fn part<'b>(&'b self, form: &'b FormView) -> FormPart<'b> {
        FormPart::new(self.ctx, form)
    }
}

impl EntriesView<'_> {
    fn part<'b>(&'b self, form: &'b FormView) -> FormPart<'b> {
        FormPart::new(self.ctx, form)
    }
}

impl Asked {
    /// When the silence it asks about ends.
    pub fn gap(&self) -> Option<(kit::db::Time, kit::db::Time)> {
        match &self.question {
            Question::Gap { from, to, .. } => {
                Some((kit::db::Time::new(*from), kit::db::Time::new(*to)))
            }
            _ => None,
        }
    }
}
