//! One made-up incident with its evidence and its timeline.

use super::Plan;
use super::chance::Chance;
use super::organisation::{self, PEOPLE, SERVICES};
use super::rows::{Rows, cells};
use super::{retrospective, words};
use crate::access::PersonId;
use crate::audit::{Deed, LineId};
use crate::evidence::{Item, Kind, Occurred, Precision, Signals, ZoneOrigin, content_hash};
use jiff::SignedDuration;
use kit::db::Time;
use kit::db::records::Cell;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// What every made-up import is said to have read.
pub const RAW: &str = "Made up by `afterword demo-data`; there never was a file.\n";

static RAW_DIGEST: LazyLock<String> = LazyLock::new(|| hex::encode(Sha256::digest(RAW)));
static SIGNALS: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string(&Signals::default()).unwrap_or_default());

/// The digest of [`RAW`].
pub fn raw_digest() -> &'static str {
    &RAW_DIGEST
}

/// Five years in seconds: over so long the incidents are spread.
const SPAN: i64 = 5 * 365 * 86_400;

/// How the evidence is shared out: most incidents have a little, some very much.
pub struct Share {
    plan: Plan,
    total: u64,
    /// The sum of weights before every thousandth incident.
    sums: Vec<u64>,
}

const STEP: u32 = 1_000;

fn weight(seed: u64, number: u32) -> u64 {
    let mut chance = Chance::of(seed, 7, u64::from(number));
    // 1/u, cut at 400: a tail as incidents have it.
    4_000 / (chance.below(990) + 10) + 4
}

impl Share {
    /// Reckons it once for a plan.
    pub fn of(plan: Plan) -> Share {
        let (mut total, mut sums) = (0, Vec::new());
        for number in 1..=plan.incidents {
            if (number - 1) % STEP == 0 {
                sums.push(total);
            }
            total += weight(plan.seed, number);
        }
        Share { plan, total, sums }
    }

    fn up_to(&self, number: u32) -> u64 {
        let at = usize::try_from(number / STEP).unwrap_or(0).min(self.sums.len().saturating_sub(1));
        let from = u32::try_from(at).unwrap_or(0) * STEP;
        let before = self.sums.get(at).copied().unwrap_or(0);
        let weights = before + (from + 1..=number).map(|n| weight(self.plan.seed, n)).sum::<u64>();
        let part =
            u128::from(self.plan.events) * u128::from(weights) / u128::from(self.total.max(1));
        u64::try_from(part).unwrap_or(0)
    }

    /// How many pieces of evidence an incident has; over all of them exactly as many as planned.
    pub fn events(&self, number: u32) -> u64 {
        self.up_to(number) - self.up_to(number - 1)
    }
}

/// What is written to the audit record of a made-up incident.
pub struct Declared {
    line: LineId,
    at: Time,
    by: PersonId,
    key: String,
    incident: String,
    title: String,
}

impl Declared {
    /// The line.
    pub fn deed(&self) -> (LineId, Time, Deed<'_>) {
        let deed = Deed::new(&self.by, "incident.declared", &self.key).of(&self.incident);
        let after = json!({ "title": self.title, "made_up": true });
        (self.line.clone(), self.at, deed.after(after))
    }
}

/// What the parts of one incident share.
pub struct Making<'a> {
    /// Where rows go.
    pub rows: &'a mut Rows,
    /// The seed.
    pub seed: u64,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// When it was declared.
    pub at: Time,
    /// Its severity.
    pub severity: i64,
    /// How far it may be shared.
    pub label: &'static str,
    /// Who leads it.
    pub lead: String,
    /// The service that failed.
    pub service: u64,
    /// Chance for it.
    pub chance: Chance,
    count: u64,
}

