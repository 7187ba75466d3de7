//! Every statement of the corpora, asked of both servers through both protocols.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::compare::{Differences, Facet, Oids, Side, compare};
use crate::corpus::{self, Block, Corpus};
use crate::inventory;
use crate::page;
use crate::script::packets;
use crate::tables::{Both, DATABASE};
use crate::talk::{Answer, Talk, bind, describe, execute, parse, sync};

/// A session with each server, and what their oids mean.
struct Pair {
    lakeport: Talk,
    postgres: Talk,
}

impl Pair {
    fn open(both: &Both, startup: &[(String, String)]) -> Pair {
        let mut parameters = vec![("user", "test"), ("database", DATABASE)];
        parameters.extend(startup.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let open = |address: &str| Talk::connect_with(address, &parameters).expect("a session");
        Pair { lakeport: open(&both.lakeport), postgres: open(&both.postgres) }
    }
}

#[test]
fn every_statement_gets_postgresqls_answer_but_where_the_corpus_says_why_not() {
    let both = Both::get();
    let mut pair = Pair::open(&both, &[]);
    let oids = [Oids::ask(&mut pair.lakeport), Oids::ask(&mut pair.postgres)];
    let rewrites = std::env::var("LAKEPORT_REWRITE").is_ok();
    let only = std::env::var("LAKEPORT_CORPUS").ok();
    let (mut report, mut count, mut failed) = (String::new(), 0, 0);
    for corpus in corpus::all().iter().filter(|corpus| only.as_ref().is_none_or(|only| *only == corpus.name))
    {
        let mut stale = Vec::new();
        let open = || Pair::open(&both, &corpus.startup);
        let (mut simple, mut extended) = (open(), open());
        for block in &corpus.blocks {
            count += 1;
            if block.flags.is_fresh {
                (simple, extended) = (open(), open());
            }
            let found = differences(&mut simple, &mut extended, &open, &oids, block);
            let listed: Vec<Facet> = block.known.iter().flat_map(|known| known.facets.clone()).collect();
            let new: Vec<_> = found.iter().filter(|(facet, _)| !listed.contains(facet)).collect();
            let gone: Vec<Facet> = listed.into_iter().filter(|facet| !found.contains_key(facet)).collect();
            if !new.is_empty() || (!gone.is_empty() && !rewrites) {
                failed += 1;
                explain(&mut report, corpus, block, &new, &gone);
            }
            stale.extend(gone.into_iter().map(|facet| (block.name.as_str(), facet)));
        }
        if rewrites && !stale.is_empty() {
            corpus.forget(&stale);
        }
    }
    assert!(count > 0, "no corpus is named {only:?}");
    if rewrites {
        corpus::forget_reasons();
        inventory::write();
        page::write();
    }
    assert!(
        failed == 0,
        "{failed} of {count} statements are not as their corpus says. A difference that is to stay is listed below the \
         line of its name as `--! facets: reason` (or `@name` of reasons.txt); LAKEPORT_REWRITE=1 takes out what is listed and no longer differs, \
         LAKEPORT_CORPUS=name asks only one file.\n{report}\n{}",
        both.complaints()
    );
}

#[test]
fn every_reason_is_named_and_every_name_has_its_reason() {
    if std::env::var("LAKEPORT_REWRITE").is_err() {
        let reasons = corpus::reasons();
        let known: BTreeSet<&str> = reasons.keys().map(String::as_str).collect();
        let used = corpus::used_reasons();
        let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
        assert_eq!(used, known, "used in the corpora, and explained in reasons.txt");
    }
}

fn explain(report: &mut String, corpus: &Corpus, block: &Block, new: &[(&Facet, &String)], gone: &[Facet]) {
    writeln!(report, "{}: {}", corpus.name, block.name).expect("text");
    for (facet, detail) in new {
        writeln!(report, "    {facet} differs:{detail}").expect("text");
    }
    for facet in gone {
        writeln!(report, "    {facet} is listed and does not differ").expect("text");
    }
}

fn differences(
    simple: &mut Pair,
    extended: &mut Pair,
    open: &dyn Fn() -> Pair,
    oids: &[Oids; 2],
    block: &Block,
) -> Differences {
    let mut found = Differences::new();
    if block.flags.is_talk {
        return converse(extended, open, oids, block);
    }
    if !block.flags.is_extended && block.parameters.is_empty() {
        let answers = [simple.lakeport.query(&block.sql), simple.postgres.query(&block.sql)];
        found = differ(&answers, oids, block);
        settle(simple, &answers, open);
    }
    if !block.flags.is_simple {
        // Both are asked, so that both sessions stay alike.
        let answers = [ask(&mut extended.lakeport, block), ask(&mut extended.postgres, block)];
        let mut more = differ(&answers, oids, block);
        settle(extended, &answers, open);
        if let Some(rows) = more.remove(&Facet::Rows)
            && !found.contains_key(&Facet::Rows)
        {
            more.insert(Facet::Binary, rows);
        }
        for (facet, detail) in more {
            found.entry(facet).or_insert_with(|| format!(" through the extended protocol{detail}"));
        }
    }
    found
}

/// Holds a conversation with both.
fn converse(pair: &mut Pair, open: &dyn Fn() -> Pair, oids: &[Oids; 2], block: &Block) -> Differences {
    let mut found = Differences::new();
    for packet in packets(&block.sql) {
        pair.lakeport.send(&packet.bytes);
        pair.postgres.send(&packet.bytes);
        for _ in 0..packet.ready_count {
            let answers = [pair.lakeport.answer(), pair.postgres.answer()];
            for (facet, detail) in differ(&answers, oids, block) {
                found.entry(facet).or_insert(detail);
            }
            if answers[0].status != answers[1].status || answers[0].status == 0 {
                // The rest would be read by sessions that are no longer where the conversation is.
                settle(pair, &answers, open);
                return found;
            }
        }
    }
    found
}

fn differ(answers: &[Answer; 2], oids: &[Oids; 2], block: &Block) -> Differences {
    let [ours, theirs] = [0, 1].map(|index| Side { answer: &answers[index], oids: &oids[index] });
    let mut found = compare(&ours, &theirs, block.flags);
    if let Some(status) = found.get_mut(&Facet::Status) {
        for (name, answer) in ["lakeport", "postgresql"].iter().zip(answers) {
            if let Some(failure) = answer.failure() {
                write!(status, "\n      {name}: {} {}", failure.code, failure.message).expect("text");
            }
        }
    }
    found
}

/// Opens new sessions where the two are no longer in the same state.
fn settle(pair: &mut Pair, answers: &[Answer; 2], open: &dyn Fn() -> Pair) {
    if answers[0].status != answers[1].status || answers[0].status == 0 {
        *pair = open();
    }
}

/// Asks through the extended protocol: what the statement is, then its rows as binary.
fn ask(talk: &mut Talk, block: &Block) -> Answer {
    let types: Vec<u32> = block.parameters.iter().map(|parameter| parameter.kind).collect();
    talk.send(&[parse("", &block.sql, &types), describe(b'S', ""), sync()].concat());
    let described = talk.answer();
    if described.failure().is_some() || described.status == 0 {
        return described;
    }
    let values: Vec<Option<Vec<u8>>> =
        block.parameters.iter().map(|parameter| parameter.value.clone()).collect();
    let formats: Vec<u16> = block.parameters.iter().map(|parameter| u16::from(parameter.is_binary)).collect();
    let bound = bind("", "", &values, &formats, &[1]);
    talk.send(&[bound, describe(b'P', ""), execute("", 0), sync()].concat());
    let mut answer = talk.answer();
    answer.parameters = described.parameters;
    answer
}
