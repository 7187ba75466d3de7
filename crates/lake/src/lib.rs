//! Tables over the objects of a store: listing, partitions, schemas, Parquet.
