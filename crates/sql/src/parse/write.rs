//! Statements that write: known by their first words, and refused by whoever runs them.

use datafusion::sql::sqlparser::tokenizer::Token;

use crate::parse::reader::Reader;

/// First words and the tag that PostgreSQL gives for them; the longest that fits comes first.
const TAGS: &[(&[&str], &str)] = &[
    (&["INSERT"], "INSERT"),
    (&["UPDATE"], "UPDATE"),
    (&["DELETE"], "DELETE"),
    (&["MERGE"], "MERGE"),
    (&["TRUNCATE"], "TRUNCATE TABLE"),
    (&["VACUUM"], "VACUUM"),
    (&["ANALYZE"], "ANALYZE"),
    (&["ANALYSE"], "ANALYZE"),
    (&["REINDEX"], "REINDEX"),
    (&["CLUSTER"], "CLUSTER"),
    (&["LOCK"], "LOCK TABLE"),
    (&["GRANT"], "GRANT"),
    (&["REVOKE"], "REVOKE"),
    (&["COMMENT", "ON"], "COMMENT"),
    (&["SECURITY", "LABEL"], "SECURITY LABEL"),
    (&["REFRESH", "MATERIALIZED", "VIEW"], "REFRESH MATERIALIZED VIEW"),
    (&["IMPORT", "FOREIGN", "SCHEMA"], "IMPORT FOREIGN SCHEMA"),
    (&["REASSIGN", "OWNED"], "REASSIGN OWNED"),
    (&["DROP", "OWNED"], "DROP OWNED"),
    (&["CHECKPOINT"], "CHECKPOINT"),
    (&["CALL"], "CALL"),
    (&["DO"], "DO"),
    (&["LOAD"], "LOAD"),
];

/// What CREATE, ALTER and DROP are about, and the tags of the three.
const OBJECTS: &[(&[&str], [&str; 3])] = &[
    (&["TABLE"], ["CREATE TABLE", "ALTER TABLE", "DROP TABLE"]),
    (&["INDEX"], ["CREATE INDEX", "ALTER INDEX", "DROP INDEX"]),
    (&["SCHEMA"], ["CREATE SCHEMA", "ALTER SCHEMA", "DROP SCHEMA"]),
    (&["DATABASE"], ["CREATE DATABASE", "ALTER DATABASE", "DROP DATABASE"]),
    (&["SEQUENCE"], ["CREATE SEQUENCE", "ALTER SEQUENCE", "DROP SEQUENCE"]),
    (&["FUNCTION"], ["CREATE FUNCTION", "ALTER FUNCTION", "DROP FUNCTION"]),
    (&["PROCEDURE"], ["CREATE PROCEDURE", "ALTER PROCEDURE", "DROP PROCEDURE"]),
    (&["AGGREGATE"], ["CREATE AGGREGATE", "ALTER AGGREGATE", "DROP AGGREGATE"]),
    (&["TRIGGER"], ["CREATE TRIGGER", "ALTER TRIGGER", "DROP TRIGGER"]),
    (&["TYPE"], ["CREATE TYPE", "ALTER TYPE", "DROP TYPE"]),
    (&["DOMAIN"], ["CREATE DOMAIN", "ALTER DOMAIN", "DROP DOMAIN"]),
    (&["ROLE"], ["CREATE ROLE", "ALTER ROLE", "DROP ROLE"]),
    (&["USER"], ["CREATE ROLE", "ALTER ROLE", "DROP ROLE"]),
    (&["GROUP"], ["CREATE ROLE", "ALTER ROLE", "DROP ROLE"]),
    (&["EXTENSION"], ["CREATE EXTENSION", "ALTER EXTENSION", "DROP EXTENSION"]),
    (
        &["MATERIALIZED", "VIEW"],
        ["CREATE MATERIALIZED VIEW", "ALTER MATERIALIZED VIEW", "DROP MATERIALIZED VIEW"],
    ),
    (&["VIEW"], ["CREATE VIEW", "ALTER VIEW", "DROP VIEW"]),
    (&["FOREIGN", "TABLE"], ["CREATE FOREIGN TABLE", "ALTER FOREIGN TABLE", "DROP FOREIGN TABLE"]),
    (
        &["FOREIGN"],
        ["CREATE FOREIGN DATA WRAPPER", "ALTER FOREIGN DATA WRAPPER", "DROP FOREIGN DATA WRAPPER"],
    ),
    (&["SERVER"], ["CREATE SERVER", "ALTER SERVER", "DROP SERVER"]),
    (&["POLICY"], ["CREATE POLICY", "ALTER POLICY", "DROP POLICY"]),
    (&["RULE"], ["CREATE RULE", "ALTER RULE", "DROP RULE"]),
    (&["CAST"], ["CREATE CAST", "ALTER CAST", "DROP CAST"]),
    (&["COLLATION"], ["CREATE COLLATION", "ALTER COLLATION", "DROP COLLATION"]),
    (&["CONVERSION"], ["CREATE CONVERSION", "ALTER CONVERSION", "DROP CONVERSION"]),
    (&["OPERATOR"], ["CREATE OPERATOR", "ALTER OPERATOR", "DROP OPERATOR"]),
    (&["PUBLICATION"], ["CREATE PUBLICATION", "ALTER PUBLICATION", "DROP PUBLICATION"]),
    (&["SUBSCRIPTION"], ["CREATE SUBSCRIPTION", "ALTER SUBSCRIPTION", "DROP SUBSCRIPTION"]),
    (&["STATISTICS"], ["CREATE STATISTICS", "ALTER STATISTICS", "DROP STATISTICS"]),
    (&["TABLESPACE"], ["CREATE TABLESPACE", "ALTER TABLESPACE", "DROP TABLESPACE"]),
    (&["LANGUAGE"], ["CREATE LANGUAGE", "ALTER LANGUAGE", "DROP LANGUAGE"]),
    (&["EVENT", "TRIGGER"], ["CREATE EVENT TRIGGER", "ALTER EVENT TRIGGER", "DROP EVENT TRIGGER"]),
    (&["ACCESS", "METHOD"], ["CREATE ACCESS METHOD", "ALTER ACCESS METHOD", "DROP ACCESS METHOD"]),
    (
        &["TEXT", "SEARCH"],
        [
            "CREATE TEXT SEARCH CONFIGURATION",
            "ALTER TEXT SEARCH CONFIGURATION",
            "DROP TEXT SEARCH CONFIGURATION",
        ],
    ),
    (&["SYSTEM"], ["CREATE SYSTEM", "ALTER SYSTEM", "DROP SYSTEM"]),
    (
        &["DEFAULT", "PRIVILEGES"],
        ["CREATE DEFAULT PRIVILEGES", "ALTER DEFAULT PRIVILEGES", "DROP DEFAULT PRIVILEGES"],
    ),
    (&["LARGE", "OBJECT"], ["CREATE LARGE OBJECT", "ALTER LARGE OBJECT", "DROP LARGE OBJECT"]),
];

