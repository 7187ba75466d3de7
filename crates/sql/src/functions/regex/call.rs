//! The functions of regular expressions, for DataFusion: a batch at a time, each pattern compiled once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{DataType, FieldRef, Int32Type};
use datafusion::common::{Result as DataFusionResult, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::SqlState;

use super::ends::{Expression, Found};
use super::matches::{matches, pieces, replaced};
use super::pattern::{Options, compiled};
use crate::error::{Error, Result};
use crate::functions::bounded::BYTES_MAX;
use crate::functions::defined::{external, scalar};
use crate::functions::sets::{Returns, column_of};
use crate::types::PgType;
use crate::value::read::Value;

/// Compiled expressions that one call keeps: a column of patterns may have many. A guess.
const COMPILED_MAX: usize = 64;

/// A function: its name, what it takes (`t` a text, `i` an integer), what it gives.
struct Definition {
    name: &'static str,
    takes: &'static [&'static str],
    returns: Returns,
    body: fn(&mut Row<'_>) -> Result<Option<Value>>,
}

const TEXT: Returns = Returns::One(PgType::TEXT);
const TEXTS: Returns = Returns::One(PgType::TEXT_ARRAY);
const INT: Returns = Returns::One(PgType::INT4);

const FUNCTIONS: &[Definition] = &[
    Definition { name: "regexp_match", takes: &["tt", "ttt"], returns: TEXTS, body: first_match },
    Definition {
        name: "regexp_matches",
        takes: &["tt", "ttt"],
        returns: Returns::Rows(PgType::TEXT_ARRAY),
        body: all_matches,
    },
    Definition { name: "regexp_split_to_array", takes: &["tt", "ttt"], returns: TEXTS, body: split },
    Definition {
        name: "regexp_split_to_table",
        takes: &["tt", "ttt"],
        returns: Returns::Rows(PgType::TEXT),
        body: split,
    },
    Definition {
        name: "regexp_replace",
        takes: &["ttt", "tttt", "ttti", "tttii", "tttiit"],
        returns: TEXT,
        body: replace,
    },
    Definition { name: "regexp_count", takes: &["tt", "tti", "ttit"], returns: INT, body: count },
    Definition {
        name: "regexp_instr",
        takes: &["tt", "tti", "ttii", "ttiii", "ttiiit", "ttiiiti"],
        returns: INT,
        body: place,
    },
    Definition {
        name: "regexp_like",
        takes: &["tt", "ttt"],
        returns: Returns::One(PgType::BOOL),
        body: is_like,
    },
    Definition {
        name: "regexp_substr",
        takes: &["tt", "tti", "ttii", "ttiit", "ttiiti"],
        returns: TEXT,
        body: part,
    },
];

/// `substring(text from pattern)`: what the first parentheses hold, or the whole place.
const SUBSTRING: &Definition =
    &Definition { name: "textregexsubstr", takes: &["tt"], returns: TEXT, body: substring };

/// The functions.
pub(in crate::functions) fn regex_functions() -> Vec<Arc<ScalarUDF>> {
    FUNCTIONS.iter().chain([SUBSTRING]).map(function).collect()
}

/// The function behind `substring(text from pattern)`.
pub(in crate::functions) fn regex_substring() -> Arc<ScalarUDF> {
    function(SUBSTRING)
}

fn function(definition: &'static Definition) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(RegexFunction { definition, signature }))
}

/// The arguments of one row: texts first, then numbers, then letters, as the function takes them.
struct Row<'a> {
    name: &'static str,
    texts: Vec<&'a str>,
    numbers: Vec<i32>,
    /// Whether options stand behind the texts that every call has.
    options: Option<&'a str>,
    known: &'a mut HashMap<(String, String), (Options, Expression)>,
}

