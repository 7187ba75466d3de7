//! Starting a statement: what is the door's part in it, and what the session's.
//!
//! Prepared statements and portals are the door's, so the statements that name them act here
//! first; all else, their tags too, is the session's.

use arrow::array::ArrayRef;
use lakeport_base::SqlState;
use lakeport_engine::{Answer, Error, Kind, Prepared, Transaction};
use pgwire::messages::response::CommandComplete;

use crate::conversation::{Conversation, Failure};
use crate::report;
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Starts a statement.
    pub(crate) async fn start(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer, Failure> {
        match &prepared.statement.kind {
            Kind::Deallocate(Some(name)) => self.names.statement(name).map(|_| ())?,
            Kind::Close(Some(name)) => self.names.cursor(name)?,
            _ => {}
        }
        let answer = stops.race(wire, self.session.execute(prepared, parameters)).await?;
        match &prepared.statement.kind {
            Kind::Deallocate(Some(name)) => self.names.drop_statement(name),
            Kind::Deallocate(None) => self.names.drop_statements(),
            Kind::Close(Some(name)) => self.names.drop_portal(name),
            Kind::Close(None) | Kind::Commit { .. } | Kind::Rollback { .. } => self.names.drop_portals(),
            Kind::Discard(what) if what == "all" => {
                self.names.drop_portals();
                self.names.drop_statements();
            }
            _ => {}
        }
        Ok(answer)
    }

    /// In a failed transaction nothing goes on but its end: 25P02.
    pub(crate) fn check_transaction(&self, kind: &Kind) -> Result<(), Error> {
        if self.session.transaction() != Transaction::Failed
            || matches!(kind, Kind::Commit { .. } | Kind::Rollback { .. })
        {
            return Ok(());
        }
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        Err(Error::new(SqlState::IN_FAILED_SQL_TRANSACTION, message))
    }
}

/// Ends an answer without rows: what there is to say, and the tag.
pub(crate) fn done(wire: &mut Wire, tag: &str, notices: &[Error]) {
    for notice in notices {
        report::notice(notice, wire.output());
    }
    wire.put(&CommandComplete::new(tag.to_owned()));
}

/// Ends an answer with rows: the tag, with their count where the tag is one that counts.
pub(crate) fn complete(wire: &mut Wire, tag: &str, count: u64) {
    let tag = if matches!(tag, "SELECT" | "COPY") { format!("{tag} {count}") } else { tag.to_owned() };
    wire.put(&CommandComplete::new(tag));
}
