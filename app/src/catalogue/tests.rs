//! Files of a catalogue become people, teams and services, on both databases.

use super::backstage;
use super::read::{File, read};
use super::wanted::{Pointer, Wanted};
use crate::access::{Seat, Viewer};
use crate::testing::{Call, On, TestApp};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use proptest::prelude::{prop_assert, proptest};
use rstest::rstest;
use serde_json::{Value, json};

const PEOPLE: &str = "Handle;Name;E-mail;Zone;Teams;Works days;Works from;Works to;GitHub;Joined on;Shoe size
chie;Chie Mori;chie@example.org;Asia/Tokyo;Search|Payments;Mon-Thu;10:00;18:00;chie-code;2024-02-01;37
dara;Dara;dara@example.org;Europe/Paris;Payments;;;;;;
;Nobody;;;;;;;;;
eli;Eli;not an address;;;;;;;;
";
const TEAMS: &str = "team,description,manager,members
Payments,Money in,chie,@bob;nobody
Search,,,
,nobody said what,,
";
const SERVICES: &str = "service,team,tier,description,needs
Ledger,Payments,1,Who owes what,
Checkout,payments,1,\"Where people pay,
on two lines\",Ledger; Mystery
Basket,Nobodies,9,,
";

const YAML: &str = "# our catalogue
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: payments
  title: Payments
  description: Money in
spec:
  type: team
  profile: { displayName: Payments and billing }
  children: []
  members: [bob]
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: chie
  annotations: { github.com/user-login: chie-code }
spec:
  profile: { displayName: Chie Mori, email: chie@example.org }
  memberOf: [payments, group:default/gone]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  labels: { example.org/tier: tier-1 }
spec:
  type: service
  lifecycle: production
  owner: group:default/payments
  system: shop
  dependsOn: [component:ledger, resource:default/ledger-db]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ledger, title: Ledger }
