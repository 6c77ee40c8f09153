//! Signing in from a terminal: the token is kept in a file that only its owner reads.

use super::client::{Client, Server, variable};
use super::exit::{Exit, Failure};
use super::{Environment, Out};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// What a sign-in leaves behind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    /// The server.
    pub(super) url: String,
    /// The secret.
    pub(super) token: String,
    /// Who.
    pub(super) handle: String,
}

impl Session {
    fn path(environment: &Environment) -> Result<PathBuf> {
        let configured = variable(environment, "XDG_CONFIG_HOME").map(PathBuf::from);
        let home = variable(environment, "HOME").map(|home| PathBuf::from(home).join(".config"));
        let Some(folder) = configured.or(home) else {
            bail!("neither XDG_CONFIG_HOME nor HOME is set; give --url and AFTERWORD_TOKEN instead")
        };
        Ok(folder.join("afterword").join("session.toml"))
    }

    /// The last sign-in, if there was one.
    ///
    /// # Errors
    /// When its file is there and does not read.
    pub(super) fn read(environment: &Environment) -> Result<Option<Session>> {
        let Ok(path) = Session::path(environment) else { return Ok(None) };
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let session = toml::from_str(&text).with_context(|| {
                    format!("{} is damaged; run afterword login again", path.display())
                })?;
                Ok(Some(session))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} does not read", path.display())),
        }
    }

    fn write(&self, environment: &Environment) -> Result<PathBuf> {
        let path = Session::path(environment)?;
        let folder = path.parent().context("the file is in a folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        // Written beside and moved, so that it is never half there and never open to others.
        let beside = path.with_extension("new");
        std::fs::remove_file(&beside).ok();
        let file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        let mut file = file.with_context(|| format!("{} cannot be written", beside.display()))?;
        file.write_all(toml::to_string(self)?.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path)
    }
}

/// Sign in to a server; the token is kept for the other commands.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  afterword login https://afterword.example.org
  AFTERWORD_PASSWORD=… afterword login http://127.0.0.1:8080 --email ada@example.org")]
pub(super) struct Login {
    /// The server's address.
    #[arg(value_name = "URL")]
    address: Option<String>,
    /// Your e-mail address; asked for when it is missing.
    #[arg(long)]
    email: Option<String>,
}

impl Login {
    pub(super) async fn run(
        self,
        server: &Server,
        environment: &Environment,
        out: &mut Out,
    ) -> Result<()> {
        let known = Session::read(environment).ok().flatten().map(|session| session.url);
        let named = self.address.clone().or(server.url.clone());
        let named = named.or(variable(environment, "AFTERWORD_URL").map(str::to_owned)).or(known);
        let Some(url) = named else {
            let what = "say which server: afterword login https://afterword.example.org";
            return Err(Failure::new(Exit::Usage, what).into());
        };
        let client = Client::at(&url, None)?;
        let email = match self.email {
            Some(email) => email,
            None => ask("E-mail address: ")?,
        };
        let password = match variable(environment, "AFTERWORD_PASSWORD") {
            Some(password) => password.to_owned(),
            None if std::io::stdin().is_terminal() => rpassword::prompt_password("Password: ")?,
            None => {
                let what = "no terminal to ask for the password at; set AFTERWORD_PASSWORD";
                return Err(Failure::new(Exit::Usage, what).into());
            }
        };
        let said = json!({ "email": email, "password": password });
        let begun = client.post("/sessions", &said).await?;
        let token = begun["token"].as_str().context("the server gave no token")?.to_owned();
        let me = Client::at(&url, Some(token.clone()))?.get("/me").await?;
        let handle = me["handle"].as_str().unwrap_or_default().to_owned();
        let session = Session { url: client.url, token, handle };
        let path = session.write(environment)?;
        let at = path.display();
        let sentence =
            format!("Signed in to {} as @{}; kept in {at}.", session.url, session.handle);
        out.answer(&json!({ "url": session.url, "handle": session.handle }), &sentence)
    }
}

fn ask(question: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        let what = "no terminal to ask for the e-mail address at; give --email";
        return Err(Failure::new(Exit::Usage, what).into());
    }
    eprint!("{question}");
    std::io::stderr().flush().ok();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Ends the session, here and on the server.
pub(super) async fn logout(environment: &Environment, out: &mut Out) -> Result<()> {
    let Some(session) = Session::read(environment)? else {
        return out.answer(&json!({ "ended": false }), "Nobody was signed in.");
    };
    let ended = Client::at(&session.url, Some(session.token))?.delete("/sessions").await;
    std::fs::remove_file(Session::path(environment)?).ok();
    let sentence = match ended {
        Ok(_) => format!("Signed out of {}.", session.url),
        Err(error) => format!("The token is removed here; the server was not told: {error:#}"),
    };
    out.answer(&json!({ "ended": true, "url": session.url }), &sentence)
}

#[cfg(test)]
mod tests {
    use super::Session;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_its_owner_reads_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display().to_string();
        let environment = vec![("XDG_CONFIG_HOME".to_owned(), home)];
        assert!(Session::read(&environment).unwrap().is_none());
        let session =
            Session { url: "http://h".into(), token: "secret".into(), handle: "ada".into() };
        let path = session.write(&environment).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        session.write(&environment).unwrap();
        assert_eq!(Session::read(&environment).unwrap().unwrap().token, "secret");
        std::fs::write(&path, "url = 3").unwrap();
        assert!(Session::read(&environment).unwrap_err().to_string().contains("login again"));
    }
}
