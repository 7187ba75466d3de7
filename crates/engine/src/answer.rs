//! What a statement gives back.
//!
//! Rows are pulled through a queue that is bounded in bytes, from the tasks that compute them to
//! the one reader: a slow reader slows the scan, and nothing piles up. Each batch is handed to the
//! reader's `encode` in the very task that made it, several partitions at once where the plan has
//! several, which it has only where the order of rows does not matter. Where it has fewer than there are
//! processors, batches are encoded beside the task that makes the next (`lanes`), and come in their order.

use std::borrow::Cow;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use lakeport_base::{ByteSize, SqlState};
use lakeport_sql::copy::CopyForm;
use lakeport_sql::rules::{naming_regs, with_reg_names};
use lakeport_sql::{Unwanted, Wanted};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::error::from_datafusion;
use crate::interrupt::interruptible;
use crate::lanes::{Lanes, Share};
use crate::plan::Loan;
use crate::turns::{Taker, Turns};
use crate::{Error, Kept, Result};

/// What a statement gives back.
#[derive(Debug)]
pub enum Answer {
    /// Rows.
    Rows(Rows),
    /// Rows to be written as COPY … TO STDOUT writes them.
    Copy {
        /// The rows.
        rows: Rows,
        /// How they are written.
        form: CopyForm,
        /// Which columns csv writes in quotes whatever they hold.
        quoted: Vec<bool>,
    },
    /// Rows that are to be kept under the name of a cursor, for FETCH.
    Cursor(Rows),
    /// No rows: the command's tag, such as `SET`, and what there is to say beside it.
    Done {
        /// The tag.
        tag: Cow<'static, str>,
        /// Warnings and notices, to be sent before the tag.
        notices: Vec<Error>,
    },
}

/// Rows that have been planned and not yet been read.
pub struct Rows {
    /// The columns. Names may repeat.
    pub schema: SchemaRef,
    /// The tag's word: `SELECT` (to be followed by a count), `SHOW` or `EXPLAIN`.
    pub tag: &'static str,
    pub(crate) source: Source,
    pub(crate) compute: Handle,
    /// Makes the plan anew on what the lake holds now, once an object proved to have changed.
    pub(crate) restart: Option<Restart>,
}

/// Gives a fresh plan for the same statement.
pub(crate) type Restart = Box<dyn FnOnce() -> BoxFuture<'static, Result<Executable>> + Send>;

/// Where rows come from.
pub(crate) enum Source {
    /// They are here.
    Ready(Vec<RecordBatch>),
    /// They are to be computed.
    Plan(Executable),
}

/// A physical plan and what it runs with.
#[derive(Debug, Clone)]
pub(crate) struct Executable {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    pub(crate) context: Arc<TaskContext>,
    /// The turns that statements take at computing; none for what reads only the catalog.
    pub(crate) turns: Option<Arc<Turns>>,
    /// The generic plan that this one is made of.
    pub(crate) loan: Option<Arc<Loan>>,
}

/// Something with a size in memory, so that a queue of it can be bounded.
pub trait Weigh {
    /// Its size in bytes.
    fn bytes(&self) -> usize;
}

impl Weigh for RecordBatch {
    fn bytes(&self) -> usize {
        self.get_array_memory_size()
    }
}

