//! Execute: runs a portal, all of it or as many rows as the client wants now.
//!
//! The client's number is only ever compared with what has been sent; nothing is allocated by
//! it, and nothing is gathered up to it.

use std::mem;

use lakeport_base::SqlState;
use lakeport_engine::{Answer, Error, Prepared};
use pgwire::messages::extendedquery::PortalSuspended;
use pgwire::messages::response::EmptyQueryResponse;

use crate::codec::Execute;
use crate::conversation::{Conversation, Failure};
use crate::copy::CopyOut;
use crate::formats::Formats;
use crate::names::Progress;
use crate::rows::{Feed, Sent};
use crate::start::{complete, done};
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
        self.check_transaction(&prepared.statement.kind)?;
        // If anything fails from here on, the portal cannot be run again.
        let progress = mem::replace(&mut self.names.portal(&execute.portal)?.progress, Progress::Spent);
        if let Progress::Spent = progress {
            let message = format!("portal \"{}\" cannot be run", execute.portal);
            return Err(Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message).into());
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
        let closed = self.door.closed.clone();
        let running = self.session.begin();
        let stops = Stops { running: &running, closed: &closed };
        let mut feed = match progress {
            Progress::Bound(parameters) => match self.start(wire, &stops, prepared, parameters).await? {
                Answer::Done { tag, notices } => {
                    done(wire, tag, &notices);
                    return Ok(Progress::Spent);
                }
                Answer::Copy { rows, form, quoted } => {
                    // A COPY is sent whole, however few rows the client wants.
                    let style = self.session.style();
                    CopyOut { rows, form, quoted, style }.send(wire, &stops).await?;
                    return Ok(Progress::Spent);
                }
                Answer::Rows(rows) => Feed::start(rows, formats, self.session.style())?,
            },
            Progress::Suspended(feed) => feed,
            Progress::Ended(tag) => {
                complete(wire, tag, 0);
                return Ok(Progress::Ended(tag));
            }
            Progress::Spent => return Ok(Progress::Spent),
        };
        match feed.send(wire, &stops, wanted).await? {
            Sent::All(count) => {
                complete(wire, feed.tag, count);
                Ok(Progress::Ended(feed.tag))
            }
            Sent::Enough => {
                wire.put(&PortalSuspended::new());
                Ok(Progress::Suspended(feed))
            }
        }
    }
}
