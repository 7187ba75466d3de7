//! A statement's work, and what may end it early.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use lakeport_engine::{Error, Running};
use tokio_util::sync::CancellationToken;

use crate::connection::{End, going_down};
use crate::conversation::Failure;
use crate::report;
use crate::wire::Wire;

/// What may end a statement early.
pub(crate) struct Stops<'a> {
    /// The client's wish and the statement's time.
    pub(crate) running: &'a Running,
    /// The server's end.
    pub(crate) closed: &'a CancellationToken,
}

impl Stops<'_> {
    /// Does a piece of a statement's work, unless the statement must stop or the client goes
    /// away: then the work is dropped, which ends it. A panic in it is an error like any other.
    pub(crate) async fn race<T>(
        &self,
        wire: &mut Wire,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            failure = self.stopped() => Err(failure),
            gone = wire.gone() => Err(gone.into()),
            done = AssertUnwindSafe(work).catch_unwind() => match done {
                Ok(done) => Ok(done?),
                Err(panic) => Err(report::panicked(panic.as_ref()).into()),
            },
        }
    }

    /// Writes all output, unless the statement must stop or the client goes away. What has been
    /// written when it stops is for [`Wire::cut`] to complete.
    pub(crate) async fn flush(&self, wire: &mut Wire) -> Result<(), Failure> {
        tokio::select! {
            biased;
            failure = self.stopped() => Err(failure),
            flushed = wire.flush_watching() => Ok(flushed?),
        }
    }

    async fn stopped(&self) -> Failure {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Failure::Connection(End::Fatal(going_down())),
            error = self.running.stopped() => error.into(),
        }
    }
}

/// Does work that takes no time worth stopping. A panic in it is an error like any other.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(report::panicked(panic.as_ref())))
}
