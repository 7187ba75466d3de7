//! The tree as lines, as psql shows them and as postgres_fdw and BI tools read them.

use lakeport_base::quote_ident;
use lakeport_sql::explain::Explain;

use super::Summary;
use super::structured::Value;
use super::tree::Node;

/// The lines of EXPLAIN.
pub(super) fn lines(tree: &Node, explain: &Explain, summary: &Summary<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    write(tree, explain, 0, &mut lines);
    if explain.summary {
        lines.push(format!("Planning Time: {:.3} ms", summary.planning.as_secs_f64() * 1e3));
    }
    if let Some(execution) = summary.execution {
        lines.push(format!("Store Requests: {}  Bytes: {}", summary.meter.requests(), summary.meter.bytes()));
        if explain.summary {
            lines.push(format!("Execution Time: {:.3} ms", execution.as_secs_f64() * 1e3));
        }
    }
    lines
}

fn write(node: &Node, explain: &Explain, depth: usize, lines: &mut Vec<String>) {
    // The first line has no arrow; each level below is six further in, as in PostgreSQL.
    let arrow = if depth == 0 { String::new() } else { format!("{}  ->  ", " ".repeat(6 * (depth - 1))) };
    let relation = match &node.relation {
        Some(table) if table.schema.is_empty() => format!(" on {}", quote_ident(&table.name)),
        Some(table) => format!(" on {}.{}", quote_ident(&table.schema), quote_ident(&table.name)),
        None => String::new(),
    };
    lines.push(format!("{arrow}{}{relation}{}", node.title, numbers(node, explain)));
    let indent = " ".repeat(6 * depth + 2);
    if explain.verbose && !node.output.is_empty() {
        let output: Vec<String> = node.output.iter().map(|name| quote_ident(name)).collect();
        lines.push(format!("{indent}Output: {}", output.join(", ")));
    }
    for (key, value) in &node.details {
        lines.push(format!("{indent}{key}: {}", inline(value)));
    }
    for child in &node.children {
        write(child, explain, depth + 1, lines);
    }
}

fn numbers(node: &Node, explain: &Explain) -> String {
    let mut text = String::new();
    if explain.costs {
        let (startup, total) = (node.cost.startup, node.cost.total);
        text += &format!("  (cost={startup:.2}..{total:.2} rows={:.0} width={})", node.rows, node.width);
    }
    match node.actual {
        Some(actual) if explain.timing => {
            let (start, end) = (actual.start_ms, actual.end_ms);
            text += &format!(" (actual time={start:.3}..{end:.3} rows={} loops=1)", actual.rows);
        }
        Some(actual) => text += &format!(" (actual rows={} loops=1)", actual.rows),
        None => {}
    }
    text
}

fn inline(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Texts(texts) => texts.join(", "),
        Value::Group(_) | Value::Groups(_) => String::new(),
    }
}
