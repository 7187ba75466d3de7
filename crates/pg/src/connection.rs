//! One connection from its first byte to its last.
//!
//! Greeting, login, session. What goes wrong before the session is fatal, always: there is no way
//! from an error of the login to a session.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use lakeport_base::SqlState;
use lakeport_engine::Error;

use crate::cancel::Secret;
use crate::conversation::Conversation;
use crate::door::Door;
use crate::login::login;
use crate::report::{self, Severity};
use crate::startup::{Hello, greet};
use crate::wire::{Broken, Gone, Stream, Wire};

/// How long a client gets to read the last words. A guess.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(5);

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client is not there any more, or said goodbye: there is nobody to tell.
    Gone,
    /// The client is told why.
    Fatal(Error),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Broken> for End {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Gone => Self::Gone,
            Broken::Violation(error) => Self::Fatal(error),
        }
    }
}

/// Serves one connection; `peer` is where the client is.
pub(crate) async fn serve(stream: Box<dyn Stream>, peer: SocketAddr, door: Arc<Door>) {
    let mut wire = Wire::new(stream);
    let end = match AssertUnwindSafe(run(&mut wire, peer, &door)).catch_unwind().await {
        Ok(end) => end,
        Err(panic) => End::Fatal(report::panicked(panic.as_ref())),
    };
    if let End::Fatal(error) = end {
        wire.cut();
        report::error(&error, Severity::Fatal, wire.output());
    }
    wire.close_within(LAST_WORDS).await;
    tracing::debug!("connection closed");
}

async fn run(wire: &mut Wire, peer: SocketAddr, door: &Arc<Door>) -> End {
    let opened = tokio::time::timeout(door.options.startup_timeout, open(wire, peer, door));
    let opened = tokio::select! {
        biased;
        () = door.closed.cancelled() => Err(End::Fatal(going_down())),
        opened = opened => opened.unwrap_or_else(|_| {
            tracing::info!("login took too long");
            Err(End::Gone)
        }),
    };
    match opened {
        Ok(Some((conversation, _secret))) => conversation.run(wire).await,
        Ok(None) => End::Gone,
        Err(end) => end,
    }
}

/// Up to the first ReadyForQuery; none where the client came for something else than a session.
async fn open(
    wire: &mut Wire,
    peer: SocketAddr,
    door: &Arc<Door>,
) -> Result<Option<(Conversation, Secret)>, End> {
    let (hello, secured) = greet(wire, door.options.tls.as_ref()).await?;
    let startup = match hello {
        Hello::Session(startup) => startup,
        Hello::Cancel { id, secret } => {
            cancel(door, peer.ip(), id, &secret).await;
            return Ok(None);
        }
    };
    tracing::Span::current().record("user", tracing::field::debug(&startup.user));
    if door.closing.is_cancelled() {
        let message = "the database system is shutting down";
        return Err(End::Fatal(Error::new(SqlState::CANNOT_CONNECT_NOW, message)));
    }
    let opened = login(wire, peer, door, startup, secured.as_ref()).await?;
    Ok(Some(opened))
}

/// Ends the statement of another session, if the secret is right. Says nothing either way.
async fn cancel(door: &Door, peer: IpAddr, id: i32, secret: &[u8]) {
    // One name for all requests of an address, and none that a user can have.
    const GUESSER: &str = "\0cancel";
    door.throttle.hold(peer, GUESSER).await;
    if door.secrets.fits(id, secret) {
        door.throttle.succeeded(peer, GUESSER);
        tracing::debug!(session = id, "cancel requested");
        door.engine.cancel(id);
    } else {
        door.throttle.failed(peer, GUESSER);
        tracing::debug!(session = id, "wrong cancel request");
    }
}

/// The server's end is the session's.
pub(crate) fn going_down() -> Error {
    Error::new(SqlState::ADMIN_SHUTDOWN, "terminating connection due to administrator command")
}
