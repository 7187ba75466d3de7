//! `col_description`: what people should know of a column.
//!
//! Which name a column's number stands for is only known from the table, which may have to be opened, so this
//! one waits where the other functions only look up. A table without described columns is never opened.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, FieldRef, Int64Type, SchemaRef};
use async_trait::async_trait;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_sql::types::PgType;

use super::call::Catalog;
use crate::cell::{Cell, array};
use crate::pinned::Asked;

/// The function's name.
pub(super) const NAME: &str = "col_description";

/// The function over this catalog.
pub(super) fn over(catalog: &Arc<Catalog>) -> ScalarUDF {
    // An oid and a column's number; both fit int8.
    let signature = Signature::exact(vec![DataType::Int64, DataType::Int64], Volatility::Stable);
    AsyncScalarUDF::new(Arc::new(ColDescription { catalog: Arc::clone(catalog), signature }))
        .into_scalar_udf()
}

struct ColDescription {
    catalog: Arc<Catalog>,
    signature: Signature,
}

impl ColDescription {
    /// The description of column `number` of the relation `oid`. `opened` keeps what was asked for once.
    async fn description(
        &self,
        oid: i64,
        number: i64,
        opened: &mut HashMap<u32, Option<SchemaRef>>,
    ) -> Option<String> {
        let relation = self.catalog.relation(u32::try_from(oid).ok()?)?;
        if relation.column_descriptions.is_empty() {
            return None;
        }
        let columns = match opened.entry(relation.oid) {
            Entry::Occupied(known) => known.into_mut(),
            // A relation that cannot be read has no columns in the catalog, and so none described.
            Entry::Vacant(unknown) => {
                unknown.insert(self.catalog.pinned().columns.columns(&relation.name, Asked::Few).await.ok())
            }
        };
        let columns = columns.as_ref()?;
        let field = columns.fields().get(usize::try_from(number.checked_sub(1)?).ok()?)?;
        let (_, text) = relation.column_descriptions.iter().find(|(name, _)| name == field.name())?;
        Some(text.clone())
    }
}

impl fmt::Debug for ColDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ColDescription")
    }
}

impl PartialEq for ColDescription {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.catalog, &other.catalog)
    }
}

impl Eq for ColDescription {}

impl Hash for ColDescription {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl ScalarUDFImpl for ColDescription {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(PgType::TEXT.arrow())
    }

    fn return_field_from_args(&self, _arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(PgType::TEXT.field(self.name(), true)))
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("col_description waits for columns and cannot be called at once")
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for ColDescription {
    async fn invoke_async_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = arguments.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { arguments.number_rows };
        let columns: Vec<_> =
            arguments.args.into_iter().map(|argument| argument.into_array(rows)).collect::<Result<_>>()?;
        let [oids, numbers] = columns.as_slice() else {
            return internal_err!("col_description was called with {} arguments", columns.len());
        };
        let (oids, numbers) = (oids.as_primitive::<Int64Type>(), numbers.as_primitive::<Int64Type>());
        let mut opened = HashMap::new();
        let mut texts = Vec::with_capacity(rows);
        for row in 0..rows {
            let text = if oids.is_null(row) || numbers.is_null(row) {
                None
            } else {
                self.description(oids.value(row), numbers.value(row), &mut opened).await
            };
            texts.push(Cell::from(text));
        }
        let texts = array(&PgType::TEXT.arrow(), texts)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&texts, 0)?));
        }
        Ok(ColumnarValue::Array(texts))
    }
}
