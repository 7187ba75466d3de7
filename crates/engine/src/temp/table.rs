//! One temporary table.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use lakeport_sql::assign::Target;
use lakeport_sql::ast::Expr;
use lakeport_sql::temp::OnCommit;

use crate::error::from_datafusion;
use crate::memory::{Held, Purse};
use crate::{Error, Result};

/// Rows up to which a table's last piece takes more, so that many small INSERTs make no heap of
/// small batches. The usual number of rows of a batch.
const PIECE_ROWS: usize = 8192;

/// One temporary table. Unchangeable.
#[derive(Debug)]
pub(crate) struct TempTable {
    /// Its name.
    pub(crate) name: String,
    /// Names and types of its columns; one that is NOT NULL is not nullable.
    pub(crate) schema: SchemaRef,
    /// What else is said of the columns.
    pub(crate) columns: Vec<TempColumn>,
    /// What happens at the end of a transaction.
    pub(crate) on_commit: OnCommit,
    /// Its rows.
    pub(crate) pieces: Pieces,
}

/// What a column's field does not say.
#[derive(Debug, Clone, Default)]
pub(crate) struct TempColumn {
    /// What it holds where an INSERT says nothing.
    pub(crate) default: Option<Expr>,
}

/// Rows in memory that is accounted for as long as anybody has them.
pub(crate) type Pieces = Vec<Arc<Piece>>;

/// A batch of rows.
#[derive(Debug)]
pub(crate) struct Piece {
    batch: RecordBatch,
    _held: Held,
}

impl Piece {
    /// Takes these rows into memory.
    ///
    /// # Errors
    ///
    /// 53200 or 54000 where there is no room for them.
    pub(crate) fn new(batch: RecordBatch, purse: &Purse) -> Result<Piece> {
        let held = purse.hold(batch.get_array_memory_size())?;
        Ok(Piece { batch, _held: held })
    }
}

impl TempTable {
    /// The same table with other rows.
    pub(crate) fn with_rows(&self, pieces: Pieces) -> TempTable {
        TempTable {
            name: self.name.clone(),
            schema: Arc::clone(&self.schema),
            columns: self.columns.clone(),
            on_commit: self.on_commit,
            pieces,
        }
    }

    /// The rows of this table and these behind them.
    pub(crate) fn and(&self, mut more: Pieces, purse: &Purse) -> Result<Pieces> {
        let mut pieces = self.pieces.clone();
        if let (Some(last), [first, ..]) = (pieces.last(), more.as_slice())
            && last.batch.num_rows() + first.batch.num_rows() <= PIECE_ROWS
        {
            let joined = concat_batches(&self.schema, [&last.batch, &first.batch])
                .map_err(|error| from_datafusion(error.into()))?;
            more[0] = Arc::new(Piece::new(joined, purse)?);
            pieces.pop();
        }
        pieces.extend(more);
        Ok(pieces)
    }

    /// The columns, as what takes values.
    pub(crate) fn targets(&self) -> Vec<Target<'_>> {
        let fields = self.schema.fields().iter();
        fields
            .zip(&self.columns)
            .map(|(field, column)| Target { field, default: column.default.as_ref() })
            .collect()
    }

    /// The position of a column.
    ///
    /// # Errors
    ///
    /// 42703 where there is none of this name.
    pub(crate) fn column(&self, name: &str) -> Result<usize> {
        let position = self.schema.fields().iter().position(|field| field.name() == name);
        position.ok_or_else(|| {
            Error::new(
                lakeport_base::SqlState::UNDEFINED_COLUMN,
                format!("column \"{name}\" of relation \"{}\" does not exist", self.name),
            )
        })
    }

    /// The table as DataFusion reads it.
    pub(crate) fn provider(&self) -> Result<Arc<dyn TableProvider>> {
        let batches = self.pieces.iter().map(|piece| piece.batch.clone()).collect();
        let table = MemTable::try_new(Arc::clone(&self.schema), vec![batches]).map_err(from_datafusion)?;
        Ok(Arc::new(table))
    }
}