impl Row<'_> {
    /// The expression of this row.
    fn regex(&mut self) -> Result<(Options, Expression)> {
        let key = (self.texts[1].to_owned(), self.options.unwrap_or_default().to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        if self.known.len() >= COMPILED_MAX {
            self.known.clear();
        }
        let options = Options::read(&key.1)?;
        let made = (options, compiled(&key.0, options)?);
        self.known.insert(key, made.clone());
        Ok(made)
    }

    /// The expression of this row where every place is asked for by no letter.
    fn single(&mut self) -> Result<Expression> {
        let (options, regex) = self.regex()?;
        if options.is_global {
            let message = format!("{}() does not support the \"global\" option", self.name);
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        Ok(regex)
    }

    /// A number that has a smallest value; `default` where it was not given.
    fn number(&self, index: usize, name: &str, least: i32, default: i32) -> Result<usize> {
        let number = self.numbers.get(index).copied().unwrap_or(default);
        if number < least {
            let message = format!("invalid value for parameter \"{name}\": {number}");
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        Ok(usize::try_from(number).unwrap_or(0))
    }

    /// Where the search begins, in bytes: none where that is behind the end.
    fn start(&self) -> Result<Option<usize>> {
        let start = self.number(0, "start", 1, 1)? - 1;
        let text = self.texts[0];
        let places = text.char_indices().map(|(place, _)| place).chain([text.len()]);
        Ok(places.into_iter().nth(start))
    }

    /// The `nth` place from the start on.
    fn nth(&mut self, nth: usize) -> Result<Option<Found<'_>>> {
        let regex = self.single()?;
        let Some(start) = self.start()? else { return Ok(None) };
        matches(&regex, self.texts[0], start).nth(nth - 1).transpose()
    }
}

fn texts(groups: Vec<Option<String>>) -> Value {
    Value::List(groups.into_iter().map(|group| group.map(Value::Text)).collect())
}

fn first_match(row: &mut Row<'_>) -> Result<Option<Value>> {
    let regex = row.single().map_err(|error| match error.sqlstate() {
        SqlState::INVALID_PARAMETER_VALUE => error.with_hint("Use the regexp_matches function instead."),
        _ => error,
    })?;
    let found = matches(&regex, row.texts[0], 0).next().transpose()?;
    Ok(found.map(|found| texts(found.groups())))
}

fn all_matches(row: &mut Row<'_>) -> Result<Option<Value>> {
    let (options, regex) = row.regex()?;
    let places = matches(&regex, row.texts[0], 0).take(if options.is_global { usize::MAX } else { 1 });
    Ok(Some(Value::List(places.map(|found| Ok(Some(texts(found?.groups())))).collect::<Result<_>>()?)))
}

fn split(row: &mut Row<'_>) -> Result<Option<Value>> {
    let regex = row.single()?;
    let pieces = pieces(&regex, row.texts[0])?.into_iter();
    Ok(Some(Value::List(pieces.map(|piece| Some(Value::Text(piece))).collect())))
}

fn replace(row: &mut Row<'_>) -> Result<Option<Value>> {
    let start = row.start()?;
    let nth = row.number(1, "n", 0, 1)?;
    let (options, regex) = row.regex()?;
    let nth = if options.is_global && row.numbers.len() < 2 { 0 } else { nth };
    let text = row.texts[0];
    let Some(start) = start else { return Ok(Some(Value::Text(text.to_owned()))) };
    Ok(Some(Value::Text(replaced(&regex, text, row.texts[2], start, nth, BYTES_MAX as usize)?)))
}

fn count(row: &mut Row<'_>) -> Result<Option<Value>> {
    let start = row.start()?;
    let regex = row.single()?;
    let mut count = 0;
    for found in start.into_iter().flat_map(|start| matches(&regex, row.texts[0], start)) {
        found?;
        count += 1;
    }
    Ok(Some(Value::Int4(count)))
}

fn is_like(row: &mut Row<'_>) -> Result<Option<Value>> {
    Ok(Some(Value::Bool(row.single()?.is_match(row.texts[0]))))
}

fn place(row: &mut Row<'_>) -> Result<Option<Value>> {
    row.start()?;
    let nth = row.number(1, "n", 1, 1)?;
    let end = row.number(2, "endoption", 0, 0)?;
    if end > 1 {
        let message = format!("invalid value for parameter \"endoption\": {end}");
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
    }
    let group = row.number(3, "subexpr", 0, 0)?;
    let text = row.texts[0];
    let found = row.nth(nth)?.and_then(|found| found.span(group));
    let place =
        found.map_or(0, |span| text[..if end == 1 { span.end } else { span.start }].chars().count() + 1);
    Ok(Some(Value::Int4(i32::try_from(place).unwrap_or(i32::MAX))))
}

fn part(row: &mut Row<'_>) -> Result<Option<Value>> {
    row.start()?;
    let nth = row.number(1, "n", 1, 1)?;
    let group = row.number(2, "subexpr", 0, 0)?;
    let found = row.nth(nth)?;
    let part = found.and_then(|found| found.text(group).map(str::to_owned));
    Ok(part.map(Value::Text))
}

fn substring(row: &mut Row<'_>) -> Result<Option<Value>> {
    let regex = row.single()?;
    let found = matches(&regex, row.texts[0], 0).next().transpose()?;
    Ok(found.and_then(|found| found.groups().into_iter().next().flatten()).map(Value::Text))
}

struct RegexFunction {
    definition: &'static Definition,
    signature: Signature,
}

impl RegexFunction {
    /// What arguments of these types are taken as.
    fn shape(&self, types: &[DataType]) -> DataFusionResult<&'static str> {
        let fits = |shape: &&&str| {
            shape.len() == types.len()
                && shape.bytes().zip(types).all(|(kind, given)| match given {
                    DataType::Null => true,
                    given if kind == b'i' => given.is_integer(),
                    given => is_text(given),
                })
        };
        self.definition.takes.iter().find(fits).copied().ok_or_else(|| {
            let types: Vec<String> = types.iter().map(ToString::to_string).collect();
            // The words that `plan::failure` knows, and tells with PostgreSQL's names of the types.
            plan_datafusion_err!(
                "given name and argument types '{}({})'.",
                self.definition.name,
                types.join(", ")
            )
        })
    }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_text(value),
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

impl std::fmt::Debug for RegexFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.definition.name)
    }
}

