//! DataFusion's functions that count unsigned, with PostgreSQL's signed result types.
//!
//! An unsigned bigint has no type in PostgreSQL but numeric, and drivers read it as one.

use std::sync::Arc;

use arrow::array::{AsArray, Int32Array};
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type};
use datafusion::common::Result;
use datafusion::functions_nested;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

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
    .map(|(inner, target)| Arc::new(ScalarUDF::new_from_impl(Retyped { inner, target })))
    .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Retyped {
    inner: Arc<ScalarUDF>,
    target: DataType,
}

impl ScalarUDFImpl for Retyped {
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

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.target.clone())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), self.target.clone(), true)))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let own: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let inner = self.inner.return_type(&own)?;
        args.return_field = Arc::new(Field::new(self.name(), inner, true));
        let rows = args.number_rows;
        let counted = self.inner.invoke_with_args(args)?.cast_to(&self.target, None)?;
        if self.name() != "array_length" {
            return Ok(counted);
        }
        // An empty array has no dimensions, and so no length.
        let lengths = counted.to_array(rows)?;
        let lengths =
            lengths.as_primitive::<Int32Type>().iter().map(|length| length.filter(|length| *length > 0));
        Ok(ColumnarValue::Array(Arc::new(lengths.collect::<Int32Array>())))
    }
}
