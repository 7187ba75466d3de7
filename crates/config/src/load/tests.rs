//! Whole files in, settings or faults out.

use std::collections::BTreeMap;
use std::fs::{create_dir_all, write};
use std::path::Path;
use std::time::Duration;

use lakeport_base::{ByteSize, TableName};

use super::{folder, load, load_from};
use crate::settings::{
    AzureCredential, Limits, Location, PartitionType, Postgres, Role, S3Credential, Settings, StoreKind,
};

const REFERENCE: &str = include_str!("../../../../config/lakeport.toml");
const KEY: &str = "bhtp95FIUo8gET5sUvGpMXF+KVA3eJBgEym501I3xsY=";
/// What no output may ever hold.
const CANARY: &str = "CANARYc1a7";

/// A folder with the files that the examples refer to.
fn folder_of_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in ["views", "spill", "lake", "secrets"] {
        create_dir_all(folder.path().join(path)).unwrap();
    }
    let pem = |label: &str| format!("-----BEGIN {label}-----\n{CANARY}\n-----END {label}-----\n");
    for (path, content) in [
        ("tls.crt", pem("CERTIFICATE")),
        ("secrets/tls.key", pem("PRIVATE KEY")),
        ("secrets/token", CANARY.to_owned()),
        ("secrets/account.key", format!("{CANARY}A=\n")),
        ("secrets/account.json", format!("{{\n\"private_key\": \"{CANARY}\"}}\n")),
        ("secrets/tableau.scram", format!("SCRAM-SHA-256$4096:{CANARY}A=${KEY}:{KEY}\r\n")),
        ("secrets/empty", "\n".to_owned()),
        ("secrets/plain", CANARY.to_owned()),
        ("secrets/two-lines", format!("sig={CANARY}\n{CANARY}")),
    ] {
        write(folder.path().join(path), content).unwrap();
    }
    folder
}

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "LAKE_CLIENT" => "11111111-2222-3333-4444-555555555555".to_owned(),
        "ARCHIVE_SAS" => format!("?sv=2024&sig={CANARY}"),
        "AWS_ACCESS_KEY_ID" => "AKIA1".to_owned(),
        "AWS_SECRET_ACCESS_KEY" | "PLAIN" => CANARY.to_owned(),
        "EMPTY" => String::new(),
        _ => return None,
    };
    Some(value)
}

/// What a file comes to: the settings, or the faults as they are shown, without the folder's path.
fn read(folder: &Path, text: &str) -> Result<Settings, String> {
    let file = folder.join("lakeport.toml");
    write(&file, text).unwrap();
    let (result, _) = load_from(&file, &variable);
    result.map_err(|faults| {
        let shown = faults.to_string();
        assert!(!format!("{shown}{faults:?}").contains(CANARY), "{shown}");
        shown.replace(&format!("{}/", folder.display()), "")
    })
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let folder = folder_of_files();
    let faults = read(folder.path(), text).expect_err(text);
    let expected: Vec<String> = expected.iter().map(|fault| format!("lakeport.toml:{fault}")).collect();
    assert_eq!(faults.lines().collect::<Vec<_>>(), expected, "{text}");
}

fn examples() -> String {
    REFERENCE.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_reference_file_is_the_defaults() {
    let folder = folder_of_files();
    for text in [REFERENCE, ""] {
        let settings = read(folder.path(), text).unwrap();
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(format!("{:?}", settings.postgres), format!("{:?}", Postgres::default()));
        assert!(settings.views.is_none() && settings.stores.is_empty() && settings.users.is_empty());
    }
}

#[test]
fn the_reference_file_has_every_limit() {
    let document: toml::Table = REFERENCE.parse().unwrap();
    let limits = document["limits"].as_table().unwrap();
    let debugged = format!("{:#?}", Limits::default());
    let fields: Vec<&str> = debugged
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "))
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(field, _)| field)
        .collect();
    for field in &fields {
        assert!(limits.contains_key(*field) || *field == "spill_folder", "{field}");
    }
    assert_eq!(limits.len() + 1, fields.len());
}

