//! `named_struct`, which ROW(…), tuples and whole rows are spelled as, with a result that is a record; and `record_of`, which
//! says of a struct that it is one.
//!
//! A struct of a file is json to PostgreSQL's clients, because no table of theirs has a column that is a record.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    StructFieldMapping, Volatility,
};

use crate::types::record;

/// The functions that make records.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let record_of = RecordOf { signature: Signature::any(1, Volatility::Immutable) };
    vec![
        Arc::new(ScalarUDF::new_from_impl(Record { inner: functions::core::named_struct() })),
        Arc::new(ScalarUDF::new_from_impl(record_of)),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RecordOf {
    signature: Signature,
}

impl ScalarUDFImpl for RecordOf {
    fn name(&self) -> &str {
        "record_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(arg_types[0].clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(record(args.arg_fields[0].as_ref().clone())))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(args.args.swap_remove(0))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Record {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Record {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let field = self.inner.return_field_from_args(args)?;
        Ok(Arc::new(record(field.as_ref().clone())))
    }

    fn struct_field_mapping(&self, literal_args: &[Option<ScalarValue>]) -> Option<StructFieldMapping> {
        self.inner.inner().struct_field_mapping(literal_args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }
}
