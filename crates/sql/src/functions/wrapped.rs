//! DataFusion's functions, each with something done otherwise.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// What is done otherwise. Names, arguments and coercion stay those of the function.
pub(super) trait Change: Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The type of the answer.
    ///
    /// # Errors
    ///
    /// The function's, where it has no answer for such arguments.
    fn return_field(&self, inner: &ScalarUDF, args: ReturnFieldArgs) -> Result<FieldRef> {
        inner.return_field_from_args(args)
    }

    /// The answer.
    ///
    /// # Errors
    ///
    /// The function's, and those that the change adds.
    fn invoke(&self, inner: &ScalarUDF, args: ScalarFunctionArgs) -> Result<ColumnarValue>;
}

/// The function with this change.
pub(super) fn changed(inner: Arc<ScalarUDF>, change: impl Change) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Wrapped { inner, change }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Wrapped<C> {
    inner: Arc<ScalarUDF>,
    change: C,
}

impl<C: Change> ScalarUDFImpl for Wrapped<C> {
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

    /// Not what is asked of a function that has [`return_field_from_args`](Self::return_field_from_args).
    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.change.return_field(&self.inner, args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.change.invoke(&self.inner, args)
    }
}
