//! The rows of each system relation: one file per relation, one line here.
//!
//! A relation that is in no line is not empty by mistake: it has its columns, and the rows that are the
//! same in every PostgreSQL where the data files have them.

mod columns;
mod everything;
mod keys;

mod pg_attribute;
mod pg_auth_members;
mod pg_authid;
mod pg_class;
mod pg_constraint;
mod pg_cursors;
mod pg_database;
mod pg_depend;
mod pg_description;
mod pg_index;
mod pg_indexes;
mod pg_namespace;
mod pg_prepared_statements;
mod pg_rewrite;
mod pg_roles;
mod pg_settings;
mod pg_stat_activity;
mod pg_stat_database;
mod pg_tables;
mod pg_timezone_names;
mod pg_user;
mod pg_views;

mod character_sets;
mod constraint_column_usage;
mod constraint_table_usage;
mod information_schema_catalog_name;
mod information_schema_columns;
mod information_schema_tables;
mod information_schema_views;
mod key_column_usage;
mod referential_constraints;
mod schemata;
mod table_constraints;
mod table_privileges;

use arrow::array::RecordBatch;
use async_trait::async_trait;
use datafusion::common::Result;

use crate::fixed::SystemRelation;
use crate::pinned::Pinned;
use crate::rows::Rows;

pub(crate) use everything::{AnyRelation, statement};
pub(crate) use keys::KeyOf;

/// Where the rows of a relation come from, besides the fixed ones.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// From nowhere.
    Fixed,
    /// From what is pinned, but for the session: kept with the catalog's version.
    Kept(fn(&Pinned, &mut Rows) -> Result<()>),
    /// From what is pinned, but for the session: made for each statement.
    Pinned(fn(&Pinned, &mut Rows) -> Result<()>),
    /// From the session that asks, from all that there are, or from the moment: made for each statement.
    Session(fn(&Pinned, &mut Rows) -> Result<()>),
    /// From the columns of tables and views, which may have to be opened for it.
    Columns(&'static dyn FromColumns),
}

/// A relation made of the columns of others.
///
/// Which relations a query asks for is known before any is opened: the filters are tried on the columns
/// of the system relation that tell one thing from another.
#[async_trait]
pub(crate) trait FromColumns: Sync {
    /// One row for each thing that has rows here, with those columns of the system relation that say which one
    /// it is.
    fn key(&self, pinned: &Pinned) -> Result<RecordBatch>;

    /// The rows for those things that are `wanted`, positions in the key.
    async fn fill(&self, pinned: &Pinned, wanted: &[usize], rows: &mut Rows) -> Result<()>;

    /// How many rows there are, roughly.
    fn estimated(&self, pinned: &Pinned) -> usize {
        // A guess at how many columns a table has; only which relation is bigger matters.
        const COLUMNS_PER_RELATION: usize = 30;
        pinned.relations.len() * COLUMNS_PER_RELATION
    }
}

/// The columns with the owner of an object. What PostgreSQL brings along belongs to the first superuser.
pub(crate) const OWNER_COLUMNS: [&str; 11] = [
    "collowner",
    "conowner",
    "lanowner",
    "nspowner",
    "opcowner",
    "opfowner",
    "oprowner",
    "proowner",
    "relowner",
    "spcowner",
    "typowner",
];

/// Where the rows of this relation come from, besides the fixed ones.
pub(crate) fn source(relation: &SystemRelation) -> Source {
    let sources: &[(&str, Source)] = match relation.schema {
        "pg_catalog" => PG_CATALOG,
        _ => INFORMATION_SCHEMA,
    };
    sources.iter().find(|(name, _)| *name == relation.name).map_or(Source::Fixed, |(_, source)| *source)
}

const PG_CATALOG: &[(&str, Source)] = &[
    ("pg_attribute", Source::Columns(&pg_attribute::PgAttribute)),
    ("pg_auth_members", Source::Pinned(pg_auth_members::rows)),
    ("pg_authid", Source::Pinned(pg_authid::rows)),
    ("pg_class", Source::Kept(pg_class::rows)),
    ("pg_constraint", Source::Columns(&pg_constraint::PgConstraint)),
    ("pg_cursors", Source::Session(pg_cursors::rows)),
    ("pg_database", Source::Pinned(pg_database::rows)),
    ("pg_depend", Source::Columns(&pg_depend::PgDepend)),
    ("pg_description", Source::Columns(&pg_description::PgDescription)),
    ("pg_index", Source::Columns(&pg_index::PgIndex)),
    ("pg_indexes", Source::Kept(pg_indexes::rows)),
    ("pg_namespace", Source::Pinned(pg_namespace::rows)),
    ("pg_prepared_statements", Source::Session(pg_prepared_statements::rows)),
    ("pg_roles", Source::Pinned(pg_roles::rows)),
    ("pg_settings", Source::Session(pg_settings::rows)),
    ("pg_stat_activity", Source::Session(pg_stat_activity::rows)),
    ("pg_stat_database", Source::Session(pg_stat_database::rows)),
    ("pg_tables", Source::Kept(pg_tables::rows)),
    ("pg_timezone_abbrevs", Source::Session(pg_timezone_names::abbreviations)),
    ("pg_timezone_names", Source::Session(pg_timezone_names::names)),
    ("pg_user", Source::Pinned(pg_user::rows)),
    ("pg_rewrite", Source::Kept(pg_rewrite::rows)),
    ("pg_views", Source::Kept(pg_views::rows)),
];

const INFORMATION_SCHEMA: &[(&str, Source)] = &[
    ("character_sets", Source::Pinned(character_sets::rows)),
    ("columns", Source::Columns(&information_schema_columns::InformationSchemaColumns)),
    ("constraint_column_usage", Source::Kept(constraint_column_usage::rows)),
    ("constraint_table_usage", Source::Kept(constraint_table_usage::rows)),
    ("information_schema_catalog_name", Source::Pinned(information_schema_catalog_name::rows)),
    ("key_column_usage", Source::Kept(key_column_usage::rows)),
    ("referential_constraints", Source::Kept(referential_constraints::rows)),
    ("role_table_grants", Source::Pinned(table_privileges::rows)),
    ("schemata", Source::Pinned(schemata::rows)),
    ("table_constraints", Source::Kept(table_constraints::rows)),
    ("table_privileges", Source::Pinned(table_privileges::rows)),
    ("tables", Source::Kept(information_schema_tables::rows)),
    ("views", Source::Kept(information_schema_views::rows)),
];

/// Whether no session and no moment changes the rows of a relation.
pub(crate) fn is_steady(relation: &SystemRelation) -> bool {
    !matches!(source(relation), Source::Session(_))
}

/// How many rows a relation has, roughly: a join begins with the smaller side.
pub(crate) fn estimated_rows(relation: &SystemRelation, pinned: &Pinned) -> usize {
    let fixed = relation.fixed_rows().map_or(0, RecordBatch::num_rows);
    fixed
        + match source(relation) {
            Source::Fixed => 0,
            Source::Pinned(_) | Source::Session(_) | Source::Kept(_) => pinned.relations.len(),
            Source::Columns(source) => source.estimated(pinned),
        }
}
