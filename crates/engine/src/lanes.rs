//! Batches that are encoded beside the task that computes the next ones, and come in their order.
//!
//! A plan may have one partition where there are many processors: a file of one row group, rows in an order. Its
//! batches are computed one after the other, but nothing of one batch is needed to encode another.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::record_batch::RecordBatch;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::error::from_panic;
use crate::turns::Taker;
use crate::{Error, Result, Weigh};

/// A batch below this size, in bytes, is encoded where it was made: another task would not be worth its while.
const SMALL: usize = 256 << 10;

/// So many bytes of a batch's pieces are made by another task; what is left of it is made as it is asked for.
const MADE_MAX: usize = 8 << 20;

/// Most batches of a partition that are encoded beside the one that is looked at: encoding takes up to some times as
/// long as computing, and each is memory.
const BESIDE_MAX: usize = 4;

/// The processors that one statement's partitions share.
pub(crate) struct Share {
    processors: usize,
    /// Partitions that have not come to their end; many come to it at once, where a file's only row group is in another.
    partitions: AtomicUsize,
}

impl Share {
    /// Of so many.
    pub(crate) fn new(processors: usize) -> Arc<Share> {
        Arc::new(Share { processors, partitions: AtomicUsize::new(0) })
    }

    /// How many tasks each partition may have beside its own.
    fn beside(&self) -> usize {
        let partitions = self.partitions.load(Ordering::Relaxed).max(1);
        self.processors.saturating_sub(partitions).div_ceil(partitions).min(BESIDE_MAX)
    }
}

/// The batches of one partition on their way through `encode`.
pub(crate) struct Lanes<T, I, E> {
    compute: Handle,
    share: Arc<Share>,
    taker: Arc<Taker>,
    encode: Arc<E>,
    coming: VecDeque<Result<Lane<T, I>>>,
}

enum Lane<T, I> {
    /// To be encoded here.
    Batch(RecordBatch),
    /// In the hands of another task.
    Task(AbortOnDropHandle<Pieces<T, I>>),
}

/// The pieces of one batch.
pub(crate) struct Pieces<T, I> {
    made: VecDeque<Result<T>>,
    /// Those that are made as they are asked for.
    rest: I,
}

impl<T, I, E> Lanes<T, I, E>
where
    T: Weigh + Send + 'static,
    I: Iterator<Item = Result<T>> + Send + 'static,
    E: Fn(RecordBatch) -> I + Send + Sync + 'static,
{
    /// Lanes for one more partition of those that share the processors.
    pub(crate) fn new(compute: Handle, share: Arc<Share>, taker: Arc<Taker>, encode: Arc<E>) -> Self {
        share.partitions.fetch_add(1, Ordering::Relaxed);
        Self { compute, share, taker, encode, coming: VecDeque::new() }
    }

    /// Whether another batch may be pushed.
    pub(crate) fn has_room(&self) -> bool {
        self.coming.len() <= self.share.beside()
    }

    /// Whether there is no batch to be popped.
    pub(crate) fn is_empty(&self) -> bool {
        self.coming.is_empty()
    }

    /// Takes the next batch, or what failed instead of it: what came before is given before.
    pub(crate) fn push(&mut self, batch: Result<RecordBatch>) {
        self.coming.push_back(batch.map(|batch| self.lane(batch)));
    }

    /// The pieces of the batch that was pushed first of those that are here, once they are made; none if none is here.
    /// Dropping the future loses nothing.
    pub(crate) async fn pop(&mut self) -> Result<Option<Pieces<T, I>>> {
        if let Some(Ok(Lane::Task(task))) = self.coming.front_mut() {
            let made = joined(task.await);
            self.coming.pop_front();
            return made.map(Some);
        }
        let Some(Lane::Batch(batch)) = self.coming.pop_front().transpose()? else { return Ok(None) };
        Ok(Some(Pieces::of((self.encode)(batch))))
    }

    fn lane(&self, batch: RecordBatch) -> Lane<T, I> {
        if self.share.beside() == 0 || batch.get_array_memory_size() < SMALL {
            return Lane::Batch(batch);
        }
        let (encode, taker) = (Arc::clone(&self.encode), Arc::clone(&self.taker));
        let work = async move {
            let mut pieces = Pieces::of(encode(batch));
            pieces.make(&taker).await;
            pieces
        };
        Lane::Task(AbortOnDropHandle::new(self.compute.spawn(work.in_current_span())))
    }
}

