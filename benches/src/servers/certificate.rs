//! A certificate for this machine, made by `openssl` for one run, with the authority that signed it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Files in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What clients trust.
    pub authority: PathBuf,
    /// What the servers show.
    pub chain: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes one in this folder.
    ///
    /// # Errors
    ///
    /// Where `openssl` is not installed or fails.
    pub fn make(folder: &Path) -> Result<Certificate> {
        let path = |name: &str| folder.join(name);
        let made = Certificate { authority: path("ca.crt"), chain: path("tls.crt"), key: path("tls.key") };
        if made.chain.exists() {
            return Ok(made);
        }
        std::fs::write(path("names"), "subjectAltName=DNS:localhost\n")?;
        let key = "-nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1";
        for arguments in [
            format!("req -x509 {key} -keyout ca.key -out ca.crt -subj /CN=bench-authority -days 3650"),
            format!("req {key} -keyout tls.key -out tls.csr -subj /CN=localhost"),
            "x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt -days 3650 -extfile names"
                .to_owned(),
        ] {
            let status = Command::new("openssl")
                .args(arguments.split(' '))
                .current_dir(folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .context("openssl cannot be started")?;
            if !status.success() {
                bail!("openssl {arguments}: {status}");
            }
        }
        Ok(made)
    }
}
