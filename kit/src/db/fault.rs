//! What a driver's error means: full, away, there already, or a mistake of ours.

use super::DbError;
use sqlx::error::DatabaseError;

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> DbError {
        match &error {
            sqlx::Error::Database(said) if said.is_unique_violation() => {
                DbError::Duplicate { index: said.message().to_owned() }
            }
            sqlx::Error::Database(said) => match state_of(said.as_ref()) {
                State::Full => DbError::Full(error.to_string()),
                State::Away => DbError::Away(error.to_string()),
                State::Answers => DbError::Other(error),
            },
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_) => DbError::Away(error.to_string()),
            _ => DbError::Other(error),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Full,
    Away,
    Answers,
}

fn state_of(said: &dyn DatabaseError) -> State {
    let code = said.code().unwrap_or_default();
    match said.try_downcast_ref::<sqlx_sqlite::SqliteError>() {
        Some(_) => of_sqlite(&code),
        None => of_postgres(&code),
    }
}

/// By SQLite's extended code, whose last eight bits are the code.
fn of_sqlite(code: &str) -> State {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    match code.parse::<u32>().unwrap_or(0) & 0xff {
        FULL => State::Full,
        BUSY | LOCKED | READONLY | IOERR | CANTOPEN => State::Away,
        _ => State::Answers,
    }
}

/// By PostgreSQL's classes: 08 connections, 53 resources, 57P operator, 40 serialisation, 25006 a
/// standby that only reads.
fn of_postgres(code: &str) -> State {
    match code {
        "53100" => State::Full,
        "25006" => State::Away,
        _ if ["08", "53", "57P", "40", "58"].iter().any(|class| code.starts_with(class)) => {
            State::Away
        }
        _ => State::Answers,
    }
}

#[cfg(test)]
mod tests {
    use super::{State, of_postgres, of_sqlite};

    #[test]
    fn codes_mean_what_the_databases_say() {
        for (code, state) in [
            ("13", State::Full),
            ("778", State::Away),
            ("1032", State::Away),
            ("5", State::Away),
            ("787", State::Answers),
            ("1", State::Answers),
        ] {
            assert_eq!(of_sqlite(code), state, "{code}");
        }
        for (code, state) in [
            ("53100", State::Full),
            ("53300", State::Away),
            ("57P01", State::Away),
            ("23503", State::Answers),
            ("57014", State::Answers),
        ] {
            assert_eq!(of_postgres(code), state, "{code}");
        }
    }
}
