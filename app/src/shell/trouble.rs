//! Trouble as a page: what went wrong in plain words, what to do, and what was typed, so that nothing
//! is lost.

use super::Frame;
use super::frame::Page;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use kit::web::{Problem, see_other};

#[derive(askama::Template)]
#[template(path = "shell/templates/trouble.html")]
struct TroublePage {
    page: Page,
    problem: Problem,
    headline: &'static str,
    back: Option<String>,
}

/// Whether the asker reads pages.
fn reads_pages(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    !path.starts_with("/api/") && accept.contains("text/html")
}

/// Turns a [`Problem`] into a page for those who read pages; sends who is not signed in to sign in.
pub async fn layer(frame: Frame, request: Request, next: Next) -> Response {
    let is_get = request.method() == axum::http::Method::GET;
    let wants_page = reads_pages(request.uri().path(), request.headers());
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let back = referer
        .and_then(|url| url.split_once("://")?.1.split_once('/'))
        .map(|(_, rest)| format!("/{rest}"))
        .filter(|path| super::is_own_path(path));
    let response = next.run(request).await;
    if !wants_page {
        return response;
    }
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None if response.status() == StatusCode::NOT_FOUND
            && !response.headers().contains_key(header::CONTENT_TYPE) =>
        {
            Problem::not_found()
        }
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "This address is for sending a form, not for opening.",
        ),
        None => return response,
    };
    if problem.status == StatusCode::UNAUTHORIZED && is_get {
        let query = form_encode(&frame.path);
        return see_other(&format!("/sign-in?next={query}"));
    }
    let headline = headline(problem.status);
    let page = frame.page(headline, "");
    let status = problem.status;
    let html = askama::Template::render(&TroublePage { page, problem, headline, back });
    let mut page = match html {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    };
    if let Some(when) = response.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, when.clone());
    }
    page
}

fn headline(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Please sign in first",
        403 => "This is not yours to do",
        404 => "Nothing is here",
        405 => "Not this way",
        412 => "Somebody was faster",
        409 => "Not as things stand now",
        413 => "This is too large",
        422 | 400 | 415 => "Something in it needs mending",
        429 => "Please wait a little",
        503 => "Not just now",
        _ => "Something broke",
    }
}

fn form_encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/".contains(&b);
    let mut out = String::new();
    for byte in text.bytes() {
        if plain(byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
