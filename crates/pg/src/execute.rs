//! Execute: runs a portal, all of it or as many rows as the client wants now.
//!
//! The client's number is only ever compared with what has been sent; nothing is allocated by
//! it, and nothing is gathered up to it.

use std::mem;

use lakeport_engine::{Answer, Kind, Prepared};
use pgwire::messages::extendedquery::PortalSuspended;
use pgwire::messages::response::EmptyQueryResponse;

use crate::codec::Execute;
use crate::conversation::{Conversation, Failure};
use crate::copy::CopyOut;
use crate::cursor::{Cursor, Step};
use crate::fetch::cannot_be_run;
use crate::formats::Formats;
use crate::names::Progress;
use crate::start::{complete, done, warn};
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Runs a portal, or runs it on.
    pub(crate) async fn execute(&mut self, wire: &mut Wire, execute: Execute) -> Result<(), Failure> {
        let portal = self.names.portal(&execute.portal)?;
        let formats = portal.formats.clone();
        let Some(prepared) = portal.statement.clone() else {
            wire.put(&EmptyQueryResponse::new());
            return Ok(());
        };
        self.session.check_transaction(&prepared.statement.kind)?;
        // If anything fails from here on, the portal cannot be run again.
        let progress = mem::replace(&mut self.names.portal(&execute.portal)?.progress, Progress::Spent);
        if let Progress::Spent = progress {
            return Err(cannot_be_run(&execute.portal).into());
        }
        let wanted = u64::try_from(execute.rows_max).ok().filter(|rows| *rows > 0);
        let progress = self.advance(wire, &prepared, &formats, progress, wanted).await?;
        // The statement may have dropped its own portal, as DISCARD ALL does.
        if let Ok(portal) = self.names.portal(&execute.portal) {
            portal.progress = progress;
        }
        Ok(())
    }

    async fn advance(
        &mut self,
        wire: &mut Wire,
        prepared: &Prepared,
        formats: &Formats,
        progress: Progress,
        wanted: Option<u64>,
    ) -> Result<Progress, Failure> {
        let closed = self.closed.clone();
        let running = self.session.begin();
        let stops = Stops { running: &running, closed: &closed };
        let mut cursor = match (progress, &prepared.statement.kind) {
            (Progress::Open(cursor), _) => cursor,
            (Progress::Spent, _) => return Ok(Progress::Spent),
            (progress, Kind::Fetch(fetch)) => {
                let begun = if let Progress::Fetching(step) = progress { Some(step) } else { None };
                let left = self.execute_fetch(wire, &stops, fetch, formats, begun, wanted).await?;
                let Some(step) = left else {
                    return Ok(Progress::Fetching(Step { forward: true, count: Some(0) }));
                };
                wire.put(&PortalSuspended::new());
                return Ok(Progress::Fetching(step));
            }
            (Progress::Fetching(_), _) => return Ok(Progress::Spent),
            (Progress::Bound(parameters), _) => match self.start(wire, &stops, prepared, parameters).await? {
                Answer::Done { tag, notices } => {
                    done(wire, &tag, &notices);
                    return Ok(Progress::Spent);
                }
                Answer::Copy { rows, form, quoted } => {
                    // A COPY is sent whole, however few rows the client wants.
                    let style = self.session.style();
                    CopyOut { rows, form, quoted, style }.send(wire, &stops).await?;
                    return Ok(Progress::Spent);
                }
                Answer::Rows(rows) | Answer::Cursor(rows) => {
                    Box::new(Cursor::new(rows, formats, self.session.style())?)
                }
            },
        };
        cursor.write_as(formats, self.session.style())?;
        let count = cursor.send(wire, &stops, Step { forward: true, count: wanted }).await?;
        warn(wire, &self.session.warnings());
        if cursor.is_at_end() {
            complete(wire, cursor.tag, count);
        } else {
            wire.put(&PortalSuspended::new());
        }
        Ok(Progress::Open(cursor))
    }
}
