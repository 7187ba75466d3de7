//! Reads names written as text: `orders`, `sales."Order Lines"`.

use crate::error::Error;

/// The parts of a dotted name: bare parts folded to lower case, quoted parts exactly as they are.
///
/// # Errors
///
/// [`Error::InvalidName`] where the text is no such name.
///
/// Source: `SplitIdentifierString` in PostgreSQL's `varlena.c`.
pub(crate) fn parts(text: &str) -> Result<Vec<String>, Error> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    loop {
        let part;
        (part, rest) = first(rest)?;
        parts.push(part);
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(parts);
        }
        rest = rest.strip_prefix('.').ok_or(Error::InvalidName)?.trim_start();
    }
}

/// The first part of a name, and what follows it.
pub(crate) fn first(text: &str) -> Result<(String, &str), Error> {
    if let Some(mut rest) = text.strip_prefix('"') {
        let mut part = String::new();
        loop {
            let (before, after) = rest.split_once('"').ok_or(Error::InvalidName)?;
            part.push_str(before);
            match after.strip_prefix('"') {
                Some(_) => part.push('"'),
                None if part.is_empty() => return Err(Error::InvalidName),
                None => return Ok((part, after)),
            }
            rest = &after[1..];
        }
    }
    let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = text.find(|c: char| !bare(c)).unwrap_or(text.len());
    if end == 0 {
        return Err(Error::InvalidName);
    }
    // Only ASCII is folded, as PostgreSQL does it for UTF-8.
    Ok((text[..end].to_ascii_lowercase(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::parts;
    use crate::error::Error;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(parts(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn bare_parts_are_folded_and_quoted_parts_are_not() {
        check("Orders", &["orders"]);
        check("Sales.\"Order Lines\"", &["sales", "Order Lines"]);
        check("\"a\"\"b\"", &["a\"b"]);
        check(" a . b ", &["a", "b"]);
        check("größe", &["größe"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "a.", ".a", "a b", "\"a", "\"\"", "a-b"] {
            assert_eq!(parts(text), Err(Error::InvalidName), "{text}");
        }
    }
}
