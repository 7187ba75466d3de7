//! The lake that tests read: the demo's own, made once by the program and only read.

use std::fs;
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
        make_demo_lake(&folder);
        folder
    })
}

/// Makes the demo's lake in a folder, where it is not there yet as this program makes it.
pub fn make_demo_lake(folder: &Path) {
    let mark = || fs::read(folder.join("lake/_complete")).ok();
    let before = mark();
    make(folder);
    // What an older program left there would be read as well.
    if before.is_some() && before != mark() {
        fs::remove_dir_all(folder).expect("an old lake can be removed");
        make(folder);
    }
}

fn make(folder: &Path) {
    let made = Command::new(program()).args(["demo", "--make-only"]).arg(folder).status();
    assert!(made.expect("the program can be started").success(), "the demo's lake could not be made");
}
