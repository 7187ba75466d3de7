//! Products and quotients of numerics that DataFusion's decimals have no room for.
//!
//! A quotient has as many digits behind its point as PostgreSQL gives it, which each value decides by its size; so a
//! column of them is [`RATIO_NUMERIC`]. A product of open numerics has all its digits, or is refused.
//!
//! Source: `select_div_scale` in PostgreSQL's `numeric.c`.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal256Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Decimal256Type, i256};
use datafusion::common::{DFSchema, Result, ScalarValue, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use lakeport_base::SqlState;

use super::defined::external;
use super::failure;
use crate::types::{OPEN_NUMERIC, RATIO_NUMERIC, RATIO_SCALE, is_open_numeric, is_rounded_numeric};
use crate::value::read::Decimal;
use crate::value::{self, DIGIT, SIGNIFICANT_DIGITS, shown};

/// Digits behind the point of a decimal of 128 bits.
const NARROW_SCALE: i16 = 38;

/// Digits of the largest integer.
const BIGINT_DIGITS: i16 = 20;

/// Digits of a decimal of 256 bits.
const PRECISION_MAX: u8 = 76;

/// A multiplication, division or rest of numerics as it is to be computed; none where DataFusion's own does.
///
/// # Errors
///
/// 22012 for a division of constants by zero, 22003 where what they make has too many digits.
pub(crate) fn numeric_operation(
    op: Operator,
    left: &Expr,
    right: &Expr,
    schema: &DFSchema,
) -> Result<Option<Expr>> {
    let (Ok(left_type), Ok(right_type)) = (left.get_type(schema), right.get_type(schema)) else {
        return Ok(None);
    };
    let is_exact = |data_type: &DataType| data_type.is_integer() || data_type.is_decimal();
    if !is_exact(&left_type) || !is_exact(&right_type) || !(left_type.is_decimal() || right_type.is_decimal())
    {
        return Ok(None);
    }
    let operation = match op {
        Operator::Multiply => Operation::Multiply,
        Operator::Divide => Operation::Divide,
        Operator::Modulo => Operation::Rest,
        _ => return Ok(None),
    };
    if let (Some(left), Some(right)) = (constant(left), constant(right)) {
        let answer = match operation {
            Operation::Multiply => whole_product(left, right),
            Operation::Divide => quotient(left, right),
            Operation::Rest => rest(left, right),
        };
        return Ok(Some(Expr::Literal(literal(answer?)?, None)));
    }
    let Some(target) = operation.target(&left_type, &right_type) else { return Ok(None) };
    let function = Arc::new(ScalarUDF::new_from_impl(Numeric::new(operation, target)));
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![left.clone(), right.clone()]))))
}

/// A quotient of numerics, as the operator gives it.
pub(crate) fn numeric_quotient(left: Expr, right: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(numeric_div(), vec![left, right]))
}

/// The number that a constant is.
pub(crate) fn constant(expr: &Expr) -> Option<Decimal> {
    match expr {
        Expr::Literal(value, _) => of_scalar(value),
        Expr::Alias(alias) => constant(&alias.expr),
        Expr::Negative(inner) => {
            constant(inner).map(|number| Decimal { unscaled: number.unscaled.wrapping_neg(), ..number })
        }
        _ => None,
    }
}

fn of_scalar(value: &ScalarValue) -> Option<Decimal> {
    let whole = |number: i64| Some(Decimal { unscaled: i256::from_i128(i128::from(number)), scale: 0 });
    match value {
        ScalarValue::Int16(Some(number)) => whole(i64::from(*number)),
        ScalarValue::Int32(Some(number)) => whole(i64::from(*number)),
        ScalarValue::Int64(Some(number)) => whole(*number),
        ScalarValue::Decimal128(Some(number), _, scale @ 0..) => {
            Some(Decimal { unscaled: i256::from_i128(*number), scale: scale.unsigned_abs() })
        }
        ScalarValue::Decimal256(Some(number), precision, scale @ 0..) => {
            Some(shown(*number, &DataType::Decimal256(*precision, *scale)))
        }
        _ => None,
    }
}

/// A number as a constant of its own type.
///
/// # Errors
///
/// 22003 where it has too many digits.
pub(crate) fn literal(number: Decimal) -> Result<ScalarValue> {
    literal_as(number, &number.data_type())
}

/// A number as a constant of this type.
///
/// # Errors
///
/// 22003 where it has too many digits.
pub(crate) fn literal_as(number: Decimal, data_type: &DataType) -> Result<ScalarValue> {
    let column = value::decimals(std::iter::once(Some(number)), data_type);
    ScalarValue::try_from_array(&column.map_err(|error| external(error.into()))?, 0)
}

