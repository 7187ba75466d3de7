//! DataFusion's complaints in PostgreSQL's words.
//!
//! What a client is told never holds DataFusion's own terms: a complaint that is not known here
//! is told by its class alone.

use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Location, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::parquet::errors::ParquetError;
use datafusion::sql::sqlparser::tokenizer;
use lakeport_base::SqlState;

use crate::error::{Culprit, Error, Result};
use crate::functions::reason_of;
use crate::parse::position_of;
use crate::plan::missing::Missing;
use crate::types::{PgType, column_type};

/// An error of DataFusion, at planning or at running, as a client may be told it.
pub fn of(error: DataFusionError) -> Error {
    if let Some(own) = own_error(&error) {
        return own.clone();
    }
    match error.find_root() {
        DataFusionError::SQL(..) => Error::new(SqlState::SYNTAX_ERROR, "syntax error"),
        DataFusionError::NotImplemented(message) => not_implemented(message),
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::ArrowError(error, _) => arrow(error),
        DataFusionError::Plan(message) => planning(message),
        DataFusionError::Execution(message) => running(message),
        DataFusionError::ResourcesExhausted(_) => Error::new(SqlState::OUT_OF_MEMORY, "out of memory")
            .with_hint("The statement needs more memory than it may use."),
        DataFusionError::Configuration(_) => Error::new(SqlState::INVALID_PARAMETER_VALUE, "invalid setting"),
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) => {
            Error::new(SqlState::IO_ERROR, "could not read from the lake")
        }
        // What goes wrong on the way to the bytes is an error of ours; what is left is about the bytes themselves.
        DataFusionError::ParquetError(_) => damaged(),
        DataFusionError::External(error) if error.is::<ParquetError>() => damaged(),
        DataFusionError::External(error) => match error.downcast_ref::<ArrowError>() {
            Some(error) => arrow(error),
            // A pattern that is a constant is compiled by the planner, whose regex crate speaks so.
            None if error.to_string().starts_with("regex parse error") => bad_regex(&error.to_string()),
            None => internal(),
        },
        // A pattern that is a constant is read while the plan is made.
        other if other.to_string().contains("regex parse error") => bad_regex(&other.to_string()),
        _ => internal(),
    }
}

/// An error at planning a statement, with the place in its text where DataFusion tells one.
pub(super) fn of_text(error: DataFusionError, text: &str) -> Error {
    let start = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(|span| span.start);
    let own = of(error);
    match start {
        // What an error is about is found more exactly than by the column that DataFusion points to.
        Some(Location { line, column })
            if own.position().is_none() && own.culprit().is_none() && line > 0 =>
        {
            own.at(position_of(text, tokenizer::Location::new(line, column)))
        }
        _ => own,
    }
}

/// An error of ours that came through DataFusion.
fn own_error(error: &DataFusionError) -> Option<&Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<Error>() {
            return Some(own);
        }
        next = match error.downcast_ref::<DataFusionError>() {
            Some(DataFusionError::External(inner)) => Some(inner.as_ref()),
            Some(DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner)) => {
                Some(inner.as_ref())
            }
            Some(DataFusionError::Shared(inner)) => Some(inner.as_ref()),
            Some(DataFusionError::Collection(errors)) => return errors.iter().find_map(own_error),
            _ => error.source(),
        };
    }
    None
}

/// A pattern that cannot be compiled, in the words of PostgreSQL's own compiler.
fn bad_regex(message: &str) -> Error {
    let message = format!("invalid regular expression: {}", reason_of(message));
    Error::new(SqlState::INVALID_REGULAR_EXPRESSION, message)
}

fn internal() -> Error {
    Error::new(SqlState::INTERNAL_ERROR, "the statement could not be planned")
}

fn damaged() -> Error {
    Error::new(SqlState::DATA_CORRUPTED, "a Parquet file that the statement reads is damaged")
        .with_hint("Its footer can be read and its pages cannot; write the file anew.")
}

fn not_implemented(_message: &str) -> Error {
    Error::unsupported("this form of query is not supported")
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, .. } => {
            Error::new(SqlState::UNDEFINED_COLUMN, format!("column \"{}\" does not exist", field.name))
        }
        SchemaError::AmbiguousReference { field } => Error::new(
            SqlState::AMBIGUOUS_COLUMN,
            format!("column reference \"{}\" is ambiguous", field.name),
        ),
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::new(SqlState::DUPLICATE_COLUMN, format!("column \"{name}\" specified more than once"))
        }
    }
}

