//! Constants: `column = '{1,2}'`, a bare string beside an array, a truth value or a uuid, and numbers with their types.
//!
//! To PostgreSQL a string has no type until its surroundings give it one. DataFusion does that for
//! most types by itself, but knows no comparison of text with a list.

use arrow::datatypes::{DataType, FieldRef, i256};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawDictionaryExpr};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use lakeport_base::SqlState;

use crate::error::{Culprit, Error};
use crate::types::{PgType, column_type};

/// Gives bare strings the type of the array, truth value, uuid or numeric that they stand beside.
#[derive(Debug, Default)]
pub(super) struct ArrayLiterals;

impl ExprPlanner for ArrayLiterals {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let RawBinaryExpr { op, left, right } = expr;
        if is_arithmetic(&op) && is_untold(&left) && is_untold(&right) {
            return Err(DataFusionError::External(Box::new(ambiguous(&op))));
        }
        let (left, right) = match (list(&left, schema), list(&right, schema)) {
            (Some(field), None) if is_string(&right) => (left, read(right, field)),
            (None, Some(field)) if is_string(&left) => (read(left, field), right),
            _ if is_string(&right) => match scalar(&left, &op, schema) {
                Some(field) => (left, read(right, field)),
                None => (left, right),
            },
            _ if is_string(&left) => match scalar(&right, &op, schema) {
                Some(field) => (read(left, field), right),
                None => (left, right),
            },
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// Plans numbers that `resolve` has written with their types: `{int4: '7'}`.
#[derive(Debug, Default)]
pub(super) struct TypedNumbers;

impl ExprPlanner for TypedNumbers {
    fn plan_dictionary_literal(
        &self,
        expr: RawDictionaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawDictionaryExpr>> {
        Ok(match typed(&expr) {
            Some(number) => PlannerResult::Planned(number),
            None => PlannerResult::Original(expr),
        })
    }
}

fn typed(expr: &RawDictionaryExpr) -> Option<Expr> {
    let (
        [Expr::Literal(ScalarValue::Utf8(Some(name)), _)],
        [Expr::Literal(ScalarValue::Utf8(Some(text)), _)],
    ) = (expr.keys.as_slice(), expr.values.as_slice())
    else {
        return None;
    };
    Some(match PgType::by_name(name)? {
        PgType::INT4 => lit(text.parse::<i32>().ok()?),
        PgType::INT8 => lit(text.parse::<i64>().ok()?),
        PgType::FLOAT8 => lit(text.parse::<f64>().ok()?),
        PgType::NUMERIC => {
            let digits = u8::try_from(text.trim_start_matches('-').len()).ok()?;
            match text.parse::<i128>() {
                Ok(value) if digits <= 38 => lit(ScalarValue::Decimal128(Some(value), digits, 0)),
                _ => lit(ScalarValue::Decimal256(Some(i256::from_string(text)?), digits, 0)),
            }
        }
        _ => return None,
    })
}

fn list(expr: &Expr, schema: &DFSchema) -> Option<FieldRef> {
    // An expression without a type is an error that its own planning reports better.
    let (_, field) = expr.to_field(schema).ok()?;
    matches!(field.data_type(), DataType::List(_) | DataType::LargeList(_)).then_some(field)
}

/// The field of a value of a type that DataFusion compares with no text, or as texts.
fn scalar(expr: &Expr, op: &BinaryOperator, schema: &DFSchema) -> Option<FieldRef> {
    let (_, field) = expr.to_field(schema).ok()?;
    let pg_type = column_type(&field).pg_type;
    let is_read = match pg_type {
        PgType::NUMERIC => is_of_numbers(op),
        PgType::INT2 | PgType::INT4 | PgType::INT8 | PgType::FLOAT4 | PgType::FLOAT8 => is_arithmetic(op),
        other => [PgType::BOOL, PgType::UUID].contains(&other),
    };
    is_read.then(|| pg_type.field("", true).into())
}

/// Whether an operator computes with numbers or compares them.
fn is_of_numbers(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Plus};
    matches!(op, Plus | Minus | Multiply | Divide | Modulo | Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(op, Plus | Minus | Multiply | Divide | Modulo)
}

/// Whether nothing tells the type of a constant or a parameter.
fn is_untold(expr: &Expr) -> bool {
    is_string(expr) || matches!(expr, Expr::Placeholder(Placeholder { field: None, .. }))
}

fn ambiguous(op: &BinaryOperator) -> Error {
    let message = format!("operator is not unique: unknown {op} unknown");
    let error = Error::new(SqlState::AMBIGUOUS_FUNCTION, message)
        .with_hint("Could not choose a best candidate operator. You might need to add explicit type casts.");
    error.about(Culprit::Operator(op.to_string()))
}

fn is_string(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Utf8(_) | ScalarValue::Utf8View(_), _))
}

fn read(expr: Expr, field: FieldRef) -> Expr {
    Expr::Cast(Cast { expr: Box::new(expr), field })
}
