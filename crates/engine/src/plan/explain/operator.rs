//! DataFusion's operators under PostgreSQL's names, and what there is to say of each.

use std::sync::Arc;

use datafusion::catalog::memory::DataSourceExec;
use datafusion::common::JoinType;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_expr_common::physical_expr::fmt_sql;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::limit::{GlobalLimitExec, LocalLimitExec};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use lakeport_base::TableName;
use lakeport_sql::explain::Explain;

use super::actual::{counted, pruned};
use super::cost;
use super::structured::Value;
use super::tree::{Node, bytes_of};

/// Longest text of a detail: long conditions and lists are cut. In characters, a guess.
const DETAIL_MAX: usize = 600;

/// Gives the node its names, its details, and a cost of its own kind.
pub(super) fn describe(plan: &dyn ExecutionPlan, node: &mut Node, explain: &Explain) {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        hash_join(join, node);
    } else if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>() {
        let keys = join.on().iter().map(|(left, right)| format!("{} = {}", sql(left), sql(right)));
        node.details.push(("Merge Cond", conditions(keys)));
        joined(node, "Merge Join", "Merge", &join.join_type());
        node.cost = cost::merge_join(side(node, 0), side(node, 1), node.rows);
    } else if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        if let Some(filter) = join.filter() {
            node.details.push(("Join Filter", Value::Text(condition(filter.expression()))));
        }
        joined(node, "Nested Loop", "Nested Loop", join.join_type());
        node.cost = cost::nested_loop(side(node, 0), side(node, 1), node.rows);
    } else if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        aggregated(aggregate, node);
    } else if let Some(sort) = plan.downcast_ref::<SortExec>() {
        let keys = sort.expr().iter().map(sort_key);
        node.details.push(("Sort Key", Value::Texts(keys.collect())));
        sorted(node, sort.fetch());
    } else if let Some(merge) = plan.downcast_ref::<SortPreservingMergeExec>() {
        named(node, "Gather Merge");
        limited(node, merge.fetch());
    } else if let Some(limit) = plan.downcast_ref::<GlobalLimitExec>() {
        named(node, "Limit");
        node.cost =
            cost::limit(node.children[0].cost, node.children[0].rows, node.rows + limit.skip() as f64);
    } else if plan.is::<LocalLimitExec>() {
        named(node, "Limit");
        node.cost = cost::limit(node.children[0].cost, node.children[0].rows, node.rows);
    } else if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
        scanned(scan, node, explain);
    } else {
        other(plan, node);
    }
}

fn named(node: &mut Node, kind: &'static str) {
    node.kind = kind;
    node.title = kind.to_owned();
}

/// An operator in a place where PostgreSQL has one for it.
pub(super) fn subquery(inner: Node) -> Node {
    Node {
        title: "Subquery Scan".to_owned(),
        kind: "Subquery Scan",
        properties: Vec::new(),
        relation: None,
        details: Vec::new(),
        output: inner.output.clone(),
        cost: inner.cost,
        rows: inner.rows,
        width: inner.width,
        actual: inner.actual,
        children: vec![inner],
    }
}

fn side(node: &Node, index: usize) -> (cost::Cost, f64) {
    node.children.get(index).map_or_else(Default::default, |child| (child.cost, child.rows))
}

/// DataFusion makes its table of the left side; PostgreSQL of the inner one, which it shows last.
fn hash_join(join: &HashJoinExec, node: &mut Node) {
    let keys = join.on().iter().map(|(build, probe)| format!("{} = {}", sql(probe), sql(build)));
    node.details.push(("Hash Cond", conditions(keys)));
    if let Some(filter) = join.filter() {
        node.details.push(("Join Filter", Value::Text(condition(filter.expression()))));
    }
    node.cost = cost::hash_join(side(node, 1), side(node, 0), node.rows);
    joined(node, "Hash Join", "Hash", &join.join_type().swap());
    let build = node.children.remove(0);
    let mut hash = subquery(build);
    named(&mut hash, "Hash");
    hash.cost.startup = hash.cost.total;
    node.children.push(hash);
}

