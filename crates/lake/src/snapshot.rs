//! The objects and versions that one statement reads of a table, and their one schema.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use lakeport_base::TableName;
use lakeport_store::{Meter, Object, Store};

use crate::bounds::TableBounds;
use crate::partition::Partitions;
use crate::provider::Provider;
use crate::{Error, Footers, Result};

/// A table as it was when it was listed. Immutable.
#[derive(Debug)]
pub struct Snapshot {
    name: TableName,
    store: Store,
    footers: Arc<Footers>,
    schema: SchemaRef,
    columns: SchemaRef,
    partitions: Partitions,
    /// The partition columns' values, an array a column and an element a file.
    partition_arrays: Vec<ArrayRef>,
    bounds: TableBounds,
    files: Vec<File>,
}

/// One file of a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) object: Object,
    /// The schema to read it with; files of equal schemas share one.
    pub(crate) schema: SchemaRef,
    pub(crate) rows: u64,
    /// How many bytes its rows take decompressed.
    pub(crate) decoded_bytes: u64,
}

impl Snapshot {
    pub(crate) fn new(
        name: TableName,
        store: Store,
        footers: Arc<Footers>,
        columns: SchemaRef,
        partitions: Partitions,
        bounds: TableBounds,
        files: Vec<File>,
    ) -> Result<Snapshot> {
        let fields = columns.fields().iter().chain(&partitions.columns).cloned();
        let schema = Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>()));
        let partition_arrays = (0..partitions.columns.len()).map(|column| {
            let values = partitions.values.iter().map(|values| values[column].clone());
            ScalarValue::iter_to_array(values)
        });
        let partition_arrays = partition_arrays
            .collect::<Result<_, _>>()
            .map_err(|error| Error::Mismatch { table: name.clone(), reason: error.to_string() })?;
        Ok(Snapshot { name, store, footers, schema, columns, partitions, partition_arrays, bounds, files })
    }

    /// The table's name.
    pub fn name(&self) -> &TableName {
        &self.name
    }

    /// The columns of the files, then the partition columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many objects the table has.
    pub fn objects(&self) -> usize {
        self.files.len()
    }

    /// How many bytes the objects have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.object.size).sum()
    }

    /// How many rows the objects have, as their footers say.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// A table for DataFusion that reads exactly these objects in exactly these versions.
    ///
    /// Requests and bytes are counted in `meter` as well as in the store's. A read of an object that changed fails with
    /// [`lakeport_store::Error::Changed`] in the error's chain; [`Error::within`] finds it. The runtime that executes it
    /// needs a [`ClosedRegistry`](crate::ClosedRegistry).
    pub fn provider(self: &Arc<Self>, meter: Arc<Meter>) -> Arc<dyn TableProvider> {
        Arc::new(Provider::new(Arc::clone(self), meter))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn footers(&self) -> &Arc<Footers> {
        &self.footers
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The columns of the files, and their bounds.
    pub(crate) fn bounds(&self) -> (&SchemaRef, &TableBounds) {
        (&self.columns, &self.bounds)
    }

    /// The partition columns.
    pub(crate) fn partition_columns(&self) -> &[FieldRef] {
        &self.partitions.columns
    }

    /// The values of the partition columns in one file.
    pub(crate) fn partition_values(&self, file: usize) -> &[ScalarValue] {
        &self.partitions.values[file]
    }

    /// The values of the partition columns, an array a column and an element a file.
    pub(crate) fn partition_arrays(&self) -> &[ArrayRef] {
        &self.partition_arrays
    }
}
