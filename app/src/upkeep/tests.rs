use super::backup::{self, backup, restore, try_out};
use super::check::{Report, check};
use super::copy::copy;
use super::made::{self, Plan};
use super::tables;
use crate::access::Seat;
use crate::testing::{On, TestApp, database};
use kit::db::{Db, records};
use rstest::rstest;
use std::collections::BTreeSet;

const PLAN: Plan = Plan { incidents: 40, events: 400, seed: 3 };

async fn filled(on: On) -> TestApp {
    let app = TestApp::start(on).await;
    made::make(&app.app, PLAN, &mut |_| {}).await.unwrap();
    app
}

async fn checked(app: &TestApp) -> Report {
    check(&app.app.db, &app.app.files(), &[]).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn the_catalogue_is_what_the_database_has(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let mut conn = app.app.db.read().await.unwrap();
    let live = records::live_columns(&mut conn).await.unwrap();
    let live: BTreeSet<_> = live.into_iter().filter(|(table, _)| table != "migrations").collect();
    let known = tables(&app.app.db).unwrap();
    let known: BTreeSet<_> = known
        .iter()
        .flat_map(|table| table.columns.iter().map(|one| (table.name.clone(), one.name.clone())))
        .collect();
    assert_eq!(live, known);
}

#[rstest]
#[tokio::test]
async fn what_is_whole_holds_and_each_kind_of_damage_is_named(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = filled(on).await;
    let whole = checked(&app).await;
    assert!(whole.holds && whole.files == 1, "{:?}", whole.faults);

    let raw = std::fs::read_dir(app.app.files()).unwrap().flatten().next().unwrap().path();
    let raw = std::fs::read_dir(raw).unwrap().flatten().next().unwrap().path();
    std::fs::write(&raw, "something else").unwrap();
    let faults = checked(&app).await.faults;
    assert!(faults.len() == 1 && faults[0].table == "files", "{faults:?}");
    std::fs::remove_file(&raw).unwrap();
    assert!(checked(&app).await.faults[0].what.contains("does not read"));

    app.execute("update activity set what = 'x' where n = 7").await;
    let report = checked(&app).await;
    assert!(report.faults.iter().any(|one| one.table == "activity"), "{:?}", report.faults);
    assert_ne!(report.digest, whole.digest);
}

#[tokio::test]
async fn a_row_without_its_parent_and_a_text_that_is_no_json_are_named() {
    let app = filled(On::Sqlite).await;
    app.execute("pragma foreign_keys = off").await;
    app.execute("delete from teams where slug = 'mail'").await;
    app.execute("update participants set roles = '[' where name = ''").await;
    let faults = checked(&app).await.faults;
    let of = |table: &str| faults.iter().any(|one| one.table == table);
    assert!(of("team_members") && of("services") && of("participants"), "{faults:?}");
}

#[rstest]
#[tokio::test]
async fn moving_there_and_back_keeps_every_row(
    #[values((On::Sqlite, On::Postgres), (On::Postgres, On::Sqlite))] ways: (On, On),
) {
    let app = filled(ways.0).await;
    let folder = tempfile::tempdir().unwrap();
    let there = database(ways.1, folder.path()).await;
    let copied = copy(&app.app.db, &there, &mut |_| {}).await.unwrap();
    assert_eq!(copied.len(), tables(&there).unwrap().len());
    let files = app.app.files();
    let (here, moved) = (checked(&app).await, check(&there, &files, &[]).await.unwrap());
    assert!(moved.holds, "{:?}", moved.faults);
    assert_eq!((here.digest, here.anchor), (moved.digest, moved.anchor));

    let refused = copy(&app.app.db, &there, &mut |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("holds rows in"), "{refused}");
}

#[rstest]
#[tokio::test]
async fn a_backup_of_a_running_server_restores_to_the_same_content(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = filled(on).await;
    let data = app.app.config.data.clone();
    std::fs::write(data.join("secret.key"), "a key").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.tar");
    let now = app.app.now();
    let url = app.postgres_url().await;
    let done = backup(&data, url.as_deref(), &file, now).await.unwrap();
    assert_eq!((done.files, done.damaged_files.len()), (1, 0));

    let to = folder.path().join("restored");
    restore(&file, &to, now).await.unwrap();
    let (here, there) = (checked(&app).await, backup::report(&to).await.unwrap());
    assert!(there.holds, "{:?}", there.faults);
    assert_eq!((here.digest, here.anchor), (there.digest, there.anchor));
    assert_eq!(std::fs::read_to_string(to.join("secret.key")).unwrap(), "a key");
    assert!(!to.join(backup::UNFINISHED).exists());
    assert!(try_out(&file, now).await.unwrap().holds);

    let again = restore(&file, &to, now).await.unwrap_err().to_string();
    assert!(again.contains("holds something"), "{again}");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&file, bytes).unwrap();
    let damaged = restore(&file, &folder.path().join("other"), now).await.unwrap_err().to_string();
    assert!(damaged.contains("changed"), "{damaged}");
    assert!(!folder.path().join("other").exists(), "the refusal leaves nothing");
}