/// The name of a join, as seen from its outer side.
fn joined(node: &mut Node, kind: &'static str, start: &str, join_type: &JoinType) {
    let word = match join_type {
        JoinType::Inner => "Inner",
        JoinType::Left => "Left",
        JoinType::Right => "Right",
        JoinType::Full => "Full",
        JoinType::LeftSemi => "Semi",
        JoinType::LeftAnti => "Anti",
        JoinType::RightSemi => "Right Semi",
        JoinType::RightAnti => "Right Anti",
        JoinType::LeftMark => "Mark",
        JoinType::RightMark => "Right Mark",
    };
    node.kind = kind;
    node.properties.push(("Join Type", Value::Text(word.to_owned())));
    node.title = match join_type {
        JoinType::Inner => kind.to_owned(),
        _ => format!("{start} {word} Join"),
    };
}

fn aggregated(aggregate: &AggregateExec, node: &mut Node) {
    let keys: Vec<String> = aggregate.group_expr().expr().iter().map(|(key, _)| shown(sql(key))).collect();
    let (mode, word) = match aggregate.mode() {
        AggregateMode::Partial | AggregateMode::PartialReduce => ("Partial", "Partial "),
        AggregateMode::Final | AggregateMode::FinalPartitioned => ("Finalize", "Finalize "),
        AggregateMode::Single | AggregateMode::SinglePartitioned => ("Simple", ""),
    };
    let (strategy, kind) = if keys.is_empty() { ("Plain", "Aggregate") } else { ("Hashed", "HashAggregate") };
    node.kind = "Aggregate";
    node.title = format!("{word}{kind}");
    node.properties.push(("Strategy", Value::Text(strategy.to_owned())));
    node.properties.push(("Partial Mode", Value::Text(mode.to_owned())));
    if keys.is_empty() {
        node.rows = 1.0;
    } else {
        node.details.push(("Group Key", Value::Texts(keys)));
    }
    node.cost = cost::aggregate(node.children[0].cost, node.children[0].rows, node.rows);
}

fn sorted(node: &mut Node, fetch: Option<usize>) {
    named(node, "Sort");
    let (input, rows) = side(node, 0);
    node.cost = cost::sort(input, rows);
    if fetch.is_some() {
        node.details.push(("Sort Method", Value::Text("top-N heapsort".to_owned())));
    }
    limited(node, fetch);
}

/// Puts a limit above the node, where it has one inside.
fn limited(node: &mut Node, fetch: Option<usize>) {
    let Some(fetch) = fetch else { return };
    let (input, input_rows) = side(node, 0);
    let rows = (fetch as f64).min(input_rows);
    let mut limit = subquery(std::mem::replace(node, empty()));
    named(&mut limit, "Limit");
    let inner = &mut limit.children[0];
    inner.rows = input_rows.max(rows);
    if inner.cost.total < input.total {
        inner.cost = input;
    }
    limit.cost = cost::limit(inner.cost, inner.rows, rows);
    limit.rows = rows;
    *node = limit;
}

/// The node below a limit.
pub(super) fn under_limit(inner: Node, fetch: usize) -> Node {
    let rows = (fetch as f64).min(inner.rows);
    let mut limit = subquery(inner);
    named(&mut limit, "Limit");
    limit.cost = cost::limit(limit.cost, limit.rows, rows);
    limit.rows = rows;
    limit
}

fn empty() -> Node {
    Node {
        title: String::new(),
        kind: "",
        properties: Vec::new(),
        relation: None,
        details: Vec::new(),
        output: Vec::new(),
        cost: cost::Cost::default(),
        rows: 0.0,
        width: 0,
        actual: None,
        children: Vec::new(),
    }
}

