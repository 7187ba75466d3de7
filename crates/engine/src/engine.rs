//! The engine: all that sessions share.

use lakeport_access::Identity;
use lakeport_config::Settings;

use crate::{Result, Session};

/// An open lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {}

impl Engine {
    /// Opens every store of the settings, and starts the runtimes for storage and computing.
    ///
    /// # Errors
    ///
    /// Where the settings cannot be run at all. A store that does not answer and a view that
    /// cannot be planned are no errors here: each is one when it is used, and `check` finds them.
    pub fn open(_settings: Settings) -> Result<Engine> {
        todo!()
    }

    /// The settings that are in force now.
    pub fn settings(&self) -> std::sync::Arc<Settings> {
        todo!()
    }

    /// Starts a session for someone whose login has been checked.
    ///
    /// # Errors
    ///
    /// 3D000 where the config names the database, and it is another.
    pub fn session(&self, _identity: Identity, _database: &str) -> Result<Session> {
        todo!()
    }

    /// Cancels what the session with this id runs, if it runs anything.
    pub fn cancel(&self, _session: i32) {
        todo!()
    }
}
