//! A new configuration in place of the running one, without dropping a connection.

use std::sync::Arc;

use lakeport_base::Faults;
use lakeport_config::Settings;

use crate::Engine;
use crate::open::Opened;

impl Engine {
    /// Puts new settings in force: statements that begin from now on use them, those that run
    /// finish on the old ones.
    ///
    /// Addresses, certificates and the sizes of `[limits]` that were set up at the start stay as
    /// they are until the next start.
    ///
    /// # Errors
    ///
    /// Where the settings cannot be run at all; the old ones then stay in force.
    pub async fn reload(&self, settings: Settings) -> Result<(), Faults> {
        let _change = self.shared.changes.lock().await;
        let footers = Arc::clone(&self.shared.footers);
        let opened = Opened::open(settings, &self.shared.secret, footers, self.shared.runtimes.storage())?;
        for fault in opened.faults() {
            tracing::warn!(%fault, "after the reload");
        }
        self.shared.opened.store(Arc::new(opened));
        // They would hold on to all that was opened before.
        self.shared.generic.forget();
        Ok(())
    }

    /// Reads the views' folder again.
    pub async fn reload_views(&self) {
        let _change = self.shared.changes.lock().await;
        let opened = self.shared.opened.load().with_views();
        for fault in &opened.view_faults.0 {
            tracing::warn!(%fault, "a view cannot be used");
        }
        self.shared.opened.store(Arc::new(opened));
    }
}
