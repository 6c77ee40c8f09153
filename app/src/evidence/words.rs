//! The words under which the importers' vocabularies are stored and shown.

use super::import::item::{Kind, ZoneOrigin};

/// Every kind, in the order in which it is offered.
pub const KINDS: [Kind; 15] = [
    Kind::Chat,
    Kind::Alert,
    Kind::Page,
    Kind::Deploy,
    Kind::Config,
    Kind::Flag,
    Kind::Metric,
    Kind::Log,
    Kind::Ticket,
    Kind::StatusPost,
    Kind::CallTranscript,
    Kind::File,
    Kind::Link,
    Kind::InterviewAnswer,
    Kind::Manual,
];

impl Kind {
    /// The word, as stored and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Alert => "alert",
            Kind::Page => "page",
            Kind::Deploy => "deploy",
            Kind::Config => "config",
            Kind::Flag => "flag",
            Kind::Metric => "metric",
            Kind::Log => "log",
            Kind::Ticket => "ticket",
            Kind::StatusPost => "status_post",
            Kind::CallTranscript => "call_transcript",
            Kind::File => "file",
            Kind::Link => "link",
            Kind::InterviewAnswer => "interview_answer",
            Kind::Manual => "manual",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Alert => "alert",
            Kind::Page => "page",
            Kind::Deploy => "deploy",
            Kind::Config => "configuration",
            Kind::Flag => "flag",
            Kind::Metric => "metric",
            Kind::Log => "log",
            Kind::Ticket => "ticket",
            Kind::StatusPost => "status post",
            Kind::CallTranscript => "call",
            Kind::File => "file",
            Kind::Link => "link",
            Kind::InterviewAnswer => "interview",
            Kind::Manual => "note",
        }
    }

    /// The icon beside it.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Kind::Chat | Kind::CallTranscript | Kind::InterviewAnswer => "chat",
            Kind::Alert | Kind::Page => "alert",
            Kind::Deploy | Kind::Config | Kind::Flag => "deploy",
            Kind::Link | Kind::StatusPost => "link",
            Kind::Manual => "edit",
            Kind::Metric | Kind::Log | Kind::Ticket | Kind::File => "file",
        }
    }

    /// The one of that word.
    ///
    /// # Errors
    /// A sentence with the words there are.
    pub fn parse(text: &str) -> Result<Kind, String> {
        KINDS.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
            format!("`{text}` is not one of: {}.", known.join(", "))
        })
    }
}

kit::stored_as_text!(Kind);

/// How the origin of a zone is stored: `instant`, `stated:+02:00`, `said:Europe/London`.
#[must_use]
pub fn zone_origin(zone: &ZoneOrigin) -> String {
    match zone {
        ZoneOrigin::Instant => "instant".to_owned(),
        ZoneOrigin::Stated(text) => format!("stated:{text}"),
        ZoneOrigin::Said(name) => format!("said:{name}"),
    }
}

/// What to show of the origin of a zone: nothing for an instant.
#[must_use]
pub fn zone_shown(stored: &str) -> String {
    match stored.split_once(':') {
        Some(("said", name)) => format!("said at import: {name}"),
        Some(("stated", "Z" | "z" | "UTC" | "GMT" | "+00:00")) => String::new(),
        Some(("stated", text)) => format!("written as {text}"),
        _ => String::new(),
    }
}

/// The name of a source for people.
#[must_use]
pub fn source(name: &str) -> &str {
    match name {
        "slack" => "Slack",
        "mattermost" => "Mattermost",
        "discord" => "Discord",
        "alertmanager" => "Alertmanager",
        "prometheus" => "Prometheus",
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "pagerduty" => "PagerDuty",
        "csv" => "CSV",
        "jsonl" => "JSON Lines",
        "log" => "log",
        "image" => "image",
        "note" => "note",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Kind};

    #[test]
    fn words_are_the_same_in_json_and_in_the_database() {
        for kind in KINDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(Kind::parse(kind.name()).unwrap(), kind);
        }
    }
}
