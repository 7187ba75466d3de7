//! Functions whose answer can be far larger than what they are given, each with a bound.
//!
//! DataFusion's own allocate whatever a query asks for, and the process dies of it. The size is
//! worked out before anything is allocated; beyond the bound the statement fails with 54000.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::functions::string;
use datafusion::functions::unicode;
use datafusion::functions_nested;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use lakeport_base::SqlState;

use super::failure;
use super::wrapped::{Change, changed};

/// Bytes that one call may give for a whole batch: what PostgreSQL allows one value, less its slack.
pub(super) const BYTES_MAX: u64 = (1 << 30) - (64 << 10);

/// Bytes of a character at most, in UTF-8.
const CHARACTER_BYTES: u64 = 4;

/// The functions that can make much of little.
pub(super) fn bounded_functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        changed(string::repeat(), Growth::Repeats),
        changed(unicode::lpad(), Growth::Pads),
        changed(unicode::rpad(), Growth::Pads),
        changed(string::replace(), Growth::Replaces),
        changed(functions_nested::repeat::array_repeat_udf(), Growth::RepeatsElements),
        changed(functions_nested::resize::array_resize_udf(), Growth::Resizes),
    ]
}

/// How large an answer becomes; except for replacements, the second argument says how often, or how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Growth {
    /// The first argument's bytes, so many times.
    Repeats,
    /// So many characters.
    Pads,
    /// The first argument's share of its array, so many times.
    RepeatsElements,
    /// So many elements.
    Resizes,
    /// The first argument, with the third for each place where the second stands in it.
    Replaces,
}

impl Growth {
    fn check(&self, args: &ScalarFunctionArgs) -> Result<()> {
        match self {
            Growth::Replaces => replaced_bytes(args).and_then(within),
            Growth::Repeats | Growth::Pads | Growth::RepeatsElements | Growth::Resizes => {
                self.check_count(args)
            }
        }
    }

    fn check_count(&self, args: &ScalarFunctionArgs) -> Result<()> {
        let [value, count, ..] = args.args.as_slice() else { return Ok(()) };
        let value = value.to_array(args.number_rows)?;
        let counts = cast(&count.to_array(args.number_rows)?, &DataType::Int64)?;
        let counts = counts.as_primitive::<Int64Type>();
        let element = (value.get_array_memory_size() / value.len().max(1)) as u64;
        let mut total: u64 = 0;
        for row in 0..counts.len() {
            if counts.is_null(row) {
                continue;
            }
            let count = u64::try_from(counts.value(row)).unwrap_or(0);
            let size = match self {
                Growth::Repeats => text_bytes(&value, row),
                Growth::Pads => CHARACTER_BYTES,
                Growth::RepeatsElements => element.max(1),
                Growth::Resizes => size_of::<u64>() as u64,
                Growth::Replaces => 0,
            };
            total = total.saturating_add(count.saturating_mul(size));
        }
        within(total)
    }
}

fn within(bytes: u64) -> Result<()> {
    if bytes > BYTES_MAX {
        return Err(failure(SqlState::PROGRAM_LIMIT_EXCEEDED, "requested length too large"));
    }
    Ok(())
}

/// The arguments as text, for all rows.
fn texts(args: &ScalarFunctionArgs) -> Result<Vec<StringViewArray>> {
    args.args
        .iter()
        .map(|arg| {
            let text = cast(&arg.to_array(args.number_rows)?, &DataType::Utf8View)?;
            Ok(text.as_string_view().clone())
        })
        .collect()
}

/// How long the answer of `replace` is, exactly.
fn replaced_bytes(args: &ScalarFunctionArgs) -> Result<u64> {
    let texts = texts(args)?;
    let [values, from, to] = texts.as_slice() else { return Ok(0) };
    let mut total: u64 = 0;
    for row in 0..args.number_rows {
        if values.is_null(row) || from.is_null(row) || to.is_null(row) {
            continue;
        }
        let (value, from, to) = (values.value(row), from.value(row), to.value(row));
        // What does not grow needs no count. An empty text stands before and behind each character.
        let count = if to.len() > from.len() { value.matches(from).count() } else { 0 };
        let growth = (count as u64).saturating_mul(to.len().saturating_sub(from.len()) as u64);
        total = total.saturating_add(value.len() as u64).saturating_add(growth);
    }
    Ok(total)
}

fn text_bytes(array: &ArrayRef, row: usize) -> u64 {
    let bytes = match array.data_type() {
        _ if array.is_null(row) => 0,
        DataType::Utf8 => array.as_string::<i32>().value(row).len(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).len(),
        DataType::Utf8View => array.as_string_view().value(row).len(),
        _ => array.get_array_memory_size() / array.len().max(1),
    };
    bytes as u64
}

impl Change for Growth {
    fn invoke(&self, inner: &ScalarUDF, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.check(&args)?;
        inner.invoke_with_args(args)
    }
}
