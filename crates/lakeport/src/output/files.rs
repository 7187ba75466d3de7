//! The formats of Arrow's own world: Parquet, and Arrow's IPC stream.

use anyhow::Result;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::{Out, Writer};

/// A Parquet file on stdout.
pub(super) fn parquet(out: Out, schema: &SchemaRef) -> Result<impl Writer> {
    Ok(Parquet(Some(ArrowWriter::try_new(out, schema.clone(), None)?)))
}

/// An Arrow IPC stream on stdout.
pub(super) fn arrow(out: Out, schema: &SchemaRef) -> Result<impl Writer> {
    Ok(Arrow(StreamWriter::try_new(out, schema)?))
}

struct Parquet(Option<ArrowWriter<Out>>);

impl Writer for Parquet {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        match &mut self.0 {
            Some(writer) => Ok(writer.write(batch)?),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<()> {
        if let Some(writer) = self.0.take() {
            writer.close()?;
        }
        Ok(())
    }
}

struct Arrow(StreamWriter<Out>);

impl Writer for Arrow {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.0.write(batch)?)
    }

    fn end(&mut self) -> Result<()> {
        Ok(self.0.finish()?)
    }
}
