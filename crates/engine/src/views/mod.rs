//! Views made, renamed, dropped and described from SQL: each is a file of the views' folder.
//!
//! The file is what counts. What a transaction changes is kept with its session (`changes`), where only it sees it, and
//! written when it commits; then all views are read back, so that what SQL made and what a reviewer sees in the folder
//! cannot differ.

mod changes;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use lakeport_access::Identity;
use lakeport_base::{SqlState, TableName};
use lakeport_config::NewView;
use lakeport_sql::statement::{CreateView, DropView, RenameView};

use crate::open::{Found, View};
use crate::plan::{Planner, Resolved, is_system, named, view_path};
use crate::session::done;
use crate::{Answer, Error, Result, Session};

pub(crate) use changes::ViewChanges;

impl Session {
    /// CREATE [OR REPLACE] VIEW.
    pub(crate) async fn create_view(&mut self, create: &CreateView) -> Result<Answer> {
        let planner = self.planner();
        let name = self.view_name(&planner, &create.name)?;
        self.may_change(&planner, &name)?;
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
            Some(_) => {}
            None => self.check_free(&name).await?,
        }
        let text = with_columns(create);
        // Whoever it acts as: only users have rights that a view can be read with.
        let owner = (!self.identity.superuser).then(|| self.identity.user.clone());
        check_definition(&planner, View::planned(name.clone(), text.clone(), owner.clone()), create).await?;
        let new = NewView { name: name.clone(), text, description: None, owner };
        let content = lakeport_config::view_content(&new).map_err(from_view)?;
        self.change_views(vec![(name, Some(content))]).await?;
        Ok(done("CREATE VIEW"))
    }

    /// ALTER VIEW or ALTER TABLE … RENAME TO, of a view.
    pub(crate) async fn rename_view(&mut self, rename: &RenameView) -> Result<Answer> {
        let planner = self.planner();
        let view = match self.existing_view(&planner, &rename.name).await {
            Ok(view) => view,
            Err(error) if rename.if_exists && error.sqlstate == SqlState::UNDEFINED_TABLE => {
                return Ok(Answer::Done {
                    tag: rename.tag.into(),
                    notices: vec![skipping("relation", &rename.name)],
                });
            }
            Err(error) if error.sqlstate == SqlState::WRONG_OBJECT_TYPE && rename.tag == "ALTER TABLE" => {
                return Err(crate::session::read_only(rename.tag));
            }
            Err(error) => return Err(error),
        };
        self.may_change(&planner, &view.name)?;
        let to = TableName::new(&view.name.schema, &rename.to);
        if planner.opened.find(&to).await?.is_some() {
            let message = format!("relation \"{}\" already exists", to.name);
            return Err(Error::new(SqlState::DUPLICATE_TABLE, message));
        }
        self.check_free(&to).await?;
        let content = self.view_content(&view.name).await?;
        self.change_views(vec![(view.name.clone(), None), (to, Some(content))]).await?;
        Ok(done(rename.tag))
    }

    /// CREATE SCHEMA: a schema is there because the config or a view says so, and only then does it succeed.
    pub(crate) fn create_schema(&self, name: &str, if_not_exists: bool) -> Result<Answer> {
        let exists = is_system(name) || self.opened().schemas().iter().any(|schema| schema == name);
        let message = format!("schema \"{name}\" already exists");
        match (exists, if_not_exists) {
            (true, true) => {
                let notice = Error::new(SqlState::DUPLICATE_SCHEMA, format!("{message}, skipping"));
                Ok(Answer::Done { tag: "CREATE SCHEMA".into(), notices: vec![notice] })
            }
            (true, false) => Err(Error::new(SqlState::DUPLICATE_SCHEMA, message)),
            (false, _) => Err(crate::session::read_only("CREATE SCHEMA")
                .with_hint("A schema is there once the config names it, or a view is created in it.")),
        }
    }

    /// `DROP VIEW [IF EXISTS] … [CASCADE]`.
    pub(crate) async fn drop_views(&mut self, drop: &DropView) -> Result<Answer> {
        let planner = self.planner();
        let (mut dropped, mut notices) = (Vec::new(), Vec::new());
        for parts in &drop.names {
            match self.existing_view(&planner, parts).await {
                Ok(view) => dropped.push(view),
                Err(error) if drop.if_exists && error.sqlstate == SqlState::UNDEFINED_TABLE => {
                    notices.push(skipping("view", parts));
                }
                Err(error) => return Err(error),
            }
        }
        while let Some((view, other)) = dependent(&planner, &dropped).await {
            if !drop.cascade {
                let message = format!("cannot drop view {} because other objects depend on it", view.name);
                return Err(depends(&planner, message, &view.name, &other.name)
                    .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
            }
            let message = format!("drop cascades to view {}", other.name);
            notices.push(Error::new(SqlState::SUCCESSFUL_COMPLETION, message));
            dropped.push(other);
        }
        for view in &dropped {
            self.may_change(&planner, &view.name)?;
        }
        let names: BTreeSet<TableName> = dropped.iter().map(|view| view.name.clone()).collect();
        self.change_views(names.into_iter().map(|name| (name, None)).collect()).await?;
        Ok(Answer::Done { tag: "DROP VIEW".into(), notices })
    }

    /// COMMENT ON VIEW.
    pub(crate) async fn comment_on_view(
        &mut self,
        parts: &[String],
        comment: Option<&str>,
    ) -> Result<Answer> {
        let planner = self.planner();
        let view = self.existing_view(&planner, parts).await?;
        self.may_change(&planner, &view.name)?;
        let before = self.view_content(&view.name).await?;
        let after = lakeport_config::described_view(&view.name, &before, comment).map_err(from_view)?;
        self.change_views(vec![(view.name.clone(), Some(after))]).await?;
        Ok(done("COMMENT"))
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

    /// Whether this session may change views of the name's schema: 42501 where it may not.
    fn may_change(&self, planner: &Planner, name: &TableName) -> Result<()> {
        let allowed =
            !is_system(&name.schema) && planner.opened.access.may_create(&planner.user, &name.schema);
        if !allowed {
            let message = format!("permission denied for schema {}", name.schema);
            return Err(Error::new(SqlState::INSUFFICIENT_PRIVILEGE, message));
        }
        self.views_folder().map(drop)
    }

    /// The folder of views: 55000 where the config names none.
    fn views_folder(&self) -> Result<PathBuf> {
        self.shared.opened.load().settings.views.clone().ok_or_else(|| {
            Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "views have no folder to be kept in")
                .with_hint("Name one in the config: views = \"views\".")
        })
    }

    async fn existing_view(&self, planner: &Planner, parts: &[String]) -> Result<Arc<View>> {
        match planner.resolve(parts).await? {
            Resolved::View(view) => Ok(view),
            Resolved::Table(_) | Resolved::Path(_) | Resolved::Temp(_) | Resolved::System(_) => {
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
async fn check_definition(planner: &Planner, view: View, create: &CreateView) -> Result<()> {
    let (name, text) = (&view.name, view.text.as_str());
    let declared = planner.plan(&create.query, text, &[]).await?;
    if !declared.query.parameters.is_empty() {
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "views must not contain parameters"));
    }
    let later = Planner { search_path: view_path(&name.schema), ..planner.clone() };
    for parts in lakeport_sql::relations(&create.query, text) {
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
    let (planned, _) = planner.view(&view).await?;
    named(&planned.query).map(drop)
}

fn key(resolved: &Resolved) -> String {
    match resolved {
        Resolved::System(name) => name.to_string(),
        Resolved::View(view) => view.name.to_string(),
        // Views see none.
        Resolved::Temp(table) => table.name.clone(),
        Resolved::Table(table) | Resolved::Path(table) => table.name().to_string(),
    }
}

/// A view that reads one of these and is not among them, with the one it reads.
async fn dependent(planner: &Planner, dropped: &[Arc<View>]) -> Option<(Arc<View>, Arc<View>)> {
    for other in planner.opened.views.values() {
        if dropped.iter().any(|gone| gone.name == other.name) {
            continue;
        }
        for read in views_read(planner, other).await {
            if let Some(view) = dropped.iter().find(|gone| gone.name == read) {
                return Some((Arc::clone(view), Arc::clone(other)));
            }
        }
    }
    None
}

/// The views that a view reads, whoever may.
async fn views_read(planner: &Planner, view: &View) -> Vec<TableName> {
    let reader = Planner {
        reader: Identity::superuser("view"),
        search_path: view_path(&view.name.schema),
        ..planner.clone()
    };
    let mut found = Vec::new();
    for parts in view.reads().unwrap_or_default() {
        if let Ok(Resolved::View(read)) = reader.resolve(parts).await {
            found.push(read.name.clone());
        }
    }
    found
}

/// 2BP01, with the view that depends on another named to those who may read it.
fn depends(planner: &Planner, message: String, view: &TableName, other: &TableName) -> Error {
    let may_read = planner.opened.access.may_read(&planner.reader, other);
    Error {
        detail: may_read.then(|| format!("view {other} depends on view {view}")),
        ..Error::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message)
    }
}

fn skipping(what: &str, parts: &[String]) -> Error {
    let message = format!("{what} \"{}\" does not exist, skipping", parts.join("."));
    Error::new(SqlState::SUCCESSFUL_COMPLETION, message)
}

fn from_view(error: lakeport_config::ViewError) -> Error {
    Error::new(error.sqlstate(), error.to_string())
}
