//! How long clients' first conversations take, on two servers with the same tables: `scripts/measure-metadata.sh` starts both.
//!
//! A conversation is a connection and the catalog queries of one client, each with the answer awaited, as
//! `benches/conversations` has them. Each is about another table than the last.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use lakeport_benches::client::{Address, Client};
use lakeport_benches::report::{Report, median, milliseconds, ratio};

/// Conversations of each client with each server; medians are shown.
const RUNS: usize = 15;

/// The table of the first conversation, which nobody has asked for before.
const FIRST_TABLE: usize = 100;

fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [folder, own, judge] = given.as_slice() else {
        bail!(
            "bench-metadata FOLDER LAKEPORT POSTGRES: a folder of conversations, and where two servers are"
        );
    };
    let (own, judge) = (address(own)?, address(judge)?);
    let mut report = Report::new(
        "A connection and a client's catalog queries",
        &["client", "statements", "Lakeport, first", "Lakeport", "PostgreSQL", "ratio"],
    );
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| folder.clone())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let mut table = FIRST_TABLE;
    for file in files {
        let statements = statements(&file)?;
        let (mut first, mut times) = (None, [Vec::new(), Vec::new()]);
        for _ in 0..RUNS {
            table += 1;
            for (address, times) in [&own, &judge].into_iter().zip(&mut times) {
                let took = conversation(address, &statements, &format!("t{table}"))
                    .with_context(|| format!("{} at {}", file.display(), address.socket))?;
                times.push(took);
            }
            first = first.or(times[0].first().copied());
        }
        let [own, judge] = times.map(median);
        report.push(vec![
            file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            statements.len().to_string(),
            milliseconds(first),
            milliseconds(own),
            milliseconds(judge),
            ratio(own, judge),
        ]);
    }
    report.print();
    Ok(())
}

fn address(given: &str) -> Result<Address> {
    let socket: SocketAddr = given.parse().with_context(|| given.to_owned())?;
    Ok(Address { socket, user: "postgres", database: "postgres".to_owned(), authority: None })
}

/// The statements of a file: each ends with a semicolon at the end of a line; lines with two dashes are for people.
fn statements(file: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let lines = lines.join("\n");
    Ok(lines
        .split(";\n")
        .map(|sql| sql.trim_end_matches(';').to_owned())
        .filter(|sql| !sql.is_empty())
        .collect())
}

/// Seconds from connecting to the last answer. The oid that a client has read with the tables is asked for before.
fn conversation(address: &Address, statements: &[String], table: &str) -> Result<f64> {
    let mut client = Client::connect(address)?;
    let oid = client.text(&format!("SELECT 'wide.{table}'::regclass::oid"))?;
    client.close()?;
    let statements: Vec<String> =
        statements.iter().map(|sql| sql.replace("{table}", table).replace("{oid}", &oid)).collect();
    let start = Instant::now();
    let mut client = Client::connect(address)?;
    for sql in &statements {
        client.run(sql).with_context(|| sql.clone())?;
    }
    let took = start.elapsed().as_secs_f64();
    client.close()?;
    Ok(took)
}
