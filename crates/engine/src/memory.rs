//! How much memory statements may hold: each its own share, all together one budget.
//!
//! Within a statement, operators that can spill divide three quarters of the share fairly among
//! themselves and spill before they take more. The rest is left for those that cannot: a merge of sorted
//! runs needs some memory exactly when the sorts before it have filled theirs. Such a merge takes as many runs at
//! once as it gets memory for, so each has a bound of its own: else the first would leave nothing for the sorts
//! beside it. And each is promised its part of the last quarter, which nothing takes but it: a sort that is about to
//! spill merges what it holds first, and fails if it cannot. Beside that every byte is charged to the budget of all.
//! What sessions keep in their temporary tables is charged to it too.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use lakeport_base::{ByteSize, SqlState};

use crate::error::from_datafusion;
use crate::{Error, Result as Answered};

/// What all statements may hold together.
#[derive(Debug)]
pub(crate) struct Budget {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
}

impl Budget {
    /// A budget of this size.
    pub(crate) fn new(limit: ByteSize) -> Arc<Budget> {
        Arc::new(Budget { limit_bytes: limit.as_usize(), used_bytes: AtomicUsize::new(0) })
    }

    /// The pool of one statement, which may hold at most `share`.
    pub(crate) fn statement(self: &Arc<Self>, share: ByteSize) -> Arc<dyn MemoryPool> {
        let share = share.as_usize();
        Arc::new(StatementPool {
            spilling: FairSpillPool::new(share / 4 * 3),
            own: Budget { limit_bytes: share, used_bytes: AtomicUsize::new(0) },
            merges: Mutex::default(),
            budget: Arc::clone(self),
        })
    }

    fn give_back(&self, bytes: usize) {
        self.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn try_take(&self, bytes: usize) -> Result<()> {
        self.try_take_but(0, bytes)
    }

    /// [`try_take`](Self::try_take), leaving so many bytes at least.
    fn try_take_but(&self, left: usize, bytes: usize) -> Result<()> {
        self.used_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| sum.saturating_add(left) <= self.limit_bytes)
            })
            .map(|_| ())
            .map_err(|used| {
                DataFusionError::ResourcesExhausted(format!(
                    "{bytes} bytes more are wanted, {used} of {} bytes are held, and {left} promised",
                    self.limit_bytes
                ))
            })
    }
}

/// What one session may keep in memory from one statement to the next.
#[derive(Debug, Clone)]
pub(crate) struct Purse {
    own: Arc<Budget>,
    limit: ByteSize,
    budget: Arc<Budget>,
}

/// Memory that is accounted for until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: usize,
    purse: Purse,
}

impl Purse {
    /// At most `limit`, out of the budget of all.
    pub(crate) fn new(budget: &Arc<Budget>, limit: ByteSize) -> Purse {
        Purse { own: Budget::new(limit), limit, budget: Arc::clone(budget) }
    }

    /// Takes so many bytes.
    ///
    /// # Errors
    ///
    /// 54000 where the session may not keep as much, 53200 where all together may not.
    pub(crate) fn hold(&self, bytes: usize) -> Answered<Held> {
        self.own.try_take(bytes).map_err(|_| {
            let message = format!("the temporary tables of a session may hold {} at most", self.limit);
            Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
                .with_hint("The limit is limits.temp_memory in the server's configuration.")
        })?;
        self.budget.try_take(bytes).map_err(|error| {
            self.own.give_back(bytes);
            from_datafusion(error)
        })?;
        Ok(Held { bytes, purse: self.clone() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.purse.own.give_back(self.bytes);
        self.purse.budget.give_back(self.bytes);
    }
}

#[derive(Debug)]
struct StatementPool {
    /// What operators that can spill hold.
    spilling: FairSpillPool,
    /// What all operators of the statement hold.
    own: Budget,
    /// What each sort holds to merge runs with, by its consumer's number; it may be nothing yet.
    merges: Mutex<HashMap<usize, usize>>,
    /// What all statements hold.
    budget: Arc<Budget>,
}

impl std::fmt::Display for StatementPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("statement")
    }
}

/// What DataFusion's sorts call the memory they merge spilled runs with.
const MERGE: &str = "ExternalSorterMerge";

impl StatementPool {
    /// What one merge may hold: all together leave room for one share more.
    fn merge_limit_bytes(&self) -> usize {
        self.own.limit_bytes / (self.merges().len() + 1)
    }

    /// What merges have not taken yet of what each is promised, but for the one of this number.
    fn promised_bytes(&self, but: Option<usize>) -> usize {
        let merges = self.merges();
        let promise = self.own.limit_bytes / 4 / merges.len().max(1);
        let others = merges.iter().filter(|(number, _)| Some(**number) != but);
        others.map(|(_, held)| promise.saturating_sub(*held)).sum()
    }

    /// Notes what a merge holds.
    fn note(&self, consumer: &MemoryConsumer, change: impl FnOnce(usize) -> usize) {
        if is_merge(consumer)
            && let Some(held) = self.merges().get_mut(&consumer.id())
        {
            *held = change(*held);
        }
    }

