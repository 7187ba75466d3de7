//! `pg_available_extensions()` and its kin: no extension can be installed here.

use lakeport_sql::types::PgType;

use super::call::{Definition, Returns, giving};
use crate::cell::Cell;

const AVAILABLE: &[(&str, PgType)] =
    &[("name", PgType::NAME), ("default_version", PgType::TEXT), ("comment", PgType::TEXT)];

const VERSIONS: &[(&str, PgType)] = &[
    ("name", PgType::NAME),
    ("version", PgType::TEXT),
    ("superuser", PgType::BOOL),
    ("trusted", PgType::BOOL),
    ("relocatable", PgType::BOOL),
    ("schema", PgType::NAME),
    ("requires", PgType::NAME_ARRAY),
    ("comment", PgType::TEXT),
];

pub(super) const FUNCTIONS: &[Definition] = &[
    giving("pg_available_extensions", &[&[]], Returns::Table(AVAILABLE), |_, _| Ok(Cell::List(Vec::new()))),
    giving("pg_available_extension_versions", &[&[]], Returns::Table(VERSIONS), |_, _| {
        Ok(Cell::List(Vec::new()))
    }),
];
