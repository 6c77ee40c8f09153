//! What a query asks of a list: filters `field=value` and `field[op]=value`, how many, from where, and
//! which fields. Asked for by name, with every mistake kept until all are known; what nobody asked for
//! is refused, with the names that exist.

use super::{FieldError, Problem, Signer};
use crate::db::Time;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Items of a page, unless `limit` says otherwise.
pub const LIMIT: i64 = 50;
/// Items of a page at most.
pub const LIMIT_MAX: i64 = 200;
/// The first instant that both databases keep, the beginning of the year 1, in microseconds.
const FIRST_US: i64 = -62_135_596_800_000_000;
/// The last one, the end of the year 9998.
const LAST_US: i64 = 253_370_764_799_000_000;
/// Values of one `in` at most.
const VALUES_MAX: usize = 50;

/// A field's bounds, each of which may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    /// At this or after.
    pub gte: Option<T>,
    /// After this.
    pub gt: Option<T>,
    /// At this or before.
    pub lte: Option<T>,
    /// Before this.
    pub lt: Option<T>,
}

impl Bounds<Time> {
    /// The first and last instant within the bounds; the ends of what databases keep where there is
    /// none.
    #[must_use]
    pub fn ends(&self) -> (Time, Time) {
        let near = |at: Time| at.microseconds().clamp(FIRST_US, LAST_US);
        let from = self.gte.map_or(FIRST_US, near).max(self.gt.map_or(FIRST_US, |at| near(at) + 1));
        let to = self.lte.map_or(LAST_US, near).min(self.lt.map_or(LAST_US, |at| near(at) - 1));
        let time =
            |us| Time::from_microseconds(us).unwrap_or(Time::new(jiff::Timestamp::UNIX_EPOCH));
        (time(from), time(to))
    }
}

/// Reads an instant in RFC 3339.
///
/// # Errors
/// A sentence with the form.
pub fn read_time(text: &str) -> Result<Time, String> {
    let form = || format!("`{text}` is not a time such as 2026-03-05T12:00:00Z.");
    text.parse::<jiff::Timestamp>().map(Time::new).map_err(|_| form())
}

/// One page of a list: how many and after what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Items at most.
    pub limit: i64,
    /// Where it begins: what the cursor carries.
    pub after: Option<String>,
    /// What the next cursor is bound to: path, filters and reader.
    bound: Vec<String>,
}

impl Slice {
    /// The cursor that begins after `place`, good only for the same list and reader.
    #[must_use]
    pub fn next(&self, signer: &Signer, place: &str) -> String {
        let bound: Vec<&str> = self.bound.iter().map(String::as_str).collect();
        signer.sign(&bound, place)
    }
}

#[derive(Debug, Default)]
struct Noted {
    /// Field → operators somebody asked for.
    known: BTreeMap<String, Vec<&'static str>>,
    errors: Vec<FieldError>,
}

/// The query of a request.
#[derive(Debug, Default)]
pub struct Asked {
    path: String,
    pairs: Vec<(String, String)>,
    noted: Mutex<Noted>,
}

impl Asked {
    /// From a path and its query.
    #[must_use]
    pub fn new(path: &str, query: &str) -> Asked {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Asked { path: path.to_owned(), pairs, noted: Mutex::default() }
    }

    /// The one value of `field` or `field[eq]`.
    pub fn one<T, E: Display>(
        &self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.value(field, "eq")?;
        self.read(&named(field, "eq"), value, read)
    }

    /// The values of `field`, `field[eq]` and `field[in]=a,b`, of which any will do; empty when it was
    /// not asked for.
    pub fn any<T, E: Display>(&self, field: &str, read: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
        let mut all: Vec<T> = self.one(field, &read).into_iter().collect();
        let Some(list) = self.value(field, "in") else { return all };
        let name = named(field, "in");
        if list.split(',').count() > VALUES_MAX {
            self.wrong(&name, format!("`{name}` takes at most {VALUES_MAX} values."));
            return all;
        }
        all.extend(list.split(',').filter_map(|value| self.read(&name, value.trim(), &read)));
        all
    }

