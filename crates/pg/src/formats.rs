//! How columns and parameters are written: as text or in binary.

use lakeport_base::SqlState;
use lakeport_engine::Error;

use crate::body::violation;
use crate::encode::Format;

/// How several values are written: none said (all as text), one for all, or one each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Formats(Vec<Format>);

impl Formats {
    /// All in this one.
    pub(crate) fn all(format: Format) -> Self {
        Self(vec![format])
    }

    /// Reads the codes of a message: 22023 for a code that is none.
    pub(crate) fn read(codes: &[i16]) -> Result<Self, Error> {
        let formats = codes.iter().map(|code| match code {
            0 => Ok(Format::Text),
            1 => Ok(Format::Binary),
            _ => {
                let message = format!("unsupported format code: {code}");
                Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message))
            }
        });
        Ok(Self(formats.collect::<Result<_, _>>()?))
    }

    /// Whether there can be so many values: 08P01 where there are as many codes as fit no rule.
    pub(crate) fn check_parameters(&self, count: usize) -> Result<(), Error> {
        if self.0.len() <= 1 || self.0.len() == count {
            return Ok(());
        }
        let formats = self.0.len();
        Err(violation(format!("bind message has {formats} parameter formats but {count} parameters")))
    }

    /// The same for the columns of an answer.
    pub(crate) fn check_columns(&self, count: usize) -> Result<(), Error> {
        if self.0.len() <= 1 || self.0.len() == count {
            return Ok(());
        }
        let formats = self.0.len();
        Err(violation(format!("bind message has {formats} result formats but query has {count} columns")))
    }

    /// The format of the value at this place, counted from 0.
    pub(crate) fn at(&self, index: usize) -> Format {
        Format::of_column(index, &self.0)
    }

    /// The formats as they were said.
    pub(crate) fn said(&self) -> &[Format] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Formats;
    use crate::encode::Format;

    #[test]
    fn one_code_stands_for_all_and_none_for_text() {
        let all = Formats::read(&[1]).unwrap();
        assert_eq!([all.at(0), all.at(9)], [Format::Binary; 2]);
        let none = Formats::read(&[]).unwrap();
        assert_eq!([none.at(0), none.at(9)], [Format::Text; 2]);
        let each = Formats::read(&[0, 1]).unwrap();
        assert_eq!([each.at(0), each.at(1)], [Format::Text, Format::Binary]);
    }

    #[test]
    fn counts_that_fit_no_rule_are_refused() {
        for (codes, count, fits) in [
            (&[][..], 3, true),
            (&[1], 3, true),
            (&[1], 0, true),
            (&[0, 1], 2, true),
            (&[0, 1], 3, false),
            (&[0, 1], 0, false),
        ] {
            let formats = Formats::read(codes).unwrap();
            assert_eq!(formats.check_parameters(count).is_ok(), fits, "{codes:?} {count}");
            assert_eq!(formats.check_columns(count).is_ok(), fits, "{codes:?} {count}");
        }
    }

    #[test]
    fn other_codes_than_0_and_1_are_refused() {
        assert_eq!(Formats::read(&[2]).unwrap_err().message, "unsupported format code: 2");
        assert!(Formats::read(&[-1]).is_err());
    }
}
