//! `information_schema.key_column_usage`: the columns of each key.

use datafusion::common::Result;

use super::keys::{KeyOf, Targets, keys};
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let targets = Targets::new(pinned);
    let columns: Vec<(KeyOf<'_>, usize)> =
        keys(pinned).flat_map(|of| (0..of.key.columns.len()).map(move |position| (of, position))).collect();
    let all = || columns.iter();
    // Which column of the other key it stands for, from 1.
    let in_other = |(of, position): &(KeyOf<'_>, usize)| {
        let target = targets.of(of.key)?;
        let place = target.key.columns.iter().position(|own| *own == target.columns[*position])?;
        number(place)
    };
    rows.count(columns.len());
    rows.fill_all("constraint_catalog", &pinned.database)?;
    rows.fill("constraint_schema", all().map(|(of, _)| &of.table.name.schema))?;
    rows.fill("constraint_name", all().map(|(of, _)| &of.key.name))?;
    rows.fill_all("table_catalog", &pinned.database)?;
    rows.fill("table_schema", all().map(|(of, _)| &of.table.name.schema))?;
    rows.fill("table_name", all().map(|(of, _)| &of.table.name.name))?;
    rows.fill("column_name", all().map(|(of, position)| &of.key.columns[*position]))?;
    rows.fill("ordinal_position", all().map(|(_, position)| number(*position)))?;
    rows.fill("position_in_unique_constraint", all().map(in_other))
}

fn number(position: usize) -> Option<i32> {
    i32::try_from(position + 1).ok()
}
