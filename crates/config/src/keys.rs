//! Declared keys of tables: what columns are keys of, as far as the config alone can tell whether it is right.
//!
//! They are read in two steps: the keys of each table by themselves, and then all together, since a foreign
//! key needs the key that it refers to, and names may be taken. Whether the columns exist, `check` finds out.

use std::collections::{BTreeMap, BTreeSet};

use lakeport_base::TableName;

use crate::postgres::name_problem;
use crate::reading::Reading;
use crate::section::{Found, Item, Section, meant, shown};
use crate::settings::{Key, KeyKind};

mod name;

/// Most columns of a key: PostgreSQL's `INDEX_MAX_KEYS`.
const COLUMNS_MAX: usize = 32;

/// A key as it is written.
#[derive(Debug)]
pub(crate) struct Draft {
    at: usize,
    /// The full name of the setting, for faults.
    setting: String,
    name: Option<Found<String>>,
    columns: Vec<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Primary,
    Unique,
    Foreign { references: TableName, to: Vec<String> },
}

/// Reads the keys of one table: the primary key, the unique ones, the foreign ones.
pub(crate) fn read(section: &Section<'_>) -> Vec<Draft> {
    let list = "a list of columns, such as [\"id\"]";
    let lists = "a list of keys, each a list of columns, such as [[\"a\", \"b\"]]";
    let mut keys = Vec::new();
    let primary = section.item("primary_key", list);
    keys.extend(primary.and_then(|item| unique(section, "primary_key", item, Kind::Primary)));
    for item in section.items("unique", lists) {
        keys.extend(unique(section, "unique", item, Kind::Unique));
    }
    let tables = "a list of keys, such as [{ columns = [\"a\"], references = \"SCHEMA.TABLE\" }]";
    for item in section.items("foreign_keys", tables) {
        match item {
            Item::Section(item) => keys.extend(foreign(item)),
            Item::Texts { at, .. } => {
                section.reading.fault(at, format!("{} must be {tables}", section.key("foreign_keys")));
            }
        }
    }
    note_same_columns(section, &keys);
    keys
}

fn unique(section: &Section<'_>, key: &str, item: Item<'_>, kind: Kind) -> Option<Draft> {
    let setting = section.key(key);
    let (at, name, columns) = match item {
        Item::Texts { texts, at } => (at, None, texts),
        Item::Section(item) => {
            let read = (item.at, item.text("name"), item.texts("columns"));
            item.finish();
            read
        }
    };
    let columns = columns_of(section.reading, &setting, at, columns)?;
    Some(Draft { at, setting, name, columns, kind })
}

fn foreign(item: Section<'_>) -> Option<Draft> {
    let name = item.text("name");
    let columns = item.texts("columns");
    let references = item.required_text("references", "it is the table that has the rows, \"SCHEMA.TABLE\"");
    let written_to = item.place("to").is_some();
    let to = item.texts("to");
    item.finish();
    let columns = columns_of(item.reading, item.name(), item.at, columns)?;
    let references = references?;
    let Some((schema, table)) = references.value.split_once('.') else {
        let message = format!("{} must be a table, \"SCHEMA.TABLE\"", item.key("references"));
        item.reading.fault(references.at, message);
        return None;
    };
    let references = TableName::new(schema, table);
    let to = if written_to { columns_of(item.reading, &item.key("to"), item.at, to)? } else { Vec::new() };
    if written_to && to.len() != columns.len() {
        let message = format!(
            "{} has {} columns, and {references} has {} in to; they must be as many",
            item.name(),
            columns.len(),
            to.len()
        );
        item.reading.fault(item.at, message);
        return None;
    }
    let setting = item.name().to_owned();
    Some(Draft { at: item.at, setting, name, columns, kind: Kind::Foreign { references, to } })
}

/// The columns of a key, if they can be those of one.
fn columns_of(
    reading: &Reading<'_>,
    setting: &str,
    at: usize,
    columns: Vec<Found<String>>,
) -> Option<Vec<String>> {
    if columns.is_empty() {
        reading.fault(at, format!("{setting} must name at least one column"));
        return None;
    }
    if columns.len() > COLUMNS_MAX {
        reading.fault(at, format!("{setting} has {} columns, must be 1 to {COLUMNS_MAX}", columns.len()));
        return None;
    }
    let mut seen = BTreeSet::new();
    for column in &columns {
        if !seen.insert(&column.value) {
            reading.fault(column.at, format!("{setting} has the column {} twice", shown(&column.value)));
            return None;
        }
    }
    Some(columns.into_iter().map(|column| column.value).collect())
}

