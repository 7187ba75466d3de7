//! Views made, dropped and described from SQL: each becomes a file of the views' folder.
//!
//! The file is what counts. A change is written first and then read back with all other views,
//! so that what SQL made and what a reviewer sees in the folder cannot differ.

use std::path::PathBuf;
use std::sync::Arc;

use lakeport_base::{SqlState, TableName};
use lakeport_config::{IfExists, NewView, ViewError};
use lakeport_sql::statement::CreateView;

use crate::open::{Found, View};
use crate::plan::{Planner, Resolved, is_system, named, view_path};
use crate::session::done;
use crate::{Answer, Error, Result, Session};

impl Session {
    /// CREATE [OR REPLACE] VIEW.
    pub(crate) async fn create_view(&mut self, create: &CreateView) -> Result<Answer> {
        let shared = Arc::clone(&self.shared);
        let _change = shared.changes.lock().await;
        let planner = self.planner();
        let name = self.view_name(&planner, &create.name)?;
        let folder = self.may_change(&planner, &name)?;
        let existing = planner.opened.find(&name).await?;
        match existing {
            Some(Found::Table(_)) if create.or_replace => {
                return Err(Error::new(
                    SqlState::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a view", name.name),
                ));
            }
            Some(_) if !create.or_replace => {
                let message = format!("relation \"{}\" already exists", name.name);
                return Err(Error::new(SqlState::DUPLICATE_TABLE, message));
            }
            _ => {}
        }
        let text = with_columns(create);
        check_definition(&planner, &name, create, &text).await?;
        let new = NewView {
            name: name.clone(),
            text,
            description: None,
            owner: (!self.identity.superuser).then(|| self.identity.user.clone()),
        };
        let if_exists = if create.or_replace { IfExists::Replace } else { IfExists::Refuse };
        self.change(move || lakeport_config::write_view(&folder, &new, if_exists)).await?;
        Ok(done("CREATE VIEW"))
    }

    /// DROP VIEW [IF EXISTS].
    pub(crate) async fn drop_views(&mut self, if_exists: bool, names: &[Vec<String>]) -> Result<Answer> {
        let shared = Arc::clone(&self.shared);
        let _change = shared.changes.lock().await;
        let planner = self.planner();
        let (mut dropped, mut notices) = (Vec::new(), Vec::new());
        for parts in names {
            match self.existing_view(&planner, parts).await {
                Ok(view) => dropped.push(view),
                Err(error) if if_exists && error.sqlstate == SqlState::UNDEFINED_TABLE => {
                    let message = format!("view \"{}\" does not exist, skipping", parts.join("."));
                    notices.push(Error::new(SqlState::SUCCESSFUL_COMPLETION, message));
                }
                Err(error) => return Err(error),
            }
        }
        for view in &dropped {
            self.may_change(&planner, &view.name)?;
            if let Some(other) = dependent(&planner, view, &dropped).await {
                return Err(Error {
                    detail: Some(format!("view {} depends on view {}", other.name, view.name)),
                    ..Error::new(
                        SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
                        format!("cannot drop view {} because other objects depend on it", view.name),
                    )
                });
            }
        }
        for view in dropped {
            let folder = self.may_change(&planner, &view.name)?;
            self.change(move || lakeport_config::remove_view(&folder, &view.name)).await?;
        }
        Ok(Answer::Done { tag: "DROP VIEW", notices })
    }

    /// COMMENT ON VIEW.
    pub(crate) async fn comment_on_view(
        &mut self,
        parts: &[String],
        comment: Option<&str>,
    ) -> Result<Answer> {
        let shared = Arc::clone(&self.shared);
        let _change = shared.changes.lock().await;
        let planner = self.planner();
        let view = self.existing_view(&planner, parts).await?;
        let folder = self.may_change(&planner, &view.name)?;
        let comment = comment.map(str::to_owned);
        self.change(move || lakeport_config::set_view_description(&folder, &view.name, comment.as_deref()))
            .await?;
        Ok(done("COMMENT"))
    }

