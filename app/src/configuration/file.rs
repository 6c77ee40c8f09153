//! The files, and what is in force of each.

use crate::settings::house;
use crate::settings::{self, Part};
use crate::{kinds, policy};
use kit::db::{Conn, Result, Time};
use std::collections::BTreeMap;

kit::words!(
    /// A file of the configuration.
    File {
        /// Sections, fields, overlays, kinds with their steps and roles.
        Kinds = "kinds.toml", "Kinds of review";
        /// Which incident gets which.
        Policy = "policy.toml", "Policy";
        /// What the four severities are called and mean.
        Severities = "severities.toml", "Severities";
        /// What is said before a meeting.
        GroundRules = "ground-rules.toml", "Ground rules";
        /// What things are called.
        Words = "words.toml", "Words";
    }
);

impl File {
    /// What it is for, in a sentence.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            File::Kinds => {
                "Sections with their questions, fields, overlays, and the kinds with their steps, roles, dues, reviewers and audiences."
            }
            File::Policy => "Which incident gets which kind of review, and what comes on top.",
            File::Severities => "What the four severities are called and mean.",
            File::GroundRules => "What is read out before people meet.",
            File::Words => "Whether it is a retrospective, a postmortem, or your own word.",
        }
    }

    /// The setting that it is kept as; none for the policy, which keeps its own versions.
    #[must_use]
    pub fn part(self) -> Option<Part> {
        match self {
            File::Kinds => Some(Part::Kinds),
            File::Policy => None,
            File::Severities => Some(Part::Severities),
            File::GroundRules => Some(Part::GroundRules),
            File::Words => Some(Part::Words),
        }
    }

    /// As it came with the product.
    #[must_use]
    pub fn shipped(self) -> &'static str {
        match self {
            File::Kinds => kinds::SHIPPED,
            File::Policy => policy::SHIPPED,
            File::Severities => house::SEVERITIES,
            File::GroundRules => house::GROUND_RULES,
            File::Words => house::WORDS,
        }
    }
}

/// Texts by the names of their files.
pub type Files = BTreeMap<String, String>;

/// A file as it is in force.
#[derive(Debug, Clone)]
pub struct Current {
    /// Which.
    pub file: File,
    /// As it is written.
    pub text: String,
    /// Counts its versions; 0 for one that came with the product and that nobody needed yet.
    pub version: i64,
    /// As it came with the product.
    pub is_shipped: bool,
    /// The name of who saved it.
    pub saved_by: Option<String>,
    /// When.
    pub saved_at: Option<Time>,
    /// What changed, in words.
    pub note: String,
}

/// What is in force.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Every file, in their order.
    pub files: Vec<Current>,
}

impl Configuration {
    /// Reads it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(conn: &mut Conn) -> Result<Configuration> {
        let mut files = Vec::new();
        for file in File::ALL {
            files.push(current(conn, *file).await?);
        }
        Ok(Configuration { files })
    }

    /// A number for all of it together: who applies says what they read.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let all = self.files.iter().fold(String::new(), |mut all, one| {
            all.push_str(one.file.name());
            all.push('\n');
            all.push_str(&one.text);
            all
        });
        format!("{:x}", settings::fingerprint(&all))
    }

    /// One of the files.
    #[must_use]
    pub fn text(&self, file: File) -> &str {
        self.files.iter().find(|one| one.file == file).map_or("", |one| one.text.as_str())
    }
}

async fn current(conn: &mut Conn, file: File) -> Result<Current> {
    let Some(part) = file.part() else {
        let current = policy::current(conn).await?;
        return Ok(Current {
            file,
            text: current.text,
            version: current.version,
            is_shipped: current.is_shipped,
            saved_by: current.saved_by,
            saved_at: current.saved_at,
            note: current.note,
        });
    };
    let kept = settings::newest(conn, part).await?.filter(|kept| !kept.is_shipped);
    Ok(match kept {
        Some(kept) => Current {
            file,
            text: kept.text,
            version: kept.version,
            is_shipped: false,
            saved_by: kept.saved_by,
            saved_at: Some(kept.saved_at),
            note: kept.note,
        },
        None => Current {
            file,
            text: file.shipped().to_owned(),
            version: 0,
            is_shipped: true,
            saved_by: None,
            saved_at: None,
            note: "as it came with Afterword".to_owned(),
        },
    })
}
