//! The values of a column as texts that are made in registers or lie in the batch: all but what is seldom met.
//!
//! What a value looks like is decided once for all rows that are asked for, so that a column's values can be written one
//! below the other in a loop without branches.

use std::ops::Range;

use arrow::buffer::NullBuffer;

use super::column::{Column, Values};
use super::datetime::{iso_date, iso_offset, iso_timestamp, timestamp_micros};
use super::error::Error;
use super::nested::ListText;
use super::number::{decimal_parts, long_decimal, plain_float4, plain_float8, short_decimal};
use super::numeral::Numeral;
use super::style::DateStyle;
use super::text::{short_view, without_zero_byte};
use super::word::Word;

/// A value as text.
#[derive(Debug)]
pub enum Text<'a> {
    /// It is short.
    Short(Word),
    /// It is short, but for one word: parts that follow each other.
    Parts([Word; 3]),
    /// It is a number of many digits.
    Numeral(Numeral),
    /// It is in the batch.
    Slice(&'a [u8]),
    /// It is made of others.
    List(ListText<'a>),
    /// It is none of these, and [`Column::write`] writes it.
    Long,
}

/// Where the values of a column go, row by row.
pub trait TakeTexts<'a> {
    /// A row that has no value.
    fn null(&mut self, row: usize);

    /// The value of a row.
    ///
    /// # Errors
    ///
    /// Where it cannot be taken; nothing follows.
    fn take(&mut self, row: usize, text: Text<'a>) -> Result<(), Error>;
}

/// Gives each of the rows to the taker: null, or the value of this expression. A macro because closures are not sure to
/// be put where they are called, and calling one takes as long as what most of these do.
macro_rules! each {
    ($nulls:ident, $rows:ident, $taker:ident, $row:ident => $text:expr) => {
        match $nulls {
            None => {
                for $row in $rows {
                    $taker.take($row, $text)?;
                }
            }
            Some(nulls) => {
                for $row in $rows {
                    if nulls.is_null($row) {
                        $taker.null($row);
                    } else {
                        $taker.take($row, $text)?;
                    }
                }
            }
        }
    };
}

impl Column {
    /// The value of a row that is not null, without writing it where that can be: what is short as a rule
    /// is made in registers, and what is text already is only looked at.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// If the batch has no such row.
    pub fn text(&self, row: usize) -> Result<Text<'_>, Error> {
        let mut one = One(Text::Long);
        self.visit(None, row..row + 1, &mut one)?;
        Ok(one.0)
    }

    /// Gives the values of these rows to the taker, in their order. What a value looks like is decided once for all of them.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), and what the taker gives. Nothing is taken after one.
    ///
    /// # Panics
    ///
    /// If the batch has no such rows.
    #[inline(always)]
    pub fn texts<'a>(&'a self, rows: Range<usize>, taker: &mut impl TakeTexts<'a>) -> Result<(), Error> {
        self.visit(self.nulls.as_ref(), rows, taker)
    }

    #[inline(always)]
    fn visit<'a>(
        &'a self,
        nulls: Option<&NullBuffer>,
        rows: Range<usize>,
        taker: &mut impl TakeTexts<'a>,
    ) -> Result<(), Error> {
        let is_iso = self.style.date == DateStyle::Iso;
        let is_shortest = self.style.extra_float_digits > 0;
        match &self.values {
            Values::Utf8(values) => each!(nulls, rows, taker, row => slice(values.value(row))?),
            Values::LargeUtf8(values) => each!(nulls, rows, taker, row => slice(values.value(row))?),
            Values::Utf8View(values) => {
                each!(nulls, rows, taker, row => match short_view(values.views()[row])? {
                    Some(word) => Text::Short(word),
                    None => slice(values.value(row))?,
                });
            }
            Values::Keyed(keys, values) => {
                each!(nulls, rows, taker, row => values.text(keys[row] as usize)?);
            }
            Values::Bool(values) => {
                each!(nulls, rows, taker, row => Text::Short(boolean(values.value(row))));
            }
            Values::Int16(values) => {
                each!(nulls, rows, taker, row => short(Word::signed(i64::from(values[row]))));
            }
            Values::Int32(values) => {
                each!(nulls, rows, taker, row => short(Word::signed(i64::from(values[row]))));
            }
            Values::Int64(values) => each!(nulls, rows, taker, row => short(Word::signed(values[row]))),
            Values::UInt32(values) => {
                each!(nulls, rows, taker, row => short(Word::unsigned(u64::from(values[row]))));
            }
            Values::Float32(values) if is_shortest => {
                each!(nulls, rows, taker, row => plain_float4(values[row]).map_or(Text::Long, Text::Parts));
            }
            Values::Float64(values) if is_shortest => {
                each!(nulls, rows, taker, row => plain_float8(values[row]).map_or(Text::Long, Text::Parts));
            }
            Values::Decimal64(values, scale) => {
                each!(nulls, rows, taker, row => short(short_decimal(i128::from(values[row]), *scale)));
            }
            Values::Decimal128(values, scale) => {
                each!(nulls, rows, taker, row => match short_decimal(values[row], *scale) {
                    Some(word) => Text::Short(word),
                    None => match decimal_parts(values[row], *scale) {
                        Some(parts) => Text::Parts(parts),
                        None => long_decimal(values[row], *scale).map_or(Text::Long, Text::Numeral),
                    },
                });
            }
            Values::Date32(values) if is_iso => {
                each!(nulls, rows, taker, row => short(iso_date(values[row])))
            }
            Values::Timestamp(values, unit) if is_iso => {
                each!(nulls, rows, taker, row => {
                    let parts = iso_timestamp(timestamp_micros(values[row], *unit)?, 0);
                    parts.map_or(Text::Long, |[date, time]| Text::Parts([date, time, Word::EMPTY]))
                });
            }
            Values::Timestamptz(values, unit, zone, last) if is_iso => {
                each!(nulls, rows, taker, row => {
                    let micros = timestamp_micros(values[row], *unit)?;
                    let offset = zone.at(micros.div_euclid(1_000_000), last).offset;
                    let parts = iso_timestamp(micros, offset);
                    parts.map_or(Text::Long, |[date, time]| Text::Parts([date, time, iso_offset(offset)]))
                });
            }
            Values::List(list) => each!(nulls, rows, taker, row => Text::List(list.text(row))),
            _ => each!(nulls, rows, taker, row => Text::Long),
        }
        Ok(())
    }
}

/// Takes the value of one row.
struct One<'a>(Text<'a>);

impl<'a> TakeTexts<'a> for One<'a> {
    fn null(&mut self, _: usize) {}

    #[inline(always)]
    fn take(&mut self, _: usize, text: Text<'a>) -> Result<(), Error> {
        self.0 = text;
        Ok(())
    }
}

#[inline(always)]
fn short<'a>(word: Option<Word>) -> Text<'a> {
    word.map_or(Text::Long, Text::Short)
}

fn boolean(value: bool) -> Word {
    Word::byte(if value { b't' } else { b'f' })
}

/// A text of the batch.
#[inline(always)]
fn slice(text: &str) -> Result<Text<'_>, Error> {
    without_zero_byte(text.as_bytes()).map(Text::Slice)
}
