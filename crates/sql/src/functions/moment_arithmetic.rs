//! `+ - * /` and comparisons of dates, times, timestamps and intervals, as PostgreSQL's operators compute them.
//!
//! DataFusion's own know no session zone, give durations where PostgreSQL gives intervals, and
//! compare intervals part by part. The functions carry the names of those behind PostgreSQL's operators.

use arrow::datatypes::{DataType, i256};
use datafusion::common::{DFSchema, Result as DataFusionResult, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use lakeport_base::SqlState;

use super::clock::{is_infinite, justified_hours, negated, out_of_range, plus, plus_in_zone, scaled, sum};
use super::defined::{Definition, immutable, stable, taking};
use crate::error::{Error, Result};
use crate::types::{PgType, column_type};
use crate::value::calendar::DAY_US;
use crate::value::read::{Decimal, Value};
use crate::value::{Interval, Style};

const DATE: PgType = PgType::DATE;
const INTERVAL: PgType = PgType::INTERVAL;
const STAMP: PgType = PgType::TIMESTAMP;
const TIME: PgType = PgType::TIME;
const ZONED: PgType = PgType::TIMESTAMPTZ;

pub(super) const FUNCTIONS: &[Definition] = &[
    immutable("date_mi", &[taking(&[DATE, DATE], PgType::INT4, days_between)]),
    immutable("date_pli", &[taking(&[DATE, PgType::INT8], DATE, |values, _| days_later(values, 1))]),
    immutable("date_mii", &[taking(&[DATE, PgType::INT8], DATE, |values, _| days_later(values, -1))]),
    immutable("datetime_pl", &[taking(&[DATE, TIME], STAMP, date_and_time)]),
    immutable("timestamp_pl_interval", &[taking(&[STAMP, INTERVAL], STAMP, |values, _| later(values, Ok))]),
    immutable(
        "timestamp_mi_interval",
        &[taking(&[STAMP, INTERVAL], STAMP, |values, _| later(values, negated))],
    ),
    stable(
        "timestamptz_pl_interval",
        &[taking(&[ZONED, INTERVAL], ZONED, |values, style| later_in_zone(values, style, Ok))],
    ),
    stable(
        "timestamptz_mi_interval",
        &[taking(&[ZONED, INTERVAL], ZONED, |values, style| later_in_zone(values, style, negated))],
    ),
    immutable("timestamp_mi", &[taking(&[STAMP, STAMP], INTERVAL, time_between)]),
    immutable("timestamptz_mi", &[taking(&[ZONED, ZONED], INTERVAL, time_between)]),
    immutable("time_pl_interval", &[taking(&[TIME, INTERVAL], TIME, |values, _| clock_later(values, 1))]),
    immutable("time_mi_interval", &[taking(&[TIME, INTERVAL], TIME, |values, _| clock_later(values, -1))]),
    immutable("time_mi_time", &[taking(&[TIME, TIME], INTERVAL, clock_between)]),
    immutable("interval_pl", &[taking(&[INTERVAL, INTERVAL], INTERVAL, |values, _| both(values, Ok))]),
    immutable("interval_mi", &[taking(&[INTERVAL, INTERVAL], INTERVAL, |values, _| both(values, negated))]),
    immutable("interval_mul", &[taking(&[INTERVAL, PgType::FLOAT8], INTERVAL, multiplied)]),
    immutable("interval_div", &[taking(&[INTERVAL, PgType::FLOAT8], INTERVAL, divided)]),
    immutable("interval_length", &[taking(&[INTERVAL], PgType::NUMERIC, length)]),
];

fn days_between(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Date(left), Value::Date(right)] = values else { return Ok(None) };
    let is_finite = |days: i32| days != i32::MAX && days != i32::MIN;
    if !is_finite(*left) || !is_finite(*right) {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates"));
    }
    Ok(Some(Value::Int4(left.checked_sub(*right).ok_or_else(|| out_of_range("date"))?)))
}

fn days_later(values: &[Value], sign: i64) -> Result<Option<Value>> {
    let [Value::Date(days), Value::Int8(count)] = values else { return Ok(None) };
    if *days == i32::MAX || *days == i32::MIN {
        return Ok(Some(Value::Date(*days)));
    }
    let moved = count.checked_mul(sign).and_then(|count| count.checked_add(i64::from(*days)));
    let moved = moved.and_then(|days| i32::try_from(days).ok()).ok_or_else(|| out_of_range("date"))?;
    Ok(Some(Value::Date(crate::value::date_in_range(moved)?)))
}

