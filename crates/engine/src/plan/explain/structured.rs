//! The tree as JSON and YAML, laid out as PostgreSQL lays them out.
//!
//! Source: `ExplainPropertyText` and its neighbours in PostgreSQL's `explain.c`.

use lakeport_sql::explain::Explain;

use super::Summary;
use super::tree::Node;

/// A property's value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    /// Written as it is.
    Number(String),
    Bool(bool),
    Texts(Vec<String>),
    Group(Group),
    Groups(Vec<Group>),
}

/// Properties in their order.
pub(super) type Group = Vec<(&'static str, Value)>;

/// All there is to say of a statement.
pub(super) fn statement(tree: &Node, explain: &Explain, summary: &Summary<'_>) -> Group {
    let ms = |time: std::time::Duration| Value::Number(format!("{:.3}", time.as_secs_f64() * 1e3));
    let mut group = vec![("Plan", Value::Group(node(tree, explain, None)))];
    if explain.summary {
        group.push(("Planning Time", ms(summary.planning)));
    }
    if let Some(execution) = summary.execution {
        group.push(("Store Requests", Value::Number(summary.meter.requests().to_string())));
        group.push(("Store Bytes", Value::Number(summary.meter.bytes().to_string())));
        group.push(("Triggers", Value::Groups(Vec::new())));
        if explain.summary {
            group.push(("Execution Time", ms(execution)));
        }
    }
    group
}

fn node(node_: &Node, explain: &Explain, relationship: Option<&str>) -> Group {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut group = vec![("Node Type", text(node_.kind))];
    group.extend(node_.properties.iter().filter(|(key, _)| *key != "Join Type").cloned());
    group.extend(relationship.map(|word| ("Parent Relationship", text(word))));
    group.push(("Parallel Aware", Value::Bool(false)));
    group.push(("Async Capable", Value::Bool(false)));
    group.extend(node_.properties.iter().filter(|(key, _)| *key == "Join Type").cloned());
    if let Some(table) = &node_.relation {
        if !table.schema.is_empty() {
            group.push(("Relation Name", text(&table.name)));
            group.push(("Schema", text(&table.schema)));
        }
        group.push(("Alias", text(&table.name)));
    }
    if explain.costs {
        group.push(("Startup Cost", Value::Number(format!("{:.2}", node_.cost.startup))));
        group.push(("Total Cost", Value::Number(format!("{:.2}", node_.cost.total))));
        group.push(("Plan Rows", Value::Number(format!("{:.0}", node_.rows))));
        group.push(("Plan Width", Value::Number(node_.width.to_string())));
    }
    if let Some(actual) = node_.actual {
        if explain.timing {
            group.push(("Actual Startup Time", Value::Number(format!("{:.3}", actual.start_ms))));
            group.push(("Actual Total Time", Value::Number(format!("{:.3}", actual.end_ms))));
        }
        group.push(("Actual Rows", Value::Number(actual.rows.to_string())));
        group.push(("Actual Loops", Value::Number("1".to_owned())));
    }
    if explain.verbose {
        group.push(("Output", Value::Texts(node_.output.clone())));
    }
    group.extend(node_.details.iter().cloned());
    if !node_.children.is_empty() {
        let is_list = node_.kind == "Append";
        let children = node_.children.iter().enumerate().map(|(index, child)| {
            let word = match index {
                _ if is_list => "Member",
                0 => "Outer",
                _ => "Inner",
            };
            node(child, explain, Some(word))
        });
        group.push(("Plans", Value::Groups(children.collect())));
    }
    group
}

/// As JSON: a list of one statement.
pub(super) fn json(statement: &Group) -> String {
    let mut out = "[\n  ".to_owned();
    json_group(statement, 1, &mut out);
    out.push_str("\n]");
    out
}

fn json_group(group: &Group, depth: usize, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in group.iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&format!("{}: ", quoted(key)));
        match value {
            Value::Text(text) => out.push_str(&quoted(text)),
            Value::Number(number) => out.push_str(number),
            Value::Bool(value) => out.push_str(&value.to_string()),
            Value::Texts(texts) => out.push_str(&inline_list(texts)),
            Value::Group(group) => json_group(group, depth + 1, out),
            Value::Groups(groups) => {
                out.push('[');
                for (index, group) in groups.iter().enumerate() {
                    out.push_str(if index > 0 { ",\n" } else { "\n" });
                    out.push_str(&"  ".repeat(depth + 2));
                    json_group(group, depth + 2, out);
                }
                out.push('\n');
                out.push_str(&"  ".repeat(depth + 1));
                out.push(']');
            }
        }
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push('}');
}

/// As YAML: a list of one statement.
pub(super) fn yaml(statement: &Group) -> String {
    let mut out = "- ".to_owned();
    yaml_group(statement, 1, &mut out);
    out
}

/// Writes a group whose first line has been begun.
fn yaml_group(group: &Group, depth: usize, out: &mut String) {
    for (index, (key, value)) in group.iter().enumerate() {
        if index > 0 {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
        let below = format!("\n{}", "  ".repeat(depth + 1));
        match value {
            Value::Text(text) => out.push_str(&format!("{key}: {}", quoted(text))),
            Value::Number(number) => out.push_str(&format!("{key}: {number}")),
            Value::Bool(value) => out.push_str(&format!("{key}: {value}")),
            Value::Texts(texts) => {
                out.push_str(&format!("{key}: "));
                texts.iter().for_each(|text| out.push_str(&format!("{below}- {}", quoted(text))));
            }
            Value::Group(group) => {
                out.push_str(&format!("{key}: {below}"));
                yaml_group(group, depth + 1, out);
            }
            Value::Groups(groups) => {
                out.push_str(&format!("{key}: "));
                for group in groups {
                    out.push_str(&format!("{below}- "));
                    yaml_group(group, depth + 2, out);
                }
            }
        }
    }
}

fn inline_list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// The text as a JSON string, which YAML reads too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Group, Value, json, yaml};

    fn sample() -> Group {
        let inner: Group = vec![("Rows", Value::Number("1".to_owned())), ("Aware", Value::Bool(false))];
        vec![(
            "Plan",
            Value::Group(vec![
                ("Node Type", Value::Text("a \"b\"".to_owned())),
                ("Key", Value::Texts(vec!["x".to_owned(), "y".to_owned()])),
                ("Plans", Value::Groups(vec![inner.clone(), inner])),
            ]),
        )]
    }

    #[test]
    fn json_is_laid_out_as_postgres_lays_it_out() {
        let expected = "[\n  {\n    \"Plan\": {\n      \"Node Type\": \"a \\\"b\\\"\",\n      \"Key\": [\"x\", \"y\"],\n      \
                        \"Plans\": [\n        {\n          \"Rows\": 1,\n          \"Aware\": false\n        },\n        \
                        {\n          \"Rows\": 1,\n          \"Aware\": false\n        }\n      ]\n    }\n  }\n]";
        assert_eq!(json(&sample()), expected);
    }

    #[test]
    fn yaml_is_laid_out_as_postgres_lays_it_out() {
        let expected = "- Plan: \n    Node Type: \"a \\\"b\\\"\"\n    Key: \n      - \"x\"\n      - \"y\"\n    Plans: \n      \
                        - Rows: 1\n        Aware: false\n      - Rows: 1\n        Aware: false";
        assert_eq!(yaml(&sample()), expected);
    }
}
