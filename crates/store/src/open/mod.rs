//! Opens the objects of a store: one file per kind.
//!
//! Every credential is the one that the settings say. Nothing is taken from the environment, and no identity of
//! the machine is tried unless it was asked for.

use std::sync::Arc;
use std::time::Duration;

use lakeport_config::{Store, StoreKind};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use crate::error::Cause;

mod azure;
mod gcs;
mod http;
mod local;
mod s3;

/// What services are told of who asks.
const USER_AGENT: &str = concat!("lakeport/", env!("CARGO_PKG_VERSION"));

/// Longest that a connection may take to come about.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Longest that one GET may take with its body. A body that takes longer goes on with another GET.
const REQUEST_WAIT: Duration = Duration::from_secs(120);

/// Tries after the first: five in all.
const RETRIES_MAX: usize = 4;

/// Time after which a request is not tried again.
const RETRY_WAIT: Duration = Duration::from_secs(30);

/// Why a store cannot be opened, for the one who wrote the config; without a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Reason(String);

impl Reason {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<object_store::Error> for Reason {
    fn from(error: object_store::Error) -> Self {
        Self(Cause::of(&error).to_string())
    }
}

/// Opens the objects that `settings` speak of, seen from the folder that the store begins at.
pub(crate) fn open(settings: &Store) -> Result<Arc<dyn ObjectStore>, Reason> {
    match &settings.kind {
        StoreKind::Local { folder } => local::open(folder),
        StoreKind::Azure { account, container, prefix, endpoint, credential } => {
            let at = azure::At { account, container, endpoint: endpoint.as_deref() };
            below(prefix, azure::open(&at, credential)?)
        }
        StoreKind::S3 { bucket, prefix, region, endpoint, credential } => {
            let at = s3::At { bucket, region, endpoint: endpoint.as_deref() };
            below(prefix, s3::open(&at, credential)?)
        }
        StoreKind::Gcs { bucket, prefix, endpoint, credential } => {
            below(prefix, gcs::open(bucket, endpoint.as_deref(), credential)?)
        }
        StoreKind::Http => http::open(&settings.url),
    }
}

/// Where the objects of `settings` are, as a text that no other place has. Credentials are no part of it.
pub(crate) fn origin(settings: &Store) -> String {
    // Debug puts quotes around each part, so that no two places run together into one text.
    match &settings.kind {
        StoreKind::Local { folder } => {
            format!("local {:?}", folder.canonicalize().as_ref().unwrap_or(folder))
        }
        StoreKind::Azure { account, container, prefix, endpoint, .. } => {
            format!("azure {endpoint:?} {account:?} {container:?} {prefix:?}")
        }
        StoreKind::S3 { bucket, prefix, region, endpoint, .. } => {
            format!("s3 {endpoint:?} {region:?} {bucket:?} {prefix:?}")
        }
        StoreKind::Gcs { bucket, prefix, endpoint, .. } => {
            format!("gcs {endpoint:?} {bucket:?} {prefix:?}")
        }
        StoreKind::Http => format!("http {:?}", settings.url),
    }
}

/// The same objects, seen from the folder `prefix`. No path leads out of it: [`Path`] has no `..`.
fn below(prefix: &str, objects: impl ObjectStore) -> Result<Arc<dyn ObjectStore>, Reason> {
    let prefix = Path::parse(prefix)
        .map_err(|_| Reason::new("its folder has an empty part, or one of the parts \".\" and \"..\""))?;
    if prefix.is_root() { Ok(Arc::new(objects)) } else { Ok(Arc::new(PrefixStore::new(objects, prefix))) }
}

/// How services are spoken to. Plain HTTP only for an address that says so itself.
fn client_options(address: Option<&str>) -> ClientOptions {
    let is_plain =
        address.is_some_and(|address| address.trim_start().to_ascii_lowercase().starts_with("http://"));
    ClientOptions::new()
        .with_allow_http(is_plain)
        .with_connect_timeout(CONNECT_WAIT)
        .with_timeout(REQUEST_WAIT)
        .with_user_agent(object_store::HeaderValue::from_static(USER_AGENT))
}

/// How often is tried, and how long is waited in between: a host that does not resolve is known within seconds.
fn retries() -> RetryConfig {
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(4),
        base: 2.0,
    };
    RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: RETRY_WAIT }
}

/// An address of a service as the config has it.
fn address(text: &str) -> Result<url::Url, Reason> {
    let url =
        url::Url::parse(text).map_err(|error| Reason::new(format!("its address is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Reason::new("its address must begin with https:// or http:// and name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Reason::new(
            "its address holds a user or password, and no secret may stand in an address",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Reason::new("its address ends in a query, give a SAS as credential = \"sas\""));
    }
    Ok(url)
}

/// Refuses an empty part of a credential, which services would answer with a riddle.
fn filled<'a>(what: &str, text: &'a str) -> Result<&'a str, Reason> {
    match text.trim() {
        "" => Err(Reason::new(format!("its {what} is empty"))),
        trimmed => Ok(trimmed),
    }
}

#[cfg(test)]
mod tests;
