//! WITH RECURSIVE over numerics: open ones, since each turn may make more digits.
//!
//! DataFusion gives what each turn makes the types of the first rows, which would round it. So the work table has open
//! numerics from the start, and both terms are cast to them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, RecursiveQuery};

use super::sql_type::CAST;
use crate::types::OPEN_NUMERIC;

/// The types that the columns of both terms are to have; none for those that stay as they are.
pub(super) fn targets(query: &RecursiveQuery) -> Vec<Option<FieldRef>> {
    let fields = query.static_term.schema().fields().iter();
    let open = |field: &FieldRef| Arc::new(Field::new("", work_type(field.data_type()), true));
    fields.map(|field| field.data_type().is_decimal().then(|| open(field))).collect()
}

/// The type of a work table's column for rows of this type.
pub(super) fn work_type(data_type: &DataType) -> DataType {
    if data_type.is_decimal() { OPEN_NUMERIC } else { data_type.clone() }
}

/// A query without the casts of numerics that planning has made around its columns.
pub(super) fn uncast(plan: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Projection(Projection { expr, input, .. }) = plan else { return Ok(plan) };
    let uncast = |expr: Expr| match expr {
        Expr::Alias(mut alias) => {
            *alias.expr = without_cast(*alias.expr);
            Expr::Alias(alias)
        }
        Expr::Cast(_) => {
            let name = expr.schema_name().to_string();
            without_cast(expr).alias(name)
        }
        other => other,
    };
    let exprs = expr.into_iter().map(uncast).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, input)?))
}

/// A cast that the query has not asked for has no name.
fn without_cast(expr: Expr) -> Expr {
    match expr {
        Expr::Cast(cast) if cast.field.data_type().is_decimal() && cast.field.name() != CAST => *cast.expr,
        other => other,
    }
}
