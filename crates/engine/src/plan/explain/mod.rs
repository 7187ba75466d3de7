//! EXPLAIN: the plan as PostgreSQL's tools read it, with what it did where it was run.
//!
//! In reading order: an operator's name and what there is to say of it (`operator`), a plan as a tree of them
//! with rows, widths and costs (`tree`, `cost`), what running them took (`actual`), and the tree as lines
//! (`text`) or as JSON and YAML (`structured`). The operators are DataFusion's, under the names that PostgreSQL
//! has for their like.

mod actual;
mod cost;
mod operator;
mod structured;
mod text;
mod tree;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::StringArray;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use lakeport_sql::explain::{Explain, ExplainFormat};
use lakeport_sql::types::PgType;
use lakeport_store::Meter;

use crate::Result;
use crate::answer::Executable;
use crate::error::from_datafusion;

/// The one column of EXPLAIN's answer, as PostgreSQL heads it.
pub(crate) fn explain_columns(explain: &Explain) -> SchemaRef {
    let field = match explain.format {
        ExplainFormat::Json => PgType::JSON.field("QUERY PLAN", true),
        ExplainFormat::Text | ExplainFormat::Yaml => Field::new("QUERY PLAN", DataType::Utf8, true),
    };
    Arc::new(Schema::new(vec![field]))
}

/// What is said of a whole statement, below its plan.
struct Summary<'a> {
    planning: Duration,
    /// None where it was not run.
    execution: Option<Duration>,
    meter: &'a Meter,
}

/// The rows of EXPLAIN; `planning` is what the plan took. With ANALYZE it is run first, its rows counted and dropped.
pub(crate) async fn explain_rows(
    explain: &Explain,
    run: Executable,
    planning: Duration,
    meter: &Meter,
) -> Result<RecordBatch> {
    let (started, began) = (Instant::now(), chrono::Utc::now());
    if explain.analyze {
        run_through(&run).await?;
    }
    let execution = explain.analyze.then(|| started.elapsed());
    let tree = tree::of(run.plan.as_ref(), explain, began);
    let summary = Summary { planning, execution, meter };
    let lines = match explain.format {
        ExplainFormat::Text => text::lines(&tree, explain, &summary),
        ExplainFormat::Json => vec![structured::json(&structured::statement(&tree, explain, &summary))],
        ExplainFormat::Yaml => vec![structured::yaml(&structured::statement(&tree, explain, &summary))],
    };
    RecordBatch::try_new(explain_columns(explain), vec![Arc::new(StringArray::from(lines))])
        .map_err(|error| from_datafusion(error.into()))
}

/// Runs all partitions at once: they wait for each other where rows are spread over them.
async fn run_through(run: &Executable) -> Result<()> {
    let stream = execute_stream(Arc::clone(&run.plan), Arc::clone(&run.context)).map_err(from_datafusion)?;
    let mut stream = std::pin::pin!(stream);
    while let Some(batch) = stream.next().await {
        batch.map_err(from_datafusion)?;
    }
    Ok(())
}
