//! The same tables behind Azure Blob Storage and in a folder: the same answers; and what is said where Azure says no.
//!
//! Azure is Microsoft's own emulator, spoken to by the same code as the real service.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use lakeport_tests::{Server, Socket, demo_lake, lakeport, psql_as, python, required};
use tempfile::TempDir;

const ACCOUNT: &str = "devstoreaccount1";

/// The key that every emulator of Azure Storage has.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A key of the right shape that no account has.
const WRONG_KEY: &str =
    "Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0E=";

/// What is asked of each store; `{}` is its name, which its schema has too.
const QUERIES: [&str; 12] = [
    "select count(*), sum(order_id), min(ordered_at), max(ordered_at) from {}.orders",
    "select year, month, count(*), sum(quantity * unit_price) from {}.orders group by 1, 2 order by 1, 2",
    "select * from {}.orders where month = 2 order by order_id limit 50",
    "select * from {}.orders where order_id = (select min(order_id) + 7 from {}.orders)",
    "select status, count(discount), count(note) from {}.orders where month > 1 group by 1 order by 1",
    "select * from {}.customers order by CustomerID limit 200",
    "select Country, count(*), avg(churn_risk), sum(\"CreditLimit\") from {}.customers group by 1 order by 1",
    "select * from {}.products order by product_id",
    "select count(*), count(customer_id), min(began), sum(cardinality(pages)) from {}.visits",
    "select c.Country, count(*) from {}.orders o join {}.customers c on c.CustomerID = o.customer_id group by 1 order by 1",
    "select count(*) from {}.\"shop/customers.parquet\"",
    "select count(*), max(year) from {}.\"shop/orders/*/month=3\"",
];

/// A lake that lies in a folder and in two containers of the emulator.
struct Lake {
    folder: TempDir,
    address: String,
    container: String,
    /// The signatures: `sas` and `expired`.
    signatures: BTreeMap<String, String>,
}

/// Made once for all tests here, which only read it.
fn lake() -> &'static Lake {
    static LAKE: OnceLock<Lake> = OnceLock::new();
    LAKE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (demo_lake().join("lake/shop"), folder.path().join("lake/shop"));
        // A few months are enough: each is a file of its own.
        for part in
            ["orders/year=2024/month=1", "orders/year=2024/month=2", "orders/year=2024/month=3", "visits"]
        {
            copy(&from.join(part), &to.join(part));
        }
        for file in ["customers.parquet", "products.parquet"] {
            fs::copy(from.join(file), to.join(file)).expect("a copy");
        }
        let address = required("LAKEPORT_TEST_AZURITE");
        let container = format!("shop-{}", std::process::id());
        let root = folder.path().join("lake").display().to_string();
        let said = python("azurite_upload.py", &[&address, &root, &container]);
        let signatures = said.lines().filter_map(|line| line.split_once(' '));
        let signatures = signatures.map(|(word, token)| (word.to_owned(), token.to_owned())).collect();
        Lake { folder, address, container, signatures }
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A config with the folder as the store `here`, and these stores: name, url, and the lines that follow.
fn config(name: &str, stores: &[(&str, String, String)]) -> PathBuf {
    let mut text =
        "[stores.here.local]\nfolder = \"lake\"\n[schemas.here]\nfrom = \"here/shop\"\n".to_owned();
    for (name, url, lines) in stores {
        writeln!(text, "[stores.{name}.azure]\nurl = \"{url}\"\n{lines}").expect("a string takes all");
        writeln!(text, "[schemas.{name}]\nfrom = \"{name}/shop\"").expect("a string takes all");
    }
    let file = lake().folder.path().join(name);
    fs::write(&file, text).expect("a config");
    file
}

/// A store of the emulator, as az:// with its account and endpoint.
fn emulated(name: &'static str, container: &str, credential: &str) -> (&'static str, String, String) {
    let lines = format!("account = \"{ACCOUNT}\"\nendpoint = \"{}/{ACCOUNT}\"\n{credential}", lake().address);
    (name, format!("az://{container}"), lines)
}

