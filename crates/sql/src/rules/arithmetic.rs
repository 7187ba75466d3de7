//! Arithmetic that fails where PostgreSQL's does: numbers out of range, division of floats by zero.
//!
//! DataFusion's own operators wrap around, and divide floats to infinity. It also computes
//! constants at planning with the same operators, so the exchange is made before that.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Datum};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::error::ArrowError;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, DataFusionError, Result, exec_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;
use lakeport_base::SqlState;

use crate::error::Error;

/// Puts arithmetic that fails where PostgreSQL's does in the place of DataFusion's.
#[derive(Debug, Default)]
pub struct CheckedArithmetic;

impl AnalyzerRule for CheckedArithmetic {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(rewrite).map(|rewritten| rewritten.data)
    }

    fn name(&self) -> &str {
        "checked_arithmetic"
    }
}

fn rewrite(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let mut schema = DFSchema::empty();
    for input in plan.inputs() {
        schema.merge(input.schema());
    }
    if let LogicalPlan::TableScan(scan) = &plan {
        schema.merge(&scan.projected_schema);
    }
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let checked = expr.transform_up(|expr| Ok(checked(expr, &schema)))?;
        Ok(checked.update_data(|expr| name.restore(expr)))
    })
}

fn checked(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = expr else { return Transformed::no(expr) };
    let operation = match (op, left.get_type(schema), right.get_type(schema)) {
        // An expression without a type is an error that its own planning reports better.
        (op, Ok(left), Ok(right)) if left == right => Operation::of(op, &left),
        _ => None,
    };
    match operation {
        Some(operation) => {
            let function = Checked { operation, signature: Signature::any(2, Volatility::Immutable) };
            let function = Arc::new(ScalarUDF::new_from_impl(function));
            Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![*left, *right])))
        }
        None => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    DivideFloats,
}

impl Operation {
    fn of(op: Operator, data_type: &DataType) -> Option<Operation> {
        match op {
            Operator::Plus if data_type.is_integer() || data_type.is_floating() => Some(Operation::Add),
            Operator::Minus if data_type.is_integer() || data_type.is_floating() => Some(Operation::Subtract),
            Operator::Multiply if data_type.is_integer() || data_type.is_floating() => {
                Some(Operation::Multiply)
            }
            Operator::Divide if data_type.is_floating() => Some(Operation::DivideFloats),
            _ => None,
        }
    }

    fn compute(self, left: &dyn Datum, right: &dyn Datum) -> Result<ArrayRef> {
        let computed = match self {
            Operation::Add => numeric::add(left, right),
            Operation::Subtract => numeric::sub(left, right),
            Operation::Multiply => numeric::mul(left, right),
            Operation::DivideFloats => {
                if divides_by_zero(left, right)? {
                    return Err(failure(SqlState::DIVISION_BY_ZERO, "division by zero"));
                }
                numeric::div(left, right)
            }
        };
        let computed = computed.map_err(|error| match error {
            ArrowError::ArithmeticOverflow(_) => out_of_range(left.get().0.data_type()),
            other => other.into(),
        })?;
        match self.strays(left, right, &computed) {
            None => Ok(computed),
            Some(how) => {
                let message = format!("value out of range: {how}");
                Err(failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, &message))
            }
        }
    }

    /// How a float has left the range of its type, if one has. `float8_mul` and its kin in PostgreSQL's `float.h`
    fn strays(self, left: &dyn Datum, right: &dyn Datum, computed: &ArrayRef) -> Option<&'static str> {
        let can_vanish = matches!(self, Operation::Multiply | Operation::DivideFloats);
        (0..computed.len()).find_map(|row| {
            let answer = number(computed.as_ref(), row)?;
            let is_suspect = answer.is_infinite() || (can_vanish && answer == 0.0);
            if !is_suspect {
                return None;
            }
            let at = |datum: &dyn Datum| {
                let (array, is_scalar) = datum.get();
                number(array, if is_scalar { 0 } else { row })
            };
            let (left, right) = (at(left)?, at(right)?);
            if answer.is_infinite() {
                return (left.is_finite() && right.is_finite()).then_some("overflow");
            }
            let is_zero = left == 0.0 || (self == Operation::Multiply && right == 0.0) || right.is_infinite();
            (!is_zero).then_some("underflow")
        })
    }
}

/// NaN divided by zero is NaN in PostgreSQL; every other number is an error.
fn divides_by_zero(left: &dyn Datum, right: &dyn Datum) -> Result<bool> {
    let ((left, left_is_scalar), (right, right_is_scalar)) = (left.get(), right.get());
    let length = if left_is_scalar { right.len() } else { left.len() };
    let at = |is_scalar: bool, row: usize| if is_scalar { 0 } else { row };
    Ok((0..length).any(|row| {
        number(right, at(right_is_scalar, row)) == Some(0.0)
            && number(left, at(left_is_scalar, row)).is_some_and(|number| !number.is_nan())
    }))
}

/// The float of a row; none where it is NULL or no float.
fn number(array: &dyn Array, row: usize) -> Option<f64> {
    match array.data_type() {
        _ if array.is_null(row) => None,
        DataType::Float32 => Some(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().value(row)),
        _ => None,
    }
}

fn out_of_range(data_type: &DataType) -> DataFusionError {
    let name = match data_type {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint",
        DataType::Int32 | DataType::UInt16 => "integer",
        _ => "bigint",
    };
    failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, &format!("{name} out of range"))
}

fn failure(sqlstate: SqlState, message: &str) -> DataFusionError {
    DataFusionError::External(Box::new(Error::new(sqlstate, message)))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    operation: Operation,
    signature: Signature,
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operation {
            Operation::Add => "checked_add",
            Operation::Subtract => "checked_subtract",
            Operation::Multiply => "checked_multiply",
            Operation::DivideFloats => "checked_divide",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(arg_types[0].clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let computed = match args.args.as_slice() {
            [ColumnarValue::Array(left), ColumnarValue::Array(right)] => {
                self.operation.compute(left, right)?
            }
            [ColumnarValue::Array(left), ColumnarValue::Scalar(right)] => {
                self.operation.compute(left, &right.to_scalar()?)?
            }
            [ColumnarValue::Scalar(left), ColumnarValue::Array(right)] => {
                self.operation.compute(&left.to_scalar()?, right)?
            }
            [ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)] => {
                let computed = self.operation.compute(&left.to_scalar()?, &right.to_scalar()?)?;
                return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(
                    &computed, 0,
                )?));
            }
            _ => return exec_err!("{} takes two arguments", self.name()),
        };
        Ok(ColumnarValue::Array(computed))
    }
}
