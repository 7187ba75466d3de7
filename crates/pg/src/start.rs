//! Starting a statement: what is the door's part in it, and what the session's.
//!
//! Prepared statements and portals are the door's, so the statements that name them act here
//! first; all else, their tags too, is the session's.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use lakeport_base::SqlState;
use lakeport_engine::{Answer, Error, Kind, Prepared, Statement};
use lakeport_sql::statement::{Declare, Prepare};
use lakeport_sql::types::PgType;
use lakeport_sql::value::Style;
use pgwire::messages::response::CommandComplete;

use crate::conversation::{Conversation, Failure};
use crate::cursor::Cursor;
use crate::encode::{self, Format};
use crate::formats::Formats;
use crate::names::{Life, Portal, Progress};
use crate::report;
use crate::wire::Wire;
use crate::work::{Stops, contained};

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
            Kind::Prepare(prepare) => self.prepare_by_name(wire, stops, &prepared.statement, prepare).await,
            Kind::Execute(execute) => {
                let named = self.executed(&execute.name)?;
                let arguments = self.session.arguments(&prepared.statement, execute, &named);
                let arguments = stops.race(wire, arguments).await?;
                let style = self.session.style();
                let parameters = contained(|| numerics(arguments, &named, &style))?;
                self.start_one(wire, stops, &named, parameters).await
            }
            _ => self.start_one(wire, stops, prepared, parameters).await,
        }
    }

    /// PREPARE: a statement of the same names as those that Parse makes.
    async fn prepare_by_name(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        statement: &Statement,
        prepare: &Prepare,
    ) -> Result<Answer, Failure> {
        let kind = prepare.kind.as_ref().clone();
        let statement = Statement { kind, ..statement.clone() };
        let prepared = stops.race(wire, self.session.prepare(statement, &prepare.types)).await?;
        self.names.reserve_statement(&prepare.name)?;
        self.names.set_statement(prepare.name.clone(), Some(Arc::new(prepared)), true);
        Ok(Answer::Done { tag: "PREPARE".into(), notices: Vec::new() })
    }

    /// The statement that EXECUTE names: 26000 where there is none.
    fn executed(&self, name: &str) -> Result<Arc<Prepared>, Error> {
        let refused = |what| {
            let message = format!("EXECUTE of {what} is not supported");
            Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message))
        };
        match self.names.statement(name)? {
            None => refused("an empty statement"),
            Some(named) => match &named.statement.kind {
                Kind::Execute(_) | Kind::Prepare(_) => refused("EXECUTE and PREPARE"),
                Kind::Fetch(_) => refused("FETCH and MOVE"),
                _ => Ok(Arc::clone(named)),
            },
        }
    }

    async fn start_one(
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
        let make = if declare.scroll { Cursor::scrolling } else { Cursor::new };
        let cursor = make(rows, &formats, self.session.style())?;
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

/// Reads those arguments of EXECUTE that are numerics, and come as text.
fn numerics(arguments: Vec<ArrayRef>, named: &Prepared, style: &Style) -> Result<Vec<ArrayRef>, Error> {
    let read = |(argument, pg_type): (ArrayRef, &PgType)| match argument.as_string_opt::<i32>() {
        Some(text) if *pg_type == PgType::NUMERIC => {
            let text = (!text.is_null(0)).then(|| text.value(0).as_bytes());
            encode::decode(text, Format::Text, *pg_type, style)
        }
        _ => Ok(argument),
    };
    arguments.into_iter().zip(&named.parameters).map(read).collect()
}

/// Says what there is to say beside an answer.
pub(crate) fn warn(wire: &mut Wire, notices: &[Error]) {
    for notice in notices {
        report::notice(notice, wire.output());
    }
}

/// Ends an answer without rows: what there is to say, and the tag.
pub(crate) fn done(wire: &mut Wire, tag: &str, notices: &[Error]) {
    warn(wire, notices);
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
