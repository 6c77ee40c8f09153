//! Rows of any table as they are: read in slices by key, written many at a time, digested so that both
//! databases say the same. For what walks every table; a slice has its own typed statements.
//!
//! The statements are put together from names of the [catalogue](super::catalogue) alone.

use super::catalogue::{Kind, Table};
use super::json::canonical;
use super::{Conn, Db, Inner, Result, Time, Tx};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use sqlx::{Arguments, AssertSqlSafe, Row as _};
use sqlx_postgres::{PgArguments, PgRow};
use sqlx_sqlite::{SqliteArguments, SqliteRow};
use std::fmt::Write as _;

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    Time(Time),
    /// A JSON value, as its text.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Int(number)
    }
}
impl From<Value> for Cell {
    fn from(value: Value) -> Cell {
        Cell::Json(value.to_string())
    }
}
impl From<bool> for Cell {
    fn from(yes: bool) -> Cell {
        Cell::Bool(yes)
    }
}
impl From<Time> for Cell {
    fn from(at: Time) -> Cell {
        Cell::Time(at)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(one: Option<T>) -> Cell {
        one.map_or(Cell::Null, Into::into)
    }
}

/// A row: one cell for each column of its table, in the table's order.
pub type Record = Vec<Cell>;

impl Cell {
    fn digest_into(&self, hash: &mut Sha256) {
        let mut field = |tag: u8, bytes: &[u8]| {
            hash.update([tag]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        match self {
            Cell::Null => field(0, &[]),
            Cell::Text(text) => field(1, text.as_bytes()),
            Cell::Int(number) => field(2, &number.to_be_bytes()),
            Cell::Real(number) => field(3, &number.to_bits().to_be_bytes()),
            Cell::Bool(yes) => field(4, &[u8::from(*yes)]),
            Cell::Time(at) => field(5, &at.microseconds().to_be_bytes()),
            Cell::Json(text) => {
                let one = canonical(text);
                field(6, one.as_ref().unwrap_or(text).as_bytes());
            }
            Cell::Bytes(bytes) => field(7, bytes),
        }
    }
}

/// How many rows, and a digest of all of them that does not depend on their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    limbs: [u64; 4],
}

impl Sum {
    /// Counts a row in.
    pub fn add(&mut self, record: &Record) {
        let mut hash = Sha256::new();
        for cell in record {
            cell.digest_into(&mut hash);
        }
        let digest = hash.finalize();
        let mut carry = false;
        for (limb, bytes) in self.limbs.iter_mut().zip(digest.chunks_exact(8)) {
            let more = bytes.iter().fold(0_u64, |so_far, byte| so_far << 8 | u64::from(*byte));
            let (sum, first) = limb.overflowing_add(more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
        self.rows += 1;
    }

    /// The digest as hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        self.limbs.iter().fold(String::new(), |mut text, limb| {
            let _ = write!(text, "{limb:016x}");
            text
        })
    }
}

/// Which rows of a table.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// All.
    All,
    /// Those of a condition over the table's own columns.
    Plain(&'a str),
    /// The same, with `$1` for the text.
    Where(&'a str, &'a str),
}

/// At most `most` rows in the order of the key, those after the key `after` if it is given.
///
/// # Errors
/// What the database says; a cell that is not of its kind.
pub async fn slice(
    conn: &mut Conn,
    table: &Table,
    which: Which<'_>,
    after: Option<&Record>,
    most: i64,
) -> Result<Vec<Record>> {
    let names = |columns: Vec<&str>| columns.join(", ");
    let key = names(table.key.iter().map(|at| table.columns[*at].name.as_str()).collect());
    let all = names(table.columns.iter().map(|one| one.name.as_str()).collect());
    let mut text = format!("select {all} from {}", table.name);
    let mut values = Vec::new();
    match which {
        Which::All => {}
        Which::Plain(condition) => drop(write!(text, " where ({condition})")),
        Which::Where(condition, value) => {
            let _ = write!(text, " where ({condition})");
            values.push((Kind::Text, Cell::from(value)));
        }
    }
    if let Some(after) = after {
        let word = if matches!(which, Which::All) { "where" } else { "and" };
        let first = values.len() + 1;
        let places: Vec<String> =
            (first..first + table.key.len()).map(|n| format!("${n}")).collect();
        let _ = write!(text, " {word} ({key}) > ({})", places.join(", "));
        let cells = table.key.iter().zip(after);
        values.extend(cells.map(|(at, cell)| (table.columns[*at].kind, cell.clone())));
    }
    let _ = write!(text, " order by {key} limit {most}");
    let kinds: Vec<Kind> = table.columns.iter().map(|one| one.kind).collect();
    read(conn, text, values, &kinds).await
}

async fn read(
    conn: &mut Conn,
    text: String,
    values: Vec<(Kind, Cell)>,
    kinds: &[Kind],
) -> Result<Vec<Record>> {
    let text = AssertSqlSafe(text);
    let records: Result<Vec<Record>, sqlx::Error> = match &mut conn.0 {
        Inner::Sqlite(_) | Inner::SqliteTx(_) => {
            let mut arguments = SqliteArguments::default();
            for (kind, cell) in values {
                bind_sqlite(&mut arguments, kind, cell)?;
            }
            let on: &mut sqlx_sqlite::SqliteConnection = match &mut conn.0 {
                Inner::Sqlite(on) => on,
                Inner::SqliteTx(on) => on,
                _ => unreachable!("matched above"),
            };
            let rows = sqlx::query_with(text, arguments).fetch_all(on).await?;
            rows.iter().map(|row| from_sqlite(row, kinds)).collect()
        }
        Inner::Postgres(_) | Inner::PostgresTx(_) => {
            let mut arguments = PgArguments::default();
            for (kind, cell) in values {
                bind_postgres(&mut arguments, kind, cell)?;
            }
            let on: &mut sqlx_postgres::PgConnection = match &mut conn.0 {
                Inner::Postgres(on) => on,
                Inner::PostgresTx(on) => on,
                _ => unreachable!("matched above"),
            };
            let rows = sqlx::query_with(text, arguments).fetch_all(on).await?;
            rows.iter().map(|row| from_postgres(row, kinds)).collect()
        }
    };
    Ok(records?)
}

macro_rules! cells {
    ($row:expr, $kinds:expr) => {
        $kinds
            .iter()
            .enumerate()
            .map(|(at, kind)| {
                Ok(match kind {
                    Kind::Text => $row.try_get::<Option<String>, _>(at)?.into(),
                    Kind::Int => $row.try_get::<Option<i64>, _>(at)?.into(),
                    Kind::Real => {
                        $row.try_get::<Option<f64>, _>(at)?.map_or(Cell::Null, Cell::Real)
                    }
                    Kind::Bool => $row.try_get::<Option<bool>, _>(at)?.into(),
                    Kind::Time => $row.try_get::<Option<Time>, _>(at)?.into(),
                    Kind::Json => {
                        let value = $row.try_get::<Option<Json<Box<RawValue>>>, _>(at)?;
                        value.map_or(Cell::Null, |Json(raw)| Cell::Json(raw.get().to_owned()))
                    }
                    Kind::Bytes => {
                        $row.try_get::<Option<Vec<u8>>, _>(at)?.map_or(Cell::Null, Cell::Bytes)
                    }
                })
            })
            .collect()
    };
}

fn from_sqlite(row: &SqliteRow, kinds: &[Kind]) -> Result<Record, sqlx::Error> {
    cells!(row, kinds)
}

fn from_postgres(row: &PgRow, kinds: &[Kind]) -> Result<Record, sqlx::Error> {
    cells!(row, kinds)
}

macro_rules! bind {
    ($arguments:expr, $kind:expr, $cell:expr) => {
        match ($cell, $kind) {
            (Cell::Null, Kind::Text) => $arguments.add(None::<String>),
            (Cell::Null, Kind::Int) => $arguments.add(None::<i64>),
            (Cell::Null, Kind::Real) => $arguments.add(None::<f64>),
            (Cell::Null, Kind::Bool) => $arguments.add(None::<bool>),
            (Cell::Null, Kind::Time) => $arguments.add(None::<Time>),
            (Cell::Null, Kind::Json) => $arguments.add(None::<Json<Box<RawValue>>>),
            (Cell::Null, Kind::Bytes) => $arguments.add(None::<Vec<u8>>),
            (Cell::Text(value), _) => $arguments.add(value),
            (Cell::Int(value), _) => $arguments.add(value),
            (Cell::Real(value), _) => $arguments.add(value),
            (Cell::Bool(value), _) => $arguments.add(value),
            (Cell::Time(value), _) => $arguments.add(value),
            (Cell::Json(text), _) => match RawValue::from_string(text) {
                Ok(raw) => $arguments.add(Json(raw)),
                Err(error) => Err(error.into()),
            },
            (Cell::Bytes(value), _) => $arguments.add(value),
        }
        .map_err(|error| super::DbError::Other(sqlx::Error::Encode(error)))
    };
}

fn bind_sqlite(arguments: &mut SqliteArguments, kind: Kind, cell: Cell) -> Result<()> {
    bind!(arguments, kind, cell)
}

fn bind_postgres(arguments: &mut PgArguments, kind: Kind, cell: Cell) -> Result<()> {
    bind!(arguments, kind, cell)
}

/// Values that one statement carries at most; both databases take more.
const PLACES: usize = 4_000;

/// Writes rows, many with one statement.
///
/// # Errors
/// What the database says; then the transaction is to be given up.
pub async fn insert(tx: &mut Tx, table: &Table, records: Vec<Record>) -> Result<()> {
    let width = table.columns.len();
    let most = (PLACES / width.max(1)).max(1);
    let is_sqlite = matches!(tx.0.0, Inner::SqliteTx(_));
    let mut whole = None;
    let mut rest = records.into_iter();
    while rest.len() > 0 {
        let some: Vec<Record> = rest.by_ref().take(most).collect();
        let rows = some.len();
        let text = || insert_text(table, rows, is_sqlite);
        let is_whole = rows == most;
        let text = if is_whole { whole.get_or_insert_with(text).clone() } else { text() };
        write(tx, table, (text, is_whole), some).await?;
    }
    Ok(())
}

/// SQLite takes bare places: numbered ones cost it the square of their number, see [`super::places`].
fn insert_text(table: &Table, rows: usize, is_sqlite: bool) -> String {
    let names: Vec<&str> = table.columns.iter().map(|one| one.name.as_str()).collect();
    let mut text = format!("insert into {} ({}) values ", table.name, names.join(", "));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { "), (" });
        for at in 0..names.len() {
            text.push_str(if at == 0 { "" } else { ", " });
            if is_sqlite {
                text.push('?');
            } else {
                let _ = write!(text, "${}", row * names.len() + at + 1);
            }
        }
    }
    text.push(')');
    text
}

