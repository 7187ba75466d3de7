//! Casts that read and round as PostgreSQL's do.
//!
//! To text: a float, date, timestamp, interval, bytea, array or record is written in
//! PostgreSQL's text, in the session's style. To integers: a float rounds half to even, a
//! numeric half away from zero, and what does not fit is an error.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::round::float_to_integer;
use super::text::pg_text;

/// Decimal digits that every integer fits into.
const PRECISION_MAX: u8 = 38;

/// Puts PostgreSQL's casts in the place of DataFusion's.
#[derive(Debug, Default)]
pub struct PgCasts;

impl AnalyzerRule for PgCasts {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(rewrite).map(|rewritten| rewritten.data)
    }

    fn name(&self) -> &str {
        "pg_casts"
    }
}

fn rewrite(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let cast = expr.transform_up(|expr| Ok(as_in_postgres(expr, &schema)))?;
        Ok(cast.update_data(|expr| name.restore(expr)))
    })
}

fn as_in_postgres(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let Expr::Cast(Cast { expr: inner, field }) = expr else { return Transformed::no(expr) };
    // An expression without a type is an error that its own planning reports better.
    let Ok(from) = inner.get_type(schema) else {
        return Transformed::no(Expr::Cast(Cast { expr: inner, field }));
    };
    let to = field.data_type().clone();
    if is_text(&to) && has_own_text(&from) {
        let text = Expr::ScalarFunction(ScalarFunction::new_udf(pg_text(), vec![*inner]));
        return Transformed::yes(if to == DataType::Utf8 { text } else { recast(text, field) });
    }
    if to.is_integer() && from.is_floating() {
        let function = float_to_integer(to);
        return Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![*inner])));
    }
    if to.is_integer() && scale(&from).is_some_and(|scale| scale > 0) {
        // Taking digits away rounds half away from zero, where the cast to an integer only cuts.
        let whole = Arc::new(Field::new("whole", DataType::Decimal128(PRECISION_MAX, 0), true));
        return Transformed::yes(recast(recast(*inner, whole), field));
    }
    Transformed::no(Expr::Cast(Cast { expr: inner, field }))
}

fn recast(expr: Expr, field: Arc<Field>) -> Expr {
    Expr::Cast(Cast { expr: Box::new(expr), field })
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether DataFusion would write values of this type otherwise than PostgreSQL.
fn has_own_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => has_own_text(value),
        DataType::Null | DataType::Boolean => false,
        other => !(is_text(other) || other.is_integer() || other.is_decimal()),
    }
}

fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    }
}
