//! Where everything lies, and which program is measured.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folders of one run.
#[derive(Debug)]
pub struct Place {
    /// What later runs use again: tables, and PostgreSQL's cluster.
    pub cache: PathBuf,
    /// What this run alone needs.
    pub scratch: PathBuf,
    /// The numbers of the servers that run; the script reads them where this program is killed.
    pub notes: PathBuf,
    /// The program that is measured.
    pub lakeport: PathBuf,
}

impl Place {
    /// Makes the folders.
    ///
    /// # Errors
    ///
    /// Where they cannot be made.
    pub fn make(cache: PathBuf, lakeport: PathBuf) -> Result<Place> {
        let scratch = cache.join(format!("run-{}", std::process::id()));
        let notes = std::env::var_os("LAKEPORT_BENCH_NOTES").map_or_else(|| scratch.clone(), PathBuf::from);
        let place = Place { cache, scratch, notes, lakeport };
        for folder in [&place.cache, &place.scratch, &place.notes] {
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}
