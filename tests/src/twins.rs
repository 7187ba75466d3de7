//! A lake and its twin in a real PostgreSQL, for clients that must not be able to tell them apart.
//!
//! `clients/twins.py` makes both. A client's script says what it sees, one line a fact; what it says of the
//! one must be what it says of the other.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::server::{Server, program};
use crate::tools::{python, required};

/// The database's name on both sides.
pub const DATABASE: &str = "twins";

/// Most lines of each side that a failure shows, and most characters of one.
const LINES_SHOWN: usize = 30;
const CHARACTERS_SHOWN: usize = 400;

/// The folder of the lake. Made at the first call, together with its twin.
fn lake() -> &'static PathBuf {
    static LAKE: OnceLock<PathBuf> = OnceLock::new();
    LAKE.get_or_init(|| {
        let folder = program().with_file_name("lakeport-test-twins");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("the lake of the last run can be removed");
        }
        let (host, port) = postgres();
        python("twins.py", &[&folder.display().to_string(), &host, &port, DATABASE]);
        folder
    })
}

fn postgres() -> (String, String) {
    let address = required("LAKEPORT_TEST_POSTGRES");
    let (host, port) = address.rsplit_once(':').expect("a host and a port");
    (host.to_owned(), port.to_owned())
}

/// Has a client look at both, and panics with what differs. The client is given a port of this machine.
#[track_caller]
pub fn same(client: impl Fn(&str) -> String) {
    let server = Server::config(&lake().join("lakeport.toml"));
    let of_lake = client(&server.port.to_string());
    let of_twin = client(&postgres().1);
    assert!(of_twin.lines().count() > 1, "the client said nothing: {of_twin:?}");
    if of_lake != of_twin {
        panic!("{}", difference(&of_lake, &of_twin));
    }
}

/// The lines that only one side has, in their order.
fn difference(of_lake: &str, of_twin: &str) -> String {
    let (more, fewer) = (only(of_lake, of_twin), only(of_twin, of_lake));
    if more.is_empty() && fewer.is_empty() {
        return format!("the same lines in another order; of the lake:\n{of_lake}");
    }
    format!("only in PostgreSQL:\n{}\nonly in the lake:\n{}", shown(&fewer), shown(&more))
}

fn only<'a>(of_one: &'a str, of_other: &'a str) -> Vec<&'a str> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for line in of_other.lines() {
        *left.entry(line).or_default() += 1;
    }
    of_one
        .lines()
        .filter(|line| match left.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

fn shown(lines: &[&str]) -> String {
    let mut text: Vec<String> = lines
        .iter()
        .take(LINES_SHOWN)
        .map(|line| format!("  {}", line.chars().take(CHARACTERS_SHOWN).collect::<String>()))
        .collect();
    if lines.len() > LINES_SHOWN {
        text.push(format!("  and {} more", lines.len() - LINES_SHOWN));
    }
    text.join("\n")
}
