//! An instant as both databases keep it: UTC, to the microsecond.
//!
//! PostgreSQL keeps `timestamptz`; SQLite an integer of microseconds since 1970, so that order is
//! order on both.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Type, TypeInfo};
use sqlx_postgres::types::Oid;
use sqlx_postgres::{PgArgumentBuffer, PgTypeInfo, PgValueFormat, PgValueRef, Postgres};
use sqlx_sqlite::{Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use std::fmt;

/// PostgreSQL's `timestamptz`, from its catalogue.
const TIMESTAMPTZ: Oid = Oid(1184);
/// Microseconds from 1970 to PostgreSQL's own year zero, 2000.
const TO_2000: i64 = 946_684_800_000_000;

/// An instant in UTC, to the microsecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Timestamp", into = "Timestamp")]
pub struct Time(Timestamp);

impl Time {
    /// Cuts what no database of ours keeps.
    pub fn new(at: Timestamp) -> Time {
        Time(Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at))
    }

    /// As jiff has it.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Microseconds since 1970.
    pub fn microseconds(self) -> i64 {
        self.0.as_microsecond()
    }

    /// From microseconds since 1970; none beyond the years jiff knows.
    pub fn from_microseconds(us: i64) -> Option<Time> {
        Timestamp::from_microsecond(us).ok().map(Time)
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Time {
        Time::new(at)
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Timestamp {
        time.0
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::schema::instant()
    }
}

impl utoipa::ToSchema for Time {}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Type<Sqlite> for Time {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for Time {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode_by_ref(&self.microseconds(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Time {
    fn decode(value: SqliteValueRef<'r>) -> Result<Time, BoxDynError> {
        let us = <i64 as Decode<'r, Sqlite>>::decode(value)?;
        Time::from_microseconds(us).ok_or_else(|| format!("{us} µs is no time").into())
    }
}

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
    fn compatible(ty: &PgTypeInfo) -> bool {
        ty.oid() == Some(TIMESTAMPTZ) || ty.name() == "TIMESTAMPTZ"
    }
}

impl Encode<'_, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Postgres>>::encode_by_ref(&(self.microseconds() - TO_2000), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Time, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => {
                let bytes: [u8; 8] = value.as_bytes()?.try_into()?;
                let us = i64::from_be_bytes(bytes).saturating_add(TO_2000);
                Time::from_microseconds(us).ok_or_else(|| format!("{us} µs is no time").into())
            }
            PgValueFormat::Text => Ok(Time(value.as_str()?.parse()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Time;
    use jiff::Timestamp;

    #[test]
    fn what_no_database_keeps_is_cut() {
        let at: Timestamp = "2026-03-05T23:41:07.123456789Z".parse().unwrap();
        assert_eq!(Time::new(at).to_string(), "2026-03-05T23:41:07.123456Z");
    }
}
