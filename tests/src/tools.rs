//! The real clients that tests run.

use std::path::Path;
use std::process::{Command, Output};

use crate::Server;

/// What `./test` sets for the tests, such as the address of a real PostgreSQL.
///
/// Panics where it is not set: a test that quietly does nothing proves nothing.
pub fn required(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; ./test sets it and starts what it names"))
}

/// What psql prints for this input, unaligned; panics where it fails.
pub fn psql(server: &Server, input: &str) -> String {
    let output = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &server.libpq(), "-c"])
        .arg(input)
        .output()
        .expect("psql is installed");
    text(output, "psql")
}

/// What a script of `clients/` prints, run by the Python that `./test` made.
pub fn python(script: &str, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
    let output = Command::new(required("LAKEPORT_TEST_PYTHON"))
        .arg(script)
        .args(arguments)
        .output()
        .expect("Python runs");
    text(output, "python")
}

/// What a program of `clients/` prints, run by Java with Debian's PostgreSQL driver.
pub fn java(program: &str, arguments: &[&str]) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(program);
    let output = Command::new("java")
        .args(["-cp", "/usr/share/java/postgresql.jar"])
        .arg(program)
        .args(arguments)
        .output()
        .expect("Java is installed");
    text(output, "java")
}

fn text(output: Output, what: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what} failed: {}\n{stdout}\n{stderr}", output.status);
    stdout
}
