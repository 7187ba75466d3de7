//! What is refused when a store is opened.

use std::path::PathBuf;

use lakeport_base::Redacted;
use lakeport_config::{AzureCredential, GcsCredential, S3Credential, Store, StoreKind};

use super::open;

fn secret(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

fn azure(credential: AzureCredential) -> StoreKind {
    StoreKind::Azure {
        account: "acct".into(),
        container: "c".into(),
        prefix: "a/b".into(),
        endpoint: None,
        credential,
    }
}

fn s3(credential: S3Credential) -> StoreKind {
    StoreKind::S3 {
        bucket: "b".into(),
        prefix: String::new(),
        region: "eu-west-1".into(),
        endpoint: None,
        credential,
    }
}

fn gcs(credential: GcsCredential) -> StoreKind {
    StoreKind::Gcs { bucket: "b".into(), prefix: String::new(), endpoint: None, credential }
}

#[track_caller]
fn opens(kind: StoreKind) {
    let opened = open(&Store { url: "https://example.com/lake".into(), kind: kind.clone() });
    assert!(opened.is_ok(), "{kind:?}: {:?}", opened.err());
}

#[track_caller]
fn refuses(kind: StoreKind, words: &str) {
    let reason = open(&Store { url: "https://u:CANARY@example.com/".into(), kind }).unwrap_err().to_string();
    assert!(reason.contains(words), "{reason}");
    assert!(!reason.contains("CANARY"), "{reason}");
}

#[test]
fn each_kind_opens_with_each_credential() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "token").unwrap();
    opens(StoreKind::Local { folder: folder.path().to_owned() });
    opens(StoreKind::Http);
    opens(azure(AzureCredential::AccountKey(secret("a2V5"))));
    opens(azure(AzureCredential::Sas(secret("?sv=1&sig=abc%3D"))));
    opens(azure(AzureCredential::Anonymous));
    let (tenant, client) = (|| "t".to_owned(), || "c".to_owned());
    opens(azure(AzureCredential::ClientSecret { tenant: tenant(), client: client(), secret: secret("s") }));
    opens(azure(AzureCredential::WorkloadIdentity { tenant: tenant(), client: client(), token_file }));
    opens(azure(AzureCredential::ManagedIdentity { client: Some(client()) }));
    opens(azure(AzureCredential::ManagedIdentity { client: None }));
    let token = Some(secret("t"));
    opens(s3(S3Credential::AccessKey { id: "AKIA".into(), secret: secret("s"), token }));
    opens(s3(S3Credential::Instance));
    opens(s3(S3Credential::Anonymous));
    opens(gcs(GcsCredential::Anonymous));
}

#[test]
fn a_credential_that_is_incomplete_is_refused_without_showing_it() {
    let client = || "c".to_owned();
    refuses(azure(AzureCredential::AccountKey(secret("CANARY!"))), "account key is not base64");
    refuses(azure(AzureCredential::AccountKey(secret(" "))), "account key is empty");
    refuses(azure(AzureCredential::Sas(secret("sv=CANARY"))), "no part \"sig=\"");
    let no_secret =
        AzureCredential::ClientSecret { tenant: "t".into(), client: client(), secret: secret("") };
    refuses(azure(no_secret), "client secret is empty");
    let token_file = PathBuf::from("/nowhere/token");
    let no_file = AzureCredential::WorkloadIdentity { tenant: "t".into(), client: client(), token_file };
    refuses(azure(no_file), "token file /nowhere/token cannot be read");
    let no_id = S3Credential::AccessKey { id: String::new(), secret: secret("CANARY"), token: None };
    refuses(s3(no_id), "access key's id is empty");
    refuses(
        gcs(GcsCredential::ServiceAccount(secret("{\"private_key\":\"CANARY\"}"))),
        "JSON that Google gives out",
    );
}

#[test]
fn a_folder_or_address_that_cannot_be_is_refused() {
    refuses(StoreKind::Local { folder: "/nowhere/at/all".into() }, "cannot be read");
    refuses(StoreKind::Http, "user or password");
    let kind = |prefix: &str, endpoint: &str| StoreKind::S3 {
        bucket: "b".into(),
        prefix: prefix.into(),
        region: "r".into(),
        endpoint: Some(endpoint.into()),
        credential: S3Credential::Anonymous,
    };
    refuses(kind("a/../b", "https://e"), "\"..\"");
    refuses(kind("a", "ftp://e"), "must begin with https://");
    refuses(kind("a", "https://e/?sig=CANARY"), "ends in a query");
    refuses(kind("a", "https://u:CANARY@e/"), "user or password");
}
