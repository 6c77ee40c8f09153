//! Settings: commented defaults compiled in < file < environment < flags.
//!
//! Each value keeps where it came from, so that `afterword config check` can say it. An unknown key
//! or a bad value is refused with its line and the nearest right name. `config.default.toml` is the
//! documentation and the list of keys: a key that is not in it does not exist.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The commented defaults.
pub const DEFAULTS: &str = include_str!("../config.default.toml");
/// What environment variables begin with.
pub const PREFIX: &str = "AFTERWORD_";

/// What was configured, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `host:port` to listen at.
    pub listen: std::net::SocketAddr,
    /// The folder of everything.
    pub data: PathBuf,
    /// The address people use, without a trailing slash.
    pub base_url: String,
    /// PostgreSQL's address, or none for SQLite.
    pub database_url: Option<String>,
    /// Connections to PostgreSQL at most.
    pub database_connections: u32,
    /// The largest upload in bytes.
    pub upload_max_bytes: u64,
    /// A folder of fonts for signs that the built-in ones lack; empty for where systems keep theirs.
    pub pdf_fonts: PathBuf,
    /// Days a session lasts.
    pub session_days: i64,
    /// Requests a minute to the API, of one token, session or address.
    pub requests_per_minute: u32,
    /// Whether the address of who asks is in `X-Forwarded-For`.
    pub forwarded_for: bool,
    /// The log's filter.
    pub log_level: String,
    /// Whether the log is JSON lines.
    pub log_json: bool,
    /// With less room than this on its disk the server takes nothing but sign-ins, in bytes.
    pub disk_reserve_bytes: u64,
    /// The folder that keeps every second of the last days; none when nothing does.
    pub history: Option<PathBuf>,
    /// How many days that is.
    pub history_days: i64,
    /// Who reads the metrics.
    pub metrics: MetricsAccess,
}

/// Who reads the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Programs on the server itself.
    Loopback,
    /// Whoever has the token.
    Token(String),
    /// Nobody.
    Nobody,
}

impl Config {
    /// Whether cookies can be `Secure` with a `__Host-` name: over TLS, or on this machine, which
    /// browsers trust.
    #[must_use]
    pub fn has_secure_cookies(&self) -> bool {
        let host = |prefix: &str| self.base_url.starts_with(prefix);
        host("https://") || host("http://127.0.0.1") || host("http://localhost")
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    Default,
    /// A line of a file.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => write!(f, "default"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Environment(name) => write!(f, "environment, {name}"),
            Origin::Flag(name) => write!(f, "flag, {name}"),
        }
    }
}

/// Why the settings were refused. Says where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Refused {
    /// File and line, variable or flag.
    pub place: String,
    /// What is wrong.
    pub why: String,
}

/// A value as text, and where it came from.
pub type Values = BTreeMap<String, (String, Origin)>;

/// Collects the values: defaults, then the file's, the environment's and the flags'.
///
/// # Errors
/// [`Refused`] when a file does not read, or a key is unknown.
pub fn collect(
    file: Option<(&Path, &str)>,
    environment: &[(String, String)],
    flags: &[(&str, String)],
) -> Result<Values, Refused> {
    let mut values = Values::new();
    for (key, value, _) in flatten(DEFAULTS, "the defaults")? {
        values.insert(key, (value, Origin::Default));
    }
    let known: Vec<String> = values.keys().cloned().collect();
    if let Some((path, text)) = file {
        for (key, value, line) in flatten(text, &path.display().to_string())? {
            let place = format!("{}:{line}", path.display());
            check_known(&known, &key, &place)?;
            values.insert(key, (value, Origin::File(path.to_owned(), line)));
        }
    }
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let wanted = rest.to_ascii_lowercase();
        // Read by other parts: the command line's address, a test's database.
        if wanted.starts_with("test_")
            || ["url", "token", "config", "password"].contains(&wanted.as_str())
        {
            continue;
        }
        let as_variable = |key: &String| key.replace('.', "_") == wanted;
        let Some(key) = known.iter().find(|key| as_variable(key)) else {
            let names: Vec<String> = known.iter().map(|key| key.replace('.', "_")).collect();
            let near = nearest(&names, &wanted);
            let hint = near.map(|near| format!("; did you mean {PREFIX}{}?", near.to_uppercase()));
            let why = format!("no setting has this name{}", hint.unwrap_or_default());
            return Err(Refused { place: format!("environment, {name}"), why });
        };
        values.insert(key.clone(), (value.clone(), Origin::Environment(name.clone())));
    }
    for (key, value) in flags {
        let flag = format!("--{}", key.replace(['.', '_'], "-"));
        values.insert((*key).to_owned(), (value.clone(), Origin::Flag(flag)));
    }
    Ok(values)
}

