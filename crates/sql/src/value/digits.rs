//! Whole numbers as digits, for the writers of numbers, dates and times.

use super::word::Word;

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut index = 0;
    while index < 100 {
        pairs[index] = [b'0' + (index / 10) as u8, b'0' + (index % 10) as u8];
        index += 1;
    }
    pairs
};

/// The two digits of a number below 100. Of a larger one, those of its remainder.
pub(crate) fn pair(number: u32) -> [u8; 2] {
    PAIRS[(number % 100) as usize]
}

/// How many digits a number has; 1 for 0.
fn count(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Writes an unsigned number.
pub(crate) fn write_u64(number: u64, out: &mut Vec<u8>) {
    match Word::unsigned(number) {
        Some(word) => word.write(out),
        None => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Writes a number with its sign.
pub(crate) fn write_i64(number: i64, out: &mut Vec<u8>) {
    match Word::signed(number) {
        Some(word) => word.write(out),
        None => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Writes a number with zeros in front up to `width` digits; longer ones whole.
pub(crate) fn write_padded(number: u64, width: usize, out: &mut Vec<u8>) {
    for _ in count(number)..width {
        out.push(b'0');
    }
    write_u64(number, out);
}

#[cfg(test)]
mod tests {
    use super::{write_i64, write_padded, write_u64};

    #[test]
    fn numbers_of_every_length_are_written_whole() {
        let mut number: u64 = 0;
        for digit in 1..=19u64 {
            number = number * 10 + digit % 10;
            for near in [number, number - 1, number + 1, 10u64.pow(digit as u32 - 1)] {
                let mut out = Vec::new();
                write_u64(near, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), near.to_string());
            }
        }
        for number in [i64::MIN, i64::MAX, 0, -1, 9, 10, -10, 99, 100] {
            let mut out = Vec::new();
            write_i64(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
        let mut out = Vec::new();
        write_u64(u64::MAX, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), u64::MAX.to_string());
    }

    #[test]
    fn padding_adds_zeros_and_never_cuts() {
        for (number, width, expected) in [(5, 4, "0005"), (0, 2, "00"), (12345, 4, "12345")] {
            let mut out = Vec::new();
            write_padded(number, width, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
