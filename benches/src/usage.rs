//! What a process uses, as Linux tells it: memory and processor time.

use std::fs;
use std::time::Duration;

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

/// The processor time that a process has used, with its children that have ended.
///
/// # Errors
///
/// As for [`resident`].
pub fn processor_time(process: u32) -> Result<Duration> {
    time(&format!("/proc/{process}/stat"), 4)
}

/// The processor time that this thread has used.
///
/// # Errors
///
/// As for [`resident`].
pub fn own_processor_time() -> Result<Duration> {
    time("/proc/thread-self/stat", 2)
}

/// The sum of so many of: user and system time, and those of children.
///
/// Source: proc(5). Linux counts hundredths of a second on every machine that it runs on today.
fn time(path: &str, count: usize) -> Result<Duration> {
    let stat = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    // The name, in parentheses, may hold spaces; the times are the 12th to the 15th field behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(count);
    let ticks: u64 = fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
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
