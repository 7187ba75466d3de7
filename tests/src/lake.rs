//! The lake that tests read: the demo's own, made once by the program and only read.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::server::program;

/// The folder of the demo's lake, with `lakeport.toml`, `views/` and `lake/`. Made at the first call.
pub fn demo_lake() -> &'static Path {
    static LAKE: OnceLock<PathBuf> = OnceLock::new();
    LAKE.get_or_init(|| {
        // Below the target folder, so that the next run finds it.
        let folder = program().with_file_name("lakeport-test-lake");
        let status = Command::new(program())
            .args(["demo", "--make-only"])
            .arg(&folder)
            .status()
            .expect("the program can be started");
        assert!(status.success(), "the demo's lake could not be made");
        folder
    })
}
