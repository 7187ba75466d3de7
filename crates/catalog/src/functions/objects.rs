//! Functions of PostgreSQL that ask for what a lake has none or only one of: transactions, replication, partitions,
//! statistics; and those that put names and numbers together.

use lakeport_sql::functions::next_transaction;
use lakeport_sql::types::PgType;

use super::call::Parameter::{Int, Object, Oid, Text, Texts};
use super::call::{Catalog, Definition, Returns, acting, giving, oid, strict};
use super::registry::relation_oid;
use crate::cell::Cell;
use crate::error::Error;
use crate::names::database_oid;
use crate::pinned::RelationKind;
use crate::type_name::written;

const TEXT: PgType = PgType::TEXT;
const INT: PgType = PgType::INT4;
const BIG: PgType = PgType::INT8;
const TIME: PgType = PgType::TIMESTAMPTZ;

pub(super) const FUNCTIONS: &[Definition] = &[
    // Nothing is ever written, so no transaction has a number that anything else could show.
    acting("txid_current", &[&[]], BIG, |_, _| Ok(next_transaction().into())),
    acting("pg_current_xact_id", &[&[]], PgType::XID8, |_, _| Ok(next_transaction().to_string().into())),
    acting("txid_current_snapshot", &[&[]], PgType::TXID_SNAPSHOT, |_, _| Ok(snapshot().into())),
    acting("pg_current_snapshot", &[&[]], PgType::PG_SNAPSHOT, |_, _| Ok(snapshot().into())),
    strict("txid_snapshot_xmin", &[&[Text]], BIG, |_, arguments| Ok(bound_of(&arguments[0], 0))),
    strict("txid_snapshot_xmax", &[&[Text]], BIG, |_, arguments| Ok(bound_of(&arguments[0], 1))),
    strict("txid_current_if_assigned", &[&[]], BIG, nothing),
    strict("pg_current_xact_id_if_assigned", &[&[]], PgType::XID8, nothing),
    strict("pg_jit_available", &[&[]], PgType::BOOL, no),
    strict("pg_trigger_depth", &[&[]], INT, |_, _| Ok(0.into())),
    strict("pg_blocking_pids", &[&[Int]], PgType::INT4_ARRAY, |_, _| Ok(Cell::List(Vec::new()))),
    strict("pg_safe_snapshot_blocking_pids", &[&[Int]], PgType::INT4_ARRAY, |_, _| {
        Ok(Cell::List(Vec::new()))
    }),
    strict("pg_notification_queue_usage", &[&[]], PgType::FLOAT8, |_, _| Ok(0.0.into())),
    giving("pg_listening_channels", &[&[]], Returns::Rows(TEXT), |catalog, _| {
        Ok(catalog.pinned().sessions.channels().into())
    }),
    strict("pg_last_wal_receive_lsn", &[&[]], PgType::PG_LSN, nothing),
    strict("pg_last_wal_replay_lsn", &[&[]], PgType::PG_LSN, nothing),
    strict("pg_last_xact_replay_timestamp", &[&[]], TIME, nothing),
    giving(
        "pg_partition_tree",
        &[&[Object]],
        Returns::Table(&[
            ("relid", PgType::REGCLASS),
            ("parentrelid", PgType::REGCLASS),
            ("isleaf", PgType::BOOL),
            ("level", INT),
        ]),
        none_of_relation,
    ),
    giving("pg_partition_ancestors", &[&[Object]], Returns::Rows(PgType::REGCLASS), none_of_relation),
    strict("pg_partition_root", &[&[Object]], PgType::REGCLASS, |catalog, arguments| {
        relation_oid(catalog, &arguments[0])?;
        Ok(Cell::Null)
    }),
    strict("pg_filenode_relation", &[&[Oid, Oid]], PgType::REGCLASS, nothing),
    strict("row_security_active", &[&[Object]], PgType::BOOL, |catalog, arguments| {
        relation_oid(catalog, &arguments[0])?;
        Ok(false.into())
    }),
    strict("pg_collation_actual_version", &[&[Oid]], TEXT, nothing),
    giving("pg_tablespace_databases", &[&[Oid]], Returns::Rows(PgType::OID), |catalog, _| {
        Ok(Cell::List(vec![database_oid(catalog.pinned()).into()]))
    }),
    giving(
        "pg_options_to_table",
        &[&[Texts]],
        Returns::Table(&[("option_name", TEXT), ("option_value", TEXT)]),
        pg_options_to_table,
    ),
    strict("pg_stat_get_live_tuples", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_dead_tuples", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_tuples_returned", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_tuples_fetched", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_tuples_inserted", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_tuples_updated", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_tuples_deleted", &[&[Oid]], BIG, zero),
    strict("pg_stat_get_last_vacuum_time", &[&[Oid]], TIME, nothing),
    strict("pg_stat_get_last_autovacuum_time", &[&[Oid]], TIME, nothing),
    strict("pg_stat_get_last_analyze_time", &[&[Oid]], TIME, nothing),
    strict("pg_stat_get_last_autoanalyze_time", &[&[Oid]], TIME, nothing),
    strict("nameconcatoid", &[&[Text, Oid]], PgType::NAME, nameconcatoid),
    strict("oidvectortypes", &[&[Texts]], TEXT, oidvectortypes),
    strict("pg_describe_object", &[&[Oid, Oid, Int]], TEXT, pg_describe_object),
    strict("pg_size_bytes", &[&[Text]], BIG, pg_size_bytes),
];