fn arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::DivideByZero => Error::new(SqlState::DIVISION_BY_ZERO, "division by zero"),
        ArrowError::ArithmeticOverflow(_) => {
            Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
        }
        ArrowError::CastError(message) | ArrowError::ParseError(message) => unreadable(message),
        ArrowError::ComputeError(message) if message.starts_with("Regular expression did not compile") => {
            bad_regex(message)
        }
        ArrowError::ComputeError(message) | ArrowError::InvalidArgumentError(message) => running(message),
        ArrowError::MemoryError(_) => Error::new(SqlState::OUT_OF_MEMORY, "out of memory"),
        ArrowError::OffsetOverflowError(_) => {
            Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "requested length too large")
        }
        ArrowError::ParquetError(_) => damaged(),
        ArrowError::ExternalError(error) if error.is::<ParquetError>() => damaged(),
        ArrowError::ExternalError(error) => match error.downcast_ref::<DataFusionError>() {
            Some(inner) => own_error(inner).cloned().unwrap_or_else(internal),
            None => error.downcast_ref::<Error>().cloned().unwrap_or_else(internal),
        },
        _ => internal(),
    }
}

/// A text that is no value of the type it is cast to, or a number that its type does not hold.
fn unreadable(message: &str) -> Error {
    if let Some((_, name)) =
        message.split_once("Can't cast value ").and_then(|(_, rest)| rest.split_once(" to type "))
        && let Ok(target) = name.trim_end_matches([' ', '.']).parse::<DataType>()
    {
        let message = format!("{} out of range", long_name(&target));
        return Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message);
    }
    let text = between(message, "string '", "'").or_else(|| between(message, "parse '", "'"));
    let target =
        message.rsplit_once("value of ").or_else(|| message.rsplit_once(" to ")).and_then(|(_, name)| {
            name.trim_end_matches([' ', '.']).trim_end_matches(" type").parse::<DataType>().ok()
        });
    let state = match &target {
        Some(DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_) | DataType::Interval(_)) => {
            SqlState::INVALID_DATETIME_FORMAT
        }
        _ if message.contains("too large") || message.contains("out of range") => {
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE
        }
        _ => SqlState::INVALID_TEXT_REPRESENTATION,
    };
    let name = target.map_or_else(|| "this type".to_owned(), |data_type| long_name(&data_type));
    match text {
        Some(text) => Error::new(state, format!("invalid input syntax for type {name}: \"{text}\"")),
        None => Error::new(state, format!("invalid input for type {name}")),
    }
}

