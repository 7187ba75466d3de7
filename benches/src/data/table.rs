//! What a table is to be made of.

use arrow::array::ArrayRef;

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in PostgreSQL.
    pub pg_type: &'static str,
}

impl Column {
    /// A column of this name and type.
    pub fn new(name: impl Into<String>, pg_type: &'static str) -> Column {
        Column { name: name.into(), pg_type }
    }
}

/// Gives so many rows, beginning with this one: the same for the same first row, at every run.
pub(super) type Make = Box<dyn Fn(u64, usize) -> arrow::error::Result<Vec<ArrayRef>> + Send + Sync>;

/// A table to be made.
pub struct Table {
    /// Its name on every server.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// How many rows it has.
    pub rows: u64,
    pub(super) make: Make,
}

impl Table {
    /// How PostgreSQL is told to make it.
    pub fn definition(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| format!("{} {}", column.name, column.pg_type)).collect();
        format!("CREATE TABLE {} ({})", self.name, columns.join(", "))
    }
}
