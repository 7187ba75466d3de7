//! Transactions: where one stands, what begins and what ends it, and its savepoints.

use std::mem;
use std::sync::Arc;

use lakeport_base::SqlState;
use lakeport_sql::statement::{Kind, Set};

use super::{Session, done, warning};
use crate::plan::Pins;
use crate::settings::Saved;
use crate::temp::TempSet;
use crate::views::ViewChanges;
use crate::{Answer, Error, Result};

/// Most savepoints that a transaction may hold. A guess: PostgreSQL's tools hold one or two.
const SAVEPOINTS_MAX: usize = 10_000;

/// Most that the settings and views remembered for savepoints may take, in bytes. A guess: many times what
/// a session has that sets something between any two savepoints.
const SAVED_BYTES_MAX: usize = 16 << 20;

/// What a temporary table takes in a list of them, in bytes, but for its rows, which are accounted for by
/// themselves. A guess.
const TABLE_BYTES: usize = 256;

/// Where a session's transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// None is open.
    Idle,
    /// Between BEGIN and COMMIT.
    Open,
    /// After an error in a transaction: all but its end and ROLLBACK TO is refused (25P02).
    Failed,
}

/// Statements that are one transaction without a BEGIN, as those of one message are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Implicit {
    /// There are none.
    No,
    /// One statement.
    Single,
    /// Several: what needs a transaction may stand among them.
    Block,
}

/// A place in a transaction to go back to.
#[derive(Debug)]
pub(super) struct Savepoint {
    name: String,
    settings: Saved,
    views: ViewChanges,
    temp: TempSet,
    /// Where what the transaction tells others stood.
    told: (usize, usize),
    /// What the settings, the changed views and the list of temporary tables of this and of all savepoints before it take, in bytes.
    saved_bytes: usize,
}

impl Session {
    /// Where the transaction stands.
    pub fn transaction(&self) -> Transaction {
        self.transaction
    }

    /// How many savepoints there are now. What is made behind the last of them is gone once the
    /// transaction is rolled back to it.
    pub fn savepoints(&self) -> usize {
        self.savepoints.len()
    }

    /// Notes that something failed: an open transaction is failed from here on.
    pub fn fail(&mut self) {
        self.forget_noted();
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
    }

    /// Takes so many statements that follow as one: what they set is undone if they end in an
    /// error. Nothing where a transaction is open.
    pub fn begin_implicit(&mut self, statements: usize) {
        if self.transaction == Transaction::Idle {
            self.settings.begin();
            self.temp.begin();
            self.forget();
            self.implicit = if statements > 1 { Implicit::Block } else { Implicit::Single };
        }
    }

    /// Ends what [`Session::begin_implicit`] began, unless a BEGIN among the statements took it over.
    ///
    /// # Errors
    ///
    /// Where what was changed cannot be kept; it is undone then.
    pub async fn end_implicit(&mut self, committed: bool) -> Result<()> {
        if committed {
            self.take_noted();
        }
        if mem::replace(&mut self.implicit, Implicit::No) == Implicit::No {
            return Ok(());
        }
        let kept = if committed { self.commit_views().await } else { Ok(()) };
        let kept = kept.and_then(|()| if committed { self.commit_told() } else { Ok(()) });
        self.forget_told();
        self.view_changes = ViewChanges::default();
        self.settings.end(committed && kept.is_ok());
        self.temp.end(committed && kept.is_ok());
        kept
    }

    /// Whether statements without a BEGIN are undone together now.
    pub(crate) fn in_implicit(&self) -> bool {
        self.implicit != Implicit::No
    }

    /// COMMIT. One that fails has rolled back.
    pub(super) async fn commit(&mut self, chain: bool) -> Result<Answer> {
        let keeps = self.transaction == Transaction::Open || (self.is_block() && !chain);
        if keeps && self.transaction != Transaction::Failed {
            let kept = self.commit_views().await;
            if let Err(error) = kept.and_then(|()| self.commit_told()) {
                self.end_transaction(false, false)?;
                return Err(error);
            }
        }
        self.end_transaction(true, chain)
    }

    /// What the transaction holds on to; none where each statement sees what the lake holds then.
    pub(crate) fn pins_now(&self) -> Option<Arc<Pins>> {
        let repeats = || {
            let isolation = self.settings.show("transaction_isolation").unwrap_or_default();
            matches!(isolation.as_str(), "repeatable read" | "serializable")
        };
        (self.is_block() && repeats()).then(|| Arc::clone(&self.pins))
    }

