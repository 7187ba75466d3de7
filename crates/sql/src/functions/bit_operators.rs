//! `& | # ~ << >> ||` of bit strings, and their functions; `~` of integers.
//!
//! The functions carry the names of those behind PostgreSQL's operators. A bit string is a text of zeros and ones, so that which
//! operator or function is meant the types of fields tell, when the query is planned.
//!
//! Source: PostgreSQL's `varbit.c`.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result as DataFusionResult, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use lakeport_base::SqlState;

use super::bits::read;
use super::defined::{Definition, immutable, taking};
use crate::error::{Error, Result};
use crate::types::{PgType, column_type};
use crate::value::read::Value;

const BIT: PgType = PgType::BIT;
const VARBIT: PgType = PgType::VARBIT;
const TEXT: PgType = PgType::TEXT;
const INT: PgType = PgType::INT4;

macro_rules! of_both {
    ($name:literal, $verb:literal, $function:expr) => {
        immutable(
            $name,
            &[taking(&[TEXT, TEXT], BIT, |values, _| match values {
                [Value::Text(left), Value::Text(right)] => together(left, right, $verb, $function),
                _ => Ok(None),
            })],
        )
    };
}

macro_rules! negation {
    ($type:expr, $variant:ident) => {
        taking(&[$type], $type, |values, _| match values {
            [Value::$variant(number)] => Ok(Some(Value::$variant(!number))),
            _ => Ok(None),
        })
    };
}

pub(super) const FUNCTIONS: &[Definition] = &[
    of_both!("bitand", "AND", |left, right| left && right),
    of_both!("bitor", "OR", |left, right| left || right),
    of_both!("bitxor", "XOR", |left, right| left != right),
    immutable(
        "bitnot",
        &[
            negation!(PgType::INT2, Int2),
            negation!(PgType::INT4, Int4),
            negation!(PgType::INT8, Int8),
            taking(&[TEXT], BIT, |values, _| match values {
                [Value::Text(bits)] => {
                    let bits = read(bits)?;
                    Ok(Some(Value::Text(bits.chars().map(|bit| letter(bit == '0')).collect())))
                }
                _ => Ok(None),
            }),
        ],
    ),
    immutable(
        "bitshiftleft",
        &[
            taking(&[PgType::INT2, INT], PgType::INT2, |values, _| match values {
                [Value::Int2(number), Value::Int4(places)] => {
                    Ok(Some(Value::Int2(i32::from(*number).wrapping_shl(*places as u32) as i16)))
                }
                _ => Ok(None),
            }),
            taking(&[TEXT, INT], BIT, |values, _| shifted(values, 1)),
        ],
    ),
    immutable(
        "bitshiftright",
        &[
            taking(&[PgType::INT2, INT], PgType::INT2, |values, _| match values {
                [Value::Int2(number), Value::Int4(places)] => {
                    Ok(Some(Value::Int2(i32::from(*number).wrapping_shr(*places as u32) as i16)))
                }
                _ => Ok(None),
            }),
            taking(&[TEXT, INT], BIT, |values, _| shifted(values, -1)),
        ],
    ),
    immutable(
        "bitcat",
        &[taking(&[TEXT, TEXT], VARBIT, |values, _| match values {
            [Value::Text(left), Value::Text(right)] => Ok(Some(Value::Text(read(left)? + &read(right)?))),
            _ => Ok(None),
        })],
    ),
];

/// What stands in the place of functions of texts, where these are bit strings.
const BESIDE: &[(&str, Definition)] = &[
    (
        "octet_length",
        immutable(
            "octet_length",
            &[taking(&[TEXT], INT, |values, _| counted(values, |bits| bits.div_ceil(8)))],
        ),
    ),
    (
        "bit_length",
        immutable("bit_length", &[taking(&[TEXT], INT, |values, _| counted(values, |bits| bits))]),
    ),
    (
        "substr",
        immutable(
            "substr",
            &[
                taking(&[TEXT, INT], BIT, |values, _| part(values)),
                taking(&[TEXT, INT, INT], BIT, |values, _| part(values)),
            ],
        ),
    ),
];

/// The function of bit strings that is meant by one of texts; none where it is the one that is written.
pub(super) fn of_bits(call: &ScalarFunction, schema: &DFSchema) -> Option<Expr> {
    let (_, definition) = BESIDE.iter().find(|(name, _)| *name == call.name())?;
    let first = call.args.first()?;
    is_bits(first, schema)
        .then(|| Expr::ScalarFunction(ScalarFunction::new_udf(definition.function(), call.args.clone())))
}

fn is_bits(expr: &Expr, schema: &DFSchema) -> bool {
    expr.to_field(schema).is_ok_and(|(_, field)| [BIT, VARBIT].contains(&column_type(&field).pg_type))
}

/// Plans operators of which at least one side is a bit string, and those that move the bits of smallints.
#[derive(Debug)]
pub(super) struct BitPlanner;

