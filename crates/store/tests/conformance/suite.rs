//! What every store does alike.

use futures::TryStreamExt as _;
use lakeport_store::object_store::path::Path;
use lakeport_store::object_store::{ObjectStore, ObjectStoreExt as _};
use lakeport_store::{
    Asking, Error, ListOptions, Meter, Store, list, list_folder, look_up, read_range, read_ranges,
};

/// Larger than what waits for a slow reader, so that bodies come in pieces.
const LARGE: usize = 20 << 20;

/// How far apart ranges may be that are asked for together.
const JOINED: Asking = Asking::Joined { gap: 1 << 20 };

/// The files below `t` that a reader should see.
const VISIBLE: [&str; 4] =
    ["t/sp ace/ü%41+.csv", "t/top.csv", "t/y=2023/a.parquet", "t/y=2024/m=1/b.parquet"];

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index / 251 + index % 251) as u8).collect()
}

/// Writes the files of the suite.
pub(crate) async fn seed(raw: &dyn ObjectStore) {
    for name in
        VISIBLE.into_iter().chain(["t/_SUCCESS", "t/_tmp/c.parquet", "t/y=2024/.part.crc", "other.csv"])
    {
        raw.put(&path(name), content(3_000).into()).await.unwrap();
    }
    raw.put(&path("large.bin"), content(LARGE).into()).await.unwrap();
}

/// Runs the suite over `store`, whose objects `raw` writes.
pub(crate) async fn run(store: &Store, raw: &dyn ObjectStore) {
    seed(raw).await;
    store.probe().await.unwrap();
    lists(store).await;
    reads(store).await;
    refuses_writes(store).await;
    keeps_to_a_version(store, raw).await;
    counts(store).await;
}

async fn lists(store: &Store) {
    let objects = store.objects();
    let found = list(&*objects, &path("t"), ListOptions::default()).await.unwrap();
    assert_eq!(found.iter().map(|object| object.path.as_ref()).collect::<Vec<_>>(), VISIBLE);
    assert!(found.iter().all(|object| object.size == 3_000));
    for object in &found {
        // What a listing says of the version is what a read is held to.
        assert_eq!(read_range(&*objects, object, 0..10).await.unwrap(), content(3_000)[..10]);
    }
    let folder = list_folder(&*objects, &path("t"), ListOptions::default()).await.unwrap();
    assert_eq!(folder.folders, ["t/sp ace", "t/y=2023", "t/y=2024"].map(path));
    assert_eq!(folder.objects.iter().map(|object| object.path.as_ref()).collect::<Vec<_>>(), ["t/top.csv"]);
    assert!(list(&*objects, &path("nothing/here"), ListOptions::default()).await.unwrap().is_empty());
    assert!(list(&*objects, &path("other.csv"), ListOptions::default()).await.unwrap().is_empty());
    let root = list_folder(&*objects, &Path::ROOT, ListOptions::default()).await.unwrap();
    assert_eq!(root.folders, [path("t")]);
    assert_eq!(root.objects.len(), 2);
}

async fn reads(store: &Store) {
    let objects = store.objects();
    let large = look_up(&*objects, &path("large.bin")).await.unwrap();
    assert_eq!(large.size, LARGE as u64);
    let expected = content(LARGE);
    let ranges = [5..9, 0..4, 100..100, 3_000_000..3_000_010, LARGE as u64 - 7..LARGE as u64, 1..9_000_000];
    for asking in [JOINED, Asking::Gathered { request: 1 }, Asking::Gathered { request: 4 << 20 }] {
        let parts = read_ranges(&*objects, &large, &ranges, asking).await.unwrap();
        for (range, part) in ranges.iter().zip(parts) {
            assert!(part == expected[range.start as usize..range.end as usize], "{range:?} {asking:?}");
        }
    }
    let body = objects.get(&large.path).await.unwrap().into_stream();
    let whole: Vec<u8> = body
        .try_fold(Vec::new(), |mut all, part| async move {
            all.extend(part);
            Ok(all)
        })
        .await
        .unwrap();
    assert!(whole == expected);
    // A reader that leaves in the middle leaves nothing behind.
    drop(objects.get(&large.path).await.unwrap().into_stream().try_next().await.unwrap());

    let beyond = read_range(&*objects, &large, 0..LARGE as u64 + 1).await.unwrap_err();
    check(&beyond, "XX001", store);
    for missing in
        ["none.csv", "t", "t/y=2023", "other.csv/x", "%2e%2e/%2e%2e/etc/passwd", "a%2f..%2fb", "..\\x"]
    {
        check(&look_up(&*objects, &path(missing)).await.unwrap_err(), "58P01", store);
    }
}

