//! Changing the files of views: each whole or not at all, and all of a transaction or none.
//!
//! The new content goes to a file of its own beside the old one, is forced to the disk, and takes the
//! old one's name; a reader, or a machine that loses power, sees the one or the other. Where one of several
//! changes fails, those before it are taken back.
//!
//! Invariants: nothing outside of the folder of views is written, also not through a link. A file
//! that is not as it was when the change was thought of is left alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lakeport_base::{SqlState, TableName};

use super::read::{COUNT_MAX, EXTENSION, files_of};
use super::text::SIZE_MAX;
use crate::files;
use crate::tables::{schema_problem, table_problem};

/// What is to become of one view's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewChange {
    /// The view.
    pub name: TableName,
    /// What the file held when the change was thought of; none where there was none.
    pub before: Option<String>,
    /// What it is to hold; none removes it.
    pub after: Option<String>,
}

/// Why a view's file was not written or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name cannot be that of a folder and a file.
    #[error("view {name} cannot be: its {part}'s name {problem}")]
    Name {
        /// The view.
        name: TableName,
        /// `schema` or `view`.
        part: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// The file is not what it was when the change was thought of.
    #[error("view {name} was changed by somebody else at the same time")]
    Changed {
        /// The view.
        name: TableName,
    },

    /// The description, the owner or the text cannot stand in a file.
    #[error("view {name} cannot be written: {problem}")]
    Content {
        /// The view.
        name: TableName,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// The file would be too long, or there would be too many.
    #[error("view {name} cannot be written: {problem}")]
    Limit {
        /// The view.
        name: TableName,
        /// Which limit.
        problem: &'static str,
    },

    /// The schema's folder leads out of the folder of views.
    #[error("view {name} cannot be written: its schema's folder is not in the folder of views")]
    Outside {
        /// The view.
        name: TableName,
    },

    /// A change failed, and another that was made before it could not be taken back.
    #[error(
        "view {name} has its new content, though another change failed, and cannot be put back: look at its file"
    )]
    Half {
        /// The view.
        name: TableName,
        /// Why it cannot be put back.
        source: Box<Error>,
    },

    /// The system did not do it.
    #[error("view {name} cannot be written")]
    System {
        /// The view.
        name: TableName,
        /// What it said.
        source: io::Error,
    },
}

impl Error {
    /// The code the client sees. No `_` arm: a new failure must choose its code.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Name { .. } => SqlState::INVALID_NAME,
            Self::Changed { .. } => SqlState::SERIALIZATION_FAILURE,
            Self::Content { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::Limit { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
            Self::Outside { .. } => SqlState::INSUFFICIENT_PRIVILEGE,
            Self::Half { source, .. } => source.sqlstate(),
            Self::System { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SqlState::DISK_FULL,
                _ => SqlState::SYSTEM_ERROR,
            },
        }
    }
}

/// What a view's file holds; none where there is none.
///
/// # Errors
///
/// See [`Error`].
pub fn read_view_content(folder: &Path, name: &TableName) -> Result<Option<String>, Error> {
    check_name(name)?;
    match files::read(&path(folder, name), SIZE_MAX) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::Content { name: name.clone(), problem: "its file is not UTF-8" }),
        Err(error) if is_missing(&error) => Ok(None),
        Err(source) => Err(Error::System { name: name.clone(), source }),
    }
}

/// Makes all of these changes, or none. A new schema's folder is made.
///
/// When this returns, the files are on the disk. Blocks while they are forced there.
///
/// # Errors
///
/// See [`Error`]. Nothing has changed then, except that a new schema's folder may stay, and unless it is [`Error::Half`].
pub fn change_views(folder: &Path, changes: &[ViewChange]) -> Result<(), Error> {
    for change in changes {
        if read_view_content(folder, &change.name)? != change.before {
            return Err(Error::Changed { name: change.name.clone() });
        }
        if change.after.as_ref().is_some_and(|content| content.len() > SIZE_MAX) {
            return Err(Error::Limit { name: change.name.clone(), problem: "it is longer than 1 MiB" });
        }
    }
    check_count(folder, changes)?;
    for (index, change) in changes.iter().enumerate() {
        let Err(error) = put(folder, &change.name, change.after.as_deref()) else { continue };
        for done in changes[..index].iter().rev() {
            put(folder, &done.name, done.before.as_deref())
                .map_err(|error| Error::Half { name: done.name.clone(), source: Box::new(error) })?;
        }
        return Err(error);
    }
    Ok(())
}

fn check_count(folder: &Path, changes: &[ViewChange]) -> Result<(), Error> {
    let gone = changes.iter().filter(|change| change.before.is_some() && change.after.is_none()).count();
    let mut new = changes.iter().filter(|change| change.before.is_none() && change.after.is_some());
    let count = new.clone().count();
    if count > gone
        && files_of(folder, COUNT_MAX).len() + count - gone > COUNT_MAX
        && let Some(change) = new.next()
    {
        return Err(Error::Limit { name: change.name.clone(), problem: "there are 10000 views already" });
    }
    Ok(())
}

fn check_name(name: &TableName) -> Result<(), Error> {
    let wrong = |part, problem| Error::Name { name: name.clone(), part, problem };
    match (schema_problem(&name.schema), table_problem(&name.name)) {
        (Some(problem), _) => Err(wrong("schema", problem)),
        (_, Some(problem)) => Err(wrong("view", problem)),
        (None, None) => Ok(()),
    }
}

fn file_name(name: &TableName) -> String {
    format!("{}{EXTENSION}", name.name)
}

fn path(folder: &Path, name: &TableName) -> PathBuf {
    folder.join(&name.schema).join(file_name(name))
}

