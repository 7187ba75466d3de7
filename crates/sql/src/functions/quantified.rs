//! `x op ANY (array)` and `x op ALL (array)`, with PostgreSQL's NULLs.
//!
//! ANY is true where one element compares true, ALL false where one compares false; otherwise
//! unknown if a comparison was unknown, and otherwise the other of the two. An array written as
//! text, `'{a,b}'`, is read as an array of the left side's type.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Datum, ListArray, UInt32Array};
use arrow::compute::kernels::{cmp, comparison};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::array_text::list_of_text;
use super::lists::{dimensions, element_field, flattened, in_dimensions};

/// `any_op('=', x, array)`: `x = ANY (array)`.
pub(super) fn any_op() -> Arc<ScalarUDF> {
    quantified(Quantifier::Any)
}

/// `all_op('<>', x, array)`: `x <> ALL (array)`.
pub(super) fn all_op() -> Arc<ScalarUDF> {
    quantified(Quantifier::All)
}

fn quantified(quantifier: Quantifier) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Quantified { quantifier, signature }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Quantifier {
    Any,
    All,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Quantified {
    quantifier: Quantifier,
    signature: Signature,
}

impl ScalarUDFImpl for Quantified {
    fn name(&self) -> &str {
        match self.quantifier {
            Quantifier::Any => "any_op",
            Quantifier::All => "all_op",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [_, left, right] = arg_types else { return plan_err!("{} takes three arguments", self.name()) };
        let left = plain(left);
        let vector = in_dimensions(right, 1);
        let Some(element) = element_field(&vector).map(|field| plain(field.data_type())) else {
            return match right {
                right if is_text(right) => Ok(vec![DataType::Utf8, left, DataType::Utf8]),
                DataType::Null => Ok(vec![DataType::Utf8, left.clone(), DataType::new_list(left, true)]),
                _ => plan_err!("op ANY/ALL (array) requires array on right side"),
            };
        };
        let common = match (&left, &element) {
            // A text beside another type is most often a literal, which PostgreSQL reads as that type.
            (left, element) if is_text(left) && !is_text(element) => Some(element.clone()),
            (left, DataType::Null) => Some(left.clone()),
            _ => comparison_coercion(&left, &element),
        };
        match common {
            Some(common) => {
                let list = DataType::new_list(common.clone(), true);
                Ok(vec![DataType::Utf8, common, in_dimensions(&list, dimensions(right))])
            }
            None => plan_err!("operator does not exist: {left} and elements of {right}"),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [op, left, right] = args.args.as_slice() else { return exec_err!("three arguments") };
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(op))) = op else {
            return exec_err!("an operator must be constant");
        };
        let left = left.to_array(args.number_rows)?;
        let right = right.to_array(args.number_rows)?;
        let lists = match right.data_type() {
            DataType::Utf8 => list_of_text(&right, left.data_type())?,
            _ => flattened(&right)?,
        };
        let compared = compare(op, &left, &lists)?;
        Ok(ColumnarValue::Array(Arc::new(self.quantifier.reduced(&compared, &lists))))
    }
}

impl Quantifier {
    fn reduced(self, compared: &BooleanArray, lists: &ListArray) -> BooleanArray {
        let decisive = self == Quantifier::Any;
        let base = lists.value_offsets()[0] as usize;
        let rows = lists.value_offsets().windows(2).enumerate().map(|(row, window)| {
            if lists.is_null(row) {
                return None;
            }
            let mut unknown = false;
            for index in window[0] as usize - base..window[1] as usize - base {
                if compared.is_null(index) {
                    unknown = true;
                } else if compared.value(index) == decisive {
                    return Some(decisive);
                }
            }
            if unknown { None } else { Some(!decisive) }
        });
        rows.collect()
    }
}

/// Each element compared with the left value of its row.
fn compare(op: &str, left: &ArrayRef, lists: &ListArray) -> Result<BooleanArray> {
    let offsets = lists.value_offsets();
    let (first, last) = (offsets[0] as usize, offsets[offsets.len() - 1] as usize);
    let elements = lists.values().slice(first, last - first);
    let rows: UInt32Array = offsets
        .windows(2)
        .enumerate()
        .flat_map(|(row, window)| std::iter::repeat_n(row as u32, (window[1] - window[0]) as usize))
        .collect();
    let left = take(left, &rows, None)?;
    let elements =
        if elements.data_type() == left.data_type() { elements } else { cast(&elements, left.data_type())? };
    let (left, right): (&dyn Datum, &dyn Datum) = (&left, &elements);
    Ok(match op {
        "=" => cmp::eq(left, right),
        "<>" | "!=" => cmp::neq(left, right),
        "<" => cmp::lt(left, right),
        "<=" => cmp::lt_eq(left, right),
        ">" => cmp::gt(left, right),
        ">=" => cmp::gt_eq(left, right),
        "LIKE" | "~~" => comparison::like(left, right),
        "NOT LIKE" | "!~~" => comparison::nlike(left, right),
        "ILIKE" | "~~*" => comparison::ilike(left, right),
        "NOT ILIKE" | "!~~*" => comparison::nilike(left, right),
        "~" => return matches(left, right, None, false),
        "~*" => return matches(left, right, Some("i"), false),
        "!~" => return matches(left, right, None, true),
        "!~*" => return matches(left, right, Some("i"), true),
        other => return exec_err!("operator {other} with ANY or ALL is not supported"),
    }?)
}

fn matches(left: &dyn Datum, right: &dyn Datum, flags: Option<&str>, negated: bool) -> Result<BooleanArray> {
    let text = cast(left.get().0, &DataType::Utf8)?;
    let patterns = cast(right.get().0, &DataType::Utf8)?;
    let flags = flags.map(|flags| arrow::array::StringArray::from(vec![flags; text.len()]));
    let matched =
        comparison::regexp_is_match(text.as_string::<i32>(), patterns.as_string::<i32>(), flags.as_ref())?;
    Ok(if negated { arrow::compute::not(&matched)? } else { matched })
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The type without a dictionary around it, and text as plain text.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => plain(value),
        other if is_text(other) => DataType::Utf8,
        DataType::List(field) => DataType::List(Arc::new(Field::new("item", plain(field.data_type()), true))),
        other => other.clone(),
    }
}
