//! `lakeport password`: the verifier of a password, which is what the config keeps.

use std::io::{IsTerminal, Read};

use anyhow::{Context, Result, ensure};
use lakeport_access::Verifier;

use crate::arguments::Password;

/// Longest password that is read from a pipe, in bytes. Far above what a login message may carry.
const PASSWORD_BYTES_MAX: u64 = 1024;

/// Asks for a password, or reads it from a pipe, and prints its verifier.
pub(crate) fn run(password: &Password) -> Result<()> {
    let secret = if std::io::stdin().is_terminal() { ask(password)? } else { read()? };
    ensure!(!secret.is_empty(), "a password cannot be empty");
    println!("{}", Verifier::make(&secret).context("a verifier cannot be made")?);
    Ok(())
}

fn ask(password: &Password) -> Result<String> {
    let whose = password.user.as_deref().map_or(String::new(), |user| format!(" of {user}"));
    let first =
        rpassword::prompt_password(format!("Password{whose}: ")).context("the password cannot be read")?;
    let second = rpassword::prompt_password("Again: ").context("the password cannot be read")?;
    ensure!(first == second, "the two are not the same");
    Ok(first)
}

fn read() -> Result<String> {
    let mut secret = String::new();
    std::io::stdin()
        .take(PASSWORD_BYTES_MAX)
        .read_to_string(&mut secret)
        .context("the password cannot be read")?;
    Ok(secret.trim_end_matches(['\r', '\n']).to_owned())
}
