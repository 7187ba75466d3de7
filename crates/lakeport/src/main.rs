//! The program: arguments, wiring, signals, log output.
//!
//! In reading order: the command line (`arguments`), then a file for each command; `wiring` opens what
//! several of them need, `logs` sets up what they say.

mod arguments;
mod check;
mod demo;
mod logs;
mod output;
mod password;
mod serve;
mod sql;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logs::set_up(arguments.log.as_deref());
    let result = match arguments.command {
        Command::Demo(demo) => serve::demo(&demo),
        Command::Serve(serve) => serve::serve(&serve),
        Command::Sql(sql) => sql::run(&sql),
        Command::Check(check) => check::run(&check),
        Command::Password(password) => password::run(&password),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Several faults are several lines; each begins with its place.
            eprintln!("lakeport: {error:#}");
            ExitCode::FAILURE
        }
    }
}