    /// Nothing has been seen in the transaction that begins.
    fn forget(&mut self) {
        self.pins = Arc::default();
        self.queried = false;
    }

    /// SET TRANSACTION, and SET SESSION CHARACTERISTICS.
    pub(super) fn set_transaction(&mut self, sets: &[Set]) -> Result<Answer> {
        let own = |set: &Set| set.name.starts_with("transaction_");
        if sets.iter().any(own) && !self.is_block() {
            let message = "SET TRANSACTION can only be used in transaction blocks";
            let notices = vec![warning(SqlState::NO_ACTIVE_SQL_TRANSACTION, message)];
            return Ok(Answer::Done { tag: "SET".into(), notices });
        }
        for set in sets {
            let now = self.settings.show(&set.name)?;
            if own(set) && set.value.as_ref() != Some(&now) {
                self.may_set(&set.name)?;
            }
            self.settings.set(&set.name, set.value.as_deref(), set.local)?;
        }
        Ok(done("SET"))
    }

    /// Whether the transaction can still be set to something else.
    fn may_set(&self, name: &str) -> Result<()> {
        let (what, says_must) = match name {
            "transaction_isolation" => ("SET TRANSACTION ISOLATION LEVEL", "must be called before any query"),
            "transaction_deferrable" => {
                ("SET TRANSACTION [NOT] DEFERRABLE", "must be called before any query")
            }
            // Read only may be said at any time.
            _ if self.settings.show(name)? == "off" => return Ok(()),
            _ => ("transaction read-write mode", "must be set before any query"),
        };
        let refused = |why: &str| Err(Error::new(SqlState::ACTIVE_SQL_TRANSACTION, format!("{what} {why}")));
        if self.queried {
            return refused(says_must);
        }
        match name {
            _ if self.savepoints.is_empty() => Ok(()),
            "transaction_isolation" => refused("must not be called in a subtransaction"),
            "transaction_deferrable" => refused("cannot be called within a subtransaction"),
            _ => Err(Error::new(
                SqlState::ACTIVE_SQL_TRANSACTION,
                "cannot set transaction read-write mode inside a read-only transaction",
            )),
        }
    }

    /// Whether several statements are one now: in a transaction, or in a message of several.
    pub(super) fn is_block(&self) -> bool {
        self.transaction != Transaction::Idle || self.implicit == Implicit::Block
    }

    /// Whether what needs several statements to be one may be done now.
    ///
    /// # Errors
    ///
    /// 25P01 outside of a transaction.
    pub fn require_block(&self, what: &str) -> Result<()> {
        if self.is_block() {
            return Ok(());
        }
        Err(only_in_blocks(what))
    }

    pub(super) fn begin_transaction(&mut self, tag: &'static str, modes: &[Set]) -> Result<Answer> {
        let mut notices = Vec::new();
        if self.transaction == Transaction::Idle {
            self.transaction = Transaction::Open;
            // What came before BEGIN in the same message belongs to the transaction, as in PostgreSQL.
            if mem::replace(&mut self.implicit, Implicit::No) == Implicit::No {
                self.settings.begin();
                self.temp.begin();
                self.forget();
            }
        } else {
            let message = "there is already a transaction in progress";
            notices.push(warning(SqlState::ACTIVE_SQL_TRANSACTION, message));
        }
        for mode in modes {
            self.settings.set(&mode.name, mode.value.as_deref(), mode.local)?;
        }
        Ok(Answer::Done { tag: tag.into(), notices })
    }

    /// COMMIT where `commit`, ROLLBACK otherwise.
    pub(super) fn end_transaction(&mut self, commit: bool, chain: bool) -> Result<Answer> {
        if self.transaction == Transaction::Idle {
            return self.end_none(commit, chain);
        }
        let committed = commit && self.transaction != Transaction::Failed;
        let modes = self.settings.transaction_modes();
        self.settings.end(committed);
        self.temp.end(committed);
        self.view_changes = ViewChanges::default();
        self.forget_told();
        self.savepoints.clear();
        self.forget();
        self.transaction = Transaction::Idle;
        if chain {
            self.begin_transaction("BEGIN", &modes)?;
        }
        Ok(done(if committed { "COMMIT" } else { "ROLLBACK" }))
    }

