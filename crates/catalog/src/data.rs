//! What PostgreSQL 15 says of itself: the data files, written by `scripts/catalog/generate.sh`.

/// The fixed rows of a relation in `pg_catalog`, as COPY text; `None` where it has none.
pub(crate) fn fixed_rows(relation: &str) -> Option<&'static str> {
    FILES.binary_search_by_key(&relation, |(name, _)| name).ok().map(|index| FILES[index].1)
}

/// How the arguments and the result of each function read: oid, arguments, identity arguments where
/// they differ, result.
pub(crate) const FUNCTION_SIGNATURES: &str = include_str!("../data/function_signatures.tsv");

/// What `pg_get_keywords()` gives.
pub(crate) const KEYWORDS: &str = include_str!("../data/keywords.tsv");

/// What `pg_show_all_settings()` gives of each parameter but its value.
pub(crate) const SETTINGS: &str = include_str!("../data/settings.tsv");

/// What `pg_timezone_abbrevs()` gives, displacements in seconds.
pub(crate) const TIMEZONE_ABBREVS: &str = include_str!("../data/timezone_abbrevs.tsv");

macro_rules! files {
    ($($name:literal)*) => {
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../data/", $name, ".tsv"))),)*
        ];
    };
}

// Sorted: found by binary search.
files! {
    "pg_aggregate" "pg_am" "pg_amop" "pg_amproc" "pg_attribute" "pg_cast" "pg_class" "pg_collation"
    "pg_conversion" "pg_language" "pg_namespace" "pg_opclass" "pg_operator" "pg_opfamily" "pg_proc" "pg_range"
    "pg_tablespace" "pg_type"
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn files_are_sorted_for_the_search() {
        assert!(FILES.is_sorted());
    }
}
