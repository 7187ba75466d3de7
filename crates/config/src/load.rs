//! From the file to the settings, with every fault at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lakeport_base::{Fault, Faults};
use toml::de::DeTable;

use crate::files;
use crate::limits::limits;
use crate::people::{roles, users};
use crate::postgres::postgres;
use crate::reading::{Environment, Reading};
use crate::section::Section;
use crate::settings::{Limits, Location, Postgres, Schema, Settings, Store, StoreKind};
use crate::stores::stores;
use crate::tables::{schemas, tables};
use crate::watch::Watch;

/// The longest config file, in bytes. A guess: a thousand tables are 200 KiB.
const SIZE_MAX: usize = 4 << 20;

/// The one store of `serve DIR`.
const FOLDER_STORE: &str = "lake";

/// The schema of `serve DIR`: the one that PostgreSQL's clients look into first.
const FOLDER_SCHEMA: &str = "public";

/// Reads a config file, and the files and environment variables that it refers to.
///
/// # Errors
///
/// Every fault, by line.
pub fn load(file: &Path) -> Result<Settings, Faults> {
    load_watched(file).0
}

/// Reads a config file like [`load`], and gives the watch that says when to read it again.
///
/// A file with faults is watched too, and so is one that is not there yet.
pub fn load_watched(file: &Path) -> (Result<Settings, Faults>, Watch) {
    load_from(file, &|name| std::env::var(name).ok())
}

/// The settings of a folder that is served without a config: the folder is the store `lake`, and what is
/// directly in it makes the tables of the schema `public`.
///
/// # Errors
///
/// One fault, if it is no folder.
pub fn folder(folder: &Path) -> Result<Settings, Faults> {
    // Its own path, so that a fault is about the folder and not about where it was named.
    let absolute = std::path::absolute(folder)
        .map_err(|error| Fault::new(format!("{}: {}", folder.display(), files::reason(&error))))?;
    if !absolute.is_dir() {
        return Err(Fault::new(format!("{} is no folder", folder.display())).into());
    }
    let store =
        Store { url: format!("file://{}", absolute.display()), kind: StoreKind::Local { folder: absolute } };
    let from = Location { store: FOLDER_STORE.to_owned(), path: String::new() };
    let schema = Schema { from, fresh_within: None, description: None };
    Ok(Settings {
        file: None,
        views: None,
        postgres: Postgres::default(),
        stores: BTreeMap::from([(FOLDER_STORE.to_owned(), store)]),
        schemas: BTreeMap::from([(FOLDER_SCHEMA.to_owned(), schema)]),
        tables: BTreeMap::new(),
        users: BTreeMap::new(),
        roles: BTreeMap::new(),
        limits: Limits::default(),
    })
}

pub(crate) fn load_from(file: &Path, environment: &Environment<'_>) -> (Result<Settings, Faults>, Watch) {
    let mut watch = Watch::default();
    watch.file(file);
    let text = files::read(file, SIZE_MAX)
        .map_err(|error| format!("cannot be read: {}", files::reason(&error)))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned()));
    let text = match text {
        Ok(text) => text,
        Err(problem) => return (Err(Fault::new(problem).in_file(file).into()), watch),
    };
    read_text(file, &text, environment, watch)
}

/// Reads what `file` holds. `watch` already watches that file.
fn read_text(
    file: &Path,
    text: &str,
    environment: &Environment<'_>,
    watch: Watch,
) -> (Result<Settings, Faults>, Watch) {
    let reading = Reading::new(file, text, environment, watch);
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let settings = settings(&Section::root(&reading, document.get_ref()), file);
        let (faults, watch) = reading.end();
        return (if faults.0.is_empty() { Ok(settings) } else { Err(faults) }, watch);
    }
    // What is not TOML is not looked at further: most of what would be found follows from it.
    note_errors(&reading, text, errors);
    let (faults, watch) = reading.end();
    (Err(faults), watch)
}

/// Reads a config without its file.
#[cfg(test)]
pub(crate) fn load_text(file: &Path, text: &str) -> Result<Settings, Faults> {
    read_text(file, text, &|_| None, Watch::default()).0
}

/// Notes the first error of each line: after one mistake, a parser finds more that are none.
fn note_errors(reading: &Reading<'_>, text: &str, errors: Vec<toml::de::Error>) {
    let mut places: Vec<(usize, String)> = errors
        .into_iter()
        // Only the message: how the error displays itself repeats the line, which may hold a secret.
        .map(|error| (error.span().map_or(0, |span| span.start), error.message().to_owned()))
        .collect();
    places.sort();
    let mut line_end = 0;
    for (at, message) in places {
        if at >= line_end {
            reading.fault(at, format!("not TOML: {message}"));
            line_end =
                text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len() + 1, |size| at + size + 1);
        }
    }
}

/// Reads all sections. What has a fault is left out, and the settings are only used if there is none.
fn settings(root: &Section<'_>, file: &Path) -> Settings {
    let stores = stores(root);
    let schemas = schemas(root, &stores);
    let tables = tables(root, &stores, &schemas);
    let roles = roles(root, &stores);
    let has_users = !root.sections("users").is_empty();
    let users = users(root, &roles);
    let settings = Settings {
        file: Some(file.to_owned()),
        views: views(root),
        postgres: postgres(root, has_users),
        stores: stores.into_iter().filter_map(|(name, store)| Some((name, store?))).collect(),
        schemas: schemas.into_iter().filter_map(|(name, schema)| Some((name, schema?))).collect(),
        tables,
        users,
        roles,
        limits: limits(root),
    };
    root.finish();
    settings
}

fn views(root: &Section<'_>) -> Option<PathBuf> {
    let written = root.text("views")?;
    let folder = root.reading.path(&written.value);
    if !folder.is_dir() {
        root.fault("views", format_args!("is {}, which is no folder", folder.display()));
        return None;
    }
    root.reading.watch_views(&folder);
    Some(folder)
}

#[cfg(test)]
mod tests;
