//! Which settings there are.
//!
//! All that PostgreSQL has, so that tools can show them and ask for them. Those that mean something here, or that say
//! something else here than in PostgreSQL, stand in this file; of the others a client may set what PostgreSQL lets
//! any user set, as long as every value means the same to a server that only reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use lakeport_catalog::{Parameter, parameters};

use super::value::Kind;

/// The PostgreSQL version whose protocol, catalog and behaviour clients meet here.
const VERSION: &str = "15.18";

/// One setting there is.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The name as SHOW ALL writes it; looked up without regard to case.
    pub(crate) name: &'static str,
    /// What it has when nobody sets it.
    pub(crate) default: Cow<'static, str>,
    /// What values it takes.
    pub(crate) kind: Kind,
    /// Whether clients are told of it at start-up and at each change (ParameterStatus).
    pub(crate) reported: bool,
    /// What it is for.
    pub(crate) description: &'static str,
    /// What PostgreSQL says of it; none for one that only SHOW knows.
    pub(crate) parameter: Option<&'static Parameter>,
}

const fn known(name: &'static str, default: &'static str, kind: Kind, description: &'static str) -> Known {
    Known { name, default: Cow::Borrowed(default), kind, reported: false, description, parameter: None }
}

const fn reported(name: &'static str, default: &'static str, kind: Kind, description: &'static str) -> Known {
    Known { name, default: Cow::Borrowed(default), kind, reported: true, description, parameter: None }
}

const ISOLATION: Kind =
    Kind::Choice(&["read uncommitted", "read committed", "repeatable read", "serializable"]);

/// The settings that are something of their own here, sorted by folded name.
///
/// Source: names, defaults and kinds of PostgreSQL 15's `pg_settings`.
const OWN: &[Known] = &[
    reported("application_name", "", Kind::Text, "Name of the application, for logs and statistics."),
    known(
        "backslash_quote",
        "safe_encoding",
        Kind::Choice(&["safe_encoding", "on", "off"]),
        "Whether \\' is allowed in strings.",
    ),
    known("bytea_output", "hex", Kind::Choice(&["escape", "hex"]), "How bytea values are written."),
    known("check_function_bodies", "on", Kind::Bool, "No effect: there are no function bodies."),
    reported("client_encoding", "UTF8", Kind::Encoding, "The client's character set; always UTF8."),
    known(
        "client_min_messages",
        "notice",
        Kind::Choice(&[
            "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error",
        ]),
        "The least important messages that are sent.",
    ),
    reported("DateStyle", "ISO, MDY", Kind::DateStyle, "How dates are written and read."),
    known("default_table_access_method", "heap", Kind::Text, "No effect: no table can be created."),
    known("default_tablespace", "", Kind::Text, "No effect: no table can be created."),
    known("default_transaction_deferrable", "off", Kind::Bool, "No effect: a transaction only reads."),
    known("default_transaction_isolation", "read committed", ISOLATION, "The isolation of new transactions."),
    reported("default_transaction_read_only", "off", Kind::Bool, "No effect: a transaction only reads."),
    known("enable_bitmapscan", "on", Kind::Bool, "No effect: there are no bitmaps."),
    known("enable_hashjoin", "on", Kind::Bool, "No effect: joins are chosen by cost."),
    known("enable_indexscan", "on", Kind::Bool, "No effect: there are no indexes."),
    known("enable_mergejoin", "on", Kind::Bool, "No effect: joins are chosen by cost."),
    known("enable_nestloop", "on", Kind::Bool, "No effect: joins are chosen by cost."),
    known("enable_seqscan", "on", Kind::Bool, "No effect: every scan is one."),
    known("escape_string_warning", "on", Kind::Bool, "No effect: no warning is given."),
    known(
        "extra_float_digits",
        "1",
        Kind::Int { least: -15, most: 3 },
        "How many digits floats are written with; above 0 the shortest exact ones.",
    ),
    known(
        "idle_in_transaction_session_timeout",
        "0",
        Kind::Milliseconds,
        "No effect: an open transaction holds nothing.",
    ),
    known(
        "idle_session_timeout",
        "0",
        Kind::Milliseconds,
        "No effect: the server's own limits.idle_timeout holds.",
    ),
    reported("in_hot_standby", "off", Kind::Fixed, "Whether the server is a standby."),
    reported("integer_datetimes", "on", Kind::Fixed, "Whether timestamps are whole numbers in binary."),
    reported(
        "IntervalStyle",
        "postgres",
        Kind::Choice(&["postgres", "postgres_verbose", "sql_standard", "iso_8601"]),
        "How intervals are written.",
    ),
    reported("is_superuser", "off", Kind::Fixed, "Whether the user may do everything."),
    known("jit", "off", Kind::Bool, "No effect: nothing is compiled at run time."),
    known("lc_collate", "C", Kind::Fixed, "How text is ordered."),
    known("lc_ctype", "C", Kind::Fixed, "How characters are classified."),
    known("lc_messages", "C", Kind::Text, "The language of messages; always English."),
    known("lc_monetary", "C", Kind::Text, "No effect: there is no money."),
    known("lc_numeric", "C", Kind::Text, "The locale of to_char's numbers; always C."),
    known("lc_time", "C", Kind::Text, "The locale of to_char's names; always C."),
    known("lock_timeout", "0", Kind::Milliseconds, "No effect: nothing is locked."),
    known("max_identifier_length", "63", Kind::Fixed, "The longest name, in bytes."),
    known("max_index_keys", "32", Kind::Fixed, "The most columns an index may have."),
    known(
        "password_encryption",
        "scram-sha-256",
        Kind::Choice(&["scram-sha-256"]),
        "How passwords are kept.",
    ),
    known(
        "plan_cache_mode",
        "auto",
        Kind::Choice(&["auto", "force_generic_plan", "force_custom_plan"]),
        "No effect: every execution is planned on what it reads.",
    ),
    known("quote_all_identifiers", "off", Kind::Bool, "No effect: names are quoted where they must be."),
    known("role", "none", Kind::Role, "The role the session acts as; its user where it is none."),
    known("row_security", "on", Kind::Bool, "No effect: there are no row policies."),
    known(
        "search_path",
        "\"$user\", public",
        Kind::List,
        "The schemas that unqualified names are looked up in.",
    ),
    reported("server_encoding", "UTF8", Kind::Fixed, "The server's character set."),
    reported("server_version", VERSION, Kind::Fixed, "The PostgreSQL version that clients meet."),
    known("server_version_num", "150018", Kind::Fixed, "The same as a number."),
    reported("session_authorization", "", Kind::User, "The user of the session."),
    known(
        "ssl_library",
        "",
        Kind::Fixed,
        "Nothing: the library for TLS is none of those that PostgreSQL has.",
    ),
    known(
        "ssl_renegotiation_limit",
        "0",
        Kind::Int { least: 0, most: 0 },
        "No effect: there is no renegotiation.",
    ),
    reported(
        "standard_conforming_strings",
        "on",
        Kind::Choice(&["on"]),
        "Whether backslashes are plain characters in strings.",
    ),
    known("statement_timeout", "0", Kind::Milliseconds, "Longest a statement may run; 0 is without end."),
    known("synchronize_seqscans", "on", Kind::Bool, "No effect: a scan begins at the beginning."),
    known(
        "synchronous_commit",
        "on",
        Kind::Choice(&["local", "remote_write", "remote_apply", "on", "off"]),
        "No effect: nothing is committed.",
    ),
    reported("TimeZone", "UTC", Kind::TimeZone, "The zone that timestamps with time zone are shown in."),
    known("track_counts", "off", Kind::Fixed, "Whether statistics are kept; none are."),
    known("transaction_deferrable", "off", Kind::Bool, "No effect: a transaction only reads."),
    known("transaction_isolation", "read committed", ISOLATION, "The isolation of this transaction."),
    known("transaction_read_only", "off", Kind::Bool, "No effect: a transaction only reads."),
    known("xmloption", "content", Kind::Choice(&["content", "document"]), "No effect: there is no xml."),
];

