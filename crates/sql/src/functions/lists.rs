//! Reading list arrays of any of Arrow's kinds.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};

/// The field of a list's elements; none where the type is no list.
pub(crate) fn element_field(data_type: &DataType) -> Option<&FieldRef> {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => Some(field),
        _ => None,
    }
}

/// How many dimensions arrays of this type have: 0 for what is no array.
pub(crate) fn dimensions(data_type: &DataType) -> usize {
    element_field(data_type).map_or(0, |element| 1 + dimensions(element.data_type()))
}

/// The type of arrays with the elements of this one and so many dimensions; of what is no array, the type itself.
pub(crate) fn in_dimensions(data_type: &DataType, count: usize) -> DataType {
    let mut vector = data_type.clone();
    while let Some(inner) = element_field(&vector).filter(|inner| element_field(inner.data_type()).is_some())
    {
        vector = inner.data_type().clone();
    }
    if element_field(&vector).is_none() {
        return vector;
    }
    (1..count).fold(vector, |list, _| DataType::new_list(list, true))
}

/// Arrays of one dimension with the elements of all dimensions, in order.
pub(super) fn flattened(array: &ArrayRef) -> Result<ListArray> {
    let mut list = as_list(array)?;
    while element_field(&list.value_type()).is_some() {
        let inner = as_list(list.values())?;
        let offsets = list.value_offsets().iter().map(|offset| inner.value_offsets()[*offset as usize]);
        let offsets = OffsetBuffer::new(offsets.collect());
        let (field, _, values, _) = inner.into_parts();
        list = ListArray::try_new(field, offsets, values, list.nulls().cloned())?;
    }
    Ok(list)
}

/// The array as a plain list.
pub(crate) fn as_list(array: &ArrayRef) -> Result<ListArray> {
    match array.data_type() {
        DataType::List(_) => Ok(array.as_list::<i32>().clone()),
        other => match element_field(other) {
            Some(field) => Ok(cast(array, &DataType::List(Arc::clone(field)))?.as_list::<i32>().clone()),
            None => exec_err!("{other} is no array"),
        },
    }
}

/// The first value of an array, that of a list with the field of its elements as it is: DataFusion's own way
/// forgets what the field says beyond the Arrow type.
pub(crate) fn scalar(array: &ArrayRef) -> Result<ScalarValue> {
    match array.as_list_opt::<i32>() {
        Some(list) => Ok(ScalarValue::List(Arc::new(list.slice(0, 1)))),
        None => ScalarValue::try_from_array(array, 0),
    }
}

/// How many elements a row's list has: 0 for NULL and for what is no list.
pub(super) fn element_count(array: &ArrayRef, row: usize) -> usize {
    if array.is_null(row) {
        return 0;
    }
    match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().value(row).len(),
        DataType::LargeList(_) => array.as_list::<i64>().value(row).len(),
        DataType::FixedSizeList(_, _) => array.as_fixed_size_list().value(row).len(),
        _ => 0,
    }
}
