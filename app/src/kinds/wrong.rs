//! What is wrong with a file, and where.

/// A fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where, as a path: `kinds[3].sections[2]`. Empty for the whole.
    pub path: String,
    /// What, and what to do.
    pub message: String,
}

impl Wrong {
    /// A fault at a place.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Wrong {
        Wrong { path: path.into(), message: message.into() }
    }
}

/// The nearest of some names, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(said: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let said = said.to_lowercase();
    let near = |name: &&str| {
        if name.len() > 2 && (said.contains(*name) || (said.len() > 2 && name.contains(&said))) {
            return 0.9;
        }
        strsim::jaro_winkler(&said, name)
    };
    let best = names.map(|name| (near(&name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score >= 0.75).map(|(_, name)| name)
}

/// ` Did you mean …?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(said: &str, names: impl Iterator<Item = &'a str>) -> String {
    nearest(said, names).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("nots", ["basic", "notes", "q"].into_iter()), Some("notes"));
        assert_eq!(nearest("vendr", ["vendor", "near"].into_iter()), Some("vendor"));
        assert_eq!(nearest("zebra", ["vendor", "near"].into_iter()), None);
    }
}
