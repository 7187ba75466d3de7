//! Reading: from a text to its statements.

use crate::error::Result;
use crate::statement::Statement;

/// Splits a text into its statements and reads each.
pub fn parse(_text: &str) -> Result<Vec<Statement>> {
    todo!()
}
