//! The client of a server's JSON API: where it is, who asks, and errors that say what to do next.
//!
//! A write carries a key of its own (`Idempotency-Key`), so that trying it again cannot do it twice.
//! What the server was too busy for is tried again, a few times and not for long.

use super::Environment;
use super::exit::{Exit, Failure};
use super::login::Session;
use anyhow::{Context, Result};
use clap::Args;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, IF_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::io::IsTerminal;
use std::time::Duration;

/// How often one request is sent at most.
const TRIES: u32 = 4;
/// The longest one waits between two tries, in seconds.
const LONGEST_WAIT_S: u64 = 20;
/// How long an answer may take, in seconds; uploads have no such end.
const PATIENCE_S: u64 = 120;

/// Which server, as whom. Otherwise as `afterword login` left it.
#[derive(Debug, Args, Clone)]
pub struct Server {
    /// The server's address; or AFTERWORD_URL.
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    pub url: Option<String>,
    /// A token instead of signing in; or AFTERWORD_TOKEN.
    #[arg(long, global = true, value_name = "TOKEN", hide = true)]
    pub token: Option<String>,
}

/// Where the client's token came from, for the remedy when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Named,
    Kept,
}

/// Speaks to one server.
pub struct Client {
    http: reqwest::Client,
    /// The server's address, without a trailing slash.
    pub url: String,
    token: Option<String>,
    from: Token,
}

/// A variable of the environment.
pub(super) fn variable<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    let found = environment.iter().find(|(key, value)| key == name && !value.is_empty());
    found.map(|(_, value)| value.as_str())
}

impl Client {
    /// A client for the server that flags, environment or the last sign-in name.
    ///
    /// # Errors
    /// When none is named, or the files of the last sign-in do not read.
    pub fn new(server: &Server, environment: &Environment) -> Result<Client> {
        let named = server.url.as_deref().or(variable(environment, "AFTERWORD_URL"));
        let token = server.token.as_deref().or(variable(environment, "AFTERWORD_TOKEN"));
        let session = Session::read(environment)?;
        let same = |url: &str| session.as_ref().is_some_and(|session| session.url == clean(url));
        let kept = session.as_ref().filter(|_| named.is_none_or(same));
        let url = named.map(clean).or(kept.map(|session| session.url.clone()));
        let Some(url) = url else {
            let what = "no server is known yet; run: afterword login https://afterword.example.org";
            return Err(Failure::new(Exit::NotAllowed, what).into());
        };
        let from = if token.is_some() { Token::Named } else { Token::Kept };
        let token = token.map(str::to_owned).or(kept.map(|session| session.token.clone()));
        let Some(token) = token else {
            let what = format!("nobody is signed in; run: afterword login {url}");
            return Err(Failure::new(Exit::NotAllowed, what).into());
        };
        Ok(Client { from, ..Client::at(&url, Some(token))? })
    }

