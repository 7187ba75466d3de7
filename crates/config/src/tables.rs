//! Sections `[schemas]` and `[tables]`: what of the stores is seen, and under which name.

use std::collections::BTreeMap;
use std::time::Duration;

use lakeport_base::TableName;

use crate::keys;
use crate::limits::FRESH_WITHIN_MAX;
use crate::postgres::name_problem;
use crate::section::{Found, Section, meant};
use crate::settings::{Location, PartitionType, Schema, Store, Table};
use crate::stores::path_problem;

/// The names of the stores, as far as they are written at all.
type Stores = BTreeMap<String, Option<Store>>;

/// Reads the schemas: by name, with nothing where one has a fault, so that its name is known nevertheless.
pub(crate) fn schemas(root: &Section<'_>, stores: &Stores) -> BTreeMap<String, Option<Schema>> {
    let mut schemas = BTreeMap::new();
    for (name, section) in root.sections("schemas") {
        let problem = schema_problem(&name.value);
        if let Some(problem) = problem {
            section
                .reading
                .fault(name.at, format!("{} cannot be a schema: its name {problem}", section.name()));
        }
        section.required_text("from", "it is the folder of a store, such as \"STORE/FOLDER/\"");
        let from = location(&section, stores);
        let fresh_within = fresh_within(&section);
        let description = section.text("description").map(|found| found.value);
        section.finish();
        let schema =
            from.filter(|_| problem.is_none()).map(|from| Schema { from, fresh_within, description });
        schemas.insert(name.value, schema);
    }
    schemas
}

/// Reads the tables.
pub(crate) fn tables(
    root: &Section<'_>,
    stores: &Stores,
    schemas: &BTreeMap<String, Option<Schema>>,
) -> BTreeMap<TableName, Table> {
    let mut tables = BTreeMap::new();
    let mut drafts = BTreeMap::new();
    for (name, section) in root.sections("tables") {
        let table_name = table_name(&name, &section);
        let from = location(&section, stores);
        if let Some(table_name) = &table_name
            && section.place("from").is_none()
            && !schemas.contains_key(&table_name.schema)
        {
            let message =
                format_args!("is missing: there is no [schemas.{}] to find the table in", table_name.schema);
            section.fault("from", message);
        }
        let table = Table {
            from,
            partitions: partitions(&section),
            fresh_within: fresh_within(&section),
            description: section.text("description").map(|found| found.value),
            columns: section
                .texts_by_name("columns")
                .into_iter()
                .map(|(column, text)| (column.value, text.value))
                .collect(),
            keys: Vec::new(),
        };
        let keys = keys::read(&section);
        section.finish();
        if let Some(table_name) = table_name {
            drafts.insert(table_name.clone(), keys);
            tables.insert(table_name, table);
        }
    }
    for (name, keys) in keys::settle(root.reading, drafts) {
        tables.entry(name).and_modify(|table| table.keys = keys);
    }
    tables
}

/// What is wrong with the name of a schema, if anything. Its views lie in a folder of that name.
pub(crate) fn schema_problem(name: &str) -> Option<&'static str> {
    if name == "information_schema" || name.starts_with("pg_") {
        Some("is one of PostgreSQL's own")
    } else if name.contains('.') {
        Some("has a dot")
    } else {
        table_problem(name)
    }
}

/// What is wrong with the name of a table or view, if anything. A view lies in a file of that name.
pub(crate) fn table_problem(name: &str) -> Option<&'static str> {
    if name.contains(['/', '\\']) {
        Some("has a slash")
    } else if name.starts_with('.') {
        Some("begins with a dot")
    } else if name == "*" {
        Some("stands for all names")
    } else {
        name_problem(name)
    }
}

/// The first dot ends the schema, as no schema's name has one.
fn table_name(name: &Found<String>, section: &Section<'_>) -> Option<TableName> {
    let problem = match name.value.split_once('.') {
        None => "must be named \"SCHEMA.TABLE\", in quotes and with a dot".to_owned(),
        Some((schema, table)) => match (schema_problem(schema), table_problem(table)) {
            (None, None) => return Some(TableName::new(schema, table)),
            (Some(problem), _) => format!("cannot be a table: its schema's name {problem}"),
            (None, Some(problem)) => format!("cannot be a table: its name {problem}"),
        },
    };
    section.reading.fault(name.at, format!("{} {problem}", section.name()));
    None
}

fn location(section: &Section<'_>, stores: &Stores) -> Option<Location> {
    let written = section.text("from")?;
    let (store, path) = written.value.split_once('/').unwrap_or((&written.value, ""));
    let path = path.trim_matches('/');
    if store.is_empty() || written.value.contains("://") {
        section.fault("from", "must begin with a store's name, such as \"STORE/FOLDER/\"");
        return None;
    }
    if !stores.contains_key(store) {
        let hint = meant(store, stores.keys().map(String::as_str));
        section.fault(
            "from",
            format_args!("is in the store {}, which is not there{hint}", crate::section::shown(store)),
        );
        return None;
    }
    if let Some(problem) = path_problem(path) {
        section.fault("from", problem);
        return None;
    }
    Some(Location { store: store.to_owned(), path: path.to_owned() })
}

fn fresh_within(section: &Section<'_>) -> Option<Duration> {
    section.time_if_written("fresh_within", Duration::ZERO..=FRESH_WITHIN_MAX)
}

fn partitions(section: &Section<'_>) -> Vec<(String, PartitionType)> {
    let mut partitions = Vec::new();
    for (column, kind) in section.texts_by_name("partitions") {
        let kind_value = match &kind.value[..] {
            "int" => PartitionType::Int,
            "date" => PartitionType::Date,
            "text" => PartitionType::Text,
            other => {
                let hint = meant(other, ["int", "date", "text"]);
                let key = section.key(&format!("partitions.{}", crate::section::shown(&column.value)));
                section.reading.fault(kind.at, format!("{key} must be one of int, date, text{hint}"));
                continue;
            }
        };
        partitions.push((column.value, kind_value));
    }
    partitions
}