/// Reads the values into types.
///
/// # Errors
/// [`Refused`] with the place of the bad value.
pub fn check(values: &Values) -> Result<Config, Refused> {
    let text = |key: &str| values.get(key).map_or("", |(value, _)| value.as_str());
    let refuse = |key: &str, why: String| {
        let origin = values.get(key).map_or(Origin::Default, |(_, origin)| origin.clone());
        Refused { place: format!("{origin}, `{key}`"), why }
    };
    let listen: std::net::SocketAddr = text("listen").parse().map_err(|_| {
        let said = text("listen");
        refuse("listen", format!("`{said}` is not an address and port such as 127.0.0.1:8080"))
    })?;
    let number = |key: &str, least: u64, most: u64| {
        let said = text(key);
        let number = said.parse::<u64>().ok().filter(|n| (least..=most).contains(n));
        number.ok_or_else(|| {
            refuse(key, format!("`{said}` is not a whole number from {least} to {most}"))
        })
    };
    let base_url = match text("base_url").trim_end_matches('/') {
        "" => format!("http://{listen}"),
        url if url.starts_with("http://") || url.starts_with("https://") => url.to_owned(),
        url => {
            let why = format!("`{url}` does not begin with http:// or https://");
            return Err(refuse("base_url", why));
        }
    };
    let database_url = match text("database.url") {
        "" => None,
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Some(url.to_owned())
        }
        _ => {
            let why = "an address begins with postgres://; leave it empty for SQLite".to_owned();
            return Err(refuse("database.url", why));
        }
    };
    let history = Some(PathBuf::from(text("history.folder"))).filter(|path| path != Path::new(""));
    if history.is_some() && database_url.is_some() {
        let why = "PostgreSQL keeps its own log (archive_command); leave this empty".to_owned();
        return Err(refuse("history.folder", why));
    }
    let log_json = match text("log.format") {
        "text" => false,
        "json" => true,
        other => return Err(refuse("log.format", format!("`{other}` is neither text nor json"))),
    };
    let metrics = match (text("metrics.access"), text("metrics.token")) {
        ("loopback", _) => MetricsAccess::Loopback,
        ("nobody", _) => MetricsAccess::Nobody,
        ("token", token) if token.len() >= 16 => MetricsAccess::Token(token.to_owned()),
        ("token", _) => {
            let why = "a token has 16 characters or more; `openssl rand -hex 32` makes one";
            return Err(refuse("metrics.token", why.to_owned()));
        }
        (other, _) => {
            let why = format!("`{other}` is none of loopback, token, nobody");
            return Err(refuse("metrics.access", why));
        }
    };
    let forwarded_for = match text("api.forwarded_for") {
        "true" => true,
        "false" => false,
        other => {
            return Err(refuse(
                "api.forwarded_for",
                format!("`{other}` is neither true nor false"),
            ));
        }
    };
    let per_minute = number("api.requests_per_minute", 1, 100_000_000)?;
    let pdf_fonts = folder(text("pdf.fonts")).map_err(|why| refuse("pdf.fonts", why))?;
    let log_level = match text("log.level") {
        level if is_filter(level) => level.to_owned(),
        level => {
            let why =
                "is none of error, warn, info, debug, trace, nor a filter such as info,sqlx=warn";
            return Err(refuse("log.level", format!("`{level}` {why}")));
        }
    };
    Ok(Config {
        pdf_fonts,
        listen,
        data: PathBuf::from(text("data")),
        base_url,
        database_url,
        database_connections: u32::try_from(number("database.connections", 1, 500)?).unwrap_or(16),
        upload_max_bytes: number("uploads.max_mib", 1, 1 << 20)? << 20,
        session_days: i64::try_from(number("sessions.days", 1, 3650)?).unwrap_or(30),
        requests_per_minute: u32::try_from(per_minute).unwrap_or(1200),
        forwarded_for,
        log_level,
        log_json,
        history,
        history_days: i64::try_from(number("history.days", 1, 3650)?).unwrap_or(7),
        disk_reserve_bytes: number("disk.reserve_mib", 0, 1 << 20)? << 20,
        metrics,
    })
}

/// Whether the log understands it. Its own parser takes a word that is no level for a module's name.
fn is_filter(text: &str) -> bool {
    let level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let one = |part: &str| part.contains('=') || !part.trim().is_empty() && level(part.trim());
    text.split(',').all(one) && tracing_subscriber::EnvFilter::try_new(text).is_ok()
}

/// A folder that is there, or none.
fn folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if text.is_empty() || path.is_dir() {
        return Ok(path);
    }
    Err(format!("`{text}` is not a folder; leave it empty or name one"))
}