impl Rows {
    /// Runs the statement, and `encode` on each of its batches; gives the pieces in the answer's order, never
    /// holding more than `window` of them (or one, if that is larger) and the pieces of a few batches of usual size
    /// beyond what the reader has taken.
    ///
    /// `encode` cuts a batch into pieces as small as it likes; an error of its ends the statement.
    pub fn encoded<T, I>(
        self,
        window: ByteSize,
        encode: impl Fn(RecordBatch) -> I + Send + Sync + 'static,
    ) -> Chunks<T>
    where
        T: Weigh + Send + 'static,
        I: Iterator<Item = Result<T>> + Send + 'static,
    {
        let (schema, compute, encode) = (self.schema, self.compute, Arc::new(encode));
        let start: Start<T> = Box::new(move |source| {
            let queue = Queue::new(window);
            let mut tasks = JoinSet::new();
            let (sender, receiver) = mpsc::unbounded_channel();
            let turns = if let Source::Plan(executable) = &source { executable.turns.clone() } else { None };
            let taker = Arc::new(Taker::new(turns));
            let share = Share::new(compute.metrics().num_workers());
            let mut spawn = |input: Input| {
                let out = Out { queue: queue.clone(), taker: Arc::clone(&taker), sender: sender.clone() };
                let (taker, encode) = (Arc::clone(&taker), Arc::clone(&encode));
                let lanes = Lanes::new(compute.clone(), Arc::clone(&share), taker, encode);
                let pump = pump(input, Arc::clone(&schema), lanes, out);
                tasks.spawn_on(contained(pump, sender.clone()).in_current_span(), &compute);
            };
            let unwanted = Unwanted::default();
            match source {
                Source::Ready(batches) => spawn(Input::Ready(batches.into_iter())),
                Source::Plan(executable) => {
                    let executable = match interruptible(Arc::clone(&executable.plan), &unwanted) {
                        Ok(plan) => Executable { plan, ..executable },
                        Err(error) => {
                            // The flow holds the queue's other end.
                            let _ = sender.send(Err(from_datafusion(error)));
                            return Flow { receiver, _tasks: tasks, _wanted: unwanted.when_dropped() };
                        }
                    };
                    for partition in 0..executable.plan.output_partitioning().partition_count() {
                        spawn(Input::Partition(executable.clone(), partition));
                    }
                }
            }
            Flow { receiver, _tasks: tasks, _wanted: unwanted.when_dropped() }
        });
        let flow = start(self.source);
        Chunks { flow, start, restart: self.restart, restarting: None, delivered: false }
    }

    /// The same rows, and in columns of regclass and its kin the names beside the oids, for whoever writes them.
    pub(crate) fn with_names(self) -> Rows {
        Rows { schema: naming_regs(&self.schema), ..self }
    }

    /// Where the rows can be kept to be read again.
    pub fn kept(&self) -> Kept {
        let context = match &self.source {
            Source::Ready(_) => None,
            Source::Plan(executable) => Some(Arc::clone(&executable.context)),
        };
        Kept::new(context, self.compute.clone())
    }

