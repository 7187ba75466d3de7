//! `array_lower(array, dimension)` and `array_upper(array, dimension)`: where its indexes begin and end.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::lists::{as_list, element_field};
use super::subscript::first_index;

/// `array_lower(array, dimension)`
pub(super) fn array_lower() -> Arc<ScalarUDF> {
    bound(false)
}

/// `array_upper(array, dimension)`
pub(super) fn array_upper() -> Arc<ScalarUDF> {
    bound(true)
}

fn bound(is_upper: bool) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Bound { is_upper, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bound {
    is_upper: bool,
    signature: Signature,
}

impl ScalarUDFImpl for Bound {
    fn name(&self) -> &str {
        if self.is_upper { "array_upper" } else { "array_lower" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [array, _] if element_field(array).is_some() => Ok(vec![array.clone(), DataType::Int64]),
            _ => plan_err!("function {}() takes an array and a dimension", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let first = first_index(&args.arg_fields[0]);
        let arrays = args.args[0].to_array(args.number_rows)?;
        let dimensions = args.args[1].to_array(args.number_rows)?;
        let dimensions = dimensions.as_primitive::<Int64Type>();
        let bounds: Vec<Option<i32>> = (0..arrays.len())
            .map(|row| {
                if dimensions.is_null(row) {
                    return Ok(None);
                }
                let length = length(&arrays, row, dimensions.value(row))?.filter(|length| *length > 0);
                Ok(length
                    .map(|length| (if self.is_upper { first + length as i64 - 1 } else { first }) as i32))
            })
            .collect::<Result<_>>()?;
        Ok(ColumnarValue::Array(Arc::new(Int32Array::from(bounds))))
    }
}

/// The length of a dimension: PostgreSQL's arrays are as long in each row of it as in the first.
fn length(array: &ArrayRef, row: usize, dimension: i64) -> Result<Option<usize>> {
    if dimension < 1 || element_field(array.data_type()).is_none() || array.is_null(row) {
        return Ok(None);
    }
    let elements = as_list(&array.slice(row, 1))?.value(0);
    match dimension {
        1 => Ok(Some(elements.len())),
        _ if elements.is_empty() => Ok(None),
        _ => length(&elements, 0, dimension - 1),
    }
}
