//! `array[i]` and `array[i:j]` as PostgreSQL counts: from 1, from 0 in vectors, NULL outside.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
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

use super::lists::{as_list, element_field};
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

/// `array_subscript(a, i)`: `a[i]`.
pub(super) fn subscript() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Subscript {
        slices: false,
        signature: Signature::user_defined(Volatility::Immutable),
    }))
}

/// `array_slice_between(a, i, j)`: `a[i:j]`.
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
        let Some(element) = arg_types.first().and_then(element_field) else {
            return plan_err!("cannot subscript a value that is no array");
        };
        let bounds = if self.slices { 2 } else { 1 };
        let list = DataType::List(Arc::clone(element));
        Ok(std::iter::once(list).chain(std::iter::repeat_n(DataType::Int64, bounds)).collect())
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        internal_err!("return_field_from_args is asked instead")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let list = &args.arg_fields[0];
        let Some(element) = element_field(list.data_type()) else { return plan_err!("{list} is no array") };
        if self.slices {
            return Ok(Arc::new(Field::new(self.name(), DataType::List(Arc::clone(element)), true)));
        }
        Ok(Arc::new(element.as_ref().clone().with_name(self.name()).with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let first = first_index(&args.arg_fields[0]);
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let list = as_list(&arrays[0])?;
        let result = if self.slices {
            sliced(&list, &arrays[1], &arrays[2], first)?
        } else {
            elements(&list, &arrays[1], first)?
        };
        Ok(ColumnarValue::Array(result))
    }
}

/// Where an array's indexes begin: vectors count from 0.
pub(super) fn first_index(field: &FieldRef) -> i64 {
    let pg_type = column_type(field).pg_type;
    if pg_type == PgType::INT2VECTOR || pg_type == PgType::OIDVECTOR { 0 } else { 1 }
}

fn elements(list: &ListArray, indexes: &ArrayRef, first: i64) -> Result<ArrayRef> {
    let indexes = indexes.as_primitive::<Int64Type>();
    let positions: UInt32Array = (0..list.len())
        .map(|row| {
            if list.is_null(row) || indexes.is_null(row) {
                return None;
            }
            let place = indexes.value(row).checked_sub(first)?;
            let inside = place >= 0 && place < i64::from(list.value_length(row));
            inside.then(|| list.value_offsets()[row] as u32 + place as u32)
        })
        .collect();
    Ok(take(list.values(), &positions, None)?)
}

fn sliced(list: &ListArray, lower: &ArrayRef, upper: &ArrayRef, first: i64) -> Result<ArrayRef> {
    let (lower, upper) = (lower.as_primitive::<Int64Type>(), upper.as_primitive::<Int64Type>());
    let mut positions = Vec::new();
    let mut lengths = Vec::with_capacity(list.len());
    let mut valid = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let is_valid = !(list.is_null(row) || lower.is_null(row) || upper.is_null(row));
        valid.push(is_valid);
        let before = positions.len();
        if is_valid {
            let length = i64::from(list.value_length(row));
            let from = lower.value(row).saturating_sub(first).max(0);
            let to = upper.value(row).saturating_sub(first).saturating_add(1).min(length);
            positions.extend((from..to).map(|place| list.value_offsets()[row] as u32 + place as u32));
        }
        lengths.push(positions.len() - before);
    }
    let values = take(list.values(), &UInt32Array::from(positions), None)?;
    let DataType::List(field) = list.data_type() else { return internal_err!("a list is a list") };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, Some(valid.into()))?))
}
