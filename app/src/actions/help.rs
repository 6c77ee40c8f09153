//! Help with writing an action: questions that never block, days that are proposed, and the small
//! follow-ups that come again and again, one click each.

use super::action::Aim;
use super::said::{Class, Priority, Strength};
use jiff::ToSpan;
use jiff::civil::Date;

/// Words that promise nothing one could see, each with a question.
const VAGUE: &[(&str, &str)] = &[
    ("improve", "“Improve” how far? Name the thing, and what will be different when it is done."),
    ("ensure", "“Ensure” by which means? Name what will hold it when nobody thinks of it."),
    ("make sure", "“Make sure” by which means? Name what will hold it when nobody thinks of it."),
    ("be careful", "Care fades. What would help on a bad day, with someone new?"),
    ("be more careful", "Care fades. What would help on a bad day, with someone new?"),
    ("investigate monitoring", "Which signal was missing, and who would have needed it when?"),
    ("remind", "Reminders fade. Could a check or a default do it instead?"),
    ("train", "Training helps those who are here now. What would help the next one, too?"),
    ("look into", "What do you want to know, and what would you do with the answer?"),
    ("consider", "What would make you decide? That may be the action."),
];

/// Beginnings that are no verb.
const NO_VERBS: &[&str] = &[
    "a",
    "an",
    "the",
    "more",
    "better",
    "new",
    "no",
    "our",
    "we",
    "should",
    "need",
    "there",
    "it",
    "this",
    "proper",
    "regular",
    "all",
    "every",
    "lack",
    "missing",
    "someone",
    "somebody",
    "everybody",
    "everyone",
    "people",
    "they",
    "maybe",
];
const NO_VERB_ENDINGS: &[&str] = &["ing", "tion", "ment", "ity", "ness"];
/// Verbs that end as nouns do.
const VERBS_ALL_THE_SAME: &[&str] = &[
    "bring",
    "ring",
    "ping",
    "mention",
    "document",
    "implement",
    "instrument",
    "position",
    "partition",
    "experiment",
    "comment",
    "provision",
    "function",
];

/// The questions an action's title raises; never a gate.
#[must_use]
pub fn questions(title: &str, done_when: &str) -> Vec<&'static str> {
    let folded = title.to_lowercase();
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let mut asked = Vec::new();
    if let Some(first) = words.first().filter(|first| !VERBS_ALL_THE_SAME.contains(first)) {
        let is_noun = NO_VERB_ENDINGS.iter().any(|end| first.len() > 4 && first.ends_with(end));
        if NO_VERBS.contains(first) || is_noun {
            asked.push(
                "What would somebody do first? Begin with that: add, write, cap, show, remove.",
            );
        }
    }
    for (phrase, question) in VAGUE {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let is_there = words.windows(phrase.len()).any(|some| {
            some[..some.len() - 1] == phrase[..phrase.len() - 1]
                && phrase.last().is_some_and(|last| is_form_of(some[some.len() - 1], last))
        });
        if is_there && !asked.contains(question) {
            asked.push(question);
        }
    }
    if !title.trim().is_empty() && done_when.trim().is_empty() {
        asked.push("How will we know that it is done?");
    }
    asked
}

/// `improve`, `improves`, `improved`, `improving`; `training` is also a form of `train`.
fn is_form_of(word: &str, verb: &str) -> bool {
    let stem = verb.strip_suffix('e').unwrap_or(verb);
    word == verb
        || word.strip_prefix(stem).is_some_and(|end| matches!(end, "es" | "ed" | "ing" | "s"))
}

/// The note when all are weak.
#[must_use]
pub fn all_weak(strengths: &[Strength]) -> Option<&'static str> {
    let is_so = !strengths.is_empty() && strengths.iter().all(|one| *one == Strength::Weak);
    is_so.then_some(
        "All of these are weak: they ask people to remember. Is there one that holds when nobody does?",
    )
}

