//! `quote_literal(text)` and `quote_nullable(text)`: a text as a constant of SQL.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `quote_literal(text)`: NULL for NULL.
pub(super) fn quote_literal() -> Arc<ScalarUDF> {
    quoting(false)
}

/// `quote_nullable(text)`: the word NULL for NULL.
pub(super) fn quote_nullable() -> Arc<ScalarUDF> {
    quoting(true)
}

fn quoting(names_null: bool) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Stable);
    Arc::new(ScalarUDF::new_from_impl(Quote { names_null, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Quote {
    names_null: bool,
    signature: Signature,
}

impl ScalarUDFImpl for Quote {
    fn name(&self) -> &str {
        if self.names_null { "quote_nullable" } else { "quote_literal" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [_] => Ok(vec![DataType::Utf8]),
            _ => plan_err!("function {}() takes one argument", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = args.args[0].to_array(args.number_rows)?;
        let quoted: StringArray = texts
            .as_string::<i32>()
            .iter()
            .map(|text| match text {
                Some(text) => Some(quoted(text)),
                None => self.names_null.then(|| "NULL".to_owned()),
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(quoted)))
    }
}

/// Quotes are doubled; backslashes too, and then the constant says so by its `E`.
pub(super) fn quoted(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}
