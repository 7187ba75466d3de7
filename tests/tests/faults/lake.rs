//! A lake of a few files with a server over it, and a second client that must notice nothing.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lakeport_tests::{Server, Socket};
use tempfile::TempDir;

use crate::small;

/// Longest that another client may wait for an answer that takes no time. Far below what a hang would take, far above
/// what a busy machine adds.
const NOTICEABLE: Duration = Duration::from_secs(15);

/// A lake in a folder: the table `good` of 1,000 rows, and what a test adds.
pub(crate) struct Lake {
    pub(crate) folder: TempDir,
}

impl Lake {
    pub(crate) fn new() -> Lake {
        let lake = Lake { folder: tempfile::tempdir().expect("a folder") };
        small::write_version(&lake.path("good.parquet"), 1_000, "good");
        lake
    }

    /// A path below the store's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("lake").join(name)
    }

    /// A server of the folder with these lines in the section `[limits]`.
    pub(crate) fn serve(&self, limits: &str) -> Server {
        let config = self.folder.path().join("lakeport.toml");
        let text = format!(
            "[stores.lake.local]\nfolder = \"lake\"\n[schemas.public]\nfrom = \"lake/\"\n[limits]\n{limits}\n"
        );
        fs::write(&config, text).expect("a config");
        Server::config(&config)
    }
}

/// Does something to a server while another client asks it small things all the time, and gets its answers.
pub(crate) fn undisturbed<T>(server: &Server, work: impl FnOnce() -> T) -> T {
    /// Ends the other client also where the work panics.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let (mut socket, mut longest, mut answers) = (Socket::open(server), Duration::ZERO, 0);
            while answers == 0 || !done.load(Ordering::Relaxed) {
                let started = Instant::now();
                assert_eq!(socket.query("select count(*) from good where id < 500").cell(), "500");
                longest = longest.max(started.elapsed());
                answers += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            longest
        });
        let result = {
            let _done = Done(&done);
            work()
        };
        let longest = other.join().expect("the other client is served");
        assert!(longest < NOTICEABLE, "another client waited {longest:?}");
        result
    })
}
