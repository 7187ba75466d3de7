//! `scripts/bench-extract.sh`: how fast Lakeport gives many rows away, beside PostgreSQL and a floor.
//!
//! Reads the arguments and runs the parts; what they measure is in `lakeport_benches::parts`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lakeport_benches::parts::{Options, Setting, extract, fair, memory, odd, sort};
use lakeport_benches::place::Place;

const HELP: &str = "\
How fast Lakeport gives many rows away, beside PostgreSQL and a floor.

  bench-extract [PART…] [--rows N] [--runs N] [--paths A,B] [--tables A,B] [--servers A,B] [--cache FOLDER]
                [--lakeport PROGRAM]

Parts (all of them unless some are named):
  extract   rows a second by each path: text, binary, fetch-2048, fetch-100, portal-2048, copy-text, copy-csv,
            copy-binary, tls-text, tls-binary (--paths chooses)
  memory    what the server's memory grows by: fast clients, slow ones, ten at once
  fair      a small aggregate while two extracts run, and how soon an extract is cancelled
  odd       200 columns, long strings, nulls, lists, dictionaries, numeric(38,10), timestamptz: wide_200,
            long_strings, all_null, lists, dictionaries, numeric_38_10, timestamps_tz (--tables chooses)
  sort      ORDER BY over more than a statement's memory

  --rows      rows of lineitem; 40000000
  --runs      how often each path is run; 5
  --servers   lakeport,postgres,floor
  --cache     what is made once lies here; a folder lakeport-bench for temporary files
  --lakeport  the program that is measured; the one beside this one
";

const PARTS: [&str; 5] = ["extract", "memory", "fair", "odd", "sort"];

struct Arguments {
    parts: Vec<String>,
    options: Options,
    cache: PathBuf,
    lakeport: PathBuf,
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match arguments(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-extract: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments> {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let beside = std::env::current_exe().context("the path of this program")?.with_file_name("lakeport");
    let mut arguments = Arguments {
        parts: Vec::new(),
        options: Options {
            rows: 40_000_000,
            runs: 5,
            paths: Vec::new(),
            tables: Vec::new(),
            servers: all(&["lakeport", "postgres", "floor"]),
        },
        cache: std::env::temp_dir().join("lakeport-bench"),
        lakeport: beside,
    };
    while let Some(argument) = given.next() {
        if !argument.starts_with('-') {
            if !PARTS.contains(&argument.as_str()) {
                bail!("there is no part {argument}; there are {}", PARTS.join(", "));
            }
            arguments.parts.push(argument);
            continue;
        }
        let value = given.next().with_context(|| format!("{argument} needs a value"))?;
        let list = || value.split(',').map(str::to_owned).collect();
        match argument.as_str() {
            "--rows" => arguments.options.rows = value.parse().context("--rows")?,
            "--runs" => arguments.options.runs = value.parse().context("--runs")?,
            "--paths" => arguments.options.paths = list(),
            "--tables" => arguments.options.tables = list(),
            "--servers" => arguments.options.servers = list(),
            "--cache" => arguments.cache = PathBuf::from(value),
            "--lakeport" => arguments.lakeport = PathBuf::from(value),
            _ => bail!("there is no option {argument}; --help tells them"),
        }
    }
    if arguments.parts.is_empty() {
        arguments.parts = all(&PARTS);
    }
    Ok(arguments)
}

fn run(arguments: Arguments) -> Result<()> {
    let Arguments { parts, options, cache, lakeport } = arguments;
    let place = Place::make(cache, lakeport)?;
    let mut failed = Vec::new();
    for part in parts {
        // One part's failure is no reason to do without the others.
        if let Err(error) = measure(&part, &place, &options) {
            eprintln!("bench-extract {part}: {error:#}");
            failed.push(part);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

fn measure(part: &str, place: &Place, options: &Options) -> Result<()> {
    match part {
        "extract" => extract(&Setting::of_lineitem(place, options)?, options),
        "memory" => memory(place, options),
        "fair" => fair(place, options),
        "odd" => odd(place, options),
        "sort" => sort(place, options),
        other => bail!("there is no part {other}"),
    }
}
