//! Passwords, TLS, and where the door may be.

use std::fs;
use std::path::Path;
use std::process::Command;

use lakeport_tests::{lakeport, psql_as};

use crate::house::{House, answer, check_log, connection, password};

#[test]
fn passwords_are_asked_for_and_the_wrong_ones_all_sound_alike() {
    let house = House::new();
    let server = house.serve();
    assert_eq!(answer(&server, "reader", "select current_user"), "reader\n");
    let refused = |user: &str, password: &str| {
        let address = format!("host=127.0.0.1 port={} dbname=lake sslmode=disable", server.port);
        let said = psql_as(&format!("{address} user={user} password='{password}'"), "select 1");
        assert!(!said.well && said.out.is_empty(), "{user}: {said:?}");
        said.err.replace(user, "USER")
    };
    let wrong = refused("reader", "CANARY-wrong");
    assert!(wrong.contains("password authentication failed for user \"USER\""), "{wrong}");
    assert_eq!(refused("stranger", "CANARY-wrong"), wrong);
    assert_eq!(refused("stranger", &password("reader")), wrong);
    // What stands in the config is no password.
    let verifier = fs::read_to_string(house.path("reader.scram")).expect("a verifier");
    assert_eq!(refused("nobody", verifier.trim()), wrong);
    // No password at all: the client itself gives up.
    let without = format!("host=127.0.0.1 port={} user=reader dbname=lake sslmode=disable", server.port);
    assert!(psql_as(&without, "select 1").err.contains("password"));
    check_log(server, house.folder.path());
}

#[test]
fn the_code_of_a_wrong_password_is_28p01_for_everyone() {
    let house = House::new();
    let server = house.serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    for user in ["reader", "stranger"] {
        let config = format!(
            "host=127.0.0.1 port={} user={user} password=CANARY-no dbname=lake sslmode=disable",
            server.port
        );
        let error = runtime.block_on(tokio_postgres::connect(&config, tokio_postgres::NoTls)).err();
        let error = error.expect("no session");
        let failure = error.as_db_error().expect("an error of the server");
        assert_eq!((failure.code().code(), failure.severity()), ("28P01", "FATAL"), "{failure:?}");
        assert_eq!((failure.detail(), failure.hint()), (None, None));
    }
    check_log(server, house.folder.path());
}

