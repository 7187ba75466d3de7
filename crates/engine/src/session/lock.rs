//! LOCK TABLE … IN ACCESS SHARE MODE, which keeps nobody from reading: nobody here can take what it conflicts with.

use super::{Session, done};
use crate::{Answer, Result};

impl Session {
    pub(super) async fn lock(&mut self, names: &[Vec<String>]) -> Result<Answer> {
        self.require_block("LOCK TABLE")?;
        let planner = self.planner();
        for name in names {
            planner.must_find(name).await?;
        }
        Ok(done("LOCK TABLE"))
    }
}