fn server(config: &Path, environment: &[(&str, &str)]) -> Server {
    Server::start_with(&["serve", "--config", &config.display().to_string()], environment)
}

fn answer(server: &Server, query: &str, store: &str) -> String {
    let said = psql_as(&server.libpq(), &query.replace("{}", store));
    assert!(said.well, "{store}: {query}: {}", said.err);
    assert!(!said.out.is_empty(), "{store}: {query}: no rows");
    said.out
}

const KEYED: &str = "credential = \"account-key\"\naccount_key = \"env:TEST_KEY\"";

#[test]
fn every_credential_reads_the_same_as_a_folder() {
    let (container, public) = (&lake().container, format!("{}-public", lake().container));
    let stores = [
        emulated("keyed", container, KEYED),
        emulated("signed", container, "credential = \"sas\"\nsas = \"env:TEST_SAS\""),
        emulated("open", &public, "credential = \"anonymous\""),
    ];
    let config = config("credentials.toml", &stores);
    let environment = [("TEST_KEY", KEY), ("TEST_SAS", &lake().signatures["sas"][..])];
    let checked = lakeport(&["check", "--config", &config.display().to_string()], &environment, "");
    assert!(checked.well, "{checked:?}");
    assert!(checked.out.contains("4 stores, 16 tables"), "{checked:?}");
    let server = server(&config, &environment);
    for query in QUERIES {
        let expected = answer(&server, query, "here");
        for (store, ..) in &stores {
            assert_eq!(answer(&server, query, store), expected, "{store}: {query}");
        }
    }
}

#[test]
fn every_spelling_of_a_url_names_the_same_container() {
    let (address, container) = (&lake().address, &lake().container);
    let port = address.rsplit(':').next().expect("a port");
    let whole = format!("endpoint = \"{address}/{ACCOUNT}\"\n{KEYED}");
    let with_account =
        |endpoint: &str| format!("account = \"{ACCOUNT}\"\nendpoint = \"{endpoint}\"\n{KEYED}");
    let stores = [
        ("az", format!("az://{container}"), with_account(&format!("{address}/{ACCOUNT}"))),
        ("az_slashes", format!("az://{container}/"), with_account(&format!("{address}/{ACCOUNT}/"))),
        ("az_short", format!("az://{container}"), with_account(address)),
        ("az_localhost", format!("az://{container}"), with_account(&format!("http://localhost:{port}"))),
        ("abfss", format!("abfss://{container}@{ACCOUNT}.dfs.core.windows.net/"), whole.clone()),
        ("abfss_bare", format!("abfss://{container}@{ACCOUNT}.dfs.core.windows.net"), whole.clone()),
        ("blob", format!("https://{ACCOUNT}.blob.core.windows.net/{container}"), whole.clone()),
        ("dfs", format!("https://{ACCOUNT}.dfs.core.windows.net/{container}/"), whole.clone()),
    ];
    let folder = ("folder", format!("abfss://{container}@{ACCOUNT}.dfs.core.windows.net/shop/orders"), whole);
    let config = config("spellings.toml", &[&stores[..], &[folder]].concat());
    let server = server(&config, &[("TEST_KEY", KEY)]);
    let query = "select count(*), sum(order_id) from {}.orders";
    let expected = answer(&server, query, "here");
    for (store, ..) in &stores {
        assert_eq!(answer(&server, query, store), expected, "{store}");
    }
    // A store that begins at a folder sees that folder as its root.
    assert_eq!(answer(&server, "select count(*), sum(order_id) from {}.\"year=2024\"", "folder"), expected);
}