    /// Writes a file, off the threads that must not block, and puts the views of now in force.
    async fn change(&self, write: impl FnOnce() -> Result<(), ViewError> + Send + 'static) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let work = move || {
            write().map_err(|error| Error::new(error.sqlstate(), error.to_string()))?;
            shared.opened.store(Arc::new(shared.opened.load().with_views()));
            Ok(())
        };
        let task = self.shared.runtimes.compute().spawn_blocking(work);
        task.await.unwrap_or_else(|_| {
            Err(Error::new(SqlState::INTERNAL_ERROR, "the change of a view was broken off"))
        })
    }

    /// The name a new view gets: in its own schema, otherwise in the first of the search path there is.
    fn view_name(&self, planner: &Planner, parts: &[String]) -> Result<TableName> {
        match parts {
            [name] => {
                let schemas = planner.opened.schemas();
                let schema =
                    planner.search_path.iter().find(|schema| schemas.contains(schema)).ok_or_else(|| {
                        Error::new(SqlState::INVALID_SCHEMA_NAME, "no schema has been selected to create in")
                    })?;
                Ok(TableName::new(schema, name))
            }
            [schema, name] => Ok(TableName::new(schema, name)),
            [database, schema, name] if *database == planner.database => Ok(TableName::new(schema, name)),
            _ => Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("cross-database references are not implemented: {}", parts.join(".")),
            )),
        }
    }

    /// The views' folder, if this session may change views of the name's schema.
    fn may_change(&self, planner: &Planner, name: &TableName) -> Result<PathBuf> {
        let allowed =
            !is_system(&name.schema) && planner.opened.access.may_create(&self.identity, &name.schema);
        if !allowed {
            let message = format!("permission denied for schema {}", name.schema);
            return Err(Error::new(SqlState::INSUFFICIENT_PRIVILEGE, message));
        }
        planner.opened.settings.views.clone().ok_or_else(|| {
            Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "views have no folder to be kept in")
                .with_hint("Name one in the config: views = \"views\".")
        })
    }

    async fn existing_view(&self, planner: &Planner, parts: &[String]) -> Result<Arc<View>> {
        match planner.resolve(parts).await? {
            Resolved::View(view) => Ok(view),
            Resolved::Table(_) | Resolved::Path(_) | Resolved::System(_) => {
                Err(Error::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a view", parts.join("."))))
            }
        }
    }
}

/// The text to keep: names given to the columns become part of it.
fn with_columns(create: &CreateView) -> String {
    if create.columns.is_empty() {
        return create.query_text.clone();
    }
    let columns: Vec<_> = create.columns.iter().map(|column| lakeport_base::quote_ident(column)).collect();
    format!("SELECT * FROM (\n{}\n) AS v({})", create.query_text, columns.join(", "))
}

/// Plans the view as it will be read later, and as its maker means it now: both must agree.
async fn check_definition(
    planner: &Planner,
    name: &TableName,
    create: &CreateView,
    text: &str,
) -> Result<()> {
    let declared = planner.plan(&create.query, text, &[]).await?;
    if !declared.query.parameters.is_empty() {
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "views must not contain parameters"));
    }
    let later = Planner { search_path: view_path(&name.schema), ..planner.clone() };
    for parts in lakeport_sql::relations(&create.query) {
        let means = key(&planner.resolve(&parts).await?);
        let reads = match later.resolve(&parts).await {
            Ok(resolved) => Some(key(&resolved)),
            Err(_) => None,
        };
        if reads.as_ref() != Some(&means) {
            return Err(Error::new(
                SqlState::INVALID_TABLE_DEFINITION,
                format!("\"{}\" must be written with its schema in a view", parts.join(".")),
            )
            .with_hint(
                "A view looks bare names up in its own schema and then in public, whoever reads it.",
            ));
        }
    }
    let owner = (!planner.user.superuser).then(|| planner.user.user.clone());
    let view = View::planned(name.clone(), text.to_owned(), owner);
    let (planned, _) = planner.view(&view).await?;
    named(&planned.query).map(drop)
}

fn key(resolved: &Resolved) -> String {
    match resolved {
        Resolved::System(name) => name.to_string(),
        Resolved::View(view) => view.name.to_string(),
        Resolved::Table(table) | Resolved::Path(table) => table.name().to_string(),
    }
}

/// A view that reads this one and is not dropped with it.
async fn dependent(planner: &Planner, view: &View, dropped: &[Arc<View>]) -> Option<Arc<View>> {
    for other in planner.opened.views.values() {
        if dropped.iter().any(|gone| gone.name == other.name) {
            continue;
        }
        let Some(reads) = other.reads() else { continue };
        let reader = Planner { search_path: view_path(&other.name.schema), ..planner.clone() };
        for parts in reads {
            if let Ok(Resolved::View(read)) = reader.resolve(parts).await
                && read.name == view.name
            {
                return Some(Arc::clone(other));
            }
        }
    }
    None
}
