//! One client's session, from its first ReadyForQuery on.
//!
//! Reads a message, has it answered by the file of its verb, and keeps the protocol's promises
//! around that: answers come in order, an error skips the rest of a batch up to its Sync, and
//! each Query and each Sync gets exactly one ReadyForQuery.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lakeport_base::SqlState;
use lakeport_engine::{Error, Notification, Session, Transaction};
use pgwire::messages::response::{NotificationResponse, ReadyForQuery, TransactionStatus};
use pgwire::messages::startup::ParameterStatus;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::codec::{self, Message};
use crate::connection::{End, LAST_WORDS, going_down};
use crate::door::Door;
use crate::names::Names;
use crate::report::{self, Severity};
use crate::start::warn;
use crate::wire::{Gone, Wire};

/// How long a client may take to read what is no statement's rows. A guess; it matters only to one
/// that sends batches and reads nothing.
const STALL_MAX: Duration = Duration::from_secs(120);

/// Why a message has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The client is told, and may go on.
    Statement(Error),
    /// The connection is over.
    Connection(End),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // Whoever ends a statement because the server ends has ended the session with it.
        if error.sqlstate == SqlState::ADMIN_SHUTDOWN {
            return Self::Connection(End::Fatal(error));
        }
        Self::Statement(error)
    }
}

impl From<Gone> for Failure {
    fn from(gone: Gone) -> Self {
        Self::Connection(gone.into())
    }
}

/// One client's session.
pub(crate) struct Conversation {
    pub(crate) door: Arc<Door>,
    pub(crate) session: Session,
    pub(crate) names: Names,
    /// Cancelled when the session is to end at once: the server's end, or pg_terminate_backend.
    pub(crate) closed: CancellationToken,
    /// Something failed in a batch, and its Sync has not come yet.
    skipping: bool,
    /// The client has been told that its turn has come, and has sent nothing since.
    resting: bool,
    /// Numbers what the client asks, for the log.
    messages: u64,
    _seat: OwnedSemaphorePermit,
}

impl Conversation {
    /// A session of a client that has just logged in.
    pub(crate) fn new(door: Arc<Door>, session: Session, seat: OwnedSemaphorePermit) -> Self {
        let names = Names::new(
            usize::try_from(door.options.session_objects_max).unwrap_or(usize::MAX),
            session.objects(),
        );
        let closed = door.closed.child_token();
        session.ends_by(closed.clone());
        Self { door, session, names, closed, skipping: false, resting: false, messages: 0, _seat: seat }
    }

    /// Answers messages until the connection ends.
    pub(crate) async fn run(mut self, wire: &mut Wire) -> End {
        let mut going = self.ready(wire).await;
        loop {
            going = match going {
                Ok(()) => match self.next(wire).await {
                    Ok((kind, body)) => self.turn(wire, kind, body).await,
                    Err(end) => Err(end),
                },
                Err(end) => return end,
            }
        }
    }

    /// The next message; ends the session where it must not wait for one any longer.
    async fn next(&mut self, wire: &mut Wire) -> Result<(u8, Bytes), End> {
        let limit = self.door.options.idle_timeout;
        let idle = async move {
            match limit {
                Duration::ZERO => std::future::pending().await,
                limit => tokio::time::sleep(limit).await,
            }
        };
        tokio::pin!(idle);
        loop {
            let is_between = self.resting && self.session.transaction() == Transaction::Idle;
            tokio::select! {
                biased;
                () = self.closed.cancelled() => return Err(End::Fatal(going_down())),
                message = wire.message(self.door.options.message_max.as_usize()) => {
                    self.resting = false;
                    return Ok(message?);
                }
                () = self.door.closing.cancelled() => return Err(End::Fatal(going_down())),
                () = self.session.notified(), if is_between => {
                    self.tell(wire);
                    wire.flush_within(STALL_MAX).await?;
                }
                () = &mut idle => {
                    let message = "terminating connection due to idle-session timeout";
                    return Err(End::Fatal(Error::new(SqlState::IDLE_SESSION_TIMEOUT, message)));
                }
            }
        }
    }

