//! `/catalogue`: files in, a look at what they would change, and then the change.

use super::bring::{bring, preview};
use super::came::{Came, Did, Line};
use super::read::{File, MOST, read};
use crate::access::Viewer;
use crate::app::App;
use crate::shell::{self, Frame, Page};
use axum::Router;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use kit::web::road::{get, post};
use kit::web::{Csrf, Problem, Said};
use std::fmt::Display;

/// How much text a form takes, in bytes: it is sent again when it is confirmed.
const TEXT_MAX: usize = 512 << 10;
/// How many lines of a kind are shown.
const SHOWN: usize = 400;

/// What is served for pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/catalogue", get(show).merge(post(do_bring)))
        .route("/catalogue/preview", post(do_preview))
}

#[derive(askama::Template)]
#[template(path = "catalogue/templates/catalogue.html")]
struct CataloguePage {
    page: Page,
    can_administer: bool,
}

async fn show(viewer: Viewer, frame: Frame) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let page = frame.page("Bring people, teams and services", "people");
    shell::page(&CataloguePage { page, can_administer: viewer.can_administer() })
}

#[derive(askama::Template)]
#[template(path = "catalogue/templates/came.html")]
struct CamePage {
    page: Page,
    came: Came,
    /// What is sent again to confirm; none when it was done.
    files: Vec<File>,
    is_preview: bool,
}

impl CamePage {
    fn of(&self, did: &str) -> Vec<&Line> {
        let own = self.came.lines.iter().filter(|line| line.did.name() == did);
        own.take(SHOWN).collect()
    }

    fn more(&self, did: &str) -> usize {
        let n = self.came.lines.iter().filter(|line| line.did.name() == did).count();
        n.saturating_sub(SHOWN)
    }

    fn changes_something(&self) -> bool {
        self.came.added + self.came.changed > 0
    }

    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        let head = |did: Did| (did.name(), if did == Did::Added { "New" } else { "Changed" });
        [head(Did::Added), head(Did::Changed), (Did::LeftAlone.name(), "Left alone")]
    }
}

fn cut(error: &impl Display) -> Problem {
    let detail = format!("What was sent could not be read to its end: {error}. Nothing was taken.");
    Problem::new(StatusCode::BAD_REQUEST, "cut", detail)
}

/// The files of a form, with the secret of its session checked.
async fn sent(request: Request) -> Result<Vec<File>, Problem> {
    let csrf = request.extensions().get::<Csrf>().cloned();
    let header = request.headers().get("x-csrf").and_then(|value| value.to_str().ok());
    let mut given = header.map(str::to_owned).unwrap_or_default();
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|error| {
        let detail = format!("A form with files is expected here: {error}.");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", detail)
    })?;
    let (mut files, mut size) = (Vec::new(), 0);
    while let Some(part) = parts.next_field().await.map_err(|error| cut(&error))? {
        let (field, name) =
            (part.name().unwrap_or_default().to_owned(), part.file_name().map(str::to_owned));
        let bytes = part.bytes().await.map_err(|error| cut(&error))?;
        match name {
            Some(name) if !name.is_empty() => {
                size += bytes.len();
                if files.len() == MOST || size > TEXT_MAX {
                    let why = format!(
                        "A form takes at most {MOST} files of {} KiB in all; `afterword catalogue import` takes more.",
                        TEXT_MAX >> 10
                    );
                    return Err(Problem::field("files", why));
                }
                files.push(File { text: text_of(&name, &bytes)?, name });
            }
            Some(_) => {}
            None if field == "_csrf" => given = String::from_utf8_lossy(&bytes).into_owned(),
            None => {}
        }
    }
    if csrf.is_some_and(|csrf| !csrf.is(given.trim())) {
        let detail =
            "This form is from another session, so nothing was taken. Open the page again.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail));
    }
    Ok(files)
}

fn text_of(name: &str, bytes: &[u8]) -> Result<String, Problem> {
    let text = std::str::from_utf8(bytes).map(|text| text.replace('\0', ""));
    text.map_err(|error| {
        let at = error.valid_up_to();
        Problem::field(
            "files",
            format!("{name} is no UTF-8 text from byte {at} on; save it as UTF-8."),
        )
    })
}

async fn do_preview(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    request: Request,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let files = sent(request).await?;
    let came = preview(&app, &viewer, read(&files)?).await?;
    let page = frame.page("What would change", "people");
    shell::page(&CamePage { page, came, files, is_preview: true })
}

async fn do_bring(
    State(app): State<App>,
    viewer: Viewer,
    frame: Frame,
    said: Said,
) -> Result<Response, Problem> {
    viewer.must_decide()?;
    let raw = |field: &str| {
        let own = said.fields().iter().filter(|(name, _)| name == field);
        own.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let files = raw("name").into_iter().zip(raw("text"));
    let files: Vec<File> = files.map(|(name, text)| File { name, text }).collect();
    let came = bring(&app, &viewer, read(&files)?).await?;
    let page = frame.page("What was brought in", "people");
    shell::page(&CamePage { page, came, files: Vec::new(), is_preview: false })
}
