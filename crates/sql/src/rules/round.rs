//! Floats to integers and numerics: rounded half to even, or to the digits that are certain, and an error where they do
//! not fit; and numerics to floats.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::text::failure;
use crate::error::Error;
use crate::value::{self, Style};

/// The function that casts a float to this integer type.
pub(super) fn float_to_integer(target: DataType) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(FloatToInteger {
        target,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

/// The function that casts a float to this numeric: with the digits that the float has for certain.
pub(super) fn float_to_numeric(target: DataType) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(FloatToNumeric {
        target,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FloatToNumeric {
    target: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for FloatToNumeric {
    fn name(&self) -> &str {
        "float_to_numeric"
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
        // `DBL_DIG` and `FLT_DIG`.
        let digits = if *array.data_type() == DataType::Float64 { 15 } else { 6 };
        let floats = cast(&array, &DataType::Float64)?;
        let numbers = floats.as_primitive::<Float64Type>().iter();
        let numbers = numbers.map(|float| float.map(|float| value::of_float(float, digits)).transpose());
        let numbers = numbers.collect::<std::result::Result<Vec<_>, _>>().map_err(failure)?;
        let numbers = value::decimals(numbers.into_iter(), &self.target).map_err(failure)?;
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&numbers, 0)?)
        } else {
            ColumnarValue::Array(numbers)
        })
    }
}

/// The function that casts a numeric to this float: the one nearest to it.
pub(super) fn numeric_to_float(target: DataType) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(NumericToFloat {
        target,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct NumericToFloat {
    target: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for NumericToFloat {
    fn name(&self) -> &str {
        "numeric_to_float"
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
        // Their texts are read: dividing what is no float itself would round twice.
        let field = Field::new("numeric", array.data_type().clone(), true);
        let column = value::Column::new(array.as_ref(), &field, &Style::default()).map_err(failure)?;
        let mut text = Vec::new();
        let mut floats = Vec::with_capacity(array.len());
        for row in 0..array.len() {
            text.clear();
            column.write(row, &mut text).map_err(failure)?;
            let text = std::str::from_utf8(&text).unwrap_or_default();
            let float = match self.target {
                DataType::Float32 => text.parse::<f32>().map(f64::from),
                _ => text.parse::<f64>(),
            };
            floats.push(float.ok().filter(|_| !array.is_null(row)));
        }
        let floats = cast(&Float64Array::from(floats), &self.target)?;
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&floats, 0)?)
        } else {
            ColumnarValue::Array(floats)
        })
    }
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
