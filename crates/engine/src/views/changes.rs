//! What a transaction changes about views, until it commits.
//!
//! Each view that was touched is kept with what its file held at the first touch and what it is to hold. Only the
//! session sees that; a commit writes it all or nothing, and fails with 40001 where a file has changed meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lakeport_base::{SqlState, TableName};
use lakeport_config::{ViewChange, ViewError};

use super::{depends, from_view, views_read};
use crate::open::{Opened, View};
use crate::plan::Planner;
use crate::{Error, Result, Session, Transaction};

/// The most views that one transaction may change.
const CHANGES_MAX: usize = 10_000;

/// The views that a transaction has changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ViewChanges {
    changes: Arc<Changes>,
}

/// Each change with the view that its new content is; none for one that goes.
type Changes = BTreeMap<TableName, (ViewChange, Option<Arc<View>>)>;

impl ViewChanges {
    /// Whether nothing was changed between the two.
    pub(crate) fn is_same(&self, other: &ViewChanges) -> bool {
        Arc::ptr_eq(&self.changes, &other.changes)
    }

    /// About what it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.changes.values().map(|(change, _)| length(&change.before) + length(&change.after)).sum()
    }

    /// What is open, with these changes.
    fn over(&self, base: &Arc<Opened>) -> Arc<Opened> {
        if self.changes.is_empty() {
            return Arc::clone(base);
        }
        let mut views = base.views.as_ref().clone();
        for (name, (_, view)) in self.changes.as_ref() {
            match view {
                Some(view) => drop(views.insert(name.clone(), Arc::clone(view))),
                None => drop(views.remove(name)),
            }
        }
        Arc::new(base.over(views))
    }
}

impl Session {
    /// What is open, as this session's transaction has it.
    pub(crate) fn opened(&self) -> Arc<Opened> {
        let now = || self.shared.opened.load_full();
        let base = self.pins_now().map_or_else(now, |pins| pins.opened(now));
        self.view_changes.over(&base)
    }

    /// Gives views' files new contents, or none; in force at once where no transaction is open, otherwise when it commits.
    pub(super) async fn change_views(&mut self, changes: Vec<(TableName, Option<String>)>) -> Result<()> {
        let folder = self.views_folder()?;
        let mut staged = self.view_changes.clone();
        for (name, after) in changes {
            let before = match staged.changes.get(&name) {
                Some((change, _)) => change.before.clone(),
                None => self.saved(&name).await?,
            };
            let view = match &after {
                Some(content) => Some(Arc::new(view(&folder, &name, content)?)),
                None => None,
            };
            Arc::make_mut(&mut staged.changes)
                .insert(name.clone(), (ViewChange { name, before, after }, view));
        }
        if staged.changes.len() > CHANGES_MAX {
            let message = format!("a transaction may change {CHANGES_MAX} views at most");
            return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message));
        }
        self.view_changes = staged;
        if self.transaction() == Transaction::Idle && !self.in_implicit() {
            return self.commit_views().await;
        }
        Ok(())
    }

    /// Whether no file lies where a new view is to be: 42P07 for one that holds no view that works.
    pub(super) async fn check_free(&self, name: &TableName) -> Result<()> {
        match self.content(name).await? {
            None => Ok(()),
            Some(_) => {
                let message = format!("relation \"{}\" already exists", name.name);
                Err(Error::new(SqlState::DUPLICATE_TABLE, message).with_hint(
                    "There is a file of this name in the views' folder, and it cannot be read as a view.",
                ))
            }
        }
    }

    async fn content(&self, name: &TableName) -> Result<Option<String>> {
        match self.view_changes.changes.get(name) {
            Some((change, _)) => Ok(change.after.clone()),
            None => self.saved(name).await,
        }
    }

    /// What a view's file holds, as this session's transaction has it.
    pub(super) async fn view_content(&self, name: &TableName) -> Result<String> {
        self.content(name).await?.ok_or_else(|| {
            Error::new(SqlState::SERIALIZATION_FAILURE, format!("the file of view {name} is gone"))
        })
    }

    /// Writes what the transaction changed. Nothing of it is left to do afterwards, whether it succeeds or not.
    ///
    /// # Errors
    ///
    /// 40001 where a file was changed meanwhile; 2BP01 where a view would be left that reads one which is gone.
    pub(crate) async fn commit_views(&mut self) -> Result<()> {
        if self.view_changes.changes.is_empty() {
            return Ok(());
        }
        let planner = self.planner();
        let changes = Arc::unwrap_or_clone(std::mem::take(&mut self.view_changes).changes);
        self.check_readers(planner, &changes).await?;
        let folder = self.views_folder()?;
        let shared = Arc::clone(&self.shared);
        let _change = shared.changes.lock().await;
        let changes: Vec<ViewChange> = changes
            .into_values()
            .map(|(change, _)| change)
            .filter(|change| change.before != change.after)
            .collect();
        let done = Arc::clone(&shared);
        self.blocking(move || {
            lakeport_config::change_views(&folder, &changes)?;
            done.opened.store(Arc::new(done.opened.load().with_views()));
            Ok(())
        })
        .await
    }

    /// Whether no view is left that reads one which is gone, as a rename may leave it: 2BP01 if one is.
    async fn check_readers(&self, after: Planner, changes: &Changes) -> Result<()> {
        let gone =
            |name: &TableName| matches!(changes.get(name), Some((change, None)) if change.before.is_some());
        if !changes.keys().any(gone) {
            return Ok(());
        }
        let before = Planner { opened: self.shared.opened.load_full(), ..after.clone() };
        for view in after.opened.views.values() {
            let reads = views_read(&before, view).await;
            if let Some(missing) = reads.iter().find(|name| gone(name))
                && !views_read(&after, view).await.iter().any(|name| name.name == missing.name)
            {
                let message =
                    format!("cannot rename or drop view {missing} because other objects depend on it");
                return Err(depends(&after, message, missing, &view.name));
            }
        }
        Ok(())
    }

    async fn saved(&self, name: &TableName) -> Result<Option<String>> {
        let (folder, name) = (self.views_folder()?, name.clone());
        self.blocking(move || lakeport_config::read_view_content(&folder, &name)).await
    }

    /// Reads or writes files, off the threads that must not block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ViewError> + Send + 'static,
    ) -> Result<T> {
        let task = self.shared.runtimes.compute().spawn_blocking(move || work().map_err(from_view));
        task.await.unwrap_or_else(|_| {
            Err(Error::new(SqlState::INTERNAL_ERROR, "the change of a view was broken off"))
        })
    }
}

fn view(folder: &Path, name: &TableName, content: &str) -> Result<View> {
    let file = lakeport_config::read_view(folder, name, content)
        .map_err(|faults| Error::new(SqlState::INVALID_PARAMETER_VALUE, faults.to_string()))?;
    Ok(View::from(file))
}
