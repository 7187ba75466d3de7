//! Azure Blob Storage and ADLS Gen2, both over the Blob endpoint.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use lakeport_config::AzureCredential;
use object_store::azure::{AzureCredential as Raw, MicrosoftAzureBuilder};
use object_store::path::Path as ObjectPath;
use object_store::{CredentialProvider, ObjectStore};

use super::{Reason, address, client_options, filled, retries};
use crate::refused::Refused;

/// Where a container is.
#[derive(Debug)]
pub(crate) struct At<'a> {
    /// The storage account.
    pub(crate) account: &'a str,
    /// The container.
    pub(crate) container: &'a str,
    /// The service, if it is not at `https://ACCOUNT.blob.core.windows.net`.
    pub(crate) endpoint: Option<&'a str>,
}

/// Opens a container.
pub(crate) fn open(at: &At<'_>, credential: &AzureCredential) -> Result<impl ObjectStore + use<>, Reason> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(filled("account", at.account)?)
        .with_container_name(filled("container", at.container)?)
        .with_client_options(client_options(at.endpoint))
        .with_retry(retries());
    if let Some(endpoint) = at.endpoint {
        builder = builder.with_endpoint(endpoint_of(endpoint, at.account)?);
    }
    Ok(with_credential(builder, credential)?.build()?)
}

/// The address that containers lie below.
///
/// An emulator is reached by an IP address or as `localhost` and has the account as the first part of its
/// paths, where real services have it in their host's name; it may be left out of the endpoint.
fn endpoint_of(endpoint: &str, account: &str) -> Result<String, Reason> {
    let mut url = address(endpoint)?;
    let is_emulator = matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)))
        || url.host_str().is_some_and(|host| host == "localhost");
    if is_emulator && url.path() == "/" {
        url.set_path(account);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn with_credential(
    builder: MicrosoftAzureBuilder,
    credential: &AzureCredential,
) -> Result<MicrosoftAzureBuilder, Reason> {
    Ok(match credential {
        AzureCredential::AccountKey(key) => {
            let key = filled("account key", key.reveal())?;
            object_store::azure::AzureAccessKey::try_new(key)
                .map_err(|_| Reason::new("its account key is not base64, copy it again from the portal"))?;
            builder.with_access_key(key)
        }
        AzureCredential::Sas(sas) => {
            let sas = filled("SAS", sas.reveal())?.trim_start_matches('?');
            if !sas.split('&').any(|pair| pair.trim().starts_with("sig=")) {
                return Err(Reason::new(
                    "its SAS has no part \"sig=\", copy the whole token that begins with \"sv=\"",
                ));
            }
            builder.with_credentials(Arc::new(Sas::new(sas)))
        }
        AzureCredential::Anonymous => builder.with_skip_signature(true),
        AzureCredential::ClientSecret { tenant, client, secret } => builder.with_client_secret_authorization(
            filled("client", client)?,
            filled("client secret", secret.reveal())?,
            filled("tenant", tenant)?,
        ),
        AzureCredential::WorkloadIdentity { tenant, client, token_file } => {
            check_readable(token_file)?;
            builder
                .with_tenant_id(filled("tenant", tenant)?)
                .with_client_id(filled("client", client)?)
                .with_federated_token_file(token_file.to_string_lossy())
        }
        AzureCredential::ManagedIdentity { client: Some(client) } => {
            builder.with_client_id(filled("client", client)?)
        }
        // The builder's last resort, and here what was asked for.
        AzureCredential::ManagedIdentity { client: None } => builder,
        AzureCredential::AzureCli => {
            check_on_path("az")?;
            builder.with_use_azure_cli(true)
        }
    })
}

/// How far this machine's clock may be ahead of the service's before we take a signature for expired ourselves.
const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(15);

/// A shared access signature. Not every service says that one has expired; its own text does.
struct Sas {
    credential: Arc<Raw>,
    expires: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for Sas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sas").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Sas {
    fn new(sas: &str) -> Self {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(sas.replace('+', "%2B").as_bytes())
            .into_owned()
            .filter(|(name, _)| !name.trim().is_empty())
            .collect();
        let expires = pairs.iter().find(|(name, _)| name == "se").map(|(_, time)| time.as_str());
        // A time written in another way is left to the service.
        let expires =
            expires.and_then(|time| DateTime::parse_from_rfc3339(time).ok()).map(|time| time.to_utc());
        Self { credential: Arc::new(Raw::SASToken(pairs)), expires }
    }
}

#[async_trait]
impl CredentialProvider for Sas {
    type Credential = Raw;

    async fn get_credential(&self) -> object_store::Result<Arc<Raw>> {
        match self.expires {
            Some(expires) if expires + CLOCK_SLACK < Utc::now() => {
                Err(Refused::Expired.at(&ObjectPath::ROOT))
            }
            _ => Ok(Arc::clone(&self.credential)),
        }
    }
}

/// The token is read again for each login; that it can be read at all is known now.
fn check_readable(file: &Path) -> Result<(), Reason> {
    let failed = |error: std::io::Error| {
        Reason::new(format!("its token file {} cannot be read: {error}", file.display()))
    };
    let metadata = File::open(file).and_then(|file| file.metadata()).map_err(failed)?;
    if metadata.is_file() && metadata.len() > 0 {
        return Ok(());
    }
    Err(Reason::new(format!("its token file {} is empty or no file", file.display())))
}

/// That a program is there to be started, which object_store will do under just this name.
fn check_on_path(program: &str) -> Result<(), Reason> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&folders).any(|folder| {
        let file = folder.join(program);
        file.is_file() || (cfg!(windows) && file.with_extension("cmd").is_file())
    });
    if is_there {
        return Ok(());
    }
    Err(Reason::new(format!("the Azure CLI (\"{program}\") is not on the PATH of this program")))
}

#[cfg(test)]
mod tests {
    use super::endpoint_of;

    #[test]
    fn an_emulators_endpoint_ends_in_the_account_and_a_services_stays() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:10000", "http://127.0.0.1:10000/acct"),
            ("http://127.0.0.1:10000/", "http://127.0.0.1:10000/acct"),
            ("http://localhost:10000/acct", "http://localhost:10000/acct"),
            ("http://[::1]:10000", "http://[::1]:10000/acct"),
            ("https://acct.blob.core.chinacloudapi.cn/", "https://acct.blob.core.chinacloudapi.cn"),
            ("https://lake.example.com", "https://lake.example.com"),
        ] {
            assert_eq!(endpoint_of(endpoint, "acct").unwrap(), expected);
        }
    }
}
