//! Wide and odd tables: the same rates for what is not lineitem.

use anyhow::{Result, bail};

use super::setting::{Options, Setting};
use super::turns::{Path, Query, take_turns};
use crate::client::{Address, Client, Way};
use crate::data;
use crate::floor::Wire;
use crate::place::Place;
use crate::report::{Report, median, megabytes, millions, milliseconds, nanoseconds, ratio};
use crate::servers::Limits;

/// Rows of lineitem that the odd tables' own numbers go with.
const FULL_ROWS: f64 = 40e6;

const PATHS: [Path; 2] = [
    Path { name: "text", way: Way::Simple, tls: false },
    Path { name: "binary", way: Way::Binary, tls: false },
];

const COLUMNS: [&str; 12] = [
    "table",
    "rows",
    "path",
    "Lakeport, rows/s",
    "MB/s",
    "first row",
    "CPU/row",
    "PostgreSQL, rows/s",
    "CPU/row",
    "ratio",
    "wire, rows/s",
    "ratio",
];

/// Reads each table by text and binary, the servers taking turns, and prints the medians, beside what the wire gives of
/// rows as large.
///
/// # Errors
///
/// A server's, or where one sends another number of rows than there are.
pub fn odd(place: &Place, options: &Options) -> Result<()> {
    let mut tables = data::odd(options.rows as f64 / FULL_ROWS);
    let wanted = &options.tables;
    if let Some(unknown) = wanted.iter().find(|name| !tables.iter().any(|table| table.name == name.as_str()))
    {
        bail!("there is no table {unknown}");
    }
    tables.retain(|table| wanted.is_empty() || wanted.iter().any(|name| name == table.name));
    let setting =
        Setting::start(place, options, &format!("odd_{}", options.rows), &tables, &Limits::default())?;
    let mut report = Report::new(format!("Wide and odd tables, medians of {}", options.runs), &COLUMNS);
    let wire = Wire::start()?;
    for table in &tables {
        for path in &PATHS {
            let sql = format!("SELECT * FROM {}", table.name);
            let query = Query { sql: &sql, rows: table.rows, to_postgres: None };
            let turns = take_turns(&setting, path, &query, options.runs)?;
            let row_bytes = turns.row_bytes("lakeport").map(|bytes| bytes as u64);
            let wire = row_bytes
                .map(|row_bytes| wire_rate(&wire, table.rows, row_bytes, options.runs))
                .transpose()?
                .flatten();
            report.push(vec![
                table.name.to_owned(),
                format!("{:.1} M", table.rows as f64 / 1e6),
                path.name.to_owned(),
                millions(turns.rate("lakeport")),
                megabytes(turns.bytes("lakeport")),
                milliseconds(turns.first("lakeport")),
                nanoseconds(turns.cost("lakeport")),
                millions(turns.rate("postgres")),
                nanoseconds(turns.cost("postgres")),
                ratio(turns.rate("lakeport"), turns.rate("postgres")),
                millions(wire),
                ratio(turns.rate("lakeport"), wire),
            ]);
        }
    }
    report.print();
    Ok(())
}

/// Rows a second of a server that has them as they are sent.
fn wire_rate(wire: &Wire, rows: u64, row_bytes: u64, runs: usize) -> Result<Option<f64>> {
    let address =
        Address { database: "wire".to_owned(), socket: wire.address, user: "bench", authority: None };
    let mut rates = Vec::new();
    for _ in 0..runs {
        let mut client = Client::connect(&address)?;
        rates.push(client.read_all(Way::Simple, &Wire::query(rows, row_bytes))?.rows_per_second());
        client.close()?;
    }
    Ok(median(rates))
}
