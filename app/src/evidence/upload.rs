//! What a browser or the command line sends: a multipart form or a raw body, streamed to the disk.

use super::files::{Arriving, too_large};
use super::import::item::Mapping;
use super::piece::Import;
use super::take_in::{self, Asked, To};
use crate::app::App;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use kit::web::{Csrf, Problem};

/// Parts of a form at most.
const PARTS: usize = 200;
/// The longest value of a field that is no file.
const LONGEST_FIELD: usize = 16 * 1024;

/// A file and what came of it.
pub struct Done {
    /// The import, or why there is none.
    pub came_to: Result<Import, Problem>,
}

/// Refuses what says that it is too large, before it is read.
///
/// # Errors
/// 413 in words.
pub fn fits(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    // The form around the file is small.
    if length > app.config.upload_max_bytes + (1 << 20) {
        return Err(too_large(app.config.upload_max_bytes));
    }
    Ok(())
}

/// Whether what a cookie vouches for has given its secret back, in the header or in the form.
///
/// # Errors
/// 403 in words.
pub fn check_csrf(csrf: Option<&Csrf>, headers: &HeaderMap, form: &str) -> Result<(), Problem> {
    let Some(csrf) = csrf else { return Ok(()) };
    let header = headers.get("x-csrf").and_then(|value| value.to_str().ok());
    if csrf.is(header.unwrap_or(form)) {
        return Ok(());
    }
    let detail = "This form is from another session, so nothing was taken. Open the page again.";
    Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail))
}

/// Takes every file of a form in, one after the other.
///
/// # Errors
/// When the form itself cannot be read; each file has its own answer.
pub async fn form(to: &To<'_>, request: Request) -> Result<Vec<Done>, Problem> {
    to.viewer.must_write()?;
    fits(to.app, request.headers())?;
    let headers = request.headers().clone();
    let csrf = request.extensions().get::<Csrf>().cloned();
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| {
        let detail = format!("A form with files is expected here: {error}.");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", detail)
    })?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut done = Vec::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|error| cut(&error))? {
        count += 1;
        if count > PARTS {
            let detail = format!("A form has at most {PARTS} parts; send fewer files at once.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many", detail));
        }
        let Some(name) = part.file_name().map(str::to_owned) else {
            fields.push(field(part).await?);
            continue;
        };
        let said = |key: &str| {
            fields.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str())
        };
        check_csrf(csrf.as_ref(), &headers, said("_csrf"))?;
        let asked = asked(&said)?;
        let Some(file) = arrive(to.app, part).await? else { continue };
        done.push(Done { came_to: take_in::take_in(to, file, &name, asked).await });
    }
    if done.is_empty() {
        return Err(Problem::field("files", "Choose a file first."));
    }
    Ok(done)
}

/// What a form or query says beforehand.
///
/// # Errors
/// 422 for a zone, day or mapping that is none.
pub fn asked<'a>(said: &impl Fn(&str) -> &'a str) -> Result<Asked, Problem> {
    let mapping = match said("mapping") {
        "" => columns(said),
        text => Some(mapping(text).map_err(|why| Problem::field("mapping", why))?),
    };
    Asked::check(said("zone"), said("day"), mapping)
}

/// The mapping of fields `map_at`, `map_text` and so on.
fn columns<'a>(said: &impl Fn(&str) -> &'a str) -> Option<Mapping> {
    let some = |key: &str| Some(said(key).to_owned()).filter(|text| !text.is_empty());
    let (at, text) = (some("map_at")?, some("map_text")?);
    let (author, kind) = (some("map_author"), some("map_kind"));
    Some(Mapping { at, text, author, kind, url: some("map_url"), id: some("map_id") })
}

/// Reads `at=time,text=message,author=who`.
///
/// # Errors
/// A sentence with the form.
pub fn mapping(text: &str) -> Result<Mapping, String> {
    let mut mapping = Mapping::default();
    for pair in text.split(',') {
        let form = "Say which column is what as at=time,text=message,author=who.";
        let (what, column) = pair.split_once('=').ok_or(form)?;
        let column = column.trim().to_owned();
        match what.trim() {
            "at" => mapping.at = column,
            "text" => mapping.text = column,
            "author" => mapping.author = Some(column),
            "kind" => mapping.kind = Some(column),
            "url" => mapping.url = Some(column),
            "id" => mapping.id = Some(column),
            other => {
                return Err(format!("`{other}` is not one of: at, text, author, kind, url, id."));
            }
        }
    }
    if mapping.at.is_empty() || mapping.text.is_empty() {
        return Err("Say at least which column is the time and which the text: at=…,text=….".into());
    }
    Ok(mapping)
}

async fn field(mut part: axum::extract::multipart::Field<'_>) -> Result<(String, String), Problem> {
    let name = part.name().unwrap_or_default().to_owned();
    let mut value = Vec::new();
    while let Some(bytes) = part.chunk().await.map_err(|error| cut(&error))? {
        value.extend_from_slice(&bytes);
        if value.len() > LONGEST_FIELD {
            let why = format!("It has at most {LONGEST_FIELD} bytes.");
            return Err(Problem::field(&name, why));
        }
    }
    Ok((name, String::from_utf8_lossy(&value).replace('\0', "").trim().to_owned()))
}

/// The file of a part; none when the form was sent without one.
async fn arrive(
    app: &App,
    mut part: axum::extract::multipart::Field<'_>,
) -> Result<Option<Arriving>, Problem> {
    let unnamed = part.file_name().is_none_or(str::is_empty);
    let mut file = Arriving::begin(app)?;
    while let Some(bytes) = part.chunk().await.map_err(|error| cut(&error))? {
        file.take(&bytes).await?;
    }
    Ok(if unnamed && file.head.is_empty() { None } else { Some(file) })
}

/// Takes a raw body in.
///
/// # Errors
/// As [`take_in::take_in`].
pub async fn raw(
    to: &To<'_>,
    body: Body,
    file_name: &str,
    asked: Asked,
) -> Result<Import, Problem> {
    to.viewer.must_write()?;
    let mut file = Arriving::begin(to.app)?;
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        file.take(&bytes.map_err(|error| cut(&error))?).await?;
    }
    take_in::take_in(to, file, file_name, asked).await
}

fn cut(error: &impl std::fmt::Display) -> Problem {
    let detail =
        format!("The upload broke off, so this file was not taken: {error}. Send it again.");
    Problem::new(StatusCode::BAD_REQUEST, "broke_off", detail)
}

#[cfg(test)]
mod tests {
    use super::mapping;

    #[test]
    fn a_mapping_is_read_and_what_is_wrong_with_it_said() {
        let found = mapping("at=time, text=what happened,author=who").unwrap();
        assert_eq!(found.text, "what happened");
        assert_eq!(found.author.as_deref(), Some("who"));
        assert!(mapping("at=time").unwrap_err().contains("text="));
        assert!(mapping("time").is_err() && mapping("at=a,text=b,size=c").is_err());
    }
}
