//! Rows on their way into a temporary table: in its own types, checked, and in memory of its own.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options, concat};
use arrow::datatypes::{DataType, Field, SchemaRef};
use lakeport_base::SqlState;
use lakeport_sql::types::{PgType, column_type};

use super::Pieces;
use super::table::Piece;
use crate::error::from_datafusion;
use crate::memory::Purse;
use crate::{Error, Result};

/// What PostgreSQL adds to the modifier of a text's length.
const HEADER: i32 = 4;

/// Rows on their way into a table.
pub(crate) struct Incoming<'a> {
    /// The table's name, for complaints.
    pub(crate) table: &'a str,
    /// Its columns.
    pub(crate) schema: SchemaRef,
    /// Where the memory comes from.
    pub(crate) purse: &'a Purse,
    /// What has come.
    pub(crate) pieces: Pieces,
    /// How many rows that is.
    pub(crate) rows: usize,
}

impl<'a> Incoming<'a> {
    /// No rows yet.
    pub(crate) fn new(table: &'a str, schema: &SchemaRef, purse: &'a Purse) -> Incoming<'a> {
        Incoming { table, schema: Arc::clone(schema), purse, pieces: Vec::new(), rows: 0 }
    }

    /// Takes the rows of a batch.
    ///
    /// # Errors
    ///
    /// 23502 for NULL where none may be, 22001 for a text that is too long, 53200 or 54000 without room.
    pub(crate) fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let fields = self.schema.fields().iter();
        let arrays = fields.zip(batch.columns()).map(|(field, array)| self.column(field, array));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| from_datafusion(error.into()))?;
        self.rows += batch.num_rows();
        self.pieces.push(Arc::new(Piece::new(batch, self.purse)?));
        Ok(())
    }

    fn column(&self, field: &Field, array: &ArrayRef) -> Result<ArrayRef> {
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let failed = |error: arrow::error::ArrowError| from_datafusion(error.into());
        let given = array;
        let array = cast_with_options(array, field.data_type(), &options).map_err(failed)?;
        let column = column_type(field);
        if column.pg_type == PgType::NUMERIC && column.typmod == -1 && given.data_type().is_decimal() {
            let back = cast_with_options(&array, given.data_type(), &options).map_err(failed)?;
            if *back != **given {
                return Err(too_many_digits(field.name()));
            }
        }
        if !field.is_nullable() && array.null_count() > 0 {
            let (column, table) = (field.name(), self.table);
            return Err(Error::new(
                SqlState::NOT_NULL_VIOLATION,
                format!(
                    "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
                ),
            ));
        }
        if matches!(column.pg_type, PgType::VARCHAR | PgType::BPCHAR)
            && column.typmod > HEADER
            && *array.data_type() == DataType::Utf8
        {
            return fitted(array.as_string(), column.pg_type, (column.typmod - HEADER) as usize);
        }
        // A slice would keep all that it was cut from.
        let (first, second) =
            (array.slice(0, array.len() / 2), array.slice(array.len() / 2, array.len() - array.len() / 2));
        concat(&[&first, &second]).map_err(failed)
    }
}

/// A numeric without a modifier loses no digit unasked.
fn too_many_digits(column: &str) -> Error {
    let message = format!("a value has more digits behind its point than column \"{column}\" keeps");
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message)
        .with_hint("Round it, or declare the column as numeric(p,s).")
}

/// Texts of at most so many characters: blanks beyond are cut off, anything else is an error.
fn fitted(texts: &StringArray, pg_type: PgType, length: usize) -> Result<ArrayRef> {
    let fit = |text: &str| -> Result<String> {
        // char(n) is filled up where it is shown.
        let text = if pg_type == PgType::BPCHAR { text.trim_end_matches(' ') } else { text };
        let Some((end, _)) = text.char_indices().nth(length) else { return Ok(text.to_owned()) };
        if text[end..].chars().all(|c| c == ' ') {
            return Ok(text[..end].to_owned());
        }
        let name = if pg_type == PgType::BPCHAR { "character" } else { "character varying" };
        Err(Error::new(
            SqlState::STRING_DATA_RIGHT_TRUNCATION,
            format!("value too long for type {name}({length})"),
        ))
    };
    let fitted: StringArray = texts.iter().map(|text| text.map(fit).transpose()).collect::<Result<_>>()?;
    Ok(Arc::new(fitted))
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, StringArray};
    use lakeport_sql::types::PgType;

    use super::fitted;

    #[test]
    fn only_blanks_are_cut_off() {
        let texts = |text: &str| StringArray::from(vec![text]);
        let kept = fitted(&texts("größe  "), PgType::VARCHAR, 5).unwrap();
        assert_eq!(kept.as_string::<i32>().value(0), "größe");
        assert_eq!(fitted(&texts("größer"), PgType::VARCHAR, 5).unwrap_err().sqlstate.code(), "22001");
    }
}
