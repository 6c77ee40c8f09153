//! The client of a server's JSON API: where it is, who asks, and errors that say what to do next.

use super::Environment;
use super::login::Session;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// Which server, as whom. Otherwise as `afterword login` left it.
#[derive(Debug, Args, Clone)]
pub struct Server {
    /// The server's address; or AFTERWORD_URL.
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// A token instead of signing in; or AFTERWORD_TOKEN.
    #[arg(long, global = true, value_name = "TOKEN", hide = true)]
    pub token: Option<String>,
}

/// Speaks to one server.
pub struct Client {
    http: reqwest::Client,
    /// The server's address, without a trailing slash.
    pub url: String,
    token: Option<String>,
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
            bail!("no server is known yet; run: afterword login https://afterword.example.org");
        };
        let token = token.map(str::to_owned).or(kept.map(|session| session.token.clone()));
        let Some(token) = token else { bail!("nobody is signed in; run: afterword login {url}") };
        Client::at(&url, Some(token))
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
            bail!("`{url}` is not an address such as https://afterword.example.org");
        }
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .user_agent(concat!("afterword/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the client cannot be made")?;
        Ok(Client { http, url, token })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value> {
        let response = request.send().await.map_err(|error| self.away(&error))?;
        self.read(response).await
    }

    fn away(&self, error: &reqwest::Error) -> anyhow::Error {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        anyhow!("{} does not answer ({cause}); check the address and that it runs", self.url)
    }

    async fn read(&self, response: Response) -> Result<Value> {
        let status = response.status();
        let text = response.text().await.map_err(|error| self.away(&error))?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        if status.is_success() {
            let none =
                || anyhow!("{} answered something that is not JSON; is it Afterword?", self.url);
            return if text.is_empty() { Ok(Value::Null) } else { value.ok_or_else(none) };
        }
        let detail = value.as_ref().and_then(|value| value["detail"].as_str());
        match (status, detail) {
            (StatusCode::UNAUTHORIZED, _) => {
                bail!("the sign-in has ended; run: afterword login {}", self.url)
            }
            (StatusCode::NOT_FOUND, Some(_)) => {
                bail!("it is not there, or not shared with you; check the key, such as INC-42")
            }
            (_, Some(detail)) => bail!("{detail}"),
            (status, None) => bail!("{} answered {status}; is it Afterword?", self.url),
        }
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(self.request(Method::POST, path).json(body)).await
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
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let request = self.request(Method::POST, &format!("{path}?{text}"));
        let request = request.header(reqwest::header::CONTENT_LENGTH, length);
        let kind = "application/octet-stream";
        self.send(request.header(reqwest::header::CONTENT_TYPE, kind).body(body)).await
    }

    /// Ends something.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Asks.
    ///
    /// # Errors
    /// What the server says, or that it is away.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.request(Method::GET, path)).await
    }
}

fn clean(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}
