//! Single values of catalog columns, and arrays made of them.
//!
//! A catalog has a few thousand rows of dozens of types; one small value type for all of them
//! keeps each relation and each function a few lines long.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Float32Array, Float64Array, Int16Builder, Int32Builder,
    Int64Builder, IntervalMonthDayNanoArray, ListArray, StringArray, StructArray,
    TimestampMicrosecondBuilder, UInt32Builder, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Fields, IntervalMonthDayNano, IntervalUnit, TimeUnit};
use datafusion::common::{Result, exec_datafusion_err};

/// One value of a catalog column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// NULL
    Null,
    /// `bool`
    Bool(bool),
    /// Every type that is a whole number inside: integers, oids, and timestamps in microseconds from 1970.
    Int(i64),
    /// `float4` and `float8`
    Float(f64),
    /// Every type that is text inside.
    Text(Cow<'a, str>),
    /// Arrays and vectors.
    List(Vec<Cell<'a>>),
}

impl Cell<'_> {
    /// The number, if it is one.
    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// What a NOT NULL column holds when a relation has nothing to say about it: 0, false, ''.
    pub(crate) fn nothing(data_type: &DataType) -> Cell<'static> {
        match data_type {
            DataType::Boolean => Cell::Bool(false),
            DataType::Float32 | DataType::Float64 => Cell::Float(0.0),
            DataType::List(_) => Cell::List(Vec::new()),
            DataType::Utf8 | DataType::Binary => Cell::Text(Cow::Borrowed("")),
            _ => Cell::Int(0),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident;)*) => {
        $(impl From<$type> for Cell<'_> {
            fn from(value: $type) -> Self { Cell::$variant(value.into()) }
        })*
    };
}

from! {
    bool => Bool;
    i16 => Int;
    i32 => Int;
    i64 => Int;
    u32 => Int;
    f64 => Float;
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Cell::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(value: &'a String) -> Self {
        Cell::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Cell<'_> {
    fn from(value: String) -> Self {
        Cell::Text(Cow::Owned(value))
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Vec<T>> for Cell<'a> {
    fn from(values: Vec<T>) -> Self {
        Cell::List(values.into_iter().map(Into::into).collect())
    }
}

/// An array of this type with these values.
///
/// # Errors
///
/// Where a value does not fit the type.
pub(crate) fn array<'a>(data_type: &DataType, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<ArrayRef> {
    let cells = cells.into_iter();
    Ok(match data_type {
        DataType::Boolean => Arc::new(BooleanArray::from(picked(cells, data_type, |cell| match cell {
            Cell::Bool(value) => Some(value),
            _ => None,
        })?)),
        DataType::Int16 => whole(cells, data_type, Int16Builder::new())?,
        DataType::Int32 => whole(cells, data_type, Int32Builder::new())?,
        DataType::Int64 => whole(cells, data_type, Int64Builder::new())?,
        DataType::UInt32 => whole(cells, data_type, UInt32Builder::new())?,
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            whole(cells, data_type, TimestampMicrosecondBuilder::new().with_timezone_opt(zone.clone()))?
        }
        DataType::Float32 => {
            let narrow = |cell| fraction(cell).map(|value| value as f32);
            Arc::new(Float32Array::from(picked(cells, data_type, narrow)?))
        }
        DataType::Float64 => Arc::new(Float64Array::from(picked(cells, data_type, fraction)?)),
        DataType::Utf8 => Arc::new(StringArray::from_iter(picked(cells, data_type, text)?)),
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let lengths = picked(cells, data_type, |cell| cell.int().map(of_micros))?;
            Arc::new(IntervalMonthDayNanoArray::from(lengths))
        }
        DataType::Struct(fields) => records(cells, data_type, fields)?,
        DataType::Binary => {
            let bytes = |cell| text(cell).map(|value| value.into_owned().into_bytes());
            Arc::new(BinaryArray::from_iter(picked(cells, data_type, bytes)?))
        }
        DataType::List(element) => {
            let lists = picked(cells, data_type, |cell| match cell {
                Cell::List(list) => Some(list),
                _ => None,
            })?;
            let valid: Vec<bool> = lists.iter().map(Option::is_some).collect();
            let offsets =
                OffsetBuffer::from_lengths(lists.iter().map(|list| list.as_ref().map_or(0, Vec::len)));
            let elements = array(element.data_type(), lists.into_iter().flatten().flatten())?;
            Arc::new(ListArray::try_new(
                Arc::clone(element),
                offsets,
                elements,
                Some(NullBuffer::from(valid)),
            )?)
        }
        other => nulls(cells, other)?,
    })
}

