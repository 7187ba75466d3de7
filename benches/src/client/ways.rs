//! The ways that clients ask for many rows.

use std::time::Duration;

use anyhow::{Result, bail};

use super::connection::{Client, Clock};

/// A way to ask for all rows of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One Query; all rows at once, as text.
    Simple,
    /// Parse, Bind, Execute without a row limit; all values binary.
    Binary,
    /// DECLARE, then FETCH so many until there are none; text. What psqlODBC and psycopg's named cursors do.
    Cursor(u32),
    /// Execute with this row limit until the portal ends, each with a Sync; text. What pgjdbc does with a fetch size.
    Portal(u32),
    /// COPY … TO STDOUT with these options.
    Copy(&'static str),
}

/// What came back, and when.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// Rows.
    pub rows: u64,
    /// Bytes, with the headers of messages.
    pub bytes: u64,
    /// From the request to the first row.
    pub first: Duration,
    /// From the request to the end.
    pub total: Duration,
}

impl Received {
    /// Rows a second.
    pub fn rows_per_second(&self) -> f64 {
        self.rows as f64 / self.total.as_secs_f64()
    }

    /// Rows a second, counted from the first row on.
    pub fn rows_per_second_from_the_first(&self) -> f64 {
        self.rows as f64 / (self.total - self.first).as_secs_f64().max(1e-9)
    }
}

impl Client {
    /// Reads all rows of a query in this way.
    ///
    /// # Errors
    ///
    /// The server's, or where it sent another number of rows than it told.
    pub fn read_all(&mut self, way: Way, sql: &str) -> Result<Received> {
        let mut clock = Clock::start();
        let rows = match way {
            Way::Simple => self.at_once(&query(sql), &mut clock)?,
            Way::Binary => {
                let request = [parse(sql), bind(1), execute(0), message(b'S', &[])].concat();
                self.at_once(&request, &mut clock)?
            }
            Way::Copy(options) => {
                self.at_once(&query(&format!("COPY ({sql}) TO STDOUT{options}")), &mut clock)?
            }
            Way::Cursor(count) => self.by_cursor(sql, count, &mut clock)?,
            Way::Portal(count) => self.by_portal(sql, count, &mut clock)?,
        };
        let total = clock.start.elapsed();
        Ok(Received { rows, bytes: clock.bytes, first: clock.first.unwrap_or(total), total })
    }

    fn at_once(&mut self, request: &[u8], clock: &mut Clock) -> Result<u64> {
        let seen = self.ask(request, clock)?;
        if clock.gave_up {
            return Ok(seen.rows);
        }
        let told: u64 = seen.tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
        // COPY in binary has a message for its end, and maybe one for its header.
        if !(told..=told + 2).contains(&seen.rows) {
            bail!("{} rows came, and the tag is {}", seen.rows, seen.tag);
        }
        Ok(told)
    }

    fn by_cursor(&mut self, sql: &str, count: u32, clock: &mut Clock) -> Result<u64> {
        self.ask(&query("BEGIN"), clock)?;
        self.ask(&query(&format!("DECLARE extract CURSOR FOR {sql}")), clock)?;
        let fetch = query(&format!("FETCH {count} FROM extract"));
        let mut rows = 0;
        loop {
            let fetched = self.ask(&fetch, clock)?.rows;
            rows += fetched;
            if clock.gave_up {
                return Ok(rows);
            }
            if fetched == 0 {
                break;
            }
        }
        self.ask(&query("COMMIT"), clock)?;
        Ok(rows)
    }

    fn by_portal(&mut self, sql: &str, count: u32, clock: &mut Clock) -> Result<u64> {
        self.ask(&query("BEGIN"), clock)?;
        let next = [execute(count), message(b'S', &[])].concat();
        let mut seen = self.ask(&[parse(sql), bind(0), next.clone()].concat(), clock)?;
        let mut rows = seen.rows;
        while seen.suspended && !clock.gave_up {
            seen = self.ask(&next, clock)?;
            rows += seen.rows;
        }
        if !clock.gave_up {
            self.ask(&query("COMMIT"), clock)?;
        }
        Ok(rows)
    }
}

/// A Query.
pub(super) fn query(sql: &str) -> Vec<u8> {
    message(b'Q', format!("{sql}\0").as_bytes())
}

/// A Parse of the unnamed statement, without parameters.
fn parse(sql: &str) -> Vec<u8> {
    message(b'P', format!("\0{sql}\0\0\0").as_bytes())
}

/// A Bind of the unnamed portal with all results in this format.
fn bind(format: u8) -> Vec<u8> {
    message(b'B', &[0, 0, 0, 0, 0, 0, 0, 1, 0, format])
}

/// An Execute of the unnamed portal; 0 is without a limit.
fn execute(rows_max: u32) -> Vec<u8> {
    let mut body = vec![0];
    body.extend(rows_max.to_be_bytes());
    message(b'E', &body)
}

pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}
