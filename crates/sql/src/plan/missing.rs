//! A function that does not exist, kept until the types of its arguments are known.
//!
//! PostgreSQL's refusal names them: `function f(integer, text) does not exist`.

use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use crate::plan::failure;

/// A function that does not exist. Whoever asks for its type is told so.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Missing {
    name: String,
    position: Option<usize>,
    signature: Signature,
}

impl Missing {
    pub(super) fn new(name: &str, position: Option<usize>) -> Self {
        let anything = vec![TypeSignature::Nullary, TypeSignature::VariadicAny];
        Self { name: name.to_owned(), position, signature: Signature::one_of(anything, Volatility::Volatile) }
    }

    /// The refusal, for arguments of these types.
    pub(super) fn refusal(&self, types: &[DataType]) -> DataFusionError {
        DataFusionError::External(Box::new(failure::no_function(&self.name, types, self.position)))
    }
}

impl ScalarUDFImpl for Missing {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Err(self.refusal(types))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Err(self.refusal(&types))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Err(self.refusal(&types))
    }
}
