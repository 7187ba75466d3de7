//! Which functions give rows, and how the columns of those rows are called.
//!
//! Such a function gives an array here, which the select list and FROM unnest. Those of the catalog are among them:
//! they are called the same way, wherever they are written.

/// A function that gives rows, and its columns. One without names calls its only column as its item in FROM.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("_pg_expandarray", &["x", "n"]),
    ("aclexplode", &["grantor", "grantee", "privilege_type", "is_grantable"]),
    ("generate_series", &[]),
    ("generate_subscripts", &[]),
    ("json_array_elements", &["value"]),
    ("json_array_elements_text", &["value"]),
    ("json_each", &["key", "value"]),
    ("json_each_text", &["key", "value"]),
    ("json_object_keys", &[]),
    ("jsonb_array_elements", &["value"]),
    ("jsonb_array_elements_text", &["value"]),
    ("jsonb_each", &["key", "value"]),
    ("jsonb_each_text", &["key", "value"]),
    ("jsonb_object_keys", &[]),
    (
        "pg_available_extension_versions",
        &["name", "version", "superuser", "trusted", "relocatable", "schema", "requires", "comment"],
    ),
    ("pg_available_extensions", &["name", "default_version", "comment"]),
    ("pg_get_keywords", &["word", "catcode", "barelabel", "catdesc", "baredesc"]),
    ("pg_listening_channels", &[]),
    ("pg_options_to_table", &["option_name", "option_value"]),
    ("pg_partition_ancestors", &["relid"]),
    ("pg_partition_tree", &["relid", "parentrelid", "isleaf", "level"]),
    (
        "pg_show_all_settings",
        &[
            "name",
            "setting",
            "unit",
            "category",
            "short_desc",
            "extra_desc",
            "context",
            "vartype",
            "source",
            "min_val",
            "max_val",
            "enumvals",
            "boot_val",
            "reset_val",
            "sourcefile",
            "sourceline",
            "pending_restart",
        ],
    ),
    ("pg_tablespace_databases", &[]),
    ("pg_timezone_abbrevs", &["abbrev", "utc_offset", "is_dst"]),
    ("pg_timezone_names", &["name", "abbrev", "utc_offset", "is_dst"]),
    ("regexp_matches", &[]),
    ("regexp_split_to_table", &[]),
    ("string_to_table", &[]),
];

/// The names of the columns of a function that gives rows: empty for one that is called as its item in FROM, none
/// for a function that gives a value.
pub(crate) fn row_columns(function: &str) -> Option<&'static [&'static str]> {
    FUNCTIONS.iter().find(|(name, _)| *name == function).map(|(_, columns)| *columns)
}

/// Whether a function gives rows.
pub(super) fn gives_rows(function: &str) -> bool {
    row_columns(function).is_some()
}
