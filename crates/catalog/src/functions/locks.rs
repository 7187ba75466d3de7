//! Advisory locks: names that sessions hold for themselves, in memory.
//!
//! A session waits for nobody: what another session holds is refused where PostgreSQL would wait. Locks that end with
//! the transaction are refused too, since nothing here is told of its end.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use lakeport_sql::types::PgType;

use super::call::Parameter::Int;
use super::call::{Catalog, Definition, acting};
use crate::cell::Cell;
use crate::error::Error;

/// Locks held at once, by all sessions together. A guess: what PostgreSQL has room for is of this size.
const LOCKS_MAX: usize = 10_000;

/// One number of 64 bits, or two of 32: different names, even of the same bits.
const KEYS: &[&[super::call::Parameter]] = &[&[Int], &[Int, Int]];

pub(super) const FUNCTIONS: &[Definition] = &[
    acting("pg_advisory_lock", KEYS, PgType::VOID, |catalog, key| held(catalog, key, true)),
    acting("pg_advisory_lock_shared", KEYS, PgType::VOID, |catalog, key| held(catalog, key, false)),
    acting("pg_try_advisory_lock", KEYS, PgType::BOOL, |catalog, key| {
        Ok(take(catalog.pinned().session, key, true)?.into())
    }),
    acting("pg_try_advisory_lock_shared", KEYS, PgType::BOOL, |catalog, key| {
        Ok(take(catalog.pinned().session, key, false)?.into())
    }),
    acting("pg_advisory_unlock", KEYS, PgType::BOOL, |catalog, key| {
        Ok(give_back(catalog.pinned().session, key, true)?.into())
    }),
    acting("pg_advisory_unlock_shared", KEYS, PgType::BOOL, |catalog, key| {
        Ok(give_back(catalog.pinned().session, key, false)?.into())
    }),
    acting("pg_advisory_unlock_all", &[&[]], PgType::VOID, |catalog, _| {
        release_locks(catalog.pinned().session);
        Ok("".into())
    }),
    acting("pg_advisory_xact_lock", KEYS, PgType::VOID, until_the_end),
    acting("pg_advisory_xact_lock_shared", KEYS, PgType::VOID, until_the_end),
    acting("pg_try_advisory_xact_lock", KEYS, PgType::BOOL, until_the_end),
    acting("pg_try_advisory_xact_lock_shared", KEYS, PgType::BOOL, until_the_end),
];

/// What a lock is called.
type Key = (i64, Option<i32>);

/// How often each session holds a lock, alone and beside others.
#[derive(Debug, Default)]
struct Holders {
    alone: HashMap<i32, u64>,
    shared: HashMap<i32, u64>,
}

static LOCKS: LazyLock<Mutex<HashMap<Key, Holders>>> = LazyLock::new(Mutex::default);

fn locks() -> MutexGuard<'static, HashMap<Key, Holders>> {
    // No change is left half made by a panic.
    LOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives back every lock of a session: it asked for that, or it has ended.
pub fn release_locks(session: i32) {
    locks().retain(|_, holders| {
        holders.alone.remove(&session);
        holders.shared.remove(&session);
        !holders.alone.is_empty() || !holders.shared.is_empty()
    });
}

fn key(arguments: &[Cell<'_>]) -> Result<Key, Error> {
    let number = |cell: &Cell<'_>| cell.int().unwrap_or(0);
    let narrow = |number: i64| i32::try_from(number).map_err(|_| Error::OutOfRange { type_name: "integer" });
    Ok(match arguments {
        [first, second] => (i64::from(narrow(number(first))?), Some(narrow(number(second))?)),
        _ => (arguments.first().map_or(0, number), None),
    })
}

/// Takes a lock unless another session is in the way.
fn take(session: i32, arguments: &[Cell<'_>], alone: bool) -> Result<bool, Error> {
    let key = key(arguments)?;
    let mut locks = locks();
    if !locks.contains_key(&key) && locks.len() >= LOCKS_MAX {
        return Err(Error::TooManyLocks);
    }
    let holders = locks.entry(key).or_default();
    let by_others = |held: &HashMap<i32, u64>| held.keys().any(|holder| *holder != session);
    if by_others(&holders.alone) || (alone && by_others(&holders.shared)) {
        return Ok(false);
    }
    let own = if alone { &mut holders.alone } else { &mut holders.shared };
    *own.entry(session).or_insert(0) += 1;
    Ok(true)
}

fn held(catalog: &Catalog, arguments: &[Cell<'_>], alone: bool) -> Result<Cell<'static>, Error> {
    match take(catalog.pinned().session, arguments, alone)? {
        true => Ok("".into()),
        false => Err(Error::LockNotAvailable),
    }
}

/// Gives a lock back; false where the session does not hold it.
fn give_back(session: i32, arguments: &[Cell<'_>], alone: bool) -> Result<bool, Error> {
    let key = key(arguments)?;
    let mut locks = locks();
    let Some(holders) = locks.get_mut(&key) else { return Ok(false) };
    let own = if alone { &mut holders.alone } else { &mut holders.shared };
    let Some(count) = own.get_mut(&session) else { return Ok(false) };
    *count -= 1;
    if *count == 0 {
        own.remove(&session);
    }
    if holders.alone.is_empty() && holders.shared.is_empty() {
        locks.remove(&key);
    }
    Ok(true)
}

fn until_the_end(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    Err(Error::Unsupported { what: "an advisory lock that ends with the transaction" })
}

#[cfg(test)]
mod tests {
    use super::{give_back, release_locks, take};
    use crate::cell::Cell;

    #[test]
    fn a_lock_is_held_by_one_session_or_shared_by_many() {
        let key = [Cell::Int(4_711), Cell::Int(1)];
        assert!(take(1, &key, true).unwrap() && take(1, &key, true).unwrap());
        assert!(!take(2, &key, true).unwrap() && !take(2, &key, false).unwrap());
        assert!(give_back(1, &key, true).unwrap() && !take(2, &key, true).unwrap());
        release_locks(1);
        assert!(take(2, &key, false).unwrap() && take(3, &key, false).unwrap());
        assert!(!take(3, &key, true).unwrap());
        assert!(!give_back(1, &key, false).unwrap());
        release_locks(2);
        assert!(take(3, &key, true).unwrap());
        release_locks(3);
        assert!(!give_back(3, &key, true).unwrap());
    }
}
