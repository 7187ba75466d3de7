//! Types and functions that PostgreSQL has and Lakeport has not: asked of both, kept in `tests/compat/missing.txt`.
//!
//! A type is there if NULL can be cast to it. A function is there if a call of it is planned with NULLs of the types of one of its
//! forms. What only operators, casts, indexes and types' input and output are made of is left out: nobody calls it.

use std::collections::BTreeMap;
use std::fs;

use crate::corpus;
use crate::tables::{Both, DATABASE};
use crate::talk::{Talk, parse, sync};

const TYPES: &str = "SELECT pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type
WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' ORDER BY 1";

const FUNCTIONS: &str = "SELECT p.proname, CASE WHEN p.prokind = 'w' THEN ' OVER ()' ELSE '' END,
  array_to_string(ARRAY(SELECT 'NULL::' || CASE t.typname WHEN 'any' THEN 'text' WHEN 'anyelement' THEN 'int4'
    WHEN 'anycompatible' THEN 'int4' WHEN 'anyarray' THEN 'int4[]' WHEN 'anycompatiblearray' THEN 'int4[]' ELSE format_type(t.oid, NULL) END
    FROM unnest(p.proargtypes) WITH ORDINALITY a(oid, n) JOIN pg_type t ON t.oid = a.oid ORDER BY n), ', ')
FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w')
  AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) a(oid) JOIN pg_type t ON t.oid = a.oid WHERE t.typtype = 'p'
    AND t.typname NOT IN ('any', 'anyelement', 'anyarray', 'anycompatible', 'anycompatiblearray'))
  AND (SELECT typtype <> 'p' OR typname IN ('record', 'anyelement', 'anyarray', 'anycompatible', 'anycompatiblearray', 'void') FROM pg_type WHERE oid = p.prorettype)
  AND p.oid NOT IN (SELECT oprcode FROM pg_operator) AND p.oid NOT IN (SELECT castfunc FROM pg_cast)
  AND p.oid NOT IN (SELECT unnest(ARRAY[oprrest, oprjoin]) FROM pg_operator)
  AND p.oid NOT IN (SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typsubscript]) FROM pg_type)
  AND p.oid NOT IN (SELECT amproc FROM pg_amproc) AND p.oid NOT IN (SELECT conproc FROM pg_conversion)
  AND p.oid NOT IN (SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]) FROM pg_aggregate)
  AND p.oid NOT IN (SELECT aggfnoid FROM pg_aggregate WHERE aggkind <> 'n')
  AND p.proname !~ '^(binary_upgrade|pg_stat_get|pg_replication|pg_logical|pg_create_|pg_drop_|pg_copy_|lo_|lo|pg_nextoid|ts_|gin|gist|spg|brin|bt|hash|RI_|json_populate|jsonb_populate|xml|query_to|table_to|schema_to|cursor_to|database_to)'
ORDER BY 1, 3";

/// What PostgreSQL has and Lakeport has not.
pub(crate) struct Missing {
    pub(crate) types: Vec<String>,
    pub(crate) functions: Vec<String>,
    /// How many functions were asked for.
    pub(crate) asked_count: usize,
}

/// What the file says.
pub(crate) fn missing() -> Missing {
    let text = fs::read_to_string(corpus::folder().join("missing.txt")).unwrap_or_default();
    let of = |key: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(key));
        lines.map(|value| value.trim().to_owned()).collect()
    };
    let asked_count = of("asked:").first().and_then(|count| count.parse().ok()).unwrap_or_default();
    Missing { types: of("type:"), functions: of("function:"), asked_count }
}

/// Asks both servers.
fn ask() -> String {
    let both = Both::get();
    let mut postgres = Talk::connect(&both.postgres, "test", DATABASE).expect("a session");
    let mut lakeport = Talk::connect(&both.lakeport, "test", DATABASE).expect("a session");
    let mut text =
        "# Made by LAKEPORT_REWRITE=1 cargo test --workspace --test compat; see inventory.rs.\n".to_owned();
    for name in postgres.must(TYPES).lines() {
        if refused(&mut lakeport, &format!("SELECT NULL::{name}")) {
            text += &format!("type: {name}\n");
        }
    }
    let mut functions: BTreeMap<String, bool> = BTreeMap::new();
    for line in postgres.must(FUNCTIONS).lines() {
        let parts: Vec<&str> = line.splitn(3, '|').collect();
        let [name, over, arguments] = parts[..] else { panic!("{line}: three columns") };
        let is_there = functions.entry(name.to_owned()).or_default();
        if !*is_there {
            *is_there = !refused(&mut lakeport, &format!("SELECT pg_catalog.{name}({arguments}){over}"));
        }
    }
    text += &format!("asked: {}\n", functions.len());
    for name in functions.iter().filter(|(_, is_there)| !**is_there).map(|(name, _)| name) {
        text += &format!("function: {name}\n");
    }
    text
}

fn refused(talk: &mut Talk, sql: &str) -> bool {
    talk.send(&[parse("", sql, &[]), sync()].concat());
    let answer = talk.answer();
    assert_ne!(answer.status, 0, "{sql}: the server hung up");
    answer.failure().is_some()
}

/// Writes the file anew.
pub(crate) fn write() {
    fs::write(corpus::folder().join("missing.txt"), ask()).expect("the file can be written");
}

#[test]
fn what_is_missing_is_known() {
    if std::env::var("LAKEPORT_REWRITE").is_err() {
        let known = fs::read_to_string(corpus::folder().join("missing.txt")).unwrap_or_default();
        let found = ask();
        let only = |text: &str, other: &str| -> Vec<String> {
            text.lines()
                .filter(|line| !other.lines().any(|known| known == *line))
                .map(str::to_owned)
                .collect()
        };
        assert!(
            known == found,
            "missing.txt is not true any more; LAKEPORT_REWRITE=1 writes it anew. It has too much: {:?}. It has not: {:?}",
            only(&known, &found),
            only(&found, &known)
        );
    }
}
