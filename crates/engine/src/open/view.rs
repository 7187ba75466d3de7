//! Views: their text, read once per reload.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use lakeport_base::TableName;
use lakeport_sql::statement::Kind;

/// A saved view.
#[derive(Debug, Clone)]
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
    /// What people should know of its columns, by name.
    pub(crate) columns: BTreeMap<String, String>,
    /// The names its text reads, once somebody wanted to know.
    reads: OnceLock<Option<Vec<Vec<String>>>>,
}

impl View {
    /// A view that is about to be made.
    pub(crate) fn planned(name: TableName, text: String, owner: Option<String>) -> View {
        View {
            name,
            text,
            file: PathBuf::new(),
            line: 1,
            owner,
            description: None,
            columns: BTreeMap::new(),
            reads: OnceLock::new(),
        }
    }

    /// The relations that its text names, each in its one to three parts; none where it cannot be read.
    pub(crate) fn reads(&self) -> Option<&[Vec<String>]> {
        let reads = self.reads.get_or_init(|| match lakeport_sql::parse(&self.text).ok()?.pop()?.kind {
            Kind::Query(query) => Some(lakeport_sql::relations(&query, &self.text)),
            _ => None,
        });
        reads.as_deref()
    }
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
            columns: file.columns,
            reads: OnceLock::new(),
        }
    }
}
