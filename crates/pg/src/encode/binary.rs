//! One column of a batch, ready to be written in binary: what PostgreSQL's `send` functions give.

use std::net::IpAddr;
use std::ops::Range;

use arrow::array::Array;
use arrow::buffer::NullBuffer;
use arrow::datatypes::Field;
use lakeport_sql::value::{
    self, DEPTH_MAX, EPOCH_DAYS, EPOCH_US, Error, Interval, Keyed, NULL, Style, date_in_range,
    date_of_millis, shown, time_micros, timestamp_micros,
};

use super::numeric::{append_decimal, write_decimal256};
use super::out::Out;
use super::strip::{Lines, SizedTexts};
use super::values::{Values, values_of};

/// One column of a batch, ready to be written in binary. Holds the batch's buffers, not copies.
#[derive(Debug)]
pub(super) struct Binary {
    nulls: Option<NullBuffer>,
    values: Values,
}

/// Writes for each of the rows the length of null, or what this writes. A macro because closures are not sure to be put
/// where they are called, and calling one takes as long as what most of these do.
macro_rules! each {
    ($nulls:ident, $rows:ident, $lines:ident, $row:ident, $out:ident => $write:expr) => {
        match $nulls {
            None => {
                for (index, $row) in $rows.enumerate() {
                    let $out = $lines.line(index);
                    $write;
                }
            }
            Some(nulls) => {
                for (index, $row) in $rows.enumerate() {
                    let $out = $lines.line(index);
                    if nulls.is_null($row) {
                        $out.put(NULL);
                    } else {
                        $write;
                    }
                }
            }
        }
    };
}

impl Binary {
    /// Gets a column ready; `field` is the array's.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] where the field names a type that the array's values cannot be sent as,
    /// [`Error::Range`] where a value does not fit the type it names.
    pub(super) fn new(array: &dyn Array, field: &Field, style: &Style) -> Result<Self, Error> {
        Self::at_depth(array, field, style, 0)
    }

    pub(super) fn at_depth(
        array: &dyn Array,
        field: &Field,
        style: &Style,
        depth: usize,
    ) -> Result<Self, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::Depth);
        }
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let values = match Keyed::of(array) {
            Some(keyed) => {
                let field = keyed.field(field);
                let Keyed { keys, values } = keyed;
                Values::Keyed(keys, Box::new(Self::at_depth(values.as_ref(), &field, style, depth + 1)?))
            }
            None => values_of(array, field, style, depth)?,
        };
        Ok(Self { nulls, values })
    }

    pub(super) fn has_nulls(&self) -> bool {
        self.nulls.is_some()
    }

    #[inline(always)]
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Writes for each of these rows the length of its value, -1 where it is null, and the value.
    ///
    /// # Errors
    ///
    /// Where a value cannot be sent. What has been written before stays.
    pub(super) fn append<L: Lines + ?Sized>(&self, rows: Range<usize>, lines: &mut L) -> Result<(), Error> {
        let nulls = self.nulls.as_ref();
        match &self.values {
            Values::Null => rows.enumerate().for_each(|(index, _)| lines.line(index).put(NULL)),
            Values::Bool(values) => {
                each!(nulls, rows, lines, row, out => out.put([0, 0, 0, 1, u8::from(values.value(row))]));
            }
            Values::Int2(values) => each!(nulls, rows, lines, row, out => {
                let [a, b] = values[row].to_be_bytes();
                out.put([0, 0, 0, 2, a, b]);
            }),
            Values::Int4(values) => {
                each!(nulls, rows, lines, row, out => append_4(values[row].to_be_bytes(), out));
            }
            Values::Int8(values) => {
                each!(nulls, rows, lines, row, out => append_8(values[row].to_be_bytes(), out));
            }
            Values::Oid(values) => {
                each!(nulls, rows, lines, row, out => append_4(values[row].to_be_bytes(), out));
            }
            Values::Float4(values) => {
                each!(nulls, rows, lines, row, out => append_4(values[row].to_be_bytes(), out));
            }
            Values::Float8(values) => {
                each!(nulls, rows, lines, row, out => append_8(values[row].to_be_bytes(), out));
            }
            Values::Decimal32(values, scale) => {
                each!(nulls, rows, lines, row, out => append_decimal(i128::from(values[row]), *scale, out)?);
            }
            Values::Decimal64(values, scale) => {
                each!(nulls, rows, lines, row, out => append_decimal(i128::from(values[row]), *scale, out)?);
            }
            Values::Decimal128(values, scale) => {
                each!(nulls, rows, lines, row, out => append_decimal(values[row], *scale, out)?);
            }
            Values::Date(values) => {
                each!(nulls, rows, lines, row, out => append_4(date(date_in_range(values[row])?), out));
            }
            Values::DateMillis(values) => {
                each!(nulls, rows, lines, row, out => append_4(date(date_of_millis(values[row])?), out));
            }
            Values::Time32(values, unit) => each!(nulls, rows, lines, row, out => {
                append_8(time_micros(i64::from(values[row]), *unit)?.to_be_bytes(), out);
            }),
            Values::Time64(values, unit) => each!(nulls, rows, lines, row, out => {
                append_8(time_micros(values[row], *unit)?.to_be_bytes(), out);
            }),
            Values::Timestamp(values, unit) => each!(nulls, rows, lines, row, out => {
                append_8(moment(timestamp_micros(values[row], *unit)?), out);
            }),
            Values::Bytes(values) => {
                each!(nulls, rows, lines, row, out => out.put_sized_slice(values.value(row)));
            }
            Values::LargeBytes(values) => {
                each!(nulls, rows, lines, row, out => out.put_sized_slice(values.value(row)));
            }
            Values::BytesView(values) => {
                each!(nulls, rows, lines, row, out => out.put_sized_slice(values.value(row)));
            }
            Values::FixedBytes(values) => {
                each!(nulls, rows, lines, row, out => out.put_sized_slice(values.value(row)));
            }
            Values::Text(column) => SizedTexts::append(column, rows, lines)?,
            Values::Keyed(keys, values) => {
                each!(nulls, rows, lines, row, out => values.append_of_key(keys[row] as usize, out)?);
            }
            Values::Array(arrays) => each!(nulls, rows, lines, row, out => arrays.append(row, out)?),
            _ => each!(nulls, rows, lines, row, out => out.sized(|out| self.write(row, out))?),
        }
        Ok(())
    }

    /// [`append`](Self::append) of the values that keys point to.
    fn append_of_key(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        self.append(row..row + 1, out)
    }

    /// The part of [`Binary::append`] for values whose size differs.
    fn write(&self, row: usize, out: &mut Out) -> Result<(), Error> {
        match &self.values {
            Values::Decimal256(values, scale) => write_decimal256(values[row], *scale, out),
            Values::Open(values, data_type) => {
                let shown = shown(values[row], data_type);
                write_decimal256(shown.unscaled, shown.scale.cast_signed(), out);
            }
            Values::Interval(values) => {
                let Interval { months, days, micros } = values.value(row)?;
                out.put(micros.to_be_bytes());
                out.put(days.to_be_bytes());
                out.put(months.to_be_bytes());
            }
            Values::Jsonb(column) => {
                out.put([1]);
                out.put_text(column, row)?;
            }
            Values::Char(column) => {
                let start = out.len();
                out.put_text(column, row)?;
                out.put([0]);
                out.truncate(start + 1);
            }
            Values::UuidText(column) => {
                let mut text = Vec::with_capacity(36);
                column.write(row, &mut text)?;
                out.put(value::read::uuid(&String::from_utf8_lossy(&text))?);
            }
            Values::Inet(column) => {
                let mut text = Vec::with_capacity(39);
                column.write(row, &mut text)?;
                write_address(&String::from_utf8_lossy(&text), out)?;
            }
            Values::Bits(column) => {
                let mut bits = Vec::new();
                column.write(row, &mut bits)?;
                write_bits(&bits, out);
            }
            Values::Record(records) => records.write(row, out)?,
            _ => {}
        }
        Ok(())
    }
}

