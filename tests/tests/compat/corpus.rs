//! The files of statements in `tests/compat/`, one for each client or topic.
//!
//! A file begins with comment lines: a title, then what it is. Each statement follows a line `--- name [flags]`; lines
//! below that begin with `--!` list how Lakeport differs and why, lines with `--$` give the parameters of the extended
//! protocol. All statements of a file are sent in one session, each block as one Query message.
//!
//! Flags: `columns` compares all but the rows, for what is the server's own, such as a time; `unordered` compares rows
//! as a set; `simple` asks only through the simple protocol, `extended` only through the other; `fresh` opens new
//! sessions first; `talk` says that the block is a conversation, see `script.rs`. Lines `--@ NAME VALUE` in a file's head
//! are parameters of the start-up.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::compare::Facet;

/// One file.
pub(crate) struct Corpus {
    pub(crate) path: PathBuf,
    /// The file's name without its ending.
    pub(crate) name: String,
    pub(crate) title: String,
    /// What the file is, in a few sentences.
    pub(crate) about: String,
    /// Parameters of the start-up beside user and database.
    pub(crate) startup: Vec<(String, String)>,
    pub(crate) blocks: Vec<Block>,
}

/// One message with what is known of its answer.
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) flags: Flags,
    pub(crate) known: Vec<Known>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) sql: String,
}

/// How a block is asked and compared.
#[derive(Default, Clone, Copy)]
pub(crate) struct Flags {
    pub(crate) is_columns: bool,
    pub(crate) is_unordered: bool,
    pub(crate) is_simple: bool,
    pub(crate) is_extended: bool,
    pub(crate) is_fresh: bool,
    pub(crate) is_talk: bool,
}

/// A difference that is known, with its reason.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) facets: Vec<Facet>,
    pub(crate) reason: String,
}

/// A parameter: `--$ TYPE VALUE`, the type's oid or 0, the value's text; `null` alone is NULL. A `!` behind the type
/// sends the value in its binary form.
pub(crate) struct Parameter {
    pub(crate) kind: u32,
    pub(crate) is_binary: bool,
    pub(crate) value: Option<Vec<u8>>,
}

/// The folder of the files.
pub(crate) fn folder() -> PathBuf {
    lakeport_tests::folder().join("compat")
}

/// All files, by name.
pub(crate) fn all() -> Vec<Corpus> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder of statements")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Corpus {
    let text = fs::read_to_string(path).expect("a file of statements");
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut pieces = text.split("\n--- ");
    let head = pieces.next().unwrap_or_default();
    let startup = head
        .lines()
        .filter_map(|line| line.strip_prefix("--@ ")?.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut lines =
        head.lines().filter(|line| !line.starts_with("--@")).map(|line| line.trim_start_matches("--").trim());
    let title = lines.next().unwrap_or_default().to_owned();
    let about = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    assert!(!title.is_empty() && !about.is_empty(), "{name}: begin with a title and what the file is");
    let blocks: Vec<Block> = pieces.map(|piece| block(&name, piece)).collect();
    let mut seen = BTreeMap::new();
    for block in &blocks {
        assert!(seen.insert(&block.name, ()).is_none(), "{name}: two blocks are named {:?}", block.name);
    }
    Corpus { path: path.to_owned(), name, title, about, startup, blocks }
}

fn block(file: &str, piece: &str) -> Block {
    let (head, body) = piece.split_once('\n').unwrap_or((piece, ""));
    let (name, flags) = match head.split_once('[') {
        Some((name, flags)) => (name.trim(), flags.trim_end().trim_end_matches(']')),
        None => (head.trim(), ""),
    };
    let about = || format!("{file}: {name}");
    let mut block = Block {
        name: name.to_owned(),
        flags: Flags::default(),
        known: Vec::new(),
        parameters: Vec::new(),
        sql: String::new(),
    };
    for flag in flags.split([',', ' ']).filter(|flag| !flag.is_empty()) {
        match flag {
            "columns" => block.flags.is_columns = true,
            "unordered" => block.flags.is_unordered = true,
            "simple" => block.flags.is_simple = true,
            "extended" => block.flags.is_extended = true,
            "fresh" => block.flags.is_fresh = true,
            "talk" => block.flags.is_talk = true,
            other => panic!("{}: no flag is named {other}", about()),
        }
    }
    let mut sql = Vec::new();
    for line in body.lines() {
        if let Some(known) = line.strip_prefix("--! ") {
            let (facets, reason) =
                known.split_once(": ").unwrap_or_else(|| panic!("{}: `--! facets: reason`", about()));
            let facets = facets
                .split(',')
                .map(|facet| {
                    facet.trim().parse().unwrap_or_else(|()| panic!("{}: no facet {facet}", about()))
                })
                .collect();
            block.known.push(Known { facets, reason: reason.trim().to_owned() });
        } else if let Some(parameter) = line.strip_prefix("--$ ") {
            block.parameters.push(self::parameter(parameter));
        } else {
            sql.push(line);
        }
    }
    // An empty statement is one too: only the line ends around it are the file's.
    block.sql = sql.join("\n").trim_matches('\n').to_owned();
    block
}

