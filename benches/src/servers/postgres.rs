//! PostgreSQL, with the same rows in heap tables, frozen and warm.
//!
//! Its cluster stays in the cache folder, so that rows are loaded once.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::certificate::Certificate;
use super::child::Running;
use crate::client::{Address, Client};
use crate::data::Table;
use crate::place::Place;

/// Longest that it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a machine for extracts would be given, and no durability: it is never written to while it is measured.
const SETTINGS: [&str; 11] = [
    "timezone=UTC",
    "shared_buffers=2GB",
    "fsync=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "autovacuum=off",
    "maintenance_work_mem=512MB",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "log_min_messages=warning",
];

/// A running PostgreSQL.
pub struct Postgres {
    running: Running,
    address: Address,
    /// What it calls itself.
    pub version: String,
}

/// The newest one that is installed where Debian puts it; none without.
fn installed() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// A command that runs as somebody whom PostgreSQL accepts: it refuses root.
fn unprivileged(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !root {
        return Command::new(program);
    }
    // Becomes the program, so that signals reach it; runuser would stay in between.
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

impl Postgres {
    /// Starts it on its cluster, which is made if there is none, with a database of this name; nothing where it
    /// is not installed.
    ///
    /// # Errors
    ///
    /// Where it does not come up; its log is beside its cluster.
    pub fn start(
        place: &Place,
        database: &str,
        certificate: Option<&Certificate>,
    ) -> Result<Option<Postgres>> {
        let Some(programs) = installed() else { return Ok(None) };
        let home = place.cache.join("postgres");
        let data = home.join("data");
        if !data.join("PG_VERSION").exists() {
            let _ = fs::remove_dir_all(&home);
            fs::create_dir_all(&home)?;
            own(&home)?;
            let status = unprivileged(&programs.join("initdb"))
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D"])
                .arg(&data)
                .stdout(Stdio::null())
                .status()
                .context("initdb cannot be started")?;
            if !status.success() {
                bail!("initdb: {status}");
            }
        }
        let (running, socket) = serve(place, &programs, &home, certificate)?;
        let address = Address { database: "postgres".to_owned(), socket, user: "postgres", authority: None };
        let deadline = Instant::now() + PATIENCE;
        let mut client = loop {
            match Client::connect(&address) {
                Ok(client) => break client,
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context("PostgreSQL does not start"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        let version = client.text("SHOW server_version")?;
        if client.text(&format!("SELECT 1 FROM pg_database WHERE datname = '{database}'"))?.is_empty() {
            client.run(&format!("CREATE DATABASE {database}"))?;
        }
        let address = Address { database: database.to_owned(), ..address };
        Ok(Some(Postgres { running, address, version }))
    }

    /// Where to connect.
    pub fn address(&self) -> Address {
        self.address.clone()
    }

    /// The number of its first process.
    pub fn process(&self) -> u32 {
        self.running.child.id()
    }

    /// Loads a table's rows, unless it has them, out of what another server copies of it; then reads them once.
    ///
    /// # Errors
    ///
    /// The servers'.
    pub fn load(&self, table: &Table, from: &Address) -> Result<()> {
        let mut client = Client::connect(&self.address())?;
        let comment = format!("{} rows of {}", table.rows, table.definition());
        let loaded = format!("SELECT obj_description(to_regclass('{}'))", table.name);
        if client.text(&loaded)? != comment {
            eprintln!("loading {} rows of {} into PostgreSQL …", table.rows, table.name);
            client.run(&format!("DROP TABLE IF EXISTS {}", table.name))?;
            client.run("BEGIN")?;
            client.run(&table.definition())?;
            // Rows are frozen where the table is of the same transaction, as VACUUM FREEZE would leave them.
            let copy = format!("COPY {} FROM STDIN (FREEZE)", table.name);
            let mut source = Client::connect(from)?;
            source.pipe(&format!("COPY {} TO STDOUT", table.name), &mut client, &copy)?;
            client.run(&format!("COMMENT ON TABLE {} IS '{comment}'", table.name))?;
            client.run("COMMIT")?;
            client.run(&format!("VACUUM ANALYZE {}", table.name))?;
        }
        let count = client.text(&format!("SELECT count(*) FROM {}", table.name))?;
        if count != table.rows.to_string() {
            bail!("PostgreSQL has {count} rows of {}", table.name);
        }
        Ok(())
    }
}

/// Starts the server itself on a free port.
fn serve(
    place: &Place,
    programs: &Path,
    home: &Path,
    certificate: Option<&Certificate>,
) -> Result<(Running, SocketAddr)> {
    // The port is free again as soon as it is known.
    let socket = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = unprivileged(&programs.join("postgres"));
    command.arg("-D").arg(home.join("data")).args(["-p", &socket.port().to_string()]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    if let Some(certificate) = certificate {
        let (chain, key) = (home.join("tls.crt"), home.join("tls.key"));
        fs::copy(&certificate.chain, &chain)?;
        fs::copy(&certificate.key, &key)?;
        own(&key)?;
        command.args(["-c", "ssl=on", "-c"]).arg(format!("ssl_cert_file={}", chain.display()));
        command.arg("-c").arg(format!("ssl_key_file={}", key.display()));
    }
    let log = File::create(home.join("log"))?;
    command.current_dir(home).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Ok((Running::start(&mut command, "INT", &place.notes)?, socket))
}

/// Gives a file or folder to the user who runs PostgreSQL, and to nobody else.
fn own(path: &Path) -> Result<()> {
    let owner = unprivileged(Path::new("id")).arg("-un").output().context("id cannot be started")?;
    let owner = String::from_utf8_lossy(&owner.stdout).trim().to_owned();
    let mode = if path.is_dir() { "700" } else { "600" };
    for arguments in [["chmod", mode], ["chown", &owner]] {
        let status = Command::new(arguments[0]).arg(arguments[1]).arg(path).status()?;
        if !status.success() {
            bail!("{} {}: {status}", arguments.join(" "), path.display());
        }
    }
    Ok(())
}
