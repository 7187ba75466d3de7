//! Writing a view's file: whole, or not at all.
//!
//! The new content goes to a file of its own beside the old one, is forced to the disk, and takes the
//! old one's name; a reader, or a machine that loses power, sees the one or the other.
//!
//! Invariants: nothing outside of the folder of views is written, also not through a link. What was
//! written reads back as what was asked for, so a text cannot smuggle in a header.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lakeport_base::{SqlState, TableName};

use super::read::{COUNT_MAX, EXTENSION, files_of};
use super::text::{Parts, SIZE_MAX, body, compose, parse, with_description};
use crate::files;
use crate::tables::{schema_problem, table_problem};

/// A view to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    /// Its name.
    pub name: TableName,
    /// The SELECT. Comments before it and semicolons behind it are left out.
    pub text: String,
    /// What people should know of it. Loses white space at the ends of its lines.
    pub description: Option<String>,
    /// The user with whose rights it reads.
    pub owner: Option<String>,
}

/// What to do about a view that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// Leave it and fail.
    Refuse,
    /// Replace it.
    Replace,
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

    /// A view of this name is there already.
    #[error("view {name} exists already")]
    Exists {
        /// The view.
        name: TableName,
    },

    /// There is no such view.
    #[error("view {name} does not exist")]
    Missing {
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
            Self::Exists { .. } => SqlState::DUPLICATE_TABLE,
            Self::Missing { .. } => SqlState::UNDEFINED_TABLE,
            Self::Content { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::Limit { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
            Self::Outside { .. } => SqlState::INSUFFICIENT_PRIVILEGE,
            Self::System { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SqlState::DISK_FULL,
                _ => SqlState::SYSTEM_ERROR,
            },
        }
    }
}

/// Writes a view's file, and makes its schema's folder if there is none.
///
/// When this returns, the file is on the disk. Blocks while it is forced there.
///
/// # Errors
///
/// See [`Error`]. Nothing has changed then, except that a new schema's folder may stay.
pub fn write_view(folder: &Path, view: &NewView, if_exists: IfExists) -> Result<(), Error> {
    let name = &view.name;
    check_name(name)?;
    let trimmed: Option<String> = view
        .description
        .as_deref()
        .map(|description| description.split('\n').map(str::trim).collect::<Vec<_>>().join("\n"));
    let mut parts = Parts {
        description: trimmed.filter(|description| !description.is_empty()),
        owner: view.owner.clone(),
        text: body(&view.text).to_owned(),
        text_line: 0,
    };
    let content = compose(&parts);
    // Read back before it is written: what is in the text or the owner must not become something else.
    let (read, problems) = parse(&content);
    parts.text_line = read.text_line;
    if !problems.is_empty() || read != parts || has_control(&parts) {
        let problem = "it has no SELECT, or a character that a view's file cannot hold";
        return Err(Error::Content { name: name.clone(), problem });
    }
    if if_exists == IfExists::Refuse && path(folder, name).exists() {
        return Err(Error::Exists { name: name.clone() });
    }
    if files_of(folder, COUNT_MAX).len() >= COUNT_MAX && !path(folder, name).exists() {
        return Err(Error::Limit { name: name.clone(), problem: "there are 10000 views already" });
    }
    replace(folder, name, &content, if_exists)
}

/// Changes or removes a view's description and leaves the rest of its file as it is.
///
/// # Errors
///
/// See [`Error`]. Nothing has changed then.
pub fn set_view_description(folder: &Path, name: &TableName, description: Option<&str>) -> Result<(), Error> {
    check_name(name)?;
    let bytes = files::read(&path(folder, name), SIZE_MAX).map_err(|error| missing_or_system(name, error))?;
    let unreadable = || Error::Content { name: name.clone(), problem: "its file is not UTF-8" };
    let before = String::from_utf8(bytes).map_err(|_| unreadable())?;
    let description = description.filter(|description| !description.trim().is_empty());
    let after = with_description(&before, description);
    let (mut expected, _) = parse(&before);
    let (read, _) = parse(&after);
    expected.description =
        description.map(|text| text.split('\n').map(str::trim).collect::<Vec<_>>().join("\n"));
    expected.text_line = read.text_line;
    if read != expected || has_control(&expected) {
        let problem = "the description has a character that a view's file cannot hold";
        return Err(Error::Content { name: name.clone(), problem });
    }
    replace(folder, name, &after, IfExists::Replace)
}