fn planning(message: &str) -> Error {
    if message.starts_with("LIMIT must be >=") || message.starts_with("OFFSET must be >=") {
        return running(message);
    }
    let operators = [("Cannot coerce arithmetic expression ", " to valid types"), ("operation ", "")];
    if let Some(call) = between(message, "given name and argument types '", "'.") {
        return no_function_as_written(call);
    }
    if message.contains("Cannot coerce") || message.contains("Cannot infer common argument type") {
        for (before, after) in operators {
            if let Some(operation) = between(message, before, after).and_then(operation) {
                return no_operator(&operation);
            }
        }
    }
    if let Some((_, got)) = message.split_once("operator 'NOT' requires a boolean expression, got ")
        && let Ok(data_type) = got.parse::<DataType>()
    {
        return no_condition("NOT", &data_type);
    }
    if let Some((_, returned)) = message.rsplit_once(" returning ")
        && message.contains("non-boolean predicate")
        && let Ok(data_type) = returned.trim_end_matches('.').parse::<DataType>()
    {
        return no_condition("WHERE", &data_type);
    }
    if let Some(column) = between(message, "column \"", "\" must appear in the GROUP BY") {
        let rest = "must appear in the GROUP BY clause or be used in an aggregate function";
        return Error::new(SqlState::GROUPING_ERROR, format!("column \"{column}\" {rest}"));
    }
    let known = [
        (
            "must appear in the GROUP BY",
            SqlState::GROUPING_ERROR,
            "column must appear in the GROUP BY clause or be used in an aggregate function",
        ),
        (
            "could not be resolved from available columns",
            SqlState::GROUPING_ERROR,
            "column must appear in the GROUP BY clause or be used in an aggregate function",
        ),
        ("Too many columns", SqlState::SYNTAX_ERROR, "subquery must return only one column"),
        ("should only return one column", SqlState::SYNTAX_ERROR, "subquery must return only one column"),
        (
            "DISTINCT ON expressions must match",
            SqlState::INVALID_COLUMN_REFERENCE,
            "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
        ),
        (
            "Aggregate functions are not allowed in",
            SqlState::GROUPING_ERROR,
            "aggregate functions are not allowed here",
        ),
        ("filter expression", SqlState::DATATYPE_MISMATCH, "argument of WHERE must be type boolean"),
        (
            "Cannot create filter with non-boolean",
            SqlState::DATATYPE_MISMATCH,
            "argument of WHERE must be type boolean",
        ),
        (
            "correlated scalar subquery",
            SqlState::FEATURE_NOT_SUPPORTED,
            "this form of correlated subquery is not supported",
        ),
        (
            "Correlated scalar subquery",
            SqlState::FEATURE_NOT_SUPPORTED,
            "this form of correlated subquery is not supported",
        ),
        ("Unsupported", SqlState::FEATURE_NOT_SUPPORTED, "this form of query is not supported"),
        ("not supported", SqlState::FEATURE_NOT_SUPPORTED, "this form of query is not supported"),
    ];
    for (part, state, words) in known {
        if message.contains(part) {
            return Error::new(state, words);
        }
    }
    Error::new(SqlState::DATATYPE_MISMATCH, "the types in this statement do not fit together")
}

