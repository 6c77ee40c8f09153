use super::{export, import};
use crate::demo;
use crate::testing::{On, TestApp};
use crate::upkeep::check::check;
use crate::upkeep::made::{self, Plan};
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;
use std::path::Path;

/// Every file of a folder with its content.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn equal(a: &Path, b: &Path) {
    let (a, b) = (tree(a), tree(b));
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (name, bytes) in &a {
        assert!(b[name] == *bytes, "{name} differs");
    }
}

/// Out, into an empty one on `other`, out again: the same bytes; then in once more, onto what is there.
async fn round_trip(app: &TestApp, other: On, with_secrets: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    export(&app.app.db, &app.app.files(), &first, with_secrets).await.unwrap();
    let there = TestApp::start(other).await;
    let (db, files, now) = (&there.app.db, there.app.files(), there.app.now());
    import(&first, db, &files, now).await.unwrap();
    export(db, &files, &second, with_secrets).await.unwrap();
    equal(&first, &second);
    let report = check(db, &files, &[]).await.unwrap();
    assert!(report.holds, "{:?}", report.faults);
    if with_secrets {
        let here = check(&app.app.db, &app.app.files(), &[]).await.unwrap();
        assert_eq!(here.digest, report.digest, "nothing was lost");
    }
    let refused = import(&first, db, &files, now).await.unwrap_err();
    assert!(refused.to_string().contains("holds rows"), "{refused:#}");
}

#[rstest]
#[tokio::test]
async fn the_demo_goes_out_and_comes_in_without_loss(
    #[values((On::Sqlite, On::Postgres), (On::Postgres, On::Sqlite))] ways: (On, On),
) {
    let app = TestApp::start(ways.0).await;
    demo::load(&app.app, &mut |_| {}).await.unwrap();
    round_trip(&app, ways.1, true).await;
    round_trip(&app, ways.1, false).await;
}

#[tokio::test]
async fn people_read_it_and_secrets_are_left_out() {
    let app = TestApp::start(On::Sqlite).await;
    demo::load(&app.app, &mut |_| {}).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    export(&app.app.db, &app.app.files(), folder.path(), false).await.unwrap();
    let tree = tree(folder.path());
    let text = |name: &str| String::from_utf8(tree[name].clone()).unwrap();
    let page = text("incidents/INC-1/incident.md");
    assert!(page.starts_with("---\nnumber: 1\ntitle: \""), "{page}");
    assert!(page.contains("\n## Timeline\n"), "{page}");
    assert!(tree.keys().any(|name| name.ends_with("retrospective-1.md")));
    assert!(tree.keys().any(|name| name.ends_with("retrospective-1-release-1.md")));
    assert!(!text("organisation/people.json").contains("argon2"));
    assert!(!tree.contains_key("organisation/sessions.json"));

    std::fs::remove_dir_all(folder.path().join("incidents/INC-2")).unwrap();
    let there = TestApp::start(On::Sqlite).await;
    let refused = import(folder.path(), &there.app.db, &there.app.files(), there.app.now()).await;
    assert!(refused.unwrap_err().to_string().contains("nothing was taken"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_made_comes_back_the_same(
        incidents in 1_u32..30, events in 0_u64..300, seed: u64, to_postgres: bool,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (from, to) = (On::Sqlite, if to_postgres { On::Postgres } else { On::Sqlite });
            let app = TestApp::start(from).await;
            let seed = seed >> 1;
            made::make(&app.app, Plan { incidents, events, seed }, &mut |_| {}).await.unwrap();
            round_trip(&app, to, true).await;
        });
    }
}
