//! What all connections of the door share.

use std::sync::Arc;

use lakeport_engine::Engine;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::cancel::Secrets;
use crate::options::Options;
use crate::throttle::Throttle;

/// What all connections of the door share.
pub(crate) struct Door {
    /// Answers the statements.
    pub(crate) engine: Engine,
    /// What the door was told.
    pub(crate) options: Options,
    /// Room for clients that are logged in.
    pub(crate) seats: Arc<Semaphore>,
    /// Proofs for cancel requests.
    pub(crate) secrets: Arc<Secrets>,
    /// Slows down who guesses passwords or secrets.
    pub(crate) throttle: Throttle,
    /// The door is to close: no new sessions, and those that wait for their client end.
    pub(crate) closing: CancellationToken,
    /// The grace period is over: every session ends.
    pub(crate) closed: CancellationToken,
}

impl Door {
    /// An open door.
    pub(crate) fn new(engine: Engine, options: Options, closing: CancellationToken) -> Self {
        Self {
            engine,
            seats: Arc::new(Semaphore::new(
                usize::try_from(options.connections_max).unwrap_or(usize::MAX >> 3),
            )),
            options,
            secrets: Arc::default(),
            throttle: Throttle::default(),
            closing,
            closed: CancellationToken::new(),
        }
    }
}
