//! Ending a statement early: by the client's wish or by its timeout.
//!
//! A cancel request names a session, not a statement, and may come at any moment. So a
//! session has one slot for the statement it runs; a request that finds the slot empty does
//! nothing, as in PostgreSQL.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lakeport_access::Identity;
use lakeport_base::SqlState;
use lakeport_catalog::SessionInfo;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::channels::{Mailbox, Notification, full};
use crate::{Error, Result};

/// The open sessions, by id.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    last: i32,
    slots: HashMap<i32, Arc<Slot>>,
}

/// What one session runs at the moment.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    running: Mutex<Option<CancellationToken>>,
    mailbox: Arc<Mailbox>,
    about: Mutex<About>,
}

/// What there is to say of a session. Times are microseconds from 1970.
#[derive(Debug, Default)]
struct About {
    user: String,
    superuser: bool,
    database: String,
    application: String,
    started: i64,
    query_started: Option<i64>,
    transaction_started: Option<i64>,
    changed: i64,
    state: &'static str,
    query: String,
    /// Where its client is.
    peer: Option<SocketAddr>,
    /// Ends the session.
    end: Option<CancellationToken>,
}

/// How much of a statement others see, in bytes: PostgreSQL's `track_activity_query_size`, whose last byte is a zero.
const QUERY_BYTES_MAX: usize = 1023;

impl Slot {
    fn about(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session's entry among the open ones. Dropping it frees the id.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: i32,
    slot: Arc<Slot>,
    sessions: Arc<Sessions>,
}

impl Sessions {
    /// Enters a session, under an id that no open session has.
    pub(crate) fn enter(self: &Arc<Self>) -> Entry {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Ids come round after two thousand million sessions; by then the old ones are gone,
        // and one that is not keeps its id.
        loop {
            open.last = open.last.checked_add(1).unwrap_or(1);
            if !open.slots.contains_key(&open.last) {
                break;
            }
        }
        let (id, slot) = (open.last, Arc::new(Slot::default()));
        open.slots.insert(id, Arc::clone(&slot));
        Entry { id, slot, sessions: Arc::clone(self) }
    }

    /// Cancels what the session runs, if there is such a session and it runs anything.
    pub(crate) fn cancel(&self, id: i32) {
        let slot = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.slots.get(&id).map(Arc::clone)
        };
        if let Some(slot) = slot
            && let Some(token) = &*slot.running.lock().unwrap_or_else(PoisonError::into_inner)
        {
            token.cancel();
        }
    }
}

impl Sessions {
    /// Whose a session is, and whether that is a superuser; none where there is no such session.
    pub(crate) fn owner(&self, id: i32) -> Option<(String, bool)> {
        let slot = self.slot(id)?;
        let about = slot.about();
        Some((about.user.clone(), about.superuser))
    }

    /// Ends a session; false where there is none, or none that can be ended.
    pub(crate) fn terminate(&self, id: i32) -> bool {
        let end = self.slot(id).and_then(|slot| slot.about().end.clone());
        end.inspect(CancellationToken::cancel).is_some()
    }

    /// The open sessions, by id; all as if everybody might see everything of them.
    pub(crate) fn all(&self) -> Vec<SessionInfo> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let info = |(id, slot): (&i32, &Arc<Slot>)| {
            let about = slot.about();
            SessionInfo {
                id: *id,
                user: about.user.clone(),
                database: about.database.clone(),
                application: about.application.clone(),
                peer: about.peer,
                started: about.started,
                query_started: about.query_started,
                transaction_started: about.transaction_started,
                changed: about.changed,
                state: about.state,
                query: about.query.clone(),
                visible: true,
            }
        };
        let mut all: Vec<SessionInfo> = open.slots.iter().map(info).collect();
        all.sort_unstable_by_key(|session| session.id);
        all
    }

    /// Tells all sessions of a database that listen.
    ///
    /// # Errors
    ///
    /// 54000 where there is no room for it with one of them; nobody is told then.
    pub(crate) fn tell(&self, database: &str, notifications: &[Notification]) -> Result<()> {
        if notifications.is_empty() {
            return Ok(());
        }
        // Held all the while, so that everybody hears two transactions in the same order.
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let listening: Vec<&Slot> =
            open.slots.values().map(AsRef::as_ref).filter(|slot| slot.about().database == database).collect();
        let has_room = |slot: &&Slot| {
            notifications.iter().all(|one| slot.mailbox.has_room(&one.channel, notifications.len()))
        };
        if !listening.iter().all(has_room) {
            return Err(full());
        }
        listening.iter().for_each(|slot| slot.mailbox.put(notifications));
        Ok(())
    }

    /// What a session listens to.
    pub(crate) fn channels(&self, id: i32) -> Vec<String> {
        self.slot(id).map(|slot| slot.mailbox.channels()).unwrap_or_default()
    }

    fn slot(&self, id: i32) -> Option<Arc<Slot>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).slots.get(&id).map(Arc::clone)
    }
}

