//! DataFusion's functions under the names that PostgreSQL has for them.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::functions::math;
use datafusion::functions_aggregate::bool_and_or::bool_and_udaf;
use datafusion::functions_aggregate::variance::var_samp_udaf;
use datafusion::functions_nested;
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// The scalar functions that have another name, or two.
pub(super) fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let also = |function: Arc<ScalarUDF>, name| Arc::new(function.as_ref().clone().with_aliases([name]));
    vec![
        also(math::signum(), "sign"),
        // PostgreSQL's change every element that is equal, DataFusion's of these names only the first.
        renamed("array_remove", functions_nested::remove::array_remove_all_udf()),
        renamed("array_replace", functions_nested::replace::array_replace_all_udf()),
    ]
}

/// The aggregate functions that have another name, or two.
pub(super) fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    let also = |function: Arc<AggregateUDF>, name| Arc::new(function.as_ref().clone().with_aliases([name]));
    vec![also(bool_and_udaf(), "every"), also(var_samp_udaf(), "variance")]
}

fn renamed(name: &'static str, inner: Arc<ScalarUDF>) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Renamed { name, inner }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Renamed {
    name: &'static str,
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Renamed {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }
}