#[test]
fn the_examples_of_the_reference_file_are_settings_too() {
    let folder = folder_of_files();
    let settings = read(folder.path(), &examples()).unwrap();
    assert_eq!(settings.views, Some(folder.path().join("views")));
    assert_eq!(settings.postgres.database.as_deref(), Some("lake"));
    assert!(settings.postgres.tls.is_some());
    let names: Vec<&str> = settings.stores.keys().map(String::as_str).collect();
    assert_eq!(names, ["ads", "archive", "curated", "disk", "emulator", "events", "minio", "public"]);
    let from = Location { store: "curated".to_owned(), path: "sales".to_owned() };
    assert_eq!(settings.schemas["sales"].from, from);
    assert_eq!(settings.schemas["sales"].fresh_within, Some(Duration::from_secs(60)));
    let orders = &settings.tables[&TableName::new("sales", "orders")];
    let partitions = [("year".to_owned(), PartitionType::Int), ("month".to_owned(), PartitionType::Int)];
    assert_eq!(orders.partitions, partitions, "in the order of the file");
    assert_eq!(orders.columns["amount"], "In euro, with tax");
    let StoreKind::Local { folder: lake } = &settings.stores["disk"].kind else { panic!() };
    assert_eq!(*lake, folder.path().join("lake"));
    assert_eq!(settings.users["tableau"].roles, ["analyst"]);
    assert!(settings.users["tableau"].password.reveal().ends_with(KEY), "without its line end");
    let analyst = Role {
        read: vec!["sales.*".to_owned(), "bi.revenue".to_owned()],
        browse: vec!["archive".to_owned()],
        create: vec!["bi".to_owned()],
    };
    assert_eq!(settings.roles["analyst"], analyst);
    assert_eq!(settings.limits.spill_folder, Some(folder.path().join("spill")));
}

#[test]
fn azure_stores_say_where_they_are_and_who_asks() {
    let folder = folder_of_files();
    let settings = read(folder.path(), &examples()).unwrap();
    let StoreKind::Azure { account, container, prefix, endpoint, credential } =
        &settings.stores["archive"].kind
    else {
        panic!()
    };
    assert_eq!((&account[..], &container[..], &prefix[..]), ("contosoold", "archive", "2020"));
    assert_eq!(*endpoint, None);
    let AzureCredential::Sas(sas) = credential else { panic!() };
    assert_eq!(*sas.reveal(), format!("?sv=2024&sig={CANARY}"));
    let StoreKind::Azure { endpoint, account, .. } = &settings.stores["emulator"].kind else { panic!() };
    assert_eq!(endpoint.as_deref(), Some("http://127.0.0.1:10000/devstoreaccount1"));
    assert_eq!(account, "devstoreaccount1");
    let StoreKind::Azure { credential, .. } = &settings.stores["curated"].kind else { panic!() };
    let AzureCredential::WorkloadIdentity { tenant, client, token_file } = credential else { panic!() };
    assert_eq!((&tenant[..], &client[..8]), ("contoso.onmicrosoft.com", "11111111"));
    assert_eq!(*token_file, folder.path().join("secrets/token"));
    let StoreKind::S3 { region, credential, .. } = &settings.stores["events"].kind else { panic!() };
    assert_eq!(region, "eu-central-1");
    assert!(matches!(credential, S3Credential::AccessKey { id, .. } if id == "AKIA1"));
}

#[test]
fn no_secret_is_in_the_settings_as_they_print() {
    let folder = folder_of_files();
    let settings = read(folder.path(), &examples()).unwrap();
    // The certificate is public, and its bytes print as numbers; the key's must not.
    let shown = format!("{settings:?} {settings:#?}");
    assert!(!shown.contains(CANARY) && !shown.contains(KEY), "{shown}");
    let canary_bytes = format!("{:?}", CANARY.as_bytes());
    assert_eq!(shown.matches(canary_bytes.trim_matches(['[', ']'])).count(), 1, "only in the certificate");
}

#[test]
fn all_faults_come_at_once_each_with_its_line() {
    check(
        "view = 'x'\n[limits]\nconnections = 0\nmemory = 5\nconections = 3\n[postgres]\nlisten = 'here'\n[stores.a]\n",
        &[
            "1: unknown key view; did you mean views?",
            "3: limits.connections is 0, must be 1 to 10000",
            "4: limits.memory is a number, must be a size with its unit, such as \"512MiB\"",
            "5: unknown key limits.conections; did you mean connections?",
            "7: postgres.listen must be an address and a port, such as \"127.0.0.1:5432\"",
            "8: stores.a has no kind; write [stores.a.KIND] with one of azure, gcs, http, local, s3",
        ],
    );
}

