//! Section `[limits]`: what statements and connections may use.

use std::path::PathBuf;
use std::time::Duration;

use lakeport_base::ByteSize;

use crate::section::Section;
use crate::settings::Limits;

/// PostgreSQL's longest timeout: 2147483647 milliseconds.
const TIMEOUT_MAX: Duration = Duration::from_secs(2_147_483);
/// PostgreSQL's longest `authentication_timeout`.
const STARTUP_TIMEOUT_MAX: Duration = Duration::from_secs(600);
/// An hour: no supervisor waits longer. A guess.
const SHUTDOWN_GRACE_MAX: Duration = Duration::from_secs(3600);
/// A day; who wants longer has a lake that does not change. A guess.
pub(crate) const FRESH_WITHIN_MAX: Duration = Duration::from_secs(86_400);
/// Below it no scan of an ordinary Parquet file fits. A guess.
const MEMORY_MIN: ByteSize = ByteSize::mebibytes(64);
/// Below it no sort makes progress. A guess.
const STATEMENT_MEMORY_MIN: ByteSize = ByteSize::mebibytes(16);
/// More than any machine has: 64 TiB.
const MEMORY_MAX: ByteSize = ByteSize::mebibytes(64 << 20);
/// More than any disk has: 1 PiB.
const SPILL_MAX: ByteSize = ByteSize::mebibytes(1 << 30);
const NOTHING: ByteSize = ByteSize::bytes(0);

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 200,
            startup_timeout: Duration::from_secs(10),
            idle_timeout: Duration::ZERO,
            statement_timeout: Duration::ZERO,
            shutdown_grace: Duration::from_secs(30),
            memory: ByteSize::mebibytes(4 << 10),
            statement_memory: ByteSize::mebibytes(1 << 10),
            statements: 8,
            spill_folder: None,
            spill: ByteSize::mebibytes(50 << 10),
            footer_memory: ByteSize::mebibytes(512),
            message: ByteSize::mebibytes(64),
            fresh_within: Duration::from_secs(5),
            session_objects: 1000,
            temp_memory: ByteSize::mebibytes(256),
        }
    }
}

/// Reads the section; the defaults for what it does not say.
pub(crate) fn limits(root: &Section<'_>) -> Limits {
    let default = Limits::default();
    let Some(section) = root.section("limits") else { return default };
    let second = Duration::from_secs(1);
    let memory = section.size("memory", default.memory, MEMORY_MIN..=MEMORY_MAX);
    // Unwritten, one statement may have all there is if that is less than it usually has.
    let statement_memory = default.statement_memory.min(memory);
    let limits = Limits {
        connections: section.count("connections", default.connections, 1..=10_000),
        startup_timeout: section.time(
            "startup_timeout",
            default.startup_timeout,
            second..=STARTUP_TIMEOUT_MAX,
        ),
        idle_timeout: section.time("idle_timeout", default.idle_timeout, Duration::ZERO..=TIMEOUT_MAX),
        statement_timeout: section.time(
            "statement_timeout",
            default.statement_timeout,
            Duration::ZERO..=TIMEOUT_MAX,
        ),
        shutdown_grace: section.time(
            "shutdown_grace",
            default.shutdown_grace,
            Duration::ZERO..=SHUTDOWN_GRACE_MAX,
        ),
        memory,
        statement_memory: section.size("statement_memory", statement_memory, STATEMENT_MEMORY_MIN..=memory),
        statements: section.count("statements", default.statements, 1..=1_000),
        spill_folder: spill_folder(&section),
        spill: section.size("spill", default.spill, NOTHING..=SPILL_MAX),
        footer_memory: section.size("footer_memory", default.footer_memory, NOTHING..=MEMORY_MAX),
        message: section.size(
            "message",
            default.message,
            ByteSize::bytes(64 << 10)..=ByteSize::mebibytes(1 << 10),
        ),
        fresh_within: section.time("fresh_within", default.fresh_within, Duration::ZERO..=FRESH_WITHIN_MAX),
        session_objects: section.count("session_objects", default.session_objects, 1..=100_000),
        temp_memory: section.size("temp_memory", default.temp_memory.min(memory), NOTHING..=memory),
    };
    section.finish();
    limits
}

fn spill_folder(section: &Section<'_>) -> Option<PathBuf> {
    let written = section.text("spill_folder")?;
    let folder = section.reading.path(&written.value);
    if !folder.is_dir() {
        section.fault("spill_folder", format_args!("is {}, which is no folder", folder.display()));
        return None;
    }
    Some(folder)
}
