//! Division of numerics, with at least sixteen digits behind the point as PostgreSQL has.
//!
//! DataFusion's own adds four digits to those of the dividend, which loses most of a ratio.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, i256};
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use lakeport_base::SqlState;

use super::failure;

/// Digits behind the point: PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`.
const SCALE: i8 = 16;

/// Digits of a decimal.
const PRECISION: u8 = 38;

/// Digits of the largest integer.
const INTEGER_PRECISION: u8 = 20;

/// Plans the division of a numeric by a numeric or an integer, and the other way round.
#[derive(Debug, Default)]
pub struct DivisionPlanner;

impl ExprPlanner for DivisionPlanner {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if expr.op != BinaryOperator::Divide {
            return Ok(PlannerResult::Original(expr));
        }
        // An operand without a type is an error that its own planning reports better.
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        let is_decimal = |data_type: &DataType| matches!(data_type, DataType::Decimal128(_, 0..=SCALE));
        let fits = |data_type: &DataType| is_decimal(data_type) || data_type.is_integer();
        if !fits(&left) || !fits(&right) || !(is_decimal(&left) || is_decimal(&right)) {
            return Ok(PlannerResult::Original(expr));
        }
        let call = ScalarFunction::new_udf(numeric_div(), vec![expr.left, expr.right]);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }
}

/// `numeric_div(numeric, numeric)`, the function behind PostgreSQL's operator.
pub(super) fn numeric_div() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Division { signature: Signature::user_defined(Volatility::Immutable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Division {
    signature: Signature,
}

impl ScalarUDFImpl for Division {
    fn name(&self) -> &str {
        "numeric_div"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let taken = |data_type: &DataType| match data_type {
            DataType::Decimal128(_, 0..=SCALE) => Ok(data_type.clone()),
            other if other.is_integer() || other.is_null() => Ok(DataType::Decimal128(INTEGER_PRECISION, 0)),
            other => plan_err!("given name and argument types 'numeric_div({other})'."),
        };
        arg_types.iter().map(taken).collect()
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(PRECISION, SCALE))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (left, left_scale) = decimals(&args.args[0], args.number_rows)?;
        let (right, right_scale) = decimals(&args.args[1], args.number_rows)?;
        let (left, right) = (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
        // At least 0: no scale here is above that of the quotient.
        let power = 10_i128.pow(u32::from((SCALE - left_scale + right_scale).unsigned_abs()));
        let limit = i256::from_i128(10_i128.pow(u32::from(PRECISION)));
        let mut quotients = Vec::with_capacity(left.len());
        for (left, right) in left.iter().zip(right) {
            quotients.push(match (left, right) {
                (Some(_), Some(0)) => return Err(failure(SqlState::DIVISION_BY_ZERO, "division by zero")),
                (Some(left), Some(right)) => {
                    let dividend = i256::from_i128(left).wrapping_mul(i256::from_i128(power));
                    let quotient = rounded(dividend, i256::from_i128(right));
                    let fits = quotient.wrapping_abs() < limit;
                    let quotient = quotient.to_i128().filter(|_| fits);
                    Some(quotient.ok_or_else(|| {
                        failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow")
                    })?)
                }
                _ => None,
            });
        }
        let quotients = Decimal128Array::from(quotients).with_precision_and_scale(PRECISION, SCALE)?;
        Ok(ColumnarValue::Array(Arc::new(quotients)))
    }
}

/// Half away from zero.
fn rounded(dividend: i256, divisor: i256) -> i256 {
    let quotient = dividend.wrapping_div(divisor);
    let rest = dividend.wrapping_rem(divisor).wrapping_abs();
    if rest >= divisor.wrapping_abs().wrapping_sub(rest) {
        let is_negative = dividend.is_negative() != divisor.is_negative();
        return quotient.wrapping_add(if is_negative { i256::MINUS_ONE } else { i256::ONE });
    }
    quotient
}

fn decimals(value: &ColumnarValue, rows: usize) -> Result<(ArrayRef, i8)> {
    let array = value.to_array(rows)?;
    Ok(match array.data_type() {
        DataType::Decimal128(_, scale) => (Arc::clone(&array), *scale),
        _ => (cast(&array, &DataType::Decimal128(INTEGER_PRECISION, 0))?, 0),
    })
}