fn date_and_time(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Date(days), Value::Time(clock)] = values else { return Ok(None) };
    Ok(Some(Value::Timestamp(match *days {
        i32::MAX => i64::MAX,
        i32::MIN => i64::MIN,
        days => {
            let start = i64::from(days).checked_mul(DAY_US);
            start.and_then(|start| start.checked_add(*clock)).ok_or_else(|| out_of_range("timestamp"))?
        }
    })))
}

fn later(values: &[Value], change: impl Fn(Interval) -> Result<Interval>) -> Result<Option<Value>> {
    let [Value::Timestamp(micros), Value::Interval(interval)] = values else { return Ok(None) };
    Ok(Some(Value::Timestamp(plus(*micros, change(*interval)?)?)))
}

fn later_in_zone(
    values: &[Value],
    style: &Style,
    change: impl Fn(Interval) -> Result<Interval>,
) -> Result<Option<Value>> {
    let [Value::Timestamp(micros), Value::Interval(interval)] = values else { return Ok(None) };
    Ok(Some(Value::Timestamp(plus_in_zone(*micros, change(*interval)?, style.zone)?)))
}

fn time_between(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Timestamp(left), Value::Timestamp(right)] = values else { return Ok(None) };
    if is_infinite(*left) || is_infinite(*right) {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps"));
    }
    let micros = left.checked_sub(*right).ok_or_else(|| out_of_range("interval"))?;
    Ok(Some(Value::Interval(justified_hours(Interval { months: 0, days: 0, micros })?)))
}

fn clock_later(values: &[Value], sign: i64) -> Result<Option<Value>> {
    let [Value::Time(clock), Value::Interval(interval)] = values else { return Ok(None) };
    let moved = i128::from(*clock) + i128::from(sign) * i128::from(interval.micros);
    Ok(Some(Value::Time(moved.rem_euclid(i128::from(DAY_US)) as i64)))
}

fn clock_between(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Time(left), Value::Time(right)] = values else { return Ok(None) };
    Ok(Some(Value::Interval(Interval { months: 0, days: 0, micros: left - right })))
}

fn both(values: &[Value], change: impl Fn(Interval) -> Result<Interval>) -> Result<Option<Value>> {
    let [Value::Interval(left), Value::Interval(right)] = values else { return Ok(None) };
    Ok(Some(Value::Interval(sum(*left, change(*right)?)?)))
}

fn multiplied(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Interval(interval), Value::Float8(factor)] = values else { return Ok(None) };
    Ok(Some(Value::Interval(scaled(*interval, |part| part * factor)?)))
}

fn divided(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Interval(interval), Value::Float8(divisor)] = values else { return Ok(None) };
    if *divisor == 0.0 {
        return Err(Error::new(SqlState::DIVISION_BY_ZERO, "division by zero"));
    }
    Ok(Some(Value::Interval(scaled(*interval, |part| part / divisor)?)))
}

/// What intervals are compared by: a month is thirty days, a day 24 hours.
fn length(values: &[Value], _style: &Style) -> Result<Option<Value>> {
    let [Value::Interval(interval)] = values else { return Ok(None) };
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    let unscaled = i256::from_i128(days * i128::from(DAY_US) + i128::from(interval.micros));
    Ok(Some(Value::Decimal(Decimal { unscaled, scale: 0 })))
}

/// Plans these operators as calls of these functions.
#[derive(Debug, Default)]
pub struct MomentPlanner;

