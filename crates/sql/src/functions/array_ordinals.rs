//! `array_ordinals(a, …)`: 1, 2, … as far as the longest of its arrays; what WITH ORDINALITY counts.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use datafusion::common::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::lists::element_count;

/// The ordinals of the rows that these arrays give; of one row where there are none.
pub(super) fn array_ordinals(arrays: Vec<Expr>) -> Expr {
    let function = ArrayOrdinals { signature: Signature::variadic_any(Volatility::Immutable) };
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(function)), arrays))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ArrayOrdinals {
    signature: Signature,
}

impl ScalarUDFImpl for ArrayOrdinals {
    fn name(&self) -> &str {
        "array_ordinals"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Int64, true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let lengths: Vec<usize> = (0..args.number_rows).map(|row| length(&arrays, row)).collect();
        let ordinals: Int64Array = lengths.iter().flat_map(|length| 1..=*length as i64).collect();
        let field = Arc::new(Field::new_list_field(DataType::Int64, true));
        let list = ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), Arc::new(ordinals), None)?;
        Ok(ColumnarValue::Array(Arc::new(list)))
    }
}

fn length(arrays: &[ArrayRef], row: usize) -> usize {
    if arrays.is_empty() {
        return 1;
    }
    arrays
        .iter()
        .map(|array| if array.len() == 1 { element_count(array, 0) } else { element_count(array, row) })
        .max()
        .unwrap_or(0)
}