    /// Tells the client what others have told on the channels that it listens to.
    fn tell(&mut self, wire: &mut Wire) {
        for Notification { session, channel, payload } in self.session.notifications() {
            wire.put(&NotificationResponse::new(session, channel, payload));
        }
    }

    /// Answers one message, or says why there is no answer.
    async fn turn(&mut self, wire: &mut Wire, kind: u8, body: Bytes) -> Result<(), End> {
        if self.skipping && !matches!(kind, b'S' | b'X') {
            return Ok(());
        }
        let answered = match codec::decode(kind, body) {
            Ok(message) => {
                self.messages += 1;
                let span = tracing::info_span!("statement", number = self.messages);
                self.answer(wire, message).instrument(span).await
            }
            Err(error) => Err(error.into()),
        };
        match answered {
            Ok(()) if wire.is_full() => wire.flush_within(STALL_MAX).await.map_err(End::from),
            Ok(()) => Ok(()),
            Err(Failure::Connection(end)) => Err(end),
            Err(Failure::Statement(error)) => self.failed(wire, kind, &error).await,
        }
    }

    async fn answer(&mut self, wire: &mut Wire, message: Message) -> Result<(), Failure> {
        match message {
            Message::Query(text) => {
                self.simple(wire, &text).await?;
                self.ready(wire).await.map_err(Failure::Connection)
            }
            Message::Parse(parse) => self.parse(wire, parse).await,
            Message::Bind(bind) => self.bind(wire, bind),
            Message::Describe(named) => self.describe(wire, &named),
            Message::Execute(execute) => self.execute(wire, execute).await,
            Message::Close(named) => {
                self.close(wire, &named);
                Ok(())
            }
            Message::Flush => Ok(wire.flush_within(STALL_MAX).await?),
            Message::Sync => {
                self.skipping = false;
                self.ready(wire).await.map_err(Failure::Connection)
            }
            Message::Terminate => Err(Failure::Connection(End::Gone)),
            Message::FunctionCall => {
                let message = "function calls by oid are not supported";
                Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).with_hint("Use SELECT.").into())
            }
            Message::Copy => Ok(()),
        }
    }

    /// Tells the client of an error, and goes on where the next answer is due.
    async fn failed(&mut self, wire: &mut Wire, kind: u8, error: &Error) -> Result<(), End> {
        // A client that was slow to read a piece is not waited for as long as another.
        let limit = if wire.cut() { LAST_WORDS } else { STALL_MAX };
        self.session.fail();
        if self.session.transaction() == Transaction::Idle {
            self.names.end_transaction(false);
        }
        warn(wire, &self.session.warnings());
        report::error(error, Severity::Error, wire.output());
        match kind {
            // These end with ReadyForQuery whatever happens; the others skip to the Sync that does.
            b'Q' | b'F' | b'S' => {
                self.skipping = false;
                wire.flush_within(limit).await?;
                self.ready(wire).await
            }
            _ => {
                self.skipping = true;
                Ok(wire.flush_within(limit).await?)
            }
        }
    }

    /// Tells the client what settings have changed, and that its turn has come.
    async fn ready(&mut self, wire: &mut Wire) -> Result<(), End> {
        for (name, value) in self.session.changed_settings() {
            wire.put(&ParameterStatus::new(name.to_owned(), value));
        }
        // What has been warned of and not been told was of a statement without rows to tell it behind.
        warn(wire, &self.session.warnings());
        let status = match self.session.transaction() {
            Transaction::Idle => {
                // A portal lives no longer than its transaction, be it one that nobody began.
                self.names.end_transaction(true);
                TransactionStatus::Idle
            }
            Transaction::Open => TransactionStatus::Transaction,
            Transaction::Failed => TransactionStatus::Error,
        };
        self.tell(wire);
        self.resting = true;
        wire.put(&ReadyForQuery::new(status));
        Ok(wire.flush_within(STALL_MAX).await?)
    }
}
