//! regclass and its kin between names and oids where there is no cast: in answers and in parameters.
//!
//! A value in an answer is an oid in binary and a name as text, and only the catalog of the statement knows the name. So each
//! is given its name once the rows are made: the column becomes a struct of the oid and the name, which is told from a
//! record by the type that its field declares.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};

use super::reg::{RegFunctions, is_reg};
use crate::types::{PgType, column_type};

/// The columns of an answer once their names are beside the oids of [`with_reg_names`].
pub fn naming_regs(schema: &SchemaRef) -> SchemaRef {
    if !schema.fields().iter().any(|field| is_bare(field) || bare_elements(field).is_some()) {
        return Arc::clone(schema);
    }
    let with_names = |field: &Field| Arc::new(field.clone().with_data_type(DataType::Struct(members())));
    let named = schema.fields().iter().map(|field| match bare_elements(field) {
        Some(element) => {
            let list = DataType::List(with_names(element));
            Arc::new(field.as_ref().clone().with_data_type(list))
        }
        None if is_bare(field) => with_names(field),
        None => Arc::clone(field),
    });
    Arc::new(Schema::new_with_metadata(named.collect::<Fields>(), schema.metadata().clone()))
}

/// The columns of a batch as [`naming_regs`] says they are, by the functions of the statement that made it.
///
/// # Errors
///
/// Where a function that names fails.
pub fn with_reg_names(
    batch: &RecordBatch,
    schema: &SchemaRef,
    context: &TaskContext,
) -> Result<Vec<ArrayRef>> {
    let columns = batch.columns().iter().zip(schema.fields());
    columns
        .map(|(array, field)| match field.data_type() {
            DataType::Struct(_) if *array.data_type() == DataType::UInt32 => {
                named(array, column_type(field).pg_type, context)
            }
            DataType::List(element) if is_named(element) => match array.as_list_opt::<i32>() {
                Some(list) if list.value_type() == DataType::UInt32 => {
                    let (_, offsets, oids, nulls) = list.clone().into_parts();
                    let elements = named(&oids, column_type(element).pg_type, context)?;
                    let list = ListArray::try_new(Arc::clone(element), offsets, elements, nulls)?;
                    Ok(Arc::new(list) as ArrayRef)
                }
                _ => Ok(Arc::clone(array)),
            },
            _ => Ok(Arc::clone(array)),
        })
        .collect()
}

/// The parameters of a statement, where names were given for regclass and its kin their oids.
///
/// # Errors
///
/// As a cast of such a name has them: 42P01 where there is no relation of the name, and so on.
pub fn reg_parameters(
    parameters: Vec<ArrayRef>,
    types: &[PgType],
    options: &Arc<ConfigOptions>,
) -> Result<Vec<ArrayRef>> {
    let is_name = |array: &ArrayRef, pg_type| is_reg(pg_type) && *array.data_type() == DataType::Utf8;
    let found = parameters.into_iter().zip(types).map(|(array, pg_type)| match is_name(&array, *pg_type) {
        true => {
            let read =
                options.extensions.get::<RegFunctions>().and_then(|functions| functions.read(*pg_type));
            call(read, *pg_type, array, pg_type.arrow(), options)
        }
        false => Ok(array),
    });
    found.collect()
}

/// The oids of a column that was given names.
pub fn reg_oids(array: &dyn Array) -> Option<&ArrayRef> {
    array.as_struct_opt().filter(|named| *named.fields() == members()).map(|named| named.column(0))
}

/// The names of such a column.
pub(crate) fn reg_texts(array: &dyn Array) -> Option<&ArrayRef> {
    array.as_struct_opt().filter(|named| *named.fields() == members()).map(|named| named.column(1))
}

/// Whether a column is one of oids that have names.
fn is_bare(field: &Field) -> bool {
    *field.data_type() == DataType::UInt32 && is_reg(column_type(field).pg_type)
}

/// The field of an array's elements, where these are oids that have names.
fn bare_elements(field: &Field) -> Option<&Field> {
    match field.data_type() {
        DataType::List(element) if is_bare(element) => Some(element),
        _ => None,
    }
}

/// Whether elements have their names beside them.
fn is_named(element: &Field) -> bool {
    is_reg(column_type(element).pg_type) && *element.data_type() == DataType::Struct(members())
}

fn members() -> Fields {
    [Field::new("oid", DataType::UInt32, true), Field::new("name", DataType::Utf8, true)]
        .into_iter()
        .collect()
}

fn named(oids: &ArrayRef, pg_type: PgType, context: &TaskContext) -> Result<ArrayRef> {
    let options = context.session_config().options();
    let write = options.extensions.get::<RegFunctions>().and_then(|functions| functions.out(pg_type));
    let names = call(write, pg_type, cast(oids, &DataType::Int64)?, DataType::Utf8, options)?;
    let columns = vec![Arc::clone(oids), cast(&names, &DataType::Utf8)?];
    Ok(Arc::new(StructArray::try_new(members(), columns, oids.nulls().cloned())?))
}

/// What a function of the type gives for a column.
fn call(
    function: Option<Arc<ScalarUDF>>,
    pg_type: PgType,
    array: ArrayRef,
    returns: DataType,
    options: &Arc<ConfigOptions>,
) -> Result<ArrayRef> {
    let function = function.ok_or_else(|| exec_datafusion_err!("{} has no names here", pg_type.name))?;
    let rows = array.len();
    let answer = function.invoke_with_args(ScalarFunctionArgs {
        arg_fields: vec![Arc::new(Field::new("value", array.data_type().clone(), true))],
        args: vec![ColumnarValue::Array(array)],
        number_rows: rows,
        return_field: Arc::new(Field::new("value", returns, true)),
        config_options: Arc::clone(options),
    })?;
    answer.into_array(rows)
}
