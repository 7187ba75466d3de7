//! Which kind a store is of: the one sub-section that it has.

use std::collections::BTreeMap;

use super::{azure, gcs, http, s3};
use crate::section::{Found, Section};
use crate::settings::{Store, StoreKind};

/// Reads one kind's section; none if it has a fault, which is noted by then.
type Read = fn(&Section<'_>) -> Option<Store>;

/// A new kind of store is one line here.
const KINDS: [(&str, Read); 5] =
    [("azure", azure::read), ("gcs", gcs::read), ("http", http::read), ("local", local), ("s3", s3::read)];

/// Reads all stores: by name, with nothing where one has a fault, so that its name is known nevertheless.
pub(crate) fn stores(root: &Section<'_>) -> BTreeMap<String, Option<Store>> {
    let mut stores = BTreeMap::new();
    for (name, section) in root.sections("stores") {
        let store = store(&name, section);
        stores.insert(name.value, store);
    }
    stores
}

fn store(name: &Found<String>, section: Section<'_>) -> Option<Store> {
    let named = !name.value.is_empty()
        && name.value.len() <= crate::postgres::NAME_SIZE_MAX
        && name.value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !named {
        let message = format!("{} must be named with 1 to 63 letters, digits, _ and -", section.name());
        section.reading.fault(name.at, message);
    }
    let mut found = Vec::new();
    for (kind, read) in KINDS {
        if let Some(inner) = section.section(kind) {
            let store = read(&inner);
            inner.finish();
            found.push((kind, store));
        }
    }
    let kinds = KINDS.map(|(kind, _)| kind).join(", ");
    let place = section.at;
    match found.len() {
        1 => {}
        0 => {
            let message = format!("{} has no kind; write [{0}.KIND] with one of {kinds}", section.name());
            section.reading.fault(place, message);
        }
        _ => {
            let found: Vec<&str> = found.iter().map(|(kind, _)| *kind).collect();
            let message = format!(
                "{} has {} kinds, {}; it must have one",
                section.name(),
                found.len(),
                found.join(" and ")
            );
            section.reading.fault(place, message);
        }
    }
    section.finish();
    found.pop().and_then(|(_, store)| store).filter(|_| named)
}

/// `[stores.NAME.local]`. Whether the folder is there is for the store to find out.
fn local(section: &Section<'_>) -> Option<Store> {
    let written = section.required_text("folder", "it is the folder that the store is")?;
    if written.value.is_empty() || written.value.contains('\0') {
        section.fault("folder", "must be the path of a folder");
        return None;
    }
    let folder = section.reading.path(&written.value);
    Some(Store { url: format!("file://{}", folder.display()), kind: StoreKind::Local { folder } })
}
