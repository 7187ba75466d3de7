//! Keys and their indexes as SQL, in the words of PostgreSQL's `ruleutils.c`.

use lakeport_base::quote_ident;

use crate::pinned::{Key, KeyKind};

/// The CREATE INDEX of a key's index, on the table that is written so.
pub(crate) fn index_definition(key: &Key, table: &str) -> String {
    format!("CREATE UNIQUE INDEX {} ON {table} USING btree {}", quote_ident(&key.name), listed(&key.columns))
}

/// A key as it stands in a CREATE TABLE. `other` is how the table that a foreign key refers to is written.
pub(crate) fn key_definition(key: &Key, other: &str) -> String {
    let columns = listed(&key.columns);
    match &key.kind {
        KeyKind::Primary { .. } => format!("PRIMARY KEY {columns}"),
        KeyKind::Unique { .. } => format!("UNIQUE {columns}"),
        KeyKind::Foreign { columns: to, .. } => {
            format!("FOREIGN KEY {columns} REFERENCES {other}{}", listed(to))
        }
    }
}

fn listed(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| quote_ident(column)).collect();
    format!("({})", quoted.join(", "))
}
