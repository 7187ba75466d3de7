//! Reading list arrays of any of Arrow's kinds.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, exec_err};

/// The field of a list's elements; none where the type is no list.
pub(super) fn element_field(data_type: &DataType) -> Option<&FieldRef> {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => Some(field),
        _ => None,
    }
}

/// The array as a plain list.
pub(super) fn as_list(array: &ArrayRef) -> Result<ListArray> {
    match array.data_type() {
        DataType::List(_) => Ok(array.as_list::<i32>().clone()),
        other => match element_field(other) {
            Some(field) => Ok(cast(array, &DataType::List(Arc::clone(field)))?.as_list::<i32>().clone()),
            None => exec_err!("{other} is no array"),
        },
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
