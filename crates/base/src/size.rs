//! Sizes in bytes that carry their unit when a person writes or reads them.

use std::fmt;
use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ByteSize(u64);

/// Why a text is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no size: write a whole number and B, KiB, MiB, GiB or TiB, such as \"512MiB\"")]
pub struct ParseSizeError {
    text: String,
}

/// From the largest, so that the first that divides a size is the one to print.
const UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl ByteSize {
    /// As many bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// As many times 1,048,576 bytes.
    pub const fn mebibytes(mebibytes: u64) -> Self {
        Self(mebibytes << 20)
    }

    /// The size as a plain number of bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }

    /// The size as a length in memory; the largest length where it does not fit.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl FromStr for ByteSize {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseSizeError { text: text.to_owned() };
        let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(error)?;
        let digits = text[..text.len() - unit.len()].trim_end();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        let number: u64 = digits.parse().map_err(|_| error())?;
        number.checked_mul(*factor).map(Self).ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn sizes_read_back_as_they_are_written() {
        for text in ["0B", "512MiB", "3GiB", "1025B", "16KiB", "2TiB"] {
            assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_has_no_unit_or_no_number_is_refused() {
        for text in ["", "12", "MiB", "-1MiB", "1.5GiB", "99999999999TiB", "1 MB", "+1B"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text:?}");
        }
    }
}
