//! DataFusion's functions from arrays to arrays, whose elements keep the type that only a field's metadata names.
//!
//! The functions see bare Arrow types, and what they answer is told again which type its elements are of.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_nested::{concat, remove, replace};
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::elements::retyped;
use super::lists::{dimensions, element_field, in_dimensions, scalar};

/// The functions, under PostgreSQL's names.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        array_append(),
        array_prepend(),
        array_cat(),
        // PostgreSQL's change every element that is equal, DataFusion's of these names only the first.
        marked("array_remove", remove::array_remove_all_udf()),
        marked("array_replace", replace::array_replace_all_udf()),
    ]
}

/// `array_append(array, element)`
pub(super) fn array_append() -> Arc<ScalarUDF> {
    marked("array_append", concat::array_append_udf())
}

/// `array_prepend(element, array)`
pub(super) fn array_prepend() -> Arc<ScalarUDF> {
    marked("array_prepend", concat::array_prepend_udf())
}

/// `array_cat(array, array)`
pub(super) fn array_cat() -> Arc<ScalarUDF> {
    marked("array_concat", concat::array_concat_udf())
}

fn marked(name: &'static str, inner: Arc<ScalarUDF>) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Marked { name, inner, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Marked {
    name: &'static str,
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

/// The type of the same lists with elements of bare Arrow types.
fn bare(data_type: &DataType) -> DataType {
    match element_field(data_type) {
        Some(element) => DataType::new_list(bare(element.data_type()), true),
        None => data_type.clone(),
    }
}

fn bare_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), bare(field.data_type()), field.is_nullable()))
}

/// The elements' field of the innermost lists.
fn leaf(data_type: &DataType) -> Option<FieldRef> {
    element_field(&in_dimensions(data_type, 1)).cloned()
}

/// The type of lists that a bare one stands for, its elements being what those of an argument are.
fn told(answer: &DataType, args: &[FieldRef]) -> DataType {
    let Some(own) = leaf(answer) else { return answer.clone() };
    let like = args.iter().filter_map(|arg| leaf(arg.data_type()));
    let like =
        like.filter(|leaf| leaf.data_type() == own.data_type()).find(|leaf| !leaf.metadata().is_empty());
    match like {
        Some(leaf) => in_dimensions(&DataType::List(leaf), dimensions(answer)),
        None => answer.clone(),
    }
}

impl Marked {
    fn bare_answer(&self, args: &ReturnFieldArgs) -> Result<DataType> {
        let fields: Vec<FieldRef> = args.arg_fields.iter().map(bare_field).collect();
        let args = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: args.scalar_arguments };
        Ok(self.inner.return_field_from_args(args)?.data_type().clone())
    }
}

impl ScalarUDFImpl for Marked {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let fields: Vec<FieldRef> =
            arg_types.iter().map(|given| Arc::new(Field::new("", bare(given), true))).collect();
        let coerced = fields_with_udf(&fields, self.inner.as_ref())?;
        let types = arg_types.iter().zip(&fields).zip(coerced);
        Ok(types
            .map(|((given, own), coerced)| match coerced.data_type() == own.data_type() {
                true => given.clone(),
                false => coerced.data_type().clone(),
            })
            .collect())
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(&arg_types.iter().map(bare).collect::<Vec<_>>())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let answer = self.bare_answer(&args)?;
        Ok(Arc::new(Field::new(self.name, told(&answer, args.arg_fields), true)))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let target = args.return_field.data_type().clone();
        let given = args.arg_fields.clone();
        for (value, field) in args.args.iter_mut().zip(&given) {
            *value = match value {
                ColumnarValue::Array(array) => ColumnarValue::Array(to_bare(array)?),
                ColumnarValue::Scalar(one) if dimensions(field.data_type()) > 0 => {
                    ColumnarValue::Scalar(scalar(&to_bare(&one.to_array()?)?)?)
                }
                ColumnarValue::Scalar(one) => ColumnarValue::Scalar(one.clone()),
            };
        }
        args.arg_fields = given.iter().map(bare_field).collect();
        let scalars: Vec<Option<&ScalarValue>> = vec![None; args.arg_fields.len()];
        let asked = ReturnFieldArgs { arg_fields: &args.arg_fields, scalar_arguments: &scalars };
        args.return_field = self.inner.return_field_from_args(asked)?;
        Ok(match self.inner.invoke_with_args(args)? {
            ColumnarValue::Array(array) => ColumnarValue::Array(retyped(array, &target)?),
            ColumnarValue::Scalar(one) => ColumnarValue::Scalar(scalar(&retyped(one.to_array()?, &target)?)?),
        })
    }
}

fn to_bare(array: &ArrayRef) -> Result<ArrayRef> {
    let target = bare(array.data_type());
    Ok(if *array.data_type() == target { Arc::clone(array) } else { cast(array, &target)? })
}
