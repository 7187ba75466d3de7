//! The names that keys have where none is written: as PostgreSQL would choose them.
//!
//! Source: `makeObjectName`, `ChooseRelationName` and `ChooseConstraintName` in PostgreSQL's `commands/indexcmds.c` and
//! `catalog/pg_constraint.c`.

use std::collections::BTreeSet;

use lakeport_base::TableName;

/// The longest name, in bytes: PostgreSQL's `NAMEDATALEN` without the end.
const SIZE_MAX: usize = 63;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Of keys, by table.
    of_tables: BTreeSet<(TableName, String)>,
    /// Of keys, by schema: a name that is chosen is like none of them.
    of_schemas: BTreeSet<(String, String)>,
    /// Of indexes, by schema.
    of_indexes: BTreeSet<(String, String)>,
}

impl Names {
    /// Takes a name that was written, if no other key has it. Keys with an index need one that no index of the
    /// schema has.
    pub(super) fn take(&mut self, table: &TableName, name: &str, has_index: bool) -> bool {
        let in_schema = (table.schema.clone(), name.to_owned());
        let free = self.of_tables.insert((table.clone(), name.to_owned()))
            && (!has_index || self.of_indexes.insert(in_schema.clone()));
        self.of_schemas.insert(in_schema);
        free
    }

    /// Chooses and takes a name: `TABLE_COLUMNS_LABEL`, with a number behind it where that is taken.
    pub(super) fn choose(&mut self, table: &TableName, columns: &[String], label: &str) -> String {
        for number in 0_usize.. {
            let numbered = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
            let name = put_together(&table.name, &columns.join("_"), &numbered);
            if self.of_schemas.insert((table.schema.clone(), name.clone())) {
                self.of_tables.insert((table.clone(), name.clone()));
                self.of_indexes.insert((table.schema.clone(), name.clone()));
                return name;
            }
        }
        unreachable!("there are more numbers than keys")
    }
}

/// A name of at most 63 bytes; the longer of table and columns is cut first.
fn put_together(table: &str, columns: &str, label: &str) -> String {
    let overhead = 1 + label.len() + usize::from(!columns.is_empty());
    let (mut table_size, mut columns_size) = (table.len(), columns.len());
    while table_size + columns_size + overhead > SIZE_MAX {
        if table_size > columns_size { table_size -= 1 } else { columns_size -= 1 }
    }
    let (table, columns) = (cut(table, table_size), cut(columns, columns_size));
    if columns.is_empty() { format!("{table}_{label}") } else { format!("{table}_{columns}_{label}") }
}

/// As many whole characters as fit in `size` bytes.
fn cut(text: &str, mut size: usize) -> &str {
    while !text.is_char_boundary(size) {
        size -= 1;
    }
    &text[..size]
}

#[cfg(test)]
mod tests {
    use lakeport_base::TableName;

    use super::{Names, put_together};

    #[test]
    fn names_are_those_that_postgresql_chooses() {
        assert_eq!(put_together("orders", "", "pkey"), "orders_pkey");
        assert_eq!(put_together("orders", "a_b", "key"), "orders_a_b_key");
        assert_eq!(
            put_together(&"t".repeat(63), &"c".repeat(63), "fkey"),
            format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28))
        );
        assert_eq!(put_together(&"ü".repeat(31), "", "pkey"), format!("{}_pkey", "ü".repeat(29)));
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let (mut names, table) = (Names::default(), TableName::new("s", "t"));
        assert!(names.take(&table, "t_a_key", true));
        assert!(!names.take(&TableName::new("s", "u"), "t_a_key", true));
        assert!(names.take(&TableName::new("s", "w"), "t_a_key", false));
        assert_eq!(names.choose(&table, &["a".to_owned()], "key"), "t_a_key1");
        assert_eq!(names.choose(&table, &["a".to_owned()], "key"), "t_a_key2");
    }
}
