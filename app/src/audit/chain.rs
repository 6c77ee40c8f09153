//! The chain: each line of the record carries a digest over the line before it and itself, so that
//! a line that was changed, removed, inserted or moved shows (I19). What the chain alone cannot show,
//! lines cut off at its end or the whole record rolled back, an [`Anchor`] kept elsewhere shows.

use super::LineId;
use super::store;
use kit::db::json::canonical;
use kit::db::{Conn, Json, Result, Time};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The digest before the first line.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Lines read at a time.
const SLICE: i64 = 2_000;

/// A line as the chain sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Link {
    /// Its id.
    pub id: LineId,
    /// Its number, from 1.
    pub n: i64,
    /// When.
    pub at: Time,
    /// Who.
    pub person_id: Option<String>,
    /// The word for it.
    pub what: String,
    /// To what.
    pub object: String,
    /// Through which incident it is read.
    pub incident_id: Option<String>,
    /// What was.
    pub before: Option<Json<Value>>,
    /// What is.
    pub after: Option<Json<Value>>,
    /// The digest that was written with it.
    pub hash: String,
}

/// The digest of a line after the digest `previous`.
#[must_use]
pub fn digest(previous: &str, link: &Link) -> String {
    let mut hash = Sha256::new();
    let mut field = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    field(previous);
    field(link.id.as_str());
    field(&link.n.to_string());
    field(&link.at.microseconds().to_string());
    for text in [&link.person_id, &link.incident_id] {
        field(if text.is_some() { "1" } else { "0" });
        field(text.as_deref().unwrap_or(""));
    }
    field(&link.what);
    field(&link.object);
    for value in [&link.before, &link.after] {
        field(if value.is_some() { "1" } else { "0" });
        // A value as text that does not depend on who kept it.
        let text = value.as_ref().and_then(|Json(value)| canonical(&value.to_string()));
        field(&text.unwrap_or_default());
    }
    hex::encode(hash.finalize())
}

/// A place in the chain that somebody keeps elsewhere, `1234:ab…`: the number and digest of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The line's number.
    pub n: i64,
    /// Its digest.
    pub hash: String,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.n, self.hash)
    }
}

impl FromStr for Anchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Anchor, String> {
        let parts = text.trim().split_once(':');
        let read = parts.and_then(|(n, hash)| Some((n.parse::<i64>().ok()?, hash)));
        match read {
            Some((n, hash))
                if n >= 0 && hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Ok(Anchor { n, hash: hash.to_ascii_lowercase() })
            }
            _ => Err(format!(
                "`{text}` is not an anchor; it is a number, a colon and 64 hexadecimal digits"
            )),
        }
    }
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Lines walked.
    pub lines: i64,
    /// Where the record ends now.
    pub head: Anchor,
    /// What is wrong, in words; empty when the chain holds.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Whether the chain holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Walks the whole chain in slices, each a short read; compares it with its head and with `anchors`.
///
/// # Errors
/// What the database says.
pub async fn verify(conn: &mut Conn, anchors: &[Anchor]) -> Result<Verdict> {
    let head = store::head(conn).await?;
    let (mut n, mut hash) = (0_i64, START.to_owned());
    let mut faults = Vec::new();
    loop {
        let links = store::links(conn, n, SLICE).await?;
        // Lines written since the walk began are the next walk's.
        let links: Vec<Link> = links.into_iter().take_while(|link| link.n <= head.n).collect();
        if links.is_empty() {
            break;
        }
        for link in links {
            if link.n != n + 1 {
                faults.push(format!("lines {} to {} are missing", n + 1, link.n - 1));
            } else if digest(&hash, &link) != link.hash {
                faults.push(format!("line {} ({}) is not what was written", link.n, link.what));
            }
            // One fault is told once: the walk goes on from what is there.
            (n, hash) = (link.n, link.hash);
            let kept = anchors.iter().find(|anchor| anchor.n == n);
            if kept.is_some_and(|anchor| anchor.hash != hash) {
                faults.push(format!("line {n} has another digest than the anchor"));
            }
        }
    }
    if n != head.n || hash != head.hash {
        faults.push(format!("the record ends at line {n}, and its head says line {}", head.n));
    }
    for anchor in anchors.iter().filter(|anchor| anchor.n > n) {
        faults.push(format!("the anchor is of line {}, and the record ends at {n}", anchor.n));
    }
    Ok(Verdict { lines: n, head, faults })
}

