//! What a statement gives back.

use std::marker::PhantomData;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use lakeport_base::ByteSize;

use crate::{Error, Result};

/// What a statement gives back.
#[derive(Debug)]
pub enum Answer {
    /// Rows.
    Rows(Rows),
    /// No rows: the command's tag, such as `SET`, and what there is to say beside it.
    Done {
        /// The tag.
        tag: &'static str,
        /// Warnings and notices, to be sent before the tag.
        notices: Vec<Error>,
    },
}

/// Rows that have been planned and not yet been read.
#[derive(Debug)]
pub struct Rows {
    /// The columns. Names may repeat.
    pub schema: SchemaRef,
    /// The tag's word: `SELECT` (to be followed by a count), `SHOW` or `EXPLAIN`.
    pub tag: &'static str,
}

/// Something with a size in memory, so that a queue of it can be bounded.
pub trait Weigh {
    /// Its size in bytes.
    fn bytes(&self) -> usize;
}

impl Rows {
    /// Runs the statement, and `encode` on each of its batches in the very task that computed
    /// it; gives the pieces in the answer's order, never holding more than `window` of them
    /// (or one, if that is larger) beyond what the reader has taken.
    ///
    /// `encode` cuts a batch into pieces as small as it likes; an error of its ends the statement.
    pub fn encoded<T, I>(
        self,
        _window: ByteSize,
        _encode: impl Fn(RecordBatch) -> I + Send + Sync + 'static,
    ) -> Chunks<T>
    where
        T: Weigh + Send + 'static,
        I: Iterator<Item = Result<T>> + Send + 'static,
    {
        todo!()
    }
}

/// The pieces of an answer. Dropping it ends the statement.
#[derive(Debug)]
pub struct Chunks<T> {
    _piece: PhantomData<T>,
}

impl<T> Chunks<T> {
    /// The next piece; none at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T>> {
        todo!()
    }
}
