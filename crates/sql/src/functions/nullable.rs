//! `nullable(value)`: the value, which may be NULL whatever its type says.
//!
//! DataFusion takes a subquery for a value that is never NULL where its column never is, and
//! fails when it has no row. [`super::spell()`] writes every such subquery in this call.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::elements::retyped;
use super::lists::scalar;
use super::spell::NULLABLE;

/// `nullable(value)`
pub(super) fn nullable() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Nullable { signature: Signature::any(1, Volatility::Immutable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Nullable {
    signature: Signature,
}

impl ScalarUDFImpl for Nullable {
    fn name(&self) -> &str {
        NULLABLE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(arg_types[0].clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(args.arg_fields[0].as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(value) = args.args.pop() else { return exec_err!("nullable takes one argument") };
        // The value of a subquery has forgotten which type the elements of an array are of, where Arrow's does not tell.
        let target = args.return_field.data_type();
        match value {
            value if value.data_type() == *target => Ok(value),
            ColumnarValue::Scalar(value) => {
                Ok(ColumnarValue::Scalar(scalar(&retyped(value.to_array()?, target)?)?))
            }
            ColumnarValue::Array(values) => Ok(ColumnarValue::Array(retyped(values, target)?)),
        }
    }
}
