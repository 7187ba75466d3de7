//! Google Cloud Storage.

use std::sync::Arc;

use lakeport_config::GcsCredential;
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder};
use object_store::{ObjectStore, StaticCredentialProvider};

use super::{Reason, address, client_options, filled, retries};

/// Opens a bucket.
pub(crate) fn open(
    bucket: &str,
    endpoint: Option<&str>,
    credential: &GcsCredential,
) -> Result<impl ObjectStore + use<>, Reason> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(filled("bucket", bucket)?)
        .with_client_options(client_options(endpoint))
        .with_retry(retries());
    if let Some(endpoint) = endpoint {
        builder = builder.with_base_url(address(endpoint)?.as_str().trim_end_matches('/'));
    }
    builder = match credential {
        GcsCredential::ServiceAccount(key) => {
            let key = filled("service account's key", key.reveal())?;
            // Without this the library's own words would quote the key.
            let built = builder.with_service_account_key(key).build();
            return built
                .map_err(|_| Reason::new("its service account's key is not the JSON that Google gives out"));
        }
        GcsCredential::Instance => {
            check_no_login()?;
            builder
        }
        GcsCredential::Anonymous => {
            // Without a credential the builder would look for one in the home folder.
            let nobody = GcpCredential { bearer: String::new() };
            builder
                .with_credentials(Arc::new(StaticCredentialProvider::new(nobody)))
                .with_skip_signature(true)
        }
    };
    Ok(builder.build()?)
}

/// Where `gcloud` keeps a login, below the home folder.
const LOGIN: &str = ".config/gcloud/application_default_credentials.json";

/// The builder takes a person's login before the machine's account, and cannot be told otherwise.
fn check_no_login() -> Result<(), Reason> {
    let login = std::env::home_dir().map(|home| home.join(LOGIN));
    if login.is_some_and(|login| login.exists()) {
        return Err(Reason::new(format!(
            "a gcloud login (~/{LOGIN}) would be used in place of the machine's account"
        )));
    }
    Ok(())
}