#[test]
fn what_azure_refuses_names_the_store_and_what_to_do_and_no_secret() {
    let expired = &lake().signatures["expired"];
    let container = &lake().container;
    let account = format!("account = \"{ACCOUNT}\"\nendpoint = \"https://lakeport-test.invalid\"\n{KEYED}");
    let stores = [
        emulated("wrongkey", container, "credential = \"account-key\"\naccount_key = \"env:WRONG_KEY\""),
        emulated("expiredsas", container, "credential = \"sas\"\nsas = \"env:EXPIRED_SAS\""),
        emulated("forgedsas", container, "credential = \"sas\"\nsas = \"env:FORGED_SAS\""),
        emulated("nocontainer", "no-such-container", KEYED),
        emulated("closed", container, "credential = \"anonymous\""),
        ("nohost", format!("az://{container}"), account),
        emulated("good", container, KEYED),
    ];
    let expected = [
        ("wrongkey", "store wrongkey refuses the credential: check the account key"),
        ("expiredsas", "store expiredsas refuses the credential: the SAS has expired"),
        ("forgedsas", "store forgedsas refuses the credential: check the"),
        ("nocontainer", "of store nocontainer does not exist: check the store's url"),
        ("closed", "store closed "),
        ("nohost", "the host of store nohost does not resolve: check the account"),
    ];
    let config = config("refused.toml", &stores);
    let forged = forged(&lake().signatures["sas"]);
    let environment =
        [("TEST_KEY", KEY), ("WRONG_KEY", WRONG_KEY), ("EXPIRED_SAS", &expired[..]), ("FORGED_SAS", &forged)];
    let secrets = [KEY, WRONG_KEY, signature(expired), signature(&forged)];

    let checked =
        lakeport(&["--log", "trace", "check", "--config", &config.display().to_string()], &environment, "");
    assert!(!checked.well, "{checked:?}");
    for (_, words) in expected {
        assert!(checked.out.contains(words), "{words:?} is missing in\n{}", checked.out);
    }
    for good in ["good", "here"] {
        assert!(!checked.out.contains(good), "{good} is named in\n{}", checked.out);
    }
    check_no_secret("check", &format!("{}{}", checked.out, checked.err), &secrets);

    let config = config.display().to_string();
    let server = Server::start_with(&["--log", "trace", "serve", "--config", &config], &environment);
    let mut socket = Socket::open(&server);
    let mut said = String::new();
    for (store, words) in expected {
        for query in ["select count(*) from {}.orders", "select * from {}.\"shop/customers.parquet\" limit 1"]
        {
            let query = query.replace("{}", store);
            let reply = socket.query(&query);
            let code = if store == "closed" { reply.code().to_owned() } else { "58030".to_owned() };
            let failure = reply.failed(&code);
            assert!(failure.message.contains(words), "{query}: {failure:?}");
            writeln!(said, "{failure:?}").expect("a string takes all");
        }
        // The others of the same config go on.
        for good in ["good", "here"] {
            let reply = socket.query(&format!("select count(*) from {good}.customers"));
            assert_eq!(reply.cell(), "100000", "{good}");
        }
    }
    let listed = psql_as(&server.libpq(), "\\dt *.customers");
    assert!(listed.out.contains("good|customers") && listed.out.contains("here|customers"), "{listed:?}");
    drop(socket);
    let (code, log) = server.end();
    assert_eq!(code, Some(0));
    assert!(log.contains("nocontainer"), "the log tells of a store that is away: {log}");
    check_no_secret("log", &format!("{said}{log}"), &secrets);
}

/// The same signature with its value turned around, so that it fits nothing.
fn forged(token: &str) -> String {
    let value = signature(token);
    let turned: String = value.trim_end_matches("%3D").chars().filter(|c| *c != '%').rev().collect();
    token.replace(value, &format!("{turned}%3D"))
}

fn signature(token: &str) -> &str {
    let value = token.split("sig=").nth(1).expect("a signature");
    value.split('&').next().expect("a value")
}

#[track_caller]
fn check_no_secret(place: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        // Enough of it to be sure, wherever it is cut or encoded.
        let inner = &secret[4..20];
        let line = text.lines().find(|line| line.contains(inner));
        assert_eq!(line, None, "{place}: a secret");
    }
}