impl<T, I, E> Drop for Lanes<T, I, E> {
    fn drop(&mut self) {
        self.share.partitions.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T: Weigh, I: Iterator<Item = Result<T>>> Pieces<T, I> {
    fn of(rest: I) -> Self {
        Self { made: VecDeque::new(), rest }
    }

    /// Makes pieces before they are asked for, all of them or as many as may be.
    async fn make(&mut self, taker: &Taker) {
        let mut made_bytes = 0;
        while made_bytes < MADE_MAX {
            let _turn = taker.piece().await;
            let Some(piece) = self.rest.next() else { break };
            made_bytes += piece.as_ref().map_or(0, Weigh::bytes);
            self.made.push_back(piece);
        }
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self, taker: &Taker) -> Option<Result<T>> {
        if let Some(made) = self.made.pop_front() {
            return Some(made);
        }
        let _turn = taker.piece().await;
        self.rest.next()
    }
}

fn joined<T>(ended: Result<T, tokio::task::JoinError>) -> Result<T> {
    ended.map_err(|failure| match failure.is_panic() {
        true => from_panic(failure.into_panic().as_ref()),
        false => Error::new(lakeport_base::SqlState::ADMIN_SHUTDOWN, "the server is going down"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use arrow::array::{ArrayRef, Int64Array};
    use arrow::record_batch::RecordBatch;
    use tokio::runtime::Handle;

    use super::{Lanes, MADE_MAX, SMALL, Share};
    use crate::turns::Taker;
    use crate::{Error, Result, Weigh};

    /// As much as another task makes of a batch, so that the second is made where it is asked for.
    impl Weigh for i64 {
        fn bytes(&self) -> usize {
            MADE_MAX
        }
    }

    /// A batch of so many rows, each this number.
    fn batch(number: i64, rows: usize) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from_value(number, rows));
        RecordBatch::try_from_iter([("number", column)]).unwrap()
    }

    /// Twice the number of a batch, later for small numbers; 13 is bad luck.
    fn encode(batch: RecordBatch) -> std::vec::IntoIter<Result<i64>> {
        let number = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().value(0);
        std::thread::sleep(Duration::from_millis(20_u64.saturating_sub(number as u64)));
        assert_ne!(number, 13, "bad luck");
        vec![Ok(number), Ok(number)].into_iter()
    }

    /// What comes out, up to the first error.
    async fn through(beside: usize, batches: Vec<Result<RecordBatch>>) -> (Vec<i64>, Option<Error>) {
        let taker = Arc::new(Taker::new(None));
        let share = Share::new(1 + beside);
        let mut lanes = Lanes::new(Handle::current(), share, Arc::clone(&taker), Arc::new(encode));
        let (mut batches, mut numbers) = (batches.into_iter(), Vec::new());
        loop {
            while lanes.has_room() {
                let Some(batch) = batches.next() else { break };
                lanes.push(batch);
            }
            match lanes.pop().await {
                Ok(None) => return (numbers, None),
                Err(error) => return (numbers, Some(error)),
                Ok(Some(mut pieces)) => {
                    while let Some(piece) = pieces.next(&taker).await {
                        numbers.push(piece.unwrap());
                    }
                }
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pieces_come_in_the_order_of_their_batches() {
        for beside in [0, 1, 3] {
            // Every third is too small for a task of its own.
            let rows = |number: i64| if number % 3 == 0 { 1 } else { SMALL };
            let batches = (0..12).map(|number| Ok(batch(number, rows(number)))).collect();
            let (numbers, error) = through(beside, batches).await;
            let expected: Vec<i64> = (0..12).flat_map(|number| [number, number]).collect();
            assert_eq!((numbers, error.is_none()), (expected, true), "{beside} beside");
        }
    }

    #[tokio::test]
    async fn processors_are_shared_by_the_partitions_that_are_left() {
        let share = Share::new(8);
        let lanes = || {
            let taker = Arc::new(Taker::new(None));
            Lanes::new(Handle::current(), Arc::clone(&share), taker, Arc::new(encode))
        };
        let mut of_partitions: Vec<_> = (0..8).map(|_| lanes()).collect();
        assert_eq!(share.beside(), 0);
        of_partitions.truncate(3);
        assert_eq!(share.beside(), 2);
        of_partitions.truncate(1);
        assert_eq!(share.beside(), super::BESIDE_MAX);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_came_before_an_error_is_given_before_it() {
        let failure = || Err(Error::new(lakeport_base::SqlState::INTERNAL_ERROR, "no more"));
        let batches = vec![Ok(batch(1, SMALL)), Ok(batch(2, SMALL)), failure(), Ok(batch(3, SMALL))];
        let (numbers, error) = through(3, batches).await;
        assert_eq!((numbers, error.unwrap().message.as_str()), (vec![1, 1, 2, 2], "no more"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_of_another_task_is_an_error_here() {
        let (numbers, error) = through(1, vec![Ok(batch(1, SMALL)), Ok(batch(13, SMALL))]).await;
        assert_eq!((numbers, error.unwrap().sqlstate.code()), (vec![1, 1], "XX000"));
    }
}
