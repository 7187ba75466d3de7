//! Array literals taken apart: `{a,"b c",NULL}`.

use crate::value::Error;
use crate::value::shape::DIMENSIONS_MAX;

/// The element texts of an array literal; none for NULL. Dimensions are checked and forgotten, in
/// the order that PostgreSQL's `unnest` gives.
///
/// # Errors
///
/// [`Error::Array`]
pub fn elements(text: &str) -> Result<Vec<Option<String>>, Error> {
    array_texts(text).map(|(_, elements)| elements)
}

/// The lengths of the dimensions of an array literal (none if it is empty) and its elements' texts.
///
/// # Errors
///
/// [`Error::Array`]
pub fn array_texts(text: &str) -> Result<(Vec<usize>, Vec<Option<String>>), Error> {
    let error = || Error::Array { text: text.to_owned() };
    let mut reader = Reader { rest: super::number::trimmed(text), lengths: Vec::new(), elements: Vec::new() };
    reader.skip_bounds().ok_or_else(error)?;
    if !reader.rest.starts_with('{') {
        return Err(error());
    }
    reader.level(0).ok_or_else(error)?;
    if !reader.rest.trim_ascii().is_empty() {
        return Err(error());
    }
    let lengths: Vec<usize> = reader.lengths.into_iter().flatten().collect();
    if lengths.contains(&0) {
        return Ok((Vec::new(), Vec::new()));
    }
    Ok((lengths, reader.elements))
}

struct Reader<'a> {
    rest: &'a str,
    /// The length of each level, once one list of it has been read.
    lengths: Vec<Option<usize>>,
    elements: Vec<Option<String>>,
}

impl Reader<'_> {
    /// Skips `[1:3][0:1]=`, which says where subscripts begin.
    fn skip_bounds(&mut self) -> Option<()> {
        if !self.rest.starts_with('[') {
            return Some(());
        }
        let (bounds, rest) = self.rest.split_once('=')?;
        let is_bound =
            |letter: char| letter.is_ascii_digit() || matches!(letter, '[' | ']' | ':' | '-' | '+' | ' ');
        if !bounds.chars().all(is_bound) {
            return None;
        }
        self.rest = rest.trim_ascii_start();
        Some(())
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(|letter: char| matches!(letter, ' ' | '\t'..='\r'));
    }

    fn take(&mut self, letter: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads `{…}`. None where it is malformed.
    fn level(&mut self, level: usize) -> Option<()> {
        if level >= DIMENSIONS_MAX || !self.take('{') {
            return None;
        }
        if self.lengths.len() == level {
            self.lengths.push(None);
        }
        let mut length = 0;
        if self.take('}') {
            // Only a whole array is empty.
            if level > 0 {
                return None;
            }
        } else {
            loop {
                self.skip();
                let is_nested = self.rest.starts_with('{');
                // A level holds either lists or elements, everywhere.
                if length == 0
                    && self.lengths[level].is_none()
                    && !is_nested
                    && self.lengths.len() > level + 1
                {
                    return None;
                }
                if is_nested {
                    if self.elements.is_empty() || self.lengths.len() > level + 1 {
                        self.level(level + 1)?;
                    } else {
                        return None;
                    }
                } else if self.lengths.len() > level + 1 {
                    return None;
                } else {
                    let element = self.element()?;
                    self.elements.push(element);
                }
                length += 1;
                if self.take('}') {
                    break;
                }
                if !self.take(',') {
                    return None;
                }
            }
        }
        match self.lengths[level] {
            Some(known) if known != length => None,
            _ => {
                self.lengths[level] = Some(length);
                Some(())
            }
        }
    }

    fn element(&mut self) -> Option<Option<String>> {
        let mut text = String::new();
        let mut is_quoted = false;
        // Blanks at the end of what is not quoted do not count, unless escaped.
        let mut kept = 0;
        let mut letters = self.rest.char_indices();
        if self.rest.starts_with('"') {
            is_quoted = true;
            letters.next();
        }
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => {
                    text.push(letters.next()?.1);
                    kept = text.len();
                }
                '"' if is_quoted => {
                    self.rest = &self.rest[at + 1..];
                    return Some(Some(text));
                }
                _ if is_quoted => text.push(letter),
                '"' | '{' => return None,
                ',' | '}' => {
                    self.rest = &self.rest[at..];
                    text.truncate(kept);
                    if text.is_empty() {
                        return None;
                    }
                    let is_null = text.eq_ignore_ascii_case("null");
                    return Some((!is_null).then_some(text));
                }
                ' ' | '\t'..='\r' => text.push(letter),
                _ => {
                    text.push(letter);
                    kept = text.len();
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::array_texts;

    #[track_caller]
    fn check(text: &str, lengths: &[usize], elements: &[Option<&str>]) {
        let (found_lengths, found) = array_texts(text).unwrap();
        assert_eq!(found_lengths, lengths, "{text}");
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), elements, "{text}");
    }

    #[test]
    fn array_literals_read_as_postgres_reads_them() {
        check("{}", &[], &[]);
        check("{a,b}", &[2], &[Some("a"), Some("b")]);
        check(" { a b , \" c\" } ", &[2], &[Some("a b"), Some(" c")]);
        check("{NULL,\"NULL\",null}", &[3], &[None, Some("NULL"), None]);
        check("{\"a\\\"b\",c\\,d,\"\"}", &[3], &[Some("a\"b"), Some("c,d"), Some("")]);
        check("{{1,2},{3,4}}", &[2, 2], &[Some("1"), Some("2"), Some("3"), Some("4")]);
        check("[0:1]={7,8}", &[2], &[Some("7"), Some("8")]);
    }

    #[test]
    fn malformed_array_literals_are_refused() {
        for text in [
            "",
            "a",
            "{",
            "{a",
            "{a,}",
            "{,a}",
            "{a}b",
            "{{1},{2,3}}",
            "{1,{2}}",
            "{{1},2}",
            "{\"a}",
            "{a\"b\"}",
        ] {
            assert_eq!(array_texts(text).unwrap_err().sqlstate().code(), "22P02", "{text}");
        }
    }
}
