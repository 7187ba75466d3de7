//! Where a table's objects are: a folder, one file, or a pattern, below a store's own folder.
//!
//! Holds the jail for paths that users write in SQL. Does no I/O: whether a place is a file or
//! a folder is learned in `listing.rs`.

use std::fmt;

use crate::{Error, Result, glob};

/// Where a table's objects are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A file, or a folder that is read with all folders in it; empty for the whole store.
    At(String),
    /// Every file whose path fits the pattern, or lies in a folder whose path does.
    Glob(String),
    /// Two things that would be the same table, so that neither is.
    Twice(String, String),
}

impl Place {
    /// A place as the config names it: trusted, and a pattern where it has `*` or `?`.
    pub fn configured(path: &str) -> Place {
        let path = path.trim_matches('/');
        if glob::is_pattern(path) { Self::Glob(path.to_owned()) } else { Self::At(path.to_owned()) }
    }

    /// The folder or file that everything in this place is below or at.
    pub(crate) fn base(&self) -> &str {
        match self {
            Self::At(path) | Self::Twice(path, _) => path,
            Self::Glob(pattern) => glob::literal_prefix(pattern),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(path) if path.is_empty() => f.write_str("the store's folder"),
            Self::At(path) | Self::Glob(path) => f.write_str(path),
            Self::Twice(first, second) => write!(f, "{first} and {second}"),
        }
    }
}

/// Longest path a user may write, in bytes; object stores allow 1,024.
const PATH_MAX: usize = 1024;

/// Characters that some file system or URL reader takes for `/`, `\`, `.` or `%`, or that no reader shows.
///
/// Nothing here decodes or normalises, so they would only ever name themselves; a path that has one is an
/// attempt, and refusing it costs nobody a file.
const LOOKALIKES: &[char] = &[
    '\u{2024}', '\u{2025}', '\u{2026}', '\u{2044}', '\u{2215}', '\u{2216}', '\u{29F8}', '\u{29F9}',
    '\u{FE52}', '\u{FF05}', '\u{FF0E}', '\u{FF0F}', '\u{FF3C}', '\u{FE68}', '\u{FE6A}', '\u{3002}',
    '\u{FF61}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}', '\u{202E}', '\u{202D}',
    '\u{FFFD}',
];

/// The place that a user's text names below a store: a file, a folder, or a pattern of `*`, `?` and `**`.
///
/// # Errors
///
/// [`Error::Refused`], with the same text whatever was wrong: for `..` and `.`, an absolute path, a URL
/// or drive, a backslash, anything percent-encoded, a control character, an empty or hidden name, and
/// what only looks like one of these.
pub fn adhoc(text: &str) -> Result<Place> {
    let path = text.strip_suffix('/').unwrap_or(text);
    if path.is_empty()
        || path.len() > PATH_MAX
        || !path.split('/').all(is_plain_name)
        || is_drive_or_url(path)
    {
        return Err(Error::Refused);
    }
    Ok(Place::configured(path))
}

fn is_plain_name(name: &str) -> bool {
    !is_hidden(name)
        && !name.is_empty()
        && name.trim() == name
        && !name.starts_with('~')
        && !name.ends_with('.')
        && !name.contains(['\\', '%'])
        && !name.contains(char::is_control)
        && !name.contains(LOOKALIKES)
}

/// `C:` or `abfss:`: a word of ASCII and a colon, before anything else.
fn is_drive_or_url(path: &str) -> bool {
    path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    })
}

/// Whether a file or folder of this name is skipped: Spark, Delta and Hadoop keep their own things there.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with(['_', '.'])
}

/// The endings that make a file a Parquet file, without regard to case.
const ENDINGS: [&str; 3] = [".parquet", ".parq", ".pq"];

/// The name without its ending, if the ending is that of a Parquet file.
pub(crate) fn parquet_stem(name: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|ending| {
        let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0 && name.is_char_boundary(*at))?;
        name[at..].eq_ignore_ascii_case(ending).then(|| &name[..at])
    })
}

#[cfg(test)]
mod tests;
