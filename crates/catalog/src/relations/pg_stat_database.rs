//! `pg_stat_database`: its sessions. Nothing is counted (`track_counts` is off), which PostgreSQL shows as zeros.

use datafusion::common::Result;

use crate::names::database_oid;
use crate::pinned::Pinned;
use crate::rows::Rows;

/// The columns that count something.
const COUNTERS: [&str; 23] = [
    "xact_commit",
    "xact_rollback",
    "blks_read",
    "blks_hit",
    "tup_returned",
    "tup_fetched",
    "tup_inserted",
    "tup_updated",
    "tup_deleted",
    "conflicts",
    "temp_files",
    "temp_bytes",
    "deadlocks",
    "blk_read_time",
    "blk_write_time",
    "session_time",
    "active_time",
    "idle_in_transaction_time",
    "sessions",
    "sessions_abandoned",
    "sessions_fatal",
    "sessions_killed",
    "numbackends",
];

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    // The first row is of what all databases share.
    rows.count(2);
    rows.fill("datid", [0, database_oid(pinned)])?;
    rows.fill("datname", [None, Some(&pinned.database)])?;
    let sessions = i64::try_from(pinned.sessions.all().len()).unwrap_or(i64::MAX);
    for counter in COUNTERS {
        rows.fill(counter, [0, if counter == "numbackends" { sessions } else { 0 }])?;
    }
    Ok(())
}
