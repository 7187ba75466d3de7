//! `pg_read(text)`: a text as a value of a type, by PostgreSQL's input functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::text::failure;
use crate::functions::{dimensions, scalar};
use crate::state::style;
use crate::types::{PgType, column_type};
use crate::value::read::{Value, array_of, interval_of, value as read_value};
use crate::value::{self, IntervalFields, Style};

/// The function that reads texts as values of this field; none where the type is text itself or
/// has no texts.
pub(super) fn pg_read(target: &FieldRef) -> Option<Arc<ScalarUDF>> {
    let pg_type = column_type(target).pg_type;
    let reads = match target.data_type() {
        DataType::Utf8 => pg_type == PgType::JSON || pg_type == PgType::JSONB,
        DataType::Null | DataType::LargeUtf8 | DataType::Utf8View => false,
        DataType::Struct(_) | DataType::Map(_, _) | DataType::Union(_, _) | DataType::Dictionary(_, _) => {
            false
        }
        _ => pg_type != PgType::RECORD,
    };
    reads.then(|| {
        let signature = Signature::any(1, Volatility::Stable);
        Arc::new(ScalarUDF::new_from_impl(PgRead { target: Arc::clone(target), pg_type, signature }))
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PgRead {
    target: FieldRef,
    pg_type: PgType,
    signature: Signature,
}

impl ScalarUDFImpl for PgRead {
    fn name(&self) -> &str {
        "pg_read"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.target.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let nullable = args.arg_fields[0].is_nullable();
        Ok(Arc::new(self.target.as_ref().clone().with_name(self.name()).with_nullable(nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let texts = args.args[0].to_array(if is_scalar { 1 } else { args.number_rows })?;
        let values = self.values(&texts, &style(&args.config_options))?;
        Ok(if is_scalar { ColumnarValue::Scalar(scalar(&values)?) } else { ColumnarValue::Array(values) })
    }
}

impl PgRead {
    fn values(&self, texts: &ArrayRef, style: &Style) -> Result<ArrayRef> {
        let texts = cast(texts, &DataType::Utf8)?;
        let fields = IntervalFields::of_typmod(column_type(&self.target).typmod);
        let read = |text: &str| match self.pg_type {
            PgType::INTERVAL => interval_of(text, style, fields).map(Value::Interval),
            pg_type => read_value(text, pg_type, style),
        };
        let mut values = Vec::with_capacity(texts.len());
        for text in texts.as_string::<i32>() {
            values.push(text.map(read).transpose().map_err(failure)?);
        }
        if matches!(self.target.data_type(), DataType::Decimal128(..) | DataType::Decimal256(..)) {
            let numbers = values.into_iter().map(|value| match value {
                Some(Value::Decimal(number)) => Some(number),
                _ => None,
            });
            return value::decimals(numbers, self.target.data_type()).map_err(failure);
        }
        let read = array_of(&values, self.pg_type).map_err(failure)?;
        if read.data_type() == self.target.data_type() {
            return Ok(read);
        }
        let is_empty = || values.iter().flatten().all(|value| *value == Value::List(Vec::new()));
        if dimensions(read.data_type()) != dimensions(self.target.data_type()) && !is_empty() {
            let what = "an array of several dimensions that is no constant".to_owned();
            return Err(failure(value::Error::Unsupported { what }));
        }
        let options = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(&read, self.target.data_type(), &options).map_err(DataFusionError::from)
    }
}