/// `numeric_div(numeric, numeric)`, the function behind PostgreSQL's operator.
pub(super) fn numeric_div() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Numeric::new(Operation::Divide, RATIO_NUMERIC)))
}

/// Plans quotients of numerics for which DataFusion, not having room for their digits, has no type.
#[derive(Debug)]
pub(super) struct WideQuotients;

impl ExprPlanner for WideQuotients {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let is_wide = |side: &Expr| {
            side.get_type(schema).is_ok_and(|data_type| matches!(data_type, DataType::Decimal256(..)))
        };
        if expr.op != BinaryOperator::Divide || !(is_wide(&expr.left) || is_wide(&expr.right)) {
            return Ok(PlannerResult::Original(expr));
        }
        Ok(match numeric_operation(Operator::Divide, &expr.left, &expr.right, schema)? {
            Some(quotient) => PlannerResult::Planned(quotient),
            None => PlannerResult::Original(expr),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Multiply,
    Divide,
    Rest,
}

impl Operation {
    /// What carries the answers; none where DataFusion's own operator has room for them.
    fn target(self, left: &DataType, right: &DataType) -> Option<DataType> {
        let ((left_precision, left_scale), (right_precision, right_scale)) = (digits(left), digits(right));
        let is_rounded = is_rounded_numeric(left) || is_rounded_numeric(right);
        let is_open = is_open_numeric(left) || is_open_numeric(right);
        match self {
            Self::Divide => Some(RATIO_NUMERIC),
            // Beside a quotient, which is rounded already, a product is rounded too.
            Self::Multiply | Self::Rest if is_rounded => Some(RATIO_NUMERIC),
            Self::Multiply | Self::Rest if is_open => Some(OPEN_NUMERIC),
            Self::Multiply => (left_scale + right_scale > NARROW_SCALE).then_some(OPEN_NUMERIC),
            // DataFusion takes every rest of a division by 1 for 0.
            Self::Rest => {
                let scale = left_scale.max(right_scale);
                let whole = (left_precision - left_scale).min(right_precision - right_scale);
                Some(match u8::try_from(whole.max(0) + scale).unwrap_or(PRECISION_MAX) {
                    precision @ 0..=38 => DataType::Decimal128(precision.max(1), scale as i8),
                    precision => DataType::Decimal256(precision.min(PRECISION_MAX), scale as i8),
                })
            }
        }
    }
}

/// The digits of an exact number's type, and those behind the point.
fn digits(data_type: &DataType) -> (i16, i16) {
    match data_type {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => (i16::from(*precision), i16::from((*scale).max(0))),
        _ => (BIGINT_DIGITS, 0),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Numeric {
    operation: Operation,
    target: DataType,
    signature: Signature,
}

impl Numeric {
    fn new(operation: Operation, target: DataType) -> Numeric {
        Numeric { operation, target, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Numeric {
    fn name(&self) -> &str {
        match self.operation {
            Operation::Multiply => "numeric_mul",
            Operation::Divide => "numeric_div",
            Operation::Rest => "numeric_mod",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let taken = |data_type: &DataType| match data_type {
            other if other.is_decimal() || other.is_integer() => Ok(other.clone()),
            DataType::Null => Ok(DataType::Decimal128(1, 0)),
            other => plan_err!("given name and argument types '{}({other})'.", self.name()),
        };
        arg_types.iter().map(taken).collect()
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.target.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (left, left_type) = decimals(&args.args[0], args.number_rows)?;
        let (right, right_type) = decimals(&args.args[1], args.number_rows)?;
        let pairs = left.iter().zip(&right).map(|(left, right)| {
            let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
            let (left, right) = (shown(left, &left_type), shown(right, &right_type));
            match self.operation {
                Operation::Divide => quotient(left, right),
                Operation::Multiply => product(left, right, self.target == RATIO_NUMERIC),
                Operation::Rest => rest(left, right),
            }
            .map(Some)
        });
        let answers = pairs.collect::<Result<Vec<Option<Decimal>>>>()?;
        let column = value::decimals(answers.into_iter(), args.return_field.data_type());
        Ok(ColumnarValue::Array(column.map_err(|error| external(error.into()))?))
    }
}

/// The numbers of an argument, and the type that says how they are shown.
pub(super) fn decimals(value: &ColumnarValue, rows: usize) -> Result<(Decimal256Array, DataType)> {
    let array = value.to_array(rows)?;
    let scale = match array.data_type() {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    };
    let given = array.data_type().clone();
    let wide = DataType::Decimal256(PRECISION_MAX, scale.max(0));
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let array: ArrayRef = cast_with_options(&array, &wide, &options)?;
    let shown_as = if is_open_numeric(&given) { given } else { wide };
    Ok((array.as_primitive::<Decimal256Type>().clone(), shown_as))
}

pub(super) fn overflow() -> datafusion::common::DataFusionError {
    failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow")
}

/// With all digits, zeros at the end among them.
fn whole_product(left: Decimal, right: Decimal) -> Result<Decimal> {
    let unscaled = left.unscaled.checked_mul(right.unscaled).ok_or_else(overflow)?;
    let scale = left.scale.checked_add(right.scale).filter(|scale| *scale <= PRECISION_MAX);
    Ok(Decimal { unscaled, scale: scale.ok_or_else(overflow)? })
}

/// The rest of a division, with the sign of the dividend.
fn rest(left: Decimal, right: Decimal) -> Result<Decimal> {
    if right.unscaled == i256::ZERO {
        return Err(failure(SqlState::DIVISION_BY_ZERO, "division by zero"));
    }
    let scale = left.scale.max(right.scale);
    let at_scale = |number: Decimal| number.rescaled(scale, PRECISION_MAX).ok_or_else(overflow);
    Ok(Decimal { unscaled: at_scale(left)?.wrapping_rem(at_scale(right)?), scale })
}

fn product(left: Decimal, right: Decimal, is_rounded: bool) -> Result<Decimal> {
    let (left, right) = (left.shortest(), right.shortest());
    let unscaled = left.unscaled.checked_mul(right.unscaled).ok_or_else(overflow)?;
    let product = Decimal { unscaled, scale: left.scale + right.scale };
    if is_rounded && i16::from(product.scale) > i16::from(RATIO_SCALE) {
        let scale = RATIO_SCALE.unsigned_abs();
        let unscaled = product.rescaled(scale, PRECISION_MAX).ok_or_else(overflow)?;
        return Ok(Decimal { unscaled, scale });
    }
    Ok(product)
}

/// The quotient with the digits that PostgreSQL gives it, rounded half away from zero.
pub(super) fn quotient(left: Decimal, right: Decimal) -> Result<Decimal> {
    if right.unscaled == i256::ZERO {
        return Err(failure(SqlState::DIVISION_BY_ZERO, "division by zero"));
    }
    let scale = quotient_scale(left, right);
    // Without zeros at their ends there is the most room for the digits of the quotient.
    let (left, right) = (left.shortest(), right.shortest());
    let power = i32::from(scale) - i32::from(left.scale) + i32::from(right.scale);
    let ten = i256::from_i128(10);
    let raised = |number: i256, power: i32| {
        ten.checked_pow(power.unsigned_abs()).and_then(|power| number.checked_mul(power)).ok_or_else(overflow)
    };
    let (dividend, divisor) = match power {
        0.. => (raised(left.unscaled, power)?, right.unscaled),
        _ => (left.unscaled, raised(right.unscaled, power)?),
    };
    Ok(Decimal { unscaled: rounded(dividend, divisor), scale })
}

/// Source: `select_div_scale`.
fn quotient_scale(left: Decimal, right: Decimal) -> u8 {
    let ((left_weight, left_first), (right_weight, right_first)) = (left.leading(), right.leading());
    // The weight of a quotient is guessed; where the first digits are equal, as if it were smaller.
    let weight = left_weight - right_weight - i32::from(left_first <= right_first);
    let scale = (SIGNIFICANT_DIGITS - weight * DIGIT).max(i32::from(left.scale)).max(i32::from(right.scale));
    u8::try_from(scale.clamp(0, i32::from(RATIO_SCALE))).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::quotient;
    use crate::value::read::decimal;

    #[track_caller]
    fn check(left: &str, right: &str, expected: &str) {
        let quotient = quotient(decimal(left).unwrap(), decimal(right).unwrap()).unwrap();
        assert_eq!(quotient, decimal(expected).unwrap(), "{left} / {right}");
    }

    #[test]
    fn quotients_have_the_digits_that_they_have_in_postgres() {
        check("1", "3.0", "0.33333333333333333333");
        check("10", "3.0", "3.3333333333333333");
        check("2", "3", "0.66666666666666666667");
        check("-1", "3", "-0.33333333333333333333");
        check("1000000", "3", "333333.333333333333");
        check("1", "1", "1.00000000000000000000");
        check("6", "5", "1.2000000000000000");
        check("0", "5", "0.00000000000000000000");
        check("100.00", "7", "14.2857142857142857");
        check("1", "12345", "0.000081004455245038477116");
    }
}
