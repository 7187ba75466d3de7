//! One version of a catalog: the relations that one user may see, and what was made of them so far.
//!
//! A version is the same for many statements, so what depends on nothing else is made once and kept with it.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use lakeport_base::TableName;

use crate::pinned::Relation;

/// The relations of one version of a catalog, sorted by name. Dropping what is kept changes time and no answer.
#[derive(Debug, Default)]
pub struct Relations {
    all: Vec<Relation>,
    /// Positions in `all`, built when first asked for.
    by_oid: OnceLock<HashMap<u32, usize>>,
    /// Rows of system relations: at most one batch for each part of each of them.
    made: Mutex<HashMap<(u32, Part), RecordBatch>>,
    /// The columns of views, and when they were planned: at most one entry for each of `all`.
    view_columns: Mutex<HashMap<TableName, (Instant, SchemaRef)>>,
}

/// What of a system relation is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Its rows.
    Rows,
    /// The columns that tell its rows apart.
    Key,
}

impl Relations {
    /// A version with these relations, which are sorted by name.
    pub fn new(all: Vec<Relation>) -> Self {
        Self { all, ..Self::default() }
    }

    /// The relation with this oid.
    pub(crate) fn with_oid(&self, oid: u32) -> Option<&Relation> {
        let by_oid = self.by_oid.get_or_init(|| {
            self.all.iter().enumerate().map(|(index, relation)| (relation.oid, index)).collect()
        });
        by_oid.get(&oid).map(|index| &self.all[*index])
    }

    /// The columns of a view, where they were kept no longer ago than this.
    pub fn view_columns(&self, view: &TableName, believed_for: Duration) -> Option<SchemaRef> {
        let kept = self.view_columns.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, columns) = kept.get(view)?;
        (at.elapsed() < believed_for).then(|| Arc::clone(columns))
    }

    /// Keeps the columns of a view. They are the same for whoever reads it.
    pub fn keep_view_columns(&self, view: &TableName, columns: &SchemaRef) {
        let mut kept = self.view_columns.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(view.clone(), (Instant::now(), Arc::clone(columns)));
    }

    /// A part of the system relation with this oid: as it was kept, or made now.
    ///
    /// # Errors
    ///
    /// What `make` fails with; then nothing is kept.
    pub(crate) fn kept(
        &self,
        relation: u32,
        part: Part,
        make: impl FnOnce() -> Result<RecordBatch>,
    ) -> Result<RecordBatch> {
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = made().get(&(relation, part)) {
            return Ok(batch.clone());
        }
        // Not under the lock: two that come at once make the same.
        let batch = make()?;
        made().insert((relation, part), batch.clone());
        Ok(batch)
    }
}

impl Deref for Relations {
    type Target = [Relation];

    fn deref(&self) -> &[Relation] {
        &self.all
    }
}