impl PartialEq for RegexFunction {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name
    }
}

impl Eq for RegexFunction {}

impl std::hash::Hash for RegexFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
    }
}

impl ScalarUDFImpl for RegexFunction {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        let kinds = self.shape(arg_types)?.bytes();
        Ok(kinds.map(|kind| if kind == b'i' { DataType::Int32 } else { DataType::Utf8 }).collect())
    }

    fn return_type(&self, _arg_types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.definition.returns.field("").data_type().clone())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.definition.returns.field(self.definition.name)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let is_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|arg| arg.to_array(rows)).collect::<DataFusionResult<Vec<_>>>()?;
        let mut known = HashMap::new();
        let mut answers = Vec::with_capacity(rows);
        for index in 0..rows {
            if columns.iter().any(|column| column.is_null(index)) {
                answers.push(None);
                continue;
            }
            let mut row = self.row(&columns, index, &mut known);
            answers.push((self.definition.body)(&mut row).map_err(external)?);
        }
        let answers = column_of(answers, self.definition.returns).map_err(|error| external(error.into()))?;
        if is_scalar { scalar(&answers) } else { Ok(ColumnarValue::Array(answers)) }
    }
}

impl RegexFunction {
    fn row<'a>(
        &self,
        columns: &'a [ArrayRef],
        index: usize,
        known: &'a mut HashMap<(String, String), (Options, Expression)>,
    ) -> Row<'a> {
        // Every way to call it begins with as many texts as the shortest has; a text behind them is options.
        let own = self.definition.takes[0].len();
        let mut row =
            Row { name: self.definition.name, texts: Vec::new(), numbers: Vec::new(), options: None, known };
        for (place, column) in columns.iter().enumerate() {
            match column.data_type() {
                DataType::Int32 => {
                    let numbers: &Int32Array = column.as_primitive::<Int32Type>();
                    row.numbers.push(numbers.value(index));
                }
                _ if place < own => row.texts.push(column.as_string::<i32>().value(index)),
                _ => row.options = Some(column.as_string::<i32>().value(index)),
            }
        }
        row
    }
}
