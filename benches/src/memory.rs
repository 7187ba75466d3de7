//! The memory of a process, as Linux tells it.

use std::fs;

use anyhow::{Context, Result, anyhow};

/// Resident memory now, in bytes.
///
/// # Errors
///
/// Where the process is gone, or the system is not Linux.
pub fn resident(process: u32) -> Result<u64> {
    field(process, "VmRSS:")
}

/// The most resident memory since [`forget_peak`], in bytes.
///
/// # Errors
///
/// As for [`resident`].
pub fn peak(process: u32) -> Result<u64> {
    field(process, "VmHWM:")
}

/// Makes the peak what it is now.
///
/// Source: proc(5), `clear_refs`.
///
/// # Errors
///
/// As for [`resident`].
pub fn forget_peak(process: u32) -> Result<()> {
    let path = format!("/proc/{process}/clear_refs");
    fs::write(&path, "5").with_context(|| format!("{path} cannot be written"))
}

fn field(process: u32, name: &str) -> Result<u64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let kibibytes: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| anyhow!("{path} has no {name}"))?;
    Ok(kibibytes << 10)
}
