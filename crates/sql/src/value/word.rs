//! Short texts made in registers: digits eight at a time, without a branch for each.
//!
//! A value's text is put together in one word and stored at once, whole: one store of known width and
//! one cut, instead of a copy of unknown length for each part.

use super::calendar::Day;

/// A text of at most 16 bytes. Its first byte is the lowest; those beyond its length are zero.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    bytes: u128,
    length: usize,
}

/// `00000000`
const ZEROS: u64 = 0x3030_3030_3030_3030;

impl Word {
    /// The most bytes it has.
    pub const ROOM: usize = 16;

    /// No byte.
    pub(crate) const EMPTY: Self = Self { bytes: 0, length: 0 };

    /// The first bytes of these.
    fn new(bytes: u64, length: usize) -> Self {
        Self { bytes: u128::from(bytes), length }
    }

    /// An unsigned number, if it is below 10^16.
    #[inline(always)]
    pub(crate) fn unsigned(number: u64) -> Option<Self> {
        if number < 100_000_000 {
            let digits = digits(number as u32);
            let zeros = zeros_before(digits).min(7);
            return Some(Self::new((digits | ZEROS) >> (8 * zeros), 8 - zeros));
        }
        let (high, low) = (number / 100_000_000, number % 100_000_000);
        if high >= 100_000_000 {
            return None;
        }
        let high_digits = digits(high as u32);
        let zeros = zeros_before(high_digits);
        let high = Self::new((high_digits | ZEROS) >> (8 * zeros), 8 - zeros);
        Some(high.then(Self::new(digits(low as u32) | ZEROS, 8)))
    }

    /// A number with its sign, if it has at most 15 digits.
    #[inline(always)]
    pub(crate) fn signed(number: i64) -> Option<Self> {
        if number >= 0 {
            return Self::unsigned(number as u64);
        }
        let word = Self::unsigned(number.unsigned_abs()).filter(|word| word.length < 16)?;
        Some(Self::byte(b'-').then(word))
    }

    /// A decimal of this scale, if it has at most 14 digits, those behind the point included.
    #[inline(always)]
    pub(crate) fn decimal(unscaled: i64, scale: usize) -> Option<Self> {
        let magnitude = unscaled.unsigned_abs();
        if scale > 13 || magnitude >= 100_000_000_000_000 {
            return None;
        }
        if scale == 0 {
            return Self::signed(unscaled);
        }
        if magnitude < 100_000_000 && scale < 8 {
            let digits = digits(magnitude as u32);
            let zeros = zeros_before(digits).min(7 - scale);
            let length = 8 - zeros - scale;
            let whole = ((digits | ZEROS) >> (8 * zeros)) & ((1 << (8 * length)) - 1);
            let behind = (digits | ZEROS) >> (8 * (8 - scale)) << 8 | u64::from(b'.');
            let word = Self::new(whole, length).then(Self::new(behind, scale + 1));
            return Some(if unscaled < 0 { Self::byte(b'-').then(word) } else { word });
        }
        // Sixteen digits, of which as many are kept as the point needs.
        let all = sixteen(magnitude);
        let zeros = (all.trailing_zeros() as usize / 8).min(15 - scale);
        let text = (all | u128::from(ZEROS) << 64 | u128::from(ZEROS)) >> (8 * zeros);
        let length = 16 - zeros;
        let before = (1 << (8 * (length - scale))) - 1;
        let point = u128::from(b'.') << (8 * (length - scale));
        let word = Self { bytes: text & before | point | (text & !before) << 8, length: length + 1 };
        Some(if unscaled < 0 { Self::byte(b'-').then(word) } else { word })
    }

    /// The powers of ten, from that of 0 on, that have fewer digits than a word has room for behind a point.
    pub(crate) const TENS: [u64; 16] = {
        let mut tens = [1; 16];
        let mut power = 1;
        while power < 16 {
            tens[power] = 10 * tens[power - 1];
            power += 1;
        }
        tens
    };

    /// A point, and as many digits of a number as the scale says: from 1 to 15, and enough for the number.
    #[inline(always)]
    pub(crate) fn behind_point(number: u64, scale: usize) -> Self {
        let text = sixteen(number) | (u128::MAX / 255 * u128::from(b'0'));
        Self { bytes: text >> (8 * (16 - scale)) << 8 | u128::from(b'.'), length: scale + 1 }
    }

