//! How `lakeport sql` writes an answer.
//!
//! In reading order: columns aligned for the eye (`table`), values between commas and JSON (`lines`),
//! and the two formats of Arrow's world (`files`).

mod files;
mod lines;
mod table;

use std::io::{BufWriter, Write};

use anyhow::Result;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use lakeport_engine::Chunks;
use lakeport_sql::value::Style;

use crate::arguments::Format;

/// What takes an answer's batches, one after the other.
trait Writer {
    /// The next batch.
    fn batch(&mut self, batch: &RecordBatch) -> Result<()>;

    /// The end of the answer.
    fn end(&mut self) -> Result<()>;
}

/// Writes the batches to stdout as they come.
pub(crate) async fn write(
    format: Format,
    schema: &SchemaRef,
    style: Style,
    mut batches: Chunks<RecordBatch>,
) -> Result<()> {
    let stdout = BufWriter::new(std::io::stdout());
    let mut writer: Box<dyn Writer> = match format {
        Format::Table => Box::new(table::Table::new(stdout, schema, style)),
        Format::Csv => Box::new(lines::Csv::new(stdout, schema, style)?),
        Format::Json => Box::new(lines::Json::new(stdout, schema, style)),
        Format::Parquet => Box::new(files::parquet(stdout, schema)?),
        Format::Arrow => Box::new(files::arrow(stdout, schema)?),
    };
    let result = async {
        while let Some(batch) = batches.next().await {
            writer.batch(&batch?)?;
        }
        writer.end()
    };
    match result.await {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if is_closed_pipe(&error) => Ok(()),
        result => result,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// The values of a batch as text, column by column; each cell is handed to `cell`, none for NULL.
fn columns(batch: &RecordBatch, style: &Style) -> Result<Vec<lakeport_sql::value::Column>> {
    batch
        .columns()
        .iter()
        .zip(batch.schema().fields())
        .map(|(array, field)| Ok(lakeport_sql::value::Column::new(array, field, style)?))
        .collect()
}

/// A sink that bytes go into.
type Out = BufWriter<std::io::Stdout>;

/// Writes all of a line.
fn put(out: &mut Out, bytes: &[u8]) -> Result<()> {
    Ok(out.write_all(bytes)?)
}
