//! `ARRAY[…]` and `array_agg`, whose elements keep the PostgreSQL type that only a field's metadata names.
//!
//! DataFusion makes lists of bare Arrow types, so that an array of oids would be one of bigints and an array of
//! uuids one of byteas. The lists are its own; the field of their elements is made anew.
//!
//! Invariant: an array of arrays has dimensions, all of its arrays being equally long.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::functions_nested::make_array::make_array_udf;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, EmitTo, Expr, ExprSchemable,
    GroupsAccumulator, ReturnFieldArgs, ReversedUDAF, ScalarFunctionArgs, ScalarUDF, Signature,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::array_shapes::{Made, array_flat, refuse_ragged};
use super::list_functions::{array_append, array_cat, array_prepend};
use super::lists::{dimensions, element_field, scalar};
use super::wrapped::{Change, changed};
use crate::types::{Origin, TYPMOD_KEY, column_type};

/// `make_array(a, b, …)`: `ARRAY[a, b, …]`.
pub(super) fn make_array() -> Arc<ScalarUDF> {
    changed(make_array_udf(), MakeArray)
}

/// `array_agg(x)`
pub(super) fn array_agg() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::from(ArrayAgg { inner: array_agg_udaf() }))
}

/// Plans `ARRAY[…]` where no call was written for it, and operators between arrays.
#[derive(Debug, Default)]
pub(super) struct ArrayPlanner;

impl ExprPlanner for ArrayPlanner {
    fn plan_array_literal(&self, exprs: Vec<Expr>, _schema: &DFSchema) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(call(make_array(), exprs)))
    }

    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let counts = (dimensions(&expr.left.get_type(schema)?), dimensions(&expr.right.get_type(schema)?));
        let RawBinaryExpr { op, left, right } = expr;
        Ok(match (&op, counts) {
            (BinaryOperator::StringConcat, (own, other)) if own + other > 0 => {
                let function = match own.cmp(&other) {
                    Ordering::Equal => array_cat(),
                    Ordering::Greater => array_append(),
                    Ordering::Less => array_prepend(),
                };
                PlannerResult::Planned(call(function, vec![left, right]))
            }
            // What an array holds it holds in whichever dimension.
            (BinaryOperator::AtArrow | BinaryOperator::ArrowAt | BinaryOperator::PGOverlap, (1.., 1..)) => {
                let (left, right) = (flat(left, counts.0), flat(right, counts.1));
                PlannerResult::Original(RawBinaryExpr { op, left, right })
            }
            _ => PlannerResult::Original(RawBinaryExpr { op, left, right }),
        })
    }
}

fn call(function: Arc<ScalarUDF>, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function, args))
}

fn flat(array: Expr, dimensions: usize) -> Expr {
    if dimensions > 1 { call(array_flat(), vec![array]) } else { array }
}

/// The list type with elements that are what these fields say, where they all say the same.
fn list_of(fields: &[FieldRef], bare: DataType) -> DataType {
    let Some(element) = element_field(&bare) else { return bare };
    let mut own = fields.iter().filter(|field| field.data_type() == element.data_type());
    let Some(first) = own.next() else { return bare };
    if own.any(|other| column_type(other) != column_type(first)) {
        return bare;
    }
    let plain = Field::new_list_field(element.data_type().clone(), true);
    if column_type(&plain) == column_type(first) {
        return bare;
    }
    let marked = plain.with_metadata(first.metadata().clone());
    DataType::List(Arc::new(Origin::default().mark(marked)))
}

/// The same lists with another field of their elements.
pub(crate) fn retyped(lists: ArrayRef, target: &DataType) -> Result<ArrayRef> {
    match (lists.as_list_opt::<i32>(), target) {
        _ if lists.data_type() == target => Ok(lists),
        (Some(list), DataType::List(item)) if list.values().data_type() == item.data_type() => {
            let (_, offsets, values, nulls) = list.clone().into_parts();
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, nulls)?))
        }
        _ => Ok(cast(&lists, target)?),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct MakeArray;

impl Change for MakeArray {
    fn return_field(&self, inner: &ScalarUDF, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let list = list_of(args.arg_fields, inner.return_type(&types)?);
        Ok(Arc::new(Field::new(inner.name(), list, true)))
    }

