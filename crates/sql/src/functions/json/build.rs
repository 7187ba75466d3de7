//! JSON of values of any type: `to_json`, `json_build_object`, `row_to_json`, and what `json_agg` is spelled as.
//!
//! Source: `datum_to_json` and its callers in PostgreSQL's `json.c`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use crate::error::Error;
use crate::functions::defined::external;
use crate::functions::lists::{as_list, element_field};
use crate::state::style;
use crate::types::PgType;
use crate::value::json_tree::jsonb;
use crate::value::{Column, Style};

/// The functions, by name; those of jsonb put what they make in order.
const FUNCTIONS: &[(&str, Kind, PgType)] = &[
    ("to_json", Kind::Value, PgType::JSON),
    ("to_jsonb", Kind::Value, PgType::JSONB),
    ("row_to_json", Kind::Value, PgType::JSON),
    ("array_to_json", Kind::Value, PgType::JSON),
    ("json_element", Kind::Element, PgType::JSON),
    ("json_build_array", Kind::Array, PgType::JSON),
    ("jsonb_build_array", Kind::Array, PgType::JSONB),
    ("json_build_object", Kind::Object, PgType::JSON),
    ("jsonb_build_object", Kind::Object, PgType::JSONB),
    ("json_array_of", Kind::Collected, PgType::JSON),
    ("jsonb_array_of", Kind::Collected, PgType::JSONB),
    ("json_object_of", Kind::CollectedPairs, PgType::JSON),
    ("jsonb_object_of", Kind::CollectedPairs, PgType::JSONB),
];

/// What stands before each element that has parts, but the first.
const LINE: &str = "\n ";

