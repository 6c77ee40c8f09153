//! Keeping and bringing back, on SQLite.

use super::{Keeping, restore};
use crate::access::Viewer;
use crate::testing::{On, TestApp, start_of_tests};
use crate::upkeep::backup;
use jiff::SignedDuration;
use kit::db::Time;
use std::path::Path;

fn at(seconds: i64) -> Time {
    Time::new(start_of_tests().timestamp() + SignedDuration::from_secs(seconds))
}

async fn declare(app: &TestApp, by: &Viewer, title: &str) {
    app.post(by, "/incidents", &[("title", title)]).await;
}

/// The titles in a folder that was brought back.
async fn titles(folder: &Path) -> Vec<String> {
    let (file, all) =
        (folder.join(backup::DATABASE), "select title from incidents order by number");
    let rows = kit::db::sqlite::by_hand(&file, all, false).await.unwrap().rows;
    rows.into_iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn any_second_comes_back_whole_also_after_the_log_was_folded() {
    let app = TestApp::start(On::Sqlite).await;
    let ada = app.ada().await;
    let history = tempfile::tempdir().unwrap();
    let mut keeping = Keeping::begin(&app.app, history.path()).await.unwrap();
    keeping.base().await.unwrap();
    // The log is begun anew several times meanwhile.
    for n in 1..=6 {
        app.clock.set(at(n * 10));
        declare(&app, &ada, &format!("Number {n}")).await;
        keeping.look().await.unwrap();
        if n % 2 == 0 {
            let mut held = kit::db::log::hold(&app.app.db).await.unwrap().unwrap();
            held.fold().await.unwrap();
        }
    }
    assert!(super::log_of(&super::generations(history.path())[0].1, 3).exists(), "three logs");
    for seconds in [5, 10, 15, 29, 30, 45, 60, 900] {
        let to = tempfile::tempdir().unwrap();
        let to = to.path().join("data");
        let back = restore(history.path(), at(seconds), &to, at(1000)).await.unwrap();
        let wanted: Vec<String> =
            (1..=(seconds / 10).min(6)).map(|n| format!("Number {n}")).collect();
        assert_eq!(titles(&to).await, wanted, "at {seconds}");
        assert!(back.at <= at(seconds) && back.files_missing == 0, "{back:?}");
        let report = backup::report(&to).await.unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
    }
    let times = super::generations(history.path())[0].1.join(super::TIMES);
    let mut cut = std::fs::read_to_string(&times).unwrap();
    cut.push_str("9 12345");
    std::fs::write(&times, cut).unwrap();
    let to = tempfile::tempdir().unwrap();
    let to = to.path().join("data");
    restore(history.path(), at(900), &to, at(1000)).await.unwrap();
    assert_eq!(titles(&to).await.len(), 6, "a line that was cut is no line");
    std::fs::remove_dir_all(history.path()).unwrap();
    let mut held = kit::db::log::hold(&app.app.db).await.unwrap().unwrap();
    held.fold().await.unwrap();
    drop(held);
    declare(&app, &ada, "Not kept").await;
    assert!(keeping.look().await.is_err(), "a new log has no place to go");
    let history = tempfile::tempdir().unwrap();
    Keeping::begin(&app.app, history.path()).await.unwrap().base().await.unwrap();
    let to = tempfile::tempdir().unwrap();
    let early = restore(history.path(), at(-5), to.path(), at(0)).await.unwrap_err();
    assert!(early.to_string().contains("keeps nothing before"), "{early}");
    let other = restore(to.path(), at(5), &to.path().join("x"), at(0)).await.unwrap_err();
    assert!(other.to_string().contains("no folder that keeps"), "{other}");
}