fn running(message: &str) -> Error {
    let lower = message.to_ascii_lowercase();
    let known = [
        ("too large to store in a decimal", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow"),
        (
            "square root of a negative",
            SqlState::INVALID_ARGUMENT_FOR_POWER,
            "cannot take square root of a negative number",
        ),
        ("negative count not allowed", SqlState::SUBSTRING_ERROR, "negative substring length not allowed"),
        ("divide by zero", SqlState::DIVISION_BY_ZERO, "division by zero"),
        ("overflow", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow"),
        ("out of range", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range"),
        ("limit must be >=", SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative"),
        (
            "offset must be >=",
            SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE,
            "OFFSET must not be negative",
        ),
        (
            "more than one row",
            SqlState::CARDINALITY_VIOLATION,
            "more than one row returned by a subquery used as an expression",
        ),
    ];
    for (part, state, words) in known {
        if lower.contains(part) {
            return Error::new(state, words);
        }
    }
    if lower.contains("regular expression") || lower.contains("regex") {
        return bad_regex(message);
    }
    if lower.contains("cannot cast") || lower.contains("parse") {
        return unreadable(message);
    }
    Error::new(SqlState::INVALID_PARAMETER_VALUE, "a value in this statement cannot be computed with")
}

/// The refusal of a function for arguments of these types.
pub(super) fn no_function(name: &str, types: &[DataType], position: Option<usize>) -> Error {
    let types: Vec<String> = types.iter().map(long_name).collect();
    let message = format!("function {name}({}) does not exist", types.join(", "));
    let error = Error::new(SqlState::UNDEFINED_FUNCTION, message).with_hint(
        "No function matches the given name and argument types. You might need to add explicit type casts.",
    );
    match position {
        Some(position) => error.at(position),
        None => error.about(Culprit::Function(name.to_owned())),
    }
}

fn no_function_as_written(call: &str) -> Error {
    let (name, arguments) = call.split_once('(').unwrap_or((call, ""));
    let types: Vec<DataType> = top_level_parts(arguments.trim_end_matches(')'))
        .map(|part| part.parse().unwrap_or(DataType::Null))
        .collect();
    no_function(name, &types, None)
}

struct Operation {
    left: DataType,
    operator: String,
    right: DataType,
}

/// `Utf8 + Int64`, where the types may hold spaces and signs themselves.
fn operation(text: &str) -> Option<Operation> {
    let mut from = 0;
    while let Some(found) = text[from..].find(' ') {
        let left_end = from + found;
        let rest = &text[left_end + 1..];
        if let Ok(left) = text[..left_end].parse::<DataType>() {
            for (index, _) in rest.match_indices(' ') {
                if let Ok(right) = rest[index + 1..].trim().parse::<DataType>() {
                    return Some(Operation { left, operator: rest[..index].to_owned(), right });
                }
            }
        }
        from = left_end + 1;
    }
    None
}

/// The refusal of a condition that is no truth value.
pub(super) fn no_condition(clause: &str, data_type: &DataType) -> Error {
    let message = format!("argument of {clause} must be type boolean, not type {}", long_name(data_type));
    Error::new(SqlState::DATATYPE_MISMATCH, message).about(Culprit::Condition)
}

fn no_operator(operation: &Operation) -> Error {
    let Operation { left, operator, right } = operation;
    if ["AND", "OR"].contains(&operator.as_str()) {
        let is_truth = matches!(left, DataType::Boolean | DataType::Null);
        return no_condition(operator, if is_truth { right } else { left });
    }
    let operator = if operator == "!=" { "<>" } else { operator };
    let message = format!("operator does not exist: {} {operator} {}", long_name(left), long_name(right));
    let error = Error::new(SqlState::UNDEFINED_FUNCTION, message).with_hint(
        "No operator matches the given name and argument types. You might need to add explicit type casts.",
    );
    error.about(Culprit::Operator(operator.to_owned()))
}

/// The parts of a list, where a part may hold commas in parentheses.
fn top_level_parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        depth += match c {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = text.find(before)? + before.len();
    let rest = &text[start..];
    if after.is_empty() { Some(rest) } else { rest.find(after).map(|end| &rest[..end]) }
}

/// What PostgreSQL's messages call a type.
pub(crate) fn long_name(data_type: &DataType) -> String {
    if *data_type == DataType::Null {
        return "unknown".to_owned();
    }
    long_name_of(&Field::new("", data_type.clone(), true))
}

/// What PostgreSQL's messages call the type of a field.
pub(super) fn long_name_of(field: &Field) -> String {
    let pg_type = column_type(field).pg_type;
    let element = PgType::by_oid(pg_type.element).filter(|_| pg_type.name.starts_with('_'));
    match element {
        Some(element) => format!("{}[]", long_word(element.name)),
        None => long_word(pg_type.name).to_owned(),
    }
}

fn long_word(name: &str) -> &str {
    match name {
        "bool" => "boolean",
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "varchar" => "character varying",
        "bpchar" => "character",
        "time" => "time without time zone",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        other => other,
    }
}

/// Refuses a plan that calls a function that does not exist where nobody asked for its type.
pub(super) fn refuse_missing(plan: &LogicalPlan) -> Result<()> {
    let mut refused = None;
    let looked = plan.apply_with_subqueries(|node| {
        let schemas: Vec<_> = node.inputs().into_iter().map(|input| input.schema().clone()).collect();
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::ScalarFunction(call) = expr
                    && let Some(missing) =
                        (call.func.inner().as_ref() as &dyn std::any::Any).downcast_ref::<Missing>()
                {
                    let type_of =
                        |arg: &Expr| schemas.iter().find_map(|schema| arg.get_type(schema.as_ref()).ok());
                    let types: Vec<_> =
                        call.args.iter().map(|arg| type_of(arg).unwrap_or(DataType::Null)).collect();
                    refused = Some(missing.refusal(&types));
                    return Ok(TreeNodeRecursion::Stop);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    match (refused, looked) {
        (Some(error), _) | (None, Err(error)) => Err(of(error)),
        (None, Ok(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::error::ArrowError;
    use datafusion::error::DataFusionError;
    use datafusion::parquet::errors::ParquetError;
    use lakeport_base::SqlState;

    #[test]
    fn pages_that_cannot_be_decoded_are_damaged_data_however_they_are_wrapped() {
        let broken = || ParquetError::General("bad page".to_owned());
        for error in [
            DataFusionError::from(broken()),
            DataFusionError::External(Box::new(broken())),
            DataFusionError::from(ArrowError::from(broken())),
            DataFusionError::from(ArrowError::ExternalError(Box::new(broken()))),
        ] {
            let said = super::of(error);
            assert_eq!(said.sqlstate(), SqlState::DATA_CORRUPTED, "{said}");
            assert!(!said.message().contains("bad page"), "{said}");
        }
    }
}
