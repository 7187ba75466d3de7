//! Amazon S3 and what speaks like it.

use lakeport_config::S3Credential;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;

use super::{Reason, address, client_options, filled, retries};

/// Where a bucket is.
#[derive(Debug)]
pub(crate) struct At<'a> {
    /// The bucket.
    pub(crate) bucket: &'a str,
    /// The region.
    pub(crate) region: &'a str,
    /// The service, if it is not Amazon's.
    pub(crate) endpoint: Option<&'a str>,
}

/// Opens a bucket. The bucket is the first part of paths, which Amazon and all others understand.
pub(crate) fn open(at: &At<'_>, credential: &S3Credential) -> Result<impl ObjectStore + use<>, Reason> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(filled("bucket", at.bucket)?)
        .with_region(filled("region", at.region)?)
        .with_client_options(client_options(at.endpoint))
        .with_retry(retries());
    if let Some(endpoint) = at.endpoint {
        builder = builder.with_endpoint(address(endpoint)?.as_str().trim_end_matches('/'));
    }
    builder = match credential {
        S3Credential::AccessKey { id, secret, token } => {
            let builder = builder
                .with_access_key_id(filled("access key's id", id)?)
                .with_secret_access_key(filled("access key's secret", secret.reveal())?);
            match token {
                Some(token) => builder.with_token(filled("session token", token.reveal())?),
                None => builder,
            }
        }
        // The builder's last resort, and here what was asked for.
        S3Credential::Instance => builder,
        S3Credential::Anonymous => builder.with_skip_signature(true),
    };
    Ok(builder.build()?)
}