    /// `2024-01-31`, if the year has at most four digits and is none before Christ.
    #[inline(always)]
    pub(crate) fn iso_date(day: Day) -> Option<Self> {
        if day.year <= 0 || day.year > 9_999 {
            return None;
        }
        let digits = u128::from(digits(day.year as u32 * 10_000 + day.month * 100 + day.day) | ZEROS);
        let dashes = u128::from(b'-') << 32 | u128::from(b'-') << 56;
        let bytes = digits & 0xffff_ffff | (digits >> 32 & 0xffff) << 40 | digits >> 48 << 64 | dashes;
        Some(Self { bytes, length: 10 })
    }

    /// `04:05:06`, of seconds since midnight.
    #[inline(always)]
    pub(crate) fn clock(seconds: u32) -> Self {
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        // The digits have a zero where the colons belong.
        const COLONS: u64 = (b':' - b'0') as u64 * (1 << 16 | 1 << 40);
        Self::new((digits(hours * 1_000_000 + minutes * 1_000 + seconds) | ZEROS) + COLONS, 8)
    }

    /// A fraction of a second: `.` and up to six digits, without trailing zeros; nothing for 0.
    #[inline(always)]
    pub(crate) fn fraction(micros: u32) -> Self {
        // The first two of the eight digits are zero; one makes room for the point.
        let digits = digits(micros) >> 8;
        let length = 8 - digits.leading_zeros() as usize / 8;
        if length == 0 {
            return Self::new(0, 0);
        }
        let text = (digits | ZEROS >> 8) & !0xff | u64::from(b'.');
        let kept = u64::MAX >> (64 - 8 * length);
        Self::new(text & kept, length)
    }

    /// Both texts, which are no longer than 16 bytes together.
    #[inline(always)]
    pub(crate) fn then(self, next: Self) -> Self {
        debug_assert!(self.length + next.length <= 16, "a word has 16 bytes");
        let bytes = if self.length < 16 { self.bytes | next.bytes << (8 * self.length) } else { self.bytes };
        Self { bytes, length: self.length + next.length }
    }

    /// A decimal of this scale without the zeros at its end, nor the point if nothing is behind it.
    #[inline(always)]
    pub(crate) fn without_zeros(self, scale: usize) -> Self {
        debug_assert!(scale > 0 && self.length > scale, "a decimal has a digit before its point");
        let last_first = (self.bytes ^ (u128::MAX / 255 * u128::from(b'0'))) << (128 - 8 * self.length);
        let zeros = (last_first.leading_zeros() as usize / 8).min(scale);
        self.cut(self.length - zeros - usize::from(zeros == scale))
    }

    /// Its first bytes.
    #[inline(always)]
    pub(crate) fn cut(self, length: usize) -> Self {
        if length >= self.length {
            return self;
        }
        Self { bytes: self.bytes & ((1 << (8 * length)) - 1), length }
    }

    /// Of bytes in the order of a little-endian word, the first so many: at most 16, those behind them zero.
    #[inline(always)]
    pub fn of_bytes(bytes: u128, length: usize) -> Self {
        Self { bytes, length }
    }

    /// One byte.
    pub(crate) fn byte(byte: u8) -> Self {
        Self::new(u64::from(byte), 1)
    }

    /// Its bytes, and zeros.
    #[inline(always)]
    pub fn bytes(self) -> [u8; 16] {
        self.bytes.to_le_bytes()
    }

    /// How many bytes it has.
    #[inline(always)]
    pub fn length(self) -> usize {
        self.length
    }

    /// Writes the text.
    #[inline(always)]
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let end = out.len() + self.length;
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.truncate(end);
    }
}

/// The sixteen digits of a number below 10^16, as numbers from 0 to 9, the first in the lowest byte.
#[inline(always)]
pub(crate) fn sixteen(number: u64) -> u128 {
    u128::from(digits((number / 100_000_000) as u32))
        | u128::from(digits((number % 100_000_000) as u32)) << 64
}

