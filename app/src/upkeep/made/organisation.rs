//! The made-up company: people, teams, services.

use super::chance::Chance;
use super::rows::{Rows, cells};
use jiff::Timestamp;
use kit::db::Time;

/// How many people.
pub const PEOPLE: u64 = 40;
/// How many teams.
pub const TEAMS: u64 = 12;
/// How many services.
pub const SERVICES: u64 = 60;

const FIRST: [&str; 20] = [
    "Ada", "Bela", "Carla", "Dmitri", "Eshe", "Farid", "Greta", "Hiro", "Imani", "Jonas", "Kaya",
    "Luca", "Mira", "Noor", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tala",
];
const LAST: [&str; 10] = [
    "Amsel", "Brand", "Castell", "Drossel", "Elster", "Falk", "Gimpel", "Habicht", "Ibis",
    "Kranich",
];
const AREAS: [&str; 12] = [
    "checkout",
    "payments",
    "search",
    "catalogue",
    "login",
    "mail",
    "billing",
    "warehouse",
    "mobile",
    "platform",
    "data",
    "edge",
];
const PARTS: [&str; 5] = ["api", "worker", "database", "cache", "gateway"];

/// When the company began: everything else comes after.
pub fn origin() -> Time {
    Time::new(Timestamp::from_second(1_609_459_200).unwrap_or_default())
}

/// An id of something of the company.
pub fn id(prefix: &str, seed: u64, number: u64) -> String {
    let kind = prefix.bytes().fold(0_u64, |sum, byte| sum * 31 + u64::from(byte));
    let chance = Chance::of(seed, kind, number).hex20();
    let ms = u64::try_from(origin().microseconds() / 1000).unwrap_or(0) + number;
    format!("{prefix}_{ms:012x}{chance}")
}

/// Somebody's name.
pub fn name(number: u64) -> String {
    let first = FIRST[usize::try_from(number % 20).unwrap_or(0)];
    let last = LAST[usize::try_from((number / 20 + number) % 10).unwrap_or(0)];
    format!("{first} {last}")
}

/// Somebody's handle: `made-ada-1`.
pub fn handle(number: u64) -> String {
    let first = FIRST[usize::try_from(number % 20).unwrap_or(0)].to_lowercase();
    format!("made-{first}-{}", number / 20 + 1)
}

/// A service's short name: `checkout-api`.
pub fn service(number: u64) -> String {
    let area = AREAS[usize::try_from(number % 12).unwrap_or(0)];
    format!("{area}-{}", PARTS[usize::try_from(number / 12 % 5).unwrap_or(0)])
}

/// A service's team.
pub fn team_of(service: u64) -> u64 {
    service % TEAMS
}

/// Writes them. The first person is an administrator whose password has this digest; so has everybody's.
pub fn write(rows: &mut Rows, seed: u64, password_digest: &str) {
    for number in 0..PEOPLE {
        let seat = match number {
            0 => "administrator",
            1..=9 => "editor",
            39 => "auditor",
            35..=38 => "reader",
            _ => "contributor",
        };
        let (name, handle) = (name(number), handle(number));
        rows.add(
            "people",
            cells! {
                "id" => id("per", seed, number), "handle" => handle.clone(),
                "handle_key" => handle.clone(), "name" => name.clone(),
                "name_key" => name.to_lowercase(),
                "email" => format!("{handle}@example.org"),
                "email_key" => format!("{handle}@example.org"),
                "password_digest" => password_digest, "seat" => seat, "zone" => "UTC",
                "created_at" => origin(),
            },
        );
    }
    for number in 0..TEAMS {
        let area = AREAS[usize::try_from(number).unwrap_or(0)];
        let name = format!("{}{}", area[..1].to_uppercase(), &area[1..]);
        rows.add(
            "teams",
            cells! {
                "id" => id("tea", seed, number), "slug" => area, "name" => name.clone(),
                "name_key" => name.to_lowercase(), "created_at" => origin(),
            },
        );
        for person in (0..PEOPLE).filter(|person| person % TEAMS == number) {
            rows.add(
                "team_members",
                cells! { "team_id" => id("tea", seed, number), "person_id" => id("per", seed, person) },
            );
        }
    }
    for number in 0..SERVICES {
        let slug = service(number);
        rows.add(
            "services",
            cells! {
                "id" => id("svc", seed, number), "slug" => slug.clone(), "name" => slug.clone(),
                "name_key" => slug, "team_id" => id("tea", seed, team_of(number)),
                "tier" => i64::try_from(number % 4).unwrap_or(0) + 1,
                "description" => "Made up.", "created_at" => origin(),
            },
        );
    }
}