/// The day that is proposed: by aim, then by priority.
#[must_use]
pub fn proposed_due(today: &str, aim: Aim, priority: Option<Priority>) -> String {
    let days = match (aim, priority) {
        (Aim::Recovery, _) => 7,
        (_, Some(Priority::P0)) => 15,
        (_, Some(Priority::P1) | None) => 30,
        (_, Some(Priority::P2)) => 60,
        (_, Some(Priority::P3)) => 90,
    };
    days_after(today, days)
}

/// So many days after a day; the day itself when it is none.
#[must_use]
pub fn days_after(day: &str, days: i64) -> String {
    let date: Option<Date> = day.parse().ok();
    let later = date.and_then(|date| date.checked_add(days.days()).ok());
    later.map_or_else(|| day.to_owned(), |date| date.to_string())
}

/// How many days from one day to another.
#[must_use]
pub fn days_between(from: &str, to: &str) -> i64 {
    let (Ok(from), Ok(to)) = (from.parse::<Date>(), to.parse::<Date>()) else { return 0 };
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

/// A small follow-up that comes again and again.
#[derive(Debug)]
pub struct Usual {
    /// The word in the address.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How a title begins.
    pub title: &'static str,
    /// How we would know.
    pub done_when: &'static str,
    /// Its class.
    pub class: Class,
    /// Its aim.
    pub aim: Aim,
}

/// The small follow-ups that are one click.
pub const USUAL: &[Usual] = &[
    Usual {
        id: "access",
        name: "Permissions and access",
        title: "Give the rota access to ",
        done_when: "Somebody of the rota has used it once, without asking.",
        class: Class::Organisational,
        aim: Aim::Response,
    },
    Usual {
        id: "instrumentation",
        name: "Missing instrumentation",
        title: "Show … on the dashboard of ",
        done_when: "The dashboard shows it, and a change in it was seen there once.",
        class: Class::Technical,
        aim: Aim::Detection,
    },
    Usual {
        id: "alert",
        name: "Alert tuning",
        title: "Set the alert … to page when ",
        done_when: "It fires in a test and stays quiet for a week of ordinary days.",
        class: Class::Technical,
        aim: Aim::Detection,
    },
];

#[cfg(test)]
mod tests {
    use super::{
        Aim, Priority, Strength, all_weak, days_after, days_between, proposed_due, questions,
    };

    #[test]
    fn vague_words_and_beginnings_without_a_verb_raise_a_question() {
        for title in [
            "Improve monitoring",
            "Ensuring that it holds",
            "Be more careful with zones",
            "Remind everybody to check retries",
            "Trains the rota",
            "The pool needs a limit",
            "Better dashboards",
            "Look into the retries",
            "Monitoring of the queue",
        ] {
            assert!(!questions(title, "It shows").is_empty(), "{title}");
        }
        for title in [
            "Show the waiting list on every dashboard",
            "Cap retries at one for each checkout",
            "Bring the second node into the rota’s map",
            "Document the restore",
            "Remove the constraint from the schema",
            "Page when receipts lag by 15 minutes",
        ] {
            assert_eq!(questions(title, "It shows"), Vec::<&str>::new(), "{title}");
        }
        assert_eq!(questions("Cap retries", ""), ["How will we know that it is done?"]);
    }

    #[test]
    fn a_day_is_proposed_from_aim_and_priority() {
        let due = |aim, priority| proposed_due("2026-03-05", aim, priority);
        assert_eq!(due(Aim::Recovery, Some(Priority::P2)), "2026-03-12");
        assert_eq!(due(Aim::Prevention, Some(Priority::P0)), "2026-03-20");
        assert_eq!(due(Aim::Prevention, Some(Priority::P1)), "2026-04-04");
        assert_eq!(due(Aim::Prevention, Some(Priority::P2)), "2026-05-04");
        assert_eq!(days_after("2026-12-31", 1), "2027-01-01");
        assert_eq!(days_between("2026-03-05", "2026-02-28"), -5);
    }

    #[test]
    fn one_strong_action_is_enough() {
        assert!(all_weak(&[Strength::Weak, Strength::Weak]).is_some());
        assert!(all_weak(&[Strength::Weak, Strength::Medium]).is_none());
        assert!(all_weak(&[]).is_none());
    }
}
