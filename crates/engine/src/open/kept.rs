//! What users may see of the catalog, kept from one statement to the next as long as nothing changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lakeport_access::Identity;
use lakeport_base::TableName;
use lakeport_catalog::Relations;
use lakeport_lake::Table;

use super::View;

/// Versions that are kept at once: one for each user who asks, and one for each who has just seen a change. A guess.
const VERSIONS_MAX: usize = 32;

/// What a schema's folder holds, by name; none where it cannot be listed.
pub(crate) type Listing = Option<Arc<BTreeMap<String, Arc<Table>>>>;

/// The newest versions of the catalog. Dropping one changes time and no answer.
#[derive(Debug, Default)]
pub(crate) struct KeptCatalogs(Mutex<Vec<(Version, Arc<Relations>)>>);

/// What a version is made of: who looks, and at what.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) reader: Identity,
    pub(crate) user: Identity,
    pub(crate) database: String,
    /// Of each schema in turn.
    pub(crate) listings: Vec<Listing>,
    pub(crate) views: Arc<BTreeMap<TableName, Arc<View>>>,
}

impl KeptCatalogs {
    /// The relations of a version: as they were kept, or made now.
    pub(crate) fn relations(&self, version: Version, make: impl FnOnce() -> Relations) -> Arc<Relations> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, relations)) = kept().iter().find(|(own, _)| own.is(&version)) {
            return Arc::clone(relations);
        }
        // Not under the lock: two that come at once make the same.
        let relations = Arc::new(make());
        let mut kept = kept();
        // What the same user saw before is not asked for again.
        kept.retain(|(own, _)| !own.is_for(&version));
        if kept.len() >= VERSIONS_MAX {
            kept.remove(0);
        }
        kept.push((version, Arc::clone(&relations)));
        relations
    }
}

fn same_views(one: &BTreeMap<TableName, Arc<View>>, other: &BTreeMap<TableName, Arc<View>>) -> bool {
    one.len() == other.len() && one.values().zip(other.values()).all(|(own, other)| Arc::ptr_eq(own, other))
}

impl Version {
    /// Whether the same user looks at the same database.
    fn is_for(&self, other: &Version) -> bool {
        (&self.reader, &self.user, &self.database) == (&other.reader, &other.user, &other.database)
    }

    /// Whether the same is seen. Listings and views are kept where they stay the same, so being the same is enough.
    fn is(&self, other: &Version) -> bool {
        let same_listing = |(own, other): (&Listing, &Listing)| match (own, other) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            _ => false,
        };
        self.is_for(other)
            && self.listings.len() == other.listings.len()
            && self.listings.iter().zip(&other.listings).all(same_listing)
            && (Arc::ptr_eq(&self.views, &other.views) || same_views(&self.views, &other.views))
    }
}
