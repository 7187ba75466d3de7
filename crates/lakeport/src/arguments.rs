//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A PostgreSQL port for a data lake.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    /// What to log: a level (error, warn, info, debug, trace), or levels of single parts such as `info,lakeport_pg=debug`
    #[arg(long, global = true, value_name = "LEVELS")]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small sample lake, serve it, and print how to connect
    Demo(Demo),
    /// Serve a folder of files, or what a config names
    Serve(Serve),
    /// Run one statement without a server
    Sql(Sql),
    /// Read the config, open every store, plan every view; name every fault at once
    Check(Check),
    /// Make the verifier of a password, for the config
    Password(Password),
}

/// What `lakeport demo` takes.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the sample lake is made, and found again the next time
    #[arg(default_value = "lakeport-demo")]
    pub(crate) folder: PathBuf,
    /// Make the lake and leave it at that
    #[arg(long)]
    pub(crate) make_only: bool,
    #[command(flatten)]
    pub(crate) doors: Doors,
}

/// What `lakeport serve` takes.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) lake: Lake,
    #[command(flatten)]
    pub(crate) doors: Doors,
}

/// Which lake a command is about.
#[derive(Debug, Args)]
pub(crate) struct Lake {
    /// A folder: each Parquet file and each folder directly in it is a table
    #[arg(conflicts_with = "config")]
    pub(crate) dir: Option<PathBuf>,
    /// The config file
    #[arg(long, value_name = "FILE", default_value = "lakeport.toml")]
    pub(crate) config: PathBuf,
}

/// Where a server listens.
#[derive(Debug, Args)]
pub(crate) struct Doors {
    /// Where the PostgreSQL door listens, instead of what the config says; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the web console listens, or `off`; there is no web console yet, so only `off` is taken
    #[arg(long, value_name = "ADDRESS|off")]
    pub(crate) console: Option<String>,
}

/// What `lakeport sql` takes.
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// The statement
    pub(crate) statement: String,
    #[command(flatten)]
    pub(crate) lake: Lake,
    /// How the answer is written; a table on a terminal and csv in a pipe if nothing is said
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns aligned for the eye
    Table,
    /// Comma-separated values with a header
    Csv,
    /// One object a line
    Json,
    /// A Parquet file
    Parquet,
    /// An Arrow IPC stream
    Arrow,
}

/// What `lakeport check` takes.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) lake: Lake,
    /// Try the declared keys on the data too: duplicates, NULLs in primary keys, rows that refer to none
    #[arg(long)]
    pub(crate) keys: bool,
}

/// What `lakeport password` takes.
#[derive(Debug, Args)]
pub(crate) struct Password {
    /// Whose password it is; only for the prompt
    pub(crate) user: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
