//! Wide and odd tables: the same rates for what is not lineitem.

use anyhow::{Result, bail};

use super::setting::{Options, Setting};
use super::turns::{Path, Query, take_turns};
use crate::client::Way;
use crate::data;
use crate::place::Place;
use crate::report::{Report, megabytes, millions, milliseconds, nanoseconds, ratio};
use crate::servers::Limits;

/// Rows of lineitem that the odd tables' own numbers go with.
const FULL_ROWS: f64 = 40e6;

const PATHS: [Path; 2] = [
    Path { name: "text", way: Way::Simple, tls: false },
    Path { name: "binary", way: Way::Binary, tls: false },
];

const COLUMNS: [&str; 10] = [
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
];

/// Reads each table by text and binary, the servers taking turns, and prints the medians.
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
    for table in &tables {
        for path in &PATHS {
            let sql = format!("SELECT * FROM {}", table.name);
            let query = Query { sql: &sql, rows: table.rows, to_postgres: None };
            let turns = take_turns(&setting, path, &query, options.runs)?;
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
            ]);
        }
    }
    report.print();
    Ok(())
}
