//! The threads that storage and computing run on, apart from the door's sockets.
//!
//! A batch that takes long to compute must not keep a socket or a store waiting, so each has a
//! pool of its own. Blocking work belongs on none of them.

use std::sync::Arc;

use lakeport_base::SqlState;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::error::from_panic;
use crate::{Error, Result};

/// Threads that wait for stores; they decode nothing, so few are enough.
const STORAGE_THREADS: usize = 2;

/// The stack of a computing thread. Planning recurses over expressions and plans; the parser's
/// bounds are set so that what they let through fits.
const COMPUTE_STACK_BYTES: usize = 16 << 20;

/// The two pools. Cheap to clone; the threads end with the last clone.
#[derive(Debug, Clone)]
pub(crate) struct Runtimes {
    storage: Arc<Pool>,
    compute: Arc<Pool>,
}

#[derive(Debug)]
struct Pool(Option<Runtime>);

impl Runtimes {
    /// Starts the threads.
    pub(crate) fn start() -> Result<Runtimes> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Runtimes {
            storage: Arc::new(Pool::start("storage", STORAGE_THREADS, 2 << 20)?),
            compute: Arc::new(Pool::start("compute", cores, COMPUTE_STACK_BYTES)?),
        })
    }

    /// Where stores are waited for.
    pub(crate) fn storage(&self) -> &Handle {
        self.storage.handle()
    }

    /// Where plans are made and batches computed and encoded.
    pub(crate) fn compute(&self) -> &Handle {
        self.compute.handle()
    }

    /// Does work on the computing threads; a panic there is an error here. Dropping the future ends the work.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let task = AbortOnDropHandle::new(self.compute().spawn(work.in_current_span()));
        match task.await {
            Ok(result) => result,
            Err(failure) if failure.is_panic() => Err(from_panic(failure.into_panic().as_ref())),
            Err(_) => Err(Error::new(SqlState::ADMIN_SHUTDOWN, "the server is going down")),
        }
    }
}

impl Pool {
    fn start(name: &str, threads: usize, stack_bytes: usize) -> Result<Pool> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name(name)
            .thread_stack_size(stack_bytes)
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(
                    SqlState::INSUFFICIENT_RESOURCES,
                    format!("the {name} threads cannot be started: {error}"),
                )
            })?;
        Ok(Pool(Some(runtime)))
    }

    fn handle(&self) -> &Handle {
        self.0.as_ref().expect("the runtime is taken only by drop").handle()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Waiting for threads is not allowed where this may be dropped, inside another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
