//! What lies in a folder of this machine, without leaving the store.
//!
//! object_store's own walk follows every symbolic link, out of the folder and round in circles, and one name
//! that is no UTF-8 ends it. This one passes over what a reader could not open.
//!
//! A link to a folder is followed, but not one that is met behind another: folders that link to each
//! other would have endless paths. The rule looks at one path alone, so that a folder has
//! the same files whether it is listed by itself or with the folder around it.

use std::fs;
use std::io;
use std::path::{self, PathBuf};
use std::time::UNIX_EPOCH;

use object_store::ObjectMeta;
use object_store::path::Path;

/// Deepest folder that is looked into, below the one that is listed.
const DEPTH_MAX: usize = 64;

/// Something in a folder.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A file that can be read.
    File(ObjectMeta),
    /// A folder that can be listed.
    Folder(Path),
}

/// Folders still to be listed.
#[derive(Debug)]
pub(crate) struct Folders {
    waiting: Vec<Path>,
    depth_max: usize,
}

impl Folders {
    /// Begins with `prefix`.
    pub(crate) fn new(prefix: Path) -> Self {
        Self { depth_max: prefix.parts_count() + DEPTH_MAX, waiting: vec![prefix] }
    }

    /// The next folder.
    pub(crate) fn next(&mut self) -> Option<Path> {
        self.waiting.pop()
    }

    /// Adds a folder, unless it is too deep.
    pub(crate) fn push(&mut self, folder: Path) {
        if folder.parts_count() <= self.depth_max {
            self.waiting.push(folder);
        } else {
            tracing::warn!(%folder, "a folder is nested too deep and is not listed");
        }
    }
}

/// Lists the folder `folder`, which is `prefix` in the store of folder `root`. None if it is not in the store.
pub(crate) fn entries(
    root: &path::Path,
    folder: &path::Path,
    prefix: &Path,
) -> io::Result<Option<Vec<Entry>>> {
    let real = match fs::canonicalize(folder) {
        Ok(real) if real.starts_with(root) => real,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(error),
    };
    if !real.is_dir() {
        return Ok(None);
    }
    let here = Here { root, is_behind_link: real != folder, real };
    let mut found = Vec::new();
    for entry in fs::read_dir(&here.real)? {
        let entry = entry?;
        let Some(location) = location_of(prefix, &entry) else { continue };
        if let Some(entry) = here.look_at(&entry.path(), location)? {
            found.push(entry);
        }
    }
    Ok(Some(found))
}

/// The path in the store; none for a name that no reader could ask for.
fn location_of(prefix: &Path, entry: &fs::DirEntry) -> Option<Path> {
    let name = entry.file_name();
    let name = name.to_str()?;
    // `name#1` is what object_store calls a file that it is still writing; it refuses to read one.
    let is_staged = name
        .split_once('#')
        .is_some_and(|(_, rest)| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    if is_staged {
        return None;
    }
    let path = if prefix.is_root() { name.to_owned() } else { format!("{prefix}/{name}") };
    Path::parse(path).ok()
}

/// The folder that is being listed.
struct Here<'a> {
    root: &'a path::Path,
    real: PathBuf,
    is_behind_link: bool,
}

impl Here<'_> {
    /// Looks at one entry, following its link if it is one and leads to somewhere in the store.
    fn look_at(&self, path: &path::Path, location: Path) -> io::Result<Option<Entry>> {
        let Some(mut metadata) = present(fs::symlink_metadata(path))? else { return Ok(None) };
        if metadata.is_symlink() {
            // A link that leads nowhere, or in a circle of links, is not there.
            let Ok(target) = fs::canonicalize(path) else { return Ok(None) };
            let Some(of_target) = present(fs::metadata(&target))? else { return Ok(None) };
            let goes_round = of_target.is_dir() && (self.is_behind_link || self.real.starts_with(&target));
            if goes_round || !target.starts_with(self.root) {
                return Ok(None);
            }
            metadata = of_target;
        }
        Ok(if metadata.is_dir() {
            Some(Entry::Folder(location))
        } else if metadata.is_file() {
            Some(Entry::File(meta_of(&metadata, location)?))
        } else {
            None
        })
    }
}

/// None for what went away since its name was read.
fn present(metadata: io::Result<fs::Metadata>) -> io::Result<Option<fs::Metadata>> {
    match metadata {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The same that `LocalFileSystem` says of a file: its etag must be the one that a later read is held to.
fn meta_of(metadata: &fs::Metadata, location: Path) -> io::Result<ObjectMeta> {
    let modified = metadata.modified()?;
    let micros = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let e_tag = Some(format!("{:x}-{micros:x}-{:x}", inode(metadata), metadata.len()));
    Ok(ObjectMeta { location, last_modified: modified.into(), size: metadata.len(), e_tag, version: None })
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