/// Words that may stand between CREATE and what is created.
const MODIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "LOCAL",
    "GLOBAL",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "UNIQUE",
    "TRUSTED",
    "PROCEDURAL",
    "CONSTRAINT",
    "RECURSIVE",
];

/// The tag of the statement that the reader is at, if it is one that writes.
pub(super) fn tag(reader: &Reader<'_>) -> Option<&'static str> {
    if let Some((_, tag)) = TAGS.iter().find(|(words, _)| reader.is_next(words)) {
        return Some(tag);
    }
    let verb = ["CREATE", "ALTER", "DROP"].iter().position(|verb| reader.is_next(&[verb]))?;
    let mut ahead = 1;
    while reader.word(ahead).is_some_and(|word| MODIFIERS.contains(&word.as_str())) {
        ahead += 1;
    }
    let is_object = |words: &&[&str]| {
        words.iter().enumerate().all(|(index, word)| reader.word(ahead + index).as_deref() == Some(word))
    };
    OBJECTS.iter().find(|(words, _)| is_object(words)).map(|(_, tags)| tags[verb])
}

/// The tag of a write that begins with WITH, whatever comes before its verb.
pub(super) fn tag_behind_with(reader: &Reader<'_>) -> Option<&'static str> {
    if !reader.is_next(&["WITH"]) {
        return None;
    }
    let mut depth = 0_usize;
    let mut ahead = 1;
    while let Some(token) = reader.peek(ahead) {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            // The verb comes directly behind the last CTE's parenthesis; a CTE may be called `update`.
            _ if depth == 0 && reader.peek(ahead - 1) == Some(&Token::RParen) => {
                match reader.word(ahead).as_deref() {
                    Some("INSERT") => return Some("INSERT"),
                    Some("UPDATE") => return Some("UPDATE"),
                    Some("DELETE") => return Some("DELETE"),
                    Some("MERGE") => return Some("MERGE"),
                    Some("SELECT" | "VALUES" | "TABLE") => return None,
                    _ => {}
                }
            }
            _ => {}
        }
        ahead += 1;
    }
    None
}