#[rstest]
#[tokio::test]
async fn readiness_and_metrics_tell_those_who_may_know(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let ready = app.get_as_nobody("/readyz").await;
    assert!(ready.status.is_success(), "{}", ready.body);
    assert!(ready.body.contains(app.app.db.name()), "{}", ready.body);
    // A request that came by no socket is from nowhere near.
    assert_eq!(app.get_as_nobody("/metrics").await.status, 403);
    let ada = app.ada().await;
    let rolf = app.person("rolf", Seat::Reader).await;
    assert_eq!(app.get(&rolf, "/api/v1/admin/check").await.status, 403);
    let report = app.get(&ada, "/api/v1/admin/check").await;
    assert!(report.body.contains("\"holds\":true"), "{}", report.body);
}

#[rstest]
#[tokio::test]
async fn metrics_count_by_route_for_whoever_has_the_token(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let token = [("metrics.access", "token"), ("metrics.token", "a-token-of-some-length")];
    let app = TestApp::start_with(on, &token).await;
    let ada = app.ada().await;
    assert_eq!(app.get(&ada, "/i/INC-99").await.status, 404);
    let request = axum::http::Request::get("/metrics")
        .header("authorization", "Bearer a-token-of-some-length")
        .body(axum::body::Body::empty())
        .unwrap();
    let told = app.send(None, request).await;
    assert!(told.status.is_success(), "{}", told.body);
    for line in [
        r#"route="/i/{key}",status="404"} 1"#,
        "afterword_database_up 1",
        r#"afterword_imports{of="finished"} 0"#,
        "afterword_disk_free_bytes",
    ] {
        assert!(told.body.contains(line), "{line} is not in\n{}", told.body);
    }
    assert!(!told.body.contains("INC-99"), "no address is a label");
}

#[tokio::test]
async fn without_room_nothing_is_taken_but_sign_ins_and_all_is_read() {
    let all_of_it = [("disk.reserve_mib", "1048576")];
    let app = TestApp::start_with(On::Sqlite, &all_of_it).await;
    let ada = app.ada().await;
    let refused = app.post(&ada, "/incidents", &[("title", "Sign-in down")]).await;
    assert_eq!(refused.status, 507);
    assert!(refused.body.contains("disk is full"), "{}", refused.body);
    assert!(app.get(&ada, "/incidents").await.status.is_success());
    let sign_in = [("email", "ada@example.org"), ("password", "wrong, and looked at")];
    assert_ne!(app.post(&ada, "/sign-in", &sign_in).await.status, 507);
}

#[tokio::test]
async fn a_folder_without_a_database_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = backup::open_to_read(folder.path(), None).await.map(|_: Db| ()).unwrap_err();
    assert!(refused.to_string().contains("--data"), "{refused}");
}
