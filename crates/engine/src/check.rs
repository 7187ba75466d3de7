//! Checking a whole configuration against the lake: every fault at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use lakeport_access::Identity;
use lakeport_base::{Fault, Faults, TableName, quote_ident};
use lakeport_config::{Key, KeyKind};

use crate::Engine;
use crate::error::from_lake;
use crate::keys::missing_columns;
use crate::open::Found;
use crate::plan::Planner;

/// What a check looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Stores that answered.
    pub stores: usize,
    /// Tables that can be read.
    pub tables: usize,
    /// Views that can be planned.
    pub views: usize,
}

impl Engine {
    /// Opens every store, lists every schema, reads the schema of every table, plans every view.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each fault with the file and line where it can be mended.
    pub async fn check(&self) -> Result<Checked, Faults> {
        let session = self.session(Identity::superuser("check"), "check").or_else(|_| {
            let name = self.settings().postgres.database.clone().unwrap_or_default();
            self.session(Identity::superuser("check"), &name)
        });
        let planner = match session {
            Ok(session) => session.planner(),
            Err(error) => return Err(Fault::new(error.message).into()),
        };
        let mut faults: Vec<Fault> = planner.opened.faults().cloned().collect();
        let mut checked =
            Checked { stores: self.check_stores(&planner, &mut faults).await, ..Checked::default() };
        for schema in planner.opened.schemas() {
            match planner.opened.relations(schema).await {
                Ok(relations) => {
                    for (name, found) in &relations {
                        check_relation(&planner, found, &mut checked, &mut faults).await;
                        let name = TableName::new(schema, name);
                        check_keys(&planner, &name, found, &relations, &mut faults).await;
                    }
                    faults.extend(keys_of_nothing(&planner, schema, &relations));
                }
                Err(error) => faults.push(in_config(&planner, format!("schema {schema}: {}", error.message))),
            }
        }
        if faults.is_empty() { Ok(checked) } else { Err(Faults(faults)) }
    }

    async fn check_stores(&self, planner: &Planner, faults: &mut Vec<Fault>) -> usize {
        let probes = planner.opened.stores().map(|(_, store)| async move {
            match store {
                Ok(store) => store.probe().await.map_err(|error| error.to_string()),
                Err(error) => Err(error.message),
            }
        });
        let mut answering = 0;
        for probe in join_all(probes).await {
            match probe {
                Ok(()) => answering += 1,
                Err(message) => faults.push(in_config(planner, message)),
            }
        }
        answering
    }
}

async fn check_relation(planner: &Planner, found: &Found, checked: &mut Checked, faults: &mut Vec<Fault>) {
    match found {
        Found::Table(table) => match table.snapshot().await {
            Ok(_) => checked.tables += 1,
            Err(error) => {
                let message = from_lake(&error).message;
                // Some of these name the table themselves.
                let table = format!("table {}", table.name());
                let message =
                    if message.starts_with(&table) { message } else { format!("{table}: {message}") };
                faults.push(in_config(planner, message));
            }
        },
        Found::View(view) => match planner.view(view).await {
            Ok(_) => checked.views += 1,
            Err(error) => {
                let line = view.line;
                faults.push(Fault::new(error.message).in_file(&view.file).on_line(line));
            }
        },
    }
}

/// Whether the columns of a table's keys are there, and whether their indexes' names are free.
async fn check_keys(
    planner: &Planner,
    name: &TableName,
    found: &Found,
    relations: &BTreeMap<String, Found>,
    faults: &mut Vec<Fault>,
) {
    let Some(says) = planner.opened.settings.tables.get(name).filter(|says| !says.keys.is_empty()) else {
        return;
    };
    let has_column: Box<dyn Fn(&str) -> bool + Send> = match found {
        Found::View(_) => Box::new(|_| true),
        Found::Table(table) => match table.snapshot().await {
            Ok(snapshot) => Box::new(move |column| snapshot.schema().index_of(column).is_ok()),
            // That the table cannot be read has been said.
            Err(_) => return,
        },
    };
    let missing = missing_columns(found, &says.keys, has_column);
    faults.extend(missing.into_iter().map(|(line, message)| in_config(planner, message).on_line(line)));
    let has_index = |key: &&Key| !matches!(key.kind, KeyKind::Foreign { .. });
    for key in says.keys.iter().filter(has_index).filter(|key| relations.contains_key(&key.name)) {
        let message = format!("key {} of {name} has the name of a table or view", quote_ident(&key.name));
        faults.push(in_config(planner, message).on_line(key.line));
    }
}

/// Keys that are declared of tables that are not there.
fn keys_of_nothing<'a>(
    planner: &'a Planner,
    schema: &'a str,
    relations: &'a BTreeMap<String, Found>,
) -> impl Iterator<Item = Fault> + 'a {
    let declared = planner.opened.settings.tables.iter();
    declared.filter(move |(name, _)| name.schema == schema && !relations.contains_key(&name.name)).filter_map(
        move |(name, says)| {
            let message = format!("table {name} has keys and is not there");
            Some(in_config(planner, message).on_line(says.keys.first()?.line))
        },
    )
}

fn in_config(planner: &Planner, message: String) -> Fault {
    let settings = Arc::clone(&planner.opened.settings);
    match &settings.file {
        Some(file) => Fault::new(message).in_file(file),
        None => Fault::new(message),
    }
}
