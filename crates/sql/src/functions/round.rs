//! `round(value)`: floats half to even, as PostgreSQL rounds them, and numerics half away from zero, to as
//! many digits as are said.
//!
//! An integer alone is taken as a float, which PostgreSQL prefers, and beside a number of digits as a numeric.

use std::sync::Arc;

use arrow::array::{AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, plan_err};
use datafusion::functions::math;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::whole::{Toward, answered, whole, without_digits};

/// `round(value [, digits])`
pub(super) fn round() -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Round { inner: math::round(), signature, planned: None }))
}

/// `round(number, digits)` of a numeric, its type settled while the query is planned: what is no constant then may
/// be one later.
pub(super) fn round_planned(data_type: &DataType, digits: Option<i8>) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    let planned = Some(answered(data_type, Some(digits)));
    Arc::new(ScalarUDF::new_from_impl(Round { inner: math::round(), signature, planned }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Round {
    inner: Arc<ScalarUDF>,
    signature: Signature,
    planned: Option<DataType>,
}

impl ScalarUDFImpl for Round {
    fn name(&self) -> &str {
        "round"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let is_open = |data_type: &DataType| data_type.is_null() || matches!(data_type, DataType::Utf8);
        match arg_types {
            [number] if number.is_integer() || number.is_floating() || is_open(number) => {
                Ok(vec![DataType::Float64])
            }
            [number] if number.is_decimal() => Ok(vec![number.clone()]),
            [number, digits] if digits.is_integer() || is_open(digits) => {
                let number = match number {
                    other if other.is_integer() || is_open(other) => DataType::Decimal128(20, 0),
                    other if other.is_decimal() => other.clone(),
                    _ => return no_such(arg_types),
                };
                Ok(vec![number, DataType::Int64])
            }
            _ => no_such(arg_types),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let given = args.arg_fields[0].data_type();
        let data_type = match &self.planned {
            Some(planned) => planned.clone(),
            None if given.is_decimal() => {
                let digits = args.scalar_arguments.get(1).map(|digits| digits.and_then(whole));
                answered(given, digits)
            }
            None => return self.inner.return_field_from_args(args),
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if args.arg_fields[0].data_type().is_decimal() {
            return without_digits(&args, Toward::Nearest);
        }
        let ([value], true) = (args.args.as_slice(), args.return_field.data_type().is_floating()) else {
            return self.inner.invoke_with_args(args);
        };
        let floats = cast(&value.to_array(args.number_rows)?, &DataType::Float64)?;
        let rounded: Float64Array = floats.as_primitive::<Float64Type>().unary(f64::round_ties_even);
        Ok(ColumnarValue::Array(cast(&rounded, args.return_field.data_type())?))
    }
}

fn no_such<T>(arg_types: &[DataType]) -> Result<T> {
    let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
    // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
    plan_err!("given name and argument types 'round({})'.", types.join(", "))
}
