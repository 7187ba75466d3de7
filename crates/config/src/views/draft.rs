//! What a view's file is to hold, made in the program.
//!
//! Invariant: what is made here reads back as what was asked for, so a text cannot smuggle in a header.

use std::collections::BTreeMap;
use std::path::Path;

use lakeport_base::{Faults, TableName};

use super::read::{ViewFile, view_of};
use super::text::{Parts, body, compose, parse, with_description};
use super::write::Error;

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

/// The content of a new view's file.
///
/// # Errors
///
/// [`Error::Content`] for what such a file cannot hold.
pub fn view_content(view: &NewView) -> Result<String, Error> {
    let trimmed: Option<String> = view.description.as_deref().map(trimmed_lines);
    let mut parts = Parts {
        description: trimmed.filter(|description| !description.is_empty()),
        owner: view.owner.clone(),
        columns: BTreeMap::new(),
        text: body(&view.text).to_owned(),
        text_line: 0,
    };
    let content = compose(&parts);
    // Read back before it is written: what is in the text or the owner must not become something else.
    let (read, problems) = parse(&content);
    parts.text_line = read.text_line;
    if !problems.is_empty() || read != parts || has_control(&parts) {
        let problem = "it has no SELECT, or a character that a view's file cannot hold";
        return Err(Error::Content { name: view.name.clone(), problem });
    }
    Ok(content)
}

/// A view's file with another description, or with none, and otherwise as it is.
///
/// # Errors
///
/// [`Error::Content`] for a description that such a file cannot hold.
pub fn described_view(name: &TableName, before: &str, description: Option<&str>) -> Result<String, Error> {
    let description = description.filter(|description| !description.trim().is_empty());
    let after = with_description(before, description);
    let (mut expected, _) = parse(before);
    let (read, _) = parse(&after);
    expected.description = description.map(trimmed_lines);
    expected.text_line = read.text_line;
    if read != expected || has_control(&expected) {
        let problem = "the description has a character that a view's file cannot hold";
        return Err(Error::Content { name: name.clone(), problem });
    }
    Ok(after)
}

/// The view that a file with this content would be.
///
/// # Errors
///
/// What is wrong with the content.
pub fn read_view(folder: &Path, name: &TableName, content: &str) -> Result<ViewFile, Faults> {
    view_of(name.clone(), &folder.join(&name.schema).join(format!("{}.sql", name.name)), content)
}

fn trimmed_lines(description: &str) -> String {
    description.split('\n').map(str::trim).collect::<Vec<_>>().join("\n")
}

/// Line ends are in what is written several lines long, tabs wherever someone likes them.
fn has_control(parts: &Parts) -> bool {
    let control = |text: &String| text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    parts.description.iter().any(control)
        || parts.owner.iter().any(|owner| owner.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lakeport_base::TableName;

    use super::{NewView, described_view, read_view, view_content};

    fn view(text: &str) -> NewView {
        NewView { name: TableName::new("bi", "x"), text: text.to_owned(), description: None, owner: None }
    }

    #[test]
    fn what_is_made_reads_back() {
        let new = NewView {
            description: Some("  One line,\nanother".to_owned()),
            owner: Some("ann".to_owned()),
            ..view("\n-- owner: root\nSELECT 1\n -- last\n ;\n")
        };
        let content = view_content(&new).unwrap();
        let read = read_view(Path::new("views"), &new.name, &content).unwrap();
        assert_eq!(read.text, "SELECT 1\n -- last");
        assert_eq!(read.owner.as_deref(), Some("ann"));
        assert_eq!(read.description.as_deref(), Some("One line,\nanother"));
        assert_eq!(read.file, Path::new("views/bi/x.sql"));
    }

    #[test]
    fn a_description_changes_and_the_rest_stays() {
        let name = TableName::new("bi", "x");
        let before = "-- by hand\nSELECT  1;\n";
        let with = described_view(&name, before, Some("a")).unwrap();
        assert_eq!(with, "-- description: a\n-- by hand\nSELECT  1;\n");
        assert_eq!(described_view(&name, &with, None).unwrap(), before);
        assert_eq!(described_view(&name, before, Some("a\rb")).unwrap_err().sqlstate().code(), "22023");
    }

    #[test]
    fn a_text_cannot_smuggle_a_header_in() {
        for (owner, text) in [
            ("ann\n-- description: x", "SELECT 1"),
            (" ann", "SELECT 1"),
            ("ann", "-- owner: root\n;"),
            ("ann", "SELECT '\0'"),
        ] {
            let new = NewView { owner: Some(owner.to_owned()), ..view(text) };
            assert_eq!(view_content(&new).unwrap_err().sqlstate().code(), "22023", "{owner:?} {text:?}");
        }
    }
}
