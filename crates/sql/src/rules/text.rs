//! `pg_text(value)`: a value as PostgreSQL's text, in the session's style.

use std::sync::Arc;

use arrow::array::StringBuilder;
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::error::Error;
use crate::state::style;
use crate::value;

/// A value as PostgreSQL's text.
pub(crate) fn pg_text() -> Arc<ScalarUDF> {
    // Stable: it depends on the session's style.
    Arc::new(ScalarUDF::new_from_impl(PgText { signature: Signature::any(1, Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PgText {
    signature: Signature,
}

impl ScalarUDFImpl for PgText {
    fn name(&self) -> &str {
        "pg_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let array = args.args[0].to_array(if is_scalar { 1 } else { args.number_rows })?;
        let style = style(&args.config_options);
        let column = value::Column::new(&array, &args.arg_fields[0], &style).map_err(failure)?;
        let mut texts = StringBuilder::with_capacity(array.len(), array.len() * 8);
        let mut text = Vec::new();
        for row in 0..array.len() {
            if column.is_null(row) {
                texts.append_null();
                continue;
            }
            text.clear();
            column.write(row, &mut text).map_err(failure)?;
            let text =
                std::str::from_utf8(&text).map_err(|error| DataFusionError::External(Box::new(error)))?;
            texts.append_value(text);
        }
        let texts = texts.finish();
        Ok(if is_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&texts, 0)?)
        } else {
            ColumnarValue::Array(Arc::new(texts))
        })
    }
}

pub(super) fn failure(error: value::Error) -> DataFusionError {
    DataFusionError::External(Box::new(Error::from(error)))
}
