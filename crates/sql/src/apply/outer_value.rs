//! The values of the row that a subquery runs for, as its plan reads them.
//!
//! Invariant: the values of one [`OuterRow`] change only between two runs of the one plan that
//! reads them, so every part of a run sees the same row.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, expr::ScalarFunction,
};

/// The values of the row that a subquery runs for.
#[derive(Default)]
pub(super) struct OuterRow {
    values: RwLock<Vec<ScalarValue>>,
}

impl OuterRow {
    /// Makes these the values from now on.
    pub(super) fn set(&self, values: Vec<ScalarValue>) {
        *self.values.write().unwrap_or_else(PoisonError::into_inner) = values;
    }

    fn value(&self, index: usize) -> Result<ScalarValue> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        match values.get(index) {
            Some(value) => Ok(value.clone()),
            None => exec_err!("an outer value was read outside of its subquery"),
        }
    }
}

impl fmt::Debug for OuterRow {
    /// Without the values: they are the user's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OuterRow")
    }
}

/// An expression that reads one value of the row.
pub(super) fn outer_value(row: &Arc<OuterRow>, index: usize, field: &FieldRef) -> Expr {
    let function = OuterValue {
        row: Arc::clone(row),
        index,
        field: Arc::clone(field),
        // Volatile keeps every optimizer from reading it at planning, or once for all rows.
        signature: Signature::nullary(Volatility::Volatile),
    };
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(function)), Vec::new()))
}

#[derive(Debug)]
struct OuterValue {
    row: Arc<OuterRow>,
    index: usize,
    field: FieldRef,
    signature: Signature,
}

impl PartialEq for OuterValue {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.row, &other.row) && self.index == other.index
    }
}

impl Eq for OuterValue {}

impl Hash for OuterValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.row).hash(state);
        self.index.hash(state);
    }
}

impl ScalarUDFImpl for OuterValue {
    fn name(&self) -> &str {
        "outer_value"
    }

    fn schema_name(&self, _args: &[Expr]) -> Result<String> {
        Ok(format!("outer_value({})", self.field.name()))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.field.data_type().clone())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(self.field.as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.row.value(self.index)?))
    }
}
