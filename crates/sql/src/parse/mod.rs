//! Reading: from a text to its statements.
//!
//! In reading order: `lex` cuts a text into lexemes, `split` into statements, `depth` measures
//! how deep a statement nests before anything recurses into it, `reader` walks over a
//! statement's tokens, `kind` sorts it, and a file for each family of statements reads the rest.
//! `balance` then makes long AND and OR chains shallow.
//!
//! Invariant: nothing here recurses deeper than [`depth`] has allowed.

mod balance;
mod change;
mod copy;
mod copy_options;
mod cursor;
mod depth;
mod dialect;
mod explain;
mod kind;
mod lex;
mod prepare;
mod query;
mod reader;
mod reserved;
mod settings;
mod spelling;
mod split;
mod temp;
mod transaction;
mod view;
mod write;
mod written;

pub use prepare::arguments;

pub(crate) use depth::{with_room, with_stack};
pub(crate) use reader::position_of;
pub(crate) use spelling::EVERY_FIELD;
pub(crate) use written::Written;

use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::statement::Statement;

/// The longest text that is read, in bytes.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// Splits a text into its statements and reads each. Empty for a text without any.
///
/// # Errors
///
/// 42601 for what is not SQL, with its position in the whole text; 54000 and 54001 for texts
/// too long or nested too deep; 0A000 for statements that are not there yet.
pub fn parse(text: &str) -> Result<Vec<Statement>> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "statement is longer than 64 MB"));
    }
    split::split(text)?
        .into_iter()
        .map(|piece| {
            let kind = with_room(piece.text, || kind::read(piece.text))
                .and_then(|read| read)
                .map_err(|error| error.shifted(piece.start))?;
            Ok(Statement { text: piece.text.to_owned(), start: piece.start, kind })
        })
        .collect()
}

#[cfg(test)]
mod tests;
