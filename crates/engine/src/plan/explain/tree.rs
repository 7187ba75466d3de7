//! A plan as a tree of PostgreSQL's operators, with rows, widths and costs.
//!
//! What only moves rows between threads has no counterpart and does not show; filters and projections belong to
//! the operator below them, as in PostgreSQL.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::common::Statistics;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs, StatisticsContext};
use lakeport_base::TableName;
use lakeport_sql::explain::Explain;

use super::actual::{self, Actual};
use super::cost::{self, Cost};
use super::operator::{self, condition};
use super::structured::Value;

/// Rows that are taken for a table of which nothing is known, as PostgreSQL does for functions.
const ROWS_UNKNOWN: f64 = 1000.0;

/// One operator.
#[derive(Debug)]
pub(super) struct Node {
    /// How its line begins: `Hash Left Join`.
    pub(super) title: String,
    /// Its type without what is said in other properties: `Hash Join`.
    pub(super) kind: &'static str,
    /// What only structured formats say of it.
    pub(super) properties: Vec<(&'static str, Value)>,
    /// What it reads.
    pub(super) relation: Option<TableName>,
    /// What else there is to say of it.
    pub(super) details: Vec<(&'static str, Value)>,
    /// The columns that leave it.
    pub(super) output: Vec<String>,
    pub(super) cost: Cost,
    pub(super) rows: f64,
    pub(super) width: usize,
    pub(super) actual: Option<Actual>,
    pub(super) children: Vec<Node>,
}

/// The tree of a plan; `began` is when it began to run, if it did.
pub(super) fn of(plan: &dyn ExecutionPlan, explain: &Explain, began: DateTime<Utc>) -> Node {
    Builder { explain, began }.node(plan)
}

/// What is the same for all operators of a plan.
pub(super) struct Builder<'a> {
    pub(super) explain: &'a Explain,
    began: DateTime<Utc>,
}

impl Builder<'_> {
    /// The operator, with a limit above it where one has been pushed into it.
    fn node(&self, plan: &dyn ExecutionPlan) -> Node {
        let node = self.unlimited(plan);
        match plan.fetch() {
            Some(fetch) if node.kind != "Limit" => operator::under_limit(node, fetch),
            _ => node,
        }
    }

    fn unlimited(&self, plan: &dyn ExecutionPlan) -> Node {
        if let Some(filter) = plan.downcast_ref::<FilterExec>() {
            return self.filtered(filter);
        }
        if let [child] = plan.children()[..]
            && is_passage(plan, child.as_ref())
        {
            let inner = self.node(child.as_ref());
            return self.seen_through(plan, inner);
        }
        let children: Vec<Node> = plan.children().iter().map(|child| self.node(child.as_ref())).collect();
        let rows = rows_of(plan).unwrap_or_else(|| {
            children.iter().map(|child| child.rows).reduce(f64::max).unwrap_or(ROWS_UNKNOWN)
        });
        let mut node = Node {
            title: String::new(),
            kind: "",
            properties: Vec::new(),
            relation: None,
            details: Vec::new(),
            output: output(plan),
            cost: cost::passing(children.iter().map(|child| child.cost), rows),
            rows,
            width: cost::width(&plan.schema()),
            actual: self.actual(plan),
            children,
        };
        operator::describe(plan, &mut node, self.explain);
        node
    }

    /// A filter, as a line of what is below it.
    fn filtered(&self, filter: &FilterExec) -> Node {
        let mut inner = self.node(filter.input().as_ref());
        let has_filter = inner.details.iter().any(|(key, _)| *key == "Filter");
        if has_filter || matches!(inner.kind, "Limit" | "Sort" | "Append" | "Result") {
            inner = operator::subquery(inner);
        }
        let before = (inner.rows, inner.actual.map(|actual| actual.rows));
        inner.cost = cost::filter(inner.cost, inner.rows);
        inner.rows = rows_of(filter).unwrap_or(inner.rows / 3.0).min(before.0).max(1.0);
        inner.details.push(("Filter", Value::Text(condition(filter.predicate()))));
        let mut inner = self.seen_through(filter, inner);
        if let (Some(before), Some(actual)) = (before.1, inner.actual) {
            let removed = before.saturating_sub(actual.rows);
            inner.details.push(("Rows Removed by Filter", Value::Number(removed.to_string())));
        }
        inner
    }

    /// The operator below one that does not show, with what leaves the latter.
    fn seen_through(&self, plan: &dyn ExecutionPlan, inner: Node) -> Node {
        Node {
            output: output(plan),
            width: cost::width(&plan.schema()),
            actual: self.actual(plan).or(inner.actual),
            ..inner
        }
    }

    fn actual(&self, plan: &dyn ExecutionPlan) -> Option<Actual> {
        self.explain.analyze.then(|| actual::of(plan, self.began)).flatten()
    }
}

/// Whether an operator only hands on what is below it.
fn is_passage(plan: &dyn ExecutionPlan, child: &dyn ExecutionPlan) -> bool {
    plan.is::<ProjectionExec>()
        || plan.is::<RepartitionExec>()
        || plan.is::<CoalescePartitionsExec>()
        || matches!(plan.name(), "CooperativeExec" | "CoalesceBatchesExec" | "BufferExec")
        || (plan.is::<SortPreservingMergeExec>() && plan.fetch() == child.fetch())
}

/// How many rows are expected, where that is known at all.
fn rows_of(plan: &dyn ExecutionPlan) -> Option<f64> {
    statistics(plan)?.num_rows.get_value().map(|rows| *rows as f64)
}

/// How many bytes are expected, where that is known at all.
pub(super) fn bytes_of(plan: &dyn ExecutionPlan) -> Option<f64> {
    statistics(plan)?.total_byte_size.get_value().map(|bytes| *bytes as f64)
}

fn statistics(plan: &dyn ExecutionPlan) -> Option<Arc<Statistics>> {
    StatisticsContext::new().compute(plan, &StatisticsArgs::new()).ok()
}

fn output(plan: &dyn ExecutionPlan) -> Vec<String> {
    plan.schema().fields().iter().map(|field| field.name().clone()).collect()
}