impl Entry {
    /// Says whose the session is.
    pub(crate) fn belongs_to(&self, identity: &Identity, database: &str) {
        let mut about = self.slot.about();
        about.user = identity.user.clone();
        about.superuser = identity.superuser;
        about.database = database.to_owned();
        about.started = now();
        (about.state, about.changed) = ("idle", about.started);
    }

    /// Says where the session's client is.
    pub(crate) fn comes_from(&self, peer: SocketAddr) {
        self.slot.about().peer = Some(peer);
    }

    /// What is on its way to the session.
    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.slot.mailbox
    }

    /// Says what ends the session.
    pub(crate) fn ends_by(&self, token: CancellationToken) {
        self.slot.about().end = Some(token);
    }

    /// A statement is on its way.
    pub(crate) fn note(&self, query: &str, application: String) {
        let mut about = self.slot.about();
        about.query = query[..query.floor_char_boundary(QUERY_BYTES_MAX)].to_owned();
        about.application = application;
        (about.state, about.changed) = ("active", now());
        about.query_started = Some(about.changed);
        about.transaction_started = about.transaction_started.or(about.query_started);
    }

    /// The session waits for its client, in this state.
    pub(crate) fn rest(&self, state: &'static str) {
        let mut about = self.slot.about();
        (about.state, about.changed) = (state, now());
        if state == "idle" {
            about.transaction_started = None;
        }
    }

    /// Makes the session's next statement reachable for cancel requests, and starts its clock.
    pub(crate) fn begin(&self, timeout: Option<Duration>) -> Running {
        let token = CancellationToken::new();
        *self.slot.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Running { token, deadline: timeout.map(|limit| Instant::now() + limit), slot: Arc::clone(&self.slot) }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.sessions.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.slots.remove(&self.id);
        drop(open);
        lakeport_catalog::release_locks(self.id);
    }
}

/// A statement on its way. While it lives, a cancel request reaches it; when it is dropped, a
/// cancel request that comes late finds nothing.
#[derive(Debug)]
pub struct Running {
    token: CancellationToken,
    deadline: Option<Instant>,
    slot: Arc<Slot>,
}

impl Running {
    /// Waits until the statement must stop, and says why: cancelled or timed out, both 57014.
    ///
    /// Race it against every piece of the statement's work, writing included:
    /// `select! { error = running.stopped() => …, done = work => … }`. Dropping the work ends it.
    pub async fn stopped(&self) -> Error {
        let timeout = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let reason = tokio::select! {
            biased;
            () = self.token.cancelled() => "canceling statement due to user request",
            () = timeout => "canceling statement due to statement timeout",
        };
        Error::new(SqlState::QUERY_CANCELED, reason)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.slot.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Microseconds from 1970.
fn now() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use lakeport_base::SqlState;

    use super::Sessions;

    #[tokio::test]
    async fn a_cancel_reaches_the_statement_that_runs() {
        let sessions = Arc::new(Sessions::default());
        let entry = sessions.enter();
        let running = entry.begin(None);
        sessions.cancel(entry.id);
        assert_eq!(running.stopped().await.sqlstate, SqlState::QUERY_CANCELED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancel_that_comes_between_statements_hits_neither() {
        let sessions = Arc::new(Sessions::default());
        let entry = sessions.enter();
        drop(entry.begin(None));
        sessions.cancel(entry.id);
        let running = entry.begin(None);
        assert!(tokio::time::timeout(Duration::from_secs(3600), running.stopped()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_stops_when_its_time_is_over() {
        let sessions = Arc::new(Sessions::default());
        let running = sessions.enter().begin(Some(Duration::from_secs(5)));
        let error = running.stopped().await;
        assert_eq!(error.message, "canceling statement due to statement timeout");
    }

    #[test]
    fn ids_of_closed_sessions_are_free_again() {
        let sessions = Arc::new(Sessions::default());
        let (first, second) = (sessions.enter(), sessions.enter());
        assert_ne!(first.id, second.id);
        drop(first);
        assert_eq!(sessions.open.lock().unwrap().slots.len(), 1);
    }
}
