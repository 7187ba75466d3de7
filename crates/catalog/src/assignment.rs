//! Which types may be assigned to which, by the rows of `pg_cast`.

use std::collections::HashSet;
use std::sync::LazyLock;

use lakeport_sql::types::PgType;

use crate::fixed::file_rows;
use crate::names::Names;
use crate::pinned::Pinned;
use crate::type_name::written;

/// Source and target of each cast that an INSERT makes by itself: contexts `i` and `a`.
static CASTS: LazyLock<HashSet<(u32, u32)>> = LazyLock::new(|| {
    let number = |text: &str| text.parse::<u32>().ok();
    let casts = file_rows("pg_cast").filter(|row| row[4] != "e");
    casts.filter_map(|row| Some((number(row[1])?, number(row[2])?))).collect()
});

/// The types that every value can be written as.
const TEXTS: [PgType; 4] = [PgType::TEXT, PgType::VARCHAR, PgType::BPCHAR, PgType::NAME];

/// Whether a column of one type takes values of another.
///
/// Source: `find_coercion_pathway` in PostgreSQL's `parse_coerce.c`.
pub fn assignable(from: PgType, to: PgType) -> bool {
    let element = |pg_type: PgType| PgType::by_oid(pg_type.element).filter(|_| pg_type.size == -1);
    from == to
        || CASTS.contains(&(from.oid, to.oid))
        || TEXTS.contains(&to)
        || match (element(from), element(to)) {
            (Some(from), Some(to)) => assignable(from, to),
            _ => false,
        }
}

/// How a type reads in SQL, with its modifier where it has one.
pub fn type_text(pg_type: PgType, typmod: i32) -> String {
    written(&Names::new(&Pinned::empty()), pg_type.oid, Some(typmod))
}

#[cfg(test)]
mod tests {
    use lakeport_sql::types::PgType;

    use super::{assignable, type_text};

    #[test]
    fn numbers_go_into_each_other_and_texts_into_no_number() {
        assert!(assignable(PgType::INT8, PgType::INT2));
        assert!(assignable(PgType::NUMERIC, PgType::INT4));
        assert!(assignable(PgType::INT4, PgType::TEXT));
        assert!(assignable(PgType::INT4_ARRAY, PgType::INT8_ARRAY));
        assert!(!assignable(PgType::TEXT, PgType::INT4));
        assert!(!assignable(PgType::BOOL, PgType::INT4));
        assert!(!assignable(PgType::INT4, PgType::DATE));
    }

    #[test]
    fn types_are_called_as_in_sql() {
        assert_eq!(type_text(PgType::INT4, -1), "integer");
        assert_eq!(type_text(PgType::VARCHAR, 14), "character varying(10)");
    }
}
