//! Calendars in the database.

use super::calendar::{Calendar, CalendarId, Holiday, NewCalendar, clock_text};
use crate::teams::TeamId;
use jiff::civil::Date;
use kit::db::{Conn, Result, Time, Tx, query};
use kit::sql;

pub(super) async fn all(conn: &mut Conn) -> Result<Vec<Calendar>> {
    let select = query(sql!(
        "select id, slug, name, zone, days, opens, closes, for_all, updated_at, version
         from calendars order by name_key, id"
    ));
    select.all(conn).await
}

/// The calendar of a slug.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, slug: &str) -> Result<Option<Calendar>> {
    let select = query(sql!(
        "select id, slug, name, zone, days, opens, closes, for_all, updated_at, version
         from calendars where slug = $1"
    ));
    select.bind(slug.to_owned()).optional(conn).await
}

/// A team's own calendar, else the one that holds for all.
pub(super) async fn of_team(conn: &mut Conn, team: Option<&TeamId>) -> Result<Option<Calendar>> {
    let select = query(sql!(
        "select c.id, c.slug, c.name, c.zone, c.days, c.opens, c.closes, c.for_all, c.updated_at, c.version
         from calendars c left join team_calendars t on t.calendar_id = c.id and t.team_id = $1
         where t.team_id is not null or c.for_all
         order by case when t.team_id is null then 1 else 0 end limit 1"
    ));
    let team = team.map_or_else(String::new, ToString::to_string);
    select.bind(team).optional(conn).await
}

pub(super) async fn holidays(conn: &mut Conn, id: &CalendarId) -> Result<Vec<Holiday>> {
    let select = query(sql!(
        "select day, name from holidays where calendar_id = $1 order by day limit 5000"
    ));
    select.bind(id.clone()).all(conn).await
}

pub(super) async fn insert(tx: &mut Tx, new: &NewCalendar, now: Time) -> Result<CalendarId> {
    let id = CalendarId::at(now);
    if new.for_all {
        none_for_all(tx, &id).await?;
    }
    let insert = query(sql!(
        "insert into calendars (id, slug, name, name_key, zone, days, opens, closes, for_all,
                                created_at, updated_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1)"
    ));
    let insert = insert.bind(id.clone()).bind(new.slug()).bind(new.name.as_str().to_owned());
    let insert = insert.bind(new.name.key()).bind(new.zone.clone()).bind(new.days_text());
    let insert = insert.bind(clock_text(new.opens)).bind(clock_text(new.closes)).bind(new.for_all);
    insert.bind(now).run(tx).await?;
    Ok(id)
}

/// Says whether it still had the version.
pub(super) async fn update(
    tx: &mut Tx,
    id: &CalendarId,
    new: &NewCalendar,
    version: i64,
    now: Time,
) -> Result<bool> {
    if new.for_all {
        none_for_all(tx, id).await?;
    }
    let update = query(sql!(
        "update calendars set name = $3, name_key = $4, zone = $5, days = $6, opens = $7, closes = $8,
                for_all = $9, updated_at = $10, version = version + 1
         where id = $1 and version = $2"
    ));
    let update = update.bind(id.clone()).bind(version).bind(new.name.as_str().to_owned());
    let update = update.bind(new.name.key()).bind(new.zone.clone()).bind(new.days_text());
    let update = update.bind(clock_text(new.opens)).bind(clock_text(new.closes)).bind(new.for_all);
    Ok(update.bind(now).run(tx).await? == 1)
}

async fn none_for_all(tx: &mut Tx, but: &CalendarId) -> Result<()> {
    let update = query(sql!("update calendars set for_all = false where for_all and id <> $1"));
    update.bind(but.clone()).run(tx).await?;
    Ok(())
}

/// Writes a day off down, unless it is there. Says whether it is new.
pub(super) async fn insert_holiday(
    tx: &mut Tx,
    id: &CalendarId,
    day: Date,
    name: &str,
) -> Result<bool> {
    let insert = query(sql!(
        "insert into holidays (calendar_id, day, name) values ($1, $2, $3)
         on conflict (calendar_id, day) do nothing"
    ));
    let insert = insert.bind(id.clone()).bind(day.to_string()).bind(name.to_owned());
    Ok(insert.run(tx).await? == 1)
}

/// Says whether it was there.
pub(super) async fn delete_holiday(tx: &mut Tx, id: &CalendarId, day: Date) -> Result<bool> {
    let delete = query(sql!("delete from holidays where calendar_id = $1 and day = $2"));
    Ok(delete.bind(id.clone()).bind(day.to_string()).run(tx).await? == 1)
}

/// What was changed is told by a new version.
pub(super) async fn touch(tx: &mut Tx, id: &CalendarId, now: Time) -> Result<()> {
    let update =
        query(sql!("update calendars set version = version + 1, updated_at = $2 where id = $1"));
    update.bind(id.clone()).bind(now).run(tx).await?;
    Ok(())
}

/// Which teams follow which calendar.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Follows {
    pub team_id: TeamId,
    pub calendar_id: CalendarId,
}

pub(super) async fn follows(conn: &mut Conn) -> Result<Vec<Follows>> {
    query(sql!("select team_id, calendar_id from team_calendars")).all(conn).await
}

pub(super) async fn follow(
    tx: &mut Tx,
    team: &TeamId,
    calendar: Option<&CalendarId>,
) -> Result<()> {
    let delete = query(sql!("delete from team_calendars where team_id = $1"));
    delete.bind(team.clone()).run(tx).await?;
    if let Some(calendar) = calendar {
        let insert =
            query(sql!("insert into team_calendars (team_id, calendar_id) values ($1, $2)"));
        insert.bind(team.clone()).bind(calendar.clone()).run(tx).await?;
    }
    Ok(())
}