async fn refuses_writes(store: &Store) {
    let (objects, at) = (store.objects(), path("other.csv"));
    let to = path("new.csv");
    for refused in [
        objects.put(&at, "x".into()).await.map(drop),
        objects.put_multipart(&at).await.map(drop),
        objects.delete(&at).await,
        objects.copy(&at, &to).await,
        objects.copy_if_not_exists(&at, &to).await,
        objects.rename(&at, &to).await,
        objects.rename_if_not_exists(&at, &to).await,
    ] {
        check(&Error::from_object_store(store.name(), None, &refused.unwrap_err()), "25006", store);
    }
    assert_eq!(look_up(&*objects, &at).await.unwrap().size, 3_000);
}

async fn keeps_to_a_version(store: &Store, raw: &dyn ObjectStore) {
    let objects = store.objects();
    let before = look_up(&*objects, &path("other.csv")).await.unwrap();
    raw.put(&before.path, vec![b'!'; 3_000].into()).await.unwrap();
    check(&read_range(&*objects, &before, 0..10).await.unwrap_err(), "40001", store);
    for asking in [JOINED, Asking::Gathered { request: 4 << 20 }] {
        let error = read_ranges(&*objects, &before, &[0..10, 2_000..2_001], asking).await.unwrap_err();
        check(&error, "40001", store);
    }
    let now = look_up(&*objects, &before.path).await.unwrap();
    assert_ne!(now.version, before.version);
    assert_eq!(read_range(&*objects, &now, 0..2).await.unwrap(), "!!");
    raw.delete(&before.path).await.unwrap();
    let gone = read_range(&*objects, &now, 0..10).await.unwrap_err();
    // Azurite looks at the etag first, others at whether there is an object at all.
    check(&gone, if matches!(gone, Error::Changed { .. }) { "40001" } else { "58P01" }, store);
}

async fn counts(store: &Store) {
    let meter = std::sync::Arc::new(Meter::default());
    let objects = store.metered(std::sync::Arc::clone(&meter));
    let (requests, bytes) = (store.meter().requests(), store.meter().bytes());
    let object = look_up(&*objects, &path("t/top.csv")).await.unwrap();
    assert_eq!((meter.requests(), meter.bytes()), (1, 0), "a HEAD has no bytes");
    read_range(&*objects, &object, 0..1_000).await.unwrap();
    assert_eq!((meter.requests(), meter.bytes()), (2, 1_000));
    objects.get_ranges(&object.path, &[0..10, 2_000..2_010]).await.unwrap();
    assert_eq!((meter.requests(), meter.bytes()), (3, 3_010), "close ranges are one request");
    assert_eq!((store.meter().requests() - requests, store.meter().bytes() - bytes), (3, 3_010));
}

/// A failure has its code, names the store and shows nothing that is not its reader's.
#[track_caller]
pub(crate) fn check(error: &Error, code: &str, store: &Store) {
    let text = error.to_string();
    assert_eq!(error.sqlstate().code(), code, "{text}: {:?}", std::error::Error::source(error));
    assert!(text.contains(store.name()), "{text}");
    assert!(!text.contains("://") && !text.contains("/tmp"), "{text}");
}
