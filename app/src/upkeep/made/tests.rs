use super::{Plan, make};
use crate::testing::{On, TestApp};
use kit::db::records::{self, Sum, Which};
use rstest::rstest;

const PLAN: Plan = Plan { incidents: 120, events: 3_000, seed: 7 };

async fn count(app: &TestApp, table: &str) -> i64 {
    let mut conn = app.app.db.read().await.unwrap();
    records::number(&mut conn, format!("select count(*) from {table}")).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_plan_is_made_whole_and_again_adds_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let made = make(&app.app, PLAN, &mut |_| {}).await.unwrap();
    assert_eq!((made.incidents, made.events), (120, 3_000));
    assert_eq!(count(&app, "evidence").await, 3_000);
    assert!(count(&app, "retrospectives").await > 20);
    assert!(count(&app, "risks").await > 0);
    assert!(count(&app, "releases").await > 5);
    let again = make(&app.app, PLAN, &mut |_| {}).await.unwrap();
    assert_eq!(again.incidents, 0);
    let other = make(&app.app, Plan { seed: 8, ..PLAN }, &mut |_| {}).await.unwrap_err();
    assert!(other.to_string().contains("another plan"), "{other}");

    let mut conn = app.app.db.read().await.unwrap();
    let verdict = crate::audit::verify(&mut conn, &[]).await.unwrap();
    assert!(verdict.holds() && verdict.lines == 120, "{verdict:?}");
    let released = "select min(i.number) from releases r join incidents i on i.id = r.incident_id
                    where i.label <> 'red'";
    let released = records::number(&mut conn, released.to_owned()).await.unwrap();
    drop(conn);
    let ada = app.ada().await;
    let released = format!("/r/INC-{released}");
    for page in [
        "/",
        "/i/INC-3",
        "/incidents",
        "/i/INC-3/timeline",
        "/i/INC-3/evidence",
        "/actions",
        released.as_str(),
    ] {
        let answer = app.get(&ada, page).await;
        assert!(answer.status.is_success(), "{page}: {}", answer.status);
    }
}

#[tokio::test]
async fn made_up_data_is_not_put_among_real_people() {
    let app = TestApp::start(On::Sqlite).await;
    app.ada().await;
    let refused = make(&app.app, PLAN, &mut |_| {}).await.unwrap_err();
    assert!(format!("{refused:#}").contains("rows in people"), "{refused:#}");
    assert_eq!(count(&app, "incidents").await, 0);
}

#[tokio::test]
async fn the_same_seed_makes_the_same_on_both_databases() {
    let mut sums = Vec::new();
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::start(on).await;
        make(&app.app, PLAN, &mut |_| {}).await.unwrap();
        let mut conn = app.app.db.read().await.unwrap();
        let mut of_each = Vec::new();
        // Passwords are salted, so people differ, and nothing else does.
        let tables = super::tables(&app.app.db).unwrap();
        for table in tables.iter().filter(|one| one.name != "people") {
            let mut sum = Sum::default();
            let rows = records::slice(&mut conn, table, Which::All, None, 100_000).await.unwrap();
            rows.iter().for_each(|row| sum.add(row));
            of_each.push((table.name.clone(), sum.rows, sum.digest()));
        }
        sums.push(of_each);
    }
    assert_eq!(sums[0], sums[1]);
}