#[test]
fn limits_have_bounds() {
    for (line, fault) in [
        ("connections = 10001", "connections is 10001, must be 1 to 10000"),
        ("connections = -1", "connections is -1, must be 1 to 10000"),
        ("connections = 1.5", "connections is a number with a fraction, must be a whole number"),
        ("startup_timeout = '0s'", "startup_timeout is 0s, must be 1s to 10m"),
        ("idle_timeout = '5'", "idle_timeout must be a time with its unit, such as \"30s\" or \"5m\""),
        ("shutdown_grace = '2h'", "shutdown_grace is 2h, must be 0s to 1h"),
        ("memory = '1MiB'", "memory is 1MiB, must be 64MiB to 64TiB"),
        ("statement_memory = '5GiB'", "statement_memory is 5GiB, must be 16MiB to 4GiB"),
        ("statements = 0", "statements is 0, must be 1 to 1000"),
        ("message = '63KiB'", "message is 63KiB, must be 64KiB to 1GiB"),
        ("spill = '1 lot'", "spill must be a size with its unit, such as \"512MiB\""),
        ("fresh_within = '2d'", "fresh_within is 2days, must be 0s to 1day"),
        ("temp_memory = '5GiB'", "temp_memory is 5GiB, must be 0B to 4GiB"),
        ("session_objects = 0", "session_objects is 0, must be 1 to 100000"),
    ] {
        check(&format!("[limits]\n{line}"), &[&format!("2: limits.{fault}")]);
    }
}

#[test]
fn less_memory_means_less_for_one_statement() {
    let folder = folder_of_files();
    let limits = read(folder.path(), "limits = { memory = '512MiB' }").unwrap().limits;
    assert_eq!(limits.statement_memory, ByteSize::mebibytes(512));
}

#[test]
fn a_secret_is_a_reference_to_something_that_is_there() {
    for (sas, fault) in [
        (CANARY, "holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead"),
        ("env:CANARYc1a7=", "must be \"env:\" and the name of an environment variable"),
        ("env:NOT_SET", "refers to the environment variable NOT_SET, which is not set"),
        ("env:EMPTY", "refers to the environment variable EMPTY, which is empty"),
        ("env:PLAIN", "refers to something that is no shared access signature, which has sig= in it"),
        ("file:secrets/none", "refers to the file secrets/none, which cannot be read: there is no such file"),
        ("file:secrets", "refers to the file secrets, which cannot be read: it is not a file"),
        ("file:secrets/empty", "refers to the file secrets/empty, which is empty"),
        (
            "file:secrets/two-lines",
            "refers to the file secrets/two-lines, which must be one line without control characters",
        ),
    ] {
        let text = format!(
            "[stores.a.azure]\nurl = 'abfss://raw@lake1.dfs.core.windows.net'\ncredential = 'sas'\nsas = '{sas}'"
        );
        check(&text, &[&format!("4: stores.a.azure.sas {fault}")]);
    }
}