    /// A client for an address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn at(url: &str, token: Option<String>) -> Result<Client> {
        // A second time it is there already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let url = clean(url);
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let what = format!("`{url}` is not an address such as https://afterword.example.org");
            return Err(Failure::new(Exit::Usage, what).into());
        }
        let http = reqwest::Client::builder()
            // Following would turn a write into a read.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .user_agent(concat!("afterword/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the client cannot be made")?;
        Ok(Client { http, url, token, from: Token::None })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let is_post = method == Method::POST;
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        if is_post {
            request = request.header("idempotency-key", hex::encode(kit::chance::bytes::<16>()));
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends it, again while the server is too busy, or the line broke and a second time is the
    /// same as one.
    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let mut tried = 1;
        let mut request = request;
        loop {
            let again = if tried < TRIES { request.try_clone() } else { None };
            let sent = request.send().await;
            let wait = match &sent {
                Ok(response) => wait_of(response.status(), response.headers(), tried),
                Err(error) if error.is_connect() || error.is_builder() || error.is_timeout() => {
                    None
                }
                Err(_) => Some(Duration::from_secs(1)),
            };
            let (Some(next), Some(wait)) = (again.filter(can_repeat), wait) else {
                return sent.map_err(|error| self.away(&error));
            };
            if std::io::stderr().is_terminal() {
                eprintln!("The server is busy; trying again in {} s.", wait.as_secs());
            }
            tokio::time::sleep(wait).await;
            tried += 1;
            request = next;
        }
    }

    fn away(&self, error: &reqwest::Error) -> anyhow::Error {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let url = &self.url;
        let what = format!("{url} does not answer ({cause}); check the address and that it runs");
        Failure::new(Exit::Away, what).into()
    }

    async fn read(&self, response: Response) -> Result<Value> {
        let status = response.status();
        if status.is_redirection() {
            return Err(self.elsewhere(response.headers()).into());
        }
        let text = response.text().await.map_err(|error| self.away(&error))?;
        if !status.is_success() {
            return Err(self.refused(status, &text).into());
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        let value = serde_json::from_str(&text).ok();
        value.with_context(|| {
            format!("{} answered something that is not JSON; is it Afterword?", self.url)
        })
    }

    /// The server sends on: to its sign-in page, or to its other address.
    fn elsewhere(&self, headers: &HeaderMap) -> Failure {
        let to = headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        if to.starts_with("/sign-in") {
            let what = format!("the sign-in has ended; run: afterword login {}", self.url);
            return Failure::new(Exit::NotAllowed, what);
        }
        let what = format!("{} sends on to {to}; use that address as --url", self.url);
        Failure::new(Exit::Usage, what)
    }

    /// What the server would not do, and what one can do.
    fn refused(&self, status: StatusCode, text: &str) -> Failure {
        let problem: Value = serde_json::from_str(text).unwrap_or_default();
        let url = &self.url;
        let Some(detail) = problem["detail"].as_str() else {
            let exit = if status.is_server_error() { Exit::Away } else { Exit::Failed };
            let what = format!("{url} answered {status}; is it Afterword? Try {url} in a browser");
            return Failure::new(exit, what);
        };
        match status {
            StatusCode::UNAUTHORIZED => {
                let what = match self.from {
                    Token::Named => format!(
                        "the token is not accepted; it may have ended. See `afterword tokens`, or \
                         {url}/tokens"
                    ),
                    Token::Kept => format!("the sign-in has ended; run: afterword login {url}"),
                    Token::None => detail.to_owned(),
                };
                Failure::new(Exit::NotAllowed, what)
            }
            StatusCode::FORBIDDEN => Failure::new(Exit::NotAllowed, detail),
            StatusCode::NOT_FOUND => {
                let what = "it is not there, or not shared with you; `afterword incidents` lists \
                            what you can see";
                Failure::new(Exit::NotFound, what)
            }
            StatusCode::PRECONDITION_FAILED => {
                let version = problem["current"]["version"].as_i64();
                let version = version.map(|n| format!("; it is at version {n} now"));
                let what = format!(
                    "somebody changed it meanwhile{}. Nothing was overwritten: read it again, then \
                     repeat with its version",
                    version.unwrap_or_default()
                );
                Failure::new(Exit::Conflict, what)
            }
            StatusCode::CONFLICT => Failure::new(Exit::Conflict, detail),
            StatusCode::TOO_MANY_REQUESTS => Failure::new(Exit::Away, detail),
            _ if status.is_server_error() => Failure::new(Exit::Away, detail),
            _ => Failure::new(Exit::Usage, with_fields(detail, &problem)),
        }
    }

    async fn said(&self, request: RequestBuilder) -> Result<Value> {
        let request = request.timeout(Duration::from_secs(PATIENCE_S));
        self.read(self.send(request).await?).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.said(self.request(Method::POST, path).json(body)).await
    }

    /// Changes a part of what is there.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.said(self.request(Method::PATCH, path).json(body)).await
    }

    /// Puts JSON in the place of what is there.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.said(self.request(Method::PUT, path).json(body)).await
    }

    /// Changes what has the given version; refused when somebody changed it meanwhile.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub(super) async fn change(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        etag: &str,
    ) -> Result<Value> {
        self.said(self.request(method, path).header(IF_MATCH, etag).json(body)).await
    }

    /// Sends a body of a known length as it is.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn upload(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Body,
        length: u64,
    ) -> Result<Value> {
        let path = format!("{path}?{}", query_of(query));
        let request = self.request(Method::POST, &path).header(CONTENT_LENGTH, length);
        let request = request.header(CONTENT_TYPE, "application/octet-stream").body(body);
        self.read(self.send(request).await?).await
    }

    /// Ends something.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.said(self.request(Method::DELETE, path)).await
    }

    /// Asks.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.said(self.request(Method::GET, path)).await
    }

    /// Asks the API for a document that stays as it is.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub(super) async fn document(&self, path: &str) -> Result<Vec<u8>> {
        self.bytes(self.request(Method::GET, path)).await
    }

    /// Asks for what a page offers to take away, such as its CSV.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub(super) async fn page(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.url));
        self.bytes(request.bearer_auth(self.token.as_deref().unwrap_or_default())).await
    }

    async fn bytes(&self, request: RequestBuilder) -> Result<Vec<u8>> {
        let request = request.timeout(Duration::from_secs(PATIENCE_S));
        let response = self.send(request).await?;
        let status = response.status();
        if status.is_success() {
            let bytes = response.bytes().await.map_err(|error| self.away(&error))?;
            return Ok(bytes.to_vec());
        }
        Err(self.read(response).await.err().unwrap_or_else(|| anyhow::anyhow!("{status}")))
    }
}

/// A query's text.
pub(super) fn query_of(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// How long to wait before another try; none when another would be answered the same.
fn wait_of(status: StatusCode, headers: &HeaderMap, tried: u32) -> Option<Duration> {
    let is_busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if !is_busy {
        return None;
    }
    let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|text| text.trim().parse::<u64>().ok());
    let seconds = asked.unwrap_or(1 << tried.min(4));
    (seconds <= LONGEST_WAIT_S).then(|| Duration::from_secs(seconds))
}

/// Whether a second time is the same as one: it reads, or carries its key or the version it changes.
fn can_repeat(request: &RequestBuilder) -> bool {
    let Some(Ok(request)) = request.try_clone().map(RequestBuilder::build) else { return false };
    request.method() == Method::GET
        || request.headers().contains_key("idempotency-key")
        || request.headers().contains_key(IF_MATCH)
}

/// A refusal with the fields it names, where the sentence does not say them already.
fn with_fields(detail: &str, problem: &Value) -> String {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = detail.to_owned();
    for error in errors {
        let (path, message) = (error["path"].as_str(), error["message"].as_str());
        if let (Some(path), Some(message)) = (path, message)
            && !path.is_empty()
            && !detail.contains(message)
        {
            text = format!("{text}\n  {path}: {message}");
        }
    }
    text
}

fn clean(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}
