//! Objects, their versions, and reads that never mix two versions.
//!
//! A listing says which version of an object there was; [`read_range`] and [`read_ranges`] give
//! the bytes of that very version or [`Error::Changed`]. Where the store has etags it holds
//! the promise itself (If-Match); elsewhere the answer's size and time are compared.
//!
//! What a local folder cannot tell apart: two writes into one file, in place, of the same size and
//! within one tick of the file system's clock (a few milliseconds on Linux), or with the time set back.

use std::ops::Range;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt as _, coalesce_ranges};

use crate::parts::{Parts, length};
use crate::{Error, Result};

/// Requests for one object that are on their way at once.
const REQUESTS_MAX: usize = 10;

/// Which bytes an object has: two objects of one path and equal versions are the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// What the store calls the version; it changes with every write.
    Etag(String),
    /// Size and time of the last write, where the store has no etag that identifies bytes.
    Stamp {
        /// The size in bytes.
        size: u64,
        /// The time of the last write.
        modified: DateTime<Utc>,
    },
}

impl Version {
    /// The version that a store's answer speaks of.
    ///
    /// A weak etag (`W/"…"`) promises only that the meaning is the same, and If-Match never accepts it.
    pub fn of(meta: &ObjectMeta) -> Self {
        match &meta.e_tag {
            Some(etag) if !etag.is_empty() && !etag.starts_with("W/") => Self::Etag(etag.clone()),
            _ => Self::Stamp { size: meta.size, modified: meta.last_modified },
        }
    }

    /// Whether an answer speaks of this version. Some services put an etag into quotes in one place and not in another.
    fn is_of(&self, meta: &ObjectMeta) -> bool {
        match (self, Self::of(meta)) {
            (Self::Etag(one), Self::Etag(other)) => one.trim_matches('"') == other.trim_matches('"'),
            // Web servers say the time to the second, listings more exactly.
            (Self::Stamp { size, modified }, _) => {
                *size == meta.size && modified.timestamp() == meta.last_modified.timestamp()
            }
            (Self::Etag(_), Self::Stamp { .. }) => false,
        }
    }
}

/// A file in a store, as a listing found it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Where it is, below the store's folder.
    pub path: Path,
    /// The size in bytes.
    pub size: u64,
    /// The time of the last write.
    pub modified: DateTime<Utc>,
    /// Which bytes it has.
    pub version: Version,
}

impl From<ObjectMeta> for Object {
    fn from(meta: ObjectMeta) -> Self {
        let version = Version::of(&meta);
        Self { path: meta.location, size: meta.size, modified: meta.last_modified, version }
    }
}

impl From<&Object> for ObjectMeta {
    fn from(object: &Object) -> Self {
        let e_tag = match &object.version {
            Version::Etag(etag) => Some(etag.clone()),
            Version::Stamp { .. } => None,
        };
        Self {
            location: object.path.clone(),
            last_modified: object.modified,
            size: object.size,
            e_tag,
            version: None,
        }
    }
}

/// The object at `path` as it is now.
///
/// # Errors
///
/// [`Error::Missing`] if there is none.
pub async fn look_up(objects: &dyn ObjectStore, path: &Path) -> Result<Object> {
    let meta = objects.head(path).await.map_err(|error| failure(objects, path, &error))?;
    Ok(meta.into())
}

/// Reads the bytes `range` of `object`, in the version that it was found in.
///
/// # Errors
///
/// [`Error::Changed`] if the object has been written since it was found, [`Error::Missing`] if
/// it is gone, [`Error::OutOfRange`] if it never had these bytes.
pub async fn read_range(objects: &dyn ObjectStore, object: &Object, range: Range<u64>) -> Result<Bytes> {
    check_range(objects, object, &range)?;
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let wanted = GetOptions { range: Some(range.clone().into()), ..GetOptions::default() };
    let answer = get(objects, object, wanted).await?;
    let bytes = answer.bytes().await.map_err(|error| failure(objects, &object.path, &error))?;
    if bytes.len() as u64 == length(&range) { Ok(bytes) } else { Err(changed(objects, object)) }
}