/// What `afterword config check` prints: every value and where it came from. Secrets are not shown.
#[must_use]
pub fn report(values: &Values) -> String {
    let shown = |key: &str, value: &str| match (key, value.rsplit_once('@')) {
        ("database.url", Some((_, host))) => format!("postgres://…@{host}"),
        ("metrics.token", _) if !value.is_empty() => "…".to_owned(),
        _ => value.to_owned(),
    };
    let lines = values.iter().map(|(key, (value, origin))| {
        format!("{key:<22} {:<34} {origin}", format!("\"{}\"", shown(key, value)))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn flatten(text: &str, file: &str) -> Result<Vec<(String, String, usize)>, Refused> {
    let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(error.span().map_or(0, |span| span.start));
        Refused { place: format!("{file}:{line}"), why: error.message().to_owned() }
    })?;
    let mut found = Vec::new();
    let mut open = vec![(String::new(), table.get_ref())];
    while let Some((prefix, table)) = open.pop() {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let line = line_of(key.span().start);
            let value = match value.get_ref() {
                DeValue::Table(inner) => {
                    open.push((format!("{name}."), inner));
                    continue;
                }
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(yes) => yes.to_string(),
                _ => {
                    let why = format!("`{name}` must be a text, a whole number, true or false");
                    return Err(Refused { place: format!("{file}:{line}"), why });
                }
            };
            found.push((name, value, line));
        }
    }
    Ok(found)
}

fn check_known(known: &[String], key: &str, place: &str) -> Result<(), Refused> {
    if known.iter().any(|one| one == key) {
        return Ok(());
    }
    let hint = nearest(known, key).map(|near| format!("; did you mean `{near}`?"));
    let why = format!("no setting is called `{key}`{}", hint.unwrap_or_default());
    Err(Refused { place: place.to_owned(), why })
}

fn nearest<'a>(known: &'a [String], said: &str) -> Option<&'a str> {
    let by_likeness = known.iter().map(|one| (strsim::jaro_winkler(one, said), one));
    let best = by_likeness.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.7).then_some(best.1.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Origin, check, collect, report};
    use std::path::Path;

    #[test]
    fn later_sources_win_and_each_value_says_where_it_came_from() {
        let file = "# mine\nlisten = \"0.0.0.0:1\"\n[log]\nlevel = \"warn\"\n";
        let environment = [("AFTERWORD_LISTEN".to_owned(), "0.0.0.0:2".to_owned())];
        let flags = [("data", "/srv/a".to_owned()), ("base_url", "http://h".to_owned())];
        let values = collect(Some((Path::new("a.toml"), file)), &environment, &flags).unwrap();
        assert_eq!(check(&values).unwrap().listen.port(), 2);
        assert_eq!(values["log.level"].1, Origin::File("a.toml".into(), 4));
        let report = report(&values);
        assert!(report.contains("environment, AFTERWORD_LISTEN"), "{report}");
        assert!(report.contains("flag, --data"), "{report}");
        assert!(report.contains("flag, --base-url"), "{report}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
        let file = "data = \"x\"\n[database]\nconections = 3\n";
        let refused = collect(Some((Path::new("a.toml"), file)), &[], &[]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a.toml:3: no setting is called `database.conections`; did you mean `database.connections`?"
        );
        let environment = [("AFTERWORD_LISTENN".to_owned(), String::new())];
        let refused = collect(None, &environment, &[]).unwrap_err();
        assert!(refused.why.contains("did you mean AFTERWORD_LISTEN?"), "{refused}");
    }

    #[test]
    fn a_bad_value_is_refused_with_its_place() {
        let file = "[sessions]\ndays = 0\n";
        let values = collect(Some((Path::new("a.toml"), file)), &[], &[]).unwrap();
        let refused = check(&values).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a.toml:2, `sessions.days`: `0` is not a whole number from 1 to 3650"
        );
    }

    #[test]
    fn a_level_the_log_does_not_know_is_refused() {
        let checked = |level: &str| {
            let environment = [("AFTERWORD_LOG_LEVEL".to_owned(), level.to_owned())];
            check(&collect(None, &environment, &[]).unwrap())
        };
        assert!(checked("debug").is_ok() && checked("info,sqlx=warn").is_ok());
        for bad in ["verbose", "%%bad[", "", "info,loud"] {
            let refused = checked(bad).unwrap_err();
            assert!(refused.place.contains("AFTERWORD_LOG_LEVEL"), "{refused}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_reported() {
        let environment =
            [("AFTERWORD_DATABASE_URL".to_owned(), "postgres://u:geheim@h/d".to_owned())];
        let report = report(&collect(None, &environment, &[]).unwrap());
        assert!(!report.contains("geheim") && report.contains("@h/d"), "{report}");
    }
}
