//! Whether a bare name finds an object: `pg_table_is_visible` and its kin. NULL for an oid that is not there.

use lakeport_sql::types::PgType;

use super::call::Parameter::Oid;
use super::call::{Catalog, Definition, oid, strict};
use crate::cell::Cell;
use crate::error::Error;
use crate::fixed::{file_rows, function_by_oid, type_by_oid};

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("pg_table_is_visible", &[&[Oid]], PgType::BOOL, |catalog, arguments| {
        let found = catalog.relation_by_oid(oid(&arguments[0])?);
        Ok(found.map(|found| catalog.is_visible(&found)).into())
    }),
    strict("pg_type_is_visible", &[&[Oid]], PgType::BOOL, |catalog, arguments| {
        let row = type_by_oid(oid(&arguments[0])?);
        Ok(row.map(|row| catalog.is_on_path(row.schema)).into())
    }),
    strict("pg_function_is_visible", &[&[Oid]], PgType::BOOL, |catalog, arguments| {
        let function = function_by_oid(oid(&arguments[0])?);
        Ok(function.map(|function| catalog.is_on_path(function.schema)).into())
    }),
    // These only exist in pg_catalog, which is always on the path.
    strict("pg_operator_is_visible", &[&[Oid]], PgType::BOOL, |_, arguments| is_in(arguments, "pg_operator")),
    strict("pg_opclass_is_visible", &[&[Oid]], PgType::BOOL, |_, arguments| is_in(arguments, "pg_opclass")),
    strict("pg_opfamily_is_visible", &[&[Oid]], PgType::BOOL, |_, arguments| is_in(arguments, "pg_opfamily")),
    strict("pg_collation_is_visible", &[&[Oid]], PgType::BOOL, |_, arguments| {
        is_in(arguments, "pg_collation")
    }),
    strict("pg_conversion_is_visible", &[&[Oid]], PgType::BOOL, |_, arguments| {
        is_in(arguments, "pg_conversion")
    }),
    // There are none of these.
    strict("pg_statistics_obj_is_visible", &[&[Oid]], PgType::BOOL, nothing),
    strict("pg_ts_config_is_visible", &[&[Oid]], PgType::BOOL, nothing),
    strict("pg_ts_dict_is_visible", &[&[Oid]], PgType::BOOL, nothing),
    strict("pg_ts_parser_is_visible", &[&[Oid]], PgType::BOOL, nothing),
    strict("pg_ts_template_is_visible", &[&[Oid]], PgType::BOOL, nothing),
];

fn is_in(arguments: &[Cell<'_>], relation: &str) -> Result<Cell<'static>, Error> {
    let digits = oid(&arguments[0])?.to_string();
    let known = file_rows(relation).any(|row| row[0] == digits);
    Ok(known.then_some(true).into())
}

fn nothing(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Ok(Cell::Null)
}
