//! Transactions: where one stands, what begins and what ends it.

use lakeport_base::SqlState;
use lakeport_sql::Statement;
use lakeport_sql::statement::Kind;

use super::{Session, done, warning};
use crate::views::ViewChanges;
use crate::{Answer, Error, Result};

/// Where a session's transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// None is open.
    Idle,
    /// Between BEGIN and COMMIT.
    Open,
    /// After an error in a transaction: all but ROLLBACK and COMMIT is refused (25P02).
    Failed,
}

impl Session {
    /// Where the transaction stands.
    pub fn transaction(&self) -> Transaction {
        self.transaction
    }

    /// Notes that something failed: an open transaction is failed from here on.
    pub fn fail(&mut self) {
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
    }

    /// Takes the statements that follow as one: what they set is undone if they end in an error.
    /// Nothing where a transaction is open.
    pub fn begin_implicit(&mut self) {
        if self.transaction == Transaction::Idle {
            self.settings.begin();
            self.implicit = true;
        }
    }

    /// Ends what [`Session::begin_implicit`] began, unless a BEGIN among the statements took it over.
    ///
    /// # Errors
    ///
    /// Where what was changed cannot be kept; it is undone then.
    pub async fn end_implicit(&mut self, committed: bool) -> Result<()> {
        if !std::mem::take(&mut self.implicit) {
            return Ok(());
        }
        let kept = if committed { self.commit_views().await } else { Ok(()) };
        self.view_changes = ViewChanges::default();
        self.settings.end(committed && kept.is_ok());
        kept
    }

    /// Whether statements without a BEGIN are undone together now.
    pub(crate) fn in_implicit(&self) -> bool {
        self.implicit
    }

    /// COMMIT. One that fails has rolled back.
    pub(super) async fn commit(&mut self, chain: bool) -> Result<Answer> {
        if self.transaction == Transaction::Open
            && let Err(error) = self.commit_views().await
        {
            self.end_transaction(false, false);
            return Err(error);
        }
        Ok(self.end_transaction(true, chain))
    }

    pub(super) fn begin_transaction(&mut self) -> Answer {
        if self.transaction != Transaction::Idle {
            let warning =
                warning(SqlState::ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
            return Answer::Done { tag: "BEGIN", notices: vec![warning] };
        }
        self.transaction = Transaction::Open;
        // What came before BEGIN in the same message belongs to the transaction, as in PostgreSQL.
        if !std::mem::take(&mut self.implicit) {
            self.settings.begin();
        }
        done("BEGIN")
    }

    pub(super) fn end_transaction(&mut self, commit: bool, chain: bool) -> Answer {
        let committed = commit && self.transaction != Transaction::Failed;
        let tag = if committed { "COMMIT" } else { "ROLLBACK" };
        if self.transaction == Transaction::Idle {
            let warning = warning(SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
            return Answer::Done { tag, notices: vec![warning] };
        }
        self.settings.end(committed);
        self.view_changes = ViewChanges::default();
        self.transaction = Transaction::Idle;
        if chain {
            self.begin_transaction();
        }
        done(tag)
    }

    pub(super) fn check_transaction(&self, statement: &Statement) -> Result<()> {
        let ends = matches!(statement.kind, Kind::Commit { .. } | Kind::Rollback { .. });
        if self.transaction == Transaction::Failed && !ends {
            return Err(Error::new(
                SqlState::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        Ok(())
    }
}