fn scanned(scan: &DataSourceExec, node: &mut Node, explain: &Explain) {
    let files = scan.data_source().downcast_ref::<FileScanConfig>();
    let Some(files) = files else {
        named(node, "Values Scan");
        node.relation = Some(TableName::new("", "*VALUES*"));
        node.cost = cost::result(node.rows);
        return;
    };
    named(node, "Seq Scan");
    node.relation = lakeport_lake::scanned(files).cloned();
    let bytes = bytes_of(scan).unwrap_or(node.rows * node.width as f64);
    node.cost = cost::scan(bytes, node.rows);
    let mut names: Vec<_> = files
        .file_groups
        .iter()
        .flat_map(|group| group.iter().map(|file| &file.object_meta.location))
        .collect();
    names.sort_unstable();
    names.dedup();
    node.details.push(("Files", Value::Number(names.len().to_string())));
    if let Some(predicate) = files.file_source().filter() {
        node.details.push(("Pruning Predicate", Value::Text(condition(&predicate))));
    }
    if explain.analyze {
        if let Some((pruned, read)) = pruned(scan, "row_groups_pruned_statistics") {
            node.details.push(("Row Groups Read", Value::Number(read.to_string())));
            node.details.push(("Row Groups Pruned", Value::Number(pruned.to_string())));
        }
        if let Some(bytes) = counted(scan, "bytes_scanned") {
            node.details.push(("Bytes Scanned", Value::Number(bytes.to_string())));
        }
    }
}

fn other(plan: &dyn ExecutionPlan, node: &mut Node) {
    let kind = match plan.name() {
        "UnionExec" | "InterleaveExec" => "Append",
        "WindowAggExec" | "BoundedWindowAggExec" => "WindowAgg",
        "PlaceholderRowExec" | "EmptyExec" => "Result",
        "RecursiveQueryExec" => "Recursive Union",
        "WorkTableExec" => "WorkTable Scan",
        "UnnestExec" => "ProjectSet",
        "CrossJoinExec" => "Nested Loop",
        "PiecewiseMergeJoinExec" => "Merge Join",
        "LazyMemoryExec" => "Function Scan",
        "SystemScan" => "Seq Scan",
        _ => "Custom Scan",
    };
    named(node, kind);
    match kind {
        "Result" => {
            node.rows = f64::from(u8::from(plan.name() == "PlaceholderRowExec"));
            node.cost = cost::result(1.0);
            if plan.name() == "EmptyExec" {
                node.details.push(("One-Time Filter", Value::Text("false".to_owned())));
            }
        }
        "Function Scan" => node.cost = cost::result(node.rows),
        "Seq Scan" => {
            let text = described(plan);
            let name = text.strip_prefix("SystemScan: ").unwrap_or(&text);
            let name = name.split(',').next().unwrap_or_default();
            node.relation = name.split_once('.').map(|(schema, name)| TableName::new(schema, name));
            node.cost = cost::scan(node.rows * node.width as f64, node.rows);
        }
        "Nested Loop" => {
            node.properties.push(("Join Type", Value::Text("Inner".to_owned())));
            node.cost = cost::nested_loop(side(node, 0), side(node, 1), node.rows);
        }
        "Custom Scan" => {
            let name = plan.name().trim_end_matches("Exec");
            node.title = format!("Custom Scan ({name})");
            node.properties.push(("Custom Plan Provider", Value::Text(name.to_owned())));
        }
        _ => {}
    }
}

/// An expression in parentheses, as PostgreSQL writes conditions.
pub(super) fn condition(expr: &Arc<dyn PhysicalExpr>) -> String {
    let text = sql(expr);
    shown(if text.starts_with('(') && text.ends_with(')') { text } else { format!("({text})") })
}

fn conditions(conditions: impl Iterator<Item = String>) -> Value {
    let conditions: Vec<String> = conditions.map(|condition| format!("({condition})")).collect();
    Value::Text(shown(match &conditions[..] {
        [one] => one.clone(),
        more => format!("({})", more.join(" AND ")),
    }))
}

fn sql(expr: &Arc<dyn PhysicalExpr>) -> String {
    fmt_sql(expr.as_ref()).to_string()
}

/// A key of a sort, with its order where that is not the usual one.
fn sort_key(key: &PhysicalSortExpr) -> String {
    let order = match (key.options.descending, key.options.nulls_first) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    };
    shown(sql(&key.expr) + order)
}

fn described(plan: &dyn ExecutionPlan) -> String {
    struct Described<'a>(&'a dyn ExecutionPlan);
    impl std::fmt::Display for Described<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.fmt_as(DisplayFormatType::Default, f)
        }
    }
    shown(Described(plan).to_string())
}

/// The text as it fits a line.
fn shown(text: String) -> String {
    match text.char_indices().nth(DETAIL_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