fn note_same_columns(section: &Section<'_>, keys: &[Draft]) {
    let is_unique = |key: &&Draft| !matches!(key.kind, Kind::Foreign { .. });
    let mut seen = BTreeSet::new();
    for key in keys.iter().filter(is_unique) {
        if !seen.insert(&key.columns) {
            section.reading.fault(key.at, format!("{} is declared of these columns already", key.setting));
        }
    }
}

/// Gives every key its name, and every foreign key the key that it refers to. Keys with a fault are left out.
pub(crate) fn settle(
    reading: &Reading<'_>,
    drafts: BTreeMap<TableName, Vec<Draft>>,
) -> BTreeMap<TableName, Vec<Key>> {
    let mut names = name::Names::default();
    for (table, keys) in &drafts {
        for key in keys {
            note_name(reading, &mut names, table, key);
        }
    }
    // In two rounds: a foreign key carries the name of the key that it refers to.
    let mut settled: BTreeMap<TableName, Vec<Key>> = BTreeMap::new();
    for (table, keys) in &drafts {
        let own = keys.iter().filter_map(|draft| {
            let (kind, label) = match draft.kind {
                Kind::Primary => (KeyKind::Primary, "pkey"),
                Kind::Unique => (KeyKind::Unique, "key"),
                Kind::Foreign { .. } => return None,
            };
            Some(key(reading, &mut names, table, draft, kind, label))
        });
        settled.insert(table.clone(), own.collect());
    }
    let mut foreign = Vec::new();
    for (table, keys) in &drafts {
        for draft in keys {
            if let Kind::Foreign { references, to } = &draft.kind
                && let Some(kind) = referenced(reading, draft, references, to, &settled)
            {
                foreign.push((table, key(reading, &mut names, table, draft, kind, "fkey")));
            }
        }
    }
    for (table, key) in foreign {
        settled.entry(table.clone()).or_default().push(key);
    }
    settled
}

fn note_name(reading: &Reading<'_>, names: &mut name::Names, table: &TableName, key: &Draft) {
    let Some(written) = &key.name else { return };
    if let Some(problem) = name_problem(&written.value) {
        reading.fault(written.at, format!("{}.name {problem}", key.setting));
    } else if !names.take(table, &written.value, !matches!(key.kind, Kind::Foreign { .. })) {
        let message = format!("{}.name is taken: {} is another key", key.setting, shown(&written.value));
        reading.fault(written.at, message);
    }
}

fn key(
    reading: &Reading<'_>,
    names: &mut name::Names,
    table: &TableName,
    draft: &Draft,
    kind: KeyKind,
    label: &str,
) -> Key {
    let columns = draft.columns.clone();
    let chosen = || names.choose(table, if label == "pkey" { &[] } else { &columns }, label);
    let name = draft.name.as_ref().map(|name| name.value.clone()).unwrap_or_else(chosen);
    Key { name, columns, kind, line: reading.line(draft.at) }
}

/// What a foreign key refers to: the columns named, or else the primary key's.
fn referenced(
    reading: &Reading<'_>,
    draft: &Draft,
    references: &TableName,
    to: &[String],
    settled: &BTreeMap<TableName, Vec<Key>>,
) -> Option<KeyKind> {
    let fault = |message: String| {
        reading.fault(draft.at, format!("{} refers to {references}, {message}", draft.setting));
        None
    };
    let Some(keys) = settled.get(references) else {
        let written: Vec<String> =
            settled.keys().map(|table| format!("{}.{}", table.schema, table.name)).collect();
        let written_so = format!("{}.{}", references.schema, references.name);
        let hint = meant(&written_so, written.iter().map(String::as_str));
        return fault(format!("of which no [tables.{}] declares a key{hint}", shown(&written_so)));
    };
    if to.is_empty() {
        let Some(primary) = keys.iter().find(|key| key.kind == KeyKind::Primary) else {
            return fault("which declares no primary_key; say with to which columns are meant".to_owned());
        };
        if primary.columns.len() != draft.columns.len() {
            let (own, other) = (draft.columns.len(), primary.columns.len());
            return fault(format!("whose primary key has {other} columns, and this one has {own}"));
        }
        let (to, key) = (primary.columns.clone(), primary.name.clone());
        return Some(KeyKind::Foreign { references: references.clone(), to, key });
    }
    let wanted: BTreeSet<&String> = to.iter().collect();
    match keys.iter().find(|key| key.columns.iter().collect::<BTreeSet<_>>() == wanted) {
        Some(key) => {
            Some(KeyKind::Foreign { references: references.clone(), to: to.to_vec(), key: key.name.clone() })
        }
        None => fault(format!("which declares no primary or unique key of ({})", to.join(", "))),
    }
}

#[cfg(test)]
mod tests;
