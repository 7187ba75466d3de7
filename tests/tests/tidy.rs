//! The repository keeps its own rules: headers, lengths, the direction of imports, words that must not stand.
//!
//! Each message says what to do instead.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Most lines above the tests of one file: one thought a file.
const LINES_MAX: usize = 500;

/// Which crates each crate may import. A new edge is a change of the design: docs/architecture.md says why.
const EDGES: [(&str, &[&str]); 10] = [
    ("base", &[]),
    ("config", &["base"]),
    ("store", &["base", "config"]),
    ("lake", &["base", "config", "store"]),
    ("sql", &["base"]),
    ("access", &["base"]),
    ("catalog", &["base", "sql"]),
    ("engine", &["base", "config", "store", "lake", "sql", "access", "catalog"]),
    ("pg", &["base", "config", "access", "sql", "engine"]),
    ("lakeport", &["base", "config", "access", "sql", "engine", "pg"]),
];

/// Which crates own each outside library: no other may depend on it.
const OWNERS: [(&str, &[&str]); 4] = [
    ("datafusion", &["lake", "sql", "catalog", "engine"]),
    ("object_store", &["store", "lake"]),
    ("pgwire", &["pg"]),
    ("clap", &["lakeport"]),
];

fn root() -> &'static Path {
    lakeport_tests::folder().parent().expect("the tests lie in the repository")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found
}

fn sources() -> BTreeMap<PathBuf, String> {
    ["crates", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(&root().join(folder), "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file");
            (path, text)
        })
        .collect()
}

fn own_lines(text: &str) -> usize {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(
            text.starts_with("//! "),
            "{}: begin with a //! header: what it is, what it leaves to others",
            path.display()
        );
    }
}

#[test]
fn every_file_is_one_thought_long() {
    // What stands in a folder of tests is tests from its first line on.
    for (path, text) in sources()
        .into_iter()
        .filter(|(path, _)| !path.iter().any(|part| part == "tests" || part == "tests.rs"))
    {
        let lines = own_lines(&text);
        assert!(
            lines <= LINES_MAX,
            "{}: {lines} lines above its tests; split it by thoughts",
            path.display()
        );
    }
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    for (path, text) in sources() {
        if path.ends_with("tidy.rs") {
            continue;
        }
        for word in ["TODO", "FIXME", "todo!(", "unimplemented!("] {
            assert!(
                !text.contains(word),
                "{}: {word}: do it, or describe the limit in the doc comment",
                path.display()
            );
        }
    }
}

#[test]
fn crates_import_one_way() {
    for (name, allowed) in EDGES {
        let manifest =
            fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
        let dependencies = manifest.split("[dependencies]").nth(1).expect("dependencies");
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            if let Some(rest) = line.strip_prefix("lakeport-") {
                let other = rest.split(['.', ' ', '=']).next().unwrap_or_default();
                assert!(
                    allowed.contains(&other),
                    "crates/{name} must not import {other}: see docs/architecture.md"
                );
            }
            for (library, owners) in OWNERS {
                let own = line.split(['.', ' ', '=']).next() == Some(library);
                assert!(
                    !own || owners.contains(&name),
                    "crates/{name} must not use {library}: {owners:?} own it"
                );
            }
        }
    }
}

#[test]
fn every_crate_stands_in_the_list_of_edges() {
    for entry in fs::read_dir(root().join("crates")).expect("the crates") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(
            EDGES.iter().any(|(known, _)| *known == name),
            "crates/{name} is in no list: add it to EDGES"
        );
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = files(&root().join("docs"), "md");
    documents.extend(["README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    for document in documents {
        let text = fs::read_to_string(&document).expect("a document");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = document.parent().expect("a folder").join(target);
            assert!(path.exists(), "{}: the link {link} leads nowhere", document.display());
        }
    }
}
