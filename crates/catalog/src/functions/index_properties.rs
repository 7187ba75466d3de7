//! What index methods can do: `pg_indexam_has_property` and its kin.
//!
//! Source: PostgreSQL's `amutils.c`, and what each method's handler says of itself.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Int, Oid, Text};
use super::call::{Catalog, Definition, oid, strict};
use crate::cell::Cell;
use crate::error::Error;

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("pg_indexam_has_property", &[&[Oid, Text]], PgType::BOOL, of_method),
    // There are no indexes: declared keys are not enforced by any.
    strict("pg_index_has_property", &[&[Oid, Text]], PgType::BOOL, |_, _| Ok(Cell::Null)),
    strict("pg_index_column_has_property", &[&[Oid, Int, Text]], PgType::BOOL, |_, _| Ok(Cell::Null)),
];

const PROPERTIES: [&str; 5] = ["can_order", "can_unique", "can_multi_col", "can_exclude", "can_include"];

/// The methods by oid in `pg_am`, with what they can of these.
const METHODS: [(u32, [bool; 5]); 6] = [
    (403, [true, true, true, true, true]),
    (405, [false, false, false, true, false]),
    (783, [false, false, true, true, true]),
    (2742, [false, false, true, false, false]),
    (4000, [false, false, false, true, true]),
    (3580, [false, false, true, false, false]),
];

fn of_method(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = oid(&arguments[0])?;
    let wanted = arguments[1].text().unwrap_or_default();
    let place = PROPERTIES.iter().position(|property| property.eq_ignore_ascii_case(wanted));
    let method = METHODS.iter().find(|(own, _)| *own == number);
    Ok(place.zip(method).map(|(place, (_, can))| can[place]).into())
}
