//! How much memory statements may hold: each its own share, all together one budget.
//!
//! A statement's pool divides fairly among its operators that can spill, and spills before it
//! takes more than its share. Beside that every byte is charged to the budget of all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use lakeport_base::ByteSize;

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
        Arc::new(StatementPool { own: FairSpillPool::new(share.as_usize()), budget: Arc::clone(self) })
    }

    fn try_take(&self, bytes: usize) -> Result<()> {
        self.used_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| *sum <= self.limit_bytes)
            })
            .map(|_| ())
            .map_err(|used| {
                DataFusionError::ResourcesExhausted(format!(
                    "{bytes} bytes more are wanted, and all statements together hold {used} of {} bytes",
                    self.limit_bytes
                ))
            })
    }
}

#[derive(Debug)]
struct StatementPool {
    own: FairSpillPool,
    budget: Arc<Budget>,
}

impl std::fmt::Display for StatementPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("statement")
    }
}

impl MemoryPool for StatementPool {
    fn name(&self) -> &str {
        "statement"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.budget.used_bytes.fetch_add(additional, Ordering::Relaxed);
        self.own.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.budget.used_bytes.fetch_sub(shrink, Ordering::Relaxed);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.budget.try_take(additional)?;
        self.own.try_grow(reservation, additional).inspect_err(|_| {
            self.budget.used_bytes.fetch_sub(additional, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.own.memory_limit()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::MemoryConsumer;
    use lakeport_base::ByteSize;

    use super::Budget;

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