/// The eight digits of a number below 10^8, as numbers from 0 to 9, the first in the lowest byte.
///
/// The number is halved three times, each time in all parts at once: multiplying by a rounded reciprocal
/// divides exactly as long as the parts are as small as these. `every_number_has_its_digits` tries them all.
#[inline(always)]
fn digits(number: u32) -> u64 {
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

/// How many of the eight digits are zeros in front; 8 for 0.
#[inline(always)]
fn zeros_before(digits: u64) -> usize {
    digits.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::{Word, digits};
    use crate::value::calendar::{Day, day_of};

    fn text(word: Word) -> String {
        let mut out = b"x".to_vec();
        word.write(&mut out);
        assert!(word.bytes()[word.length()..].iter().all(|byte| *byte == 0));
        String::from_utf8(out.split_off(1)).unwrap()
    }

    /// Numbers of every length, near every power of ten and between.
    fn numbers() -> impl Iterator<Item = u64> {
        let near = (0..17).flat_map(|exponent| {
            let power = 10u64.pow(exponent);
            [power - 1, power, power + 1, power * 5 - 1, power / 3, power * 7 + power / 7]
        });
        let mut state = 7u64;
        let mixed = (0..20_000).map(move |index| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> (11 + index % 50)
        });
        near.chain(mixed)
    }

    #[test]
    fn every_number_has_its_digits() {
        // All there are in each of the parts that are divided at once.
        for four in 0..10_000u32 {
            for number in [four, four * 10_000, four * 10_000 + (9_999 - four)] {
                let mut expected = [0u8; 8];
                let mut rest = number;
                for place in expected.iter_mut().rev() {
                    *place = (rest % 10) as u8;
                    rest /= 10;
                }
                assert_eq!(digits(number).to_le_bytes(), expected, "{number}");
            }
        }
    }

    #[test]
    fn numbers_are_whole_or_left_to_others() {
        for number in numbers() {
            let word = Word::unsigned(number);
            assert_eq!(word.is_some(), number < 10_000_000_000_000_000, "{number}");
            if let Some(word) = word {
                assert_eq!(text(word), number.to_string());
            }
            let Ok(positive) = i64::try_from(number) else { continue };
            for number in [positive, -positive] {
                let word = Word::signed(number);
                assert!(word.is_some() || positive >= 1_000_000_000_000_000, "{number}");
                if let Some(word) = word {
                    assert_eq!(text(word), number.to_string());
                }
            }
        }
    }

    #[test]
    fn decimals_have_all_digits_of_their_scale() {
        for number in numbers().filter_map(|number| i64::try_from(number).ok()) {
            for scale in 0..15 {
                for number in [number, -number] {
                    let Some(word) = Word::decimal(number, scale) else {
                        assert!(scale > 13 || number.unsigned_abs() >= 100_000_000_000_000);
                        continue;
                    };
                    let mut expected = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
                    if scale > 0 {
                        expected.insert(expected.len() - scale, '.');
                    }
                    let sign = if number < 0 { "-" } else { "" };
                    assert_eq!(text(word), format!("{sign}{expected}"), "{number} {scale}");
                }
            }
        }
    }

    #[test]
    fn decimals_lose_their_trailing_zeros_only() {
        for number in numbers().filter_map(|number| i64::try_from(number).ok()) {
            for scale in 1..15 {
                let Some(word) = Word::decimal(number, scale) else { continue };
                let whole = text(word);
                let expected = whole.trim_end_matches('0').trim_end_matches('.');
                assert_eq!(text(word.without_zeros(scale)), expected, "{number} {scale}");
            }
        }
    }

    #[test]
    fn days_and_times_are_those_of_the_calendar() {
        for days in (-719_468..3_000_000).step_by(13) {
            let day = day_of(days);
            let Some(word) = Word::iso_date(day) else {
                assert!(day.year <= 0 || day.year > 9_999);
                continue;
            };
            assert_eq!(text(word), format!("{:04}-{:02}-{:02}", day.year, day.month, day.day));
        }
        assert!(Word::iso_date(Day { year: 0, month: 12, day: 31 }).is_none());
        for seconds in 0..=86_400 {
            let expected = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            assert_eq!(text(Word::clock(seconds)), expected);
        }
    }

    #[test]
    fn fractions_lose_their_trailing_zeros_only() {
        for micros in (0..1_000_000).step_by(7).chain((0..1_000_000).step_by(1_000)).chain([999_999, 100_000])
        {
            let expected = format!(".{micros:06}");
            let expected = expected.trim_end_matches('0').trim_end_matches('.');
            assert_eq!(text(Word::fraction(micros)), expected, "{micros}");
        }
    }
}