/// The schema's folder with all links followed; it lies directly in the folder of views.
fn schema_folder(folder: &Path, name: &TableName) -> Result<PathBuf, Error> {
    let system = |source| Error::System { name: name.clone(), source };
    let root = folder.canonicalize().map_err(system)?;
    let schema = folder.join(&name.schema).canonicalize().map_err(system)?;
    if schema.parent() == Some(&root) { Ok(schema) } else { Err(Error::Outside { name: name.clone() }) }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Gives a view's file this content, or removes it.
fn put(folder: &Path, name: &TableName, content: Option<&str>) -> Result<(), Error> {
    let system = |source| Error::System { name: name.clone(), source };
    let Some(content) = content else {
        let schema = schema_folder(folder, name)?;
        return fs::remove_file(schema.join(file_name(name))).and_then(|()| sync(&schema)).map_err(system);
    };
    match fs::create_dir(folder.join(&name.schema)) {
        Ok(()) => sync(folder).map_err(system)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(system(error)),
    }
    let schema = schema_folder(folder, name)?;
    let (file, temporary) = (schema.join(file_name(name)), schema.join(temporary_name()));
    if let Err(error) = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, &file)) {
        // It may not be there at all; what counts is the first error.
        let _ = fs::remove_file(&temporary);
        return Err(system(error));
    }
    sync(&schema).map_err(system)
}

/// A name that nobody else uses, and that no reader of views looks at.
fn temporary_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!(".lakeport-{}-{}-{count}.tmp", std::process::id(), time.as_nanos())
}

fn write_new(path: &Path, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// Forces a folder's list of names to the disk.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lakeport_base::{SqlState, TableName};

    use super::{ViewChange, change_views, read_view_content};

    fn change(name: &str, before: Option<&str>, after: Option<&str>) -> ViewChange {
        let (schema, name) = name.split_once('/').unwrap();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        ViewChange { name: TableName::new(schema, name), before: owned(before), after: owned(after) }
    }

    fn content(folder: &Path, path: &str) -> String {
        std::fs::read_to_string(folder.join(path)).unwrap()
    }

    fn code(result: Result<(), super::Error>) -> &'static str {
        result.map_or_else(|error| error.sqlstate().code(), |()| "00000")
    }

    #[test]
    fn views_are_made_changed_and_removed_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        change_views(folder, &[change("bi/Größe", None, Some("SELECT 1\n"))]).unwrap();
        assert_eq!(content(folder, "bi/Größe.sql"), "SELECT 1\n");
        let swap = [
            change("bi/Größe", Some("SELECT 1\n"), None),
            change("bi/x", None, Some("SELECT 1\n")),
            change("new/y", None, Some("SELECT 2\n")),
        ];
        change_views(folder, &swap).unwrap();
        let name = TableName::new("bi", "Größe");
        assert_eq!(read_view_content(folder, &name).unwrap(), None);
        assert_eq!(std::fs::read_dir(folder.join("bi")).unwrap().count(), 1);
        assert_eq!(content(folder, "new/y.sql"), "SELECT 2\n");
    }

    #[test]
    fn a_file_that_is_not_as_it_was_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        change_views(folder, &[change("bi/x", None, Some("SELECT 1"))]).unwrap();
        for wrong in [
            change("bi/x", None, Some("SELECT 2")),
            change("bi/x", Some("SELECT 3"), None),
            change("bi/y", Some("SELECT 3"), Some("SELECT 4")),
        ] {
            assert_eq!(code(change_views(folder, &[wrong])), "40001");
        }
        assert_eq!(content(folder, "bi/x.sql"), "SELECT 1");
    }

    #[test]
    fn where_one_change_fails_those_before_it_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        change_views(folder, &[change("bi/x", None, Some("SELECT 1"))]).unwrap();
        // The schema's folder cannot be made where a file lies.
        std::fs::write(folder.join("taken"), "").unwrap();
        let changes = [
            change("bi/x", Some("SELECT 1"), None),
            change("bi/y", None, Some("SELECT 2")),
            change("taken/z", None, Some("SELECT 3")),
        ];
        assert_ne!(code(change_views(folder, &changes)), "00000");
        assert_eq!(content(folder, "bi/x.sql"), "SELECT 1");
        assert_eq!(std::fs::read_dir(folder.join("bi")).unwrap().count(), 1);
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (schema, name) in [
            ("..", "x"),
            ("bi", "../x"),
            ("bi", "..\\x"),
            ("bi/sub", "x"),
            ("", "x"),
            ("bi", ""),
            ("bi", ".x"),
            ("bi", "x\0"),
            ("bi", "x\n"),
            ("pg_catalog", "x"),
            ("information_schema", "x"),
            ("bi", &"x".repeat(64)),
        ] {
            let name = TableName::new(schema, name);
            let error = read_view_content(folder.path(), &name).unwrap_err();
            assert_eq!(error.sqlstate(), SqlState::INVALID_NAME, "{name:?}");
            let change = ViewChange { name, before: None, after: Some("SELECT 1".to_owned()) };
            assert_eq!(code(change_views(folder.path(), &[change])), "42602");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_folder() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), folder.path().join("bi")).unwrap();
        std::fs::write(outside.path().join("y.sql"), "SELECT 1").unwrap();
        let new = change("bi/x", None, Some("SELECT 1"));
        assert_eq!(code(change_views(folder.path(), &[new])), "42501");
        let gone = change("bi/y", Some("SELECT 1"), None);
        assert_eq!(code(change_views(folder.path(), &[gone])), "42501");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_has_a_longest_length() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat((1 << 20) + 1);
        assert_eq!(code(change_views(folder.path(), &[change("bi/x", None, Some(&long))])), "54000");
    }
}