    /// The bounds of `field[gte]`, `field[gt]`, `field[lte]` and `field[lt]`.
    pub fn bounds<T, E: Display>(
        &self,
        field: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Bounds<T> {
        let bound = |op| {
            let value = self.value(field, op)?;
            self.read(&named(field, op), value, &read)
        };
        Bounds { gte: bound("gte"), gt: bound("gt"), lte: bound("lte"), lt: bound("lt") }
    }

    /// The bound of `field[lt]`, where a list has no other.
    pub fn below<T, E: Display>(
        &self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.value(field, "lt")?;
        self.read(&named(field, "lt"), value, read)
    }

    /// Which page: `limit` and `cursor`.
    pub fn slice(&self, signer: &Signer, reader: &str) -> Slice {
        let limit = self.one("limit", |text| {
            let limit = text.parse::<i64>().ok().filter(|n| (1..=LIMIT_MAX).contains(n));
            limit.ok_or_else(|| format!("`limit` is a whole number from 1 to {LIMIT_MAX}."))
        });
        let bound = self.bound(reader);
        let parts: Vec<&str> = bound.iter().map(String::as_str).collect();
        let after = self.one("cursor", |text| {
            let why = "This cursor was not given out for this list, these filters and this reader, \
                       or it was changed. Ask without `cursor` for the first page.";
            signer.open(&parts, text).ok_or(why)
        });
        Slice { limit: limit.unwrap_or(LIMIT), after, bound }
    }

    /// The fields asked for by `fields=a,b`; none when all are. `exist` tells which there are.
    pub fn fields(&self, exist: impl FnOnce() -> Vec<String>) -> Option<Vec<String>> {
        let list = self.value("fields", "eq")?;
        let exist = exist();
        let said: Vec<String> = list.split(',').map(|one| one.trim().to_owned()).collect();
        for one in said.iter().filter(|one| !exist.contains(one)) {
            let all = exist.join(", ");
            self.wrong("fields", format!("There is no field `{one}`; there are: {all}."));
        }
        Some(said)
    }

    /// A problem with every mistake, and whatever nobody asked for; `Ok` when there was none.
    ///
    /// # Errors
    /// [`Problem`] 400 with a line for each.
    pub fn checked(&self) -> Result<(), Problem> {
        let mut errors = self.noted().errors.clone();
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in &self.pairs {
            if seen.contains(&name.as_str()) {
                let message = format!("`{name}` is said twice; say it once.");
                errors.push(FieldError { path: name.clone(), message });
            }
            seen.push(name);
            errors.extend(self.unknown(name));
        }
        if errors.is_empty() { Ok(()) } else { Err(Problem::bad_request("query", errors)) }
    }

    fn unknown(&self, name: &str) -> Option<FieldError> {
        let noted = self.noted();
        let (field, op) = split(name);
        let message = match noted.known.get(field) {
            Some(ops) if ops.contains(&op) => return None,
            Some(ops) => {
                let all: Vec<String> = ops.iter().map(|op| named(field, op)).collect();
                format!("`{name}` is not understood; there are: {}.", all.join(", "))
            }
            None => {
                let all: Vec<&str> = noted.known.keys().map(String::as_str).collect();
                format!("`{name}` is not understood; there are: {}.", all.join(", "))
            }
        };
        Some(FieldError { path: name.to_owned(), message })
    }

    fn bound(&self, reader: &str) -> Vec<String> {
        let mut filters: Vec<String> = self
            .pairs
            .iter()
            .filter(|(name, _)| !["limit", "cursor", "fields"].contains(&split(name).0))
            .map(|(name, value)| format!("{}={value}", named(split(name).0, split(name).1)))
            .collect();
        filters.sort();
        let mut bound = vec![self.path.clone(), reader.to_owned()];
        bound.extend(filters);
        bound
    }

    fn value(&self, field: &str, op: &'static str) -> Option<&str> {
        {
            let mut noted = self.noted();
            let ops = noted.known.entry(field.to_owned()).or_default();
            if !ops.contains(&op) {
                ops.push(op);
            }
        }
        let found = self.pairs.iter().find(|(name, _)| split(name) == (field, op));
        found.map(|(_, value)| value.as_str())
    }

    fn read<T, E: Display>(
        &self,
        name: &str,
        value: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if value.contains('\0') {
            self.wrong(name, "A value cannot hold the character NUL.");
            return None;
        }
        match read(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, error);
                None
            }
        }
    }

    fn wrong(&self, name: &str, message: impl Display) {
        let error = FieldError { path: name.to_owned(), message: message.to_string() };
        self.noted().errors.push(error);
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `field[op]` in two; without an operator it is `eq`.
fn split(name: &str) -> (&str, &str) {
    match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((field, op)) => (field, op),
        None => (name, "eq"),
    }
}