    /// Runs the statement and gives its batches as they are, at most `window` ahead of the reader.
    pub fn batches(self, window: ByteSize) -> Chunks<RecordBatch> {
        self.encoded(window, |batch| std::iter::once(Ok(batch)))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// The pieces of an answer. Dropping it ends the statement.
pub struct Chunks<T> {
    flow: Flow<T>,
    start: Start<T>,
    restart: Option<Restart>,
    restarting: Option<BoxFuture<'static, Result<Executable>>>,
    delivered: bool,
}

type Start<T> = Box<dyn Fn(Source) -> Flow<T> + Send>;

/// The tasks of one run and the end of their queue. Dropping it ends the tasks.
struct Flow<T> {
    receiver: mpsc::UnboundedReceiver<Result<Queued<T>>>,
    _tasks: JoinSet<()>,
    /// Ends what does not look up when its task is dropped.
    _wanted: Wanted,
}

struct Queued<T> {
    piece: T,
    /// The piece's share of the window, given back when the reader takes the piece.
    _share: OwnedSemaphorePermit,
}

impl<T> Chunks<T> {
    /// The next piece; none at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(restarting) = &mut self.restarting {
                let executable = restarting.await;
                self.restarting = None;
                match executable {
                    Ok(executable) => self.flow = (self.start)(Source::Plan(executable)),
                    Err(error) => return Some(Err(error)),
                }
            }
            match self.flow.receiver.recv().await? {
                Ok(queued) => {
                    self.delivered = true;
                    return Some(Ok(queued.piece));
                }
                Err(error) if error.sqlstate == SqlState::SERIALIZATION_FAILURE && !self.delivered => {
                    // Nothing has left yet, so the statement may start over on what is there now.
                    match self.restart.take() {
                        Some(restart) => self.restarting = Some(restart()),
                        None => return Some(Err(error)),
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T> fmt::Debug for Chunks<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").field("delivered", &self.delivered).finish_non_exhaustive()
    }
}

/// The window that bounds a queue, counted in bytes.
#[derive(Clone)]
struct Queue {
    window: Arc<Semaphore>,
    window_bytes: u32,
}

impl Queue {
    fn new(window: ByteSize) -> Queue {
        let window_bytes = u32::try_from(window.as_bytes()).unwrap_or(u32::MAX).max(1);
        let permits = usize::try_from(window_bytes).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Queue { window: Arc::new(Semaphore::new(permits)), window_bytes }
    }

    /// Waits until a piece of this size fits; one larger than the window waits for all of it.
    async fn share(&self, bytes: usize) -> OwnedSemaphorePermit {
        let share = u32::try_from(bytes).unwrap_or(u32::MAX).clamp(1, self.window_bytes);
        Arc::clone(&self.window).acquire_many_owned(share).await.expect("the window is never closed")
    }
}

enum Input {
    Ready(std::vec::IntoIter<RecordBatch>),
    Partition(Executable, usize),
}

/// Where the pieces of one partition go.
struct Out<T> {
    queue: Queue,
    taker: Arc<Taker>,
    sender: mpsc::UnboundedSender<Result<Queued<T>>>,
}

/// Moves one partition's rows into the queue, until they or the reader end.
async fn pump<T, I, E>(
    input: Input,
    schema: SchemaRef,
    mut lanes: Lanes<T, I, E>,
    Out { queue, taker, sender }: Out<T>,
) -> Result<()>
where
    T: Weigh + Send + 'static,
    I: Iterator<Item = Result<T>> + Send + 'static,
    E: Fn(RecordBatch) -> I + Send + Sync + 'static,
{
    let (mut batches, context, loan) = match input {
        Input::Ready(batches) => (futures::stream::iter(batches.map(Ok)).boxed(), None, None),
        Input::Partition(Executable { plan, context, loan, .. }, partition) => {
            let stream = plan.execute(partition, Arc::clone(&context)).map_err(from_datafusion)?;
            (stream.boxed(), Some(context), loan)
        }
    };
    let mut is_over = false;
    loop {
        let (has_room, has_some) = (!is_over && lanes.has_room(), !lanes.is_empty());
        let mut pieces = tokio::select! {
            // What is made goes first: the next batch may take its time.
            biased;
            pieces = lanes.pop(), if has_some => match pieces? {
                Some(pieces) => pieces,
                None => continue,
            },
            batch = next(&mut batches, &taker), if has_room => {
                match batch {
                    Some(batch) => {
                        let batch = batch.map_err(from_datafusion);
                        // Nothing is asked of a plan that has failed.
                        is_over = batch.is_err();
                        lanes.push(batch.and_then(|batch| named(batch, &schema, context.as_deref())));
                    }
                    None => {
                        is_over = true;
                        loan.iter().for_each(|loan| loan.end());
                    }
                }
                continue;
            }
            else => return Ok(()),
        };
        while let Some(piece) = pieces.next(&taker).await {
            let piece = piece?;
            let share = queue.share(piece.bytes()).await;
            taker.gave(piece.bytes());
            if sender.send(Ok(Queued { piece, _share: share })).is_err() {
                return Ok(());
            }
        }
    }
}

/// The next batch, computed in a turn. Dropping the future loses nothing.
async fn next(
    batches: &mut BoxStream<'_, datafusion::common::Result<RecordBatch>>,
    taker: &Taker,
) -> Option<datafusion::common::Result<RecordBatch>> {
    let _turn = taker.batch().await;
    batches.next().await
}

/// The batch with the answer's own column names, and with the names of what regclass and its kin stand for.
fn named(batch: RecordBatch, schema: &SchemaRef, context: Option<&TaskContext>) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = match context {
        Some(context) => with_reg_names(&batch, schema, context).map_err(from_datafusion)?,
        None => batch.columns().to_vec(),
    };
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|error| {
        Error::new(SqlState::INTERNAL_ERROR, format!("an answer is not of its own type: {error}"))
    })
}

/// Runs a pump so that its error, or its panic, is the last thing in the queue.
async fn contained<T>(
    pump: impl Future<Output = Result<()>>,
    sender: mpsc::UnboundedSender<Result<Queued<T>>>,
) {
    let error = match AssertUnwindSafe(pump).catch_unwind().await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(panic) => crate::error::from_panic(panic.as_ref()),
    };
    // The reader may be gone already; then nobody wants to know.
    let _ = sender.send(Err(error));
}