impl Making<'_> {
    /// A new id of something of this incident; they sort in the order they are asked for.
    pub fn id(&mut self, prefix: &str) -> String {
        self.count += 1;
        let ms = u64::try_from(self.at.microseconds() / 1000).unwrap_or(0);
        let chance = &self.chance.hex20()[..14];
        format!("{prefix}_{ms:012x}{:06x}{chance}", self.count)
    }

    /// So many seconds after it was declared.
    pub fn after(&self, seconds: i64) -> Time {
        Time::new(self.at.timestamp() + SignedDuration::from_secs(seconds))
    }

    /// Somebody.
    pub fn somebody(&mut self) -> String {
        organisation::id("per", self.seed, self.chance.below(PEOPLE - 1))
    }
}

/// Writes an incident with all that belongs to it.
pub fn write(rows: &mut Rows, plan: Plan, number: u32, events: u64) -> Declared {
    let mut chance = Chance::of(plan.seed, 1, u64::from(number));
    let step = SPAN / i64::from(plan.incidents.max(1));
    let second = step * i64::from(number) + chance.between(0, step.max(1) - 1);
    let at = organisation::origin().timestamp() + SignedDuration::from_secs(second);
    let at = Time::new(at);
    let ms = u64::try_from(at.microseconds() / 1000).unwrap_or(0);
    let severity = [1, 2, 2, 3, 3, 3, 3, 4, 4, 4][usize::try_from(chance.below(10)).unwrap_or(0)];
    // Some services fail far more often than others.
    let service = chance.rank(usize::try_from(SERVICES).unwrap_or(1)) as u64;
    let lead = organisation::id("per", plan.seed, chance.below(PEOPLE - 5));
    let id = format!("inc_{ms:012x}{}", chance.hex20());
    let seed = plan.seed;
    let mut making = Making {
        rows,
        seed,
        number,
        id,
        at,
        severity,
        label: "green",
        lead,
        service,
        chance,
        count: 0,
    };
    let title = head(&mut making);
    around(&mut making);
    let evidence = evidence(&mut making, events);
    let entries = timeline(&mut making, &evidence);
    if making.chance.percent(40) {
        retrospective::write(&mut making, &evidence, &entries);
    }
    let line = LineId::parse(&making.id("act")).unwrap_or_else(|| LineId::at(at));
    let by = PersonId::parse(&making.lead).unwrap_or_else(|| PersonId::at(at));
    Declared { line, at, by, key: format!("INC-{number}"), incident: making.id, title }
}

fn head(making: &mut Making<'_>) -> String {
    let chance = &mut making.chance;
    let service = organisation::service(making.service);
    let what = *chance.one(&[
        "slow",
        "down",
        "answers with errors",
        "shows stale data",
        "loses messages",
        "times out",
        "rejects sign-ins",
        "falls behind",
        "runs out of memory",
        "restarts again and again",
    ]);
    let about = words::word(chance);
    let detail = words::word(chance);
    let title = format!("{service} {what} after {about} {detail}");
    let kind = *chance.one(&[
        "outage",
        "outage",
        "degradation",
        "degradation",
        "degradation",
        "data",
        "security",
        "vendor",
        "deploy",
        "deploy",
        "near_miss",
        "other",
    ]);
    let status = match making.number % 50 {
        0 => "active",
        1 => "mitigated",
        2..=5 => "resolved",
        _ => "closed",
    };
    let label = match chance.below(100) {
        0..=1 => "red",
        2..=9 => "amber_strict",
        10..=29 => "amber",
        _ => "green",
    };
    making.label = label;
    let description = words::text(chance, 60);
    let detection = *chance.one(&["alert", "alert", "alert", "internal_person", "customer"]);
    making.rows.add(
        "incidents",
        cells! {
            "id" => making.id.clone(), "number" => i64::from(making.number), "title" => title.clone(),
            "title_key" => title.to_lowercase(), "kind" => kind, "severity" => making.severity,
            "status" => status, "description" => description, "detection" => detection,
            "environment" => "made-up", "label" => label, "report_only" => false,
            "declared_by" => making.lead.clone(), "created_at" => making.at,
            "updated_at" => making.at, "version" => 1_i64,
        },
    );
    making.rows.add(
        "incident_access",
        cells! {
            "incident_id" => making.id.clone(), "person_id" => making.lead.clone(),
            "added_by" => making.lead.clone(), "added_at" => making.at,
        },
    );
    let end = making.chance.between(1_200, 40_000);
    for (place, (status, after)) in
        [("active", 0), ("mitigated", end / 2), ("resolved", end)].into_iter().enumerate()
    {
        if place as u32 > making.number % 50 && making.number % 50 < 2 {
            break;
        }
        let (id, at) = (making.id("chg"), making.after(after));
        making.rows.add(
            "incident_statuses",
            cells! {
                "id" => id, "incident_id" => making.id.clone(), "status" => status, "at" => at,
                "by_person" => making.lead.clone(), "reason" => "",
            },
        );
    }
    title
}