/// Removes a view's file.
///
/// # Errors
///
/// See [`Error`].
pub fn remove_view(folder: &Path, name: &TableName) -> Result<(), Error> {
    check_name(name)?;
    let schema = schema_folder(folder, name)?;
    fs::remove_file(schema.join(file_name(name))).map_err(|error| missing_or_system(name, error))?;
    sync(&schema).map_err(|source| Error::System { name: name.clone(), source })
}

fn check_name(name: &TableName) -> Result<(), Error> {
    let wrong = |part, problem| Error::Name { name: name.clone(), part, problem };
    match (schema_problem(&name.schema), table_problem(&name.name)) {
        (Some(problem), _) => Err(wrong("schema", problem)),
        (_, Some(problem)) => Err(wrong("view", problem)),
        (None, None) => Ok(()),
    }
}

/// Line ends are in what is written several lines long, tabs wherever someone likes them.
fn has_control(parts: &Parts) -> bool {
    let control = |text: &String| text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    parts.description.iter().any(control)
        || parts.owner.iter().any(|owner| owner.chars().any(char::is_control))
}

fn file_name(name: &TableName) -> String {
    format!("{}{EXTENSION}", name.name)
}

fn path(folder: &Path, name: &TableName) -> PathBuf {
    folder.join(&name.schema).join(file_name(name))
}

/// The schema's folder with all links followed; it lies directly in the folder of views.
fn schema_folder(folder: &Path, name: &TableName) -> Result<PathBuf, Error> {
    let root = folder.canonicalize().map_err(|source| Error::System { name: name.clone(), source })?;
    let schema = folder.join(&name.schema).canonicalize().map_err(|error| missing_or_system(name, error))?;
    if schema.parent() == Some(&root) { Ok(schema) } else { Err(Error::Outside { name: name.clone() }) }
}

fn missing_or_system(name: &TableName, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::Missing { name: name.clone() },
        _ => Error::System { name: name.clone(), source: error },
    }
}

