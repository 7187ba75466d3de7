//! A web server.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::http::HttpBuilder;

use super::{Reason, address, client_options, retries};

/// Opens the root at `url`; what lies below it can be read, and listed if the server speaks WebDAV.
pub(crate) fn open(url: &str) -> Result<Arc<dyn ObjectStore>, Reason> {
    let url = address(url)?;
    let builder =
        HttpBuilder::new().with_client_options(client_options(Some(url.as_str()))).with_retry(retries());
    Ok(Arc::new(builder.with_url(url).build()?))
}