/// Settings that answers in PostgreSQL depend on, and that have one value here.
const OF_ONE_VALUE: [&str; 4] =
    ["array_nulls", "restrict_nonsystem_relation_kind", "timezone_abbreviations", "transform_null_equals"];

/// Every setting by its folded name.
static KNOWN: LazyLock<BTreeMap<String, Known>> = LazyLock::new(|| {
    let mut all: BTreeMap<String, Known> =
        OWN.iter().map(|known| (known.name.to_ascii_lowercase(), known.clone())).collect();
    for parameter in parameters() {
        let known = all.entry(parameter.name.to_ascii_lowercase()).or_insert_with(|| of(parameter));
        known.parameter = Some(parameter);
    }
    all
});

/// A parameter that is nothing of its own here.
fn of(parameter: &'static Parameter) -> Known {
    let number = parameter.unit.and_then(|_| parameter.number(parameter.boot));
    Known {
        name: parameter.name,
        default: number.map_or(Cow::Borrowed(parameter.boot), |number| parameter.written(number).into()),
        kind: match (parameter.context, parameter.vartype) {
            ("user", _) if OF_ONE_VALUE.contains(&parameter.name) => Kind::OneValue,
            ("user", "bool") => Kind::Bool,
            ("user", "enum") => Kind::Choice(&parameter.words),
            ("user", "integer" | "real") => Kind::Number(parameter),
            ("user", _) => Kind::Text,
            _ => Kind::Fixed,
        },
        reported: false,
        description: &parameter.description,
        parameter: None,
    }
}

/// Every setting, sorted by folded name.
pub(crate) fn all() -> impl Iterator<Item = &'static Known> {
    KNOWN.values()
}

/// The settings that clients are told of.
pub(crate) fn told() -> impl Iterator<Item = &'static Known> {
    OWN.iter().filter(|known| known.reported)
}

/// The setting of this name, in whatever case.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    KNOWN.get(&name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{OF_ONE_VALUE, OWN, all, find};
    use crate::settings::value::normalize;

    #[test]
    fn settings_are_sorted_and_stand_once() {
        assert!(OWN.windows(2).all(|pair| pair[0].name.to_lowercase() < pair[1].name.to_lowercase()));
    }

    #[test]
    fn every_default_is_a_value_of_its_setting() {
        for known in all() {
            let fixed = matches!(known.kind, super::Kind::Fixed);
            assert!(fixed || normalize(known, &known.default).unwrap() == known.default, "{}", known.name);
        }
    }

    #[test]
    fn settings_of_one_value_are_parameters() {
        assert!(OF_ONE_VALUE.iter().all(|name| find(name).is_some_and(|known| known.parameter.is_some())));
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(find("timezone").unwrap().name, "TimeZone");
    }
}
