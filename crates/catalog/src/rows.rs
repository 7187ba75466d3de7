//! The rows of one relation as they are being put together, column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err};

use crate::cell::{Cell, array};

/// The rows of one relation, of which only some columns are wanted.
///
/// A column that is wanted and not filled holds NULL, or 0, false or '' where it may not be NULL.
#[derive(Debug)]
pub(crate) struct Rows {
    columns: SchemaRef,
    count: usize,
    wanted: Vec<bool>,
    filled: Vec<Option<ArrayRef>>,
}

impl Rows {
    /// No rows yet. `wanted` are positions in `columns`.
    pub(crate) fn new(columns: &SchemaRef, wanted: &[usize]) -> Self {
        let mut flags = vec![false; columns.fields().len()];
        for index in wanted {
            flags[*index] = true;
        }
        Self { columns: Arc::clone(columns), count: 0, filled: vec![None; flags.len()], wanted: flags }
    }

    /// Says how many rows there are; every column filled has as many values.
    pub(crate) fn count(&mut self, count: usize) {
        self.count = count;
    }

    /// Fills a column, one value per row. Costs nothing where the column is not wanted.
    ///
    /// # Errors
    ///
    /// Where the relation has no such column, or a value does not fit it.
    pub(crate) fn fill<'a, C: Into<Cell<'a>>>(
        &mut self,
        column: &str,
        values: impl IntoIterator<Item = C>,
    ) -> Result<()> {
        let index = self.index(column)?;
        if self.wanted[index] {
            let cells = values.into_iter().map(Into::into);
            self.filled[index] = Some(array(self.columns.field(index).data_type(), cells)?);
        }
        Ok(())
    }

    /// Fills a column with the same value in every row.
    ///
    /// # Errors
    ///
    /// As [`Self::fill`].
    pub(crate) fn fill_all<'a>(&mut self, column: &str, value: impl Into<Cell<'a>>) -> Result<()> {
        let value = value.into();
        let count = self.count;
        self.fill(column, std::iter::repeat_n(value, count))
    }

    /// The rows, with only the wanted columns.
    ///
    /// # Errors
    ///
    /// Where columns differ in length, or one that may not be NULL is.
    pub(crate) fn finish(mut self, projection: &[usize]) -> Result<RecordBatch> {
        let arrays = projection.iter().map(|index| {
            let field = self.columns.field(*index);
            if let Some(array) = self.filled[*index].take() {
                return Ok(array);
            }
            let nothing = if field.is_nullable() { Cell::Null } else { Cell::nothing(field.data_type()) };
            array(field.data_type(), std::iter::repeat_n(nothing, self.count))
        });
        let arrays = arrays.collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.count));
        let schema = Arc::new(self.columns.project(projection)?);
        Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
    }

    fn index(&self, column: &str) -> Result<usize> {
        let position = self.columns.fields().iter().position(|field| field.name() == column);
        position.ok_or_else(|| exec_datafusion_err!("a system relation has no column {column}"))
    }
}
