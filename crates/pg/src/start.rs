//! Starting a statement: what is the door's part in it, and what the session's.
//!
//! Prepared statements and portals are the door's, so the statements that name them act here
//! first; all else, their tags too, is the session's.

use std::sync::Arc;

use arrow::array::ArrayRef;
use lakeport_engine::{Answer, Error, Kind, Prepared};
use lakeport_sql::statement::Declare;
use pgwire::messages::response::CommandComplete;

use crate::conversation::{Conversation, Failure};
use crate::cursor::Cursor;
use crate::formats::Formats;
use crate::names::{Life, Portal, Progress};
use crate::report;
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Starts a statement other than FETCH and MOVE.
    pub(crate) async fn start(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer, Failure> {
        match &prepared.statement.kind {
            Kind::Deallocate(Some(name)) => self.names.statement(name).map(|_| ())?,
            Kind::Close(Some(name)) => self.names.cursor(name).map(|_| ())?,
            Kind::Declare(declare) => self.names.check_cursor(&declare.name)?,
            _ => {}
        }
        let answer = stops.race(wire, self.session.execute(prepared, parameters)).await?;
        match &prepared.statement.kind {
            Kind::Deallocate(Some(name)) => self.names.drop_statement(name),
            Kind::Deallocate(None) => self.names.drop_statements(),
            Kind::Close(Some(name)) => self.names.drop_portal(name),
            Kind::Close(None) => self.names.drop_portals(),
            Kind::Commit { .. } | Kind::Rollback { .. } => {
                let committed = matches!(&answer, Answer::Done { tag, .. } if tag == "COMMIT");
                self.names.end_transaction(committed);
            }
            Kind::Release(_) => self.names.release_to(self.session.savepoints()),
            Kind::RollbackTo(_) => self.names.rollback_to(self.session.savepoints()),
            Kind::Declare(declare) => return self.declare(declare, prepared, answer),
            Kind::Discard(what) if what == "all" => {
                self.names.drop_portals();
                self.names.drop_statements();
            }
            _ => {}
        }
        Ok(answer)
    }

    /// Keeps the rows of DECLARE under the cursor's name.
    fn declare(&mut self, declare: &Declare, prepared: &Prepared, answer: Answer) -> Result<Answer, Failure> {
        let Answer::Cursor(rows) = answer else { return Ok(answer) };
        let columns = Some(rows.schema.clone());
        let formats = Formats::default();
        let cursor = Cursor::new(rows, &formats, self.session.style())?;
        let life = Life::Transaction { savepoints: self.session.savepoints(), hold: declare.hold };
        let portal = Portal {
            statement: Some(Arc::new(prepared.clone())),
            formats,
            columns,
            binary: declare.binary,
            life,
            progress: Progress::Open(Box::new(cursor)),
        };
        self.names.add_portal(declare.name.clone(), portal)?;
        Ok(Answer::Done { tag: "DECLARE CURSOR".into(), notices: Vec::new() })
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
    let tag = match tag {
        "SELECT" | "INSERT 0" | "UPDATE" | "DELETE" | "FETCH" | "MOVE" | "COPY" => format!("{tag} {count}"),
        _ => tag.to_owned(),
    };
    wire.put(&CommandComplete::new(tag));
}