spec: { type: service, lifecycle: production, owner: user:chie, dependsOn: ['component:default/checkout'] }
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: { name: shop }
spec: { owner: payments }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: pay-api }
---
kind: Component
metadata: [not: closed
---
just words
";

fn file(name: &str, text: &str) -> Value {
    json!({ "name": name, "text": text })
}

async fn send(app: &TestApp, who: &Viewer, path: &str, files: &[Value]) -> (StatusCode, Value) {
    let path = format!("/catalogue/{path}");
    app.call(who, Call { method: "POST", path: &path, version: None }, json!({ "files": files }))
        .await
}

async fn get(app: &TestApp, who: &Viewer, path: &str) -> Value {
    app.call(who, Call { method: "GET", path, version: None }, Value::Null).await.1
}

fn sums(came: &Value) -> [i64; 4] {
    ["added", "changed", "left_alone", "set_aside"].map(|field| came[field].as_i64().unwrap())
}

fn aside(came: &Value) -> Vec<String> {
    let lines = came["lines"].as_array().unwrap().iter();
    let lines = lines.filter(|line| line["did"] == "set_aside");
    let say = |line: &Value| {
        format!(
            "{}:{} {}",
            line["file"].as_str().unwrap(),
            line["line"],
            line["why"].as_str().unwrap()
        )
    };
    lines.map(say).collect()
}

#[rstest]
#[tokio::test]
async fn tables_are_looked_at_first_and_then_brought_in_once(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let files =
        [file("services.csv", SERVICES), file("people.csv", PEOPLE), file("teams.csv", TEAMS)];
    let (status, seen) = send(&app, &ada, "previews", &files).await;
    assert_eq!((status, sums(&seen)), (StatusCode::OK, [6, 0, 0, 7]), "{seen:#}");
    assert_eq!(get(&app, &ada, "/teams").await["items"], json!([]), "nothing is written");
    let (status, came) = send(&app, &ada, "imports", &files).await;
    assert_eq!((status, &came), (StatusCode::OK, &seen), "what was said is done");
    let why = aside(&came).join("\n");
    for said in [
        "services.csv:5 A tier is a number from 1",
        "services.csv:3 It needs `Mystery`, which is no service here.",
        "people.csv:1 We have no such column",
        "people.csv:4 A handle has 1 to 32 letters",
        "people.csv:5 Say an e-mail address",
        "teams.csv:2 `nobody` is to be in it, and nobody here is that.",
        "teams.csv:4 Say a name.",
    ] {
        assert!(why.contains(said), "{said}\n{why}");
    }
    let (_, again) = send(&app, &ada, "imports", &files).await;
    assert_eq!(sums(&again), [0, 0, 6, 7], "the same again changes nothing: {again:#}");

    let team = get(&app, &bob, "/teams/payments").await;
    let names: Vec<&str> = team["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (names, &team["manager"]["name"]),
        (vec!["Bob", "Chie Mori", "Dara"], &json!("Chie Mori"))
    );
    let around = get(&app, &bob, "/services/checkout/needs").await;
    assert_eq!(around["needs"], json!(["ledger"]));
    let more = file("services.csv", "service,tier\nLedger,2\n");
    let (_, came) = send(&app, &bob, "imports", &[more]).await;
    assert_eq!(came["lines"][0]["changes"], json!(["tier: 2 instead of 1"]));
    let ledger = get(&app, &bob, "/services/ledger").await;
    assert_eq!((&ledger["tier"], &ledger["team"]), (&json!(2), &json!("Payments")), "{ledger}");

    let long = format!("service,description\nLedger,{}\n", "é".repeat(401));
    let (_, came) = send(&app, &bob, "imports", &[file("long.csv", &long)]).await;
    assert_eq!(sums(&came), [0, 1, 0, 1], "{came:#}");
    assert!(aside(&came)[0].starts_with("long.csv:2 The end of its description"), "{came:#}");
    let ledger = get(&app, &bob, "/services/ledger").await;
    assert_eq!(ledger["description"], "é".repeat(400));
}

#[rstest]
#[tokio::test]
async fn people_are_brought_in_by_administrators_and_a_strange_file_stops_all(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Editor).await);
    let eve = app.person("eve", Seat::Contributor).await;
    assert_eq!(
        send(&app, &bob, "previews", &[file("p.csv", PEOPLE)]).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(send(&app, &eve, "imports", &[file("t.csv", TEAMS)]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(app.get(&eve, "/catalogue").await.status, StatusCode::FORBIDDEN);
    let strange = [file("t.csv", TEAMS), file("notes.txt", "dear all,\nhello\n")];
    let (status, refused) = send(&app, &ada, "imports", &strange).await;
    assert_eq!(
        (status, &refused["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("files[1].text"))
    );
    assert_eq!(get(&app, &ada, "/teams").await["items"], json!([]));
    assert_eq!(send(&app, &ada, "imports", &[]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, came) = send(&app, &ada, "imports", &[file("p.csv", "handle,seat,email\nbob,administrator,bob@example.org\neve,editor,BOB@example.org\nzoe,editor,zoe@example.org\n")]).await;
    assert!(aside(&came)[0].contains("Somebody else has this address."), "{came:#}");
    assert_eq!(sums(&came), [1, 0, 1, 1]);
    let people = get(&app, &ada, "/people").await["items"].clone();
    let seat = |handle: &str| {
        let all = people.as_array().unwrap().iter();
        all.clone().find(|one| one["handle"] == handle).unwrap()["seat"].clone()
    };
    assert_eq!(
        (seat("bob"), seat("zoe")),
        (json!("editor"), json!("editor")),
        "a table gives no seat to who is here"
    );
}

#[rstest]
#[tokio::test]
async fn backstage_is_read_entity_by_entity(#[values(On::Sqlite, On::Postgres)] on: On) {
    let app = TestApp::start(on).await;
    let (ada, bob) = (app.ada().await, app.person("bob", Seat::Contributor).await);
    let files = [file("catalog-info.yaml", YAML)];
    let (status, came) = send(&app, &ada, "imports", &files).await;
    assert_eq!((status, sums(&came)), (StatusCode::OK, [5, 0, 0, 6]), "{came:#}");
    let why = aside(&came).join("\n");
    for said in [
        "catalog-info.yaml:46 Of Backstage’s kinds, Group, User, Component and System are read.",
        "It is no YAML that can be read",
        "no entity of a catalogue",
        "The team `group:default/gone` of theirs is not here.",
        "It needs `resource:default/ledger-db`, which is no service here.",
        "Its owner `user:default/chie` is no team here",
    ] {
        assert!(why.contains(said), "{said}\n{why}");
    }
    let (_, again) = send(&app, &ada, "imports", &files).await;
    assert_eq!(sums(&again), [0, 0, 5, 6], "{again:#}");
    let team = get(&app, &bob, "/teams/payments-and-billing").await;
    assert_eq!(team["members"].as_array().unwrap().len(), 2, "{team}");
    let checkout = get(&app, &bob, "/services/checkout").await;
    assert_eq!((&checkout["tier"], &checkout["team"]), (&json!(1), &json!("Payments and billing")));
    let around = get(&app, &bob, "/services/checkout/needs").await;
    assert_eq!(
        around,
        json!({"needs": ["ledger"], "needed_by": ["ledger", "shop"],
        "fails_with_it": ["ledger", "shop"], "ring": ["checkout", "ledger"]})
    );
    let page = app.get(&bob, "/services/checkout").await.body;
    assert!(page.contains("It is in a ring") && page.contains("/services/ledger"), "{page}");
    let renamed = YAML.replace("displayName: Payments and billing", "displayName: Money");
    let (_, came) = send(&app, &ada, "imports", &[file("catalog-info.yaml", &renamed)]).await;
    assert_eq!(sums(&came)[..3], [0, 1, 4], "{came:#}");
    assert_eq!(get(&app, &bob, "/teams/payments-and-billing").await["name"], "Money");
}

fn form(files: &[(&str, &str)]) -> Request<Body> {
    let parts = files.iter().map(|(name, text)| {
        format!("--xx\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n{text}\r\n")
    });
    let body = format!("{}--xx--\r\n", parts.collect::<String>());
    Request::post("/catalogue/preview")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .header(header::HOST, "127.0.0.1:8080")
        .body(Body::from(body))
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn in_the_browser_one_looks_and_then_writes_it_down(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let app = TestApp::start(on).await;
    let ada = app.ada().await;
    assert_eq!(
        app.without_csrf(&ada, form(&[("t.csv", TEAMS)])).await.status,
        StatusCode::FORBIDDEN
    );
    let seen = app.send(Some(&ada), form(&[("t.csv", TEAMS)])).await;
    assert!(
        seen.body.contains("Nothing is written yet") && seen.body.contains("Say a name."),
        "{}",
        seen.body
    );
    let done = app.post(&ada, "/catalogue", &[("name", "t.csv"), ("text", TEAMS)]).await;
    assert!(done.body.contains("All of it was written at once"), "{}", done.body);
    assert!(app.get(&ada, "/teams").await.body.contains("Money in"));
    let none = app.send(Some(&ada), form(&[])).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", none.body);
}

#[test]
fn aliases_that_blow_up_are_refused_and_not_followed() {
    let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (one, next) in [
        ('a', 'b'),
        ('b', 'c'),
        ('c', 'd'),
        ('d', 'e'),
        ('e', 'f'),
        ('f', 'g'),
        ('g', 'h'),
        ('h', 'i'),
    ] {
        let nine = format!("*{one},").repeat(9);
        text.push_str(&format!("{next}: &{next} [{}]\n", nine.trim_end_matches(',')));
    }
    let mut wanted = Wanted::default();
    backstage::read("bomb.yaml", &text, &mut wanted);
    assert_eq!(wanted.aside.len(), 1);
    let mut deep = Wanted::default();
    backstage::read("deep.yaml", &format!("a: {}", "[".repeat(100_000)), &mut deep);
    assert_eq!(deep.aside.len(), 1);
}

#[test]
fn a_table_is_known_by_its_columns_and_its_delimiter() {
    let read_one = |text: &str| read(&[File { name: "x".into(), text: text.into() }]).unwrap();
    let tabs = read_one("\u{feff}service\tneeds\nA\tB|C\n");
    assert_eq!(tabs.services[0].1.needs, [Pointer::Named("B".into()), Pointer::Named("C".into())]);
    assert_eq!(read_one("team,tier\nA,1\n").teams.len(), 1);
    assert_eq!(read_one("service,team\nA,B\n").services.len(), 1);
    assert_eq!(read_one("handle\n\"a\nb\"\nc\n").people[1].0.line, 4);
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_or_refused_in_words(text in ".{0,400}", name in "(a.yaml|b.csv)", head in "(handle,name\n|kind: User\nmetadata:\n  |)") {
        let file = File { name, text: format!("{head}{text}") };
        if let Err(problem) = read(&[file]) {
            prop_assert!(!problem.errors.is_empty());
        }
    }
}