#[inline(always)]
fn append_4(value: [u8; 4], out: &mut Out) {
    out.within::<8>(|room| {
        room[..4].copy_from_slice(&[0, 0, 0, 4]);
        room[4..].copy_from_slice(&value);
        8
    });
}

#[inline(always)]
fn append_8(value: [u8; 8], out: &mut Out) {
    out.within::<12>(|room| {
        room[..4].copy_from_slice(&[0, 0, 0, 8]);
        room[4..].copy_from_slice(&value);
        12
    });
}

/// How many bits there are, and the bits, the last byte filled with zeros.
fn write_bits(bits: &[u8], out: &mut Out) {
    out.put(i32::try_from(bits.len()).unwrap_or(i32::MAX).to_be_bytes());
    for eight in bits.chunks(8) {
        let byte = eight.iter().enumerate().map(|(place, bit)| (bit & 1) << (7 - place)).sum::<u8>();
        out.put([byte]);
    }
}

/// An address as a host of its own.
fn write_address(text: &str, out: &mut Out) -> Result<(), Error> {
    // Family, bits of the network, whether it is a network, length. The families are PostgreSQL's own numbers.
    match text.parse() {
        Ok(IpAddr::V4(address)) => {
            out.put([2, 32, 0, 4]);
            out.put(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            out.put([3, 128, 0, 16]);
            out.put(address.octets());
        }
        Err(_) => return Err(Error::Syntax { type_name: "inet", text: text.to_owned() }),
    }
    Ok(())
}

/// Days since 2000; the infinities stay.
fn date(days: i32) -> [u8; 4] {
    let is_infinite = days == i32::MAX || days == i32::MIN;
    (if is_infinite { days } else { days - EPOCH_DAYS }).to_be_bytes()
}

/// Microseconds since 2000; the infinities stay.
fn moment(micros: i64) -> [u8; 8] {
    let is_infinite = micros == i64::MAX || micros == i64::MIN;
    (if is_infinite { micros } else { micros - EPOCH_US }).to_be_bytes()
}
