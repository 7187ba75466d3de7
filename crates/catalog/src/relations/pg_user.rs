//! `pg_user`: the roles that may log in.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || pinned.roles.iter().filter(|role| role.login);
    rows.count(all().count());
    rows.fill("usename", all().map(|role| &role.name))?;
    rows.fill("usesysid", all().map(|role| role.oid))?;
    rows.fill_all("usecreatedb", false)?;
    rows.fill("usesuper", all().map(|role| role.superuser))?;
    rows.fill_all("userepl", false)?;
    rows.fill("usebypassrls", all().map(|role| role.superuser))?;
    rows.fill_all("passwd", "********")
}