    fn end_none(&mut self, commit: bool, chain: bool) -> Result<Answer> {
        let tag = if commit { "COMMIT" } else { "ROLLBACK" };
        if chain {
            return Err(only_in_blocks(&format!("{tag} AND CHAIN")));
        }
        if self.implicit == Implicit::Block {
            // What came before in the same message ends here, and what follows begins anew.
            self.settings.end(commit);
            self.temp.end(commit);
            self.view_changes = ViewChanges::default();
            self.forget_told();
            self.settings.begin();
            self.temp.begin();
            self.forget();
        }
        let warning = warning(SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        Ok(Answer::Done { tag: tag.into(), notices: vec![warning] })
    }

    pub(super) fn savepoint(&mut self, name: &str) -> Result<Answer> {
        self.require_transaction("SAVEPOINT")?;
        let settings = self.settings.save();
        let before = self.savepoints.last();
        let same_settings = before.is_some_and(|before| before.settings.is_same(&settings));
        let same_views = before.is_some_and(|before| before.views.is_same(&self.view_changes));
        let temp = self.temp.now();
        let same_tables = before.is_some_and(|before| Arc::ptr_eq(&before.temp, &temp));
        let saved_bytes = before.map_or(0, |before| before.saved_bytes)
            + name.len()
            + if same_settings { 0 } else { settings.bytes() }
            + if same_views { 0 } else { self.view_changes.bytes() }
            + if same_tables { 0 } else { temp.len() * TABLE_BYTES };
        if self.savepoints.len() >= SAVEPOINTS_MAX || saved_bytes > SAVED_BYTES_MAX {
            return Err(Error::new(
                SqlState::PROGRAM_LIMIT_EXCEEDED,
                format!(
                    "a transaction may hold {SAVEPOINTS_MAX} savepoints, and {SAVED_BYTES_MAX} bytes of settings and views in them"
                ),
            ));
        }
        let views = self.view_changes.clone();
        let told = self.pending.mark();
        self.savepoints.push(Savepoint { name: name.to_owned(), settings, views, temp, told, saved_bytes });
        Ok(done("SAVEPOINT"))
    }

    pub(super) fn release(&mut self, name: &str) -> Result<Answer> {
        self.require_transaction("RELEASE SAVEPOINT")?;
        let index = self.find_savepoint(name)?;
        self.savepoints.truncate(index);
        Ok(done("RELEASE"))
    }

    pub(super) fn rollback_to(&mut self, name: &str) -> Result<Answer> {
        self.require_transaction("ROLLBACK TO SAVEPOINT")?;
        let index = self.find_savepoint(name)?;
        self.savepoints.truncate(index + 1);
        let Savepoint { settings, views, temp, told, .. } = &self.savepoints[index];
        self.pending.go_back(*told);
        self.temp.restore(Arc::clone(temp));
        self.settings.restore(settings);
        self.view_changes = views.clone();
        self.transaction = Transaction::Open;
        Ok(done("ROLLBACK"))
    }

    /// The last savepoint of this name; names may repeat.
    fn find_savepoint(&self, name: &str) -> Result<usize> {
        self.savepoints.iter().rposition(|savepoint| savepoint.name == name).ok_or_else(|| {
            let message = format!("savepoint \"{name}\" does not exist");
            Error::new(SqlState::INVALID_SAVEPOINT_SPECIFICATION, message)
        })
    }

    /// Statements of one message are no transaction that has savepoints.
    fn require_transaction(&self, what: &str) -> Result<()> {
        if self.transaction == Transaction::Idle {
            return Err(only_in_blocks(what));
        }
        Ok(())
    }

    /// Whether a statement may run as the transaction stands.
    ///
    /// # Errors
    ///
    /// 25P02 in a failed transaction, for all that neither ends it nor goes back in it.
    pub fn check_transaction(&self, kind: &Kind) -> Result<()> {
        let mends = matches!(kind, Kind::Commit { .. } | Kind::Rollback { .. } | Kind::RollbackTo(_));
        if self.transaction == Transaction::Failed && !mends {
            return Err(Error::new(
                SqlState::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        Ok(())
    }
}

fn only_in_blocks(what: &str) -> Error {
    let message = format!("{what} can only be used in transaction blocks");
    Error::new(SqlState::NO_ACTIVE_SQL_TRANSACTION, message)
}
