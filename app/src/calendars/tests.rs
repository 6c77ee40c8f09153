//! Calendars on both databases: pages, operations, and what a team's due dates are counted in.

use super::of_team;
use crate::access::Seat;
use crate::testing::{On, TestApp};
use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260306\r\nSUMMARY:Bridge day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260309T100000Z\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[rstest]
#[tokio::test]
async fn due_dates_are_counted_in_the_calendar_of_the_team(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let new = json!({"name": "Berlin", "zone": "Europe/Berlin"});
    assert_eq!(app.api(&bob, Method::POST, "/api/v1/calendars", new.clone()).await.status, 403);
    let made = app.api(&ada, Method::POST, "/api/v1/calendars", new.clone()).await;
    assert_eq!(
        (made.status, made.location.as_str()),
        (StatusCode::CREATED, "/api/v1/calendars/berlin")
    );
    assert_eq!(app.api(&ada, Method::POST, "/api/v1/calendars", new).await.status, 409);

    let holidays = app
        .api(&ada, Method::POST, "/api/v1/calendars/berlin/holidays", json!({"file": FILE}))
        .await;
    let said = read(&holidays.body);
    assert_eq!((&said["added"], &said["there"]), (&json!(1), &json!(0)), "{said}");
    assert!(said["set_aside"][0].as_str().unwrap().contains("Stand-up"));
    let again = app
        .api(&ada, Method::POST, "/api/v1/calendars/berlin/holidays", json!({"file": FILE}))
        .await;
    assert_eq!(read(&again.body)["there"], 1);

    app.api(&ada, Method::POST, "/api/v1/teams", json!({"name": "Payments"})).await;
    let path = "/api/v1/teams/payments/calendar";
    assert_eq!(app.get(&bob, path).await.status, 404, "none holds for all yet");
    let none = app.api(&ada, Method::PUT, path, json!({"calendar": "paris"})).await;
    assert_eq!(read(&none.body)["errors"][0]["path"], "calendar");
    assert_eq!(app.api(&ada, Method::PUT, path, json!({"calendar": "berlin"})).await.status, 204);
    assert_eq!(read(&app.get(&bob, path).await.body)["slug"], "berlin");

    let mut conn = app.app.db.read().await.unwrap();
    let team = crate::teams::all(&mut conn).await.unwrap().remove(0).id;
    // Thursday noon; Friday is the bridge day.
    let (thursday, one) = (app.app.now().timestamp(), "1bd".parse().unwrap());
    let theirs = of_team(&mut conn, Some(&team)).await.unwrap();
    assert_eq!(theirs.due(thursday, one).unwrap().to_string(), "2026-03-09T16:00:00Z");
    let shipped = of_team(&mut conn, None).await.unwrap();
    assert_eq!(shipped.due(thursday, one).unwrap().to_string(), "2026-03-06T17:00:00Z");
}

#[rstest]
#[tokio::test]
async fn a_calendar_is_changed_once_and_one_holds_for_all(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    for name in ["Berlin", "Austin"] {
        let new = json!({"name": name, "zone": "UTC", "for_all": true});
        assert_eq!(app.api(&ada, Method::POST, "/api/v1/calendars", new).await.status, 201);
    }
    let all = read(&app.get(&ada, "/api/v1/calendars?fields=slug,for_all").await.body);
    assert_eq!(
        all["items"],
        json!([{"slug": "austin", "for_all": true}, {"slug": "berlin", "for_all": false}])
    );
    let odd = json!({"name": "", "zone": "Mars", "days": [9], "opens": "18:00", "closes": "9"});
    let odd = app.api(&ada, Method::POST, "/api/v1/calendars", odd).await;
    let paths: Vec<Value> = read(&odd.body)["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].clone())
        .collect();
    assert_eq!(
        paths,
        [json!("name"), json!("zone"), json!("days"), json!("closes"), json!("closes")]
    );

    let form = [
        ("name", "Austin"),
        ("zone", "America/Chicago"),
        ("opens", "08:00"),
        ("closes", "16:00"),
        ("day", "1"),
        ("day", "3"),
        ("version", "1"),
    ];
    let done = app.post(&ada, "/calendars/austin", &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = app.get(&ada, "/calendars/austin").await.body;
    assert!(page.contains("Monday, Wednesday, 08:00 to 16:00, America/Chicago"), "{page}");
    let late = app.post(&ada, "/calendars/austin", &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "somebody read version 1");

    app.post(
        &ada,
        "/calendars/austin/holidays",
        &[("day", "2026-07-03"), ("name", "Independence Day")],
    )
    .await;
    assert!(app.get(&ada, "/calendars/austin").await.body.contains("Independence Day"));
    app.post(&ada, "/calendars/austin/holidays/2026-07-03", &[]).await;
    assert!(!app.get(&ada, "/calendars/austin").await.body.contains("Independence Day"));
    let damaged = app.post(&ada, "/calendars/austin/holidays", &[("file", "hello")]).await;
    assert_eq!(damaged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(damaged.body.contains("BEGIN:VCALENDAR"));
}
