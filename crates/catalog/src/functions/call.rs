//! How a catalog function is called: arguments to cells, a body per row, cells to a column.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_err, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_sql::types::{PgType, record};

use crate::cell::{Cell, array};
use crate::error::Error;
use crate::names::Names;
use crate::pinned::Pinned;

/// The names that functions look things up in.
pub(crate) type Catalog = Names<Arc<Pinned>>;

/// What a function takes at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// Text.
    Text,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// An oid; text is read as a number.
    Oid,
    /// Text or an oid: overloads that differ only in how they name a thing.
    Object,
    /// A truth value or a whole number.
    Flag,
    /// An array of texts.
    Texts,
}

/// What a function gives.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Returns {
    /// A value.
    One(PgType),
    /// Rows of a value; the body gives a list of them.
    Rows(PgType),
    /// Rows of several values, by their names; the body gives a list of lists.
    Table(&'static [(&'static str, PgType)]),
}

impl Returns {
    /// The field of a column of answers.
    fn field(self, name: &str) -> Field {
        let list = |item: Field| Field::new(name, DataType::List(Arc::new(item)), true);
        match self {
            Self::One(pg_type) => pg_type.field(name, true),
            Self::Rows(pg_type) => list(pg_type.field("item", true)),
            Self::Table(columns) => {
                let fields = columns.iter().map(|(name, pg_type)| pg_type.field(name, true)).collect();
                list(record(Field::new("item", DataType::Struct(fields), true)))
            }
        }
    }
}

/// A function over the catalog.
pub(crate) struct Definition {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it takes; no two overloads are of one length.
    pub(crate) overloads: &'static [&'static [Parameter]],
    /// What it gives.
    pub(crate) returns: Returns,
    /// Whether NULL for any argument gives NULL without a call.
    pub(crate) strict: bool,
    /// Whether a call does something, so that it may be made neither ahead of time nor once for many rows.
    pub(crate) acts: bool,
    /// The function for one row. Arguments are of the kinds that the overload says, or NULL.
    pub(crate) body: Body,
}

/// What a function does for one row.
pub(crate) type Body = fn(&Catalog, &[Cell<'_>]) -> std::result::Result<Cell<'static>, Error>;

/// A function that is NULL where any argument is.
pub(crate) const fn strict(
    name: &'static str,
    overloads: &'static [&'static [Parameter]],
    returns: PgType,
    body: Body,
) -> Definition {
    Definition { name, overloads, returns: Returns::One(returns), strict: true, acts: false, body }
}

/// A function that is called for what it does, once for each row.
pub(crate) const fn acting(
    name: &'static str,
    overloads: &'static [&'static [Parameter]],
    returns: PgType,
    body: Body,
) -> Definition {
    Definition { name, overloads, returns: Returns::One(returns), strict: true, acts: true, body }
}

/// A function that gives rows; NULL for any argument gives none.
pub(crate) const fn giving(
    name: &'static str,
    overloads: &'static [&'static [Parameter]],
    returns: Returns,
    body: Body,
) -> Definition {
    Definition { name, overloads, returns, strict: true, acts: false, body }
}

/// A function that is called with NULL too.
pub(crate) const fn lenient(
    name: &'static str,
    overloads: &'static [&'static [Parameter]],
    returns: PgType,
    body: Body,
) -> Definition {
    Definition { name, overloads, returns: Returns::One(returns), strict: false, acts: false, body }
}

/// A function that is called for what it does, once for each row, with NULL too.
pub(crate) const fn acting_leniently(
    name: &'static str,
    overloads: &'static [&'static [Parameter]],
    returns: PgType,
    body: Body,
) -> Definition {
    Definition { name, overloads, returns: Returns::One(returns), strict: false, acts: true, body }
}

/// The oid in a cell; text is read as one.
pub(crate) fn oid(cell: &Cell<'_>) -> std::result::Result<u32, Error> {
    match cell {
        Cell::Text(text) => oid_text(text),
        // PostgreSQL's int4 and int8 become oids by their bits, as long as they fit.
        Cell::Int(number) => {
            match u32::try_from(*number).or_else(|_| i32::try_from(*number).map(|n| n as u32)) {
                Ok(oid) => Ok(oid),
                Err(_) => Err(Error::OidOutOfRange { value: number.to_string() }),
            }
        }
        _ => Ok(0),
    }
}

fn oid_text(text: &str) -> std::result::Result<u32, Error> {
    let digits = text.trim();
    match digits.parse::<i64>() {
        Ok(number) => oid(&Cell::Int(number)),
        Err(_) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Error::OidOutOfRange { value: text.to_owned() })
        }
        Err(_) => Err(Error::InvalidText { type_name: "oid", value: text.to_owned() }),
    }
}

