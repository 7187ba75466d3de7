//! `[stores.NAME.s3]`: Amazon S3, and what speaks like it.

use super::address;
use super::credential::{Choice, choose};
use crate::secret::{self, Shape, secret};
use crate::section::Section;
use crate::settings::{S3Credential, Store, StoreKind};

const EXAMPLE: &str = "s3://BUCKET/FOLDER";

/// What servers other than Amazon's call their only region.
const REGION_ELSEWHERE: &str = "us-east-1";

const CREDENTIALS: [Choice; 3] = [
    Choice { name: "access-key", needs: &["access_key_id", "secret_access_key"], may: &["session_token"] },
    Choice { name: "instance", needs: &[], may: &[] },
    Choice { name: "anonymous", needs: &[], may: &[] },
];

pub(super) fn read(section: &Section<'_>) -> Option<Store> {
    let written = address::url(section, EXAMPLE);
    let endpoint = address::endpoint(section, "https://minio.example.org:9000");
    let region = region(section);
    let credential = credential(section);
    let (url, address) = written?;
    if address.scheme != "s3" || !address.user.is_empty() || !is_bucket(&address.host) {
        section.fault("url", format_args!("must be s3:// and a bucket; write it like \"{EXAMPLE}\""));
        return None;
    }
    let kind = StoreKind::S3 {
        bucket: address.host,
        prefix: address.path,
        region: region?,
        endpoint,
        credential: credential?,
    };
    Some(Store { url, kind })
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>; capitals and `_` are
/// in buckets from before those rules.
pub(super) fn is_bucket(name: &str) -> bool {
    (3..=222).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

fn region(section: &Section<'_>) -> Option<String> {
    let Some(written) = section.text("region") else {
        if section.place("endpoint").is_none() {
            section.fault("region", "is missing: say where the bucket is, such as \"eu-central-1\"");
            return None;
        }
        return Some(REGION_ELSEWHERE.to_owned());
    };
    // It becomes part of the host that is asked.
    if written.value.is_empty()
        || !written.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        section.fault("region", "must be the name of a region, such as \"eu-central-1\"");
        return None;
    }
    Some(written.value)
}

fn credential(section: &Section<'_>) -> Option<S3Credential> {
    match choose(section, &CREDENTIALS)? {
        "access-key" => {
            let id = secret::text(section, "access_key_id", None);
            let secret_key = secret(section, "secret_access_key", Shape::Line);
            let token = section.place("session_token").map(|_| secret(section, "session_token", Shape::Line));
            let token = match token {
                None => None,
                Some(token) => Some(token?),
            };
            Some(S3Credential::AccessKey { id: id?, secret: secret_key?, token })
        }
        "instance" => Some(S3Credential::Instance),
        _ => Some(S3Credential::Anonymous),
    }
}
