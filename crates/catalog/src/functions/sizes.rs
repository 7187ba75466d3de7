//! Sizes, and other things that PostgreSQL knows from its own storage.
//!
//! How big a table is would take listing it, which a catalog query must not do: tables have no size (NULL),
//! and views take no room (0).

use lakeport_sql::types::PgType;

use super::call::Parameter::{Bool, Int, Object, Oid, Text};
use super::call::{Catalog, Definition, strict};
use super::registry::relation_oid;
use crate::cell::Cell;
use crate::error::Error;
use crate::pinned::RelationKind;

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("pg_size_pretty", &[&[Int]], PgType::TEXT, pg_size_pretty),
    strict("pg_relation_size", &[&[Object], &[Object, Text]], PgType::INT8, size),
    strict("pg_table_size", &[&[Object]], PgType::INT8, size),
    strict("pg_total_relation_size", &[&[Object]], PgType::INT8, size),
    strict("pg_indexes_size", &[&[Object]], PgType::INT8, |catalog, arguments| {
        let found = catalog.relation_by_oid(relation_oid(catalog, &arguments[0])?);
        Ok(found.map(|_| 0_i64).into())
    }),
    strict("pg_database_size", &[&[Object]], PgType::INT8, unknown),
    strict("pg_tablespace_size", &[&[Object]], PgType::INT8, unknown),
    strict("pg_tablespace_location", &[&[Oid]], PgType::TEXT, |_, _| Ok("".into())),
    strict("pg_relation_filenode", &[&[Object]], PgType::OID, unknown),
    strict("pg_relation_filepath", &[&[Object]], PgType::TEXT, unknown),
    // Nothing can be published or written.
    strict("pg_relation_is_publishable", &[&[Object]], PgType::BOOL, |catalog, arguments| {
        let found = catalog.relation_by_oid(relation_oid(catalog, &arguments[0])?);
        Ok(found.map(|_| false).into())
    }),
    strict("pg_relation_is_updatable", &[&[Object, Bool]], PgType::INT4, |_, _| Ok(0.into())),
    strict("pg_column_is_updatable", &[&[Object, Int, Bool]], PgType::BOOL, |_, _| Ok(false.into())),
    // Scans are not counted.
    strict("pg_stat_get_numscans", &[&[Oid]], PgType::INT8, |_, _| Ok(0_i64.into())),
];

fn unknown(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(Cell::Null)
}

fn size(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = relation_oid(catalog, &arguments[0])?;
    let takes_no_room = match catalog.relation(number) {
        Some(relation) => relation.kind == RelationKind::View,
        None => crate::fixed::system_relation_by_oid(number).is_some(),
    };
    Ok(takes_no_room.then_some(0_i64).into())
}

/// Bytes for people, rounded half away from zero.
///
/// Source: `pg_size_pretty` in PostgreSQL's `dbsize.c`: a unit is used up to 10,240 of it (bytes) or 20,480 halves.
fn pg_size_pretty(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    const UNITS: [(&str, u32); 6] = [("bytes", 0), ("kB", 9), ("MB", 19), ("GB", 29), ("TB", 39), ("PB", 49)];
    let size = arguments[0].int().unwrap_or(0);
    for (index, (unit, bits)) in UNITS.into_iter().enumerate() {
        // All units but the first count halves, so that the last bit rounds.
        let (limit, halves) = if index == 0 { (10 * 1024, false) } else { (20 * 1024 - 1, true) };
        let scaled = size / (1_i64 << bits);
        if scaled.unsigned_abs() < limit || index + 1 == UNITS.len() {
            let rounded = if halves { (scaled + scaled.signum()) / 2 } else { scaled };
            return Ok(format!("{rounded} {unit}").into());
        }
    }
    Ok(Cell::Null)
}
