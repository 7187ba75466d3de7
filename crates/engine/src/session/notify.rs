//! LISTEN, NOTIFY and UNLISTEN: what a session tells others when its transaction commits, and what it is told.

use super::{Session, Transaction, done};
use crate::channels::{Notification, Pending};
use crate::{Answer, Result};

impl Session {
    pub(super) fn listen(&mut self, channel: &str) -> Result<Answer> {
        self.pending.listen(channel)?;
        self.commit_single()?;
        Ok(done("LISTEN"))
    }

    pub(super) fn unlisten(&mut self, channel: Option<&str>) -> Result<Answer> {
        self.pending.unlisten(channel)?;
        self.commit_single()?;
        Ok(done("UNLISTEN"))
    }

    pub(super) fn notify(&mut self, channel: &str, payload: &str) -> Result<Answer> {
        let (channel, payload) = (channel.to_owned(), payload.to_owned());
        self.pending.notify(Notification { session: self.entry.id, channel, payload })?;
        self.commit_single()?;
        Ok(done("NOTIFY"))
    }

    /// What functions of the last statement have told is told when the transaction commits.
    pub(super) fn told_by_functions(&mut self, mut told: Pending) {
        let told = told.commit(self.entry.mailbox()).unwrap_or_default();
        // They were checked when they were told; what there is no room for is not heard, which only a transaction can say.
        let noted = told.into_iter().try_for_each(|one| self.pending.notify(one));
        if let Err(error) = noted.and_then(|()| self.commit_single()) {
            tracing::warn!(reason = %error.message, "notifications of a function are not heard");
        }
    }

    /// A statement that is a transaction by itself has committed.
    fn commit_single(&mut self) -> Result<()> {
        if self.transaction == Transaction::Idle && !self.in_implicit() {
            return self.commit_told();
        }
        Ok(())
    }

    /// The transaction commits: others hear what it told.
    ///
    /// # Errors
    ///
    /// 54000 where one of those that listen does not read what it is told.
    pub(super) fn commit_told(&mut self) -> Result<()> {
        let told = self.pending.commit(self.entry.mailbox())?;
        self.shared.sessions.tell(&self.database, &told)
    }

    /// The transaction is undone, and what it told with it.
    pub(super) fn forget_told(&mut self) {
        self.pending = Pending::default();
    }

    /// What others have told on the channels that the session listens to, for its client: between transactions only.
    pub fn notifications(&mut self) -> Vec<Notification> {
        match self.transaction {
            Transaction::Idle => self.entry.mailbox().take(),
            Transaction::Open | Transaction::Failed => Vec::new(),
        }
    }

    /// Returns once something has been told that the client has not been sent.
    pub async fn notified(&self) {
        self.entry.mailbox().arrived().await;
    }
}
