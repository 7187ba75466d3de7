//! Decimals that are too long for one word, as text.

use super::word::sixteen;

/// A decimal of at most 38 digits, sixteen to a word: made in registers, and stored where it belongs.
#[derive(Debug, Clone, Copy)]
pub struct Numeral {
    /// Forty-eight digits as ASCII, the first in the lowest byte of the first word.
    words: [u128; 3],
    /// The first digit that is shown.
    first: usize,
    /// The first digit behind the point.
    point: usize,
    is_negative: bool,
}

/// Digits of a word.
const WIDTH: usize = 16;

/// Where the digits end.
const END: usize = 3 * WIDTH;

impl Numeral {
    /// The room that [`store`](Self::store) writes to, in bytes.
    pub const ROOM: usize = 64;

    /// A decimal of this scale, at most 38, with all digits of it; none if it has more than 38 digits.
    #[inline(always)]
    pub(crate) fn decimal(unscaled: i128, scale: usize) -> Option<Self> {
        const WORD: u64 = 10_u64.pow(WIDTH as u32);
        const END_OF_38: u128 = 10_u128.pow(38);
        let magnitude = unscaled.unsigned_abs();
        if scale > 38 || magnitude >= END_OF_38 {
            return None;
        }
        let (rest, low) = divided(magnitude, WORD);
        let (high, middle) = divided(rest, WORD);
        // Few have more than 32 digits.
        let high = if high == 0 { 0 } else { sixteen(high as u64) };
        let words = [high, sixteen(middle), sixteen(low)];
        let first = match words {
            [0, 0, low] => 2 * WIDTH + zeros_before(low),
            [0, middle, _] => WIDTH + zeros_before(middle),
            [high, ..] => zeros_before(high),
        };
        let point = END - scale;
        // One digit before the point at least.
        let first = first.min(point - 1);
        Some(Self { words: words.map(|word| word | ZEROS), first, point, is_negative: unscaled < 0 })
    }

    /// Writes the text at the beginning of the room, and says how long it is; what is behind it then has no meaning.
    #[inline(always)]
    pub fn store(&self, room: &mut [u8; Self::ROOM]) -> usize {
        let Self { words, first, point, is_negative } = *self;
        let sign = usize::from(is_negative);
        room[0] = b'-';
        // Each word is stored whole: what is too much of one is overwritten by the next.
        let mut put = |at: usize, word: u128| {
            if let Some(place) = room.get_mut(at..at + WIDTH) {
                place.copy_from_slice(&word.to_le_bytes());
            }
        };
        let ranges = [(0, words[0]), (WIDTH, words[1]), (2 * WIDTH, words[2])];
        for (start, word) in ranges {
            if start >= first {
                put(sign + start - first, word);
            } else if start + WIDTH > first {
                put(sign, word >> (8 * (first - start)));
            }
        }
        if point == END {
            return sign + END - first;
        }
        let behind = sign + point - first + 1;
        for (start, word) in ranges {
            if start >= point {
                put(behind + start - point, word);
            } else if start + WIDTH > point {
                put(behind, word >> (8 * (point - start)));
            }
        }
        room[behind - 1] = b'.';
        sign + END - first + 1
    }
}

/// Sixteen times `0`.
const ZEROS: u128 = u128::MAX / 255 * b'0' as u128;

/// How many of sixteen digits, as numbers, are zeros in front.
#[inline(always)]
fn zeros_before(digits: u128) -> usize {
    digits.trailing_zeros() as usize / 8
}

/// A number divided by one that has a word: the quotient and what remains.
#[inline(always)]
pub fn divided(number: u128, by: u64) -> (u128, u64) {
    // Words are divided in a fraction of the time.
    if let Ok(number) = u64::try_from(number) {
        return (u128::from(number / by), number % by);
    }
    let quotient = number / u128::from(by);
    (quotient, (number - quotient * u128::from(by)) as u64)
}

#[cfg(test)]
mod tests {
    use super::Numeral;

    /// Numbers around every power of ten and of two, and some between.
    fn numbers() -> impl Iterator<Item = i128> {
        let tens = (0..39).map(|exponent| 10_i128.pow(exponent));
        let twos = (0..126).map(|exponent| 1_i128 << exponent);
        let near = tens.chain(twos).flat_map(|power| {
            [
                power - 1,
                power,
                power + 1,
                power + power / 9,
                power / 3 * 2,
                (power - 1) / 7 * 5 + power / 1_000,
            ]
        });
        let mut state = 7_u128;
        let mixed = (0..20_000).map(move |index| {
            state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(0x1234_5679);
            (state >> (1 + index % 120)).cast_signed()
        });
        near.chain(mixed).chain([i128::MAX])
    }

    #[test]
    fn decimals_have_all_digits_of_their_scale() {
        for number in numbers() {
            for scale in [0, 1, 2, 9, 10, 15, 16, 17, 31, 32, 33, 37, 38] {
                for number in [number, -number] {
                    let Some(numeral) = Numeral::decimal(number, scale) else {
                        assert!(number.unsigned_abs() >= 10_u128.pow(38), "{number}");
                        continue;
                    };
                    let mut room = [b'x'; Numeral::ROOM];
                    let length = numeral.store(&mut room);
                    let mut expected = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
                    if scale > 0 {
                        expected.insert(expected.len() - scale, '.');
                    }
                    let sign = if number < 0 { "-" } else { "" };
                    assert_eq!(std::str::from_utf8(&room[..length]).unwrap(), format!("{sign}{expected}"));
                }
            }
        }
        assert!(Numeral::decimal(1, 39).is_none());
    }
}
