//! Reading all views of a folder.
//!
//! A file with a fault is left out and named, and the others are read nevertheless. Symbolic links are
//! followed, since that is how a cluster mounts files; what begins with a dot is nobody's view.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lakeport_base::{Fault, Faults, TableName};

use super::text::{SIZE_MAX, parse};
use crate::files;
use crate::tables::{schema_problem, table_problem};

/// The most views. A guess; the largest collections we know of have a tenth of it.
pub(crate) const COUNT_MAX: usize = 10_000;

/// What a view's file ends in.
pub(super) const EXTENSION: &str = ".sql";

/// A view as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewFile {
    /// The view's name: its folder's and its file's.
    pub name: TableName,
    /// The file.
    pub file: PathBuf,
    /// The SELECT, without the header and without a semicolon behind it.
    pub text: String,
    /// The line of the file, from 1, that the SELECT begins on.
    pub text_line: usize,
    /// What people should know of it.
    pub description: Option<String>,
    /// The user with whose rights it reads.
    pub owner: Option<String>,
    /// What people should know of its columns, by name.
    pub columns: BTreeMap<String, String>,
}

/// Reads the views in a folder: `SCHEMA/NAME.sql`, sorted by name.
///
/// Faults are about single files, which are left out then; a folder that cannot be read is one fault.
pub fn read_views(folder: &Path) -> (Vec<ViewFile>, Faults) {
    let (mut views, mut faults) = (Vec::new(), Vec::new());
    let files = list(folder, COUNT_MAX, &mut faults);
    for file in files {
        match read_view(&file) {
            Ok(view) => views.push(view),
            Err(problems) => faults.extend(problems.0),
        }
    }
    views.sort_by(|a, b| a.name.cmp(&b.name));
    faults.sort();
    (views, Faults(faults))
}

/// The files in a folder that would be read as views, at most `count_max` of them, sorted.
pub(crate) fn files_of(folder: &Path, count_max: usize) -> Vec<PathBuf> {
    list(folder, count_max, &mut Vec::new())
}

fn list(folder: &Path, count_max: usize, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for schema in entries(folder, faults) {
        if !schema.is_dir() {
            if is_sql(&schema) {
                let message = "a view must lie in the folder of its schema, views/SCHEMA/NAME.sql";
                faults.push(Fault::new(message).in_file(&schema));
            }
            continue;
        }
        for file in entries(&schema, faults) {
            if file.is_dir() {
                if entries(&file, &mut Vec::new()).iter().any(|inner| is_sql(inner)) {
                    let message = "a view must lie in the folder of its schema, and this folder is one below";
                    faults.push(Fault::new(message).in_file(&file));
                }
            } else if is_sql(&file) {
                if files.len() == count_max {
                    let message = format!("has more than {count_max} views; the others are not read");
                    faults.push(Fault::new(message).in_file(folder));
                    return files;
                }
                files.push(file);
            }
        }
    }
    files
}

/// What is in a folder, without what begins with a dot, sorted.
fn entries(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<PathBuf>>>()
    });
    let mut paths = read.unwrap_or_else(|error| {
        faults.push(Fault::new(format!("cannot be read: {}", files::reason(&error))).in_file(folder));
        Vec::new()
    });
    let is_hidden =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    paths.retain(|path| !is_hidden(path));
    paths.sort();
    paths
}

/// Also where the ending is in capitals: such a file was meant to be a view.
fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

fn read_view(file: &Path) -> Result<ViewFile, Faults> {
    let fault = |message: String| Faults::from(Fault::new(message).in_file(file));
    let name = name_of(file).map_err(fault)?;
    let bytes = files::read(file, SIZE_MAX)
        .map_err(|error| fault(format!("cannot be read: {}", files::reason(&error))))?;
    let content = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Faults::from(Fault::new("is not UTF-8").in_file(file).on_line(line))
    })?;
    view_of(name, file, &content)
}

/// The view of a file with this content.
pub(super) fn view_of(name: TableName, file: &Path, content: &str) -> Result<ViewFile, Faults> {
    let (parts, problems) = parse(content);
    if !problems.is_empty() {
        let faults = problems
            .into_iter()
            .map(|(line, message)| Fault::new(message).in_file(file).on_line(line))
            .collect();
        return Err(Faults(faults));
    }
    Ok(ViewFile {
        name,
        file: file.to_owned(),
        text: parts.text,
        text_line: parts.text_line,
        description: parts.description,
        owner: parts.owner,
        columns: parts.columns,
    })
}

