//! EXPLAIN: the plan as text or JSON, with what it did where it was run.
//!
//! The plan is DataFusion's, not PostgreSQL's: operators under their own names. What ANALYZE adds
//! is each operator's rows and time, and what the statement asked of stores.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::StringArray;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::Statistics;
use datafusion::physical_plan::{
    DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, StatisticsArgs, StatisticsContext,
};
use futures::StreamExt;
use lakeport_sql::statement::Explain;
use lakeport_sql::types::PgType;
use lakeport_store::Meter;

use crate::Result;
use crate::answer::Executable;
use crate::error::from_datafusion;

/// Longest line of a plan: lists of files and long conditions are cut. In characters, a guess.
const LINE_MAX: usize = 600;

/// The one column of EXPLAIN's answer, as PostgreSQL heads it.
pub(crate) fn explain_columns(explain: &Explain) -> SchemaRef {
    let field = match explain.json {
        true => PgType::JSON.field("QUERY PLAN", true),
        false => Field::new("QUERY PLAN", DataType::Utf8, true),
    };
    Arc::new(Schema::new(vec![field]))
}

/// The rows of EXPLAIN. With ANALYZE the plan is run first, its rows counted and dropped.
pub(crate) async fn explain_rows(explain: &Explain, run: Executable, meter: &Meter) -> Result<RecordBatch> {
    let started = Instant::now();
    if explain.analyze {
        run_through(&run).await?;
    }
    let elapsed = started.elapsed();
    let lines = if explain.json {
        let node = serde_json::json!([{ "Plan": node(run.plan.as_ref(), explain) }]);
        vec![serde_json::to_string_pretty(&node).unwrap_or_default()]
    } else {
        let mut lines = Vec::new();
        write(run.plan.as_ref(), explain, 0, &mut lines);
        if explain.analyze {
            lines.push(format!("Requests: {}, bytes: {}", meter.requests(), meter.bytes()));
            lines.push(format!("Execution Time: {:.3} ms", elapsed.as_secs_f64() * 1e3));
        }
        lines
    };
    RecordBatch::try_new(explain_columns(explain), vec![Arc::new(StringArray::from(lines))])
        .map_err(|error| from_datafusion(error.into()))
}

async fn run_through(run: &Executable) -> Result<()> {
    for partition in 0..run.plan.output_partitioning().partition_count() {
        let stream = run.plan.execute(partition, Arc::clone(&run.context)).map_err(from_datafusion)?;
        let mut stream = std::pin::pin!(stream);
        while let Some(batch) = stream.next().await {
            batch.map_err(from_datafusion)?;
        }
    }
    Ok(())
}

fn statistics(plan: &dyn ExecutionPlan) -> datafusion::common::Result<Arc<Statistics>> {
    StatisticsContext::new().compute(plan, &StatisticsArgs::new())
}

fn write(plan: &dyn ExecutionPlan, explain: &Explain, depth: usize, lines: &mut Vec<String>) {
    let arrow = if depth == 0 { String::new() } else { format!("{}->  ", "      ".repeat(depth - 1) + "  ") };
    lines.push(format!("{arrow}{}{}", described(plan, explain), measured(plan, explain)));
    for child in plan.children() {
        write(child.as_ref(), explain, depth + 1, lines);
    }
}

fn described(plan: &dyn ExecutionPlan, explain: &Explain) -> String {
    let format = if explain.verbose { DisplayFormatType::Verbose } else { DisplayFormatType::Default };
    let text = format!("{}", Described(plan, format));
    match text.char_indices().nth(LINE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn measured(plan: &dyn ExecutionPlan, explain: &Explain) -> String {
    if !explain.analyze {
        return match statistics(plan) {
            Ok(statistics) => match statistics.num_rows.get_value() {
                Some(rows) => format!("  (rows={rows})"),
                None => String::new(),
            },
            Err(_) => String::new(),
        };
    }
    let metrics = plan.metrics();
    let rows = metrics.as_ref().and_then(|metrics| metrics.output_rows());
    let time = metrics.as_ref().and_then(|metrics| metrics.elapsed_compute());
    match (rows, time) {
        (Some(rows), Some(time)) => format!("  (actual rows={rows} time={:.3} ms)", time as f64 / 1e6),
        (Some(rows), None) => format!("  (actual rows={rows})"),
        _ => String::new(),
    }
}

fn node(plan: &dyn ExecutionPlan, explain: &Explain) -> serde_json::Value {
    let mut node = serde_json::json!({ "Node Type": plan.name(), "Description": described(plan, explain) });
    if let Ok(statistics) = statistics(plan)
        && let Some(rows) = statistics.num_rows.get_value()
    {
        node["Plan Rows"] = (*rows).into();
    }
    if explain.analyze
        && let Some(metrics) = plan.metrics()
    {
        if let Some(rows) = metrics.output_rows() {
            node["Actual Rows"] = rows.into();
        }
        if let Some(time) = metrics.elapsed_compute() {
            node["Actual Total Time"] = (time as f64 / 1e6).into();
        }
    }
    let children: Vec<_> = plan.children().iter().map(|child| self::node(child.as_ref(), explain)).collect();
    if !children.is_empty() {
        node["Plans"] = children.into();
    }
    node
}

struct Described<'a>(&'a dyn ExecutionPlan, DisplayFormatType);

impl std::fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt_as(self.1, f)
    }
}