    fn invoke(&self, inner: &ScalarUDF, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let target = args.return_field.data_type().clone();
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        args.return_field = Arc::new(Field::new(inner.name(), inner.return_type(&types)?, true));
        let made = inner.invoke_with_args(args)?;
        let is_scalar = matches!(made, ColumnarValue::Scalar(_));
        let lists = retyped(made.into_array(1)?, &target)?;
        refuse_ragged(&lists, Made::Written)?;
        Ok(if is_scalar { ColumnarValue::Scalar(scalar(&lists)?) } else { ColumnarValue::Array(lists) })
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ArrayAgg {
    inner: Arc<AggregateUDF>,
}

impl ArrayAgg {
    /// What DataFusion's aggregate answers, from the same arguments.
    fn answered_bare(&self, fields: &[FieldRef]) -> Result<FieldRef> {
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name(), self.inner.return_type(&types)?, true)))
    }

    /// Has DataFusion make something for the answer that it knows.
    fn within<T>(
        &self,
        args: AccumulatorArgs,
        make: impl FnOnce(AccumulatorArgs) -> Result<T>,
    ) -> Result<(T, DataType)> {
        let target = args.return_field.data_type().clone();
        let return_field = self.answered_bare(args.expr_fields)?;
        Ok((make(AccumulatorArgs { return_field, ..args })?, target))
    }
}

impl AggregateUDFImpl for ArrayAgg {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field(&self, arg_fields: &[FieldRef]) -> Result<FieldRef> {
        // An aggregate's answer has no modifier.
        let fields: Vec<FieldRef> = arg_fields.iter().map(without_typmod).collect();
        let bare = self.answered_bare(arg_fields)?;
        let list = list_of(&fields[..fields.len().min(1)], bare.data_type().clone());
        Ok(Arc::new(bare.as_ref().clone().with_data_type(list)))
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let (inner, target) = self.within(args, |args| self.inner.accumulator(args))?;
        Ok(Box::new(Retyped { inner, target }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let return_field = self.answered_bare(args.input_fields)?;
        self.inner.state_fields(StateFieldsArgs { return_field, ..args })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.within(args, |args| Ok(self.inner.groups_accumulator_supported(args)))
            .is_ok_and(|(is_supported, _)| is_supported)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let (inner, target) = self.within(args, |args| self.inner.create_groups_accumulator(args))?;
        Ok(Box::new(RetypedGroups { inner, target }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        beneficial_ordering: bool,
    ) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        let inner = self.inner.as_ref().clone().with_beneficial_ordering(beneficial_ordering)?;
        Ok(inner.map(|inner| Arc::new(ArrayAgg { inner: Arc::new(inner) }) as _))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        match self.inner.reverse_udf() {
            ReversedUDAF::Reversed(inner) => {
                ReversedUDAF::Reversed(Arc::new(AggregateUDF::from(ArrayAgg { inner })))
            }
            other => other,
        }
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }
}

fn without_typmod(field: &FieldRef) -> FieldRef {
    let mut metadata = field.metadata().clone();
    match metadata.remove(TYPMOD_KEY) {
        Some(_) => Arc::new(field.as_ref().clone().with_metadata(metadata)),
        None => Arc::clone(field),
    }
}

/// An accumulator whose answer has another field of its elements.
#[derive(Debug)]
struct Retyped {
    inner: Box<dyn Accumulator>,
    target: DataType,
}

impl Accumulator for Retyped {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let lists = retyped(self.inner.evaluate()?.to_array()?, &self.target)?;
        refuse_ragged(&lists, Made::Collected)?;
        scalar(&lists)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

/// The same of many groups.
struct RetypedGroups {
    inner: Box<dyn GroupsAccumulator>,
    target: DataType,
}

impl GroupsAccumulator for RetypedGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.inner.update_batch(values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let lists = retyped(self.inner.evaluate(emit_to)?, &self.target)?;
        refuse_ragged(&lists, Made::Collected)?;
        Ok(lists)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.inner.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.inner.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.inner.convert_to_state(values, opt_filter)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