    fn merges(&self) -> MutexGuard<'_, HashMap<usize, usize>> {
        self.merges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_merge(consumer: &MemoryConsumer) -> bool {
    consumer.name().starts_with(MERGE)
}

impl MemoryPool for StatementPool {
    fn name(&self) -> &str {
        "statement"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        if is_merge(consumer) {
            self.merges().insert(consumer.id(), 0);
        }
        if consumer.can_spill() {
            self.spilling.register(consumer);
        }
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        if is_merge(consumer) {
            self.merges().remove(&consumer.id());
        }
        if consumer.can_spill() {
            self.spilling.unregister(consumer);
        }
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.budget.used_bytes.fetch_add(additional, Ordering::Relaxed);
        self.own.used_bytes.fetch_add(additional, Ordering::Relaxed);
        self.note(reservation.consumer(), |held| held + additional);
        if reservation.consumer().can_spill() {
            self.spilling.grow(reservation, additional);
        }
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        if reservation.consumer().can_spill() {
            self.spilling.shrink(reservation, shrink);
        }
        self.note(reservation.consumer(), |held| held.saturating_sub(shrink));
        self.own.give_back(shrink);
        self.budget.give_back(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let consumer = reservation.consumer();
        let promised = match (is_merge(consumer), consumer.can_spill()) {
            (true, _) => self.promised_bytes(Some(consumer.id())),
            (false, true) => self.promised_bytes(None),
            (false, false) => 0,
        };
        if is_merge(consumer) {
            let (wanted, limit) = (reservation.size().saturating_add(additional), self.merge_limit_bytes());
            if wanted > limit {
                let message = format!("a merge wants {wanted} bytes, and each may hold {limit}");
                return Err(DataFusionError::ResourcesExhausted(message));
            }
        }
        self.budget.try_take(additional)?;
        self.own.try_take_but(promised, additional).inspect_err(|_| self.budget.give_back(additional))?;
        self.note(consumer, |held| held + additional);
        if !consumer.can_spill() {
            return Ok(());
        }
        self.spilling.try_grow(reservation, additional).inspect_err(|_| {
            self.own.give_back(additional);
            self.budget.give_back(additional);
        })
    }

    fn reserved(&self) -> usize {
        self.own.used_bytes.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.own.limit_bytes)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::MemoryConsumer;
    use lakeport_base::ByteSize;

    use super::{Budget, MERGE, Purse};

    #[test]
    fn a_statement_gets_its_share_and_no_more() {
        let budget = Budget::new(ByteSize::mebibytes(10));
        let pool = budget.statement(ByteSize::mebibytes(4));
        let reservation = MemoryConsumer::new("sort").register(&pool);
        assert!(reservation.try_grow(4 << 20).is_ok());
        assert!(reservation.try_grow(1).is_err());
        reservation.free();
        assert!(reservation.try_grow(4 << 20).is_ok());
    }

    #[test]
    fn what_a_session_keeps_is_bounded_and_given_back() {
        let budget = Budget::new(ByteSize::mebibytes(5));
        let (one, two) =
            (Purse::new(&budget, ByteSize::mebibytes(4)), Purse::new(&budget, ByteSize::mebibytes(4)));
        let code = |held: crate::Result<super::Held>| held.unwrap_err().sqlstate.code();
        assert_eq!(code(one.hold((4 << 20) + 1)), "54000");
        let held = one.hold(4 << 20).unwrap();
        assert_eq!(code(one.hold(1)), "54000");
        assert_eq!(code(two.hold(2 << 20)), "53200");
        drop(held);
        assert!(two.hold(2 << 20).is_ok());
    }

    #[test]
    fn what_can_spill_leaves_room_for_what_cannot() {
        let pool = Budget::new(ByteSize::mebibytes(10)).statement(ByteSize::mebibytes(8));
        let sort = MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        assert!(sort.try_grow(7 << 20).is_err());
        assert!(sort.try_grow(6 << 20).is_ok());
        let merge = MemoryConsumer::new("merge").register(&pool);
        assert!(merge.try_grow(2 << 20).is_ok());
        assert!(merge.try_grow(1).is_err());
        drop((sort, merge));
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn one_merge_leaves_room_for_the_sorts_beside_it() {
        let pool = Budget::new(ByteSize::mebibytes(10)).statement(ByteSize::mebibytes(9));
        let merges = [0, 1].map(|part| MemoryConsumer::new(format!("{MERGE}[{part}]")).register(&pool));
        assert!(merges[0].try_grow(3 << 20).is_ok());
        assert!(merges[0].try_grow(1).is_err());
        assert!(merges[1].try_grow(3 << 20).is_ok());
        let sort = MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        assert!(sort.try_grow(3 << 20).is_ok());
    }

    #[test]
    fn a_merge_gets_what_it_is_promised_whatever_others_hold() {
        let pool = Budget::new(ByteSize::mebibytes(10)).statement(ByteSize::mebibytes(8));
        let merges = [0, 1].map(|part| MemoryConsumer::new(format!("{MERGE}[{part}]")).register(&pool));
        let sort = MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        // The sort first: the first merge takes what is left but for the second's megabyte.
        assert!(sort.try_grow(5 << 20).is_ok());
        assert!(merges[0].try_grow((2 << 20) + 1).is_err());
        assert!(merges[0].try_grow(2 << 20).is_ok());
        assert!(merges[1].try_grow(1 << 20).is_ok());
        // A merge first: the sort leaves the second's.
        sort.free();
        merges[1].free();
        assert!(sort.try_grow((5 << 20) + 1).is_err());
        assert!(sort.try_grow(5 << 20).is_ok());
        assert!(merges[1].try_grow(1 << 20).is_ok());
        drop((sort, merges));
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn all_statements_together_stay_in_the_budget() {
        let budget = Budget::new(ByteSize::mebibytes(5));
        let (first, second) =
            (budget.statement(ByteSize::mebibytes(4)), budget.statement(ByteSize::mebibytes(4)));
        let one = MemoryConsumer::new("sort").register(&first);
        let two = MemoryConsumer::new("sort").register(&second);
        assert!(one.try_grow(4 << 20).is_ok());
        assert!(two.try_grow(2 << 20).is_err());
        drop(one);
        assert!(two.try_grow(2 << 20).is_ok());
    }
}
