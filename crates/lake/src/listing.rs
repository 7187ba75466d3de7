//! Finding a table's files, and the tables of a schema's folder.
//!
//! A folder is read with all folders in it. Names that begin with `_` or `.` are skipped, and so is whatever has no
//! bytes: a marker for a folder, or a file that is being written, as ADLS Gen2 shows it. Files count if they end in
//! `.parquet`, `.parq` or `.pq`, in any case; a file that is named itself may have any ending.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use futures::FutureExt;
use futures::future::BoxFuture;
use lakeport_store::{ListOptions, Object, Store, list, list_folder, look_up};
use object_store::ObjectStore;
use object_store::path::Path;

use crate::place::parquet_stem;
use crate::{Error, Place, Result, glob};

/// The files of a place, by path.
pub(crate) fn files<'a>(
    objects: &'a dyn ObjectStore,
    place: &'a Place,
) -> BoxFuture<'a, Result<Vec<Object>>> {
    files_of(objects, place).boxed()
}

async fn files_of(objects: &dyn ObjectStore, place: &Place) -> Result<Vec<Object>> {
    let base = path_of(place.base())?;
    let mut found = Vec::new();
    if let Place::At(path) = place
        && parquet_stem(path).is_some()
    {
        found.extend(file(objects, &base).await?);
    }
    if found.is_empty() {
        found = list(objects, &base, ListOptions::default()).await?;
        found.retain(|object| object.path.filename().is_some_and(|name| parquet_stem(name).is_some()));
    }
    if let Place::Glob(pattern) = place {
        found.retain(|object| glob::matches(pattern, object.path.as_ref()));
    }
    if let Place::At(path) = place
        && found.is_empty()
        && !path.is_empty()
        && parquet_stem(path).is_none()
    {
        found.extend(file(objects, &base).await?);
    }
    found.retain(|object| object.size > 0);
    Ok(found)
}

/// The file at exactly this path; none if there is none.
async fn file(objects: &dyn ObjectStore, path: &Path) -> Result<Option<Object>> {
    match look_up(objects, path).await {
        Ok(object) => Ok(Some(object)),
        Err(lakeport_store::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The tables of a schema's folder: each Parquet file and each folder directly in it, by name.
///
/// A table's name is its folder's, or its file's without `.parquet`. No folder is opened: whether it holds Parquet
/// files is learned when the table is read. Where a file and a folder, or two files, would be the same table, its
/// place is [`Place::Twice`], and whoever reads that table gets [`Error::Ambiguous`].
///
/// # Errors
///
/// What the store fails with. A folder that does not exist has no tables, as object stores know no folders.
pub async fn discover(store: &Store, folder: &str) -> Result<Vec<(String, Place)>> {
    let objects = store.objects();
    let found = list_folder(objects.as_ref(), &path_of(folder)?, ListOptions::default()).await?;
    let mut tables: BTreeMap<String, Place> = BTreeMap::new();
    let files = found.objects.iter().filter(|object| object.size > 0).filter_map(|object| {
        let stem = parquet_stem(object.path.filename()?)?;
        Some((stem.to_owned(), object.path.to_string()))
    });
    let folders =
        found.folders.iter().filter_map(|path| Some((path.filename()?.to_owned(), path.to_string())));
    for (name, path) in files.chain(folders) {
        match tables.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Place::At(path));
            }
            Entry::Occupied(mut entry) => {
                if let Place::At(first) = entry.get() {
                    let twice = Place::Twice(first.clone(), path);
                    entry.insert(twice);
                }
            }
        }
    }
    Ok(tables.into_iter().collect())
}

fn path_of(text: &str) -> Result<Path> {
    Path::parse(text.trim_matches('/')).map_err(|_| Error::Refused)
}
