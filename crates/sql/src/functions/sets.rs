//! What functions give: a value, rows of one value, or rows of several.
//!
//! A function that gives rows gives an array of them here, which FROM and the select list unnest; rows of several
//! values are an array of records.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};

use crate::types::{PgType, record};
use crate::value::Error;
use crate::value::read::{Value, array_of};

/// What a function gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Returns {
    /// A value.
    One(PgType),
    /// Rows of a value; the function's body gives them as a list.
    Rows(PgType),
    /// Rows of several values, by their names; the body gives a list of lists.
    Table(&'static [(&'static str, PgType)]),
}

impl Returns {
    /// The field of a column of answers.
    pub(super) fn field(self, name: &str) -> Field {
        match self {
            Self::One(pg_type) => pg_type.field(name, true),
            Self::Rows(pg_type) => Field::new(name, list_of(pg_type.field("item", true)), true),
            Self::Table(columns) => {
                let item = Field::new("item", DataType::Struct(record_fields(columns)), true);
                Field::new(name, list_of(record(item)), true)
            }
        }
    }
}

fn list_of(item: Field) -> DataType {
    DataType::List(Arc::new(item))
}

fn record_fields(columns: &[(&str, PgType)]) -> Fields {
    columns.iter().map(|(name, pg_type)| pg_type.field(name, true)).collect()
}

/// Answers as a column.
///
/// # Errors
///
/// Those of [`array_of`].
pub(super) fn column_of(answers: Vec<Option<Value>>, returns: Returns) -> Result<ArrayRef, Error> {
    let pg_type = match returns {
        Returns::One(pg_type) => return array_of(&answers, pg_type),
        Returns::Rows(pg_type) => Some(pg_type),
        Returns::Table(_) => None,
    };
    let nulls: NullBuffer = answers.iter().map(Option::is_some).collect();
    let rows: Vec<Vec<Option<Value>>> = answers.into_iter().map(elements).collect();
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(Vec::len));
    let rows: Vec<Option<Value>> = rows.into_iter().flatten().collect();
    let elements: ArrayRef = match (pg_type, returns) {
        (Some(pg_type), _) => array_of(&rows, pg_type)?,
        (None, Returns::Table(columns)) => records(rows, columns)?,
        (None, _) => return Err(mismatch()),
    };
    let item: FieldRef = match returns.field("").data_type() {
        DataType::List(item) => Arc::new(item.as_ref().clone().with_data_type(elements.data_type().clone())),
        _ => return Err(mismatch()),
    };
    Ok(Arc::new(ListArray::try_new(item, offsets, elements, Some(nulls)).map_err(|_| mismatch())?))
}

fn elements(answer: Option<Value>) -> Vec<Option<Value>> {
    match answer {
        Some(Value::List(rows)) => rows,
        _ => Vec::new(),
    }
}

fn records(rows: Vec<Option<Value>>, columns: &[(&str, PgType)]) -> Result<ArrayRef, Error> {
    let mut members: Vec<Vec<Option<Value>>> =
        columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    let count = rows.len();
    for row in rows {
        let mut values = elements(row).into_iter();
        for member in &mut members {
            member.push(values.next().flatten());
        }
    }
    let arrays = members.iter().zip(columns).map(|(member, (_, pg_type))| {
        let array = array_of(member, *pg_type)?;
        arrow::compute::cast(&array, &pg_type.arrow()).map_err(|_| mismatch())
    });
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    let records = StructArray::try_new_with_length(record_fields(columns), arrays, None, count);
    Ok(Arc::new(records.map_err(|_| mismatch())?))
}

fn mismatch() -> Error {
    Error::Mismatch { arrow: "list".to_owned(), type_name: "record" }
}
