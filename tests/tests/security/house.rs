//! A lake with users and roles, and something outside of it that nobody may read.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use lakeport_tests::{Said, Server, lakeport, psql_as};
use tempfile::TempDir;

use crate::small;

/// Stands in every row of the file outside; whoever shows it has read it.
pub(crate) const OUTSIDE: &str = "CANARY-outside";

/// Users with their roles.
const USERS: [(&str, &str); 6] = [
    ("reader", "reader"),
    ("browser", "browser"),
    ("maker", "maker"),
    ("nobody", ""),
    ("both", "reader\", \"browser"),
    ("clerk", "reader\", \"archivist"),
];

/// A folder with a lake in it, a config, and a folder outside of the lake.
pub(crate) struct House {
    pub(crate) folder: TempDir,
}

impl House {
    pub(crate) fn new() -> House {
        let house = House { folder: tempfile::tempdir().expect("a folder") };
        for (path, rows, version) in [
            ("lake/sales/orders.parquet", 10, "orders"),
            ("lake/sales/months/month=1/a.parquet", 20, "months"),
            ("lake/sales/months/month=2/b.parquet", 30, "months"),
            ("lake/hr/salaries.parquet", 40, "salaries"),
            ("lake/hr/hirings.parquet", 50, "hirings"),
            ("private/files/secrets.parquet", 60, "secrets"),
            ("outside/canary.parquet", 70, OUTSIDE),
            ("lake-2/canary.parquet", 70, OUTSIDE),
        ] {
            small::write_version(&house.path(path), rows, version);
        }
        fs::write(house.path("outside/canary.txt"), OUTSIDE).expect("a file");
        fs::create_dir_all(house.path("views/sales")).expect("a folder");
        fs::write(house.path("views/sales/all_salaries.sql"), "SELECT id FROM hr.salaries").expect("a view");
        house.write_config("");
        house
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the config, with these lines at its end.
    pub(crate) fn write_config(&self, more: &str) {
        let mut text = String::from(
            r#"views = "views"
[stores.lake.local]
folder = "lake"
[stores.private.local]
folder = "private"
[schemas.sales]
from = "lake/sales"
[schemas.hr]
from = "lake/hr"
[roles.reader]
read = ["sales.*", "hr.hirings"]
[roles.archivist]
read = ["hr.hirings"]
create = ["sales"]
[roles.browser]
browse = ["lake"]
[roles.maker]
read = ["*"]
create = ["sales"]
"#,
        );
        for (user, roles) in USERS {
            let verifier = lakeport(&["password", user], &[], &format!("{}\n", password(user)));
            assert!(verifier.well && verifier.out.starts_with("SCRAM-SHA-256$"), "{verifier:?}");
            fs::write(self.path(&format!("{user}.scram")), verifier.out).expect("a verifier");
            let roles = if roles.is_empty() { String::new() } else { format!("\"{roles}\"") };
            writeln!(text, "[users.{user}]\npassword = \"file:{user}.scram\"\nroles = [{roles}]")
                .expect("a string takes all");
        }
        fs::write(self.path("lakeport.toml"), text + more).expect("a config");
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("lakeport.toml")
    }

    /// A server that logs all that it can.
    pub(crate) fn serve(&self) -> Server {
        let config = self.config().display().to_string();
        Server::start(&["--log", "trace", "serve", "--config", &config])
    }
}

/// The password of a user. A canary: it may stand nowhere.
pub(crate) fn password(user: &str) -> String {
    format!("CANARY-password-of-{user}")
}

/// How libpq connects as this user.
pub(crate) fn connection(server: &Server, user: &str) -> String {
    let password = password(user);
    format!("host=127.0.0.1 port={} user={user} password={password} dbname=lake sslmode=disable", server.port)
}

/// What psql says to this user.
pub(crate) fn run(server: &Server, user: &str, input: &str) -> Said {
    psql_as(&connection(server, user), input)
}

/// The answer of a statement that must have one.
#[track_caller]
pub(crate) fn answer(server: &Server, user: &str, input: &str) -> String {
    let said = run(server, user, input);
    assert!(said.well, "{user}: {input}: {}", said.err);
    said.out
}

/// The error of a statement that must have this one.
#[track_caller]
pub(crate) fn fails(server: &Server, user: &str, input: &str, code: &str) -> String {
    let said = run(server, user, input);
    assert!(!said.well && said.err.contains(&format!("{code}:")), "{user}: {input}: not {code}: {said:?}");
    said.err
}

/// Ends the server: it must have stood all, and its log must hold no secret and nothing of the file outside.
#[track_caller]
pub(crate) fn check_log(server: Server, folder: &Path) {
    let (code, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("connection"), "a log that tells of connections:\n{log}");
    for line in log.lines() {
        assert!(!line.contains("CANARY") && !line.contains("panicked"), "{line}");
    }
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "scram") {
            let verifier = fs::read_to_string(path).expect("a verifier");
            let stored = verifier.trim().rsplit('$').next().expect("keys");
            assert!(!log.contains(stored), "the log holds a verifier");
        }
    }
}
