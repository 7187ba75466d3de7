//! What is in a view's file: a header of `-- key: value` lines, and the SELECT.
//!
//! The header is every line before the first that is neither empty nor a comment. A comment without a key
//! is just that. A description of several lines is written as several `-- description:` lines, and so is that of a
//! column, which stands behind `-- column NAME:`.
//!
//! Invariant: what [`compose`] writes, [`parse`] reads back as the same.

use std::collections::BTreeMap;

use crate::section::nearest;

/// The longest file, in bytes. More than any SELECT that a person can review.
pub(crate) const SIZE_MAX: usize = 1 << 20;

/// The keys a header may have.
const KEYS: [&str; 2] = ["description", "owner"];

/// What stands before the name of a column that a header describes.
const COLUMN: &str = "column ";

/// A view's file, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parts {
    pub(super) description: Option<String>,
    pub(super) owner: Option<String>,
    /// What people should know of its columns, by name.
    pub(super) columns: BTreeMap<String, String>,
    /// The SELECT, without a semicolon behind it; empty if there is none.
    pub(super) text: String,
    /// The line, from 1, that it begins on.
    pub(super) text_line: usize,
}

/// Takes a file apart. What is wrong with it comes with its line.
pub(super) fn parse(content: &str) -> (Parts, Vec<(usize, String)>) {
    let (mut parts, mut problems) = (Parts::default(), Vec::new());
    let content = content.strip_prefix('\u{FEFF}').unwrap_or(content);
    let mut line_number = 0;
    let mut rest = content;
    for line in content.split_inclusive('\n') {
        line_number += 1;
        let Some(comment) = header_line(line) else { break };
        rest = &rest[line.len()..];
        if let Some((name, value)) = comment.and_then(column) {
            let described = parts.columns.entry(name.to_owned());
            described.and_modify(|text| push_line(text, value)).or_insert_with(|| value.to_owned());
            continue;
        }
        let Some((key, value)) = comment.and_then(key_value) else { continue };
        match key {
            "description" => match &mut parts.description {
                Some(description) => push_line(description, value),
                None => parts.description = Some(value.to_owned()),
            },
            "owner" if parts.owner.is_some() => {
                problems.push((line_number, "owner is there twice".to_owned()))
            }
            "owner" => parts.owner = Some(value.to_owned()),
            unknown => {
                let hint = nearest(unknown, KEYS).map_or_else(
                    || format!("the keys here are {}", KEYS.join(", ")),
                    |key| format!("did you mean {key}?"),
                );
                let shown = crate::section::shown(unknown);
                problems.push((line_number, format!("unknown key {shown} in the view's header; {hint}")));
            }
        }
    }
    let body = without_semicolon(rest);
    parts.text_line = line_number.max(1);
    if body.is_empty() {
        problems.push((parts.text_line, "there is no SELECT in it".to_owned()));
    }
    if body.contains('\0') {
        problems.push((parts.text_line, "has a NUL character".to_owned()));
    }
    parts.text = body.to_owned();
    (parts, problems)
}

/// The file for these parts; `text_line` is not looked at.
pub(super) fn compose(parts: &Parts) -> String {
    let mut content = String::new();
    for line in parts.description.iter().flat_map(|description| description.split('\n')) {
        push_header(&mut content, "description", line);
    }
    if let Some(owner) = &parts.owner {
        push_header(&mut content, "owner", owner);
    }
    for (name, description) in &parts.columns {
        for line in description.split('\n') {
            push_header(&mut content, &format!("{COLUMN}{name}"), line);
        }
    }
    content.push_str(&parts.text);
    content.push('\n');
    content
}

/// The same file with another description; every other byte stays as it is.
pub(super) fn with_description(content: &str, description: Option<&str>) -> String {
    let (mark, content) = match content.strip_prefix('\u{FEFF}') {
        Some(content) => ("\u{FEFF}", content),
        None => ("", content),
    };
    let mut result = mark.to_owned();
    for line in description.into_iter().flat_map(|description| description.split('\n')) {
        push_header(&mut result, "description", line);
    }
    let mut in_header = true;
    for line in content.split_inclusive('\n') {
        let comment = if in_header { header_line(line) } else { None };
        in_header = comment.is_some();
        let described = comment.flatten().and_then(key_value).is_some_and(|(key, _)| key == "description");
        if !described {
            result.push_str(line);
        }
    }
    result
}

/// A SELECT without what stands before and behind it: header lines, white space, semicolons.
pub(super) fn body(text: &str) -> &str {
    let mut rest = text;
    for line in text.split_inclusive('\n') {
        if header_line(line).is_none() {
            break;
        }
        rest = &rest[line.len()..];
    }
    without_semicolon(rest)
}

/// None for a line that ends the header; the comment's text, if it is one, for a line of the header.
fn header_line(line: &str) -> Option<Option<&str>> {
    let line = line.trim();
    if line.is_empty() {
        return Some(None);
    }
    line.strip_prefix("--").map(|comment| Some(comment.trim()))
}

/// `key: value`, where the key is one word in lower case and a space or nothing follows its colon.
fn key_value(comment: &str) -> Option<(&str, &str)> {
    let (key, value) = comment.split_once(':')?;
    let is_key =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'));
    (is_key && is_apart(value)).then(|| (key, value.trim()))
}

