//! Some rows of a batch, written column by column.
//!
//! A row's values lie far from each other in memory, a column's side by side. With many columns, or with values that are
//! quickly written, fetching them and choosing how each is written takes longer than writing it. So a column's values are
//! written for some rows at once, each behind its row's others, and the rows are copied one behind the other afterwards.

use std::ops::Range;

use lakeport_sql::value::{Column, Error, NULL, TakeTexts, Text};

use super::out::Out;

/// How many rows are written at once.
const ROWS: usize = 32;

/// The longest row that is written so, in bytes: copying a longer one costs more than is won.
const LINE_MAX: usize = 64 << 10;

/// Where the values of a column go.
pub(super) trait Lines {
    /// What the value of a row is written to, counted from 0 among the rows that are written.
    fn line(&mut self, index: usize) -> &mut Out;
}

/// All one behind the other.
impl Lines for Out {
    #[inline(always)]
    fn line(&mut self, _: usize) -> &mut Out {
        self
    }
}

/// Each to a line of its own.
impl Lines for [Out] {
    #[inline(always)]
    fn line(&mut self, index: usize) -> &mut Out {
        &mut self[index]
    }
}

/// Writes a column's values after their lengths.
pub(super) struct SizedTexts<'a, L: ?Sized> {
    column: &'a Column,
    first: usize,
    lines: &'a mut L,
}

impl<'a, L: Lines + ?Sized> SizedTexts<'a, L> {
    /// Of these rows, to these lines.
    pub(super) fn append(column: &'a Column, rows: Range<usize>, lines: &'a mut L) -> Result<(), Error> {
        column.texts(rows.clone(), &mut Self { column, first: rows.start, lines })
    }
}

impl<L: Lines + ?Sized> TakeTexts<'_> for SizedTexts<'_, L> {
    #[inline(always)]
    fn null(&mut self, row: usize) {
        self.lines.line(row - self.first).put(NULL);
    }

    #[inline(always)]
    fn take(&mut self, row: usize, text: Text<'_>) -> Result<(), Error> {
        self.lines.line(row - self.first).put_sized_text(text, self.column, row)
    }
}

/// Writes the values of rows, one column after the other.
pub(super) trait WriteLines {
    /// Writes what these rows have between the head and the end of their messages. What has been written before an error
    /// stays.
    ///
    /// # Errors
    ///
    /// Where a value cannot be sent, or a row is too long.
    fn write_lines<L: Lines + ?Sized>(&self, rows: Range<usize>, lines: &mut L) -> Result<(), Error>;
}

/// The rows of one batch, some of which have been written.
#[derive(Debug)]
pub(super) struct Strip {
    lines: Vec<Out>,
    /// Those that the lines hold.
    rows: Range<usize>,
    /// How many rows the batch has.
    end: usize,
}

impl Strip {
    /// Of a batch of so many rows.
    pub(super) fn new(end: usize) -> Self {
        /// Fewer rows than this are not worth the lines.
        const FEW_ROWS: usize = 4;
        let lines = if end < FEW_ROWS { 0 } else { ROWS.min(end) };
        Self { lines: (0..lines).map(|_| Out::line(LINE_MAX)).collect(), rows: 0..0, end }
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// As [`WriteLines::write_lines`].
    #[inline(always)]
    pub(super) fn write_row(
        &mut self,
        row: usize,
        columns: &impl WriteLines,
        out: &mut Out,
    ) -> Result<(), Error> {
        if !self.rows.contains(&row) && !self.lines.is_empty() {
            self.fill(row, columns);
        }
        match self.lines.get(row - self.rows.start) {
            Some(line) => out.put_slice(line.written()),
            None => columns.write_lines(row..row + 1, out)?,
        }
        Ok(())
    }

    /// Writes the rows from this one on. Where one of them fails or is too long, they and all that follow are written one
    /// by one: the error comes where it belongs.
    fn fill(&mut self, row: usize, columns: &impl WriteLines) {
        self.lines.iter_mut().for_each(|line| line.truncate(0));
        self.rows = row..self.end.min(row + self.lines.len());
        let written = columns.write_lines(self.rows.clone(), self.lines.as_mut_slice());
        if written.is_err() || self.lines.iter().any(Out::is_given_up) {
            self.lines = Vec::new();
            self.rows = 0..0;
        }
    }
}