/// How several ranges of an object are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Those up to so many bytes apart in one request, with what lies between them: where the way is long.
    Joined {
        /// The bytes.
        gap: u64,
    },
    /// As many in one request as have so many bytes together, without what lies between them. Only a store that is
    /// [near](crate::Store::is_near) spares the way for that.
    Gathered {
        /// The bytes.
        request: u64,
    },
}

/// Reads several ranges of `object`, in the version that it was found in, in the order given.
///
/// Up to ten requests are on their way at once (object_store's own measure). Errors as [`read_range`].
pub async fn read_ranges(
    objects: &dyn ObjectStore,
    object: &Object,
    ranges: &[Range<u64>],
    asking: Asking,
) -> Result<Vec<Bytes>> {
    for range in ranges {
        check_range(objects, object, range)?;
    }
    match asking {
        Asking::Joined { gap } => {
            coalesce_ranges(ranges, |range| read_range(objects, object, range), gap).await
        }
        Asking::Gathered { request } => gather(objects, object, ranges, request).await,
    }
}

async fn gather(
    objects: &dyn ObjectStore,
    object: &Object,
    ranges: &[Range<u64>],
    request_bytes: u64,
) -> Result<Vec<Bytes>> {
    let requests = stream::iter(Parts::requests(ranges, request_bytes));
    let answers = requests.map(|parts| read_parts(objects, object, parts)).buffered(REQUESTS_MAX);
    let parts: Vec<(u64, Bytes)> = answers.try_concat().await?;
    let of_range = |range: &Range<u64>| {
        let place = parts.partition_point(|(start, _)| *start <= range.start).checked_sub(1);
        let (start, bytes) = place.and_then(|place| parts.get(place)).filter(|_| !range.is_empty())?;
        Some(bytes.slice((range.start - start) as usize..(range.end - start) as usize))
    };
    Ok(ranges.iter().map(|range| of_range(range).unwrap_or_default()).collect())
}

/// Each part's bytes, with where they begin.
async fn read_parts(objects: &dyn ObjectStore, object: &Object, parts: Parts) -> Result<Vec<(u64, Bytes)>> {
    let failed = |error: object_store::Error| failure(objects, &object.path, &error);
    let mut wanted = GetOptions::default();
    parts.ask(&mut wanted);
    let mut pieces = get(objects, object, wanted).await?.into_stream();
    let (mut taken, mut rest) = (Vec::new(), Bytes::new());
    for part in parts.iter() {
        let length = usize::try_from(length(&part)).unwrap_or(usize::MAX);
        while rest.len() < length {
            let piece = pieces.try_next().await.map_err(failed)?.ok_or_else(|| changed(objects, object))?;
            rest = if rest.is_empty() { piece } else { [rest, piece].concat().into() };
        }
        taken.push((part.start, rest.split_to(length)));
    }
    let is_over = rest.is_empty() && pieces.try_next().await.map_err(failed)?.is_none();
    if is_over { Ok(taken) } else { Err(changed(objects, object)) }
}

/// Sends a GET for the object in its version.
async fn get(objects: &dyn ObjectStore, object: &Object, wanted: GetOptions) -> Result<GetResult> {
    let if_match = match &object.version {
        Version::Etag(etag) => Some(etag.clone()),
        Version::Stamp { .. } => None,
    };
    let answer = objects.get_opts(&object.path, GetOptions { if_match, ..wanted }).await;
    let answer = answer.map_err(|error| failure(objects, &object.path, &error))?;
    if object.version.is_of(&answer.meta) { Ok(answer) } else { Err(changed(objects, object)) }
}

fn check_range(objects: &dyn ObjectStore, object: &Object, range: &Range<u64>) -> Result<()> {
    if range.start <= range.end && range.end <= object.size {
        return Ok(());
    }
    Err(Error::OutOfRange { store: objects.to_string(), path: object.path.to_string(), size: object.size })
}

fn changed(objects: &dyn ObjectStore, object: &Object) -> Error {
    Error::Changed { store: objects.to_string(), path: object.path.to_string() }
}

/// The failure, of the store that `objects` displays as.
pub(crate) fn failure(objects: &dyn ObjectStore, path: &Path, error: &object_store::Error) -> Error {
    Error::from_object_store(&objects.to_string(), Some(path.as_ref()), error)
}
