//! `information_schema.referential_constraints`: foreign keys, and the keys that they refer to.

use datafusion::common::Result;

use super::keys::{KeyOf, Target, Targets, keys};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let targets = Targets::new(pinned);
    let foreign: Vec<(KeyOf<'_>, Target<'_>)> =
        keys(pinned).filter_map(|of| Some((of, targets.of(of.key)?))).collect();
    let all = || foreign.iter();
    rows.count(foreign.len());
    rows.fill_all("constraint_catalog", &pinned.database)?;
    rows.fill("constraint_schema", all().map(|(of, _)| &of.table.name.schema))?;
    rows.fill("constraint_name", all().map(|(of, _)| &of.key.name))?;
    rows.fill_all("unique_constraint_catalog", &pinned.database)?;
    rows.fill("unique_constraint_schema", all().map(|(_, target)| &target.table.name.schema))?;
    rows.fill("unique_constraint_name", all().map(|(_, target)| &target.key.name))?;
    rows.fill_all("match_option", "NONE")?;
    rows.fill_all("update_rule", "NO ACTION")?;
    rows.fill_all("delete_rule", "NO ACTION")
}