#[test]
fn a_credential_has_just_its_own_keys() {
    let names = "account-key, sas, anonymous, client-secret, workload-identity, managed-identity, azure-cli";
    for (lines, faults) in [
        ("sas = 'env:ARCHIVE_SAS'", vec![format!("1: stores.a.azure.credential is missing: it is one of {names}")]),
        ("credential = 'acount-key'", vec![format!("3: stores.a.azure.credential must be one of {names}; did you mean account-key?")]),
        ("credential = 'CANARYc1a7'", vec![format!("3: stores.a.azure.credential must be one of {names}")]),
        ("credential = 'account-key'", vec!["1: stores.a.azure.account_key is missing: credential = \"account-key\" needs it".to_owned()]),
        (
            "credential = 'account-key'\nsas = 'env:ARCHIVE_SAS'",
            vec![
                "1: stores.a.azure.account_key is missing: credential = \"account-key\" needs it".to_owned(),
                "4: stores.a.azure.sas has no use with credential = \"account-key\"; remove one of them".to_owned(),
            ],
        ),
        (
            "credential = 'workload-identity'\nclient = 'x'\ntoken_file = 'none'",
            vec![
                "1: stores.a.azure.tenant is missing, and so is the environment variable AZURE_TENANT_ID".to_owned(),
                "5: stores.a.azure.token_file is none, which is no file".to_owned(),
            ],
        ),
        (
            "credential = 'client-secret'\ntenant = 'a/b'\nclient = 'x'\nclient_secret = 'CANARYc1a7'",
            vec![
                "4: stores.a.azure.tenant must be an id or a domain: letters, digits, - and .".to_owned(),
                "6: stores.a.azure.client_secret holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead".to_owned(),
            ],
        ),
    ] {
        let text = format!("[stores.a.azure]\nurl = 'abfss://raw@lake1.dfs.core.windows.net'\n{lines}");
        check(&text, &faults.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn a_store_is_of_one_kind_and_at_one_place() {
    for (text, faults) in [
        (
            "[stores.a.local]\nfolder = 'x'\n[stores.a.http]\nurl = 'https://x.org'",
            &["1: stores.a has 2 kinds, http and local; it must have one"][..],
        ),
        (
            "[stores.a.locl]\nfolder = 'x'",
            &[
                "1: stores.a has no kind; write [stores.a.KIND] with one of azure, gcs, http, local, s3",
                "1: unknown key stores.a.locl; did you mean local?",
            ],
        ),
        (
            "[stores.'a b'.local]\nfolder = 'x'",
            &["1: stores.\"a b\" must be named with 1 to 63 letters, digits, _ and -"],
        ),
        ("[stores.a.local]", &["1: stores.a.local.folder is missing: it is the folder that the store is"]),
        (
            "[stores.a.http]\nurl = 'http://10.0.0.1/'",
            &[
                "2: stores.a.http.url is plain http beyond this machine, which needs allow_http = true; write it like \"https://files.example.org/lake/\"",
            ],
        ),
        (
            "[stores.a.http]\nurl = 'https://x.org/?sig=CANARYc1a7'",
            &[
                "2: stores.a.http.url has a query; a signature belongs into the key sas, as a reference; write it like \"https://files.example.org/lake/\"",
            ],
        ),
        (
            "[stores.a.azure]\nurl = 'az://raw'\ncredential = 'anonymous'",
            &["1: stores.a.azure.account is missing: an az:// url does not name the account"],
        ),
        (
            "[stores.a.azure]\nurl = 'abfss://raw@lake1.dfs.core.windows.net'\naccount = 'x'\ncredential = 'anonymous'",
            &["3: stores.a.azure.account has no use: the url names the account"],
        ),
        (
            "[stores.a.azure]\nurl = 'az://raw'\naccount = 'lake1'\nendpoint = 'http://10.0.0.1:10000'\ncredential = 'anonymous'",
            &[
                "4: stores.a.azure.endpoint is plain http beyond this machine, which needs allow_http = true; write it like \"http://127.0.0.1:10000/devstoreaccount1\"",
            ],
        ),
        (
            "[stores.a.s3]\nurl = 's3://bucket'\ncredential = 'instance'",
            &["1: stores.a.s3.region is missing: say where the bucket is, such as \"eu-central-1\""],
        ),
        (
            "[stores.a.gcs]\nurl = 's3://bucket'\ncredential = 'instance'",
            &["2: stores.a.gcs.url must be gs:// and a bucket; write it like \"gs://BUCKET/FOLDER\""],
        ),
    ] {
        check(text, faults);
    }
}

#[test]
fn beyond_loopback_the_door_needs_users_and_tls() {
    check(
        "[postgres]\nlisten = '0.0.0.0:5432'",
        &[
            "2: postgres.listen is 0.0.0.0:5432, which is beyond loopback: there are no users; add [users.NAME] with a password",
            "2: postgres.listen is 0.0.0.0:5432, which is beyond loopback: there is no certificate; add [postgres.tls] with certificate and key",
        ],
    );
    check(
        "[postgres]\nlisten = '[::]:5432'\n[users.ann]\npassword = 'file:secrets/plain'\n[postgres.tls]\ncertificate = 'secrets/tls.key'\nkey = 'none'",
        &[
            "4: users.ann.password refers to something that is no SCRAM-SHA-256 verifier of 4096 or more iterations; `lakeport password` makes one",
            "6: postgres.tls.certificate is the file secrets/tls.key, which has no PEM block of the right kind",
            "7: postgres.tls.key holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead",
        ],
    );
    let folder = folder_of_files();
    let settings = read(folder.path(), "[postgres]\nlisten = '[::1]:0'").unwrap();
    assert!(crate::may_listen(&settings, "127.0.0.1:1".parse().unwrap()).is_ok());
    assert_eq!(crate::may_listen(&settings, "10.0.0.1:1".parse().unwrap()).unwrap_err().0.len(), 2);
}

#[test]
fn names_must_fit_each_other() {
    for (lines, fault) in [
        (
            "[schemas.a]\nfrom = 'dsk/a'",
            "4: schemas.a.from is in the store dsk, which is not there; did you mean disk?",
        ),
        (
            "[schemas.a]",
            "3: schemas.a.from is missing: it is the folder of a store, such as \"STORE/FOLDER/\"",
        ),
        ("[schemas.a]\nfrom = 'disk/../b'", "4: schemas.a.from has a step \".\" or \"..\""),
        (
            "[schemas.a]\nfrom = '/disk/b'",
            "4: schemas.a.from must begin with a store's name, such as \"STORE/FOLDER/\"",
        ),
        (
            "[schemas.pg_x]\nfrom = 'disk'",
            "3: schemas.pg_x cannot be a schema: its name is one of PostgreSQL's own",
        ),
        (
            "[tables.orders]\nfrom = 'disk/a'",
            "3: tables.orders must be named \"SCHEMA.TABLE\", in quotes and with a dot",
        ),
        ("[tables.'a.b']", "3: tables.\"a.b\".from is missing: there is no [schemas.a] to find the table in"),
        (
            "[tables.'a.b']\nfrom = 'disk/a'\npartitions = { y = 'integer' }",
            "5: tables.\"a.b\".partitions.y must be one of int, date, text",
        ),
        (
            "[users.ann]\npassword = 'file:secrets/tableau.scram'\nroles = ['x']",
            "5: users.ann.roles names the role x, which is not there",
        ),
        (
            "[roles.r]\nread = ['*', '*.x']",
            "4: roles.r.read: \"*.x\" must be \"*\", \"SCHEMA.*\" or \"SCHEMA.TABLE\"",
        ),
        ("[roles.r]\nbrowse = ['disc']", "4: roles.r.browse: disc is no store; did you mean disk?"),
        ("[roles.r]\ncreate = ['a.b']", "4: roles.r.create: \"a.b\" is no schema: its name has a dot"),
        (
            "[roles.r]\nread = 'x'",
            "4: roles.r.read is a text, must be a list of texts, such as [\"a\", \"b\"]",
        ),
    ] {
        check(&format!("[stores.disk.local]\nfolder = 'lake'\n{lines}"), &[fault]);
    }
}

#[test]
fn what_is_not_toml_is_said_without_repeating_it() {
    let folder = folder_of_files();
    let faults = read(folder.path(), "a = CANARYc1a7\nb = 'x'\nb = 'y'\n[c\n").unwrap_err();
    let lines: Vec<&str> = faults.lines().map(|line| &line[..26]).collect();
    assert_eq!(
        lines,
        ["lakeport.toml:1: not TOML:", "lakeport.toml:3: not TOML:", "lakeport.toml:4: not TOML:"]
    );
}

#[test]
fn a_file_that_is_not_there_is_one_fault_and_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lakeport.toml");
    assert!(
        load(&file)
            .unwrap_err()
            .to_string()
            .ends_with("lakeport.toml: cannot be read: there is no such file")
    );
    let (_, mut watch) = load_from(&file, &variable);
    assert!(!watch.changed());
    write(&file, "").unwrap();
    assert!(watch.changed());
}

#[test]
fn a_changed_secret_is_a_change_of_the_config() {
    let folder = folder_of_files();
    let file = folder.path().join("lakeport.toml");
    write(&file, examples()).unwrap();
    let (result, mut watch) = load_from(&file, &variable);
    assert!(result.is_ok() && !watch.changed());
    write(folder.path().join("secrets/account.key"), "b3RoZXI=").unwrap();
    assert!(watch.changed());
}

#[test]
fn a_folder_needs_no_config() {
    let lake = tempfile::tempdir().unwrap();
    let settings = folder(lake.path()).unwrap();
    let from = Location { store: "lake".to_owned(), path: String::new() };
    assert_eq!(settings.schemas["public"].from, from);
    assert!(matches!(&settings.stores["lake"].kind, StoreKind::Local { folder } if folder == lake.path()));
    assert_eq!(settings.tables, BTreeMap::new());
    assert!(settings.file.is_none() && settings.views.is_none() && settings.users.is_empty());
    assert!(folder(&lake.path().join("none")).unwrap_err().to_string().ends_with("/none is no folder"));
}