/// `column NAME: value`, where the name is exact and holds no colon.
fn column(comment: &str) -> Option<(&str, &str)> {
    let (name, value) = comment.strip_prefix(COLUMN)?.split_once(':')?;
    let name = name.trim();
    (!name.is_empty() && is_apart(value)).then(|| (name, value.trim()))
}

fn is_apart(value: &str) -> bool {
    value.is_empty() || value.starts_with([' ', '\t'])
}

fn push_line(text: &mut String, line: &str) {
    text.push('\n');
    text.push_str(line);
}

fn push_header(content: &mut String, key: &str, value: &str) {
    content.push_str("-- ");
    content.push_str(key);
    content.push_str(": ");
    content.push_str(value);
    content.push('\n');
}

fn without_semicolon(text: &str) -> &str {
    // White space before the SELECT stays on its own lines only; the first line of it is never empty.
    text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Parts, body, compose, parse, with_description};

    fn columns(described: &[(&str, &str)]) -> BTreeMap<String, String> {
        described.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[track_caller]
    fn check(content: &str, description: Option<&str>, owner: Option<&str>, text: &str, text_line: usize) {
        let expected = Parts {
            description: description.map(str::to_owned),
            owner: owner.map(str::to_owned),
            columns: BTreeMap::new(),
            text: text.to_owned(),
            text_line,
        };
        assert_eq!(parse(content), (expected, Vec::new()), "{content:?}");
    }

    #[test]
    fn a_file_may_be_nothing_but_a_select() {
        check("SELECT 1", None, None, "SELECT 1", 1);
        check("\u{FEFF}SELECT 1 ; ;\n", None, None, "SELECT 1", 1);
        check("\n\n  SELECT\n  1;\n", None, None, "SELECT\n  1", 3);
    }

    #[test]
    fn a_header_stands_before_the_select() {
        check("-- description: A: b\n-- owner: ann\n\nSELECT 1", Some("A: b"), Some("ann"), "SELECT 1", 4);
        check("--owner:ann\n-- owner: bob\r\nSELECT 1", None, Some("bob"), "SELECT 1", 3);
        check(
            "-- description: a\n-- description:\n-- description: b\nSELECT 1",
            Some("a\n\nb"),
            None,
            "SELECT 1",
            4,
        );
    }

    #[test]
    fn a_header_describes_columns() {
        let content = "-- column id: the order's\n-- column Full Name : a: b\n-- column id: number\n\
            -- column http://x\n-- column : x\nSELECT 1\n-- column x: y";
        let (parts, problems) = parse(content);
        assert_eq!(problems, []);
        assert_eq!(parts.columns, columns(&[("Full Name", "a: b"), ("id", "the order's\nnumber")]));
    }

    #[test]
    fn a_comment_without_a_key_is_only_a_comment() {
        check(
            "-- See https://example.org: it says why\n-- NOTE: x\nSELECT 1 -- owner: x",
            None,
            None,
            "SELECT 1 -- owner: x",
            3,
        );
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (content, line, message) in [
            (
                "-- descriptoin: x\nSELECT 1",
                1,
                "unknown key descriptoin in the view's header; did you mean description?",
            ),
            (
                "\n-- refresh: x\nSELECT 1",
                2,
                "unknown key refresh in the view's header; the keys here are description, owner",
            ),
            ("-- owner: a\n-- owner: b\nSELECT 1", 2, "owner is there twice"),
            ("", 1, "there is no SELECT in it"),
            ("-- owner: a\n;\n", 2, "there is no SELECT in it"),
            ("-- owner: a\n", 1, "there is no SELECT in it"),
            ("SELECT '\0'", 1, "has a NUL character"),
        ] {
            assert_eq!(parse(content).1, [(line, message.to_owned())], "{content:?}");
        }
    }

    #[test]
    fn a_new_description_leaves_the_rest_alone() {
        for (before, description, after) in [
            ("SELECT 1", Some("a"), "-- description: a\nSELECT 1"),
            (
                "-- why\n-- description: a\n-- owner: b\nSELECT 1 ;",
                Some("c\nd"),
                "-- description: c\n-- description: d\n-- why\n-- owner: b\nSELECT 1 ;",
            ),
            ("-- description: a\nSELECT\n-- description: b\n1", None, "SELECT\n-- description: b\n1"),
        ] {
            assert_eq!(with_description(before, description), after);
        }
    }

    #[test]
    fn what_is_composed_reads_back() {
        let parts = Parts {
            description: Some("one\n\ntwo".to_owned()),
            owner: Some("Ann".to_owned()),
            columns: columns(&[("Full Name", "first\nand last"), ("id", "")]),
            text: "SELECT 1\nFROM t".to_owned(),
            text_line: 8,
        };
        assert_eq!(parse(&compose(&parts)), (parts, Vec::new()));
    }

    #[test]
    fn comments_before_a_select_are_not_part_of_it() {
        assert_eq!(body("-- owner: root\n\n SELECT 1;\n"), "SELECT 1");
    }
}
