//! `_pg_expandarray(array)`: the elements with their places, as records of `x` and `n`.
//!
//! Source: `information_schema.sql` of PostgreSQL 15. Drivers read the columns of keys with it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, ListArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, internal_err, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::lists::{as_list, element_field};
use crate::types::record;

/// `_pg_expandarray(array)`
pub(super) fn expand_array() -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(ExpandArray { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ExpandArray {
    signature: Signature,
}

impl ScalarUDFImpl for ExpandArray {
    fn name(&self) -> &str {
        "_pg_expandarray"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [given] => match element_field(given) {
                Some(element) => Ok(vec![DataType::List(Arc::clone(element))]),
                None => {
                    Err(plan_datafusion_err!("given name and argument types '_pg_expandarray({given})'."))
                }
            },
            _ => Err(plan_datafusion_err!("given name and argument types '_pg_expandarray()'.")),
        }
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        match arg_types.first().and_then(element_field) {
            Some(element) => Ok(records(element)),
            None => internal_err!("_pg_expandarray takes an array"),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let own = args.arg_fields[0].data_type().clone();
        Ok(Arc::new(Field::new(self.name(), self.return_type(&[own])?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array = args.args[0].to_array(args.number_rows)?;
        let list = as_list(&array)?;
        let DataType::List(item) = args.return_field.data_type() else {
            return internal_err!("_pg_expandarray gives records");
        };
        let DataType::Struct(fields) = item.data_type() else {
            return internal_err!("_pg_expandarray gives records");
        };
        let lengths: Vec<usize> =
            (0..list.len()).map(|row| if list.is_null(row) { 0 } else { list.value(row).len() }).collect();
        let places: Int32Array = lengths.iter().flat_map(|length| 1..=*length as i32).collect();
        let elements: Vec<ArrayRef> =
            (0..list.len()).filter(|row| list.is_valid(*row)).map(|row| list.value(row)).collect();
        let elements: Vec<&dyn Array> = elements.iter().map(AsRef::as_ref).collect();
        let elements =
            if elements.is_empty() { list.values().slice(0, 0) } else { arrow::compute::concat(&elements)? };
        let records = StructArray::try_new(fields.clone(), vec![elements, Arc::new(places)], None)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let nulls = list.nulls().cloned();
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            Arc::clone(item),
            offsets,
            Arc::new(records),
            nulls,
        )?)))
    }
}

fn records(element: &FieldRef) -> DataType {
    let x = element.as_ref().clone().with_name("x").with_nullable(true);
    let fields = vec![x, Field::new("n", DataType::Int32, true)];
    DataType::List(Arc::new(record(Field::new("item", DataType::Struct(fields.into()), true))))
}
