//! A program that was started and is ended when it is dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Longest that a program may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program.
pub(super) struct Running {
    pub(super) child: Child,
    signal: &'static str,
    /// Holds its number, so that the script that started us can end it where we are ended ourselves.
    note: PathBuf,
}

impl Running {
    /// Starts the program, to be ended with this signal. `notes` is the folder in which it is noted while it runs.
    pub(super) fn start(command: &mut Command, signal: &'static str, notes: &Path) -> Result<Running> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        let note = notes.join(format!("{}.pid", child.id()));
        std::fs::write(&note, format!("{signal} {}\n", child.id()))
            .with_context(|| format!("{} cannot be written", note.display()))?;
        Ok(Running { child, signal, note })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ =
            Command::new("kill").args([format!("-{}", self.signal), self.child.id().to_string()]).status();
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.note);
    }
}
