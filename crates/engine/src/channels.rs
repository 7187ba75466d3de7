//! What sessions of one server tell each other: LISTEN, NOTIFY, and what waits for whom.
//!
//! A session says what it listens to and what it has to tell when its transaction commits; the door takes what has
//! arrived for its session between two transactions, as PostgreSQL sends it. Nothing leaves this server: another one over the
//! same config does not hear it.
//!
//! Invariant: no session keeps more than [`WAITING_MAX`] notifications that its client has not been sent.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lakeport_base::SqlState;
use tokio::sync::Notify;

use crate::{Error, Result};

/// Most notifications that wait for one session, or that one transaction holds until it commits. A guess: a client that
/// reads its messages has few waiting.
const WAITING_MAX: usize = 10_000;

/// Longest payload, in bytes, and longest name of a channel: PostgreSQL's `NOTIFY_PAYLOAD_MAX_LENGTH` and `NAMEDATALEN`.
const PAYLOAD_BYTES_MAX: usize = 7_999;
const CHANNEL_BYTES_MAX: usize = 63;

/// Most channels that a session may listen to. A guess.
const CHANNELS_MAX: usize = 1_000;

/// What one session tells those that listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Who tells it: the session's id.
    pub session: i32,
    /// On which channel.
    pub channel: String,
    /// What; empty where nothing was said.
    pub payload: String,
}

/// What is on its way to one session, and what it listens to.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    channels: BTreeSet<String>,
    waiting: VecDeque<Notification>,
}

impl Mailbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channels that its session listens to, sorted.
    pub(crate) fn channels(&self) -> Vec<String> {
        self.state().channels.iter().cloned().collect()
    }

    /// Whether there is room for so many more of this channel.
    pub(crate) fn has_room(&self, channel: &str, count: usize) -> bool {
        let state = self.state();
        !state.channels.contains(channel) || state.waiting.len() + count <= WAITING_MAX
    }

    /// Puts in what its session listens to.
    pub(crate) fn put(&self, notifications: &[Notification]) {
        let mut state = self.state();
        let State { channels, waiting } = &mut *state;
        let before = waiting.len();
        waiting.extend(notifications.iter().filter(|one| channels.contains(&one.channel)).cloned());
        if waiting.len() > before {
            self.arrived.notify_one();
        }
    }

    /// Takes out what has arrived.
    pub(crate) fn take(&self) -> Vec<Notification> {
        self.state().waiting.drain(..).collect()
    }

    /// Returns once something has arrived since the last time.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    fn change(&self, change: &Change) -> Result<()> {
        let mut state = self.state();
        match change {
            Change::Listen(channel) => {
                if state.channels.len() >= CHANNELS_MAX && !state.channels.contains(channel) {
                    let message = format!("a session may listen to {CHANNELS_MAX} channels at most");
                    return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message));
                }
                state.channels.insert(channel.clone());
            }
            Change::Unlisten(Some(channel)) => drop(state.channels.remove(channel)),
            Change::Unlisten(None) => state.channels.clear(),
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Change {
    Listen(String),
    Unlisten(Option<String>),
}

/// What a transaction does when it commits.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    changes: Vec<Change>,
    told: Vec<Notification>,
}

impl Pending {
    /// LISTEN
    pub(crate) fn listen(&mut self, channel: &str) -> Result<()> {
        self.change(Change::Listen(channel.to_owned()))
    }

    /// UNLISTEN of one channel, or of all.
    pub(crate) fn unlisten(&mut self, channel: Option<&str>) -> Result<()> {
        self.change(Change::Unlisten(channel.map(str::to_owned)))
    }

    fn change(&mut self, change: Change) -> Result<()> {
        if self.changes.len() >= WAITING_MAX {
            return Err(full());
        }
        self.changes.push(change);
        Ok(())
    }

