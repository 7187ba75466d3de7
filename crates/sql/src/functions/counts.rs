//! `num_nulls(…)` and `num_nonnulls(…)`: how many arguments are NULL, and how many are not.

use std::sync::Arc;

use arrow::array::{Array, Int32Array};
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// Both functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [true, false]
        .into_iter()
        .map(|of_nulls| {
            let signature = Signature::user_defined(Volatility::Immutable);
            Arc::new(ScalarUDF::new_from_impl(Count { of_nulls, signature }))
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Count {
    of_nulls: bool,
    signature: Signature,
}

impl ScalarUDFImpl for Count {
    fn name(&self) -> &str {
        if self.of_nulls { "num_nulls" } else { "num_nonnulls" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        if arg_types.is_empty() {
            return Err(plan_datafusion_err!("given name and argument types '{}()'.", self.name()));
        }
        Ok(arg_types.to_vec())
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        // An array of the type of NULL says nothing of its rows.
        let is_null = |array: &dyn Array, row| *array.data_type() == DataType::Null || array.is_null(row);
        let count =
            |row| arrays.iter().filter(|array| is_null(array.as_ref(), row) == self.of_nulls).count() as i32;
        Ok(ColumnarValue::Array(Arc::new((0..args.number_rows).map(count).collect::<Int32Array>())))
    }
}
