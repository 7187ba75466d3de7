//! The release server, over the folder of tables that were made.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow};

use super::certificate::Certificate;
use super::child::Running;
use crate::client::Address;
use crate::place::Place;

/// What differs from a config's defaults.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// `limits.statement_memory`.
    pub statement_memory: Option<&'static str>,
}

/// A running Lakeport.
pub struct Lakeport {
    running: Running,
    socket: SocketAddr,
}

impl Lakeport {
    /// Serves the tables below `lake`.
    ///
    /// # Errors
    ///
    /// Where the program cannot be started, with the end of its log.
    pub fn start(
        place: &Place,
        lake: &Path,
        certificate: Option<&Certificate>,
        limits: &Limits,
    ) -> Result<Lakeport> {
        let mut config = "[postgres]\nlisten = \"127.0.0.1:0\"\n".to_owned();
        if let Some(certificate) = certificate {
            config += &format!(
                "[postgres.tls]\ncertificate = {:?}\nkey = \"file:{}\"\n",
                certificate.chain,
                certificate.key.display()
            );
        }
        let spill = place.scratch.join("spill");
        fs::create_dir_all(&spill).with_context(|| format!("{} cannot be made", spill.display()))?;
        config += &format!(
            "[stores.lake.local]\nfolder = {lake:?}\n[schemas.public]\nfrom = \"lake/\"\n[limits]\nspill_folder = {spill:?}\n"
        );
        if let Some(size) = limits.statement_memory {
            config += &format!("statement_memory = {size:?}\n");
        }
        let path = place.scratch.join("lakeport.toml");
        fs::write(&path, config).with_context(|| format!("{} cannot be written", path.display()))?;
        let log = place.scratch.join("lakeport.log");
        let mut running = Running::start(
            Command::new(&place.lakeport)
                .args(["serve", "--listen", "127.0.0.1:0", "--config"])
                .arg(&path)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(File::create(&log)?),
            "TERM",
            &place.notes,
        )?;
        let mut stdout = BufReader::new(running.child.stdout.take().context("stdout is piped")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok()).ok_or_else(|| {
            anyhow!("Lakeport does not start: {line}{}", fs::read_to_string(&log).unwrap_or_default())
        })?;
        // What else it prints is for people; reading it keeps the pipe from filling.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        Ok(Lakeport { running, socket: SocketAddr::from(([127, 0, 0, 1], port)) })
    }

    /// Where to connect.
    pub fn address(&self) -> Address {
        Address { database: "lake".to_owned(), socket: self.socket, user: "bench", authority: None }
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.running.child.id()
    }
}
