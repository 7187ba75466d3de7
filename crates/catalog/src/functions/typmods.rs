//! What a column's type and modifier say of its length and precision: the functions that the views of
//! `information_schema` are made with, and some clients' queries too.
//!
//! Source: `information_schema.sql` of PostgreSQL 15. The numbers are the oids of types.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Int, Oid};
use super::call::{Catalog, Definition, oid, strict};
use crate::cell::Cell;
use crate::error::Error;
use crate::type_name::written;

const PARAMETERS: &[&[super::call::Parameter]] = &[&[Oid, Int]];
const INT: PgType = PgType::INT4;

macro_rules! of_typmod {
    ($name:literal $body:ident) => {
        strict($name, PARAMETERS, INT, |_, arguments| {
            let typmod = arguments[1].int().and_then(|typmod| i32::try_from(typmod).ok()).unwrap_or(-1);
            Ok($body(oid(&arguments[0])?, typmod).into())
        })
    };
}

pub(super) const FUNCTIONS: &[Definition] = &[
    of_typmod!("_pg_char_max_length" char_max_length),
    of_typmod!("_pg_char_octet_length" char_octet_length),
    of_typmod!("_pg_numeric_precision" numeric_precision),
    of_typmod!("_pg_numeric_precision_radix" numeric_radix),
    of_typmod!("_pg_numeric_scale" numeric_scale),
    of_typmod!("_pg_datetime_precision" datetime_precision),
    strict("_pg_interval_type", PARAMETERS, PgType::TEXT, interval_type),
];

fn char_max_length(oid: u32, typmod: i32) -> Option<i32> {
    match oid {
        _ if typmod == -1 => None,
        1042 | 1043 => Some(typmod - 4),
        1560 | 1562 => Some(typmod),
        _ => None,
    }
}

fn char_octet_length(oid: u32, typmod: i32) -> Option<i32> {
    /// Bytes of a character at most, in UTF-8.
    const BYTES: i32 = 4;
    match oid {
        25 | 1042 | 1043 if typmod == -1 => Some(1 << 30),
        25 | 1042 | 1043 => char_max_length(oid, typmod).map(|length| length.saturating_mul(BYTES)),
        _ => None,
    }
}

fn numeric_precision(oid: u32, typmod: i32) -> Option<i32> {
    match oid {
        21 => Some(16),
        23 => Some(32),
        20 => Some(64),
        1700 if typmod == -1 => None,
        1700 => Some(((typmod - 4) >> 16) & 0xffff),
        700 => Some(24),
        701 => Some(53),
        _ => None,
    }
}

fn numeric_radix(oid: u32, _typmod: i32) -> Option<i32> {
    match oid {
        20 | 21 | 23 | 700 | 701 => Some(2),
        1700 => Some(10),
        _ => None,
    }
}

fn numeric_scale(oid: u32, typmod: i32) -> Option<i32> {
    match oid {
        20 | 21 | 23 => Some(0),
        1700 if typmod == -1 => None,
        1700 => Some((typmod - 4) & 0xffff),
        _ => None,
    }
}

fn datetime_precision(oid: u32, typmod: i32) -> Option<i32> {
    match oid {
        1082 => Some(0),
        1083 | 1114 | 1184 | 1266 => Some(if typmod < 0 { 6 } else { typmod }),
        1186 => Some(if typmod < 0 || typmod & 0xffff == 0xffff { 6 } else { typmod & 0xffff }),
        _ => None,
    }
}

/// `DAY TO SECOND` of `interval day to second(3)`.
fn interval_type(catalog: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    const INTERVAL: u32 = 1186;
    let number = oid(&arguments[0])?;
    if number != INTERVAL {
        return Ok(Cell::Null);
    }
    let typmod = arguments[1].int().and_then(|typmod| i32::try_from(typmod).ok());
    let name = written(catalog, number, typmod);
    let fields = name.strip_prefix("interval ").map(|fields| fields.to_uppercase());
    Ok(fields.into())
}