impl ExprPlanner for MomentPlanner {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> DataFusionResult<PlannerResult<RawBinaryExpr>> {
        // An operand without a type is an error that its own planning reports better.
        let (Ok(left), Ok(right)) = (pg_type(&expr.left, schema), pg_type(&expr.right, schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        // A constant of an open type is taken as the other side's.
        let left_type = if is_open(&expr.left) { right } else { left };
        let right_type = if is_open(&expr.right) { left } else { right };
        let (Some(left_type), Some(right_type)) = (left_type, right_type) else {
            return Ok(PlannerResult::Original(expr));
        };
        if left_type == INTERVAL && right_type == INTERVAL && is_comparison(&expr.op) {
            let length = |expr| call("interval_length", vec![taken_as(expr, INTERVAL)]);
            // A comparison of numbers is planned by whoever comes next.
            return Ok(PlannerResult::Original(RawBinaryExpr {
                op: expr.op,
                left: length(expr.left),
                right: length(expr.right),
            }));
        }
        let Some(operation) = Call::of(&expr.op, left_type, right_type) else {
            return Ok(PlannerResult::Original(expr));
        };
        let (left, right) = (taken_as(expr.left, left_type), taken_as(expr.right, right_type));
        let args = if operation.is_swapped { vec![right, left] } else { vec![left, right] };
        Ok(PlannerResult::Planned(call(operation.function, args)))
    }
}

/// A call of one of these functions.
fn call(name: &str, args: Vec<Expr>) -> Expr {
    let definition = FUNCTIONS.iter().find(|definition| definition.name() == name);
    let function = definition.expect("operators name functions of this table").function();
    Expr::ScalarFunction(ScalarFunction::new_udf(function, args))
}

/// The type of an expression; none where it is open.
fn pg_type(expr: &Expr, schema: &DFSchema) -> DataFusionResult<Option<PgType>> {
    let (_, field) = expr.to_field(schema)?;
    Ok((*field.data_type() != DataType::Null).then(|| column_type(&field).pg_type))
}

fn is_open(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Utf8(_), _))
}

fn taken_as(expr: Expr, pg_type: PgType) -> Expr {
    if is_open(&expr) { Expr::Cast(Cast::new(Box::new(expr), pg_type.arrow())) } else { expr }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}

/// What an operator calls.
struct Call {
    function: &'static str,
    /// Whether the right operand is the first argument.
    is_swapped: bool,
}

impl Call {
    fn of(op: &BinaryOperator, left: PgType, right: PgType) -> Option<Call> {
        let call = |function| Some(Call { function, is_swapped: false });
        match op {
            BinaryOperator::Plus => match Self::sum(left, right) {
                Some(function) => call(function),
                None => Some(Call { function: Self::sum(right, left)?, is_swapped: true }),
            },
            BinaryOperator::Minus => call(Self::difference(left, right)?),
            BinaryOperator::Multiply if left == INTERVAL && is_number(right) => call("interval_mul"),
            BinaryOperator::Multiply if is_number(left) && right == INTERVAL => {
                Some(Call { function: "interval_mul", is_swapped: true })
            }
            BinaryOperator::Divide if left == INTERVAL && is_number(right) => call("interval_div"),
            _ => None,
        }
    }

    fn sum(left: PgType, right: PgType) -> Option<&'static str> {
        Some(match (left, right) {
            (DATE, right) if is_integer(right) => "date_pli",
            (DATE, TIME) => "datetime_pl",
            (DATE | STAMP, INTERVAL) => "timestamp_pl_interval",
            (ZONED, INTERVAL) => "timestamptz_pl_interval",
            (TIME, INTERVAL) => "time_pl_interval",
            (INTERVAL, INTERVAL) => "interval_pl",
            _ => return None,
        })
    }

    fn difference(left: PgType, right: PgType) -> Option<&'static str> {
        Some(match (left, right) {
            (DATE, DATE) => "date_mi",
            (DATE, right) if is_integer(right) => "date_mii",
            (DATE | STAMP, INTERVAL) => "timestamp_mi_interval",
            (ZONED, INTERVAL) => "timestamptz_mi_interval",
            (STAMP | DATE, STAMP) | (STAMP, DATE) => "timestamp_mi",
            (ZONED, ZONED | STAMP | DATE) | (STAMP | DATE, ZONED) => "timestamptz_mi",
            (TIME, INTERVAL) => "time_mi_interval",
            (TIME, TIME) => "time_mi_time",
            (INTERVAL, INTERVAL) => "interval_mi",
            _ => return None,
        })
    }
}

fn is_integer(pg_type: PgType) -> bool {
    [PgType::INT2, PgType::INT4, PgType::INT8].contains(&pg_type)
}

fn is_number(pg_type: PgType) -> bool {
    is_integer(pg_type) || [PgType::FLOAT4, PgType::FLOAT8, PgType::NUMERIC].contains(&pg_type)
}
