//! Functions of floats that fail where PostgreSQL's do, instead of giving infinity or NaN.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::functions::math;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use lakeport_base::SqlState;

use super::failure;

/// The functions whose answer is checked.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let finite = |inner: Arc<ScalarUDF>| Arc::new(ScalarUDF::new_from_impl(Finite { inner }));
    vec![
        finite(math::acos()),
        finite(math::acosh()),
        finite(math::asin()),
        finite(math::atanh()),
        finite(math::exp()),
        finite(math::ln()),
        finite(math::log()),
        finite(math::log10()),
        finite(math::power()),
        finite(math::sqrt()),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Finite {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Finite {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let given = args.args.iter().map(|arg| floats(arg, rows)).collect::<Result<Vec<_>>>()?;
        let answer = self.inner.invoke_with_args(args)?;
        let answers = floats(&answer, rows)?;
        for (row, answer) in answers.as_primitive::<Float64Type>().iter().enumerate() {
            if answer.is_none_or(f64::is_finite) {
                continue;
            }
            let values: Vec<f64> =
                given.iter().map(|column| column.as_primitive::<Float64Type>().value(row)).collect();
            if values.iter().all(|value| value.is_finite()) {
                return Err(refusal(self.name(), values.last().copied().unwrap_or(0.0)));
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
