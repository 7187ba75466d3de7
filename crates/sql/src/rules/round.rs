//! Floats to integers: rounded half to even, and an error where they do not fit.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use crate::error::Error;

/// The function that casts a float to this integer type.
pub(super) fn float_to_integer(target: DataType) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(FloatToInteger {
        target,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FloatToInteger {
    target: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for FloatToInteger {
    fn name(&self) -> &str {
        "float_to_integer"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.target.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let array = args.args[0].to_array(if is_scalar { 1 } else { args.number_rows })?;
        let rounded = rounded(&array, &self.target)?;
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&rounded, 0)?)
        } else {
            ColumnarValue::Array(rounded)
        })
    }
}

fn rounded(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let (low, high) = bounds(target);
    let floats = cast(array, &DataType::Float64)?;
    let integers = floats.as_primitive::<Float64Type>().try_unary::<_, Int64Type, _>(|value| {
        let rounded = value.round_ties_even();
        // NaN compares false, and so is out of range.
        if rounded >= low && rounded < high {
            Ok(rounded as i64)
        } else {
            Err(ArrowError::ComputeError("out of range".to_owned()))
        }
    });
    let integers = integers.map_err(|_| out_of_range(target))?;
    Ok(cast(&integers, target)?)
}

/// The least value of a type, and the first float above its largest.
fn bounds(target: &DataType) -> (f64, f64) {
    match target {
        DataType::Int8 => (f64::from(i8::MIN), f64::from(i8::MAX) + 1.0),
        DataType::Int16 => (f64::from(i16::MIN), f64::from(i16::MAX) + 1.0),
        DataType::Int32 => (f64::from(i32::MIN), f64::from(i32::MAX) + 1.0),
        DataType::UInt8 => (0.0, f64::from(u8::MAX) + 1.0),
        DataType::UInt16 => (0.0, f64::from(u16::MAX) + 1.0),
        DataType::UInt32 => (0.0, f64::from(u32::MAX) + 1.0),
        DataType::UInt64 => (0.0, -(i64::MIN as f64)),
        _ => (i64::MIN as f64, -(i64::MIN as f64)),
    }
}

fn out_of_range(target: &DataType) -> DataFusionError {
    let name = match target {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint",
        DataType::Int32 | DataType::UInt16 => "integer",
        _ => "bigint",
    };
    let message = format!("{name} out of range");
    DataFusionError::External(Box::new(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message)))
}
