//! Views: their text, read once per reload.

use std::path::PathBuf;

use lakeport_base::TableName;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// Its name.
    pub(crate) name: TableName,
    /// The SELECT.
    pub(crate) text: String,
    /// The file it stands in.
    pub(crate) file: PathBuf,
    /// The line in that file that the SELECT begins on, from 1.
    pub(crate) line: usize,
    /// Whose rights it reads with; none reads with all.
    pub(crate) owner: Option<String>,
    /// What people should know of it.
    pub(crate) description: Option<String>,
}

impl From<lakeport_config::ViewFile> for View {
    fn from(file: lakeport_config::ViewFile) -> View {
        View {
            name: file.name,
            text: file.text,
            file: file.file,
            line: file.text_line,
            owner: file.owner,
            description: file.description,
        }
    }
}
