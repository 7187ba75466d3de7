//! `pg_prepared_statements`: the session's prepared statements.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let statements = &pinned.objects.statements;
    rows.count(statements.len());
    rows.fill("name", statements.keys())?;
    rows.fill("statement", statements.values().map(|statement| &*statement.statement))?;
    rows.fill("prepare_time", statements.values().map(|statement| statement.prepared_us))?;
    rows.fill("parameter_types", statements.values().map(|statement| statement.parameter_types.clone()))?;
    rows.fill("from_sql", statements.values().map(|statement| statement.from_sql))?;
    rows.fill_all("generic_plans", 0)?;
    rows.fill_all("custom_plans", 0)
}
