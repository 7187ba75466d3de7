//! A local folder that nothing leads out of.
//!
//! Who guarantees what:
//! - [`Path`] has no `..`, no `.`, no empty part, no control character, and is never absolute. Nothing in it
//!   is decoded: `%2e%2e` is a file of just that name, and so is a backslash.
//! - [`LocalFileSystem`] turns it into a path below the folder, letter for letter.
//! - This wrapper follows the symbolic links on the way: where the real file does not lie in the real folder
//!   it is not opened, and not listed. It looks once more after opening, at the file that was opened, so that
//!   a link exchanged in between gains nothing. Links within the folder are followed. What is neither file
//!   nor folder (a pipe, a device) is not there.
//!
//! Hard links are files of the folder like any other. Writes are not passed on.

use std::fmt;
use std::fs;
use std::io;
use std::path::{self, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::sync::mpsc;

use crate::refused::Refused;
use crate::walk::{Entry, Folders, entries};

/// Entries of a listing that wait for a reader at most.
const ENTRIES_WAITING: usize = 256;

/// Reads of one folder of this machine.
#[derive(Debug, Clone)]
pub(crate) struct Jail {
    files: LocalFileSystem,
    /// The folder without a symbolic link in its path.
    root: Arc<path::Path>,
}

impl Jail {
    /// Locks readers into `folder`, which must exist.
    pub(crate) fn new(folder: &path::Path) -> io::Result<Self> {
        let root = fs::canonicalize(folder)?;
        fs::read_dir(&root)?;
        let files = LocalFileSystem::new_with_prefix(&root).map_err(io::Error::other)?;
        Ok(Self { files, root: root.into() })
    }

    /// Refuses what is no file in the folder, without opening it.
    fn check(&self, location: &Path) -> Result<()> {
        // A path that cannot be one of a file names none.
        let Ok(path) = self.files.path_to_filesystem(location) else { return Err(missing(location)) };
        let real = fs::canonicalize(&path).map_err(|source| failed(location, source))?;
        if !real.starts_with(&self.root) {
            return Err(Refused::Outside.at(location));
        }
        let is_file = fs::metadata(&real).map_err(|source| failed(location, source))?.is_file();
        if is_file { Ok(()) } else { Err(missing(location)) }
    }

    /// Refuses a file that was opened outside of the folder after all.
    fn check_opened(&self, location: &Path, file: &fs::File, path: &path::Path) -> Result<()> {
        let real = real_path(file, path).map_err(|source| failed(location, source))?;
        if real.starts_with(&self.root) { Ok(()) } else { Err(Refused::Outside.at(location)) }
    }

    fn entries_of(&self, prefix: &Path) -> Result<Option<Vec<Entry>>> {
        let folder = self.folder_of(prefix)?;
        entries(&self.root, &folder, prefix)
            .or_else(|source| if source.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(source) })
            .map_err(|source| failed(prefix, source))
    }

    /// The folder of this machine for `prefix`, of which it is not known whether it exists.
    fn folder_of(&self, prefix: &Path) -> Result<PathBuf> {
        // An empty listing would make all tables vanish where in truth a disk is not mounted.
        if !self.root.is_dir() {
            return Err(Refused::RootGone.at(prefix));
        }
        Ok(self.root.join(prefix.as_ref()))
    }
}

impl fmt::Display for Jail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jail")
    }
}

#[async_trait]
impl ObjectStore for Jail {
    async fn put_opts(&self, location: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(Refused::ReadOnly.at(location))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(Refused::ReadOnly.at(location))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (jail, asked) = (self.clone(), location.clone());
        tokio::task::spawn_blocking(move || jail.check(&asked)).await??;
        let answer = self.files.get_opts(location, options).await?;
        if let GetResultPayload::File(file, path) = &answer.payload {
            self.check_opened(location, file, path)?;
        }
        Ok(answer)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        locations.map(|location| Err(Refused::ReadOnly.at(&location?))).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (jail, prefix) = (self.clone(), prefix.cloned().unwrap_or_default());
        let (sender, receiver) = mpsc::channel(ENTRIES_WAITING);
        // A blocking task cannot be aborted; this one ends at the next entry after its reader is gone.
        tokio::task::spawn_blocking(move || {
            let mut folders = Folders::new(prefix);
            while let Some(prefix) = folders.next() {
                let found = match jail.entries_of(&prefix) {
                    Ok(found) => found.unwrap_or_default(),
                    Err(error) => return drop(sender.blocking_send(Err(error))),
                };
                for entry in found {
                    match entry {
                        Entry::Folder(folder) => folders.push(folder),
                        Entry::File(meta) => {
                            if sender.blocking_send(Ok(meta)).is_err() {
                                return;
                            }
                        }
                    }
                }
            }
        });
        stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|entry| (entry, receiver))
        })
        .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let (jail, prefix) = (self.clone(), prefix.cloned().unwrap_or_default());
        let found = tokio::task::spawn_blocking(move || jail.entries_of(&prefix)).await??;
        let mut answer = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
        for entry in found.unwrap_or_default() {
            match entry {
                Entry::Folder(folder) => answer.common_prefixes.push(folder),
                Entry::File(meta) => answer.objects.push(meta),
            }
        }
        Ok(answer)
    }

    async fn copy_opts(&self, _: &Path, to: &Path, _: CopyOptions) -> Result<()> {
        Err(Refused::ReadOnly.at(to))
    }
}

/// Where an open file really is.
#[cfg(target_os = "linux")]
fn real_path(file: &fs::File, _: &path::Path) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd as _;

    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Where an open file really is, as long as nobody exchanges links at this moment.
#[cfg(not(target_os = "linux"))]
fn real_path(_: &fs::File, path: &path::Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

fn missing(location: &Path) -> object_store::Error {
    failed(location, io::ErrorKind::NotFound.into())
}

fn failed(location: &Path, source: io::Error) -> object_store::Error {
    let (path, kind) = (location.to_string(), source.kind());
    let source = Box::new(source);
    match kind {
        // A file where a folder should be: nothing lies below it.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            object_store::Error::NotFound { path, source }
        }
        io::ErrorKind::PermissionDenied => object_store::Error::PermissionDenied { path, source },
        _ => object_store::Error::Generic { store: "local", source },
    }
}
