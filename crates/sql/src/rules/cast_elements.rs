//! A cast of an array: each element is cast as a value of its type is.
//!
//! DataFusion casts elements by Arrow's rules, which round, write and read otherwise than PostgreSQL, and forgets
//! the type of the elements of a constant where only metadata names it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{DFSchema, Result, ToDFSchema, internal_err};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Cast, ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, col,
};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use crate::functions::{as_list, element_field, scalar};

/// What the element is called in the expression that casts it.
const ELEMENT: &str = "element";

/// The function that casts arrays of one type to another; none where Arrow's own cast does, where these are no
/// arrays or have different numbers of dimensions. `rewritten` is how a cast of a single value is written.
pub(super) fn cast_elements(
    source: &Field,
    target: &FieldRef,
    rewritten: impl FnOnce(Expr, &DFSchema) -> Result<Expr>,
) -> Result<Option<Arc<ScalarUDF>>> {
    let (mut from, mut to) = (element_field(source.data_type()), element_field(target.data_type()));
    while let (Some(own), Some(other)) = (from, to) {
        let inner = (element_field(own.data_type()), element_field(other.data_type()));
        match inner {
            (None, None) => break,
            (Some(_), Some(_)) => (from, to) = inner,
            _ => return Ok(None),
        }
    }
    let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
    let own = Arc::new(from.as_ref().clone().with_name(ELEMENT).with_nullable(true));
    let schema = Schema::new(vec![Arc::clone(&own)]).to_dfschema()?;
    let element = Expr::Cast(Cast { expr: Box::new(col(ELEMENT)), field: Arc::clone(to) });
    let element = rewritten(element, &schema)?;
    let is_arrows = matches!(&element, Expr::Cast(cast) if matches!(cast.expr.as_ref(), Expr::Column(_)));
    if is_arrows && to.metadata().is_empty() {
        return Ok(None);
    }
    let function = CastElements {
        element,
        source: own,
        target: Arc::clone(target),
        // Stable: texts are written and read in the session's style.
        signature: Signature::any(1, Volatility::Stable),
    };
    Ok(Some(Arc::new(ScalarUDF::new_from_impl(function))))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CastElements {
    /// The cast of an element.
    element: Expr,
    source: FieldRef,
    target: FieldRef,
    signature: Signature,
}

impl ScalarUDFImpl for CastElements {
    fn name(&self) -> &str {
        "cast_elements"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.target.data_type().clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let nullable = args.arg_fields[0].is_nullable();
        Ok(Arc::new(self.target.as_ref().clone().with_name(self.name()).with_nullable(nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let lists = args.args[0].to_array(if is_scalar { 1 } else { args.number_rows })?;
        let schema = Schema::new(vec![Arc::clone(&self.source)]);
        let mut props = ExecutionProps::new();
        props.mark_start_execution(Arc::clone(&args.config_options));
        let named = schema.clone().to_dfschema()?;
        let element =
            create_physical_expr(&self.element, &named, &props, &PhysicalPlanningContext::default())?;
        let cast =
            rebuilt(&lists, self.target.data_type(), &|values| elements(element.as_ref(), &schema, values))?;
        Ok(if is_scalar { ColumnarValue::Scalar(scalar(&cast)?) } else { ColumnarValue::Array(cast) })
    }
}

fn elements(element: &dyn PhysicalExpr, schema: &Schema, values: ArrayRef) -> Result<ArrayRef> {
    let own = schema.field(0).data_type();
    let values = if values.data_type() == own { values } else { cast(&values, own)? };
    let length = values.len();
    let batch = RecordBatch::try_new(Arc::new(schema.clone()), vec![values])?;
    element.evaluate(&batch)?.into_array(length)
}

/// The same lists over other elements.
fn rebuilt(
    lists: &ArrayRef,
    target: &DataType,
    make: &dyn Fn(ArrayRef) -> Result<ArrayRef>,
) -> Result<ArrayRef> {
    let DataType::List(field) = target else { return internal_err!("{target} is no list") };
    let list = as_list(lists)?;
    // What lies outside of a slice is not looked at.
    let offsets = list.value_offsets();
    let (first, last) = (offsets[0], offsets[list.len()]);
    let values = list.values().slice(first as usize, (last - first) as usize);
    let offsets = OffsetBuffer::new(offsets.iter().map(|offset| offset - first).collect());
    let values = match element_field(field.data_type()) {
        Some(_) => rebuilt(&values, field.data_type(), make)?,
        None => make(values)?,
    };
    let values =
        if values.data_type() == field.data_type() { values } else { cast(&values, field.data_type())? };
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, list.nulls().cloned())?))
}
