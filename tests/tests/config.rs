//! What `lakeport check` says of wrong configurations: every fault at once, each on a line that begins with its place.

use std::fs;
use std::path::Path;
use std::process::Command;

use lakeport_tests::{make_demo_lake, program};
use tempfile::TempDir;

/// Stands where a secret would: no output may ever hold it.
const CANARY: &str = "CANARYc1a7";

/// What `lakeport check` prints in this folder, and its exit code.
fn checked(folder: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(program())
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .env_remove("LAKEPORT_NOT_SET")
        .output()
        .expect("the program runs");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!stdout.contains(CANARY) && !stderr.contains(CANARY), "{stdout}{stderr}");
    let count = stdout.lines().count();
    if output.status.code() == Some(1) {
        let summary = format!("lakeport: {count} fault{}\n", if count == 1 { "" } else { "s" });
        assert!(stderr.ends_with(&summary), "{stderr}");
    }
    (stdout.replace(&format!("{}/", folder.display()), ""), output.status.code())
}

/// A folder with this config, and a lake of no tables.
fn folder_with(config: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir(folder.path().join("lake")).expect("a folder");
    fs::write(folder.path().join("lakeport.toml"), config).expect("a file");
    folder
}

#[track_caller]
fn check(config: &str, expected: &[&str]) {
    let folder = folder_with(config);
    let (stdout, code) = checked(folder.path(), &[]);
    let expected: Vec<String> = expected.iter().map(|fault| format!("lakeport.toml:{fault}")).collect();
    assert_eq!(stdout.lines().collect::<Vec<_>>(), expected, "{config}");
    assert_eq!(code, Some(1), "{config}");
}

/// Wrong parts of a config, and what is said of each: the line within the part, and the fault.
const WRONG: [(&str, &[(usize, &str)]); 10] = [
    ("view = \"views\"\n", &[(1, "unknown key view; did you mean views?")]),
    (
        "[postgres]\nlisten = \"here\"\ndatabse = \"lake\"\n",
        &[
            (2, "postgres.listen must be an address and a port, such as \"127.0.0.1:5432\""),
            (3, "unknown key postgres.databse; did you mean database?"),
        ],
    ),
    (
        "[stores.raw.azure]\nurl = \"abfss://raw@lake1.dfs.core.windows.net\"\ncredential = \"account-key\"\naccount_key = \"CANARYc1a7==\"\n",
        &[(
            4,
            "stores.raw.azure.account_key holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead",
        )],
    ),
    (
        "[stores.old.azure]\nurl = \"https://lake1.blob.core.windows.net/old?sig=CANARYc1a7\"\ncredential = \"sas\"\nsas = \"env:LAKEPORT_NOT_SET\"\n",
        &[
            (
                2,
                "stores.old.azure.url has a query; a signature belongs into the key sas, as a reference; write it like \"abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER\"",
            ),
            (4, "stores.old.azure.sas refers to the environment variable LAKEPORT_NOT_SET, which is not set"),
        ],
    ),
    (
        "[stores.events.s3]\nurl = \"s3://events\"\ncredential = \"access-key\"\naccess_key_id = \"AKIA1\"\nsecret_access_key = \"CANARYc1a7\"\n",
        &[
            (1, "stores.events.s3.region is missing: say where the bucket is, such as \"eu-central-1\""),
            (
                5,
                "stores.events.s3.secret_access_key holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead",
            ),
        ],
    ),
    (
        "[stores.disk.locl]\nfolder = \"lake\"\n",
        &[
            (1, "stores.disk has no kind; write [stores.disk.KIND] with one of azure, gcs, http, local, s3"),
            (1, "unknown key stores.disk.locl; did you mean local?"),
        ],
    ),
    (
        "[schemas.sales]\nfrom = \"nowhere/sales/\"\n",
        &[(2, "schemas.sales.from is in the store nowhere, which is not there")],
    ),
    (
        "[tables.\"sales.orders\"]\npartition = { year = \"int\" }\n",
        &[(2, "unknown key tables.\"sales.orders\".partition; did you mean partitions?")],
    ),
    (
        "[users.ann]\npassword = \"CANARYc1a7\"\nroles = [\"analyst\"]\n[roles.analist]\nread = \"sales.*\"\n",
        &[
            (2, "users.ann.password holds the secret itself; write \"env:NAME\" or \"file:PATH\" instead"),
            (3, "users.ann.roles names the role analyst, which is not there; did you mean analist?"),
            (5, "roles.analist.read is a text, must be a list of texts, such as [\"a\", \"b\"]"),
        ],
    ),
    (
        "[limits]\nmemory = 5\nconnections = 0\nstatement_timeout = \"1 lot\"\n",
        &[
            (2, "limits.memory is a number, must be a size with its unit, such as \"512MiB\""),
            (3, "limits.connections is 0, must be 1 to 10000"),
            (4, "limits.statement_timeout must be a time with its unit, such as \"30s\" or \"5m\""),
        ],
    ),
];

