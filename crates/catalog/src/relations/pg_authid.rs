//! `pg_authid`: as `pg_roles`, without anything in the column for passwords.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || pinned.roles.iter();
    rows.count(pinned.roles.len());
    rows.fill("oid", all().map(|role| role.oid))?;
    rows.fill("rolname", all().map(|role| &role.name))?;
    rows.fill("rolsuper", all().map(|role| role.superuser))?;
    rows.fill_all("rolinherit", true)?;
    rows.fill("rolcanlogin", all().map(|role| role.login))?;
    rows.fill_all("rolconnlimit", -1)?;
    rows.fill("rolbypassrls", all().map(|role| role.superuser))
}
