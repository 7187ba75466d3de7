//! FETCH and MOVE: rows of a cursor, whether DECLARE or Bind made it.

use std::mem;

use lakeport_base::SqlState;
use lakeport_engine::{Answer, Error};
use lakeport_sql::statement::{Direction, Fetch};

use crate::conversation::{Conversation, Failure};
use crate::cursor::{Cursor, Step};
use crate::describe::description;
use crate::encode::Format;
use crate::formats::Formats;
use crate::names::Progress;
use crate::start::complete;
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Answers a FETCH or MOVE of a Query message, its description included.
    pub(crate) async fn fetch(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        fetch: &Fetch,
    ) -> Result<(), Failure> {
        let binary = self.names.cursor(&fetch.cursor)?.binary;
        let formats = if binary { Formats::all(Format::Binary) } else { Formats::default() };
        let mut cursor = self.take_cursor(wire, stops, &fetch.cursor).await?;
        if fetch.moves {
            move_cursor(wire, stops, fetch.direction, &mut cursor).await?;
        } else {
            cursor.write_as(&formats, self.session.style())?;
            let step = cursor.seek(wire, stops, fetch.direction).await?;
            cursor.check(step)?;
            wire.put(&description(&cursor.columns, &formats));
            let count = cursor.send(wire, stops, step).await?;
            complete(wire, "FETCH", count);
        }
        self.give_back(&fetch.cursor, cursor);
        Ok(())
    }

    /// Runs a FETCH or MOVE that Bind has made a portal of, or runs it on: as many rows as are
    /// wanted now. Gives what is left of it; none where that is nothing.
    pub(crate) async fn execute_fetch(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        fetch: &Fetch,
        formats: &Formats,
        begun: Option<Step>,
        wanted: Option<u64>,
    ) -> Result<Option<Step>, Failure> {
        let mut cursor = self.take_cursor(wire, stops, &fetch.cursor).await?;
        if fetch.moves {
            move_cursor(wire, stops, fetch.direction, &mut cursor).await?;
            self.give_back(&fetch.cursor, cursor);
            return Ok(None);
        }
        cursor.write_as(formats, self.session.style())?;
        let step = match begun {
            Some(step) => step,
            None => cursor.seek(wire, stops, fetch.direction).await?,
        };
        let now = match (step.count, wanted) {
            (Some(count), Some(wanted)) => Some(count.min(wanted)),
            (count, wanted) => count.or(wanted),
        };
        let count = cursor.send(wire, stops, Step { count: now, ..step }).await?;
        self.give_back(&fetch.cursor, cursor);
        if wanted.is_some_and(|wanted| count == wanted) {
            return Ok(Some(step.less(count)));
        }
        complete(wire, "FETCH", count);
        Ok(None)
    }

    /// Takes a cursor out of its portal, which cannot be run until it is given back: if anything
    /// fails meanwhile it never can.
    async fn take_cursor(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        name: &str,
    ) -> Result<Box<Cursor>, Failure> {
        let portal = self.names.cursor(name)?;
        let (statement, formats) = (portal.statement.clone(), portal.formats.clone());
        match (mem::replace(&mut portal.progress, Progress::Spent), statement) {
            (Progress::Open(cursor), _) => Ok(cursor),
            (Progress::Bound(parameters), Some(prepared)) if prepared.columns.is_some() => {
                match self.start(wire, stops, &prepared, parameters).await? {
                    Answer::Rows(rows) => Ok(Box::new(Cursor::new(rows, &formats, self.session.style())?)),
                    _ => Err(cannot_be_run(name).into()),
                }
            }
            (progress, _) => {
                // The cursor is not touched: it is no cursor, or its own statement asks for it.
                self.names.cursor(name)?.progress = progress;
                Err(cannot_be_run(name).into())
            }
        }
    }

    fn give_back(&mut self, name: &str, cursor: Box<Cursor>) {
        if let Ok(portal) = self.names.cursor(name) {
            portal.progress = Progress::Open(cursor);
        }
    }
}

async fn move_cursor(
    wire: &mut Wire,
    stops: &Stops<'_>,
    direction: Direction,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    let count = match direction {
        Direction::Forward(Some(0)) | Direction::Backward(Some(0)) | Direction::Relative(0) => {
            u64::from(cursor.is_on_row())
        }
        _ => {
            let step = cursor.seek(wire, stops, direction).await?;
            cursor.pass(wire, stops, step).await?
        }
    };
    complete(wire, "MOVE", count);
    Ok(())
}

/// A portal that has failed, or gives no rows, or is running.
pub(crate) fn cannot_be_run(name: &str) -> Error {
    Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("portal \"{name}\" cannot be run"))
}
