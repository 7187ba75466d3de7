//! `[stores.NAME.azure]`: Azure Blob Storage and ADLS Gen2.
//!
//! A url may name the container in any of the ways that Azure's tools write: `abfss://CONTAINER@HOST/PATH`,
//! `https://HOST/CONTAINER/PATH` with a blob or dfs host, or `az://CONTAINER/PATH` with the key `account`.

use lakeport_base::Redacted;

use super::address::{self, Address};
use super::credential::{Choice, choose};
use crate::secret::{self, Shape, secret};
use crate::section::Section;
use crate::settings::{AzureCredential, Store, StoreKind};

const EXAMPLE: &str = "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER";
const ENDPOINT_EXAMPLE: &str = "http://127.0.0.1:10000/devstoreaccount1";

/// Where the public cloud keeps its accounts.
const PUBLIC: [&str; 2] = ["blob.core.windows.net", "dfs.core.windows.net"];

const CREDENTIALS: [Choice; 7] = [
    Choice { name: "account-key", needs: &["account_key"], may: &[] },
    Choice { name: "sas", needs: &["sas"], may: &[] },
    Choice { name: "anonymous", needs: &[], may: &[] },
    Choice { name: "client-secret", needs: &["tenant", "client", "client_secret"], may: &[] },
    Choice { name: "workload-identity", needs: &[], may: &["tenant", "client", "token_file"] },
    Choice { name: "managed-identity", needs: &[], may: &["client"] },
    Choice { name: "azure-cli", needs: &[], may: &[] },
];

/// Where a url leads.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// None for `az://`, which does not say it.
    account: Option<String>,
    container: String,
    prefix: String,
    /// Of a cloud other than the public one.
    endpoint: Option<String>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Store> {
    let written = address::url(section, EXAMPLE);
    let account = section.text("account");
    let endpoint = address::endpoint(section, ENDPOINT_EXAMPLE);
    let credential = credential(section);
    let (url, address) = written?;
    let place = match place(&address) {
        Ok(place) => place,
        Err(problem) => {
            section.fault("url", format_args!("{problem}; write it like \"{EXAMPLE}\""));
            return None;
        }
    };
    let account = match (place.account, account) {
        (Some(_), Some(_)) => {
            section.fault("account", "has no use: the url names the account");
            return None;
        }
        (None, None) => {
            section.fault("account", "is missing: an az:// url does not name the account");
            return None;
        }
        (Some(account), None) => account,
        (None, Some(account)) => account.value,
    };
    if !is_account(&account) {
        section.fault("account", "must be 3 to 24 lower-case letters and digits");
        return None;
    }
    let kind = StoreKind::Azure {
        account,
        container: place.container,
        prefix: place.prefix,
        endpoint: endpoint.or(place.endpoint),
        credential: credential?,
    };
    Some(Store { url, kind })
}

fn place(address: &Address) -> Result<Place, &'static str> {
    let (container, prefix, host) = match &address.scheme[..] {
        "abfss" if address.user.is_empty() => return Err("must name the container before an @"),
        "abfss" => (address.user.clone(), address.path.clone(), Some(&address.host)),
        "https" if !address.user.is_empty() => return Err("must have no @"),
        "https" => {
            let (container, prefix) = address.path.split_once('/').unwrap_or((&address.path, ""));
            (container.to_owned(), prefix.to_owned(), Some(&address.host))
        }
        "az" if !address.user.is_empty() => return Err("must have no @"),
        "az" => (address.host.clone(), address.path.clone(), None),
        _ => return Err("must begin with abfss://, https:// or az://"),
    };
    if !is_container(&container) {
        return Err("must name a container of 3 to 63 lower-case letters, digits and -");
    }
    let (account, endpoint) = match host {
        None => (None, None),
        Some(host) => {
            let (account, endpoint) = account_of(host)?;
            (Some(account), endpoint)
        }
    };
    Ok(Place { account, container, prefix, endpoint })
}

/// The account that a host name begins with, and its blob endpoint if that is not in the public cloud.
fn account_of(host: &str) -> Result<(String, Option<String>), &'static str> {
    let (account, domain) = host.split_once('.').ok_or("has a host that names no account")?;
    if PUBLIC.contains(&domain) {
        return Ok((account.to_owned(), None));
    }
    // Sovereign clouds (`dfs.core.chinacloudapi.cn`) and DNS zones (`z7.blob.storage.azure.net`).
    let labels: Vec<&str> = domain.split('.').collect();
    let known = domain.ends_with(".chinacloudapi.cn")
        || domain.ends_with(".usgovcloudapi.net")
        || domain.ends_with(".storage.azure.net");
    match labels.iter().position(|label| matches!(*label, "blob" | "dfs")) {
        Some(index) if known && index <= 1 => {
            let mut labels = labels;
            labels[index] = "blob";
            Ok((account.to_owned(), Some(format!("https://{account}.{}", labels.join(".")))))
        }
        _ => Err(
            "has a host that is not one of Azure storage (for another, use az:// with account and endpoint)",
        ),
    }
}

