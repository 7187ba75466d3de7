//! What lies in a folder of a store.
//!
//! A small folder takes one request. A large one is listed by its sub-folders, several at
//! once, because a store gives a listing in pages one after the other.

use std::collections::HashSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};

use crate::version::failure;
use crate::{Error, Object, Result};

/// Most objects that one listing may hold: about 300 MB of names.
pub const OBJECTS_MAX: usize = 1_000_000;

/// Sub-folders listed at once.
const FOLDERS_AT_ONCE: usize = 16;

/// Objects after which a listing goes on by sub-folders: one page of Azure, five of S3.
const SERIAL_MAX: usize = 5_000;

/// What a listing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOptions {
    /// Also what Hadoop's tools hide: names that begin with `_` or `.`, in any folder below the one listed.
    pub hidden: bool,
    /// Also the zero-byte objects that stand for folders.
    pub markers: bool,
    /// Most objects there may be; more is [`Error::TooManyObjects`].
    pub objects_max: usize,
}

impl Default for ListOptions {
    /// Neither hidden files nor markers, at most [`OBJECTS_MAX`].
    fn default() -> Self {
        Self { hidden: false, markers: false, objects_max: OBJECTS_MAX }
    }
}

/// What lies directly in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// The files, by name.
    pub objects: Vec<Object>,
    /// The sub-folders, by name; each its whole path.
    pub folders: Vec<Path>,
}

/// Lists all objects below the folder `prefix`, however deep, sorted by path.
///
/// A folder that does not exist is an empty one, as object stores know no folders.
/// `prefix` itself is no part of the answer, even where it is an object.
///
/// # Errors
///
/// [`Error::TooManyObjects`] beyond `options.objects_max`, and what the store fails with.
pub async fn list(objects: &dyn ObjectStore, prefix: &Path, options: ListOptions) -> Result<Vec<Object>> {
    let mut found = Found::new(objects, prefix, options);
    let mut has_folders = false;
    let mut seen_count = 0;
    let mut entries = objects.list(Some(prefix));
    while let Some(meta) = entries.try_next().await.map_err(|error| failure(objects, prefix, &error))? {
        has_folders |= meta.location.prefix_match(prefix).is_some_and(|parts| parts.count() > 1);
        found.add(meta)?;
        seen_count += 1;
        if seen_count >= SERIAL_MAX && has_folders {
            drop(entries);
            return list_by_folders(objects, prefix, options).await;
        }
    }
    Ok(found.sorted())
}

/// Lists what lies directly in the folder `prefix`.
///
/// # Errors
///
/// As [`list`].
pub async fn list_folder(objects: &dyn ObjectStore, prefix: &Path, options: ListOptions) -> Result<Folder> {
    let answer =
        objects.list_with_delimiter(Some(prefix)).await.map_err(|error| failure(objects, prefix, &error))?;
    let mut found = Found::new(objects, prefix, options);
    found.folders.extend(answer.common_prefixes.iter().cloned());
    for meta in answer.objects {
        found.add(meta)?;
    }
    let mut folders = answer.common_prefixes;
    folders.retain(|folder| options.hidden || !is_hidden(folder, prefix));
    folders.sort_unstable();
    folders.dedup();
    Ok(Folder { objects: found.sorted(), folders })
}

/// The same as [`list`], each sub-folder on its own.
async fn list_by_folders(
    objects: &dyn ObjectStore,
    prefix: &Path,
    options: ListOptions,
) -> Result<Vec<Object>> {
    let top = list_folder(objects, prefix, options).await?;
    let mut found = Found::new(objects, prefix, options);
    found.folders.extend(top.folders.iter().cloned());
    found.objects = top.objects;
    let listings = top.folders.into_iter().map(|folder| {
        let entries = objects.list(Some(&folder));
        entries.map_err(move |error| failure(objects, &folder, &error))
    });
    // Not one buffer per folder: entries of all open listings come through here one by one.
    let mut entries = stream::iter(listings).flatten_unordered(FOLDERS_AT_ONCE);
    while let Some(meta) = entries.try_next().await? {
        found.add(meta)?;
    }
    Ok(found.sorted())
}

/// Gathers a listing and holds its bound.
struct Found<'a> {
    store: &'a dyn ObjectStore,
    prefix: &'a Path,
    options: ListOptions,
    objects: Vec<Object>,
    /// Folders that are known to hold something; only kept to tell their markers.
    folders: HashSet<Path>,
}

impl<'a> Found<'a> {
    fn new(store: &'a dyn ObjectStore, prefix: &'a Path, options: ListOptions) -> Self {
        Self { store, prefix, options, objects: Vec::new(), folders: HashSet::new() }
    }

    fn add(&mut self, meta: ObjectMeta) -> Result<()> {
        // A marker `sales/` reads as the object `sales`, which is the folder itself.
        let is_below =
            meta.location.prefix_match(self.prefix).is_some_and(|mut parts| parts.next().is_some());
        if !is_below || (!self.options.hidden && is_hidden(&meta.location, self.prefix)) {
            return Ok(());
        }
        if self.objects.len() >= self.options.objects_max {
            return Err(Error::TooManyObjects {
                store: self.store.to_string(),
                path: self.prefix.to_string(),
                objects_max: self.options.objects_max,
            });
        }
        self.objects.push(meta.into());
        Ok(())
    }

