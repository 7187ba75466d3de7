//! How objects are defined, as text: `pg_get_viewdef` and its kin.
//!
//! Of most kinds there are none here (rules, triggers, statistics), so their functions are NULL as PostgreSQL's
//! are for an oid that is not there.

use lakeport_base::quote_ident;
use lakeport_sql::types::PgType;

use super::call::Parameter::{Bool, Flag, Int, Object, Oid, Text};
use super::call::{Catalog, Definition, oid, strict};
use super::registry::relation_oid;
use crate::cell::Cell;
use crate::error::Error;
use crate::fixed::function_by_oid;
use crate::key_text::{index_definition, key_definition};
use crate::pinned::KeyKind;
use crate::relations::{KeyOf, statement};

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("pg_get_viewdef", &[&[Object], &[Object, Flag]], PgType::TEXT, pg_get_viewdef),
    strict("pg_get_expr", &[&[Text, Oid], &[Text, Oid, Bool]], PgType::TEXT, nothing),
    strict("pg_get_indexdef", &[&[Oid], &[Oid, Int, Bool]], PgType::TEXT, pg_get_indexdef),
    strict("pg_get_constraintdef", &[&[Oid], &[Oid, Bool]], PgType::TEXT, pg_get_constraintdef),
    strict("pg_get_ruledef", &[&[Oid], &[Oid, Bool]], PgType::TEXT, nothing),
    strict("pg_get_triggerdef", &[&[Oid], &[Oid, Bool]], PgType::TEXT, nothing),
    strict("pg_get_partkeydef", &[&[Oid]], PgType::TEXT, nothing),
    strict("pg_get_partition_constraintdef", &[&[Oid]], PgType::TEXT, nothing),
    strict("pg_get_statisticsobjdef", &[&[Oid]], PgType::TEXT, nothing),
    strict("pg_get_statisticsobjdef_columns", &[&[Oid]], PgType::TEXT, nothing),
    strict("pg_get_statisticsobjdef_expressions", &[&[Oid]], PgType::TEXT_ARRAY, nothing),
    strict("pg_get_serial_sequence", &[&[Text, Text]], PgType::TEXT, pg_get_serial_sequence),
    strict("pg_get_functiondef", &[&[Oid]], PgType::TEXT, nothing),
    strict("pg_get_function_arguments", &[&[Oid]], PgType::TEXT, |_, arguments| {
        Ok(function_by_oid(oid(&arguments[0])?).map(|function| function.arguments).into())
    }),
    strict("pg_get_function_identity_arguments", &[&[Oid]], PgType::TEXT, |_, arguments| {
        Ok(function_by_oid(oid(&arguments[0])?).map(|function| function.identity_arguments).into())
    }),
    strict("pg_get_function_result", &[&[Oid]], PgType::TEXT, |_, arguments| {
        Ok(function_by_oid(oid(&arguments[0])?).and_then(|function| function.result).into())
    }),
    strict("pg_get_function_arg_default", &[&[Oid, Int]], PgType::TEXT, nothing),
    strict("pg_get_function_sqlbody", &[&[Oid]], PgType::TEXT, nothing),
];

fn nothing(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(Cell::Null)
}

/// The SELECT of a view as it is saved, ending in a semicolon. Whether it should be pretty makes no
/// difference: people wrote it.
fn pg_get_viewdef(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let relation = match &arguments[0] {
        // This function takes names only: `pg_get_viewdef('16384')` is a view called 16384 to PostgreSQL.
        Cell::Text(text) if text.parse::<u32>().is_err() => catalog.relation_named(text)?.oid,
        other => relation_oid(catalog, other)?,
    };
    let definition = catalog.relation(relation).and_then(|relation| relation.definition.as_deref());
    Ok(definition.map(statement).into())
}

/// The CREATE INDEX of a key's index; with a number above 0, the name of the column that has it.
fn pg_get_indexdef(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Some(KeyOf { table, key }) = catalog.index(oid(&arguments[0])?) else { return Ok(Cell::Null) };
    let number = arguments.get(1).and_then(Cell::int).unwrap_or(0);
    if number != 0 {
        let position = usize::try_from(number - 1).ok();
        let column = position.and_then(|position| key.columns.get(position));
        return Ok(column.map_or_else(String::new, |column| quote_ident(column)).into());
    }
    // Only the pretty form leaves out the schema of a table that is found without it.
    let written = match (arguments.get(2), catalog.relation_by_oid(table.oid)) {
        (Some(Cell::Bool(true)), Some(found)) => catalog.written(&found),
        _ => table.name.to_string(),
    };
    Ok(index_definition(key, &written).into())
}

/// A key as it stands in a CREATE TABLE.
fn pg_get_constraintdef(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Some(KeyOf { key, .. }) = catalog.constraint(oid(&arguments[0])?) else { return Ok(Cell::Null) };
    let other = match key.kind {
        KeyKind::Foreign { relation, .. } => catalog.relation_by_oid(relation),
        KeyKind::Primary { .. } | KeyKind::Unique { .. } => None,
    };
    let written = other.map(|found| catalog.written(&found)).unwrap_or_default();
    Ok(key_definition(key, &written).into())
}

/// There are no sequences; the table must exist all the same.
fn pg_get_serial_sequence(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    catalog.relation_named(arguments[0].text().unwrap_or_default())?;
    Ok(Cell::Null)
}
