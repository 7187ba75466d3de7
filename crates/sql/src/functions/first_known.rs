//! `coalesce` of values of any type.
//!
//! DataFusion knows no type that NULL and an uuid, or a constant and an array, have in common. Where it finds none, the
//! values have the one type that is no open constant's.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::functions::core;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// `coalesce(a, b, …)`
pub(super) fn coalesce() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Coalesce { inner: core::coalesce() }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Coalesce {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Coalesce {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let refusal = match self.inner.coerce_types(arg_types) {
            Err(refusal) => refusal,
            coerced => return coerced,
        };
        let mut known = arg_types.iter().filter(|given| !matches!(given, DataType::Null | DataType::Utf8));
        match known.next() {
            Some(first) if known.all(|other| other == first) => Ok(vec![first.clone(); arg_types.len()]),
            _ => Err(refusal),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, info)
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("coalesce is made a CASE before it runs")
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }
}
