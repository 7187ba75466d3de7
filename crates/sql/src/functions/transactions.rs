//! Numbers of transactions: `age(xid)`, and the counter that `txid_current()` shows.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use crate::error::Result;
use crate::value::Style;
use crate::value::read::Value;

/// Counted from the second of the start, so that numbers of before it are older than all of after it.
static NEXT: LazyLock<AtomicI64> = LazyLock::new(|| {
    let seconds = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    AtomicI64::new(i64::try_from(seconds).unwrap_or(FIRST).max(FIRST))
});

/// PostgreSQL's first normal transaction id.
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
