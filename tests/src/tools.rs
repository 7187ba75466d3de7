//! The real clients that tests run.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use crate::Server;
use crate::server::program;

/// What a program said and how it ended, for where failing is right too.
#[derive(Debug)]
pub struct Said {
    /// Whether it ended well.
    pub well: bool,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        Said {
            well: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// What the program says to these arguments, variables and input.
pub fn lakeport(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Said {
    let mut child = Command::new(program())
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    // A program that wants no input may have ended before it gets any.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends").into()
}

/// What psql says to this input, over a connection that is told as libpq has it; errors with their SQLSTATE.
pub fn psql_as(connection: &str, input: &str) -> Said {
    Command::new("psql")
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-w",
            "-v",
            "ON_ERROR_STOP=1",
            "-v",
            "VERBOSITY=verbose",
            "-d",
            connection,
            "-c",
        ])
        .arg(input)
        .output()
        .expect("psql is installed")
        .into()
}

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
    python_of("LAKEPORT_TEST_PYTHON", script, arguments)
}

/// The same by another Python, for a program that has an environment of its own: the variable that names it.
pub fn python_of(variable: &str, script: &str, arguments: &[&str]) -> String {
    let script = folder().join("clients").join(script);
    let output = Command::new(required(variable)).arg(script).args(arguments).output().expect("Python runs");
    text(output, "python")
}

/// What a program of `clients/` prints, run by Java with Debian's PostgreSQL driver.
pub fn java(program: &str, arguments: &[&str]) -> String {
    let program = folder().join("clients").join(program);
    let output = Command::new("java")
        .args(["-cp", "/usr/share/java/postgresql.jar"])
        .arg(program)
        .args(arguments)
        .output()
        .expect("Java is installed");
    text(output, "java")
}

/// The folder of the tests. Asked for while they run, since clones may share what was compiled in one of them.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| PathBuf::from(required("CARGO_MANIFEST_DIR")));
    &FOLDER
}

/// What a script of `clients/` prints, run by Node with the packages that `./test` installed.
pub fn node(script: &str, arguments: &[&str]) -> String {
    let script = folder().join("clients").join(script);
    let output = Command::new("node")
        .env("NODE_PATH", required("LAKEPORT_TEST_NODE"))
        .arg(script)
        .args(arguments)
        .output()
        .expect("Node is installed");
    text(output, "node")
}

fn text(output: Output, what: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what} failed: {}\n{stdout}\n{stderr}", output.status);
    stdout
}