impl ExprPlanner for BitPlanner {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> DataFusionResult<PlannerResult<RawBinaryExpr>> {
        let name = match expr.op {
            BinaryOperator::BitwiseAnd => "bitand",
            BinaryOperator::BitwiseOr => "bitor",
            BinaryOperator::BitwiseXor | BinaryOperator::PGBitwiseXor => "bitxor",
            BinaryOperator::PGBitwiseShiftLeft => "bitshiftleft",
            BinaryOperator::PGBitwiseShiftRight => "bitshiftright",
            BinaryOperator::StringConcat => "bitcat",
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (left, right) = (is_bits(&expr.left, schema), is_bits(&expr.right, schema));
        let is_constant = |side: &Expr| matches!(side, Expr::Literal(ScalarValue::Utf8(_), _));
        // Beside a text that is no constant, bits are joined as texts. A smallint stays one when it is moved.
        let is_small = name.starts_with("bitshift") && expr.left.get_type(schema)? == DataType::Int16;
        let is_meant = match name {
            "bitcat" => {
                (left || is_constant(&expr.left)) && (right || is_constant(&expr.right)) && (left || right)
            }
            _ => left || right || is_small,
        };
        let Some(definition) = FUNCTIONS.iter().find(|known| known.name() == name).filter(|_| is_meant)
        else {
            return Ok(PlannerResult::Original(expr));
        };
        let call = ScalarFunction::new_udf(definition.function(), vec![expr.left, expr.right]);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }
}

fn letter(bit: bool) -> char {
    if bit { '1' } else { '0' }
}

fn together(left: &str, right: &str, verb: &str, function: fn(bool, bool) -> bool) -> Result<Option<Value>> {
    let (left, right) = (read(left)?, read(right)?);
    if left.len() != right.len() {
        let what = format!("cannot {verb} bit strings of different sizes");
        return Err(Error::new(SqlState::STRING_DATA_LENGTH_MISMATCH, what));
    }
    let bits = left.chars().zip(right.chars());
    Ok(Some(Value::Text(bits.map(|(left, right)| letter(function(left == '1', right == '1'))).collect())))
}

/// The bits moved to the left, or with a sign of -1 to the right; zeros come after them.
fn shifted(values: &[Value], sign: i64) -> Result<Option<Value>> {
    let [Value::Text(bits), Value::Int4(places)] = values else { return Ok(None) };
    let bits = read(bits)?;
    let places = sign * i64::from(*places);
    let count = usize::try_from(places.unsigned_abs()).unwrap_or(usize::MAX).min(bits.len());
    let zeros = "0".repeat(count);
    Ok(Some(Value::Text(match places {
        0.. => bits[count..].to_owned() + &zeros,
        _ => zeros + &bits[..bits.len() - count],
    })))
}

fn counted(values: &[Value], of: fn(usize) -> usize) -> Result<Option<Value>> {
    let [Value::Text(bits)] = values else { return Ok(None) };
    Ok(Some(Value::Int4(i32::try_from(of(read(bits)?.len())).unwrap_or(i32::MAX))))
}

fn part(values: &[Value]) -> Result<Option<Value>> {
    let (bits, from, length) = match values {
        [Value::Text(bits), Value::Int4(from)] => (bits, i64::from(*from), None),
        [Value::Text(bits), Value::Int4(from), Value::Int4(length)] => {
            (bits, i64::from(*from), Some(i64::from(*length)))
        }
        _ => return Ok(None),
    };
    if length.is_some_and(|length| length < 0) {
        return Err(Error::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed"));
    }
    let bits = read(bits)?;
    let place = |from_one: i64| usize::try_from(from_one - 1).unwrap_or(0).min(bits.len());
    let start = place(from);
    let end = length.map_or(bits.len(), |length| place(from + length)).max(start);
    Ok(Some(Value::Text(bits[start..end].to_owned())))
}

/// How many ones there are.
pub(super) fn ones(bits: &str) -> Result<Option<Value>> {
    let count = read(bits)?.matches('1').count();
    Ok(Some(Value::Int8(i64::try_from(count).unwrap_or(i64::MAX))))
}

/// The bit at a place, from the left and from 0.
pub(super) fn get_bit(bits: &str, place: i32) -> Result<Option<Value>> {
    let bits = read(bits)?;
    let index = index(&bits, place)?;
    Ok(Some(Value::Int4(i32::from(bits.as_bytes()[index] == b'1'))))
}

/// The bits with another at a place.
pub(super) fn set_bit(bits: &str, place: i32, bit: i32) -> Result<Option<Value>> {
    let bits = read(bits)?;
    let index = index(&bits, place)?;
    if !(0..=1).contains(&bit) {
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "new bit must be 0 or 1"));
    }
    Ok(Some(Value::Text(format!("{}{bit}{}", &bits[..index], &bits[index + 1..]))))
}

fn index(bits: &str, place: i32) -> Result<usize> {
    usize::try_from(place).ok().filter(|index| *index < bits.len()).ok_or_else(|| {
        let last = i64::try_from(bits.len()).unwrap_or(i64::MAX) - 1;
        let message = format!("bit index {place} out of valid range (0..{last})");
        Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
    })
}
