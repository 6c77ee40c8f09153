//! Tables of people, teams and services: CSV, with a comma, a semicolon or a tab between cells. Which one
//! it is shows in the names of its columns.

use super::came::Line;
use super::wanted::{At, Pointer, Wanted, WantedPerson, WantedService, WantedTeam};
use csv::{ReaderBuilder, StringRecord};
use kit::table::delimiter;

/// The most rows of a table.
const MOST: usize = 20_000;

const EXPECTED: &str = "it is no table that we know. Its first row names the columns: `handle` among them \
    for people (name, email, zone, seat, teams, works_days, works_from, works_to, chat, code, pager, \
    joined_on, away_until), `service` for services (team, tier, description, needs), `team` for teams \
    (description, manager, members).";

/// What a column is called by us, whatever a file calls it.
fn known(name: &str) -> &'static str {
    match name.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "handle" | "login" | "username" => "handle",
        "name" | "full_name" => "name",
        "email" | "e_mail" | "mail" => "email",
        "zone" | "time_zone" | "timezone" => "zone",
        "seat" => "seat",
        "team" => "team",
        "teams" => "teams",
        "owner" => "owner",
        "works_days" | "days" => "works_days",
        "works_from" => "works_from",
        "works_to" => "works_to",
        "chat" | "slack" => "chat",
        "code" | "github" | "gitlab" => "code",
        "pager" | "pagerduty" => "pager",
        "joined_on" | "joined" => "joined_on",
        "away_until" => "away_until",
        "service" => "service",
        "tier" => "tier",
        "description" => "description",
        "needs" | "depends_on" | "dependencies" => "needs",
        "manager" => "manager",
        "members" => "members",
        _ => "",
    }
}

/// A row by the names of its columns.
struct Row<'a> {
    columns: &'a [&'static str],
    cells: &'a StringRecord,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> Option<String> {
        let at = self.columns.iter().position(|one| *one == column)?;
        let text = self.cells.get(at)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn pointer(&self, column: &str) -> Option<Pointer> {
        self.cell(column).map(Pointer::Named)
    }

    /// Several in one cell, between semicolons, bars or commas.
    fn several(&self, column: &str) -> Vec<Pointer> {
        let text = self.cell(column).unwrap_or_default();
        let parts = text.split([';', '|', ',']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Pointer::Named(part.to_owned())).collect()
    }

    fn person(&self) -> WantedPerson {
        let mut teams = self.several("teams");
        teams.extend(self.several("team"));
        WantedPerson {
            reference: None,
            handle: self.cell("handle").unwrap_or_default(),
            name: self.cell("name"),
            email: self.cell("email"),
            zone: self.cell("zone"),
            seat: self.cell("seat"),
            works_days: self.cell("works_days"),
            works_from: self.cell("works_from"),
            works_to: self.cell("works_to"),
            chat: self.cell("chat"),
            code: self.cell("code"),
            pager: self.cell("pager"),
            joined_on: self.cell("joined_on"),
            away_until: self.cell("away_until"),
            teams,
        }
    }

    fn team(&self) -> WantedTeam {
        WantedTeam {
            name: self.cell("team").unwrap_or_default(),
            description: self.cell("description"),
            manager: self.pointer("manager"),
            members: self.several("members"),
            ..WantedTeam::default()
        }
    }

    fn service(&self) -> WantedService {
        WantedService {
            name: self.cell("service").unwrap_or_default(),
            description: self.cell("description"),
            tier: self.cell("tier"),
            team: self.pointer("team").or_else(|| self.pointer("owner")),
            needs: self.several("needs"),
            ..WantedService::default()
        }
    }
}

/// Reads a table.
///
/// # Errors
/// What it should be, when its columns are none that we know.
pub fn read(file: &str, text: &str, wanted: &mut Wanted) -> Result<(), String> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text.as_bytes()))
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<&'static str> = names.iter().map(known).collect();
    let what = ["handle", "service", "team"].into_iter().find(|one| columns.contains(one));
    let what = what.ok_or_else(|| EXPECTED.to_owned())?;
    for (name, _) in names.iter().zip(&columns).filter(|(_, column)| column.is_empty()) {
        let at = At { file: file.to_owned(), line: 1 };
        let why = "We have no such column; nothing of it is read.";
        wanted.aside.push(Line::aside("column", name, &at, why));
    }
    for (n, record) in reader.records().enumerate() {
        let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
        let record = match record {
            Ok(record) if n < MOST => record,
            Ok(_) => return Err(format!("it has more than {MOST} rows; send it in parts.")),
            Err(error) => {
                let at = At { file: file.to_owned(), line: line(error.position()) };
                wanted.aside.push(Line::aside("row", "", &at, error));
                continue;
            }
        };
        let at = At { file: file.to_owned(), line: line(record.position()) };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let row = Row { columns: &columns, cells: &record };
        match what {
            "handle" => wanted.people.push((at, row.person())),
            "service" => wanted.services.push((at, row.service())),
            _ => wanted.teams.push((at, row.team())),
        }
    }
    Ok(())
}
