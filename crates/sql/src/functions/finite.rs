//! Functions of floats that fail where PostgreSQL's do, instead of giving infinity or NaN.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::functions::math;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use lakeport_base::SqlState;

use super::failure;
use super::wrapped::{Change, changed};

/// The functions whose answer is checked.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    [math::acos(), math::acosh(), math::asin(), math::atanh()].into_iter().map(finite).collect()
}

/// The function with its answers checked.
pub(super) fn finite(inner: Arc<ScalarUDF>) -> Arc<ScalarUDF> {
    changed(inner, Finite)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Finite;

impl Change for Finite {
    fn invoke(&self, inner: &ScalarUDF, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let given = args.args.iter().map(|arg| floats(arg, rows)).collect::<Result<Vec<_>>>()?;
        let answer = inner.invoke_with_args(args)?;
        let answers = floats(&answer, rows)?;
        for (row, answer) in answers.as_primitive::<Float64Type>().iter().enumerate() {
            if answer.is_none_or(f64::is_finite) {
                continue;
            }
            let values: Vec<f64> =
                given.iter().map(|column| column.as_primitive::<Float64Type>().value(row)).collect();
            if values.iter().all(|value| value.is_finite()) {
                return Err(refusal(inner.name(), values.last().copied().unwrap_or(0.0)));
            }
        }
        Ok(answer)
    }
}

fn floats(value: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    Ok(cast(&value.to_array(rows)?, &DataType::Float64)?)
}

/// Why a function has no answer for numbers that are finite; `last` is its last argument.
fn refusal(name: &str, last: f64) -> DataFusionError {
    match name {
        "ln" | "log" | "log10" if last == 0.0 => {
            failure(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of zero")
        }
        "ln" | "log" | "log10" if last < 0.0 => {
            failure(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of a negative number")
        }
        "sqrt" => {
            failure(SqlState::INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number")
        }
        "exp" | "power" if last != last.trunc() => failure(
            SqlState::INVALID_ARGUMENT_FOR_POWER,
            "a negative number raised to a non-integer power yields a complex result",
        ),
        "exp" | "power" => failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow"),
        _ => failure(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range"),
    }
}
