//! `array[i]` and `array[i:j]` as PostgreSQL counts: from 1, from 0 in vectors, NULL outside.
//!
//! Several subscripts behind each other, one for each dimension, come as one call: [`super::spell()`] writes it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, UInt32Array, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{DFSchema, Result, internal_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawFieldAccessExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, GetFieldAccess, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use super::lists::{as_list, dimensions, element_field, in_dimensions};
use crate::types::{PgType, column_type};

/// Plans subscripts of arrays.
#[derive(Debug, Default)]
pub struct SubscriptPlanner;

impl ExprPlanner for SubscriptPlanner {
    fn plan_field_access(
        &self,
        raw: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        if element_field(&raw.expr.get_type(schema)?).is_none() {
            return Ok(PlannerResult::Original(raw));
        }
        let RawFieldAccessExpr { expr, field_access } = raw;
        let (function, args) = match field_access {
            GetFieldAccess::ListIndex { key } => (subscript(), vec![expr, *key]),
            GetFieldAccess::ListRange { start, stop, .. } => (slice(), vec![expr, *start, *stop]),
            other => return Ok(PlannerResult::Original(RawFieldAccessExpr { expr, field_access: other })),
        };
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(function, args))))
    }
}

/// `array_subscript(a, i, …)`: `a[i]…`.
pub(super) fn subscript() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Subscript {
        slices: false,
        signature: Signature::user_defined(Volatility::Immutable),
    }))
}

/// `array_slice_between(a, i, j, …)`: `a[i:j]…`.
pub(super) fn slice() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Subscript {
        slices: true,
        signature: Signature::user_defined(Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Subscript {
    slices: bool,
    signature: Signature,
}

impl ScalarUDFImpl for Subscript {
    fn name(&self) -> &str {
        if self.slices { "array_slice_between" } else { "array_subscript" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let (Some(array), true) = (arg_types.first(), arg_types.len() > 1) else {
            return plan_err!("a subscript needs an array and an index");
        };
        let Some(element) = element_field(array) else {
            return plan_err!("cannot subscript a value that is no array");
        };
        let list = DataType::List(Arc::clone(element));
        Ok(std::iter::once(list).chain(std::iter::repeat_n(DataType::Int64, arg_types.len() - 1)).collect())
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        internal_err!("return_field_from_args is asked instead")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let list = &args.arg_fields[0];
        let vector = in_dimensions(list.data_type(), 1);
        let Some(leaf) = element_field(&vector) else { return plan_err!("{list} is no array") };
        if self.slices {
            let slice = match element_field(list.data_type()) {
                Some(element) => DataType::List(Arc::clone(element)),
                None => vector,
            };
            return Ok(Arc::new(Field::new(self.name(), slice, true)));
        }
        Ok(Arc::new(leaf.as_ref().clone().with_name(self.name()).with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let first = first_index(&args.arg_fields[0]);
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let list = as_list(&arrays[0])?;
        let bounds: Vec<Int64Array> =
            arrays[1..].iter().map(|array| array.as_primitive::<Int64Type>().clone()).collect();
        let result = if self.slices {
            sliced(&list, &bounds, first)?
        } else if bounds.len() == dimensions(list.data_type()) {
            element(&list, &bounds, first)?
        } else {
            // PostgreSQL gives no part of an array but by a slice.
            new_null_array(args.return_field.data_type(), list.len())
        };
        Ok(ColumnarValue::Array(result))
    }
}

/// Where an array's indexes begin: vectors count from 0.
pub(super) fn first_index(field: &FieldRef) -> i64 {
    let pg_type = column_type(field).pg_type;
    if pg_type == PgType::INT2VECTOR || pg_type == PgType::OIDVECTOR { 0 } else { 1 }
}

/// The element at one index in each dimension.
fn element(list: &ListArray, indexes: &[Int64Array], first: i64) -> Result<ArrayRef> {
    let mut level = list.clone();
    let mut places: Vec<Option<usize>> = (0..list.len()).map(Some).collect();
    for (depth, indexes) in indexes.iter().enumerate() {
        if depth > 0 {
            level = as_list(level.values())?;
        }
        let step = |(row, place): (usize, &Option<usize>)| {
            let place = place.filter(|place| level.is_valid(*place) && indexes.is_valid(row))?;
            let offset = usize::try_from(indexes.value(row).checked_sub(first)?).ok()?;
            let (start, end) =
                (level.value_offsets()[place] as usize, level.value_offsets()[place + 1] as usize);
            (offset < end - start).then_some(start + offset)
        };
        places = places.iter().enumerate().map(step).collect();
    }
    let places: UInt32Array = places.into_iter().map(|place| place.map(|place| place as u32)).collect();
    Ok(take(level.values(), &places, None)?)
}

/// The part of each array between a lower and an upper bound in each dimension; dimensions without bounds stay whole.
fn sliced(list: &ListArray, bounds: &[Int64Array], first: i64) -> Result<ArrayRef> {
    let [lower, upper, rest @ ..] = bounds else { return Ok(Arc::new(list.clone())) };
    let nested = dimensions(list.data_type()) > 1;
    let (mut positions, mut rows) = (Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(list.len());
    let mut valid = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let is_valid = list.is_valid(row) && bounds.iter().all(|bound| bound.is_valid(row));
        valid.push(is_valid);
        let before = positions.len();
        // Bounds of more dimensions than there are leave nothing.
        if is_valid && (nested || rest.is_empty()) {
            let length = i64::from(list.value_length(row));
            let from = lower.value(row).saturating_sub(first).max(0);
            let to = upper.value(row).saturating_sub(first).saturating_add(1).min(length);
            positions.extend((from..to).map(|place| list.value_offsets()[row] as u32 + place as u32));
            rows.resize(positions.len(), row as u32);
        }
        lengths.push(positions.len() - before);
    }
    let mut values = take(list.values(), &UInt32Array::from(positions), None)?;
    if nested && !rest.is_empty() {
        let rows = UInt32Array::from(rows);
        let inner = rest
            .iter()
            .map(|bound| Ok(take(bound, &rows, None)?.as_primitive::<Int64Type>().clone()))
            .collect::<Result<Vec<_>>>()?;
        values = sliced(&as_list(&values)?, &inner, 1)?;
    }
    let DataType::List(field) = list.data_type() else { return internal_err!("a list is a list") };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, Some(valid.into()))?))
}