/// A snapshot in which no transaction is running: from where they are yet to come, twice, and the numbers between.
fn snapshot() -> String {
    let next = next_transaction();
    format!("{next}:{next}:")
}

/// One of the two numbers that a snapshot begins with.
fn bound_of(snapshot: &Cell<'_>, index: usize) -> Cell<'static> {
    let number = snapshot.text().and_then(|text| text.split(':').nth(index)?.parse::<i64>().ok());
    number.map_or(Cell::Null, Cell::from)
}

fn nothing(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(Cell::Null)
}

fn no(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(false.into())
}

/// Scans and changes are not counted.
fn zero(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(0_i64.into())
}

fn none(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(Cell::List(Vec::new()))
}

/// No table has partitions that are tables: folders by value are columns here.
fn none_of_relation(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    relation_oid(catalog, &arguments[0])?;
    none(catalog, arguments)
}

fn pg_options_to_table(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Cell::List(options) = &arguments[0] else { return Ok(Cell::Null) };
    let row = |option: &str| match option.split_once('=') {
        Some((name, value)) => Cell::List(vec![name.to_owned().into(), value.to_owned().into()]),
        None => Cell::List(vec![option.to_owned().into(), Cell::Null]),
    };
    Ok(Cell::List(options.iter().filter_map(Cell::text).map(row).collect()))
}

/// A name and a number behind it, cut so that both fit a name.
fn nameconcatoid(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    /// The longest name: PostgreSQL's `NAMEDATALEN` less the end.
    const NAME_MAX: usize = 63;
    let suffix = format!("_{}", oid(&arguments[1])?);
    let name = arguments[0].text().unwrap_or_default();
    let end = name.floor_char_boundary(NAME_MAX - suffix.len());
    Ok(format!("{}{suffix}", &name[..end]).into())
}

fn oidvectortypes(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let Cell::List(oids) = &arguments[0] else { return Ok(Cell::Null) };
    let names = oids.iter().map(|number| Ok(written(catalog, oid(number)?, None)));
    Ok(names.collect::<Result<Vec<String>, Error>>()?.join(", ").into())
}

/// What an object is and how it is called: tables, views and schemas.
fn pg_describe_object(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    /// `pg_class` and `pg_namespace`.
    const CLASSES: (u32, u32) = (1259, 2615);
    let (class, number) = (oid(&arguments[0])?, oid(&arguments[1])?);
    let column = arguments[2].int().unwrap_or(0);
    if class == CLASSES.1 {
        return Ok(catalog.schema_by_oid(number).map(|name| format!("schema {name}")).into());
    }
    if class != CLASSES.0 || column != 0 {
        return Err(Error::Unsupported { what: "describing this kind of object" });
    }
    let Some(found) = catalog.relation_by_oid(number) else { return Ok(Cell::Null) };
    let is_view = match catalog.relation(number) {
        Some(relation) => relation.kind == RelationKind::View,
        None => crate::fixed::system_relation_by_oid(number).is_some_and(|relation| relation.kind == "v"),
    };
    Ok(format!("{} {}", if is_view { "view" } else { "table" }, catalog.written(&found)).into())
}

/// Bytes, as people write them: `10 kB`.
///
/// Source: `pg_size_bytes` in PostgreSQL's `dbsize.c`.
fn pg_size_bytes(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    const UNITS: [(&str, i32); 7] =
        [("bytes", 0), ("b", 0), ("kb", 10), ("mb", 20), ("gb", 30), ("tb", 40), ("pb", 50)];
    let text = arguments[0].text().unwrap_or_default();
    let invalid = || Error::InvalidSize { text: text.to_owned() };
    let trimmed = text.trim();
    let end = trimmed.find(|letter: char| !(letter.is_ascii_digit() || "+-.".contains(letter)));
    let (number, unit) = trimmed.split_at(end.unwrap_or(trimmed.len()));
    let number: f64 = number.parse().map_err(|_| invalid())?;
    let unit = unit.trim();
    let bits = match UNITS.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)) {
        Some((_, bits)) => *bits,
        None if unit.is_empty() => 0,
        None => return Err(invalid()),
    };
    Ok(((number * 2f64.powi(bits)).round() as i64).into())
}