/// Looks at the end of the record alone: whether its head and its last lines belong together. Gives
/// where it ends and what is wrong, if something is. Cheap, for each start.
///
/// # Errors
/// What the database says.
pub async fn verify_end(conn: &mut Conn) -> Result<(Anchor, Option<String>)> {
    let head = store::head(conn).await?;
    let links = store::links(conn, head.n - 2, 3).await?;
    let mut previous = (head.n <= 1).then(|| START.to_owned());
    for link in links.iter().take_while(|link| link.n <= head.n) {
        if let Some(previous) = &previous
            && digest(previous, link) != link.hash
        {
            return Ok((head, Some(format!("line {} is not what was written", link.n))));
        }
        previous = Some(link.hash.clone());
    }
    let ends = links.iter().rfind(|link| link.n <= head.n);
    let is_whole = match ends {
        Some(last) => last.n == head.n && last.hash == head.hash,
        None => head.n == 0,
    };
    let fault = (!is_whole).then(|| format!("line {} is not there", head.n));
    Ok((head, fault))
}

#[cfg(test)]
mod tests {
    use super::{Anchor, verify};
    use crate::audit::{Deed, record};
    use crate::testing::{On, TestApp};
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[tokio::test]
    async fn i19_a_changed_a_removed_and_a_cut_off_line_show(
        #[values(On::Sqlite, On::Postgres)] on: On,
    ) {
        let app = TestApp::start(on).await;
        let ada = app.person("ada", crate::access::Seat::Administrator).await;
        let mut tx = app.app.db.write().await.unwrap();
        for k in 0..5 {
            let after = json!({ "b": k, "a": [1.5, "é", null], "c": { "z": 1, "y": true } });
            let deed = Deed::new(&ada.id, "test.done", "x").after(after);
            record(&mut tx, app.app.now(), deed).await.unwrap();
        }
        tx.commit().await.unwrap();

        let mut conn = app.app.db.read().await.unwrap();
        let whole = verify(&mut conn, &[]).await.unwrap();
        assert!(whole.holds() && whole.lines >= 5, "{whole:?}");
        let anchor: Anchor = whole.head.to_string().parse().unwrap();
        assert!(verify(&mut conn, std::slice::from_ref(&anchor)).await.unwrap().holds());
        drop(conn);

        let third = whole.lines - 2;
        app.execute(&format!("update activity set object = 'y' where n = {third}")).await;
        let mut conn = app.app.db.read().await.unwrap();
        let faults = verify(&mut conn, &[]).await.unwrap().faults;
        assert_eq!(faults, [format!("line {third} (test.done) is not what was written")]);
        drop(conn);

        app.execute(&format!("delete from activity where n = {third}")).await;
        let mut conn = app.app.db.read().await.unwrap();
        let faults = verify(&mut conn, &[]).await.unwrap().faults;
        assert_eq!(faults, [format!("lines {third} to {third} are missing")]);
        drop(conn);

        // Cut off at the end, head and all: only an anchor kept elsewhere shows it.
        let second = third - 1;
        app.execute(&format!("delete from activity where n > {second}")).await;
        app.execute(&format!(
            "update activity_head set n = {second}, hash = (select hash from activity where n = {second})"
        ))
        .await;
        let mut conn = app.app.db.read().await.unwrap();
        assert!(verify(&mut conn, &[]).await.unwrap().holds());
        assert!(!verify(&mut conn, &[anchor]).await.unwrap().holds());
    }
}
