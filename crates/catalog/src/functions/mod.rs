//! The functions that read the catalog: one line each in the table of their topic.

mod call;

mod acl;
mod col_description;
mod comments;
mod definitions;
mod denied;
mod encodings;
mod extensions;
mod index_properties;
mod keywords;
mod locks;
mod objects;
mod privileges;
mod registry;
mod session;
mod sizes;
mod typmods;
mod visible;
mod zones;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use datafusion::logical_expr::ScalarUDF;

use crate::names::Names;
use crate::pinned::Pinned;
use call::{CatalogFunction, Definition};
pub(crate) use keywords::{SETTING, settings};
pub use locks::release_locks;
pub use session::mark_start;
pub(crate) use zones::{abbreviations as zone_abbreviations, names as zone_names};

/// The functions over this catalog.
pub(crate) fn over(pinned: &Arc<Pinned>) -> Vec<Arc<ScalarUDF>> {
    let names = Arc::new(Names::new(Arc::clone(pinned)));
    let function =
        |definition| ScalarUDF::new_from_impl(CatalogFunction::new(definition, Arc::clone(&names)));
    let mut functions: Vec<_> = definitions().map(|definition| Arc::new(function(definition))).collect();
    functions.push(Arc::new(col_description::over(&names)));
    functions
}

/// Functions that say the same of the same arguments for the same user, database and search path, as long as there are the
/// same relations.
const STEADY: [&[Definition]; 12] = [
    session::IDENTITY,
    registry::FUNCTIONS,
    visible::FUNCTIONS,
    definitions::FUNCTIONS,
    comments::FUNCTIONS,
    privileges::FUNCTIONS,
    sizes::FUNCTIONS,
    encodings::FUNCTIONS,
    extensions::FUNCTIONS,
    acl::FUNCTIONS,
    index_properties::FUNCTIONS,
    typmods::FUNCTIONS,
];

/// Those that ask the session, or others, or the clock, or that do something.
const PASSING: [&[Definition]; 6] = [
    session::FUNCTIONS,
    keywords::FUNCTIONS,
    zones::FUNCTIONS,
    locks::FUNCTIONS,
    objects::FUNCTIONS,
    denied::FUNCTIONS,
];

/// Whether this is a function whose answer no session and no moment changes.
pub(crate) fn is_steady(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<&str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let steady = STEADY.into_iter().flatten().filter(|definition| !definition.acts);
        steady.map(|definition| definition.name).chain([col_description::NAME]).collect()
    });
    names.contains(name)
}

fn definitions() -> impl Iterator<Item = &'static Definition> {
    STEADY.into_iter().chain(PASSING).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{definitions, is_steady};

    #[test]
    fn no_function_is_there_twice() {
        let mut seen = HashSet::new();
        for definition in definitions() {
            assert!(seen.insert(definition.name), "{}", definition.name);
        }
    }

    #[test]
    fn what_a_session_or_a_moment_changes_is_not_steady() {
        for name in ["current_setting", "set_config", "pg_backend_pid", "pg_timezone_names", "nextval", "abs"]
        {
            assert!(!is_steady(name), "{name}");
        }
        for name in ["format_type", "regclassin", "col_description", "current_schema", "has_table_privilege"]
        {
            assert!(is_steady(name), "{name}");
        }
    }
}