#[test]
fn all_faults_of_a_config_come_at_once_each_with_its_line() {
    let (mut config, mut expected) = (String::new(), Vec::new());
    for (part, faults) in WRONG {
        let before = config.lines().count();
        expected.extend(faults.iter().map(|(line, fault)| format!("{}: {fault}", before + line)));
        config.push_str(part);
    }
    check(&config, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn each_wrong_part_is_as_wrong_alone() {
    for (part, faults) in WRONG {
        let folder = folder_with(part);
        let (stdout, code) = checked(folder.path(), &["--config", "lakeport.toml"]);
        for (line, fault) in faults {
            let expected = format!("lakeport.toml:{line}: {fault}");
            assert!(stdout.lines().any(|said| said == expected), "{expected} is not in\n{stdout}");
        }
        assert_eq!(code, Some(1), "{part}");
    }
}

#[test]
fn what_is_no_toml_is_said_without_repeating_it() {
    check(
        "a = CANARYc1a7\nb = 1\nb = 2\n[c\n",
        &[
            "1: not TOML: string values must be quoted, expected literal string",
            "3: not TOML: duplicate key",
            "4: not TOML: unclosed table, expected `]`",
        ],
    );
}

#[test]
fn a_door_beyond_this_machine_needs_users_and_a_certificate() {
    check(
        "[postgres]\nlisten = \"0.0.0.0:5432\"\n",
        &[
            "2: postgres.listen is 0.0.0.0:5432, which is beyond loopback: there are no users; add [users.NAME] with a password",
            "2: postgres.listen is 0.0.0.0:5432, which is beyond loopback: there is no certificate; add [postgres.tls] with certificate and key",
        ],
    );
}

#[test]
fn a_config_or_folder_that_is_not_there_is_one_fault() {
    let folder = TempDir::new().expect("a folder");
    for (arguments, expected) in [
        (&["--config", "none.toml"][..], "none.toml: cannot be read: there is no such file\n"),
        (&[], "lakeport.toml: cannot be read: there is no such file\n"),
        (&["none"], "none is no folder\n"),
    ] {
        assert_eq!(checked(folder.path(), arguments), (expected.to_owned(), Some(1)));
    }
}

#[test]
fn the_reference_config_is_right_and_needs_no_store() {
    let reference = lakeport_tests::folder().with_file_name("config").join("lakeport.toml");
    let folder = folder_with(&fs::read_to_string(reference).expect("the reference config"));
    let expected = ("0 stores, 0 tables, 0 views: all right\n".to_owned(), Some(0));
    assert_eq!(checked(folder.path(), &[]), expected);
}

#[test]
fn faults_of_stores_tables_and_views_come_together_and_what_is_right_is_not_named() {
    let folder = folder_with(
        "views = \"views\"\n[stores.disk.local]\nfolder = \"lake\"\n[stores.gone.local]\nfolder = \"gone\"\n\
         [schemas.sales]\nfrom = \"disk/sales\"\n[schemas.none]\nfrom = \"disk/none\"\n",
    );
    let path = |name: &str| folder.path().join(name);
    for made in ["views/bi", "lake/sales/twice", "lake/sales/empty"] {
        fs::create_dir_all(path(made)).expect("a folder");
    }
    for (name, text) in [
        ("lake/sales/orders.parquet", "this is no Parquet file"),
        ("lake/sales/twice.parquet", "nor this, but who knows which"),
        ("views/bi/a.sql", "SELECT * FROM bi.b"),
        ("views/bi/b.sql", "SELECT * FROM bi.a"),
        ("views/bi/good.sql", "SELECT 1 AS one"),
        ("views/bi/key.sql", "-- ownr: x\nSELECT 1"),
        ("views/bi/missing.sql", "-- description: x\nSELECT * FROM sales.nothing"),
    ] {
        fs::write(path(name), text).expect("a file");
    }
    let (stdout, code) = checked(folder.path(), &[]);
    assert_eq!(code, Some(1));
    let expected = [
        "views/bi/key.sql:1: unknown key ownr in the view's header; did you mean owner?",
        "lakeport.toml: store gone cannot be opened: its folder gone cannot be read: No such file or directory (os error 2)",
        "views/bi/a.sql:1: view bi.a goes round in a circle: bi.a reads bi.b reads bi.a",
        "views/bi/b.sql:1: view bi.b goes round in a circle: bi.b reads bi.a reads bi.b",
        "lakeport.toml: table sales.empty does not exist: sales/empty holds no Parquet file",
        "lakeport.toml: table sales.orders: file sales/orders.parquet cannot be read as Parquet: it does not end in PAR1",
        "lakeport.toml: table sales.twice is there twice: sales/twice.parquet and sales/twice",
    ];
    let (missing, others): (Vec<&str>, Vec<&str>) =
        stdout.lines().partition(|line| line.starts_with("views/bi/missing.sql:2: "));
    assert_eq!(others, expected);
    assert!(missing.len() == 1 && missing[0].contains("\"sales.nothing\" does not exist"), "{missing:?}");
}

/// A folder that is kept from one run to the next, as the tests' own lake is, shows what the program makes now.
#[test]
fn a_demo_that_an_older_program_made_is_made_anew() {
    let folder = TempDir::new().expect("a folder");
    make_demo_lake(folder.path());
    let (config, mark) = (folder.path().join("lakeport.toml"), folder.path().join("lake/_complete"));
    let data = folder.path().join("lake/shop/products.parquet");
    let read = |path: &Path| fs::read(path).expect("a file of the demo");
    let made = [read(&config), read(&mark), read(&data)];
    let old = [&b"[stores]\n"[..], b"lakeport demo, version 2\n", b"other rows"];
    let gone = folder.path().join("lake/shop/gone.parquet");
    for (path, content) in [(&config, old[0]), (&mark, old[1]), (&data, old[2]), (&gone, b"")] {
        fs::write(path, content).expect("a file");
    }
    make_demo_lake(folder.path());
    assert_eq!([read(&config), read(&mark), read(&data)], made);
    assert!(!gone.exists());
    // What is there as it is made now is not made again.
    fs::write(&data, "kept").expect("a file");
    make_demo_lake(folder.path());
    assert_eq!(read(&data), b"kept");
}