fn credential(section: &Section<'_>) -> Option<AzureCredential> {
    match choose(section, &CREDENTIALS)? {
        "account-key" => account_key(section).map(AzureCredential::AccountKey),
        "sas" => sas(section).map(AzureCredential::Sas),
        "anonymous" => Some(AzureCredential::Anonymous),
        "client-secret" => {
            let (tenant, client) = (id(section, "tenant", None), id(section, "client", None));
            let secret = secret(section, "client_secret", Shape::Line);
            Some(AzureCredential::ClientSecret { tenant: tenant?, client: client?, secret: secret? })
        }
        "workload-identity" => {
            let tenant = id(section, "tenant", Some("AZURE_TENANT_ID"));
            let client = id(section, "client", Some("AZURE_CLIENT_ID"));
            let token_file = token_file(section);
            Some(AzureCredential::WorkloadIdentity {
                tenant: tenant?,
                client: client?,
                token_file: token_file?,
            })
        }
        "managed-identity" => match section.place("client") {
            None => Some(AzureCredential::ManagedIdentity { client: None }),
            Some(_) => id(section, "client", None)
                .map(|client| AzureCredential::ManagedIdentity { client: Some(client) }),
        },
        _ => Some(AzureCredential::AzureCli),
    }
}

fn account_key(section: &Section<'_>) -> Option<Redacted<String>> {
    let key = secret(section, "account_key", Shape::Line)?;
    let text = key.reveal();
    let body = text.trim_end_matches('=');
    let is_base64 = text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if !is_base64 {
        section.fault("account_key", "refers to something that is no account key, which is base64");
        return None;
    }
    Some(key)
}

fn sas(section: &Section<'_>) -> Option<Redacted<String>> {
    let signature = secret(section, "sas", Shape::Line)?;
    let text = signature.reveal().trim_start_matches('?');
    if !text.split('&').any(|pair| pair.starts_with("sig=")) || text.contains("://") {
        section.fault("sas", "refers to something that is no shared access signature, which has sig= in it");
        return None;
    }
    Some(signature)
}

/// A tenant or a client, which become part of an address.
fn id(section: &Section<'_>, key: &'static str, otherwise: Option<&str>) -> Option<String> {
    let id = secret::text(section, key, otherwise)?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        section.fault(key, "must be an id or a domain: letters, digits, - and .");
        return None;
    }
    Some(id)
}

/// The path of the token's file: this key is a path, which may be taken from the environment.
fn token_file(section: &Section<'_>) -> Option<std::path::PathBuf> {
    let path =
        section.reading.path(&secret::text(section, "token_file", Some("AZURE_FEDERATED_TOKEN_FILE"))?);
    if !path.is_file() {
        section.fault("token_file", format_args!("is {}, which is no file", path.display()));
        return None;
    }
    Some(path)
}

/// Source: <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name>
fn is_account(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Source: <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>
fn is_container(name: &str) -> bool {
    matches!(name, "$root" | "$web" | "$logs")
        || (3..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::place;
    use crate::stores::address::parse;

    #[test]
    fn every_way_to_write_a_place_means_the_same() {
        for (text, account, container, prefix, endpoint) in [
            ("abfss://raw@lake1.dfs.core.windows.net/", Some("lake1"), "raw", "", None),
            ("abfss://raw@lake1.dfs.core.windows.net/a/b%20c/", Some("lake1"), "raw", "a/b c", None),
            ("https://lake1.blob.core.windows.net/raw", Some("lake1"), "raw", "", None),
            ("https://lake1.dfs.core.windows.net/raw/a/b", Some("lake1"), "raw", "a/b", None),
            ("https://lake1.blob.core.windows.net/$web/a", Some("lake1"), "$web", "a", None),
            ("az://raw/a", None, "raw", "a", None),
            (
                "abfss://raw@lake1.dfs.core.chinacloudapi.cn/a",
                Some("lake1"),
                "raw",
                "a",
                Some("https://lake1.blob.core.chinacloudapi.cn"),
            ),
            (
                "https://lake1.z7.blob.storage.azure.net/raw",
                Some("lake1"),
                "raw",
                "",
                Some("https://lake1.z7.blob.storage.azure.net"),
            ),
        ] {
            let found = place(&parse(text).unwrap()).unwrap();
            assert_eq!(
                (
                    found.account.as_deref(),
                    &found.container[..],
                    &found.prefix[..],
                    found.endpoint.as_deref()
                ),
                (account, container, prefix, endpoint),
                "{text}"
            );
        }
    }

    #[test]
    fn a_place_that_is_not_in_azure_is_refused() {
        for (text, problem) in [
            ("abfss://lake1.dfs.core.windows.net/a", "must name the container before an @"),
            ("wasbs://raw@lake1.blob.core.windows.net/", "must begin with abfss://, https:// or az://"),
            ("http://lake1.blob.core.windows.net/raw", "must begin with abfss://, https:// or az://"),
            (
                "https://lake1.blob.core.windows.net/",
                "must name a container of 3 to 63 lower-case letters, digits and -",
            ),
            ("az://Raw/a", "must name a container of 3 to 63 lower-case letters, digits and -"),
            ("https://x@lake1.blob.core.windows.net/raw", "must have no @"),
            ("https://localhost/raw", "has a host that names no account"),
            (
                "https://lake1.blob.example.org/raw",
                "has a host that is not one of Azure storage (for another, use az:// with account and endpoint)",
            ),
        ] {
            assert_eq!(place(&parse(text).unwrap()), Err(problem), "{text}");
        }
    }
}
