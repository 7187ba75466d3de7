//! `pg_roles`: who there is. No passwords are known here, so there are none to hide.

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
    rows.fill_all("rolcreaterole", false)?;
    rows.fill_all("rolcreatedb", false)?;
    rows.fill("rolcanlogin", all().map(|role| role.login))?;
    rows.fill_all("rolreplication", false)?;
    rows.fill_all("rolconnlimit", -1)?;
    rows.fill_all("rolpassword", "********")?;
    rows.fill("rolbypassrls", all().map(|role| role.superuser))
}
