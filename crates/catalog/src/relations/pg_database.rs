//! `pg_database`: the one database there is.

use datafusion::common::Result;

use crate::names::{Names, database_oid};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    rows.count(1);
    rows.fill_all("oid", database_oid(pinned))?;
    rows.fill_all("datname", &pinned.database)?;
    rows.fill_all("datdba", Names::new(pinned).superuser_oid())?;
    // 6 is UTF8, "c" the locale provider libc.
    rows.fill_all("encoding", 6)?;
    rows.fill_all("datlocprovider", "c")?;
    rows.fill_all("datallowconn", true)?;
    rows.fill_all("datconnlimit", -1)?;
    // 1663 is pg_default.
    rows.fill_all("dattablespace", 1663)?;
    rows.fill_all("datcollate", "C.UTF-8")?;
    rows.fill_all("datctype", "C.UTF-8")
}
