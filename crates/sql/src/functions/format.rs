//! `format(pattern, …)`: `%s`, `%I` and `%L`, with places and widths.
//!
//! Source: `text_format` in PostgreSQL's `varlena.c`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lakeport_base::{SqlState, quote_ident};

use super::failure;
use super::quote::quoted;

/// `format(pattern, …)`
pub(super) fn format() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Format { signature: Signature::user_defined(Volatility::Stable) }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Format {
    signature: Signature,
}

impl ScalarUDFImpl for Format {
    fn name(&self) -> &str {
        "format"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match arg_types {
            [] => Err(failure(SqlState::UNDEFINED_FUNCTION, "function format() does not exist")),
            all => Ok(vec![DataType::Utf8; all.len()]),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns: Vec<ArrayRef> =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<_>>()?;
        let texts: Vec<&StringArray> = columns.iter().map(|column| column.as_string::<i32>()).collect();
        let mut written = Vec::with_capacity(args.number_rows);
        for row in 0..args.number_rows {
            let values: Vec<Option<&str>> =
                texts.iter().map(|column| (!column.is_null(row)).then(|| column.value(row))).collect();
            written.push(match values.split_first() {
                Some((Some(pattern), values)) => Some(filled(pattern, values)?),
                _ => None,
            });
        }
        Ok(ColumnarValue::Array(Arc::new(StringArray::from(written))))
    }
}

fn filled(pattern: &str, values: &[Option<&str>]) -> Result<String> {
    let refused = |message: String| failure(SqlState::INVALID_PARAMETER_VALUE, message);
    let mut text = String::new();
    let mut rest = pattern;
    let mut next = 0;
    let argument = |place: usize| {
        if place == 0 {
            return Err(refused("format specifies argument 0, but arguments are numbered from 1".to_owned()));
        }
        values.get(place - 1).ok_or_else(|| refused("too few arguments for format()".to_owned()))
    };
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let mut spec = Spec::read(after)?;
        rest = spec.rest;
        if let Some(place) = spec.width_place {
            next = if place == NEXT { next + 1 } else { place };
            // NULL is no width; below zero the text stands left.
            let width = argument(next)?.map_or(Ok(0), |width| width.trim().parse::<i64>());
            let width = width.map_err(|_| refused("the width of format() is no number".to_owned()))?;
            spec.is_left |= width < 0;
            spec.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
        }
        if spec.width > WIDTH_MAX {
            return Err(failure(SqlState::FEATURE_NOT_SUPPORTED, "this width of format() is not supported"));
        }
        next = spec.place.unwrap_or(next + 1);
        let value = argument(next)?;
        let value = match (spec.kind, value) {
            ('s', value) => value.unwrap_or_default().to_owned(),
            ('I', Some(value)) => quote_ident(value),
            ('I', None) => {
                let message = "null values cannot be formatted as an SQL identifier".to_owned();
                return Err(failure(SqlState::NULL_VALUE_NOT_ALLOWED, message));
            }
            ('L', value) => value.map_or_else(|| "NULL".to_owned(), quoted),
            (other, _) => {
                return Err(refused(format!("unrecognized format() type specifier \"{other}\"")));
            }
        };
        let blanks = " ".repeat(spec.width.saturating_sub(value.chars().count()));
        text.push_str(&if spec.is_left { value + &blanks } else { blanks + &value });
    }
    text.push_str(rest);
    Ok(text)
}

/// Wider than any text that is read by people; it bounds what a pattern can ask for.
const WIDTH_MAX: usize = 1 << 20;

/// The place of a width that is the next argument, whichever that is.
const NEXT: usize = usize::MAX;

/// What stands behind a percent sign: `[place$][-][width]kind`, the width a number or `*` or `*place$`.
struct Spec<'p> {
    place: Option<usize>,
    is_left: bool,
    width: usize,
    /// The argument that says how wide.
    width_place: Option<usize>,
    kind: char,
    rest: &'p str,
}

impl<'p> Spec<'p> {
    fn read(after: &'p str) -> Result<Spec<'p>> {
        let number = |text: &'p str| -> (Option<usize>, &'p str) {
            let end = text.bytes().take_while(u8::is_ascii_digit).count();
            (text[..end].parse().ok(), &text[end..])
        };
        let (mut place, mut rest) = number(after);
        match rest.strip_prefix('$') {
            Some(behind) if place.is_some() => rest = behind,
            _ => (place, rest) = (None, after),
        }
        let is_left = rest.starts_with('-');
        let rest = rest.trim_start_matches('-');
        let (width, width_place, rest) = match rest.strip_prefix('*') {
            Some(behind) => match number(behind) {
                (Some(place), behind) if behind.starts_with('$') => (None, Some(place), &behind[1..]),
                _ => (None, Some(NEXT), behind),
            },
            None => {
                let (width, rest) = number(rest);
                (width, None, rest)
            }
        };
        let mut chars = rest.chars();
        let Some(kind) = chars.next() else {
            return Err(failure(SqlState::INVALID_PARAMETER_VALUE, "unterminated format() type specifier"));
        };
        let width = width.unwrap_or(0);
        Ok(Spec { place, is_left, width, width_place, kind, rest: chars.as_str() })
    }
}
