//! What stands in `tests/compat/` for docs/compatibility.md: one file for each client, and the list of requirements.
//!
//! Lines are `key: value`. A `shown:` line names what shows it: `corpus NAME` for a file of statements, `TARGET::test`
//! for a test of `tests/tests/`, `CRATE::test` for one of `crates/`, `sql/NAME.slt` for a file of SQL; then ` | ` and
//! what it shows. Each name is looked up, so that no line outlives its test. `missing:` lines say what does not work.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::{self, Corpus};

/// One client.
pub(crate) struct Client {
    pub(crate) name: String,
    /// Which versions, and where the shapes of a replay are from.
    pub(crate) versions: String,
    /// `real program` or `replay`.
    pub(crate) how: String,
    pub(crate) shown: Vec<Shown>,
    pub(crate) missing: Vec<String>,
}

/// One of the requirements of clients.
pub(crate) struct Requirement {
    pub(crate) number: String,
    pub(crate) text: String,
    pub(crate) shown: Vec<Shown>,
    pub(crate) missing: Vec<String>,
}

/// What shows that something works.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) by: String,
    pub(crate) what: String,
}

/// All clients, by the names of their files.
pub(crate) fn clients() -> Vec<Client> {
    let mut paths: Vec<PathBuf> = fs::read_dir(corpus::folder().join("clients"))
        .expect("the folder of clients")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| client(path)).collect()
}

fn client(path: &Path) -> Client {
    let text = fs::read_to_string(path).expect("a client's file");
    let pairs = pairs(&text, path);
    let one = |key: &str| {
        let found = pairs.iter().find(|(name, _)| *name == key);
        found.unwrap_or_else(|| panic!("{}: no line `{key}:`", path.display())).1.to_owned()
    };
    for (key, _) in &pairs {
        let known = ["name", "versions", "how", "shown", "missing"].contains(key);
        assert!(known, "{}: no key is named {key}", path.display());
    }
    let how = one("how");
    assert!(
        ["real program", "replay"].contains(&how.as_str()),
        "{}: how is `real program` or `replay`",
        path.display()
    );
    let (shown, missing) = (shown(&pairs), missing(&pairs));
    assert!(!shown.is_empty(), "{}: nothing shows it", path.display());
    Client { name: one("name"), versions: one("versions"), how, shown, missing }
}

/// The requirements in their order.
pub(crate) fn requirements() -> Vec<Requirement> {
    let path = corpus::folder().join("requirements.txt");
    let text = fs::read_to_string(&path).expect("the requirements");
    let paragraphs =
        text.split("\n\n").filter(|paragraph| paragraph.trim_start().starts_with("requirement: "));
    paragraphs
        .map(|paragraph| {
            let pairs = pairs(paragraph, &path);
            let (number, text) = pairs[0].1.split_once(' ').expect("a number and a text");
            let requirement = Requirement {
                number: number.to_owned(),
                text: text.to_owned(),
                shown: shown(&pairs),
                missing: missing(&pairs),
            };
            assert!(
                !requirement.shown.is_empty() || !requirement.missing.is_empty(),
                "requirement {number}: neither shown nor missing"
            );
            requirement
        })
        .collect()
}

fn pairs<'a>(text: &'a str, path: &Path) -> Vec<(&'a str, &'a str)> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            line.split_once(": ").unwrap_or_else(|| panic!("{}: `key: value`, not {line:?}", path.display()))
        })
        .collect()
}

fn shown(pairs: &[(&str, &str)]) -> Vec<Shown> {
    let lines = pairs.iter().filter(|(key, _)| *key == "shown");
    lines
        .map(|(_, value)| {
            let (by, what) = value.split_once(" | ").unwrap_or((value, ""));
            Shown { by: by.trim().to_owned(), what: what.trim().to_owned() }
        })
        .collect()
}

fn missing(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().filter(|(key, _)| *key == "missing").map(|(_, value)| (*value).to_owned()).collect()
}

impl Shown {
    /// The corpus that it names, where it names one.
    pub(crate) fn corpus<'a>(&self, corpora: &'a [Corpus]) -> Option<&'a Corpus> {
        let name = self.by.strip_prefix("corpus ")?;
        let found = corpora.iter().find(|corpus| corpus.name == name);
        Some(found.unwrap_or_else(|| panic!("no corpus is named {name}")))
    }

    /// Panics where what it names is not there.
    pub(crate) fn must_exist(&self, corpora: &[Corpus]) {
        if self.corpus(corpora).is_some() {
            return;
        }
        let tests = lakeport_tests::folder();
        if self.by.starts_with("sql/") {
            assert!(tests.join(&self.by).is_file(), "{}: there is no such file", self.by);
            return;
        }
        let (target, _) = self.by.split_once("::").unwrap_or_else(|| panic!("{}: TARGET::test", self.by));
        let test = self.by.rsplit("::").next().unwrap_or_default();
        let root = tests.parent().expect("the repository");
        let places = [
            tests.join("tests").join(format!("{target}.rs")),
            tests.join("tests").join(target),
            root.join("crates").join(target),
        ];
        let head = format!("fn {test}(");
        assert!(places.iter().any(|place| holds(place, &head)), "{}: there is no such test", self.by);
    }
}

fn holds(place: &Path, head: &str) -> bool {
    if place.is_dir() {
        return fs::read_dir(place).is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| holds(&entry.path(), head)))
        });
    }
    place.extension().is_some_and(|extension| extension == "rs")
        && fs::read_to_string(place).is_ok_and(|text| text.contains(head))
}
