//! `pg_stat_activity`: the open sessions. Of those of other roles only who they are.

use datafusion::common::Result;

use crate::names::database_oid;
use crate::pinned::{Pinned, SessionInfo};
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let sessions = pinned.sessions.all();
    let all = || sessions.iter();
    let role = |name: &str| pinned.roles.iter().find(|role| role.name == name).map(|role| role.oid);
    rows.count(sessions.len());
    rows.fill_all("datid", database_oid(pinned))?;
    rows.fill("datname", all().map(|session| &session.database))?;
    rows.fill("pid", all().map(|session| session.id))?;
    rows.fill("usesysid", all().map(|session| role(&session.user)))?;
    rows.fill("usename", all().map(|session| &session.user))?;
    rows.fill("application_name", all().map(|session| session.visible.then_some(&session.application)))?;
    let peer = |session: &SessionInfo| session.peer.filter(|_| session.visible);
    rows.fill("client_addr", all().map(|session| peer(session).map(|peer| peer.ip().to_string())))?;
    rows.fill("client_port", all().map(|session| peer(session).map(|peer| i32::from(peer.port()))))?;
    rows.fill("backend_start", all().map(|session| session.visible.then_some(session.started)))?;
    rows.fill("xact_start", all().map(|session| session.transaction_started.filter(|_| session.visible)))?;
    rows.fill("query_start", all().map(|session| session.query_started.filter(|_| session.visible)))?;
    rows.fill("state_change", all().map(|session| session.visible.then_some(session.changed)))?;
    rows.fill("state", all().map(|session| session.visible.then_some(session.state)))?;
    rows.fill(
        "query",
        all().map(|session| match session.visible {
            true => session.query.as_str(),
            false => "<insufficient privilege>",
        }),
    )?;
    rows.fill("backend_type", all().map(|session| session.visible.then_some("client backend")))
}
