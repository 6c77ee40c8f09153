//! Which rows belong to an incident, read from the catalogue: those that name one, and those that name
//! a row that does. The rest are the organisation's.

use kit::db::catalogue::Table;
use std::collections::BTreeMap;

/// The table of incidents, and the column by which rows name one.
const ROOT: &str = "incidents";
const NAMES: &str = "incident_id";

/// The conditions for one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The rows of the incident `$1`; none when no row of the table belongs to one.
    pub of_incident: Option<String>,
    /// The rows of no incident; none when there can be none.
    pub of_none: Option<String>,
}

/// The conditions for every table, by its name.
#[must_use]
pub fn conditions(tables: &[Table]) -> BTreeMap<String, Owned> {
    let mut known: BTreeMap<String, Owned> = BTreeMap::new();
    for table in tables {
        let owned = of(table, &known);
        known.insert(table.name.clone(), owned);
    }
    known
}

fn of(table: &Table, known: &BTreeMap<String, Owned>) -> Owned {
    if table.name == ROOT {
        return Owned { of_incident: Some("id = $1".to_owned()), of_none: None };
    }
    if let Some(at) = table.position(NAMES) {
        let none = table.columns[at].nullable.then(|| format!("{NAMES} is null"));
        return Owned { of_incident: Some(format!("{NAMES} = $1")), of_none: none };
    }
    // A column that is always filled decides; one that may be empty only where there is no other.
    let mut parents: Vec<_> = table.columns.iter().filter(|one| one.references.is_some()).collect();
    parents.sort_by_key(|column| column.nullable);
    for column in parents {
        let Some((parent, key)) = &column.references else { continue };
        let Some(Owned { of_incident: Some(condition), of_none }) = known.get(parent) else {
            continue;
        };
        let name = &column.name;
        let within =
            |condition: &str| format!("{name} in (select {key} from {parent} where {condition})");
        let mut rest: Vec<String> = of_none.iter().map(|condition| within(condition)).collect();
        if column.nullable {
            rest.push(format!("{name} is null"));
        }
        let of_none = (!rest.is_empty()).then(|| rest.join(" or "));
        return Owned { of_incident: Some(within(condition)), of_none };
    }
    Owned { of_incident: None, of_none: Some("1 = 1".to_owned()) }
}
