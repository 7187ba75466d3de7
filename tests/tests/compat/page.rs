//! docs/compatibility.md, made of the corpora and of what clients' tests say of themselves.
//!
//! `run.rs` holds that the corpora tell the truth, `notes.rs` that each test that is named exists; so the page does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::compare::Facet;
use crate::corpus::{self, Block, Corpus};
use crate::inventory;
use crate::notes::{self, Client, Shown};

fn path() -> PathBuf {
    lakeport_tests::folder().parent().expect("the repository").join("docs/compatibility.md")
}

#[test]
fn the_page_is_what_the_results_make() {
    if std::env::var("LAKEPORT_REWRITE").is_err() {
        let committed = fs::read_to_string(path()).unwrap_or_default();
        assert!(
            committed == page(),
            "docs/compatibility.md is not what the results make: LAKEPORT_REWRITE=1 cargo test --workspace --test compat"
        );
    }
}

/// Writes the page anew.
pub(crate) fn write() {
    fs::write(path(), page()).expect("the page can be written");
}

const HEAD: &str = "# Compatibility

<!-- Made by `LAKEPORT_REWRITE=1 cargo test --workspace --test compat` of tests/compat; a test compares the two. Change that, not this. -->

Which clients were run against Lakeport, what works, and what does not. The judge of right and wrong is a real PostgreSQL 15 that
holds the same tables: each statement of `tests/compat` is asked of both, through the simple and the extended protocol, as text and as binary, and
the answers are compared: status, SQLSTATE, message, position, tag, names, type oids, type modifiers, source tables and columns, rows. Where they differ, the
difference stands in the corpus with its reason, and here. A difference that is listed and is none fails the tests as well.

*Real program* means that the client itself runs in the tests. *Replay* means that it can't run there: its conversation is held by the tests, in statements of the
same shapes, written from its published sources and documentation.
";

fn page() -> String {
    let (corpora, clients) = (corpus::all(), notes::clients());
    let reasons = corpus::reasons();
    let mut page = HEAD.to_owned();
    sum(&mut page, &corpora);
    write_clients(&mut page, &clients, &corpora, &reasons);
    write_requirements(&mut page, &corpora);
    write_reasons(&mut page, &corpora, &reasons);
    write_refused(&mut page, &corpora, &reasons);
    write_missing(&mut page);
    page
}

fn sum(page: &mut String, corpora: &[Corpus]) {
    let blocks: Vec<&Block> = corpora.iter().flat_map(|corpus| &corpus.blocks).collect();
    let equal = blocks.iter().filter(|block| block.known.is_empty()).count();
    let text = format!(
        "\n{equal} of the {} statements below get PostgreSQL's answer in every respect that is compared.\n",
        blocks.len()
    );
    page.push_str(&text);
}

fn write_clients(
    page: &mut String,
    clients: &[Client],
    corpora: &[Corpus],
    reasons: &BTreeMap<String, String>,
) {
    page.push_str("\n## Clients\n\n| client | versions | how | statements | of these as PostgreSQL |\n| --- | --- | --- | --- | --- |\n");
    for client in clients {
        let blocks: Vec<&Block> = client
            .shown
            .iter()
            .filter_map(|shown| shown.corpus(corpora))
            .flat_map(|corpus| &corpus.blocks)
            .collect();
        let (count, equal) = match blocks.len() {
            0 => ("".to_owned(), "".to_owned()),
            count => {
                (count.to_string(), blocks.iter().filter(|block| block.known.is_empty()).count().to_string())
            }
        };
        row(page, &[&client.name, &client.versions, &client.how, &count, &equal]);
    }
    for client in clients {
        writeln!(page, "\n### {}\n", client.name).expect("text");
        writeln!(page, "{}, {}. Shown by:\n", capital(&client.how), client.versions).expect("text");
        for shown in &client.shown {
            shown.must_exist(corpora);
            write_shown(page, shown, corpora);
        }
        let differing: Vec<(&Corpus, &Block)> = client
            .shown
            .iter()
            .filter_map(|shown| shown.corpus(corpora))
            .flat_map(|corpus| corpus.blocks.iter().map(move |block| (corpus, block)))
            .filter(|(_, block)| !block.known.is_empty())
            .collect();
        if client.missing.is_empty() && differing.is_empty() {
            continue;
        }
        page.push_str("\nWhat does not work, or differs:\n\n");
        for missing in &client.missing {
            writeln!(page, "- {missing}").expect("text");
        }
        for (_, block) in differing {
            writeln!(page, "- {}: {}", block.name, difference(block, reasons)).expect("text");
        }
    }
}