/// The reasons that stand for many differences, by their names.
pub(crate) fn reasons() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("reasons.txt")).expect("the reasons");
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{line}: `name: reason`"));
            (name.to_owned(), reason.to_owned())
        })
        .collect()
}

/// The names of reasons that the corpora use.
pub(crate) fn used_reasons() -> BTreeSet<String> {
    let corpora = all();
    let known = corpora.iter().flat_map(|corpus| &corpus.blocks).flat_map(|block| &block.known);
    known.filter_map(|known| known.reason.strip_prefix('@').map(str::to_owned)).collect()
}

/// Takes out the reasons that no corpus uses.
pub(crate) fn forget_reasons() {
    let path = folder().join("reasons.txt");
    let (text, used) = (fs::read_to_string(&path).expect("the reasons"), used_reasons());
    let kept = text.lines().filter(|line| {
        line.starts_with('#') || line.split_once(": ").is_none_or(|(name, _)| used.contains(name))
    });
    fs::write(&path, kept.collect::<Vec<_>>().join("\n") + "\n").expect("the file can be written");
}

fn parameter(text: &str) -> Parameter {
    let (kind, value) = text.split_once(' ').map_or((text, None), |(kind, value)| (kind, Some(value)));
    let (kind, is_binary) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
    let kind = type_of(kind);
    let value = value.filter(|value| *value != "null").map(|text| match kind {
        _ if !is_binary => text.as_bytes().to_vec(),
        16 => vec![u8::from(text == "t")],
        21 => text.parse::<i16>().expect("a number").to_be_bytes().to_vec(),
        23 => text.parse::<i32>().expect("a number").to_be_bytes().to_vec(),
        26 => text.parse::<u32>().expect("a number").to_be_bytes().to_vec(),
        20 => text.parse::<i64>().expect("a number").to_be_bytes().to_vec(),
        701 => text.parse::<f64>().expect("a number").to_be_bytes().to_vec(),
        _ => text.as_bytes().to_vec(),
    });
    Parameter { kind, is_binary, value }
}

/// The oid of a type that files name; 0 for none.
pub(crate) fn type_of(name: &str) -> u32 {
    match name {
        "0" => 0,
        "bool" => 16,
        "int2" => 21,
        "int4" => 23,
        "int8" => 20,
        "oid" => 26,
        "name" => 19,
        "text" => 25,
        "varchar" => 1043,
        "numeric" => 1700,
        "float8" => 701,
        "date" => 1082,
        "timestamp" => 1114,
        "timestamptz" => 1184,
        "uuid" => 2950,
        "text[]" => 1009,
        "oid[]" => 1028,
        "int4[]" => 1007,
        other => panic!("no type is named {other} here"),
    }
}

impl Corpus {
    /// Takes listed facets that no longer differ out of the file.
    pub(crate) fn forget(&self, stale: &[(&str, Facet)]) {
        let text = fs::read_to_string(&self.path).expect("a file of statements");
        let mut kept = Vec::new();
        let mut name = String::new();
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("--- ") {
                name = head.split('[').next().unwrap_or_default().trim().to_owned();
            }
            let Some((facets, reason)) = line.strip_prefix("--! ").and_then(|known| known.split_once(": "))
            else {
                kept.push(line.to_owned());
                continue;
            };
            let left: Vec<&str> = facets
                .split(',')
                .map(str::trim)
                .filter(|facet| {
                    !stale.iter().any(|(block, gone)| *block == name && facet.parse::<Facet>() == Ok(*gone))
                })
                .collect();
            if !left.is_empty() {
                kept.push(format!("--! {}: {reason}", left.join(", ")));
            }
        }
        fs::write(&self.path, kept.join("\n") + "\n").expect("the file can be written");
    }
}
