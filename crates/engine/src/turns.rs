//! The turns that statements take at computing.
//!
//! There are so many turns, and a statement takes one for each of its batches. One that has given much is an
//! extract: while a statement computes that is none, extracts leave a processor to it, so that a small question
//! beside large answers is answered in time. Alone they take all there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use lakeport_base::ByteSize;
use tokio::sync::{Semaphore, SemaphorePermit};

/// From this on an answer is an extract. A guess: what no screen shows.
const EXTRACT: ByteSize = ByteSize::mebibytes(16);

/// The turns of all statements.
#[derive(Debug)]
pub(crate) struct Turns {
    statements: Semaphore,
    /// Those that extracts take beside other statements.
    extracts: Semaphore,
    /// How many batches are being computed for statements that are no extracts.
    others: AtomicUsize,
}

impl Turns {
    /// So many turns on so many processors.
    pub(crate) fn new(statements: usize, processors: usize) -> Arc<Turns> {
        Arc::new(Turns {
            statements: Semaphore::new(statements),
            extracts: Semaphore::new(processors.saturating_sub(1).max(1)),
            others: AtomicUsize::new(0),
        })
    }
}

/// What takes the turns of one statement.
#[derive(Debug)]
pub(crate) struct Taker {
    /// None for what is never asked to wait.
    turns: Option<Arc<Turns>>,
    given_bytes: AtomicU64,
}

/// A turn, until it is dropped.
pub(crate) struct Turn<'a> {
    _permits: [Option<SemaphorePermit<'a>>; 2],
    others: Option<&'a AtomicUsize>,
}

impl Taker {
    /// For one run of a statement.
    pub(crate) fn new(turns: Option<Arc<Turns>>) -> Taker {
        Taker { turns, given_bytes: AtomicU64::new(0) }
    }

    /// Notes that so much has been given to the client.
    pub(crate) fn gave(&self, bytes: usize) {
        self.given_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn is_extract(&self) -> bool {
        self.given_bytes.load(Ordering::Relaxed) >= EXTRACT.as_bytes()
    }

    /// A turn to compute a batch, once there is one.
    pub(crate) async fn batch(&self) -> Option<Turn<'_>> {
        let turns = self.turns.as_deref()?;
        let extract = self.extract().await;
        let others = (!self.is_extract()).then_some(&turns.others);
        let statement = turns.statements.acquire().await.expect("turns are never closed");
        if let Some(others) = others {
            others.fetch_add(1, Ordering::Relaxed);
        }
        Some(Turn { _permits: [extract, Some(statement)], others })
    }

    /// A turn to encode a piece, which only extracts wait for.
    pub(crate) async fn piece(&self) -> Option<Turn<'_>> {
        let extract = self.extract().await?;
        Some(Turn { _permits: [Some(extract), None], others: None })
    }

    /// What an extract needs while others compute.
    async fn extract(&self) -> Option<SemaphorePermit<'_>> {
        let turns = self.turns.as_deref()?;
        if !self.is_extract() || turns.others.load(Ordering::Relaxed) == 0 {
            return None;
        }
        Some(turns.extracts.acquire().await.expect("turns are never closed"))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(others) = self.others {
            others.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use futures::FutureExt;

    use super::{EXTRACT, Taker, Turns};

    #[tokio::test]
    async fn extracts_leave_a_processor_to_others_and_only_to_those() {
        let turns = Turns::new(8, 2);
        let taker = || Taker::new(Some(Arc::clone(&turns)));
        let (one, two, other) = (taker(), taker(), taker());
        one.gave(EXTRACT.as_usize());
        two.gave(EXTRACT.as_usize());
        let alone = (one.batch().await, two.batch().await);
        assert!(one.piece().await.is_none(), "nothing is waited for");
        drop(alone);
        let small = other.batch().await;
        assert_eq!(turns.others.load(Ordering::Relaxed), 1);
        let beside = one.batch().await;
        assert!(two.batch().now_or_never().is_none(), "one processor is left to the other");
        assert!(two.piece().now_or_never().is_none());
        drop(beside);
        assert!(two.piece().now_or_never().is_some());
        drop(small);
        assert_eq!(turns.others.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn there_are_so_many_turns() {
        let turns = Turns::new(1, 4);
        let (one, two) = (Taker::new(Some(Arc::clone(&turns))), Taker::new(Some(turns)));
        let turn = one.batch().await;
        assert!(two.batch().now_or_never().is_none());
        drop(turn);
        assert!(two.batch().now_or_never().is_some());
        assert!(Taker::new(None).batch().await.is_none());
    }
}
