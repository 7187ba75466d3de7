//! Where a cursor stands in its rows, and how it moves.
//!
//! A portal that gives rows is a cursor, whether Bind or DECLARE made it: Execute moves it forward,
//! FETCH and MOVE as they say. The rules of where it stands after each move are PostgreSQL's.
//!
//! Source: `DoPortalRunFetch` and `PortalRunSelect` in PostgreSQL's `pquery.c`.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use lakeport_base::SqlState;
use lakeport_engine::{Error, Rows};
use lakeport_sql::statement::Direction;
use lakeport_sql::value::Style;

use crate::conversation::Failure;
use crate::formats::Formats;
use crate::rows::{Coding, Feed};
use crate::wire::Wire;
use crate::work::Stops;

/// What is left to do of a FETCH or a MOVE: to go on so many rows, or all of them, to one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// To the end, and not to the beginning.
    pub(crate) forward: bool,
    /// How many rows; all of them without a number.
    pub(crate) count: Option<u64>,
}

impl Step {
    /// What is left when so many rows have been given.
    pub(crate) fn less(self, given: u64) -> Self {
        Self { count: self.count.map(|count| count.saturating_sub(given)), ..self }
    }
}

/// Rows, and where one stands in them.
pub(crate) struct Cursor {
    /// The tag's word.
    pub(crate) tag: &'static str,
    /// The columns.
    pub(crate) columns: SchemaRef,
    feed: Feed,
    /// It stands before the first row.
    at_start: bool,
    /// It stands behind the last row.
    at_end: bool,
    /// The number of the row it stands on, from 1; behind the last row the number of that.
    position: u64,
}

impl Cursor {
    /// Rows that nobody has asked for, which are given once.
    pub(crate) fn new(rows: Rows, formats: &Formats, style: Style) -> Result<Self, Error> {
        Self::of(rows, formats, style, Feed::new)
    }

    /// Rows that nobody has asked for, which can be given again and backward.
    pub(crate) fn scrolling(rows: Rows, formats: &Formats, style: Style) -> Result<Self, Error> {
        Self::of(rows, formats, style, Feed::keeping)
    }

    fn of(
        rows: Rows,
        formats: &Formats,
        style: Style,
        feed: impl FnOnce(Rows, Arc<Coding>) -> Feed,
    ) -> Result<Self, Error> {
        let (tag, columns) = (rows.tag, rows.schema.clone());
        let feed = feed(rows, Coding::new(&columns, formats, style)?);
        Ok(Self { tag, columns, feed, at_start: true, at_end: false, position: 0 })
    }

    /// From here on rows are written like this.
    pub(crate) fn write_as(&mut self, formats: &Formats, style: Style) -> Result<(), Error> {
        self.feed.write_as(&self.columns, formats, style)
    }

    /// Whether it goes backward too.
    pub(crate) fn is_scrolling(&self) -> bool {
        self.feed.keeps()
    }

    /// Whether all rows have been given.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Goes where FETCH or MOVE begins to give rows, and says which those are.
    pub(crate) async fn seek(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        direction: Direction,
    ) -> Result<Step, Failure> {
        match direction {
            Direction::Forward(Some(0)) | Direction::Backward(Some(0)) | Direction::Relative(0) => {
                self.again(wire, stops).await
            }
            Direction::Forward(None) => Ok(Step { forward: true, count: None }),
            Direction::Backward(None) => Ok(Step { forward: false, count: None }),
            Direction::Forward(Some(count)) => {
                Ok(Step { forward: count > 0, count: Some(count.unsigned_abs()) })
            }
            Direction::Backward(Some(count)) => {
                Ok(Step { forward: count < 0, count: Some(count.unsigned_abs()) })
            }
            Direction::Relative(count) => {
                let step = Step { forward: count > 0, count: Some(count.unsigned_abs() - 1) };
                self.pass(wire, stops, step).await?;
                Ok(Step { count: Some(1), ..step })
            }
            Direction::Absolute(count) => self.absolute(wire, stops, count).await,
        }
    }

    /// To the row that it stands on, once more.
    async fn again(&mut self, wire: &mut Wire, stops: &Stops<'_>) -> Result<Step, Failure> {
        if self.at_start || self.at_end {
            return Ok(Step { forward: true, count: Some(0) });
        }
        self.pass(wire, stops, Step { forward: false, count: Some(1) }).await?;
        Ok(Step { forward: true, count: Some(1) })
    }

