//! COPY … TO STDOUT: what is copied, and how it is written.
//!
//! Reading it is `parse`'s, planning the query `plan`'s, and the bytes are the door's.

use lakeport_base::SqlState;

use crate::ast;
use crate::error::{Error, Result};

/// COPY … TO STDOUT.
#[derive(Debug, Clone)]
pub struct CopyTo {
    /// What is copied.
    pub source: CopySource,
    /// The query whose rows they are.
    pub query: Box<ast::Query>,
    /// How they are written.
    pub form: CopyForm,
    /// The columns that csv writes in quotes whatever they hold.
    pub force_quote: ForceQuote,
}

/// What a COPY reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopySource {
    /// The query in its parentheses.
    Query,
    /// A table.
    Table {
        /// Its name, in as many parts as were written.
        name: Vec<String>,
        /// Its columns, where they are given.
        columns: Vec<String>,
    },
}

/// How rows are written, with nothing left to default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyForm {
    /// Lines with escapes.
    Text {
        /// Whether the first line has the columns' names.
        header: bool,
        /// What stands between two values.
        delimiter: u8,
        /// What stands for NULL.
        null: String,
    },
    /// Lines with quotes.
    Csv {
        /// Whether the first line has the columns' names.
        header: bool,
        /// What stands between two values.
        delimiter: u8,
        /// What stands for NULL.
        null: String,
        /// What stands around a value that needs it.
        quote: u8,
        /// What stands before a quote inside of quotes, and before itself.
        escape: u8,
    },
    /// Tuples of values in their types' own bytes.
    Binary,
}

/// The columns that FORCE_QUOTE names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ForceQuote {
    /// None.
    #[default]
    None,
    /// `*`
    All,
    /// These.
    Columns(Vec<String>),
}

impl CopyTo {
    /// Which of the answer's columns are always quoted, in their order.
    ///
    /// # Errors
    ///
    /// 42703 and 42P10 for a name that none of them has.
    pub fn quoted<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> Result<Vec<bool>> {
        let wanted = match &self.force_quote {
            ForceQuote::None => return Ok(names.map(|_| false).collect()),
            ForceQuote::All => return Ok(names.map(|_| true).collect()),
            ForceQuote::Columns(wanted) => wanted,
        };
        if let Some(missing) = wanted.iter().find(|wanted| !names.clone().any(|name| name == **wanted)) {
            return Err(self.not_copied(missing));
        }
        Ok(names.map(|name| wanted.iter().any(|wanted| wanted == name)).collect())
    }

    fn not_copied(&self, column: &str) -> Error {
        match &self.source {
            CopySource::Query => {
                Error::new(SqlState::UNDEFINED_COLUMN, format!("column \"{column}\" does not exist"))
            }
            CopySource::Table { name, columns } if columns.is_empty() => missing_column(name, column),
            CopySource::Table { .. } => {
                let message = format!("FORCE_QUOTE column \"{column}\" not referenced by COPY");
                Error::new(SqlState::INVALID_COLUMN_REFERENCE, message)
            }
        }
    }
}

/// The refusal of a column that a table does not have.
pub fn missing_column(table: &[String], column: &str) -> Error {
    let table = table.last().map_or("", String::as_str);
    let message = format!("column \"{column}\" of relation \"{table}\" does not exist");
    Error::new(SqlState::UNDEFINED_COLUMN, message)
}
