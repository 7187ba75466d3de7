//! `pg_rewrite`: of each view the rule `_RETURN`, as which PostgreSQL keeps its SELECT. Its tree is not told; `pg_get_viewdef`
//! gives the text.

use std::iter::repeat_n;

use datafusion::common::Result;

use super::AnyRelation;
use super::everything::everything;
use crate::pinned::Pinned;
use crate::rows::Rows;

/// How PostgreSQL writes a tree that is none.
const NONE: &str = "<>";

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let views: Vec<AnyRelation<'_>> = everything(pinned).into_iter().filter(AnyRelation::is_view).collect();
    let all = || views.iter();
    let each = |text: &'static str| repeat_n(text, views.len());
    rows.count(views.len());
    // Within this relation a rule may have the number of its view: each has one.
    rows.fill("oid", all().map(AnyRelation::oid))?;
    rows.fill("rulename", each("_RETURN"))?;
    rows.fill("ev_class", all().map(AnyRelation::oid))?;
    rows.fill("ev_type", each("1"))?;
    rows.fill("ev_enabled", each("O"))?;
    rows.fill("is_instead", repeat_n(true, views.len()))?;
    rows.fill("ev_qual", each(NONE))?;
    rows.fill("ev_action", each(NONE))
}