    async fn absolute(&mut self, wire: &mut Wire, stops: &Stops<'_>, count: i64) -> Result<Step, Failure> {
        let row = count.unsigned_abs();
        if count > 0 {
            let here = self.here();
            let step = if row - 1 <= self.position / 2 {
                self.rewind()?;
                Step { forward: true, count: Some(row - 1) }
            } else if row <= here {
                Step { forward: false, count: Some(here - row + 1) }
            } else {
                Step { forward: true, count: Some(row - here - 1) }
            };
            self.pass(wire, stops, step).await?;
            return Ok(Step { forward: true, count: Some(1) });
        }
        if count == 0 {
            self.rewind()?;
            return Ok(Step { forward: true, count: Some(0) });
        }
        self.pass(wire, stops, Step { forward: true, count: None }).await?;
        self.pass(wire, stops, Step { forward: false, count: Some(row - 1) }).await?;
        Ok(Step { forward: false, count: Some(1) })
    }

    /// MOVE 0 only says whether the cursor stands on a row.
    pub(crate) fn is_on_row(&self) -> bool {
        !self.at_start && !self.at_end
    }

    fn rewind(&mut self) -> Result<(), Error> {
        if self.at_start && !self.at_end {
            return Ok(());
        }
        if !self.feed.keeps() {
            return Err(only_forward());
        }
        (self.at_start, self.at_end, self.position) = (true, false, 0);
        Ok(())
    }

    /// Whether it can go to that side: 55000 where it cannot.
    pub(crate) fn check(&self, step: Step) -> Result<(), Error> {
        if step.forward || self.feed.keeps() { Ok(()) } else { Err(only_forward()) }
    }

    /// Sends the rows of a step, and says how many there were.
    pub(crate) async fn send(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        step: Step,
    ) -> Result<u64, Failure> {
        self.check(step)?;
        if !step.forward {
            let rows = self.before(step);
            if rows > 0 {
                // Rows are counted from 1 here and from 0 there, and the first is the one before this.
                self.feed.send_again(wire, stops, self.here() - 2, rows, false).await?;
            }
            return Ok(self.went_back(step, rows));
        }
        if self.at_end || step.count == Some(0) {
            return Ok(0);
        }
        let again = self.again_before(step);
        self.feed.send_again(wire, stops, self.position, again, true).await?;
        let sent = again + self.feed.send(wire, stops, step.less(again).count).await?;
        Ok(self.went_on(step, sent))
    }

    /// Passes over the rows of a step, and says how many there were.
    pub(crate) async fn pass(
        &mut self,
        wire: &mut Wire,
        stops: &Stops<'_>,
        step: Step,
    ) -> Result<u64, Failure> {
        self.check(step)?;
        if !step.forward {
            return Ok(self.went_back(step, self.before(step)));
        }
        if self.at_end || step.count == Some(0) {
            return Ok(0);
        }
        let again = self.again_before(step);
        let passed = again + self.feed.skip(wire, stops, step.less(again).count).await?;
        Ok(self.went_on(step, passed))
    }

    /// How many rows of a step forward have been given before.
    fn again_before(&self, step: Step) -> u64 {
        let again = self.feed.at() - self.position;
        step.count.map_or(again, |count| count.min(again))
    }

    fn went_on(&mut self, step: Step, rows: u64) -> u64 {
        self.at_start &= rows == 0;
        self.at_end = step.count.is_none_or(|count| rows < count);
        self.position += rows;
        rows
    }

    /// The number of the row that it stands on, from 1; behind the last row one more than that has.
    fn here(&self) -> u64 {
        self.position + u64::from(self.at_end)
    }

    /// How many rows a step backward finds.
    fn before(&self, step: Step) -> u64 {
        if self.at_start {
            return 0;
        }
        let before = self.here().saturating_sub(1);
        step.count.map_or(before, |count| count.min(before))
    }

    fn went_back(&mut self, step: Step, rows: u64) -> u64 {
        if self.at_start || step.count == Some(0) {
            return 0;
        }
        self.position = self.here();
        self.at_end &= rows == 0;
        if step.count.is_none_or(|count| rows < count) {
            (self.at_start, self.position) = (true, 0);
        } else {
            self.position -= rows;
        }
        rows
    }
}

fn only_forward() -> Error {
    Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "cursor can only scan forward")
        .with_hint("Declare it with SCROLL option to enable backward scan.")
}
