//! Names: the one place that turns a name into a table, and it asks `access` first.
//!
//! What the reader may not read is treated as if it were not there: same code, same words.

use std::collections::BTreeMap;
use std::sync::Arc;

use lakeport_base::{SqlState, TableName};
use lakeport_lake::Table;

use super::Planner;
use crate::error::from_lake;
use crate::open::{Found, View};
use crate::temp::{TempTable, schema_name};
use crate::{Error, Result};

/// What a name in a query stands for.
#[derive(Debug, Clone)]
pub(crate) enum Resolved {
    /// A relation of pg_catalog or information_schema.
    System(TableName),
    /// A table of files.
    Table(Arc<Table>),
    /// The files at a path, which the catalog does not know.
    Path(Arc<Table>),
    /// A temporary table of the session.
    Temp(Arc<TempTable>),
    /// A saved view.
    View(Arc<View>),
}

impl From<Found> for Resolved {
    fn from(found: Found) -> Resolved {
        match found {
            Found::Table(table) => Resolved::Table(table),
            Found::View(view) => Resolved::View(view),
        }
    }
}

impl Planner {
    /// What a name of one to three parts stands for.
    ///
    /// # Errors
    ///
    /// 42P01 where nothing has the name, or nothing that the reader may know of; 42P09 where it
    /// fits two without regard to case; 0A000 for another database; 42501 for a path that leads out of its store.
    pub(crate) async fn resolve(&self, parts: &[String]) -> Result<Resolved> {
        let (schema, name) = match parts {
            [name] => return self.resolve_bare(name).await,
            [schema, name] => (schema, name),
            [database, schema, name] if *database == self.database => (schema, name),
            _ => {
                return Err(Error::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("cross-database references are not implemented: {}", written(parts)),
                ));
            }
        };
        if self.is_temp(schema) {
            return self.temp.get(name).cloned().map(Resolved::Temp).ok_or_else(|| unknown(parts));
        }
        if is_system(schema) {
            return self.system(schema, name).ok_or_else(|| unknown(parts));
        }
        if let Some(resolved) = self.in_schema(schema, name).await? {
            return Ok(resolved);
        }
        if let Some(other) = self.other_case(self.opened.schemas(), schema)?
            && let Some(resolved) = self.in_schema(&other, name).await?
        {
            return Ok(resolved);
        }
        self.by_path(schema, name).await?.ok_or_else(|| unknown(parts))
    }

    async fn resolve_bare(&self, name: &str) -> Result<Resolved> {
        // In front of all others, the system's own too.
        if let Some(table) = self.temp.get(name) {
            return Ok(Resolved::Temp(Arc::clone(table)));
        }
        if let Some(system) = self.system("pg_catalog", name) {
            return Ok(system);
        }
        for schema in &self.search_path {
            if let Some(system) = self.system(schema, name) {
                return Ok(system);
            }
            if let Some(found) = self.readable(&TableName::new(schema, name)).await? {
                return Ok(found.into());
            }
        }
        for schema in &self.search_path {
            if let Some(found) = self.any_case(schema, name).await? {
                return Ok(found.into());
            }
        }
        Err(unknown(&[name.to_owned()]))
    }

    /// Whether a schema is the session's own for temporary tables.
    pub(crate) fn is_temp(&self, schema: &str) -> bool {
        schema == "pg_temp" || schema == schema_name(self.session)
    }

    async fn in_schema(&self, schema: &str, name: &str) -> Result<Option<Resolved>> {
        if let Some(found) = self.readable(&TableName::new(schema, name)).await? {
            return Ok(Some(found.into()));
        }
        Ok(self.any_case(schema, name).await?.map(Resolved::from))
    }

    /// The relation of exactly this name, if the reader may read it.
    pub(crate) async fn readable(&self, name: &TableName) -> Result<Option<Found>> {
        if !self.opened.access.may_read(&self.reader, name) {
            return Ok(None);
        }
        self.opened.find(name).await
    }

    /// What the reader may read of one schema, by name.
    pub(crate) async fn readable_in(&self, schema: &str) -> Result<BTreeMap<String, Found>> {
        let mut relations = self.opened.relations(schema).await?;
        relations.retain(|name, _| {
            self.opened.access.may_read(&self.reader, &TableName::new(schema, name.clone()))
        });
        Ok(relations)
    }

    /// The one relation that fits a folded name without regard to case.
    async fn any_case(&self, schema: &str, name: &str) -> Result<Option<Found>> {
        if !is_folded(name) {
            return Ok(None);
        }
        let relations = self.readable_in(schema).await?;
        let names: Vec<String> = relations.keys().cloned().collect();
        let other = self.other_case(&names, name)?;
        Ok(other.and_then(|other| relations.get(&other).cloned()))
    }

    fn other_case(&self, names: &[String], name: &str) -> Result<Option<String>> {
        if !is_folded(name) {
            return Ok(None);
        }
        let mut fitting = names.iter().filter(|other| other.eq_ignore_ascii_case(name));
        match (fitting.next(), fitting.next()) {
            (Some(first), Some(second)) => Err(Error::new(
                SqlState::AMBIGUOUS_ALIAS,
                format!("name \"{name}\" fits both \"{first}\" and \"{second}\""),
            )
            .with_hint("Write the one that is meant in double quotes.")),
            (one, _) => Ok(one.cloned()),
        }
    }

    fn system(&self, schema: &str, name: &str) -> Option<Resolved> {
        let known = is_system(schema) && lakeport_catalog::has(schema, name);
        known.then(|| Resolved::System(TableName::new(schema, name)))
    }

    /// The files behind `store."path/to/them"`, for whoever may browse the store.
    async fn by_path(&self, store: &str, path: &str) -> Result<Option<Resolved>> {
        if !self.opened.access.may_browse(&self.reader, store) {
            return Ok(None);
        }
        let Some(store) = self.opened.store(store) else { return Ok(None) };
        let place = lakeport_lake::adhoc(path).map_err(|error| from_lake(&error))?;
        Ok(Some(Resolved::Path(self.opened.path(store?, place, path))))
    }
}

/// Whether a schema is one of the system's own.
pub(crate) fn is_system(schema: &str) -> bool {
    lakeport_catalog::SCHEMAS.contains(&schema)
}

/// A name that an unquoted identifier can have become. Only such a name is looked for in other cases.
fn is_folded(name: &str) -> bool {
    !name.contains(|c: char| c.is_ascii_uppercase())
}

fn unknown(parts: &[String]) -> Error {
    Error::new(SqlState::UNDEFINED_TABLE, format!("relation \"{}\" does not exist", parts.join(".")))
}

fn written(parts: &[String]) -> String {
    parts.iter().map(|part| lakeport_base::quote_ident(part)).collect::<Vec<_>>().join(".")
}
