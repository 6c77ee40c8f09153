//! A page reads all parts of an incident at once: just what the finders of the single parts say.

use super::store_many::parts_of;
use super::store_whole::{HitService, Whole, find_whole};
use super::{Incident, Key, need, store, store_parts, store_times};
use crate::access::{Seat, Viewer};
use crate::testing::{On, TestApp};
use crate::{people, services};
use axum::http::{Method, StatusCode};
use kit::db::Conn;
use rstest::rstest;
use serde_json::json;

/// What is said of the first incident, as forms: something for every part.
const FORMS: &[(&str, &str)] = &[
    ("/i/INC-1/times", "name=detected&at=2026-03-05 13:50&zone=UTC&precision=minute&source=person"),
    ("/i/INC-1/times", "name=detected&at=2026-03-05 13:40&zone=UTC&reason=The clock was off"),
    ("/i/INC-1/times", "name=mitigated&at=2026-03-05 14:10&zone=UTC&precision=second&source=chat"),
    (
        "/i/INC-1/impact",
        "surface=pay&effect=slow&started_at=2026-03-05 13:55&zone=UTC&percent=12.5",
    ),
    (
        "/i/INC-1/impact",
        "surface=add to cart&effect=unavailable&started_at=2026-03-05 13:45&\
         ended_at=2026-03-05 14:30&zone=UTC&users_count=4100&users_method=failed carts&\
         users_confidence=likely&money_expected=45000&money_actual=15000&currency=usd&\
         requests_failed=9&support_cases=3&slo_burn_percent=7.5",
    ),
    ("/i/INC-1/participants", "name=Someone&role=expert&role=observer&zone=Asia/Tokyo&on_call=on"),
    (
        "/i/INC-1/participants",
        "name=Zoë&role=scribe&joined_at=2026-03-05 13:59&left_at=2026-03-05 15:00&\
         times_in=UTC&called_out_of_hours=on",
    ),
    ("/i/INC-1/severity", "severity=1&at=2026-03-05 11:00&reason=all carts"),
    ("/i/INC-1/status", "status=mitigated&reason=rolled back"),
    (
        "/i/INC-1/edit",
        "title=Carts are empty&kind=outage&detection=customer&version=VERSION&\
         service=checkout&service=basket&team=payments&team=elan",
    ),
    ("/i/INC-1/related", "other=INC-2&relation=repeat_of&note=the same key"),
    ("/i/INC-3/related", "other=INC-1&relation=related&note="),
];

/// Three incidents: the first has something of every part, the second is red, and both others are
/// related to the first.
async fn filled(app: &TestApp, by: &Viewer) {
    for said in
        ["title=Carts are empty&kind=outage", "title=A key leaked&kind=security", "title=Slow"]
    {
        sent(app, by, "/incidents", &format!("{said}&severity=2")).await;
    }
    for (path, body) in [
        ("teams", json!({"name": "Payments"})),
        ("teams", json!({"name": "Elan"})),
        ("services", json!({"name": "Checkout", "tier": 1, "team": "payments"})),
        ("services", json!({"name": "Basket", "tier": 2})),
    ] {
        let made = app.api(by, Method::POST, &format!("/api/v1/{path}"), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    }
    for (path, said) in FORMS {
        let mut conn = app.app.db.read().await.unwrap();
        let version = need(&mut conn, by, "INC-1").await.unwrap().version.to_string();
        drop(conn);
        sent(app, by, path, &said.replace("VERSION", &version)).await;
    }
}

async fn sent(app: &TestApp, by: &Viewer, path: &str, said: &str) {
    let form: Vec<(&str, &str)> = said.split('&').filter_map(|one| one.split_once('=')).collect();
    let answer = app.post(by, path, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {said}: {}", answer.body);
}

/// The same, part by part.
async fn apart(app: &TestApp, viewer: &Viewer, key: &str) -> Whole {
    let conn = &mut app.app.db.read().await.unwrap();
    let incident = need(conn, viewer, key).await.unwrap();
    Whole {
        times: store_times::key_times(conn, &incident).await.unwrap(),
        windows: store_parts::windows(conn, &incident).await.unwrap(),
        participants: store_parts::participants(conn, &incident).await.unwrap(),
        severities: store_parts::severities(conn, &incident).await.unwrap(),
        statuses: store_parts::statuses(conn, &incident).await.unwrap(),
        services: hit(conn, &incident).await,
        teams: store_parts::teams(conn, &incident).await.unwrap(),
        listed: store::listed(conn, &incident).await.unwrap(),
        related: store_parts::related(conn, viewer, &incident).await.unwrap(),
        people: people::names(conn).await.unwrap(),
    }
}

async fn hit(conn: &mut Conn, incident: &Incident) -> Vec<HitService> {
    let all = services::all(conn).await.unwrap();
    let hit = store_parts::services(conn, incident).await.unwrap();
    let whole = |one: store_parts::Hit| {
        let service = all.iter().find(|service| service.slug == one.slug).unwrap();
        let (slug, name) = (one.slug, one.name);
        HitService { slug, name, tier: service.tier, team: service.team.clone() }
    };
    hit.into_iter().map(whole).collect()
}

#[rstest]
#[tokio::test]
async fn all_parts_at_once_are_the_parts_one_by_one(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, eve) = (app.ada().await, app.person("eve", Seat::Reader).await);
    filled(&app, &ada).await;
    for viewer in [&ada, &eve] {
        for key in ["INC-1", "INC-3"] {
            let mut conn = app.app.db.read().await.unwrap();
            let incident = need(&mut conn, viewer, key).await.unwrap();
            let at_once = find_whole(&mut conn, viewer, incident.key(), true).await.unwrap();
            let apart = (incident, apart(&app, viewer, key).await);
            assert_eq!(format!("{at_once:#?}"), format!("{:#?}", Some(apart)));
        }
    }
    let mut conn = app.app.db.read().await.unwrap();
    let (incident, parts) = find_whole(&mut conn, &ada, Key(1), false).await.unwrap().unwrap();
    assert!(parts.people.is_empty(), "nobody asked for them");
    let many = parts_of(&mut conn, std::slice::from_ref(&incident.id)).await.unwrap();
    let of_review = &many[&incident.id];
    let told = |all: &Whole| {
        format!("{:#?}", (&all.windows, &all.participants, &all.services, &all.teams))
    };
    assert_eq!(told(of_review), told(&parts), "of many as of one");
    let sizes = [
        parts.times.len(),
        parts.windows.len(),
        parts.participants.len(),
        parts.severities.len(),
        parts.statuses.len(),
        parts.services.len(),
        parts.teams.len(),
        parts.listed.len() + 1,
    ];
    assert!(sizes.iter().all(|size| *size > 1), "there is something of every part: {sizes:?}");
    assert_eq!(parts.related.len(), 2, "Ada sees the red one");
    let (_, parts) = find_whole(&mut conn, &eve, Key(1), false).await.unwrap().unwrap();
    assert_eq!(parts.related.len(), 1, "to Eve the red one does not exist");
    assert!(find_whole(&mut conn, &eve, Key(2), true).await.unwrap().is_none(), "nor has it parts");
    assert!(find_whole(&mut conn, &ada, Key(9), true).await.unwrap().is_none());
}
