//! How well answers are ordered: questions with known answers over real reports, for our index and for
//! the two databases' own full-text search. `make relevance` prints the figures.

use super::collect::Gate;
use super::doc::{Doc, Piece, What, batches, story_group};
use super::engine::Engine;
use super::find::find;
use super::question::{Asked, Filter};
use super::table::Entry;
use crate::access::{PersonId, Seat, Through, Viewer};
use crate::audit::Anchor;
use crate::incidents::{Kind, Status};
use crate::testing::start_of_tests;
use serde::Deserialize;
use std::path::{Path, PathBuf};

const QUERIES: &str = include_str!("relevance.toml");

#[derive(Deserialize)]
struct Set {
    query: Vec<Query>,
}

#[derive(Deserialize)]
struct Query {
    q: String,
    best: Vec<String>,
    #[serde(default)]
    good: Vec<String>,
}

/// A report: its path, title and text.
struct Report {
    path: String,
    title: String,
    text: String,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/postmortems")
}

/// The title of a report's front matter, its first heading or its file's name; and its text.
fn read(path: &Path, root: &Path) -> Option<Report> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).replace('\u{feff}', "");
    let (mut title, mut body) = (String::new(), text.clone());
    let mut summary = String::new();
    if let Some((head, rest)) = text.strip_prefix("---\n").and_then(|t| t.split_once("\n---")) {
        body = rest.trim_start_matches('-').to_owned();
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.map(|text| text.trim().trim_matches(['"', '\'']).to_owned())
        };
        title = field("title:").or_else(|| field("标题:")).unwrap_or_default();
        let company = field("company:").unwrap_or_default();
        summary = format!("{company} {}", field("summary:").unwrap_or_default());
    }
    let heading = body.lines().find_map(|line| line.strip_prefix("# "));
    if title.is_empty() {
        title = heading.map(|text| text.trim().to_owned()).unwrap_or_default();
    }
    let path = path.strip_prefix(root).ok()?.to_string_lossy().into_owned();
    if title.is_empty() && !path.starts_with("icco") {
        title = Path::new(&path).file_stem()?.to_string_lossy().into_owned();
    }
    let text = kit::markdown::to_text(&format!("{summary}\n\n{body}"));
    Some(Report { path, title, text })
}

