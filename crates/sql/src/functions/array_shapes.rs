//! `array_dims`, `array_ndims`, `array_fill`, `trim_array` and `array_to_string`: arrays of any type.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, ListArray, StringArray, UInt32Array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type};
use datafusion::common::{Result, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::defined::external;
use super::failure;
use super::lists::{self, as_list, element_field, flattened, in_dimensions};
use crate::state::style;
use crate::types::{PgType, column_type};
use crate::value::{Column, Dimensions, Style};

/// The function that stands around what `unnest` takes apart.
pub(super) const ARRAY_FLAT: &str = "array_flat";

/// The function of that name.
pub(super) fn array_flat() -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Stable);
    Arc::new(ScalarUDF::new_from_impl(Shape { kind: Kind::Flat, signature }))
}

/// Elements that `array_fill` makes for a whole batch. A guess.
const ELEMENTS_MAX: usize = 16 << 20;

/// The functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Kind::Dims, Kind::Ndims, Kind::Flat, Kind::Fill, Kind::Trim, Kind::Text]
        .into_iter()
        .map(|kind| {
            // Texts of dates and the like are in the session's style.
            let signature = Signature::user_defined(Volatility::Stable);
            Arc::new(ScalarUDF::new_from_impl(Shape { kind, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Dims,
    Ndims,
    /// What `unnest` takes apart: the elements of all dimensions.
    Flat,
    Fill,
    Trim,
    Text,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Shape {
    kind: Kind,
    signature: Signature,
}

impl Shape {
    fn refused(&self, types: &[DataType]) -> datafusion::common::DataFusionError {
        let types: Vec<String> = types.iter().map(ToString::to_string).collect();
        // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
        plan_datafusion_err!("given name and argument types '{}({})'.", self.name(), types.join(", "))
    }
}

impl ScalarUDFImpl for Shape {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Dims => "array_dims",
            Kind::Ndims => "array_ndims",
            Kind::Flat => ARRAY_FLAT,
            Kind::Fill => "array_fill",
            Kind::Trim => "trim_array",
            Kind::Text => "array_to_string",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let list = |given: &DataType| element_field(given).map(|field| DataType::List(Arc::clone(field)));
        let texts = DataType::List(PgType::TEXT.field("item", true).into());
        // A constant of an open type is an array of texts.
        let array = |given: &DataType| match given {
            DataType::Null | DataType::Utf8 | DataType::Utf8View if self.kind == Kind::Text => {
                Some(texts.clone())
            }
            given => list(given),
        };
        let lengths = PgType::INT4_ARRAY.arrow();
        let taken = match (self.kind, arg_types) {
            // NULL of an open type is left to `unnest`, which refuses it.
            (Kind::Flat, [given]) => Some(vec![list(given).unwrap_or_else(|| given.clone())]),
            (Kind::Dims | Kind::Ndims, [given]) => list(given).map(|list| vec![list]),
            (Kind::Trim, [given, _]) => list(given).map(|list| vec![list, DataType::Int32]),
            (Kind::Fill, [value, _]) => Some(vec![value.clone(), lengths]),
            (Kind::Text, [given, _]) => array(given).map(|list| vec![list, DataType::Utf8]),
            (Kind::Text, [given, _, _]) => {
                array(given).map(|list| vec![list, DataType::Utf8, DataType::Utf8])
            }
            _ => None,
        };
        taken.ok_or_else(|| self.refused(arg_types))
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Dims | Kind::Text => DataType::Utf8,
            Kind::Ndims => DataType::Int32,
            Kind::Flat => in_dimensions(&arg_types[0], 1),
            Kind::Trim => arg_types[0].clone(),
            Kind::Fill => DataType::List(Arc::new(Field::new_list_field(arg_types[0].clone(), true))),
        })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(match self.kind {
            Kind::Dims | Kind::Text => Arc::new(Field::new(self.name(), DataType::Utf8, true)),
            Kind::Ndims => Arc::new(Field::new(self.name(), DataType::Int32, true)),
            Kind::Flat => {
                let given = args.arg_fields[0].as_ref().clone();
                let flat = in_dimensions(given.data_type(), 1);
                Arc::new(given.with_name(self.name()).with_data_type(flat))
            }
            Kind::Trim => {
                Arc::new(args.arg_fields[0].as_ref().clone().with_name(self.name()).with_nullable(true))
            }
            Kind::Fill => {
                let item = args.arg_fields[0].as_ref().clone().with_name("item").with_nullable(true);
                Arc::new(Field::new(self.name(), DataType::List(Arc::new(item)), true))
            }
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let answers: ArrayRef = match self.kind {
            Kind::Dims => Arc::new(dims(&arrays[0])),
            Kind::Ndims => Arc::new(ndims(&arrays[0])),
            Kind::Flat if lists::dimensions(arrays[0].data_type()) < 2 => Arc::clone(&arrays[0]),
            Kind::Flat => Arc::new(flattened(&arrays[0])?),
            Kind::Trim => trimmed(&arrays)?,
            Kind::Fill => filled(&arrays, args.return_field.data_type())?,
            Kind::Text => Arc::new(joined(&arrays, &style(&args.config_options))?),
        };
        Ok(ColumnarValue::Array(answers))
    }
}

/// The lengths of the dimensions of a row's array.
pub(super) fn lengths(array: &ArrayRef, row: usize) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut current: Option<ArrayRef> =
        array.as_list_opt::<i32>().filter(|list| list.is_valid(row)).map(|list| list.value(row));
    while let Some(elements) = current {
        lengths.push(elements.len());
        current = elements.as_list_opt::<i32>().filter(|list| !list.is_empty()).map(|list| list.value(0));
    }
    lengths
}

/// `[1:2][1:3]`; NULL for an empty array.
fn dims(array: &ArrayRef) -> StringArray {
    let text = |row| {
        let lengths = lengths(array, row);
        let is_empty = lengths.is_empty() || lengths.contains(&0);
        (!is_empty).then(|| lengths.iter().map(|length| format!("[1:{length}]")).collect::<String>())
    };
    (0..array.len()).map(text).collect()
}

/// How many dimensions; NULL for an empty array.
fn ndims(array: &ArrayRef) -> Int32Array {
    let count = |row| {
        let lengths = lengths(array, row);
        (!lengths.is_empty() && !lengths.contains(&0))
            .then(|| i32::try_from(lengths.len()).unwrap_or(i32::MAX))
    };
    (0..array.len()).map(count).collect()
}

fn trimmed(arrays: &[ArrayRef]) -> Result<ArrayRef> {
    let list = as_list(&arrays[0])?;
    let counts = arrays[1].as_primitive::<Int32Type>();
    let (mut indexes, mut sizes, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..list.len() {
        let is_valid = list.is_valid(row) && counts.is_valid(row);
        valid.push(is_valid);
        let range = list.value_offsets()[row]..list.value_offsets()[row + 1];
        let length = range.len();
        let kept = if is_valid {
            let count = usize::try_from(counts.value(row)).ok().filter(|count| *count <= length);
            length
                - count.ok_or_else(|| {
                    let message = format!("number of elements to trim must be between 0 and {length}");
                    failure(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
                })?
        } else {
            0
        };
        sizes.push(kept);
        indexes.extend(range.take(kept).map(|index| index as u32));
    }
    let elements = take(list.values(), &UInt32Array::from(indexes), None)?;
    let DataType::List(field) = list.data_type() else { return Ok(arrays[0].clone()) };
    let offsets = OffsetBuffer::from_lengths(sizes);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, elements, Some(NullBuffer::from(valid)))?))
}

/// One dimension of equal elements: how many dimensions there are would have to be known before the values are.
fn filled(arrays: &[ArrayRef], target: &DataType) -> Result<ArrayRef> {
    let wanted = as_list(&arrays[1])?;
    let DataType::List(item) = target else { return Ok(new_null_array(target, wanted.len())) };
    let (mut indexes, mut sizes, mut valid): (Vec<u32>, Vec<usize>, Vec<bool>) = Default::default();
    for row in 0..wanted.len() {
        valid.push(wanted.is_valid(row));
        if wanted.is_null(row) {
            sizes.push(0);
            continue;
        }
        let lengths = wanted.value(row);
        let lengths = lengths.as_primitive::<Int32Type>();
        if lengths.null_count() > 0 {
            let message = "dimension values cannot be null";
            return Err(failure(SqlState::NULL_VALUE_NOT_ALLOWED, message));
        }
        let length = match &lengths.values()[..] {
            [] => 0,
            [length] => usize::try_from(*length).unwrap_or(0),
            _ => {
                let message = "array_fill with several dimensions is not supported";
                return Err(failure(SqlState::FEATURE_NOT_SUPPORTED, message));
            }
        };
        if indexes.len().saturating_add(length) > ELEMENTS_MAX {
            return Err(failure(SqlState::PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed"));
        }
        sizes.push(length);
        indexes.extend(std::iter::repeat_n(row as u32, length));
    }
    let elements = take(&arrays[0], &UInt32Array::from(indexes), None)?;
    let nulls = Some(NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), OffsetBuffer::from_lengths(sizes), elements, nulls)?))
}

/// The elements as text with something between them; those that are NULL are left out, or written as the third
/// argument says.
fn joined(arrays: &[ArrayRef], style: &Style) -> Result<StringArray> {
    let list = as_list(&arrays[0])?;
    let between = arrays[1].as_string::<i32>();
    let instead = arrays.get(2).map(|instead| instead.as_string::<i32>());
    let mut texts = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        if list.is_null(row) || between.is_null(row) {
            texts.push(None);
            continue;
        }
        let DataType::List(field) = list.data_type() else { break };
        let (elements, field) = innermost(list.value(row), Arc::clone(field))?;
        let column = Column::new(elements.as_ref(), &field, style).map_err(|error| external(error.into()))?;
        let null = instead.filter(|instead| instead.is_valid(row)).map(|instead| instead.value(row));
        let (mut out, mut begun) = (Vec::new(), false);
        for element in 0..elements.len() {
            let is_null = column.is_null(element);
            if is_null && null.is_none() {
                continue;
            }
            if std::mem::replace(&mut begun, true) {
                out.extend_from_slice(between.value(row).as_bytes());
            }
            match null.filter(|_| is_null) {
                Some(null) => out.extend_from_slice(null.as_bytes()),
                None => column.write(element, &mut out).map_err(|error| external(error.into()))?,
            }
        }
        texts.push(Some(String::from_utf8_lossy(&out).into_owned()));
    }
    Ok(texts.into_iter().collect())
}

