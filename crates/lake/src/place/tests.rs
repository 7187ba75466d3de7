//! What users may and may not write as a path.

use super::{Place, adhoc, parquet_stem};
use crate::Error;

/// Each is an attempt to leave the store, to hide a name, or to confuse a reader further down.
const ESCAPES: &[&str] = &[
    "",
    "/",
    "//",
    ".",
    "..",
    "../",
    "./",
    "./a",
    "a/.",
    "a/..",
    "a/../b",
    "../x.parquet",
    "../../etc/passwd",
    "a/../../b",
    "a/b/../../../c",
    "..a/../b",
    "/etc/passwd",
    "/etc",
    "/x.parquet",
    "//etc/passwd",
    "///etc",
    "//server/share",
    "a//b",
    "a///b",
    "a//",
    "\\",
    "\\\\server\\share",
    "\\\\?\\C:\\x",
    "..\\x",
    "a\\..\\b",
    "a\\b",
    "C:",
    "C:\\x",
    "C:/x",
    "c:x.parquet",
    "Z:/data",
    "file:",
    "file:x",
    "file:/etc/passwd",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "http://169.254.169.254/latest/meta-data",
    "https://example.com/x.parquet",
    "HTTP://127.0.0.1:1/x",
    "http:x",
    "s3://other/b",
    "s3a://other/b",
    "S3://b",
    "gs://b/x",
    "gcs://b/x",
    "az://c/x",
    "azure://c/x",
    "adl://c/x",
    "abfs://c@a.dfs.core.windows.net/x",
    "abfss://c@a.dfs.core.windows.net/x",
    "abfss:x",
    "wasb://c@a/x",
    "hdfs://n/x",
    "memory:///x",
    "data:,x",
    "ftp://h/x",
    "jar:file:/x",
    "git+ssh://h/x",
    "lakeport://objects/x",
    "x-y.z+1:/a",
    "%2e%2e",
    "%2e%2e/x",
    "%2E%2E/x",
    "%2e./x",
    ".%2e/x",
    "a/%2e%2e/b",
    "a/%2e%2e%2fb",
    "..%2fx",
    "..%2Fx",
    "..%5cx",
    "%2fetc%2fpasswd",
    "%252e%252e/x",
    "%25252e",
    "%c0%ae%c0%ae/x",
    "%c0%af",
    "%e0%80%ae",
    "%00",
    "x%00.parquet",
    "a%20b",
    "%",
    "100%",
    "%u002e%u002e/x",
    "\0",
    "x\0",
    "x\0.parquet",
    "a/\0/b",
    "a\n",
    "a\r\nb",
    "a\tb",
    "\u{7f}",
    "a\u{1b}[0m",
    "a\u{85}b",
    "a\u{9b}b",
    " ",
    " a",
    "a ",
    "a/ /b",
    " ..",
    ".. ",
    "a/ ../b",
    "a/.. /b",
    "\u{a0}",
    "\u{2003}a",
    "...",
    "....",
    ".../x",
    "....//x",
    "a/.../b",
    "a.",
    "a./b",
    "x.parquet.",
    ".hidden",
    ".git/config",
    "a/.env",
    "_delta_log",
    "a/_delta_log/0.json",
    "_SUCCESS",
    "a/_temporary/x.parquet",
    "~",
    "~/x",
    "~root/x",
    "a/~/b",
    "\u{ff0e}\u{ff0e}/x",
    "\u{2024}\u{2024}/x",
    "\u{2025}/x",
    "\u{2026}/x",
    "\u{fe52}\u{fe52}/x",
    "a\u{2215}b",
    "\u{2044}etc\u{2044}passwd",
    "a\u{ff0f}..\u{ff0f}b",
    "a\u{ff3c}b",
    "a\u{2216}b",
    "a\u{29f8}b",
    "\u{ff05}2e",
    "\u{3002}\u{3002}/x",
    "\u{feff}x",
    "a\u{200b}b",
    "a\u{202e}b",
    ".\u{200b}./x",
    "\u{fffd}",
    "**/..",
    "../**",
    "/**",
    "*/../*",
    "..*/x",
    ".*",
    "_*",
    "*/../../x.parquet",
    "a/**/../b",
];

#[test]
fn every_spelling_of_a_way_out_is_refused_with_one_message() {
    assert!(ESCAPES.len() >= 120, "{}", ESCAPES.len());
    let messages: std::collections::BTreeSet<String> = ESCAPES
        .iter()
        .map(|text| match adhoc(text) {
            Err(error @ Error::Refused) => {
                assert_eq!(error.sqlstate().to_string(), "42501");
                error.to_string()
            }
            other => panic!("{text:?} gave {other:?}"),
        })
        .collect();
    assert_eq!(messages.len(), 1);
}

#[test]
fn a_path_beyond_the_longest_is_refused() {
    assert!(adhoc(&"a".repeat(1024)).is_ok());
    assert!(adhoc(&"a".repeat(1025)).is_err());
}

#[test]
fn plain_paths_are_taken_as_they_are() {
    for text in [
        "x.parquet",
        "sales/2024/orders.parquet",
        "sales/year=2024/month=3",
        "Größe/naïve.parquet",
        "a b/c d.parquet",
        "a..b/c",
        "dt=2024-01-01 10:00:00/x.parquet",
        "a/b:c",
        "日本/表.parquet",
        "a#b",
        "a'b",
        "a\"b",
        "x;y",
        "[1]/x",
        "{a,b}",
    ] {
        assert_eq!(adhoc(text).unwrap(), Place::At(text.to_owned()));
    }
    assert_eq!(adhoc("sales/").unwrap(), Place::At("sales".to_owned()));
}

#[test]
fn stars_and_question_marks_make_a_pattern() {
    for text in ["*", "**", "sales/*.parquet", "sales/**/x.parquet", "a?c", "year=202?/*"] {
        assert_eq!(adhoc(text).unwrap(), Place::Glob(text.to_owned()));
    }
}

#[test]
fn a_parquet_file_is_known_by_its_ending() {
    for (name, stem) in [
        ("a.parquet", Some("a")),
        ("A.PARQUET", Some("A")),
        ("a.snappy.parquet", Some("a.snappy")),
        ("a.parq", Some("a")),
        ("a.pq", Some("a")),
        (".parquet", None),
        ("parquet", None),
        ("a.csv", None),
        ("ä", None),
        ("x.parquet.crc", None),
    ] {
        assert_eq!(parquet_stem(name), stem, "{name}");
    }
}