fn reports(root: &Path) -> Vec<Report> {
    let mut open = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_none = ["_templates", "_html_rendered", "LICENSE.txt", "SOURCES.md"];
            if is_none.contains(&name.as_str()) || name.contains("docs-ja") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.extend(read(&path, root));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn entry(number: usize) -> Entry {
    Entry {
        id: format!("inc_{number:032x}"),
        only: None,
        drafts: Vec::new(),
        kind: Kind::Outage,
        status: Status::Closed,
        severity: None,
        began: 0,
        services: Vec::new(),
        teams: Vec::new(),
        owed: 0,
        promised: 0,
    }
}

/// As an incident with a published retrospective has it.
fn docs(number: usize, report: &Report) -> Vec<Doc> {
    let number = i64::try_from(number).unwrap();
    let plain = |what: What, pieces: Vec<Piece>| Doc {
        number,
        what,
        nth: 0,
        group: story_group(number),
        name: format!("INC-{number}"),
        link: String::new(),
        title: report.title.clone(),
        summary: String::new(),
        pieces,
        entry: None,
    };
    let lines = report.text.lines().map(Piece::plain).collect();
    let mut all: Vec<Doc> =
        batches(lines).into_iter().map(|pieces| plain(What::Release, pieces)).collect();
    all.iter_mut().skip(1).for_each(|doc| doc.title.clear());
    let mut first = plain(What::Incident, Vec::new());
    first.entry = Some(entry(usize::try_from(number).unwrap()));
    all.push(first);
    all
}

async fn ours(folder: &Path, reports: &[Report], set: &Set) -> Vec<Vec<usize>> {
    let engine = Engine::create(folder).unwrap();
    let mut writing = engine.write().await;
    for (at, report) in reports.iter().enumerate() {
        let number = i64::try_from(at + 1).unwrap();
        writing.add(docs(at + 1, report)).await.unwrap();
        writing.table.set(number, Some(entry(at + 1)));
    }
    writing.commit(Anchor { n: 1, hash: "0".repeat(64) }).await.unwrap();
    let view = engine.view();
    let viewer = Viewer {
        id: PersonId::at(start_of_tests()),
        name: String::new(),
        handle: String::new(),
        seat: Seat::Reader,
        zone: "UTC".into(),
        through: Through::Session,
    };
    let gate = Gate::new(&view, &viewer);
    let answers = set.query.iter().map(|query| {
        let found =
            find(&view, &gate, &Asked::parse(&query.q), &Filter::default(), (0, 20)).unwrap();
        found.hits.iter().map(|hit| usize::try_from(hit.number).unwrap() - 1).collect()
    });
    answers.collect()
}

/// The words of a question for the databases, which know no words of signs.
fn words(q: &str) -> Vec<String> {
    let words = q.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

async fn fts5(folder: &Path, reports: &[Report], set: &Set) -> Vec<Vec<usize>> {
    use sqlx::{ConnectOptions, Row};
    use sqlx_sqlite::{SqliteConnectOptions, SqliteConnection};
    let options =
        SqliteConnectOptions::new().filename(folder.join("fts.sqlite")).create_if_missing(true);
    let mut conn: SqliteConnection = options.connect().await.unwrap();
    let make = "create virtual table t using fts5 (title, text, tokenize = 'porter unicode61')";
    sqlx::query(make).execute(&mut conn).await.unwrap();
    for (at, report) in reports.iter().enumerate() {
        let insert = sqlx::query("insert into t (rowid, title, text) values ($1, $2, $3)");
        let insert = insert.bind(i64::try_from(at).unwrap()).bind(&report.title);
        insert.bind(&report.text).execute(&mut conn).await.unwrap();
    }
    let mut all = Vec::new();
    for query in &set.query {
        // All words first; when fewer than three have them, any.
        let quoted: Vec<String> =
            words(&query.q).iter().map(|word| format!("\"{word}\"")).collect();
        let mut found: Vec<usize> = Vec::new();
        for joint in [" ", " OR "] {
            if found.len() >= 3 {
                break;
            }
            let select = "select rowid from t where t match $1 order by bm25(t, 4.0, 1.0) limit 20";
            let rows = sqlx::query(select).bind(quoted.join(joint)).fetch_all(&mut conn).await;
            for row in rows.unwrap() {
                let at = usize::try_from(row.get::<i64, _>(0)).unwrap();
                if !found.contains(&at) {
                    found.push(at);
                }
            }
        }
        found.truncate(20);
        all.push(found);
    }
    all
}

async fn postgres(reports: &[Report], set: &Set) -> Vec<Vec<usize>> {
    use kit::db::Db;
    use sqlx::Row;
    let folder = tempfile::tempdir().unwrap();
    let Db::Postgres(pool) =
        crate::testing::database(crate::testing::On::Postgres, folder.path()).await
    else {
        unreachable!("it was asked for")
    };
    sqlx::query("create table t (at bigint, words tsvector)").execute(&pool).await.unwrap();
    for (at, report) in reports.iter().enumerate() {
        let insert = "insert into t values ($1, setweight(to_tsvector('english', $2), 'A') \
                      || setweight(to_tsvector('english', left($3, 900000)), 'D'))";
        let insert = sqlx::query(insert).bind(i64::try_from(at).unwrap());
        insert.bind(&report.title).bind(&report.text).execute(&pool).await.unwrap();
    }
    let mut all = Vec::new();
    for query in &set.query {
        let mut found: Vec<usize> = Vec::new();
        for joint in [" & ", " | "] {
            if found.len() >= 3 {
                break;
            }
            let select = "select at from t, to_tsquery('english', $1) q where words @@ q \
                          order by ts_rank(words, q, 1) desc, at limit 20";
            let asked = words(&query.q).join(joint);
            for row in sqlx::query(select).bind(asked).fetch_all(&pool).await.unwrap() {
                let at = usize::try_from(row.get::<i64, _>(0)).unwrap();
                if !found.contains(&at) {
                    found.push(at);
                }
            }
        }
        found.truncate(20);
        all.push(found);
    }
    pool.close().await;
    all
}

/// nDCG@10 and recall@20 of one question.
fn judged(query: &Query, reports: &[Report], found: &[usize]) -> (f64, f64) {
    let gain = |path: &str| {
        let is_of = |parts: &[String]| parts.iter().any(|part| path.contains(part.as_str()));
        if is_of(&query.best) {
            2.0
        } else if is_of(&query.good) {
            1.0
        } else {
            0.0
        }
    };
    let discounted = |gains: &[f64]| {
        let of = |(at, gain): (usize, &f64)| gain / (at as f64 + 2.0).log2();
        gains.iter().take(10).enumerate().map(of).sum::<f64>()
    };
    let mut ideal: Vec<f64> = reports.iter().map(|one| gain(&one.path)).collect();
    ideal.retain(|gain| *gain > 0.0);
    ideal.sort_by(|a, b| b.total_cmp(a));
    assert!(!ideal.is_empty(), "“{}” has no answer in the corpus", query.q);
    let gains: Vec<f64> = found.iter().map(|at| gain(&reports[*at].path)).collect();
    let there = gains.iter().filter(|gain| **gain > 0.0).count();
    (discounted(&gains) / discounted(&ideal), there as f64 / ideal.len() as f64)
}

fn mean(name: &str, set: &Set, reports: &[Report], found: &[Vec<usize>]) -> (f64, f64) {
    let all: Vec<(f64, f64)> =
        set.query.iter().zip(found).map(|(query, found)| judged(query, reports, found)).collect();
    let n = all.len() as f64;
    let ndcg = all.iter().map(|one| one.0).sum::<f64>() / n;
    let recall = all.iter().map(|one| one.1).sum::<f64>() / n;
    println!("{name:<22} nDCG@10 {ndcg:.3}   recall@20 {recall:.3}");
    (ndcg, recall)
}

#[tokio::test]
async fn answers_are_ordered_at_least_as_well_as_by_the_databases_themselves() {
    let set: Set = toml::from_str(QUERIES).unwrap();
    assert!(set.query.len() >= 40);
    let root = corpus();
    if !root.exists() {
        println!("{} questions skipped: {} is not there", set.query.len(), root.display());
        return;
    }
    let reports = reports(&root);
    assert!(reports.len() > 200, "{}", reports.len());
    let folder = tempfile::tempdir().unwrap();
    let found = ours(&folder.path().join("index"), &reports, &set).await;
    println!("{} questions over {} reports", set.query.len(), reports.len());
    let us = mean("ours", &set, &reports, &found);
    let sqlite = fts5(folder.path(), &reports, &set).await;
    let sqlite = mean("SQLite FTS5, bm25", &set, &reports, &sqlite);
    let postgres = postgres(&reports, &set).await;
    let postgres = mean("PostgreSQL, ts_rank", &set, &reports, &postgres);
    for (query, found) in set.query.iter().zip(&found) {
        let (ndcg, recall) = judged(query, &reports, found);
        if ndcg < 0.7 {
            println!("  {ndcg:.2} {recall:.2} {}", query.q);
            for at in found.iter().take(4) {
                println!("            {} {}", reports[*at].path, reports[*at].title);
            }
        }
    }
    for other in [sqlite, postgres] {
        assert!(us.0 >= other.0 && us.1 >= other.1, "{us:?} {other:?}");
    }
}
