//! DataFusion's functions that count unsigned, with PostgreSQL's signed result types.
//!
//! An unsigned bigint has no type in PostgreSQL but numeric, and drivers read it as one.

use std::sync::Arc;

use arrow::array::{AsArray, Int32Array};
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type};
use datafusion::common::Result;
use datafusion::functions_nested;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};

use super::wrapped::{Change, changed};

/// The scalar functions whose result is an integer in PostgreSQL, or an array of integers.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let integers = DataType::new_list(DataType::Int32, true);
    [
        (functions_nested::length::array_length_udf(), DataType::Int32),
        (functions_nested::cardinality::cardinality_udf(), DataType::Int32),
        (functions_nested::position::array_position_udf(), DataType::Int32),
        (functions_nested::position::array_positions_udf(), integers),
    ]
    .into_iter()
    .map(|(inner, target)| changed(inner, Retyped { target }))
    .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Retyped {
    target: DataType,
}

impl Change for Retyped {
    fn return_field(&self, inner: &ScalarUDF, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(inner.name(), self.target.clone(), true)))
    }

    fn invoke(&self, inner: &ScalarUDF, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let own: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let counts = inner.return_type(&own)?;
        args.return_field = Arc::new(Field::new(inner.name(), counts, true));
        let rows = args.number_rows;
        let counted = inner.invoke_with_args(args)?.cast_to(&self.target, None)?;
        if inner.name() != "array_length" {
            return Ok(counted);
        }
        // An empty array has no dimensions, and so no length.
        let lengths = counted.to_array(rows)?;
        let lengths =
            lengths.as_primitive::<Int32Type>().iter().map(|length| length.filter(|length| *length > 0));
        Ok(ColumnarValue::Array(Arc::new(lengths.collect::<Int32Array>())))
    }
}
