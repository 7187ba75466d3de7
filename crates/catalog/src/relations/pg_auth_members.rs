//! `pg_auth_members`: which role has which others.

use datafusion::common::Result;

use crate::names::Names;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let names = Names::new(pinned);
    let mut pairs = Vec::new();
    for member in &pinned.roles {
        for role in &member.member_of {
            pairs.extend(names.role(role).map(|role| (role.oid, member.oid)));
        }
    }
    rows.count(pairs.len());
    rows.fill("roleid", pairs.iter().map(|pair| pair.0))?;
    rows.fill("member", pairs.iter().map(|pair| pair.1))?;
    rows.fill_all("grantor", names.superuser_oid())
}
