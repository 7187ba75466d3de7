//! `pg_typeof(value)`: the type of a value, as a regtype.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::types::{PgType, column_type};

/// `pg_typeof(value)`
pub(super) fn pg_typeof() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(TypeOf { signature: Signature::any(1, Volatility::Immutable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TypeOf {
    signature: Signature,
}

impl ScalarUDFImpl for TypeOf {
    fn name(&self) -> &str {
        "pg_typeof"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(PgType::REGTYPE.arrow())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(PgType::REGTYPE.field(self.name(), false)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let given = &args.arg_fields[0];
        let pg_type = match given.data_type() {
            DataType::Null => PgType::UNKNOWN,
            _ => column_type(given).pg_type,
        };
        Ok(ColumnarValue::Scalar(ScalarValue::UInt32(Some(pg_type.oid))))
    }
}