fn name_of(file: &Path) -> Result<TableName, String> {
    let part = |path: Option<&Path>| path?.file_name()?.to_str().map(str::to_owned);
    let (Some(schema), Some(name)) = (part(file.parent()), part(Some(file))) else {
        return Err("the view's name is not UTF-8".to_owned());
    };
    let Some(name) = name.strip_suffix(EXTENSION) else {
        return Err("a view's file ends in .sql, in small letters".to_owned());
    };
    if let Some(problem) = schema_problem(&schema) {
        return Err(format!("cannot be a view: its schema's name {problem}"));
    }
    if let Some(problem) = table_problem(name) {
        return Err(format!("cannot be a view: its name {problem}"));
    }
    Ok(TableName::new(schema, name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::{create_dir, create_dir_all, write};

    use lakeport_base::TableName;

    use super::{list, read_views};

    #[test]
    fn views_are_read_with_their_headers_sorted_by_name() {
        let folder = tempfile::tempdir().unwrap();
        create_dir_all(folder.path().join("bi/..data")).unwrap();
        create_dir(folder.path().join("Sales 2")).unwrap();
        write(folder.path().join("bi/z.sql"), "SELECT 3").unwrap();
        write(
            folder.path().join("bi/a.b.sql"),
            "-- owner: ann\n-- description: d\n-- column a b: c\nSELECT 2;\n",
        )
        .unwrap();
        write(folder.path().join("Sales 2/Größe.sql"), "SELECT 1").unwrap();
        write(folder.path().join("bi/README.md"), "no view").unwrap();
        write(folder.path().join("bi/.z.sql.swp"), "no view").unwrap();
        write(folder.path().join("README.md"), "no view").unwrap();
        let (views, faults) = read_views(folder.path());
        assert_eq!(faults.0, []);
        let names: Vec<TableName> = views.iter().map(|view| view.name.clone()).collect();
        let expected =
            [TableName::new("Sales 2", "Größe"), TableName::new("bi", "a.b"), TableName::new("bi", "z")];
        assert_eq!(names, expected);
        let view = &views[1];
        assert_eq!((&view.text[..], view.text_line), ("SELECT 2", 4));
        assert_eq!((view.owner.as_deref(), view.description.as_deref()), (Some("ann"), Some("d")));
        assert_eq!(view.columns, BTreeMap::from([("a b".to_owned(), "c".to_owned())]));
        assert_eq!(view.file, folder.path().join("bi/a.b.sql"));
    }

    #[test]
    fn what_cannot_be_a_view_is_named_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("bi/{}.sql", "x".repeat(64));
        for (path, content) in [
            ("loose.sql", &b"SELECT 1"[..]),
            ("bi/deep/x.sql", b"SELECT 1"),
            ("bi/upper.SQL", b"SELECT 1"),
            ("bi/empty.sql", b"-- owner: x\n\n"),
            ("bi/latin.sql", b"SELECT 1\n, '\xe9'"),
            ("bi/typo.sql", b"-- onwer: x\nSELECT 1"),
            ("pg_catalog/x.sql", b"SELECT 1"),
            ("a.b/x.sql", b"SELECT 1"),
            (&long, b"SELECT 1"),
            ("bi/good.sql", b"SELECT 1"),
        ] {
            let path = folder.path().join(path);
            create_dir_all(path.parent().unwrap()).unwrap();
            write(path, content).unwrap();
        }
        let (views, faults) = read_views(folder.path());
        assert_eq!(views.len(), 1);
        let shown = faults.to_string().replace(&format!("{}/", folder.path().display()), "");
        let expected = format!(
            "a.b/x.sql: cannot be a view: its schema's name has a dot\n\
             bi/deep: a view must lie in the folder of its schema, and this folder is one below\n\
             bi/empty.sql:2: there is no SELECT in it\n\
             bi/latin.sql:2: is not UTF-8\n\
             bi/typo.sql:1: unknown key onwer in the view's header; did you mean owner?\n\
             bi/upper.SQL: a view's file ends in .sql, in small letters\n\
             {long}: cannot be a view: its name is longer than the 63 bytes of a name\n\
             loose.sql: a view must lie in the folder of its schema, views/SCHEMA/NAME.sql\n\
             pg_catalog/x.sql: cannot be a view: its schema's name is one of PostgreSQL's own"
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        create_dir(folder.path().join("bi")).unwrap();
        write(folder.path().join("bi/x.sql"), vec![b'x'; (1 << 20) + 1]).unwrap();
        let (views, faults) = read_views(folder.path());
        assert!(views.is_empty());
        assert!(
            faults.to_string().ends_with("bi/x.sql: cannot be read: it is longer than 1048576 bytes"),
            "{faults}"
        );
    }

    #[test]
    fn more_views_than_there_may_be_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        create_dir(folder.path().join("bi")).unwrap();
        for name in ["a", "b", "c"] {
            write(folder.path().join(format!("bi/{name}.sql")), "SELECT 1").unwrap();
        }
        let mut faults = Vec::new();
        assert_eq!(list(folder.path(), 2, &mut faults).len(), 2);
        assert_eq!(faults[0].message, "has more than 2 views; the others are not read");
    }

    #[test]
    fn a_folder_that_is_not_there_is_one_fault() {
        let folder = tempfile::tempdir().unwrap();
        let (views, faults) = read_views(&folder.path().join("views"));
        assert!(views.is_empty());
        assert!(faults.to_string().ends_with("/views: cannot be read: there is no such file"), "{faults}");
    }
}