    /// NOTIFY. The same again in one transaction is told once.
    ///
    /// # Errors
    ///
    /// 22023 for a channel or a payload that is none, 54000 for too many.
    pub(crate) fn notify(&mut self, notification: Notification) -> Result<()> {
        check(&notification.channel, &notification.payload)?;
        if self.told.contains(&notification) {
            return Ok(());
        }
        if self.told.len() >= WAITING_MAX {
            return Err(full());
        }
        self.told.push(notification);
        Ok(())
    }

    /// Where a savepoint stands, to go back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.changes.len(), self.told.len())
    }

    /// Goes back to a savepoint.
    pub(crate) fn go_back(&mut self, (changes, told): (usize, usize)) {
        self.changes.truncate(changes);
        self.told.truncate(told);
    }

    /// Makes the changes, and gives what is to be told.
    ///
    /// # Errors
    ///
    /// 54000 for too many channels.
    pub(crate) fn commit(&mut self, mailbox: &Mailbox) -> Result<Vec<Notification>> {
        let Pending { changes, told } = std::mem::take(self);
        changes.iter().try_for_each(|change| mailbox.change(change))?;
        Ok(told)
    }
}

/// Whether a channel and a payload may be told.
///
/// # Errors
///
/// 22023 where they may not.
pub(crate) fn check(channel: &str, payload: &str) -> Result<()> {
    let message = match (channel.len(), payload.len()) {
        (0, _) => "channel name cannot be empty",
        (length, _) if length > CHANNEL_BYTES_MAX => "channel name too long",
        (_, length) if length > PAYLOAD_BYTES_MAX => "payload string too long",
        _ => return Ok(()),
    };
    Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message))
}

/// 54000: somebody reads too slowly.
pub(crate) fn full() -> Error {
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "too many notifications in the NOTIFY queue")
}

#[cfg(test)]
mod tests {
    use super::{Mailbox, Notification, Pending, WAITING_MAX};

    fn note(channel: &str, payload: &str) -> Notification {
        Notification { session: 1, channel: channel.to_owned(), payload: payload.to_owned() }
    }

    #[test]
    fn what_a_session_listens_to_is_kept_for_it() {
        let mailbox = Mailbox::default();
        let mut pending = Pending::default();
        pending.listen("a").unwrap();
        mailbox.put(&[note("a", "too early")]);
        pending.commit(&mailbox).unwrap();
        mailbox.put(&[note("a", "1"), note("b", "2")]);
        assert_eq!(mailbox.take(), [note("a", "1")]);
        assert!(mailbox.take().is_empty());
        pending.unlisten(None).unwrap();
        pending.commit(&mailbox).unwrap();
        mailbox.put(&[note("a", "3")]);
        assert!(mailbox.take().is_empty());
    }

    #[test]
    fn the_same_is_told_once_and_savepoints_take_back() {
        let mut pending = Pending::default();
        pending.notify(note("a", "1")).unwrap();
        pending.notify(note("a", "1")).unwrap();
        let mark = pending.mark();
        pending.notify(note("a", "2")).unwrap();
        pending.go_back(mark);
        assert_eq!(pending.commit(&Mailbox::default()).unwrap(), [note("a", "1")]);
    }

    #[test]
    fn there_are_bounds() {
        let mut pending = Pending::default();
        let code = |result: crate::Result<()>| result.unwrap_err().sqlstate.code().to_owned();
        assert_eq!(code(pending.notify(note("", ""))), "22023");
        assert_eq!(code(pending.notify(note(&"x".repeat(64), ""))), "22023");
        assert_eq!(code(pending.notify(note("a", &"x".repeat(8_000)))), "22023");
        let mailbox = Mailbox::default();
        pending.listen("a").unwrap();
        pending.commit(&mailbox).unwrap();
        mailbox.put(&vec![note("a", "x"); WAITING_MAX]);
        assert!(!mailbox.has_room("a", 1));
        assert!(mailbox.has_room("b", 1));
    }
}
