//! What statements on temporary tables ask for: creating one, and changing its rows.

use datafusion::sql::sqlparser::ast;

/// What becomes of a temporary table's rows, or of itself, when a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnCommit {
    /// PRESERVE ROWS: nothing.
    #[default]
    Preserve,
    /// DELETE ROWS
    Delete,
    /// DROP
    Drop,
}

/// CREATE TEMPORARY TABLE with columns.
#[derive(Debug, Clone)]
pub struct CreateTemp {
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// The table, with its schema where one was written.
    pub name: Vec<String>,
    /// Its columns.
    pub columns: Vec<NewColumn>,
    /// What happens at the end of a transaction.
    pub on_commit: OnCommit,
}

/// A column of a table that is created.
#[derive(Debug, Clone)]
pub struct NewColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: ast::DataType,
    /// NOT NULL
    pub not_null: bool,
    /// What it holds where an INSERT says nothing.
    pub default: Option<ast::Expr>,
}

/// CREATE TEMPORARY TABLE … AS, and SELECT … INTO TEMPORARY.
#[derive(Debug, Clone)]
pub struct CreateTempAs {
    /// IF NOT EXISTS
    pub if_not_exists: bool,
    /// The table, with its schema where one was written.
    pub name: Vec<String>,
    /// Names for its columns, where they are given.
    pub columns: Vec<String>,
    /// What happens at the end of a transaction.
    pub on_commit: OnCommit,
    /// What it is filled with.
    pub query: Box<ast::Query>,
    /// Not WITH NO DATA.
    pub with_data: bool,
}

/// A change of a table's rows: only temporary tables take one.
#[derive(Debug, Clone)]
pub struct Change {
    /// The table, with its schema where one was written.
    pub table: Vec<String>,
    /// What it is called in the statement.
    pub alias: Option<String>,
    /// What is done.
    pub action: Action,
    /// The columns of the rows that come back.
    pub returning: Option<Vec<ast::SelectItem>>,
    /// A clause that is not supported, whatever the table is.
    pub unsupported: Option<&'static str>,
}

/// What a change does.
#[derive(Debug, Clone)]
pub enum Action {
    /// INSERT; no query is DEFAULT VALUES.
    Insert {
        /// The columns that are given; empty for all.
        columns: Vec<String>,
        /// The rows.
        source: Option<Box<ast::Query>>,
    },
    /// DELETE
    Delete {
        /// WHERE
        condition: Option<ast::Expr>,
    },
    /// UPDATE
    Update {
        /// The columns that are set; no expression is DEFAULT.
        set: Vec<(String, Option<ast::Expr>)>,
        /// WHERE
        condition: Option<ast::Expr>,
    },
}

impl Action {
    /// The command's tag.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "INSERT",
            Self::Delete { .. } => "DELETE",
            Self::Update { .. } => "UPDATE",
        }
    }
}
