//! How values are written: PostgreSQL's bytes, for lineitem's types alone.

/// "00" to "99".
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// A buffer that is large enough, and how far it is written.
pub(super) struct Out<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) at: usize,
}

impl Out<'_> {
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    #[inline]
    fn put_pair(&mut self, number: usize) {
        self.put(&PAIRS[number]);
    }

    /// Writes at `start` how much has been written since, itself included.
    #[inline]
    pub(super) fn put_length(&mut self, start: usize) {
        self.bytes[start..start + 4].copy_from_slice(&((self.at - start) as u32).to_be_bytes());
    }

    /// Writes at `start` how much has been written behind it.
    #[inline]
    pub(super) fn put_value_length(&mut self, start: usize) {
        self.bytes[start..start + 4].copy_from_slice(&((self.at - start - 4) as u32).to_be_bytes());
    }
}

#[inline]
pub(super) fn put_int(out: &mut Out<'_>, value: i64) {
    if value < 0 {
        out.put(b"-");
    }
    put_digits(out, value.unsigned_abs());
}

/// Two digits at a time, from the last to the first.
#[inline]
fn put_digits(out: &mut Out<'_>, mut value: u64) {
    let count = value.checked_ilog10().unwrap_or_default() as usize + 1;
    let bytes = &mut out.bytes[out.at..out.at + count];
    let mut left = count;
    while left >= 2 {
        left -= 2;
        bytes[left..left + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if left == 1 {
        bytes[0] = b'0' + value as u8;
    }
    out.at += count;
}

/// A numeric of two digits behind the point.
#[inline]
pub(super) fn put_decimal(out: &mut Out<'_>, value: i128) {
    let value = value as i64;
    if value < 0 {
        out.put(b"-");
    }
    let value = value.unsigned_abs();
    put_digits(out, value / 100);
    out.put(b".");
    out.put_pair((value % 100) as usize);
}

/// A numeric of two digits behind the point, in groups of four digits.
///
/// Source: `numeric_send` in PostgreSQL's numeric.c.
#[inline]
pub(super) fn put_decimal_binary(out: &mut Out<'_>, value: i128) {
    let value = value as i64;
    let negative = value < 0;
    let value = value.unsigned_abs();
    let (mut whole, fraction) = (value / 100, (value % 100) as u16 * 100);
    // From the last group to the first.
    let mut groups = [0_u16; 6];
    let mut count = 0;
    while whole > 0 {
        groups[count] = (whole % 10_000) as u16;
        whole /= 10_000;
        count += 1;
    }
    let weight = count as i16 - 1;
    let first =
        if fraction > 0 { 0 } else { groups[..count].iter().take_while(|group| **group == 0).count() };
    let digits = count - first + usize::from(fraction > 0);
    out.put(&(digits as u16).to_be_bytes());
    out.put(&(if digits == 0 { 0 } else { weight }).to_be_bytes());
    out.put(&(if negative { 0x4000_u16 } else { 0 }).to_be_bytes());
    out.put(&2_u16.to_be_bytes());
    for group in groups[first..count].iter().rev() {
        out.put(&group.to_be_bytes());
    }
    if fraction > 0 {
        out.put(&fraction.to_be_bytes());
    }
}

/// A day since 1970-01-01, from the year 0 to 9999.
///
/// Source: Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms", 2023.
#[inline]
pub(super) fn put_date(out: &mut Out<'_>, day: i32) {
    // Days and centuries from 0000-03-01 on.
    let n1 = 4 * (day + 719_468) as u32 + 3;
    let (century, n2) = (n1 / 146_097, (n1 % 146_097 / 4) * 4 + 3);
    let product = 2_939_745 * u64::from(n2);
    let (year, day_of_year) = ((product >> 32) as u32, (product as u32) / 2_939_745 / 4);
    let n3 = 2141 * day_of_year + 197_913;
    let (month, day) = (n3 >> 16, (n3 & 0xFFFF) / 2141);
    let after_new_year = u32::from(day_of_year >= 306);
    let year = 100 * century + year + after_new_year;
    out.put_pair((year / 100) as usize);
    out.put_pair((year % 100) as usize);
    out.put(b"-");
    out.put_pair((month - 12 * after_new_year) as usize);
    out.put(b"-");
    out.put_pair(day as usize + 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Out<'_>)) -> Vec<u8> {
        let mut bytes = [0; 64];
        let mut out = Out { bytes: &mut bytes, at: 0 };
        write(&mut out);
        let size = out.at;
        bytes[..size].to_vec()
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (8035, "1992-01-01"),
            (11_016, "2000-02-29"),
            (10_440, "1998-08-02"),
        ] {
            assert_eq!(written(|out| put_date(out, day)), expected.as_bytes(), "{day}");
        }
    }

    #[test]
    fn integers_have_all_their_digits() {
        for value in [0, 7, 10, -99, 100, 12_345, i64::MAX, i64::MIN] {
            assert_eq!(written(|out| put_int(out, value)), value.to_string().as_bytes());
        }
    }

    #[test]
    fn decimals_have_two_digits_behind_the_point() {
        for (value, expected) in [(0, "0.00"), (7, "0.07"), (-123_456, "-1234.56"), (100, "1.00")] {
            assert_eq!(written(|out| put_decimal(out, value)), expected.as_bytes(), "{value}");
        }
    }

    #[test]
    fn numerics_are_groups_of_four_digits_without_zeros_at_the_end() {
        for (value, expected) in [
            (0, vec![0, 0, 0, 2]),
            (7, vec![1, 0xFFFF, 0, 2, 700]),
            (100, vec![1, 0, 0, 2, 1]),
            (-123_456, vec![2, 0, 0x4000, 2, 1234, 5600]),
            (1_000_000_000, vec![1, 1, 0, 2, 1000]),
        ] {
            let expected: Vec<u8> = expected.into_iter().flat_map(u16::to_be_bytes).collect();
            assert_eq!(written(|out| put_decimal_binary(out, value)), expected, "{value}");
        }
    }
}