/// Severity, services, teams, people, impact, key times.
fn around(making: &mut Making<'_>) {
    let incident = making.id.clone();
    let lead = making.lead.clone();
    let id = making.id("chg");
    making.rows.add(
        "severities",
        cells! {
            "id" => id, "incident_id" => incident.clone(), "severity" => making.severity,
            "at" => making.at, "by_person" => lead.clone(), "reason" => "",
        },
    );
    making.rows.add(
        "incident_services",
        cells! {
            "incident_id" => incident.clone(),
            "service_id" => organisation::id("svc", making.seed, making.service),
            "began_at" => making.at,
        },
    );
    let team = organisation::team_of(making.service);
    making.rows.add(
        "incident_teams",
        cells! {
            "incident_id" => incident.clone(), "team_id" => organisation::id("tea", making.seed, team),
        },
    );
    let id = making.id("par");
    making.rows.add(
        "participants",
        cells! {
            "id" => id, "incident_id" => incident.clone(), "person_id" => lead.clone(), "name" => "",
            "roles" => Cell::from(json!(["commander"])), "joined_at" => making.at,
            "on_call" => making.chance.percent(70), "called_out_of_hours" => making.chance.percent(30),
        },
    );
    let lasted = making.chance.between(600, 30_000);
    impact(making, lasted);
    let detected = making.chance.between(30, 1_800);
    for (name, after) in [
        ("impact_start", -detected),
        ("detected", 0),
        ("declared", 0),
        ("mitigated", lasted / 2),
        ("impact_end", lasted),
        ("resolved", lasted + 600),
    ] {
        let at = making.after(after);
        making.rows.add(
            "key_times",
            cells! {
                "incident_id" => incident.clone(), "name" => name, "recorded_at" => at,
                "recorded_precision" => "second", "recorded_uncertainty_s" => 0_i64,
                "source" => "person", "recorded_by" => lead.clone(), "recorded_on" => making.at,
            },
        );
    }
}

fn impact(making: &mut Making<'_>, lasted: i64) {
    let (id, from, to) = (making.id("win"), making.after(0), making.after(lasted));
    let effect = *making.chance.one(&["unavailable", "errors", "slow", "wrong_data"]);
    let users = making.chance.between(1, 200) * making.chance.between(1, 200);
    making.rows.add(
        "impact_windows",
        cells! {
            "id" => id, "incident_id" => making.id.clone(), "started_at" => from, "ended_at" => to,
            "severity" => making.severity, "surface" => organisation::service(making.service),
            "effect" => effect, "users_count" => users, "users_method" => "made up",
            "users_confidence" => "low", "money_basis" => "",
        },
    );
}

/// A piece of evidence, as the timeline cites it.
pub struct Piece {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Time,
    /// How it begins.
    pub text: String,
}

/// Pieces that the timeline and the factors can cite.
const CITED: u64 = 8;

fn evidence(making: &mut Making<'_>, events: u64) -> Vec<Piece> {
    let import = making.id("imp");
    let incident = making.id.clone();
    let after = making.after(86_400);
    if events > 0 {
        making.rows.add(
            "imports",
            cells! {
                "id" => import.clone(), "incident_id" => incident, "file_name" => "made-up.json",
                "source" => "slack", "sha256" => raw_digest(),
                "size_bytes" => i64::try_from(RAW.len()).unwrap_or(0), "state" => "finished",
                "added" => i64::try_from(events).unwrap_or(0), "already" => 0_i64,
                "set_aside" => 0_i64, "needs_zone" => false, "imported_by" => making.lead.clone(),
                "imported_at" => after, "finished_at" => after,
            },
        );
    }
    let mut cited = Vec::new();
    let mut seconds = -1_800;
    for nth in 0..events {
        seconds += making.chance.between(0, 50);
        let piece = one_piece(making, &import, nth, seconds);
        if nth % (events / CITED).max(1) == 0 && (cited.len() as u64) < CITED {
            cited.push(piece);
        }
    }
    cited
}

