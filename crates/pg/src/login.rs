//! The login: who the client is, and the session that gives.
//!
//! Nothing but a password message is taken before the client is known, and every error is fatal.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use lakeport_access::{Identity, Verifier};
use lakeport_base::SqlState;
use lakeport_engine::Error;
use pgwire::messages::startup::{Authentication, BackendKeyData, NegotiateProtocolVersion};
use rand::TryRngCore;
use rand::rngs::OsRng;
use tokio::sync::OwnedSemaphorePermit;

use crate::body::{Body, violation};
use crate::cancel::Secret;
use crate::connection::End;
use crate::conversation::Conversation;
use crate::door::Door;
use crate::scram::{Exchange, NONCE_SIZE, Outcome, SCRAM, SCRAM_PLUS};
use crate::startup::{PROTOCOL_NEWEST, Startup};
use crate::tls::Secured;
use crate::wire::Wire;

/// The longest message of a client that has not logged in yet. Source: `PG_MAX_AUTH_TOKEN_LENGTH`.
const MESSAGE_MAX: usize = 65_535;

/// The first version of the protocol with long secrets for cancel requests: 3.2.
const PROTOCOL_LONG_SECRET: i32 = 3 << 16 | 2;

/// Logs a client in, and opens its session up to the first ReadyForQuery, which is not sent yet.
pub(crate) async fn login(
    wire: &mut Wire,
    peer: SocketAddr,
    door: &Arc<Door>,
    startup: Startup,
    secured: Option<&Secured>,
) -> Result<(Conversation, Secret), End> {
    negotiate(wire, &startup);
    let identity = identify(wire, peer.ip(), door, &startup.user, secured).await?;
    let seat = seat(door).map_err(End::Fatal)?;
    let mut session = door.engine.session(identity, &startup.database).map_err(End::Fatal)?;
    session.comes_from(peer);
    for (name, value) in &startup.settings {
        session.set_at_startup(name, value).map_err(End::Fatal)?;
    }
    let secret =
        door.secrets.make(session.id(), startup.protocol >= PROTOCOL_LONG_SECRET).ok_or_else(no_random)?;
    wire.put(&Authentication::Ok);
    // ReadyForQuery, and in front of it the settings, are what a conversation begins with.
    wire.put(&BackendKeyData::new(session.id(), secret.key()));
    tracing::info!(session = session.id(), "logged in");
    Ok((Conversation::new(door.clone(), session, seat), secret))
}

/// Tells a client that asks for more than there is what there is.
fn negotiate(wire: &mut Wire, startup: &Startup) {
    if startup.protocol > PROTOCOL_NEWEST || !startup.extensions.is_empty() {
        let protocol = startup.protocol.min(PROTOCOL_NEWEST);
        wire.put(&NegotiateProtocolVersion::new(protocol, startup.extensions.clone()));
    }
}

/// A seat among the clients that are logged in.
fn seat(door: &Door) -> Result<OwnedSemaphorePermit, Error> {
    door.seats.clone().try_acquire_owned().map_err(|_| {
        Error::new(SqlState::TOO_MANY_CONNECTIONS, "sorry, too many clients already")
            .with_hint("The limit is limits.connections in the server's configuration.")
    })
}

/// Finds out who the client is.
async fn identify(
    wire: &mut Wire,
    peer: IpAddr,
    door: &Door,
    user: &str,
    secured: Option<&Secured>,
) -> Result<Identity, End> {
    let access = door.engine.access();
    if let Some(identity) = access.trusted(user) {
        return if peer.is_loopback() {
            Ok(identity)
        } else {
            Err(refused("a server without users takes connections from its own machine only"))
        };
    }
    if secured.is_none() && !peer.is_loopback() {
        return Err(refused("connections from other machines must use TLS"));
    }
    let login = access.login(user);
    let outcome = scram(wire, secured, &login.verifier).await?;
    door.throttle.hold(peer, user).await;
    match (outcome, login.identity) {
        (Outcome::Proven(proof), Some(identity)) => {
            door.throttle.succeeded(peer, user);
            wire.put(&Authentication::SASLFinal(proof.into()));
            Ok(identity)
        }
        _ => {
            door.throttle.failed(peer, user);
            let message = format!("password authentication failed for user \"{user}\"");
            Err(End::Fatal(Error::new(SqlState::INVALID_PASSWORD, message)))
        }
    }
}

/// Speaks SCRAM with the client, over a verifier that may be a mock.
async fn scram(wire: &mut Wire, secured: Option<&Secured>, verifier: &Verifier) -> Result<Outcome, End> {
    let binding = secured.and_then(|secured| secured.binding.as_deref());
    let mut mechanisms = vec![SCRAM.to_owned()];
    if binding.is_some() {
        mechanisms.insert(0, SCRAM_PLUS.to_owned());
    }
    wire.put(&Authentication::SASL(mechanisms));
    let mut nonce = [0; NONCE_SIZE];
    OsRng.try_fill_bytes(&mut nonce).map_err(|_| no_random())?;

    let mut first = Body::new(answer(wire).await?);
    let plus = match first.text().map_err(End::Fatal)?.as_str() {
        SCRAM => false,
        SCRAM_PLUS if binding.is_some() => true,
        _ => return Err(End::Fatal(violation("client selected an invalid SASL authentication mechanism"))),
    };
    let message = first.value().map_err(End::Fatal)?.unwrap_or_default();
    let exchange = Exchange::begin(text(&message)?, plus, binding, verifier, nonce).map_err(End::Fatal)?;
    wire.put(&Authentication::SASLContinue(Bytes::copy_from_slice(exchange.server_first().as_bytes())));

    let last = answer(wire).await?;
    exchange.finish(text(&last)?, verifier).map_err(End::Fatal)
}

/// The client's next message, which must be one of the login.
async fn answer(wire: &mut Wire) -> Result<Bytes, End> {
    wire.flush().await?;
    match wire.message(MESSAGE_MAX).await? {
        (b'p', body) => Ok(body),
        // Who goes away without a word has asked for nothing.
        (b'X', _) => Err(End::Gone),
        (kind, _) => Err(End::Fatal(violation(format!("expected SASL response, got message type {kind}")))),
    }
}

fn text(bytes: &[u8]) -> Result<&str, End> {
    std::str::from_utf8(bytes).map_err(|_| End::Fatal(violation("malformed SCRAM message")))
}

fn refused(message: &str) -> End {
    End::Fatal(Error::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, message))
}

fn no_random() -> End {
    End::Fatal(Error::new(SqlState::INTERNAL_ERROR, "the system gives no random numbers"))
}