/// An interval of so many microseconds.
fn of_micros(micros: i64) -> IntervalMonthDayNano {
    IntervalMonthDayNano::new(0, 0, micros.saturating_mul(1_000))
}

/// Records, each a list of its members.
fn records<'a>(
    cells: impl Iterator<Item = Cell<'a>>,
    data_type: &DataType,
    fields: &Fields,
) -> Result<ArrayRef> {
    let rows = picked(cells, data_type, |cell| match cell {
        Cell::List(members) => Some(members),
        _ => None,
    })?;
    let count = rows.len();
    let mut members: Vec<Vec<Cell<'a>>> = fields.iter().map(|_| Vec::with_capacity(count)).collect();
    for row in rows {
        let mut values = row.unwrap_or_default().into_iter();
        members.iter_mut().for_each(|member| member.push(values.next().unwrap_or(Cell::Null)));
    }
    let arrays = members.into_iter().zip(fields).map(|(member, field)| array(field.data_type(), member));
    let arrays = arrays.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), arrays, None, count)?))
}

/// The values of cells of one kind; `pick` gives none for a cell of another.
fn picked<'a, T>(
    cells: impl Iterator<Item = Cell<'a>>,
    data_type: &DataType,
    pick: impl Fn(Cell<'a>) -> Option<T>,
) -> Result<Vec<Option<T>>> {
    let value = |cell| match cell {
        Cell::Null => Ok(None),
        cell => pick(cell).map(Some).ok_or_else(|| exec_datafusion_err!("a catalog value is no {data_type}")),
    };
    cells.map(value).collect()
}

fn text(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    if let Cell::Text(value) = cell { Some(value) } else { None }
}

fn fraction(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Float(value) => Some(value),
        Cell::Int(value) => Some(value as f64),
        _ => None,
    }
}

/// A builder of numbers, which differ only in their range.
trait WholeBuilder {
    fn append(&mut self, value: Option<i64>) -> Option<()>;
    fn finished(self) -> ArrayRef;
}

macro_rules! whole_builder {
    ($($builder:ty)*) => {
        $(impl WholeBuilder for $builder {
            fn append(&mut self, value: Option<i64>) -> Option<()> {
                self.append_option(value.map(TryInto::try_into).transpose().ok()?);
                Some(())
            }
            fn finished(mut self) -> ArrayRef { Arc::new(self.finish()) }
        })*
    };
}

whole_builder! { Int16Builder Int32Builder Int64Builder UInt32Builder TimestampMicrosecondBuilder }

fn whole<'a>(
    cells: impl Iterator<Item = Cell<'a>>,
    data_type: &DataType,
    mut builder: impl WholeBuilder,
) -> Result<ArrayRef> {
    for cell in cells {
        let value = match &cell {
            Cell::Null => None,
            Cell::Int(value) => Some(*value),
            other => return Err(misfit(other, data_type)),
        };
        builder.append(value).ok_or_else(|| misfit(&cell, data_type))?;
    }
    Ok(builder.finished())
}

/// Types that only occur in relations without rows here: numerics.
fn nulls<'a>(cells: impl Iterator<Item = Cell<'a>>, data_type: &DataType) -> Result<ArrayRef> {
    let mut count = 0;
    for cell in cells {
        if cell != Cell::Null {
            return Err(misfit(&cell, data_type));
        }
        count += 1;
    }
    Ok(new_null_array(data_type, count))
}

fn misfit(cell: &Cell<'_>, data_type: &DataType) -> datafusion::error::DataFusionError {
    exec_datafusion_err!("catalog value {cell:?} is no {data_type}")
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{DataType, Int16Type};
    use lakeport_sql::types::PgType;

    use super::{Cell, array};

    #[test]
    fn a_vector_keeps_its_numbers() {
        let array = array(&PgType::INT2VECTOR.arrow(), [Cell::from(vec![1_i16, 3]), Cell::Null]).unwrap();
        assert_eq!(array.as_list::<i32>().value(0).as_primitive::<Int16Type>().values(), &[1, 3]);
        assert!(array.is_null(1));
    }

    #[test]
    fn a_number_outside_its_type_is_an_error() {
        array(&DataType::Int16, [Cell::Int(40_000)]).unwrap_err();
        array(&DataType::UInt32, [Cell::Int(-1)]).unwrap_err();
    }

    #[test]
    fn a_text_where_a_number_belongs_is_an_error() {
        array(&DataType::Int32, [Cell::from("1")]).unwrap_err();
    }
}
