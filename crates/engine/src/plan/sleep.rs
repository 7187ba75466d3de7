//! `pg_sleep(seconds)`: a statement that takes its time, and can be stopped meanwhile.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use async_trait::async_trait;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_sql::types::PgType;

/// Longest that one call sleeps; `limits.statement_timeout` ends it earlier.
const SECONDS_MAX: f64 = 24.0 * 60.0 * 60.0;

/// `pg_sleep(seconds)`
pub(super) fn pg_sleep() -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Float64], Volatility::Volatile);
    Arc::new(AsyncScalarUDF::new(Arc::new(Sleep { signature })).into_scalar_udf())
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sleep {
    signature: Signature,
}

impl ScalarUDFImpl for Sleep {
    fn name(&self) -> &str {
        "pg_sleep"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(PgType::VOID.arrow())
    }

    fn return_field_from_args(&self, _arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(PgType::VOID.field(self.name(), true)))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("pg_sleep waits, and is not called at once")
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for Sleep {
    async fn invoke_async_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let seconds = arguments.args.into_iter().next().map(|seconds| seconds.into_array(rows));
        let Some(seconds) = seconds.transpose()? else { return internal_err!("pg_sleep takes seconds") };
        let seconds = seconds.as_primitive::<Float64Type>();
        for row in 0..rows {
            // NaN and what is below zero do not wait.
            let wait = if seconds.is_null(row) { 0.0 } else { seconds.value(row).clamp(0.0, SECONDS_MAX) };
            if wait > 0.0 {
                tokio::time::sleep(Duration::from_secs_f64(wait)).await;
            }
        }
        let texts = (0..rows).map(|row| seconds.is_valid(row).then_some(""));
        Ok(ColumnarValue::Array(Arc::new(texts.collect::<StringArray>())))
    }
}
