//! Section `[postgres]`: where the PostgreSQL door is, and what it needs to be open beyond this machine.

use std::net::{Ipv4Addr, SocketAddr};

use lakeport_base::{Fault, Faults, Redacted};

use crate::section::Section;
use crate::settings::{Postgres, Settings, Tls};

/// PostgreSQL's own port.
const PORT: u16 = 5432;

/// The longest certificate chain or key, in bytes. A guess; long chains have 10 KiB.
const PEM_SIZE_MAX: usize = 1 << 20;

/// The longest name, in bytes: PostgreSQL's `NAMEDATALEN` less one.
pub(crate) const NAME_SIZE_MAX: usize = 63;

/// PostgreSQL's own search path.
const SEARCH_PATH: &str = "\"$user\", public";

impl Default for Postgres {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            database: None,
            search_path: SEARCH_PATH.to_owned(),
            tls: None,
        }
    }
}

/// Whether the PostgreSQL door may be opened at this address: beyond loopback it needs users and TLS.
///
/// A config has been asked this for its own address; ask again for one from the command line.
///
/// # Errors
///
/// What is missing, and how it is written.
pub fn may_listen(settings: &Settings, address: SocketAddr) -> Result<(), Faults> {
    let missing = missing_for(address, !settings.users.is_empty(), settings.postgres.tls.is_some());
    let faults: Vec<Fault> = missing
        .into_iter()
        .map(|missing| Fault::new(format!("cannot listen on {address}, which is beyond loopback: {missing}")))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// Reads the section; the defaults for what it does not say. `has_users`: the file has users, right or not.
pub(crate) fn postgres(root: &Section<'_>, has_users: bool) -> Postgres {
    let default = Postgres::default();
    let Some(section) = root.section("postgres") else { return default };
    let mut listen = default.listen;
    if let Some(written) = section.text("listen") {
        match written.value.parse() {
            Ok(address) => listen = address,
            Err(_) => section.fault("listen", "must be an address and a port, such as \"127.0.0.1:5432\""),
        }
    }
    let database = section.text("database").map(|found| found.value);
    if let Some(problem) = database.as_deref().and_then(name_problem) {
        section.fault("database", problem);
    }
    let search_path = section.text("search_path").map_or(default.search_path, |found| found.value);
    let tls_section = section.section("tls");
    for missing in missing_for(listen, has_users, tls_section.is_some()) {
        section.fault("listen", format_args!("is {listen}, which is beyond loopback: {missing}"));
    }
    let tls = tls_section.and_then(tls);
    section.finish();
    Postgres { listen, database, search_path, tls }
}

/// What is wrong with a name as PostgreSQL has it, if anything.
pub(crate) fn name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > NAME_SIZE_MAX {
        Some("is longer than the 63 bytes of a name")
    } else if name.chars().any(char::is_control) {
        Some("has a control character")
    } else if name.trim() != name {
        Some("begins or ends with a space")
    } else {
        None
    }
}

fn missing_for(address: SocketAddr, has_users: bool, has_tls: bool) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !address.ip().to_canonical().is_loopback() {
        if !has_users {
            missing.push("there are no users; add [users.NAME] with a password");
        }
        if !has_tls {
            missing.push("there is no certificate; add [postgres.tls] with certificate and key");
        }
    }
    missing
}

fn tls(section: Section<'_>) -> Option<Tls> {
    let certificate =
        section.required_text("certificate", "it is the path of a file in PEM").and_then(|written| {
            read_pem(&section, "certificate", &written.value, |label| label == "CERTIFICATE")
        });
    let key =
        section.required_text("key", "it is \"file:\" and the path of a file in PEM").and_then(|written| {
            match written.value.strip_prefix("file:") {
                Some(path) => read_pem(&section, "key", path, is_private_key),
                None if written.value.starts_with("env:") => variable_pem(&section, &written.value[4..]),
                None => {
                    section
                        .fault("key", "holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead");
                    None
                }
            }
        });
    section.finish();
    Some(Tls { certificate: certificate?, key: Redacted::new(key?) })
}

fn read_pem(section: &Section<'_>, key: &str, path: &str, wanted: fn(&str) -> bool) -> Option<Vec<u8>> {
    let path = section.reading.path(path);
    match section.reading.read(&path, PEM_SIZE_MAX) {
        Ok(bytes) => match pem_problem(&bytes, wanted) {
            None => return Some(bytes),
            Some(problem) => {
                section.fault(key, format_args!("is the file {}, which {problem}", path.display()))
            }
        },
        Err(reason) => {
            section
                .fault(key, format_args!("is the file {}, which cannot be read: {reason}", path.display()));
        }
    }
    None
}

fn variable_pem(section: &Section<'_>, name: &str) -> Option<Vec<u8>> {
    let value = section.reading.variable(name).map(String::into_bytes);
    let problem = match &value {
        None => Some("which is not set"),
        Some(bytes) => pem_problem(bytes, is_private_key).map(|_| "which has no private key in PEM"),
    };
    match problem {
        None => value,
        Some(problem) => {
            section.fault("key", format_args!("refers to an environment variable {problem}"));
            None
        }
    }
}

fn is_private_key(label: &str) -> bool {
    matches!(label, "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY")
}

/// What is wrong with a PEM file that must have a block with such a label, if anything.
///
/// A light look at the frame; whether certificate and key are good, and of one kind, is found out when
/// they are used.
fn pem_problem(bytes: &[u8], wanted: fn(&str) -> bool) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some("is not PEM, which is text");
    };
    let mut found = false;
    let mut open: Option<&str> = None;
    for line in text.lines().map(str::trim_end) {
        let marked = |mark| line.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix("-----"));
        match (open, marked("-----BEGIN "), marked("-----END ")) {
            (None, Some(label), _) => open = Some(label),
            (Some(label), _, Some(closed)) if label == closed => {
                if label == "ENCRYPTED PRIVATE KEY" {
                    return Some("has a key with a passphrase; it must have none");
                }
                found |= wanted(label);
                open = None;
            }
            (Some(_), Some(_), _) | (_, _, Some(_)) => return Some("has a PEM block that does not end"),
            (Some(_), None, None) if !is_base64(line) => return Some("has a PEM block that is not base64"),
            _ => {}
        }
    }
    match (open, found) {
        (Some(_), _) => Some("has a PEM block that does not end"),
        (None, false) => Some("has no PEM block of the right kind"),
        (None, true) => None,
    }
}

/// Old PEM files may have a header (`Proc-Type: 4,ENCRYPTED`); such a key is encrypted, and refused here.
fn is_base64(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use super::{is_private_key, pem_problem};

    #[test]
    fn a_pem_file_needs_a_whole_block_of_its_kind() {
        for (text, expected) in [
            ("comment\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None),
            ("-----BEGIN EC PRIVATE KEY-----\r\nAAAA\r\n-----END EC PRIVATE KEY-----", None),
            ("", Some("has no PEM block of the right kind")),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                Some("has no PEM block of the right kind"),
            ),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n", Some("has a PEM block that does not end")),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END X-----", Some("has a PEM block that does not end")),
            (
                "-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----",
                Some("has a PEM block that is not base64"),
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n-----END ENCRYPTED PRIVATE KEY-----",
                Some("has a key with a passphrase; it must have none"),
            ),
        ] {
            assert_eq!(pem_problem(text.as_bytes(), is_private_key), expected, "{text}");
        }
    }
}
