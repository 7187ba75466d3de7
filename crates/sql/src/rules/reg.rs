//! The functions behind casts to and from regclass and its kin.
//!
//! They need the catalog, which this crate does not know: whoever does hands them to the session
//! by their PostgreSQL names, `regclassin` and `regclassout`.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::ScalarUDF;

use crate::types::PgType;

const REG_TYPES: [PgType; 9] = [
    PgType::REGCLASS,
    PgType::REGTYPE,
    PgType::REGPROC,
    PgType::REGPROCEDURE,
    PgType::REGOPER,
    PgType::REGOPERATOR,
    PgType::REGNAMESPACE,
    PgType::REGROLE,
    PgType::REGCOLLATION,
];

/// The functions behind casts to and from regclass and its kin, by name.
#[derive(Debug, Clone, Default)]
pub struct RegFunctions(HashMap<String, Arc<ScalarUDF>>);

impl RegFunctions {
    /// Those of these functions that such casts are made by.
    pub fn among(functions: &[Arc<ScalarUDF>]) -> Self {
        let is_chosen = |function: &&Arc<ScalarUDF>| {
            let name = function.name();
            let of = name.strip_suffix("in").or_else(|| name.strip_suffix("out"));
            of.is_some_and(|of| REG_TYPES.iter().any(|reg| reg.name == of))
        };
        let chosen = functions.iter().filter(is_chosen);
        Self(chosen.map(|function| (function.name().to_owned(), Arc::clone(function))).collect())
    }

    /// The function that reads a name as a value of this type.
    pub(super) fn read(&self, pg_type: PgType) -> Option<Arc<ScalarUDF>> {
        self.0.get(&format!("{}in", pg_type.name)).map(Arc::clone)
    }

    /// The function that writes a value of this type as a name.
    pub(super) fn out(&self, pg_type: PgType) -> Option<Arc<ScalarUDF>> {
        self.0.get(&format!("{}out", pg_type.name)).map(Arc::clone)
    }

    /// The function that a cast from one type to another is made by, if it is such a cast.
    pub(super) fn between(&self, from: PgType, to: PgType) -> Option<Arc<ScalarUDF>> {
        let is_text =
            |pg_type| [PgType::TEXT, PgType::VARCHAR, PgType::NAME, PgType::BPCHAR].contains(&pg_type);
        let is_number = |pg_type| [PgType::OID, PgType::INT2, PgType::INT4, PgType::INT8].contains(&pg_type);
        let name = if REG_TYPES.contains(&to) && (is_text(from) || is_number(from)) {
            format!("{}in", to.name)
        } else if REG_TYPES.contains(&from) && is_text(to) {
            format!("{}out", from.name)
        } else {
            return None;
        };
        self.0.get(&name).map(Arc::clone)
    }
}

/// Whether a type is regclass or one of its kin.
pub fn is_reg(pg_type: PgType) -> bool {
    REG_TYPES.contains(&pg_type)
}

impl ConfigExtension for RegFunctions {
    const PREFIX: &'static str = "lakeport_reg";
}

impl ExtensionOptions for RegFunctions {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _value: &str) -> Result<()> {
        plan_err!("{key} cannot be set")
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