/// A certificate for this machine with its key, made by openssl.
fn make_certificate(folder: &Path, name: &str) {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .arg("-keyout")
        .arg(folder.join(format!("{name}.key")))
        .arg("-out")
        .arg(folder.join(format!("{name}.crt")))
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn tls_is_spoken_with_the_certificate_of_the_config() {
    let house = House::new();
    make_certificate(house.folder.path(), "tls");
    make_certificate(house.folder.path(), "other");
    house.write_config("[postgres.tls]\ncertificate = \"tls.crt\"\nkey = \"file:tls.key\"\n");
    let server = house.serve();
    let root = |name: &str| format!("sslrootcert={}", house.path(name).display());
    let with = |ssl: &str| connection(&server, "reader").replace("sslmode=disable", ssl);
    let count = "select count(*) from sales.orders";
    for ssl in [
        "sslmode=require".to_owned(),
        "sslmode=require channel_binding=require".to_owned(),
        format!("sslmode=verify-ca {}", root("tls.crt")),
        format!("sslmode=verify-full {}", root("tls.crt")),
        "sslmode=prefer".to_owned(),
    ] {
        let said = psql_as(&with(&ssl), count);
        assert!(said.well && said.out == "10\n", "{ssl}: {said:?}");
    }
    let shown = psql_as(&with("sslmode=require"), "\\conninfo");
    assert!(shown.out.contains("TLSv1.3"), "{shown:?}");
    let said = psql_as(&with(&format!("sslmode=verify-ca {}", root("other.crt"))), count);
    assert!(!said.well && said.err.contains("certificate verify failed"), "{said:?}");
    // A wrong password is wrong behind TLS too.
    let said = psql_as(&with("sslmode=require").replace(&password("reader"), "CANARY-no"), count);
    assert!(!said.well && said.err.contains("password authentication failed"), "{said:?}");
    check_log(server, house.folder.path());
}

#[test]
fn a_door_beyond_this_machine_needs_users_and_a_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("lake")).expect("a folder");
    make_certificate(folder.path(), "tls");
    let verifier = lakeport(&["password"], &[], "CANARY-password\n").out;
    fs::write(folder.path().join("ann.scram"), verifier).expect("a verifier");
    let config = folder.path().join("lakeport.toml");
    let store = "[stores.lake.local]\nfolder = \"lake\"\n";
    let users = "[users.ann]\npassword = \"file:ann.scram\"\n";
    let tls = "[postgres.tls]\ncertificate = \"tls.crt\"\nkey = \"file:tls.key\"\n";
    let (no_users, no_tls) = ("[users.NAME]", "[postgres.tls]");
    for (address, parts, missing) in [
        ("0.0.0.0:0", "", &[no_users, no_tls][..]),
        ("0.0.0.0:0", users, &[no_tls]),
        ("0.0.0.0:0", tls, &[no_users]),
        ("[::]:0", users, &[no_tls]),
        ("192.0.2.1:5432", tls, &[no_users]),
    ] {
        // Said in the config, and on the command line.
        let path = config.display().to_string();
        for (listen, arguments) in [
            (format!("[postgres]\nlisten = \"{address}\"\n"), &["serve", "--config", &path][..]),
            (String::new(), &["serve", "--config", &path, "--listen", address]),
        ] {
            fs::write(&config, format!("{listen}{parts}{store}")).expect("a config");
            let said = lakeport(arguments, &[], "");
            assert!(!said.well, "{address} {parts}: it serves");
            for (part, is_missing) in [no_users, no_tls].map(|part| (part, missing.contains(&part))) {
                assert_eq!(said.err.contains(part), is_missing, "{address}: {parts}: {part}: {said:?}");
            }
            assert!(!said.err.contains("CANARY") && said.out.is_empty(), "{said:?}");
        }
    }
    // Nor does a plain folder, which has neither.
    let said = lakeport(
        &["serve", &folder.path().join("lake").display().to_string(), "--listen", "0.0.0.0:0"],
        &[],
        "",
    );
    assert!(!said.well && said.err.contains(no_users) && said.err.contains(no_tls), "{said:?}");
}

#[test]
fn a_secret_in_the_config_is_refused_and_not_repeated() {
    let house = House::new();
    for (lines, words) in [
        ("[users.ann]\npassword = \"CANARY-plain\"\n", "users.ann.password"),
        ("[users.ann]\npassword = \"env:LAKEPORT_TEST_PLAIN\"\n", "no SCRAM-SHA-256 verifier"),
        (
            "[stores.a.azure]\nurl = \"az://raw\"\naccount = \"acct\"\ncredential = \"account-key\"\naccount_key = \"CANARYCANARY\"\n",
            "account_key",
        ),
        (
            "[stores.a.azure]\nurl = \"az://raw\"\naccount = \"acct\"\ncredential = \"account-key\"\naccount_key = \"env:LAKEPORT_TEST_PLAIN\"\n",
            "no account key",
        ),
        (
            "[stores.a.azure]\nurl = \"https://acct.blob.core.windows.net/raw?sv=1&sig=CANARY\"\ncredential = \"anonymous\"\n",
            "query",
        ),
        ("[postgres.tls]\ncertificate = \"lakeport.toml\"\nkey = \"CANARY-key\"\n", "key"),
        ("[stores.a.azure]\npassword = \"CANARY-unknown\"\n", "password"),
        ("[stores.a.azure]\nurl = 'CANARY\n", "not TOML"),
    ] {
        house.write_config(lines);
        let config = house.config().display().to_string();
        for command in ["check", "serve"] {
            let said = lakeport(
                &["--log", "trace", command, "--config", &config],
                &[("LAKEPORT_TEST_PLAIN", "CANARY plain")],
                "",
            );
            let text = said.out + &said.err;
            assert!(!said.well && text.contains(words), "{command}: {lines}: {text}");
            assert!(!text.contains("CANARY"), "{command}: {lines}: {text}");
        }
    }
}