/// One function over one catalog.
pub(super) struct CatalogFunction {
    definition: &'static Definition,
    catalog: Arc<Catalog>,
    signature: Signature,
}

impl CatalogFunction {
    pub(super) fn new(definition: &'static Definition, catalog: Arc<Catalog>) -> Self {
        // Not immutable: the plan of a prepared statement must ask again.
        let volatility = if definition.acts { Volatility::Volatile } else { Volatility::Stable };
        Self { definition, catalog, signature: Signature::user_defined(volatility) }
    }

    fn call(&self, cells: &[Cell<'_>]) -> Result<Cell<'static>> {
        if self.definition.strict && cells.contains(&Cell::Null) {
            return Ok(Cell::Null);
        }
        Ok((self.definition.body)(&self.catalog, cells)?)
    }
}

impl fmt::Debug for CatalogFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CatalogFunction({})", self.definition.name)
    }
}

impl PartialEq for CatalogFunction {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.definition, other.definition) && Arc::ptr_eq(&self.catalog, &other.catalog)
    }
}

impl Eq for CatalogFunction {}

impl Hash for CatalogFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
    }
}

impl ScalarUDFImpl for CatalogFunction {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.definition.returns.field("").data_type().clone())
    }

    fn return_field_from_args(&self, _arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(self.definition.returns.field(self.definition.name)))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let overload = self.definition.overloads.iter().find(|overload| overload.len() == types.len());
        let coerced = overload.and_then(|overload| {
            overload.iter().zip(types).map(|(parameter, given)| coerced(*parameter, given)).collect()
        });
        coerced.ok_or_else(|| {
            let types: Vec<String> = types.iter().map(type_name).collect();
            // DataFusion writes its own error around this one, and only keeps the text.
            plan_datafusion_err!("function {}({}) does not exist", self.definition.name, types.join(", "))
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let returns = self.definition.returns.field("");
        let returns = returns.data_type();
        let constant = !self.definition.acts
            && arguments.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { arguments.number_rows };
        let columns: Vec<ArrayRef> =
            arguments.args.into_iter().map(|argument| argument.into_array(rows)).collect::<Result<_>>()?;
        let mut results = Vec::with_capacity(rows);
        let mut cells = Vec::with_capacity(columns.len());
        for row in 0..rows {
            cells.clear();
            for column in &columns {
                cells.push(cell(column, row)?);
            }
            results.push(self.call(&cells)?);
        }
        let results = array(returns, results)?;
        Ok(match results.as_list_opt::<i32>() {
            _ if !constant => ColumnarValue::Array(results),
            // `try_from_array` would forget which type the elements are of.
            Some(list) => ColumnarValue::Scalar(ScalarValue::List(Arc::new(list.clone()))),
            None => ColumnarValue::Scalar(ScalarValue::try_from_array(&results, 0)?),
        })
    }
}

/// The Arrow type that an argument becomes, if the parameter takes it.
fn coerced(parameter: Parameter, given: &DataType) -> Option<DataType> {
    let text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    let whole = given.is_integer();
    match (parameter, given) {
        (_, DataType::Dictionary(_, value)) => coerced(parameter, value),
        (Parameter::Text | Parameter::Oid | Parameter::Object, _) if text => Some(DataType::Utf8),
        (Parameter::Oid | Parameter::Object | Parameter::Int | Parameter::Flag, _) if whole => {
            Some(DataType::Int64)
        }
        (Parameter::Int, _) if text => Some(DataType::Int64),
        // Its elements are written as text when they are read.
        (Parameter::Texts, DataType::List(_)) => Some(given.clone()),
        (Parameter::Texts, _) if text => Some(PgType::TEXT_ARRAY.arrow()),
        (Parameter::Bool | Parameter::Flag, DataType::Boolean) => Some(DataType::Boolean),
        (Parameter::Bool | Parameter::Flag, _) if text => Some(DataType::Boolean),
        _ => None,
    }
}

fn type_name(data_type: &DataType) -> String {
    let field = Field::new("", data_type.clone(), true);
    lakeport_sql::types::column_type(&field).pg_type.name.to_owned()
}

/// One value of an argument, after coercion.
fn cell(column: &ArrayRef, row: usize) -> Result<Cell<'_>> {
    if column.is_null(row) {
        return Ok(Cell::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => Cell::from(column.as_string::<i32>().value(row)),
        DataType::Int64 => Cell::Int(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Cell::Bool(column.as_boolean().value(row)),
        DataType::List(_) => {
            let elements = cast(&column.as_list::<i32>().value(row), &DataType::Utf8)?;
            let texts = elements.as_string::<i32>().iter();
            Cell::List(texts.map(|text| text.map(str::to_owned).into()).collect())
        }
        other => return internal_err!("a catalog function was called with {other}"),
    })
}
