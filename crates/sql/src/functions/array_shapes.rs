//! `array_dims`, `array_fill`, `trim_array` and `array_to_string`: arrays of any type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray, UInt32Array, new_null_array};
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
use super::lists::{as_list, element_field};
use crate::state::style;
use crate::types::PgType;
use crate::value::{Column, Style};

/// Elements that `array_fill` makes for a whole batch. A guess.
const ELEMENTS_MAX: usize = 16 << 20;

/// The functions.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Kind::Dims, Kind::Fill, Kind::Trim, Kind::Text]
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
            (Kind::Dims, [given]) => list(given).map(|list| vec![list]),
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
            Kind::Trim => arg_types[0].clone(),
            Kind::Fill => DataType::List(Arc::new(Field::new_list_field(arg_types[0].clone(), true))),
        })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(match self.kind {
            Kind::Dims | Kind::Text => Arc::new(Field::new(self.name(), DataType::Utf8, true)),
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
            Kind::Trim => trimmed(&arrays)?,
            Kind::Fill => filled(&arrays, args.return_field.data_type())?,
            Kind::Text => Arc::new(joined(&arrays, &style(&args.config_options))?),
        };
        Ok(ColumnarValue::Array(answers))
    }
}

/// The lengths of the dimensions of a row's array.
fn lengths(array: &ArrayRef, row: usize) -> Vec<usize> {
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