/// Runs a statement of many rows; one that is kept is parsed once.
async fn write(
    tx: &mut Tx,
    table: &Table,
    (text, is_kept): (String, bool),
    records: Vec<Record>,
) -> Result<()> {
    let kinds: Vec<Kind> = table.columns.iter().map(|one| one.kind).collect();
    let text = AssertSqlSafe(text);
    match &mut tx.0.0 {
        Inner::SqliteTx(on) => {
            let mut arguments = SqliteArguments::default();
            for record in records {
                for (cell, kind) in record.into_iter().zip(&kinds) {
                    bind_sqlite(&mut arguments, *kind, cell)?;
                }
            }
            sqlx::query_with(text, arguments).persistent(is_kept).execute(&mut **on).await?;
        }
        Inner::PostgresTx(on) => {
            let mut arguments = PgArguments::default();
            for record in records {
                for (cell, kind) in record.into_iter().zip(&kinds) {
                    bind_postgres(&mut arguments, *kind, cell)?;
                }
            }
            sqlx::query_with(text, arguments).persistent(is_kept).execute(&mut **on).await?;
        }
        Inner::Sqlite(_) | Inner::Postgres(_) => {
            return Err(super::DbError::Away("a write needs a transaction".into()));
        }
    }
    Ok(())
}