/// How an array of arrays was made, and so how it is said that it has no dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// `ARRAY[…]`
    Written,
    /// `array_agg` and `ARRAY(SELECT …)`
    Collected,
}

/// Refuses arrays of arrays that are not equally long, which have no dimensions.
pub(super) fn refuse_ragged(arrays: &ArrayRef, made: Made) -> Result<()> {
    let Some(element) = element_field(arrays.data_type()).filter(|field| is_dimension(field)) else {
        return Ok(());
    };
    let list = as_list(arrays)?;
    for row in (0..list.len()).filter(|row| list.is_valid(*row)) {
        let elements = list.value(row);
        let measured = measure(&elements, element, 0, &mut Dimensions::default());
        if made == Made::Collected && !elements.is_empty() {
            refuse_collected(&as_list(&elements)?, measured.is_err())?;
        }
        measured?;
    }
    Ok(())
}

/// Source: `accumArrayResultArr` in PostgreSQL's `arrayfuncs.c`.
fn refuse_collected(arrays: &ListArray, is_ragged: bool) -> Result<()> {
    let (code, message) = if arrays.null_count() > 0 {
        (SqlState::NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays")
    } else if arrays.value_length(0) == 0 {
        (SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays")
    } else if is_ragged {
        (SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality")
    } else {
        return Ok(());
    };
    Err(failure(code, message))
}

/// Notes how long the arrays of each dimension are. One that is NULL is as long as an empty one.
fn measure(elements: &ArrayRef, field: &Field, level: usize, dimensions: &mut Dimensions) -> Result<()> {
    let note = |dimensions: &mut Dimensions, level, length| {
        dimensions.note(level, length).map_err(|error| external(error.into()))
    };
    note(dimensions, level, elements.len())?;
    let Some(inner) = element_field(field.data_type()).filter(|_| is_dimension(field)) else { return Ok(()) };
    let list = as_list(elements)?;
    for index in 0..list.len() {
        if list.is_null(index) {
            note(dimensions, level + 1, 0)?;
        } else {
            measure(&list.value(index), inner, level + 1, dimensions)?;
        }
    }
    Ok(())
}

/// Whether a field's values are arrays, and so a dimension of the array that they are in.
fn is_dimension(field: &Field) -> bool {
    element_field(field.data_type()).is_some() && column_type(field).pg_type.element != 0
}

/// The elements of all dimensions, in order.
fn innermost(mut elements: ArrayRef, mut field: FieldRef) -> Result<(ArrayRef, FieldRef)> {
    while let Some(inner) = element_field(field.data_type()).cloned() {
        let list = as_list(&elements)?;
        let offsets = list.value_offsets();
        let (start, end) = (offsets[0] as usize, offsets[list.len()] as usize);
        elements = list.values().slice(start, end - start);
        field = inner;
    }
    Ok((elements, field))
}
