//! Noticing that the config, a secret's file or a view changed.
//!
//! Asked every few seconds: looks at time and size of each file, and reads one only if these moved, so
//! that a file that was merely touched is no change. Environment variables do not change in a running
//! program and are not watched.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::files;
use crate::views::{COUNT_MAX, SIZE_MAX as VIEW_SIZE_MAX, files_of};

/// The longest file whose content is looked at, in bytes: more than anything that settings are read from.
const SIZE_MAX: usize = 8 << 20;

/// How old a file must be for its time to be trusted: within the steps of a file system's clock it can be
/// written twice with one time. Two seconds are the coarsest such step, FAT's.
const SETTLED: Duration = Duration::from_secs(2);

/// The files that settings came from, as they were then.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    files: BTreeMap<PathBuf, Stamp>,
    views: Option<(PathBuf, BTreeMap<PathBuf, Stamp>)>,
}

/// What a file was like.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    /// None where the file was not there or could not be looked at.
    seen: Option<Seen>,
    /// Of the content; of nothing where it could not be read.
    hash: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    modified: Option<SystemTime>,
    size: u64,
    settled: bool,
}

impl Watch {
    /// Whether anything that was read has changed since.
    ///
    /// True stays true: load again then, and go on with the watch that gives.
    pub fn changed(&mut self) -> bool {
        if self.files.iter_mut().any(|(path, stamp)| stamp.moved(path, SIZE_MAX)) {
            return true;
        }
        let Some((folder, views)) = &mut self.views else { return false };
        let now = files_of(folder, COUNT_MAX);
        now.len() != views.len()
            || now.iter().any(|path| views.get_mut(path).is_none_or(|stamp| stamp.moved(path, VIEW_SIZE_MAX)))
    }

    /// Watches a file, as it is now. Called before it is read, so that no change falls in between.
    pub(crate) fn file(&mut self, path: &Path) {
        self.files.entry(path.to_owned()).or_insert_with(|| Stamp::of(path, SIZE_MAX));
    }

    /// Watches the views in a folder, as they are now.
    pub(crate) fn views(&mut self, folder: &Path) {
        let stamps = files_of(folder, COUNT_MAX)
            .into_iter()
            .map(|path| {
                let stamp = Stamp::of(&path, VIEW_SIZE_MAX);
                (path, stamp)
            })
            .collect();
        self.views = Some((folder.to_owned(), stamps));
    }
}

impl Stamp {
    fn of(path: &Path, size_max: usize) -> Self {
        // The time first: a change after it then shows as one.
        let seen = Seen::of(path);
        Self { seen, hash: hash(path, size_max) }
    }

    /// Whether the content is another one now. Remembers a new time of the same content.
    fn moved(&mut self, path: &Path, size_max: usize) -> bool {
        let now = Seen::of(path);
        match (self.seen, now) {
            (None, None) => return false,
            (Some(before), Some(now))
                if before.settled && before.modified == now.modified && before.size == now.size =>
            {
                return false;
            }
            _ => {}
        }
        let moved = self.seen.is_some() != now.is_some() || self.hash != hash(path, size_max);
        if !moved {
            self.seen = now;
        }
        moved
    }
}

impl Seen {
    fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok();
        let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        Some(Self { modified, size: metadata.len(), settled: age.is_some_and(|age| age > SETTLED) })
    }
}

fn hash(path: &Path, size_max: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Ok(bytes) = files::read(path, size_max) {
        hasher.write(&bytes);
        hasher.write_u8(1);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes, write};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::Watch;

    fn set_time(path: &Path, seconds_ago: u64) {
        let time = SystemTime::now() - Duration::from_secs(seconds_ago);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_times(FileTimes::new().set_modified(time))
            .unwrap();
    }

    #[test]
    fn a_file_has_changed_when_its_content_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, "one").unwrap();
        let mut watch = Watch::default();
        watch.file(&path);
        assert!(!watch.changed());
        set_time(&path, 100);
        assert!(!watch.changed(), "touched only");
        assert!(!watch.changed(), "looked at by its time");
        write(&path, "two").unwrap();
        assert!(watch.changed());
    }

    #[test]
    fn a_change_within_one_step_of_the_clock_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, "one").unwrap();
        let time = std::fs::metadata(&path).unwrap().modified().unwrap();
        let mut watch = Watch::default();
        watch.file(&path);
        write(&path, "two").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
        assert!(watch.changed());
    }

    #[test]
    fn a_file_that_comes_or_goes_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut watch = Watch::default();
        watch.file(&path);
        assert!(!watch.changed());
        write(&path, "").unwrap();
        assert!(watch.changed());
        let mut watch = Watch::default();
        watch.file(&path);
        std::fs::remove_file(&path).unwrap();
        assert!(watch.changed());
    }

    #[test]
    fn views_that_come_go_or_change_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bi")).unwrap();
        let (one, two) = (folder.path().join("bi/one.sql"), folder.path().join("bi/two.sql"));
        write(&one, "SELECT 1").unwrap();
        let watching = || {
            let mut watch = Watch::default();
            watch.views(folder.path());
            watch
        };
        let mut watch = watching();
        write(folder.path().join("bi/.two.tmp"), "SELECT").unwrap();
        assert!(!watch.changed(), "no view");
        write(&two, "SELECT 2").unwrap();
        assert!(watch.changed(), "new");
        let mut watch = watching();
        write(&two, "SELECT 3").unwrap();
        assert!(watch.changed(), "other text");
        let mut watch = watching();
        std::fs::remove_file(&two).unwrap();
        assert!(watch.changed(), "gone");
        let mut watch = watching();
        std::fs::rename(&one, &two).unwrap();
        assert!(watch.changed(), "renamed");
    }
}