fn write_shown(page: &mut String, shown: &Shown, corpora: &[Corpus]) {
    match shown.corpus(corpora) {
        Some(corpus) => {
            writeln!(page, "- [{1}](../tests/compat/{0}.sql): {2}", corpus.name, corpus.title, corpus.about)
        }
        None if shown.what.is_empty() => writeln!(page, "- `{}`", shown.by),
        None => writeln!(page, "- `{}`: {}", shown.by, shown.what),
    }
    .expect("text");
}

fn write_requirements(page: &mut String, corpora: &[Corpus]) {
    page.push_str(
        "\n## What clients demand\n\nForty requirements, the most damaging first, and how each is shown.\n\n\
         | | demanded | shown by | missing |\n| --- | --- | --- | --- |\n",
    );
    for requirement in notes::requirements() {
        let shown: Vec<String> = requirement
            .shown
            .iter()
            .map(|shown| {
                shown.must_exist(corpora);
                format!("`{}`", shown.by)
            })
            .collect();
        row(
            page,
            &[&requirement.number, &requirement.text, &shown.join(", "), &requirement.missing.join("; ")],
        );
    }
}

fn write_reasons(page: &mut String, corpora: &[Corpus], reasons: &BTreeMap<String, String>) {
    page.push_str("\n## Differences that stand in many places\n\n| reason | statements |\n| --- | --- |\n");
    for (name, reason) in reasons {
        let named = format!("@{name}");
        let count = corpora
            .iter()
            .flat_map(|corpus| &corpus.blocks)
            .filter(|block| block.known.iter().any(|known| known.reason == named))
            .count();
        row(page, &[reason, &count.to_string()]);
    }
}

fn write_refused(page: &mut String, corpora: &[Corpus], reasons: &BTreeMap<String, String>) {
    page.push_str(
        "\n## What is refused\n\nStatements that PostgreSQL answers and Lakeport refuses, each with its SQLSTATE and the session intact.\n\n\
         | statement | why |\n| --- | --- |\n",
    );
    for block in corpora.iter().flat_map(|corpus| &corpus.blocks) {
        for known in block.known.iter().filter(|known| known.facets.contains(&Facet::Status)) {
            row(page, &[&format!("`{}`", shortened(&block.sql)), reason(&known.reason, reasons)]);
        }
    }
}

fn write_missing(page: &mut String) {
    let missing = inventory::missing();
    let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "\n## Types and functions that are not there\n\nTypes that nothing can be cast to: {}.\n\nOf the {} functions of PostgreSQL 15 that \
         are called by name (without those that only operators, casts, indexes and types are made of, and those of XML, text search, replication and statistics), \
         {} are not there, in none of their forms: {}.\n",
        list(&missing.types),
        missing.asked_count,
        missing.functions.len(),
        list(&missing.functions)
    );
    page.push_str(&text);
}

fn shortened(sql: &str) -> String {
    const LETTERS_MAX: usize = 100;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    match line.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

fn difference(block: &Block, reasons: &BTreeMap<String, String>) -> String {
    let known = block.known.iter().map(|known| {
        let facets: Vec<String> = known.facets.iter().map(Facet::to_string).collect();
        format!("{} ({})", reason(&known.reason, reasons), facets.join(", "))
    });
    known.collect::<Vec<_>>().join("; ")
}

fn reason<'a>(reason: &'a str, reasons: &'a BTreeMap<String, String>) -> &'a str {
    match reason.strip_prefix('@') {
        Some(name) => reasons.get(name).unwrap_or_else(|| panic!("no reason is named @{name}")),
        None => reason,
    }
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(page, "| {} |", cells.join(" | ")).expect("text");
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
