//! Columns aligned for the eye.
//!
//! Widths are measured on the first rows and kept for the rest, so that an answer of any length
//! is written as it comes.

use std::io::Write;

use anyhow::Result;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use lakeport_sql::types::{PgType, column_type};
use lakeport_sql::value::Style;
use unicode_width::UnicodeWidthStr;

use super::{Out, Writer, columns, put};

/// Rows that are measured before the first is written.
const MEASURED_ROWS: usize = 1_000;

/// Writes rows between bars, numbers to the right.
pub(super) struct Table {
    out: Out,
    style: Style,
    names: Vec<String>,
    right: Vec<bool>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
    rows: u64,
}

impl Table {
    pub(super) fn new(out: Out, schema: &SchemaRef, style: Style) -> Table {
        let numbers = [
            PgType::INT2,
            PgType::INT4,
            PgType::INT8,
            PgType::FLOAT4,
            PgType::FLOAT8,
            PgType::NUMERIC,
            PgType::OID,
        ];
        Table {
            out,
            style,
            names: schema.fields().iter().map(|field| field.name().clone()).collect(),
            right: schema
                .fields()
                .iter()
                .map(|field| numbers.contains(&column_type(field).pg_type))
                .collect(),
            waiting: Vec::new(),
            widths: None,
            rows: 0,
        }
    }

    fn head(&mut self) -> Result<()> {
        let mut widths: Vec<usize> = self.names.iter().map(|name| width(name)).collect();
        for row in &self.waiting {
            for (cell, most) in row.iter().zip(&mut widths) {
                *most = (*most).max(width(cell));
            }
        }
        let names: Vec<String> = self
            .names
            .iter()
            .zip(&widths)
            .map(|(name, most)| format!(" {name}{} ", space(*most, name)))
            .collect();
        let rule: Vec<String> = widths.iter().map(|most| "-".repeat(most + 2)).collect();
        put(&mut self.out, format!("{}\n{}\n", names.join("|").trim_end(), rule.join("+")).as_bytes())?;
        let waiting = std::mem::take(&mut self.waiting);
        self.widths = Some(widths);
        waiting.iter().try_for_each(|row| self.row(row))
    }

    fn row(&mut self, row: &[String]) -> Result<()> {
        let Some(widths) = &self.widths else { return Ok(()) };
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .zip(&self.right)
            .map(|((cell, most), right)| match right {
                true => format!(" {}{cell} ", space(*most, cell)),
                false => format!(" {cell}{} ", space(*most, cell)),
            })
            .collect();
        put(&mut self.out, format!("{}\n", cells.join("|").trim_end()).as_bytes())
    }
}

impl Writer for Table {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = columns(batch, &self.style)?;
        let mut text = Vec::new();
        for row in 0..batch.num_rows() {
            let mut cells = Vec::with_capacity(columns.len());
            for column in &columns {
                text.clear();
                if !column.is_null(row) {
                    column.write(row, &mut text)?;
                }
                // A line break or a control character in a value would break the table, or the terminal.
                cells.push(
                    String::from_utf8_lossy(&text)
                        .chars()
                        .map(|c| if c.is_control() { '␤' } else { c })
                        .collect(),
                );
            }
            self.rows += 1;
            if self.widths.is_some() {
                self.row(&cells)?;
                continue;
            }
            self.waiting.push(cells);
            if self.waiting.len() == MEASURED_ROWS {
                self.head()?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if self.widths.is_none() {
            self.head()?;
        }
        let count = format!("({} {})\n", self.rows, if self.rows == 1 { "row" } else { "rows" });
        put(&mut self.out, count.as_bytes())?;
        Ok(self.out.flush()?)
    }
}

fn width(text: &str) -> usize {
    text.width()
}

fn space(most: usize, text: &str) -> String {
    " ".repeat(most.saturating_sub(width(text)))
}