fn replace(folder: &Path, name: &TableName, content: &str, if_exists: IfExists) -> Result<(), Error> {
    if content.len() > SIZE_MAX {
        return Err(Error::Limit { name: name.clone(), problem: "it is longer than 1 MiB" });
    }
    let system = |source| Error::System { name: name.clone(), source };
    match fs::create_dir(folder.join(&name.schema)) {
        Ok(()) => sync(folder).map_err(system)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(system(error)),
    }
    let schema = schema_folder(folder, name)?;
    let (file, temporary) = (schema.join(file_name(name)), schema.join(temporary_name()));
    let written = write_new(&temporary, content).and_then(|()| match if_exists {
        IfExists::Replace => fs::rename(&temporary, &file),
        // A link does not replace what is there, as a new name does.
        IfExists::Refuse => fs::hard_link(&temporary, &file).and_then(|()| fs::remove_file(&temporary)),
    });
    if let Err(error) = written {
        // It may not be there at all; what counts is the first error.
        let _ = fs::remove_file(&temporary);
        return Err(match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists { name: name.clone() },
            _ => system(error),
        });
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

    use lakeport_base::TableName;

    use super::{IfExists, NewView, remove_view, set_view_description, write_view};
    use crate::views::read_views;

    fn view(schema: &str, name: &str, text: &str) -> NewView {
        NewView { name: TableName::new(schema, name), text: text.to_owned(), description: None, owner: None }
    }

    fn content(folder: &Path, path: &str) -> String {
        std::fs::read_to_string(folder.join(path)).unwrap()
    }

    #[test]
    fn a_view_that_was_written_reads_back_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let new = NewView {
            description: Some("  One line,\nanother".to_owned()),
            owner: Some("ann".to_owned()),
            ..view("bi", "Größe", "\n-- owner: root\nSELECT 1\n -- last\n ;\n")
        };
        write_view(folder.path(), &new, IfExists::Refuse).unwrap();
        let (views, faults) = read_views(folder.path());
        assert_eq!((views.len(), faults.0.len()), (1, 0));
        assert_eq!(views[0].name, new.name);
        assert_eq!(views[0].text, "SELECT 1\n -- last");
        assert_eq!(views[0].owner.as_deref(), Some("ann"));
        assert_eq!(views[0].description.as_deref(), Some("One line,\nanother"));
        assert_eq!(std::fs::read_dir(folder.path().join("bi")).unwrap().count(), 1);
    }

    #[test]
    fn a_view_is_replaced_only_where_that_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        write_view(folder.path(), &view("bi", "x", "SELECT 1"), IfExists::Refuse).unwrap();
        let error = write_view(folder.path(), &view("bi", "x", "SELECT 2"), IfExists::Refuse).unwrap_err();
        assert_eq!(
            (error.sqlstate().code(), error.to_string()),
            ("42P07", "view bi.x exists already".to_owned())
        );
        assert_eq!(content(folder.path(), "bi/x.sql"), "SELECT 1\n");
        write_view(folder.path(), &view("bi", "x", "SELECT 2"), IfExists::Replace).unwrap();
        assert_eq!(content(folder.path(), "bi/x.sql"), "SELECT 2\n");
    }

    #[test]
    fn a_description_changes_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let name = TableName::new("bi", "x");
        write_view(folder.path(), &view("bi", "x", "SELECT 1"), IfExists::Refuse).unwrap();
        std::fs::write(folder.path().join("bi/x.sql"), "-- by hand\nSELECT  1;\n").unwrap();
        set_view_description(folder.path(), &name, Some("a")).unwrap();
        assert_eq!(content(folder.path(), "bi/x.sql"), "-- description: a\n-- by hand\nSELECT  1;\n");
        set_view_description(folder.path(), &name, None).unwrap();
        assert_eq!(content(folder.path(), "bi/x.sql"), "-- by hand\nSELECT  1;\n");
        let error = set_view_description(folder.path(), &name, Some("a\rb")).unwrap_err();
        assert_eq!(error.sqlstate().code(), "22023");
        let error = set_view_description(folder.path(), &TableName::new("bi", "y"), None).unwrap_err();
        assert_eq!(
            (error.sqlstate().code(), error.to_string()),
            ("42P01", "view bi.y does not exist".to_owned())
        );
    }

    #[test]
    fn a_view_is_removed_once() {
        let folder = tempfile::tempdir().unwrap();
        write_view(folder.path(), &view("bi", "x", "SELECT 1"), IfExists::Refuse).unwrap();
        let name = TableName::new("bi", "x");
        remove_view(folder.path(), &name).unwrap();
        assert_eq!(remove_view(folder.path(), &name).unwrap_err().sqlstate().code(), "42P01");
        assert_eq!(
            remove_view(folder.path(), &TableName::new("no", "x")).unwrap_err().sqlstate().code(),
            "42P01"
        );
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
            let new = view(schema, name, "SELECT 1");
            let error = write_view(folder.path(), &new, IfExists::Replace).unwrap_err();
            assert_eq!(error.sqlstate().code(), "42602", "{schema:?} {name:?}");
            assert_eq!(remove_view(folder.path(), &new.name).unwrap_err().sqlstate().code(), "42602");
            assert_eq!(
                set_view_description(folder.path(), &new.name, None).unwrap_err().sqlstate().code(),
                "42602"
            );
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_folder() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), folder.path().join("bi")).unwrap();
        std::fs::write(outside.path().join("y.sql"), "SELECT 1").unwrap();
        let error = write_view(folder.path(), &view("bi", "x", "SELECT 1"), IfExists::Replace).unwrap_err();
        assert_eq!(error.sqlstate().code(), "42501");
        let name = TableName::new("bi", "y");
        assert_eq!(remove_view(folder.path(), &name).unwrap_err().sqlstate().code(), "42501");
        assert_eq!(
            set_view_description(folder.path(), &name, Some("a")).unwrap_err().sqlstate().code(),
            "42501"
        );
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_text_cannot_smuggle_a_header_in() {
        let folder = tempfile::tempdir().unwrap();
        for (owner, text, code) in [
            ("ann\n-- description: x", "SELECT 1", "22023"),
            (" ann", "SELECT 1", "22023"),
            ("ann", "-- owner: root\n;", "22023"),
            ("ann", "SELECT '\0'", "22023"),
        ] {
            let new = NewView { owner: Some(owner.to_owned()), ..view("bi", "x", text) };
            let error = write_view(folder.path(), &new, IfExists::Replace).unwrap_err();
            assert_eq!(error.sqlstate().code(), code, "{owner:?} {text:?}");
        }
        let long = view("bi", "x", &format!("SELECT '{}'", "x".repeat(1 << 20)));
        assert_eq!(
            write_view(folder.path(), &long, IfExists::Replace).unwrap_err().sqlstate().code(),
            "54000"
        );
    }
}
