//! Numbers of transactions: `age(xid)`, and the counter that `txid_current()` shows.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::error::Result;
use crate::value::Style;
use crate::value::read::Value;

/// 3 is PostgreSQL's first normal transaction id.
static NEXT: AtomicI64 = AtomicI64::new(FIRST);

const FIRST: i64 = 3;

/// The number of another transaction. Nothing is ever written, so no transaction has a number that anything else
/// could show: each asking gets the next one.
pub fn next_transaction() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// How many transactions ago this number was given; as far as can be for those that are older than all.
///
/// Source: `xid_age` in PostgreSQL's `xid.c`: numbers are compared in 32 bits.
pub(super) fn age_of_number(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Oid(number)] = values else { return Ok(None) };
    if i64::from(*number) < FIRST {
        return Ok(Some(Value::Int4(i32::MAX)));
    }
    let now = NEXT.load(Ordering::Relaxed) as u32;
    Ok(Some(Value::Int4(now.wrapping_sub(*number) as i32)))
}
