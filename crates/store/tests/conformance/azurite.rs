//! Azure's own emulator, by each credential it knows, and with what people get wrong.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use lakeport_base::Redacted;
use lakeport_config::{AzureCredential, Store as Settings, StoreKind};
use lakeport_store::object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};
use lakeport_store::object_store::path::Path;
use lakeport_store::object_store::prefix::PrefixStore;
use lakeport_store::{Error, ListOptions, Store, list, look_up};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use crate::suite;

const ACCOUNT: &str = "devstoreaccount1";

/// The key that every emulator has, as Microsoft documents it.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Where the emulator listens.
fn emulator() -> String {
    std::env::var("LAKEPORT_TEST_AZURITE").expect("./test starts Azurite and sets LAKEPORT_TEST_AZURITE")
}

/// A shared access signature of the account, good until `expiry`.
///
/// Source: <https://learn.microsoft.com/en-us/rest/api/storageservices/create-account-sas>
fn sas(expiry: &str) -> String {
    let (version, permissions) = ("2018-11-09", "rwdlac");
    let text = format!("{ACCOUNT}\n{permissions}\nb\nsco\n\n{expiry}\n\n\n{version}\n");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&BASE64_STANDARD.decode(KEY).unwrap()).unwrap();
    mac.update(text.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("sv={version}&ss=b&srt=sco&sp={permissions}&se={}&sig={signature}", expiry.replace(':', "%3A"))
}

async fn create_container(address: &str, container: &str, header: &str) {
    let host = address.trim_start_matches("http://");
    let mut connection = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "PUT /{ACCOUNT}/{container}?restype=container&{} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\
         x-ms-version: 2021-08-06\r\nConnection: close\r\n{header}\r\n",
        sas("2099-01-01T00:00:00Z")
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201") || answer.starts_with("HTTP/1.1 409"), "{answer}");
}

fn raw(address: &str, container: &str) -> MicrosoftAzure {
    MicrosoftAzureBuilder::new()
        .with_account(ACCOUNT)
        .with_access_key(KEY)
        .with_container_name(container)
        .with_endpoint(format!("{address}/{ACCOUNT}"))
        .with_allow_http(true)
        .build()
        .unwrap()
}

fn open(endpoint: &str, container: &str, prefix: &str, credential: AzureCredential) -> Store {
    let kind = StoreKind::Azure {
        account: ACCOUNT.into(),
        container: container.into(),
        prefix: prefix.into(),
        endpoint: Some(endpoint.into()),
        credential,
    };
    Store::open("archive", &Settings { url: String::new(), kind }, &Handle::current()).unwrap()
}

fn account_key(key: &str) -> AzureCredential {
    AzureCredential::AccountKey(Redacted::new(key.into()))
}

/// What `check` and a first use would say, which is the same.
async fn first_use(store: &Store) -> Error {
    let error = store.probe().await.unwrap_err();
    let listed = list(&*store.objects(), &Path::from("t"), ListOptions::default()).await.unwrap_err();
    assert_eq!(listed.sqlstate(), error.sqlstate(), "{listed}");
    let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(!text.contains("CANARY"), "{text}");
    suite::check(&error, error.sqlstate().code(), store);
    error
}

#[tokio::test]
async fn a_container_conforms_by_account_key_and_by_sas_and_below_a_folder() {
    let address = emulator();
    create_container(&address, "entire", "").await;
    suite::run(&open(&address, "entire", "", account_key(KEY)), &raw(&address, "entire")).await;
    let by_sas = AzureCredential::Sas(Redacted::new(format!("?{}", sas("2099-01-01T00:00:00Z"))));
    suite::run(&open(&format!("{address}/{ACCOUNT}"), "entire", "", by_sas), &raw(&address, "entire")).await;
    create_container(&address, "below", "").await;
    let below: PrefixStore<MicrosoftAzure> = PrefixStore::new(raw(&address, "below"), "a/b c");
    suite::run(&open(&address, "below", "a/b c/", account_key(KEY)), &below).await;
}

#[tokio::test]
async fn a_public_container_is_read_by_anyone_and_a_private_one_is_not() {
    let address = emulator();
    create_container(&address, "public", "x-ms-blob-public-access: container\r\n").await;
    create_container(&address, "private", "").await;
    suite::run(&open(&address, "public", "", AzureCredential::Anonymous), &raw(&address, "public")).await;
    let error = first_use(&open(&address, "private", "", AzureCredential::Anonymous)).await;
    assert!(matches!(error.sqlstate().code(), "58030" | "42501" | "58P01"), "{error}");
    println!("{error}: {:?}", std::error::Error::source(&error));
}

#[tokio::test]
async fn what_people_get_wrong_is_named_with_what_to_do() {
    let address = emulator();
    create_container(&address, "wrong", "").await;
    let wrong_key = open(&address, "wrong", "", account_key("Q0FOQVJZ"));
    check(
        &first_use(&wrong_key).await,
        "store archive refuses the credential: check the account key, SAS or identity",
    );

    let expired = AzureCredential::Sas(Redacted::new(sas("2020-01-01T00:00:00Z")));
    let advice =
        "store archive refuses the credential: the SAS has expired or is not valid yet, make a new one";
    check(&first_use(&open(&address, "wrong", "", expired)).await, advice);

    let forged = sas("2099-01-01T00:00:00Z").replace("sig=", "sig=CANARY");
    let forged = open(&address, "wrong", "", AzureCredential::Sas(Redacted::new(forged)));
    check(&first_use(&forged).await, "refuses the credential");

    let no_container = open(&address, "nowhere", "", account_key(KEY));
    check(&first_use(&no_container).await, "the container, bucket or folder of store archive does not exist");
    let missing = look_up(&*no_container.objects(), &Path::from("x")).await.unwrap_err();
    suite::check(&missing, "58P01", &no_container);
}

#[tokio::test]
async fn an_account_that_does_not_resolve_and_a_closed_port_are_known_within_seconds() {
    let began = Instant::now();
    let unresolved = open("https://canary.blob.invalid", "c", "", account_key(KEY));
    check(&first_use(&unresolved).await, "the host of store archive does not resolve");
    let closed = open("http://127.0.0.1:9", "c", "", account_key(KEY));
    check(
        &first_use(&closed).await,
        "store archive cannot be reached: the connection is refused, check host and port",
    );
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[track_caller]
fn check(error: &Error, words: &str) {
    assert!(error.to_string().contains(words), "{error}: {:?}", std::error::Error::source(error));
    assert_eq!(error.sqlstate().code(), "58030");
}
