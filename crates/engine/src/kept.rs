//! Rows kept to be read again, for cursors that go backward.
//!
//! The first of them stay in memory, charged to the statement that gave them; the others lie in a
//! temporary file, which counts as what the statement spilled and is gone with the rows.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use datafusion::common::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SpillFile, TaskContext};
use lakeport_base::SqlState;
use tokio::runtime::Handle;

use crate::error::from_datafusion;
use crate::{Error, Result};

/// What stays in memory, in bytes. A guess: some tens of thousands of rows, and little beside what
/// a statement may hold.
const MEMORY_MAX: usize = 4 << 20;

/// Rows kept to be read again.
pub struct Kept {
    places: Vec<Place>,
    rows: u64,
    memory: Option<Memory>,
    file: Option<Arc<dyn SpillFile>>,
    file_bytes: u64,
    /// What was read from the file last, and which place that is.
    last: Option<(usize, RecordBatch)>,
    compute: Handle,
}

struct Memory {
    context: Arc<TaskContext>,
    reservation: MemoryReservation,
}

struct Place {
    /// How many rows are before these.
    first: u64,
    rows: u64,
    held: Held,
}

enum Held {
    Memory(RecordBatch),
    File { start: u64, bytes: u64 },
}

impl Kept {
    /// None yet. Without a context the rows are in memory anyway, and stay there.
    pub(crate) fn new(context: Option<Arc<TaskContext>>, compute: Handle) -> Self {
        let memory = context.map(|context| {
            let reservation = MemoryConsumer::new("rows of a cursor").register(context.memory_pool());
            Memory { context, reservation }
        });
        Self { places: Vec::new(), rows: 0, memory, file: None, file_bytes: 0, last: None, compute }
    }

    /// Keeps the rows that follow, which take about so many bytes.
    ///
    /// # Errors
    ///
    /// 53100 and its kin where there is no room to spill to.
    pub async fn push(&mut self, batch: RecordBatch, bytes: usize) -> Result<()> {
        let rows = batch.num_rows() as u64;
        let held = if self.stays(bytes) { Held::Memory(batch) } else { self.spill(batch).await? };
        self.places.push(Place { first: self.rows, rows, held });
        self.rows += rows;
        Ok(())
    }

    fn stays(&self, bytes: usize) -> bool {
        match &self.memory {
            None => true,
            Some(memory) => {
                self.file.is_none()
                    && memory.reservation.size() + bytes <= MEMORY_MAX
                    && memory.reservation.try_grow(bytes).is_ok()
            }
        }
    }

    async fn spill(&mut self, batch: RecordBatch) -> Result<Held> {
        let file = match (&self.file, &self.memory) {
            (Some(file), _) => Arc::clone(file),
            (None, Some(memory)) => {
                let disk = &memory.context.runtime_env().disk_manager;
                let file = disk.create_tmp_file("rows of a cursor").map_err(from_datafusion)?;
                Arc::clone(self.file.insert(file))
            }
            (None, None) => return Ok(Held::Memory(batch)),
        };
        let written = self.blocking(move || {
            let mut out = Vec::new();
            let mut writer = StreamWriter::try_new(&mut out, batch.schema_ref())?;
            writer.write(&batch)?;
            writer.finish()?;
            drop(writer);
            let mut file = file.open_writer()?;
            file.write_all(&out)?;
            file.finish()?;
            Ok(out.len() as u64)
        });
        let bytes = written.await?;
        let start = self.file_bytes;
        self.file_bytes += bytes;
        Ok(Held::File { start, bytes })
    }

    /// The rows around this one, counted from 0, and which of them it is. It must have been kept.
    ///
    /// # Errors
    ///
    /// Where the temporary file cannot be read.
    pub async fn read(&mut self, row: u64) -> Result<(RecordBatch, usize)> {
        let index = self.places.partition_point(|place| place.first + place.rows <= row);
        let missing = || Error::new(SqlState::INTERNAL_ERROR, "a row that was not kept is to be read again");
        let place = self.places.get(index).ok_or_else(missing)?;
        let offset = usize::try_from(row - place.first).map_err(|_| missing())?;
        let (start, bytes) = match (&place.held, &self.last) {
            (Held::Memory(batch), _) => return Ok((batch.clone(), offset)),
            (_, Some((last, batch))) if *last == index => return Ok((batch.clone(), offset)),
            (Held::File { start, bytes }, _) => (*start, *bytes),
        };
        let path = self.file.as_ref().and_then(|file| file.path()).ok_or_else(missing)?.to_owned();
        let read = self.blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(start))?;
            let mut batches = StreamReader::try_new(BufReader::new(file.take(bytes)), None)?;
            batches.next().transpose()?.ok_or_else(|| DataFusionError::Internal("no rows".to_owned()))
        });
        let batch = read.await?;
        self.last = Some((index, batch.clone()));
        Ok((batch, offset))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, DataFusionError> + Send + 'static,
    ) -> Result<T> {
        match self.compute.spawn_blocking(work).await {
            Ok(done) => done.map_err(from_datafusion),
            Err(_) => Err(Error::new(SqlState::INTERNAL_ERROR, "the rows of a cursor cannot be kept")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, Int64Array, StringViewArray};
    use arrow::record_batch::RecordBatch;
    use datafusion::execution::TaskContext;
    use tokio::runtime::Handle;

    use super::{Kept, MEMORY_MAX};

    fn batch(first: i64) -> RecordBatch {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + 10));
        let texts =
            StringViewArray::from_iter_values((first..first + 10).map(|n| format!("the number {n:020}")));
        RecordBatch::try_from_iter([("n", numbers), ("t", Arc::new(texts) as ArrayRef)]).unwrap()
    }

    /// Keeps fifty rows of so many bytes a batch, and reads them from the end to the beginning.
    async fn check(bytes: usize, spilled: bool) {
        let mut kept = Kept::new(Some(Arc::new(TaskContext::default())), Handle::current());
        for first in (0..50).step_by(10) {
            // What is kept is a part of what it lies in.
            kept.push(batch(first - 5).slice(5, 5), bytes).await.unwrap();
            kept.push(batch(first + 5).slice(0, 5), bytes).await.unwrap();
        }
        assert_eq!(kept.file.is_some(), spilled);
        for row in (0..50).rev() {
            let (found, offset) = kept.read(row).await.unwrap();
            let numbers = found.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
            assert_eq!((numbers.value(offset), found.num_rows()), (row as i64, 5));
            let texts = found.column(1).as_any().downcast_ref::<StringViewArray>().unwrap();
            assert_eq!(texts.value(offset), format!("the number {row:020}"));
        }
        let path = kept.file.as_ref().and_then(|file| file.path().map(std::path::Path::to_owned));
        drop(kept);
        assert!(path.is_none_or(|path| !path.exists()));
    }

    #[tokio::test]
    async fn rows_are_read_again_from_memory_and_from_the_file_that_goes_with_them() {
        check(100, false).await;
        check(MEMORY_MAX / 3, true).await;
        check(MEMORY_MAX + 1, true).await;
    }

    #[tokio::test]
    async fn a_row_that_was_not_kept_is_an_error() {
        let mut kept = Kept::new(None, Handle::current());
        assert!(kept.read(0).await.is_err());
    }
}