fn named(field: &str, op: &str) -> String {
    if op == "eq" { field.to_owned() } else { format!("{field}[{op}]") }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asked, Problem> {
        let uri = parts.extensions.get::<axum::extract::OriginalUri>();
        let uri = uri.map_or(&parts.uri, |original| &original.0);
        let query = uri.query().unwrap_or("");
        if query.len() > 16 << 10 {
            let detail = "This query is longer than 16 KiB. Ask for less at once.";
            return Err(Problem::new(StatusCode::URI_TOO_LONG, "query", detail));
        }
        Ok(Asked::new(uri.path(), query))
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Signer};

    fn number(text: &str) -> Result<i64, String> {
        text.parse().map_err(|_| format!("`{text}` is not a whole number."))
    }

    #[test]
    fn filters_are_read_and_every_mistake_is_told_at_once() {
        let asked = Asked::new("/x", "a[in]=1,2&n[gte]=3&n[lt]=9&b=7");
        assert_eq!(asked.any("a", number), [1, 2]);
        let bounds = asked.bounds("n", number);
        assert_eq!((bounds.gte, bounds.gt, bounds.lte, bounds.lt), (Some(3), None, None, Some(9)));
        assert_eq!(asked.one("b", number), Some(7));
        asked.checked().unwrap();

        let asked = Asked::new("/x", "a=x&a[like]=1&z=1&b=1&b=2");
        asked.any("a", number);
        asked.one("b", number);
        let problem = asked.checked().unwrap_err();
        assert_eq!(problem.status, 400);
        let told = problem.detail;
        for part in [
            "`x` is not a whole number",
            "there are: a, a[in]",
            "`z` is not understood; there are: a, b",
            "`b` is said twice",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_list_filters_and_reader_alone() {
        let signer = Signer::new([1; 32]);
        let asked = Asked::new("/x", "a=1&limit=2");
        asked.one("a", number);
        let slice = asked.slice(&signer, "ada");
        asked.checked().unwrap();
        assert_eq!((slice.limit, slice.after.as_deref()), (2, None));
        let cursor = slice.next(&signer, "17");
        let with = |path: &str, query: &str, reader: &str| {
            let asked = Asked::new(path, &format!("{query}&cursor={cursor}"));
            asked.one("a", number);
            let slice = asked.slice(&signer, reader);
            asked.checked().map(|()| slice.after)
        };
        // More at once is the same list.
        assert_eq!(with("/x", "a=1&limit=9", "ada").unwrap().as_deref(), Some("17"));
        assert_eq!(with("/x", "a[eq]=1", "ada").unwrap().as_deref(), Some("17"));
        for (path, query, reader) in [
            ("/y", "a=1", "ada"),
            ("/x", "a=2", "ada"),
            ("/x", "limit=2", "ada"),
            ("/x", "a=1", "bob"),
        ] {
            assert_eq!(
                with(path, query, reader).unwrap_err().status,
                400,
                "{path} {query} {reader}"
            );
        }
    }

    #[test]
    fn fields_that_do_not_exist_are_named() {
        let exist = ["key".to_owned(), "title".to_owned()];
        let asked = Asked::new("/x", "fields=key");
        assert_eq!(asked.fields(|| exist.to_vec()), Some(vec!["key".to_owned()]));
        asked.checked().unwrap();
        let asked = Asked::new("/x", "fields=key,colour");
        asked.fields(|| exist.to_vec());
        let told = asked.checked().unwrap_err().detail;
        assert_eq!(told, "There is no field `colour`; there are: key, title.");
    }
}