    fn sorted(mut self) -> Vec<Object> {
        self.objects.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        self.objects.dedup_by(|one, other| one.path == other.path);
        if !self.options.markers && self.objects.iter().any(|object| object.size == 0) {
            self.note_folders();
            let folders = self.folders;
            self.objects.retain(|object| object.size > 0 || !is_marker(&object.path, &folders));
        }
        self.objects
    }

    fn note_folders(&mut self) {
        for object in &self.objects {
            let mut folder = object.path.parent();
            while let Some(path) = folder {
                folder = path.parent();
                if !self.folders.insert(path) {
                    break;
                }
            }
        }
    }
}

/// Whether any name on the way from `prefix` to `path` begins with `_` or `.`, as Hadoop's tools hide them.
fn is_hidden(path: &Path, prefix: &Path) -> bool {
    path.prefix_match(prefix).is_some_and(|mut parts| {
        parts.any(|part| part.as_ref().starts_with('_') || part.as_ref().starts_with('.'))
    })
}

/// Whether a zero-byte object stands for a folder: something lies below it, its name has no
/// extension as no data file's has, or it is what EMR leaves behind.
fn is_marker(path: &Path, folders: &HashSet<Path>) -> bool {
    let name = path.filename().unwrap_or_default();
    folders.contains(path) || !name.contains('.') || name.ends_with("_$folder$")
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{ObjectStore, ObjectStoreExt as _};

    use super::{ListOptions, list, list_folder};
    use crate::Error;

    async fn store_of(files: &[(&str, usize)]) -> InMemory {
        let store = InMemory::new();
        for (path, size) in files {
            store.put(&Path::from(*path), vec![b'x'; *size].into()).await.unwrap();
        }
        store
    }

    async fn check(files: &[(&str, usize)], prefix: &str, options: ListOptions, expected: &[&str]) {
        let store = store_of(files).await;
        let found = list(&store, &Path::from(prefix), options).await.unwrap();
        let paths: Vec<&str> = found.iter().map(|object| object.path.as_ref()).collect();
        assert_eq!(paths, expected);
    }

    #[tokio::test]
    async fn hidden_names_below_the_folder_are_skipped_in_any_part() {
        let files = [
            ("_t/a.parquet", 1),
            ("_t/_SUCCESS", 1),
            ("_t/.a.crc", 1),
            ("_t/_delta_log/0.json", 1),
            ("_t/y=1/_tmp/b.parquet", 1),
            ("_t/y=1/c_.parquet", 1),
        ];
        check(&files, "_t", ListOptions::default(), &["_t/a.parquet", "_t/y=1/c_.parquet"]).await;
        let all = ListOptions { hidden: true, ..ListOptions::default() };
        assert_eq!(list(&store_of(&files).await, &Path::from("_t"), all).await.unwrap().len(), 6);
    }

    #[tokio::test]
    async fn zero_byte_markers_are_skipped_and_empty_files_are_not() {
        let files = [
            ("t", 0),
            ("t/y=1", 0),
            ("t/y=1/a.parquet", 1),
            ("t/empty", 0),
            ("t/z.d", 0),
            ("t/z.d/b.csv", 1),
            ("t/x_$folder$", 0),
            ("t/zero.parquet", 0),
        ];
        let expected = ["t/y=1/a.parquet", "t/z.d/b.csv", "t/zero.parquet"];
        check(&files, "t", ListOptions::default(), &expected).await;
        let folder =
            list_folder(&store_of(&files).await, &Path::from("t"), ListOptions::default()).await.unwrap();
        assert_eq!(folder.folders, [Path::from("t/y=1"), Path::from("t/z.d")]);
        assert_eq!(
            folder.objects.iter().map(|object| object.path.as_ref()).collect::<Vec<_>>(),
            ["t/zero.parquet"]
        );
    }

    #[tokio::test]
    async fn a_neighbour_with_the_same_beginning_is_not_listed() {
        check(&[("ab/x.csv", 1), ("abc/y.csv", 1)], "ab", ListOptions::default(), &["ab/x.csv"]).await;
        check(&[("ab/x.csv", 1)], "none", ListOptions::default(), &[]).await;
    }

    #[tokio::test]
    async fn a_large_folder_is_listed_by_its_sub_folders_with_the_same_answer() {
        let store = InMemory::new();
        for index in 0..6_000 {
            let path = Path::from(format!("t/p={}/q={}/{index}.parquet", index % 37, index % 3));
            store.put(&path, "x".into()).await.unwrap();
        }
        store.put(&Path::from("t/top.parquet"), "x".into()).await.unwrap();
        store.put(&Path::from("t/_log/0.json"), "x".into()).await.unwrap();
        let found = list(&store, &Path::from("t"), ListOptions::default()).await.unwrap();
        assert_eq!(found.len(), 6_001);
        assert!(found.is_sorted_by(|one, other| one.path < other.path));
    }

    #[tokio::test]
    async fn more_objects_than_allowed_is_an_error_that_names_the_folder() {
        let options = ListOptions { objects_max: 2, ..ListOptions::default() };
        let store = store_of(&[("t/a", 1), ("t/b", 1), ("t/c", 1)]).await;
        let error = list(&store as &dyn ObjectStore, &Path::from("t"), options).await.unwrap_err();
        assert!(
            matches!(&error, Error::TooManyObjects { path, objects_max: 2, .. } if path == "t"),
            "{error}"
        );
        assert_eq!(error.sqlstate().code(), "54000");
    }
}
