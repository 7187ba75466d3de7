//! One client's session: its settings, its transaction, its statements.

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use lakeport_sql::types::PgType;

use crate::{Answer, Result, Running, Statement};

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

/// One client's session.
#[derive(Debug)]
pub struct Session {}

/// A statement that has been planned: what it wants and what it gives.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The types of its parameters, `$1` first.
    pub parameters: Vec<PgType>,
    /// The columns of its answer; none where it gives no rows. Names may repeat.
    pub columns: Option<SchemaRef>,
    /// The statement.
    pub statement: Statement,
}

impl Session {
    /// The number that cancel requests name; unique among open sessions.
    pub fn id(&self) -> i32 {
        todo!()
    }

    /// Takes a setting from the client's start-up message, where unknown names are let pass.
    ///
    /// # Errors
    ///
    /// 22023 where the value is no value of the setting.
    pub fn set_at_startup(&mut self, _name: &str, _value: &str) -> Result<()> {
        todo!()
    }

    /// The settings that clients are told of (ParameterStatus) and that changed since the last
    /// call; at the first call all of them.
    pub fn changed_settings(&mut self) -> Vec<(&'static str, String)> {
        todo!()
    }

    /// How values are written as text in this session now.
    pub fn style(&self) -> lakeport_sql::value::Style {
        todo!()
    }

    /// Where the transaction stands.
    pub fn transaction(&self) -> Transaction {
        todo!()
    }

    /// Notes that something failed: an open transaction is failed from here on.
    pub fn fail(&mut self) {
        todo!()
    }

    /// Splits a text into statements and reads each. Empty for a text without any.
    pub fn parse(&self, _text: &str) -> Result<Vec<Statement>> {
        todo!()
    }

    /// Makes a statement stoppable, and starts its timeout. One at a time.
    pub fn begin(&self) -> Running {
        todo!()
    }

    /// Plans a statement.
    ///
    /// `declared` are the types the client gave for `$1` and on; none where it left one open.
    /// Dropping the future loses nothing.
    pub async fn prepare(&mut self, _statement: Statement, _declared: &[Option<PgType>]) -> Result<Prepared> {
        todo!()
    }

    /// Starts a statement. `parameters` are arrays of one value each, of the Arrow type of
    /// [`PgType::arrow`] of the type that [`Prepared::parameters`] names.
    ///
    /// Dropping the future, or the answer, ends the statement.
    pub async fn execute(&mut self, _prepared: &Prepared, _parameters: Vec<ArrayRef>) -> Result<Answer> {
        todo!()
    }
}
