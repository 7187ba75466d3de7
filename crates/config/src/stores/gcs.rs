//! `[stores.NAME.gcs]`: Google Cloud Storage.

use lakeport_base::Redacted;

use super::address;
use super::credential::{Choice, choose};
use super::s3::is_bucket;
use crate::secret::{Shape, secret};
use crate::section::Section;
use crate::settings::{GcsCredential, Store, StoreKind};

const EXAMPLE: &str = "gs://BUCKET/FOLDER";

const CREDENTIALS: [Choice; 3] = [
    Choice { name: "service-account", needs: &["service_account"], may: &[] },
    Choice { name: "instance", needs: &[], may: &[] },
    Choice { name: "anonymous", needs: &[], may: &[] },
];

pub(super) fn read(section: &Section<'_>) -> Option<Store> {
    let written = address::url(section, EXAMPLE);
    let endpoint = address::endpoint(section, "http://127.0.0.1:4443");
    let credential = match choose(section, &CREDENTIALS) {
        Some("service-account") => service_account(section).map(GcsCredential::ServiceAccount),
        Some("instance") => Some(GcsCredential::Instance),
        Some(_) => Some(GcsCredential::Anonymous),
        None => None,
    };
    let (url, address) = written?;
    if address.scheme != "gs" || !address.user.is_empty() || !is_bucket(&address.host) {
        section.fault("url", format_args!("must be gs:// and a bucket; write it like \"{EXAMPLE}\""));
        return None;
    }
    let kind =
        StoreKind::Gcs { bucket: address.host, prefix: address.path, endpoint, credential: credential? };
    Some(Store { url, kind })
}

/// The key's JSON. Whether it is complete is for the store to find out.
fn service_account(section: &Section<'_>) -> Option<Redacted<String>> {
    let key = secret(section, "service_account", Shape::Text)?;
    let text = key.reveal().trim();
    if !(text.starts_with('{') && text.ends_with('}')) {
        section
            .fault("service_account", "refers to something that is no service account's key, which is JSON");
        return None;
    }
    Some(key)
}
