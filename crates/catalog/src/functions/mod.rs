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

use std::sync::Arc;

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

fn definitions() -> impl Iterator<Item = &'static Definition> {
    let topics: [&'static [Definition]; 17] = [
        session::FUNCTIONS,
        registry::FUNCTIONS,
        visible::FUNCTIONS,
        definitions::FUNCTIONS,
        comments::FUNCTIONS,
        privileges::FUNCTIONS,
        sizes::FUNCTIONS,
        encodings::FUNCTIONS,
        keywords::FUNCTIONS,
        extensions::FUNCTIONS,
        zones::FUNCTIONS,
        acl::FUNCTIONS,
        index_properties::FUNCTIONS,
        typmods::FUNCTIONS,
        locks::FUNCTIONS,
        objects::FUNCTIONS,
        denied::FUNCTIONS,
    ];
    topics.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::definitions;

    #[test]
    fn no_function_is_there_twice() {
        let mut seen = HashSet::new();
        for definition in definitions() {
            assert!(seen.insert(definition.name), "{}", definition.name);
        }
    }
}
