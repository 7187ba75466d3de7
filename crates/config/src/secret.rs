//! Secrets, which the file holds only by reference: `env:NAME` or `file:PATH`.
//!
//! A secret that is written out is refused and not repeated. No fault says any part of what a
//! reference leads to.

use lakeport_base::Redacted;

use crate::section::{Found, Section};

/// The longest secret, in bytes. A guess: the longest we know, a service account's key, has about 2,400.
pub(crate) const SIZE_MAX: usize = 64 << 10;

/// What a secret looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One line without control characters; line ends behind it do not count.
    Line,
    /// Any text.
    Text,
}

/// The secret that this key refers to, if the key is written and right.
pub(crate) fn secret(section: &Section<'_>, key: &'static str, shape: Shape) -> Option<Redacted<String>> {
    let written = section.text(key)?;
    if written.value.starts_with("env:") || written.value.starts_with("file:") {
        resolve(section, key, &written, shape).map(Redacted::new)
    } else {
        section.fault(key, "holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead");
        None
    }
}

/// A text that is no secret but may be referred to like one. An unwritten key takes the environment
/// variable `otherwise`, if there is one.
pub(crate) fn text(section: &Section<'_>, key: &'static str, otherwise: Option<&str>) -> Option<String> {
    match (section.place(key), otherwise) {
        (None, Some(variable)) => {
            let value = section.reading.variable(variable).filter(|value| !value.is_empty());
            if value.is_none() {
                let message = format_args!("is missing, and so is the environment variable {variable}");
                section.fault(key, message);
            }
            // Known from here on, so that a list of keys has it.
            section.text(key);
            value
        }
        _ => {
            let written = section.text(key)?;
            if written.value.starts_with("env:") || written.value.starts_with("file:") {
                return resolve(section, key, &written, Shape::Line);
            }
            Some(written.value)
        }
    }
}

fn resolve(
    section: &Section<'_>,
    key: &'static str,
    written: &Found<String>,
    shape: Shape,
) -> Option<String> {
    let (value, origin) = if let Some(name) = written.value.strip_prefix("env:") {
        // What is no name might be the secret itself; it is not repeated.
        if !is_variable(name) {
            section.fault(key, "must be \"env:\" and the name of an environment variable");
            return None;
        }
        let Some(value) = section.reading.variable(name) else {
            section.fault(key, format_args!("refers to the environment variable {name}, which is not set"));
            return None;
        };
        (value, format!("the environment variable {name}"))
    } else {
        let path = section.reading.path(written.value.strip_prefix("file:")?);
        let origin = format!("the file {}", path.display());
        let bytes = match section.reading.read(&path, SIZE_MAX) {
            Ok(bytes) => bytes,
            Err(reason) => {
                section.fault(key, format_args!("refers to {origin}, which cannot be read: {reason}"));
                return None;
            }
        };
        let Ok(value) = String::from_utf8(bytes) else {
            section.fault(key, format_args!("refers to {origin}, which is not UTF-8"));
            return None;
        };
        (value, origin)
    };
    let value = value.trim_end_matches(['\n', '\r']);
    if value.is_empty() {
        section.fault(key, format_args!("refers to {origin}, which is empty"));
        return None;
    }
    if shape == Shape::Line && value.chars().any(char::is_control) {
        section.fault(
            key,
            format_args!("refers to {origin}, which must be one line without control characters"),
        );
        return None;
    }
    Some(value.to_owned())
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
