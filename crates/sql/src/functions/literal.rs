//! `column = '{1,2}'`: a bare string beside an array is read as one.
//!
//! To PostgreSQL a string has no type until its surroundings give it one. DataFusion does that for
//! most types by itself, but knows no comparison of text with a list.

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable};

/// Gives bare strings the type of the array they stand beside.
#[derive(Debug, Default)]
pub(super) struct ArrayLiterals;

impl ExprPlanner for ArrayLiterals {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let RawBinaryExpr { op, left, right } = expr;
        let (left, right) = match (list(&left, schema), list(&right, schema)) {
            (Some(field), None) if is_string(&right) => (left, read(right, field)),
            (None, Some(field)) if is_string(&left) => (read(left, field), right),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

fn list(expr: &Expr, schema: &DFSchema) -> Option<FieldRef> {
    // An expression without a type is an error that its own planning reports better.
    let (_, field) = expr.to_field(schema).ok()?;
    matches!(field.data_type(), DataType::List(_) | DataType::LargeList(_)).then_some(field)
}

fn is_string(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Utf8(_) | ScalarValue::Utf8View(_), _))
}

fn read(expr: Expr, field: FieldRef) -> Expr {
    Expr::Cast(Cast { expr: Box::new(expr), field })
}