/// The functions.
pub(in crate::functions) fn functions() -> Vec<Arc<ScalarUDF>> {
    FUNCTIONS
        .iter()
        .map(|(name, kind, returns)| {
            // Moments are written in the session's zone.
            let signature = Signature::user_defined(Volatility::Stable);
            Arc::new(ScalarUDF::new_from_impl(Build { name, kind: *kind, returns: *returns, signature }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// One value as it is.
    Value,
    /// One value as an element of an aggregate's array: one that has parts begins a line.
    Element,
    /// The arguments as an array.
    Array,
    /// Names and values by turns.
    Object,
    /// The elements of one array, which an aggregate has collected.
    Collected,
    /// The names in one array and the values in another.
    CollectedPairs,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Build {
    name: &'static str,
    kind: Kind,
    returns: PgType,
    signature: Signature,
}

impl ScalarUDFImpl for Build {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let fits = match (self.name, arg_types) {
            ("row_to_json", [given] | [given, DataType::Boolean]) => matches!(given, DataType::Struct(_)),
            ("array_to_json", [given] | [given, DataType::Boolean]) => element_field(given).is_some(),
            (_, [_]) if matches!(self.kind, Kind::Value | Kind::Element) => true,
            (_, [given]) if self.kind == Kind::Collected => element_field(given).is_some(),
            (_, [names, values]) if self.kind == Kind::CollectedPairs => {
                element_field(names).is_some() && element_field(values).is_some()
            }
            _ => matches!(self.kind, Kind::Array | Kind::Object),
        };
        if !fits {
            let types: Vec<String> = arg_types.iter().map(ToString::to_string).collect();
            // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
            return Err(plan_datafusion_err!(
                "given name and argument types '{}({})'.",
                self.name,
                types.join(", ")
            ));
        }
        Ok(arg_types.to_vec())
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(self.returns.field(self.name, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let style = style(&args.config_options);
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let mut texts = Vec::with_capacity(args.number_rows);
        let made = match self.kind {
            Kind::Value | Kind::Element => self.values(&arrays, &args.arg_fields, &style, args.number_rows),
            Kind::Array | Kind::Object => self.built(&arrays, &args.arg_fields, &style, args.number_rows),
            Kind::Collected | Kind::CollectedPairs => self.collected(&arrays, &style),
        };
        for text in made? {
            texts.push(match text {
                Some(text) if self.returns == PgType::JSONB => {
                    Some(jsonb(&text).map_err(|error| external(error.into()))?)
                }
                other => other,
            });
        }
        Ok(ColumnarValue::Array(Arc::new(StringArray::from(texts))))
    }
}

impl Build {
    fn values(
        &self,
        arrays: &[ArrayRef],
        fields: &[FieldRef],
        style: &Style,
        rows: usize,
    ) -> Result<Vec<Option<String>>> {
        let column = Written::new(&arrays[0], &fields[0], style)?;
        let begins_line = self.kind == Kind::Element && is_compound(&fields[0]);
        let text = |row| match column.is_null(row) {
            true => Ok(None),
            false if begins_line => Ok(Some(format!("{LINE}{}", column.json(row)?))),
            false => column.json(row).map(Some),
        };
        (0..rows).map(text).collect()
    }

    fn built(
        &self,
        arrays: &[ArrayRef],
        fields: &[FieldRef],
        style: &Style,
        rows: usize,
    ) -> Result<Vec<Option<String>>> {
        let refused = |message: String| external(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        if self.kind == Kind::Object && arrays.len() % 2 == 1 {
            let message = "argument list must have even number of elements".to_owned();
            return Err(refused(message));
        }
        let columns: Vec<Written> = arrays
            .iter()
            .zip(fields)
            .map(|(array, field)| Written::new(array, field, style))
            .collect::<Result<_>>()?;
        let mut texts = Vec::with_capacity(rows);
        for row in 0..rows {
            let mut parts = Vec::with_capacity(columns.len());
            for (index, column) in columns.iter().enumerate() {
                let is_name = self.kind == Kind::Object && index % 2 == 0;
                if is_name && column.is_null(row) {
                    return Err(refused(match self.returns {
                        PgType::JSONB => format!("argument {}: key must not be null", index + 1),
                        _ => format!("argument {} cannot be null", index + 1),
                    }));
                }
                parts.push(if is_name { column.name(row)? } else { column.json(row)? });
            }
            texts.push(Some(match self.kind {
                Kind::Object => object(parts.chunks(2).map(|pair| (&pair[0], &pair[1]))),
                _ => format!("[{}]", parts.join(", ")),
            }));
        }
        Ok(texts)
    }

    fn collected(&self, arrays: &[ArrayRef], style: &Style) -> Result<Vec<Option<String>>> {
        let lists = arrays.iter().map(as_list).collect::<Result<Vec<_>>>()?;
        let mut texts = Vec::with_capacity(lists[0].len());
        for row in 0..lists[0].len() {
            if lists.iter().any(|list| list.is_null(row)) {
                texts.push(None);
                continue;
            }
            let values = lists[lists.len() - 1].value(row);
            let values = cast(&values, &DataType::Utf8)?;
            let json = |index: usize| match values.is_valid(index) {
                true => values.as_string::<i32>().value(index),
                false => "null",
            };
            if lists.len() == 1 {
                let all: Vec<&str> = (0..values.len()).map(json).collect();
                let all = all.join(", ");
                texts.push(Some(format!("[{}]", all.strip_prefix(LINE).unwrap_or(&all))));
                continue;
            }
            let DataType::List(field) = lists[0].data_type() else { continue };
            let names = lists[0].value(row);
            let names = Written::new(&names, field, style)?;
            let mut members = Vec::with_capacity(values.len());
            for index in 0..values.len() {
                if names.is_null(index) {
                    let message = "field name must not be null";
                    return Err(external(Error::new(SqlState::INVALID_PARAMETER_VALUE, message)));
                }
                members.push(format!("{} : {}", names.name(index)?, json(index).trim_start()));
            }
            texts.push(Some(format!("{{ {} }}", members.join(", "))));
        }
        Ok(texts)
    }
}

fn is_compound(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Struct(_)) || element_field(field.data_type()).is_some()
}

fn object<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let members: Vec<String> = pairs.map(|(name, value)| format!("{name} : {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// A row that is written out calls its fields `f1`, `f2` … in PostgreSQL, and `c0`, `c1` … in DataFusion.
fn with_row_names(array: &ArrayRef, field: &Field) -> (ArrayRef, Field) {
    let unchanged = || (Arc::clone(array), field.clone());
    let Some(records) = array.as_struct_opt() else { return unchanged() };
    if !records.fields().iter().enumerate().all(|(index, own)| *own.name() == format!("c{index}")) {
        return unchanged();
    }
    let fields: Fields = records
        .fields()
        .iter()
        .enumerate()
        .map(|(index, own)| own.as_ref().clone().with_name(format!("f{}", index + 1)))
        .collect();
    let (columns, nulls) = (records.columns().to_vec(), records.nulls().cloned());
    match StructArray::try_new_with_length(fields.clone(), columns, nulls, records.len()) {
        Ok(named) => (Arc::new(named), field.clone().with_data_type(DataType::Struct(fields))),
        Err(_) => unchanged(),
    }
}

/// A column whose values are written as JSON.
struct Written(Column);

impl Written {
    fn new(array: &ArrayRef, field: &Field, style: &Style) -> Result<Self> {
        let (array, field) = with_row_names(array, field);
        Ok(Self(Column::new(array.as_ref(), &field, style).map_err(|error| external(error.into()))?))
    }

    fn is_null(&self, row: usize) -> bool {
        self.0.is_null(row)
    }

    fn json(&self, row: usize) -> Result<String> {
        let mut out = Vec::new();
        self.0.write_json(row, &mut out).map_err(|error| external(error.into()))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// The value as the name of a member: always in quotes.
    fn name(&self, row: usize) -> Result<String> {
        let json = self.json(row)?;
        if json.starts_with('"') {
            return Ok(json);
        }
        let mut out = Vec::new();
        self.0.write(row, &mut out).map_err(|error| external(error.into()))?;
        let text = String::from_utf8_lossy(&out).into_owned();
        Ok(crate::value::json_tree::Json::Text(text).jsonb())
    }
}