/// Takes every row out of a table; for the rows that migrations put in, before a copy brings its own.
///
/// # Errors
/// What the database says.
pub async fn clear(tx: &mut Tx, table: &Table) -> Result<()> {
    let text = AssertSqlSafe(format!("delete from {}", table.name));
    match &mut tx.0.0 {
        Inner::SqliteTx(on) => {
            sqlx::query(text).execute(&mut **on).await?;
        }
        Inner::PostgresTx(on) => {
            sqlx::query(text).execute(&mut **on).await?;
        }
        Inner::Sqlite(_) | Inner::Postgres(_) => {}
    }
    Ok(())
}

/// One whole number that a statement of names of the catalogue gives: a count.
///
/// # Errors
/// What the database says.
pub async fn number(conn: &mut Conn, text: String) -> Result<i64> {
    let rows = read(conn, text, Vec::new(), &[Kind::Int]).await?;
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Cell::Int(number)) => *number,
        _ => 0,
    })
}

/// The tables that the database itself knows, with their columns in order: to compare with the catalogue.
///
/// # Errors
/// What the database says.
pub async fn live_columns(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    let is_sqlite = matches!(conn.0, Inner::Sqlite(_) | Inner::SqliteTx(_));
    let text = if is_sqlite {
        "select m.name, c.name from sqlite_schema m, pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' order by m.rowid, c.cid"
    } else {
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = current_schema() order by table_name, ordinal_position"
    };
    let rows = read(conn, text.to_owned(), Vec::new(), &[Kind::Text, Kind::Text]).await?;
    let text = |cell: Option<&Cell>| match cell {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    Ok(rows.iter().map(|row| (text(row.first()), text(row.get(1)))).collect())
}

impl Db {
    /// A transaction that only reads, and sees one state throughout.
    ///
    /// # Errors
    /// What the database says.
    pub async fn snapshot(&self) -> Result<Tx> {
        Ok(Tx(Conn(match self {
            Db::Sqlite { readers, .. } => Inner::SqliteTx(readers.begin().await?),
            Db::Postgres(pool) => Inner::PostgresTx(
                pool.begin_with("begin isolation level repeatable read read only").await?,
            ),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Sum};

    #[test]
    fn a_sum_does_not_depend_on_order_and_tells_rows_apart() {
        let rows = [vec![Cell::from("a"), Cell::Int(1)], vec![Cell::from("b"), Cell::Null]];
        let sum = |order: &[usize]| {
            let mut sum = Sum::default();
            order.iter().for_each(|at| sum.add(&rows[*at]));
            sum
        };
        assert_eq!(sum(&[0, 1]), sum(&[1, 0]));
        assert_ne!(sum(&[0, 0]), sum(&[1, 1]));
        assert_eq!(sum(&[0, 1]).digest().len(), 64);
        let split = [vec![Cell::from("ab")], vec![Cell::from("a"), Cell::from("b")]];
        let (mut one, mut two) = (Sum::default(), Sum::default());
        one.add(&split[0]);
        two.add(&split[1]);
        assert_ne!(one.digest(), two.digest());
    }
}
