//! What running an operator took, from what DataFusion counted meanwhile.

use chrono::{DateTime, Utc};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;

/// What an operator did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Actual {
    /// From the statement's start to the operator's, in milliseconds.
    pub(super) start_ms: f64,
    /// From the statement's start to the operator's end, in milliseconds.
    pub(super) end_ms: f64,
    /// The rows that it gave.
    pub(super) rows: usize,
}

/// What the operator did since `began`; none where it did not count.
pub(super) fn of(plan: &dyn ExecutionPlan, began: DateTime<Utc>) -> Option<Actual> {
    let metrics = plan.metrics()?;
    let rows = metrics.output_rows()?;
    let (mut start, mut end) = (None::<DateTime<Utc>>, None::<DateTime<Utc>>);
    for metric in metrics.iter() {
        match metric.value() {
            MetricValue::StartTimestamp(time) => start = earlier(start, time.value()),
            MetricValue::EndTimestamp(time) => end = end.max(time.value()),
            _ => {}
        }
    }
    let since = |time: Option<DateTime<Utc>>| {
        let time = time.map_or(0, |time| (time - began).num_microseconds().unwrap_or(i64::MAX));
        time.max(0) as f64 / 1e3
    };
    let (start_ms, end_ms) = (since(start), since(end));
    Some(Actual { start_ms, end_ms: end_ms.max(start_ms), rows })
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A counter of this name, over all partitions.
pub(super) fn counted(plan: &dyn ExecutionPlan, name: &str) -> Option<usize> {
    Some(plan.metrics()?.sum_by_name(name)?.as_usize())
}

/// How many of something were left out and how many read, by the counter of this name.
pub(super) fn pruned(plan: &dyn ExecutionPlan, name: &str) -> Option<(usize, usize)> {
    match plan.metrics()?.sum_by_name(name)? {
        MetricValue::PruningMetrics { pruning_metrics, .. } => {
            Some((pruning_metrics.pruned(), pruning_metrics.matched()))
        }
        _ => None,
    }
}
