//! Ending a statement early: by the client's wish, by a timeout, by the server's end.

use tokio_util::sync::CancellationToken;

use crate::Error;

/// A statement on its way. While it lives, a cancel request reaches it; when it is dropped, a
/// cancel request that comes late finds nothing.
#[derive(Debug)]
pub struct Running {
    _token: CancellationToken,
}

impl Running {
    /// Waits until the statement must stop, and says why: cancelled, timed out (both 57014) or
    /// the server's end (57P01). Race it against every piece of the statement's work, writing
    /// included: `select! { error = running.stopped() => …, done = work => … }`. Dropping the
    /// work ends it.
    pub async fn stopped(&self) -> Error {
        todo!()
    }
}