fn item(making: &mut Making<'_>, nth: u64, at: Time) -> Item {
    let occurred =
        Occurred { at: at.timestamp(), precision: Precision::Second, zone: ZoneOrigin::Instant };
    let (kind, source) = match making.chance.below(20) {
        0..=13 => (Kind::Chat, "slack"),
        14..=16 => (Kind::Alert, "alertmanager"),
        17 => (Kind::Deploy, "github"),
        18 => (Kind::Log, "text_log"),
        _ => (Kind::Page, "pagerduty"),
    };
    let mut item = Item::new(kind, source, format!("made-{nth}"), occurred);
    item.author_is_bot = kind != Kind::Chat;
    item.author = Some(if item.author_is_bot {
        source.to_owned()
    } else {
        organisation::name(making.chance.below(PEOPLE))
    });
    let length = 3 + making.chance.rank(60) as u64;
    item.text = words::sentence(&mut making.chance, length);
    item.place = Some(format!("inc-{}", making.number));
    item
}

fn one_piece(making: &mut Making<'_>, import: &str, nth: u64, seconds: i64) -> Piece {
    let at = making.after(seconds);
    let item = item(making, nth, at);
    let id = making.id("evi");
    let piece = Piece { id: id.clone(), at, text: item.text.clone() };
    let hash = content_hash(&item, "");
    let recorded = making.after(86_400);
    making.rows.add(
        "evidence",
        cells! {
            "id" => id, "incident_id" => making.id.clone(), "import_id" => import,
            "first_import" => import, "kind" => item.kind.name(), "source" => item.source,
            "external_id" => item.external_id, "occurred_at" => at, "tie" => 0_i64,
            "precision" => "second", "zone_origin" => "instant", "author" => item.author.clone(),
            "author_key" => item.author.map(|name| name.to_lowercase()),
            "author_is_bot" => item.author_is_bot, "body" => item.text, "place" => item.place,
            "signals" => Cell::Json(SIGNALS.clone()), "source_pinned" => false,
            "series" => Cell::from(json!([])), "content_hash" => hash, "recorded_at" => recorded,
            "recorded_by" => making.lead.clone(),
        },
    );
    piece
}

fn timeline(making: &mut Making<'_>, evidence: &[Piece]) -> Vec<String> {
    if evidence.is_empty() {
        return Vec::new();
    }
    let incident = making.id.clone();
    making.rows.add("timelines", cells! { "incident_id" => incident.clone(), "changes" => 0_i64 });
    let most = usize::try_from(2 + making.chance.below(5)).unwrap_or(2);
    let mut ids = Vec::new();
    for piece in evidence.iter().take(most) {
        let id = making.id("ent");
        let fact =
            *making.chance.one(&["event", "indicator", "action", "decision", "communication"]);
        let written = making.after(90_000);
        let text: String = piece.text.chars().take(200).collect();
        making.rows.add(
            "timeline_entries",
            cells! {
                "id" => id.clone(), "incident_id" => incident.clone(), "at" => piece.at,
                "precision" => "second", "uncertainty_s" => 0_i64, "fact" => fact, "text" => text,
                "known_then" => true, "from_memory" => false, "tie" => 0_i64,
                "created_by" => making.lead.clone(), "created_at" => written,
                "updated_at" => written, "version" => 1_i64,
            },
        );
        making.rows.add(
            "entry_citations",
            cells! { "entry_id" => id.clone(), "evidence_id" => piece.id.clone() },
        );
        ids.push(id);
    }
    ids
}
