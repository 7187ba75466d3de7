//! Takes connections, and closes the door well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lakeport_engine::Engine;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::connection;
use crate::door::Door;
use crate::options::Options;

/// Sockets that may be open beside the clients that are logged in: for logins on their way,
/// for cancel requests, and to tell those for whom there is no room that there is none. A guess.
const ANTEROOM: usize = 128;

/// How long a silent client is believed to be there before it is asked, and how often then.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long to wait after the system refuses a connection, so that its shortage of descriptors
/// does not become our busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long sessions get to say goodbye once they must end.
const GOODBYE: Duration = Duration::from_secs(6);

/// Numbers connections, for the log.
static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// Serves clients until `shutdown` is cancelled, and closes the door then: new clients are told so
/// (57P03), sessions that wait for their client end at once (57P01), those that run a statement
/// after it or when the grace period is over. Returns when all are closed.
pub async fn serve(listener: TcpListener, engine: Engine, options: Options, shutdown: CancellationToken) {
    let grace = options.shutdown_grace;
    let seats = usize::try_from(options.connections_max).unwrap_or(usize::MAX >> 4);
    let sockets = Arc::new(Semaphore::new((seats + ANTEROOM).min(Semaphore::MAX_PERMITS)));
    let door = Arc::new(Door::new(engine, options, shutdown.clone()));
    let tasks = TaskTracker::new();

    let closing = async {
        shutdown.cancelled().await;
        tasks.close();
        // New clients are told so until the last session has ended.
        let _ = tokio::time::timeout(grace, tasks.wait()).await;
    };
    tokio::select! {
        () = closing => {}
        () = accept(&listener, &door, &sockets, &tasks) => {}
    }
    drop(listener);
    door.closed.cancel();
    if tokio::time::timeout(GOODBYE, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections did not end in time");
    }
}

async fn accept(listener: &TcpListener, door: &Arc<Door>, sockets: &Arc<Semaphore>, tasks: &TaskTracker) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(reason = %error, "the system refused a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(socket) = sockets.clone().try_acquire_owned() else {
            tracing::info!(%peer, "no socket to spare, connection dropped");
            continue;
        };
        tune(&stream, peer);
        let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
        let span = tracing::info_span!("connection", id, %peer, user = tracing::field::Empty);
        let door = door.clone();
        let served = async move {
            let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            connection::serve(Box::new(stream), peer, door).await;
            drop(socket);
        };
        tasks.spawn(served.instrument(span));
    }
}

/// A client that is gone is noticed though it is silent, and answers leave at once. A socket on
/// which that cannot be set is already broken, and reading from it will tell.
fn tune(stream: &TcpStream, peer: SocketAddr) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
    let tuned = stream.set_nodelay(true).and_then(|()| SockRef::from(stream).set_tcp_keepalive(&keepalive));
    if let Err(error) = tuned {
        tracing::debug!(%peer, reason = %error, "socket could not be tuned");
    }
}
