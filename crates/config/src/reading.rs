//! One reading of one config file: its text, where its paths begin, and the faults found so far.
//!
//! The parts of the file are read one after the other and each says here what is wrong with it, so
//! that a person sees every fault at once. Whatever file is read on the way is also watched.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use lakeport_base::{Fault, Faults};

use crate::files;
use crate::watch::Watch;

/// Where values of environment variables come from; a test brings its own.
pub(crate) type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// One reading of one file.
pub(crate) struct Reading<'a> {
    file: &'a Path,
    text: &'a str,
    folder: PathBuf,
    environment: &'a Environment<'a>,
    faults: RefCell<Vec<Fault>>,
    watch: RefCell<Watch>,
}

impl<'a> Reading<'a> {
    /// Begins to read `text`, which is what `file` holds. `watch` already watches that file.
    pub(crate) fn new(file: &'a Path, text: &'a str, environment: &'a Environment<'a>, watch: Watch) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        // `absolute` asks the system for nothing but the current folder, and fails only without one.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| match std::env::current_dir() {
            Ok(current) => current.join(folder),
            Err(_) => folder.to_owned(),
        });
        Self { file, text, folder, environment, faults: RefCell::default(), watch: RefCell::new(watch) }
    }

    /// Notes a fault at this byte of the file.
    pub(crate) fn fault(&self, at: usize, message: impl Into<String>) {
        let fault = Fault::new(message).in_file(self.file).on_line(self.line(at));
        self.faults.borrow_mut().push(fault);
    }

    /// The line, from 1, that this byte of the file is on.
    pub(crate) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// A path as the file means it: relative ones begin at the file's folder.
    pub(crate) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    /// Reads another file that this one names, and watches it.
    ///
    /// # Errors
    ///
    /// A reason that fits behind "cannot be read:". Never says any of the content.
    pub(crate) fn read(&self, path: &Path, size_max: usize) -> Result<Vec<u8>, String> {
        self.watch.borrow_mut().file(path);
        files::read(path, size_max).map_err(|error| files::reason(&error))
    }

    /// Watches the folder of views too.
    pub(crate) fn watch_views(&self, folder: &Path) {
        self.watch.borrow_mut().views(folder);
    }

    /// The value of an environment variable.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// All faults, in the order of their lines, and what was watched.
    pub(crate) fn end(self) -> (Faults, Watch) {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults.dedup();
        (Faults(faults), self.watch.into_inner())
    }
}
