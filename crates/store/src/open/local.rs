//! A folder of this machine.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;

use super::Reason;
use crate::jail::Jail;

/// Opens the folder, which must exist and be readable.
pub(crate) fn open(folder: &Path) -> Result<Arc<dyn ObjectStore>, Reason> {
    let jail = Jail::new(folder)
        .map_err(|error| Reason::new(format!("its folder {} cannot be read: {error}", folder.display())))?;
    Ok(Arc::new(jail))
}
