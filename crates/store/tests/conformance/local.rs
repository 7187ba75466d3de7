//! A folder of this machine, and ways out of it.

use std::fs;
use std::path::Path as FilePath;
use std::time::Duration;

use lakeport_config::{Store as Settings, StoreKind};
use lakeport_store::object_store::ObjectStore;
use lakeport_store::object_store::local::LocalFileSystem;
use lakeport_store::object_store::path::Path;
use lakeport_store::{ListOptions, Store, list, list_folder, look_up, read_range};
use tokio::runtime::Handle;

use crate::suite;

fn open(folder: &FilePath) -> Store {
    let settings = Settings { url: String::new(), kind: StoreKind::Local { folder: folder.to_owned() } };
    Store::open("lake", &settings, &Handle::current()).unwrap()
}

async fn names(objects: &dyn ObjectStore, prefix: &str) -> Vec<String> {
    let found = list(objects, &Path::parse(prefix).unwrap(), ListOptions::default()).await.unwrap();
    found.into_iter().map(|object| object.path.to_string()).collect()
}

#[tokio::test]
async fn a_local_folder_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let raw = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    suite::run(&open(folder.path()), &raw).await;
}

#[cfg(unix)]
#[tokio::test]
async fn no_symbolic_link_leads_out_of_the_folder() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.csv"), "secret").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("t/in")).unwrap();
    fs::write(root.join("t/in/a.csv"), "a").unwrap();
    symlink(outside.path().join("secret.csv"), root.join("t/file.csv")).unwrap();
    symlink(outside.path(), root.join("t/folder")).unwrap();
    symlink("/", root.join("t/slash")).unwrap();
    symlink("../..", root.join("t/up")).unwrap();
    symlink("..", root.join("t/in/round")).unwrap();
    symlink("nowhere", root.join("t/broken.csv")).unwrap();
    symlink(root.join("t/in"), root.join("t/link")).unwrap();
    symlink("in/a.csv", root.join("t/same.csv")).unwrap();
    let store = open(root);
    let objects = store.objects();

    assert_eq!(names(&*objects, "").await, ["t/in/a.csv", "t/link/a.csv", "t/same.csv"]);
    assert_eq!(names(&*objects, "t/folder").await, [""; 0]);
    assert_eq!(names(&*objects, "t/link").await, ["t/link/a.csv"]);
    let t = list_folder(&*objects, &Path::from("t"), ListOptions::default()).await.unwrap();
    assert_eq!(t.folders, [Path::from("t/in"), Path::from("t/link")]);
    for outside in ["t/file.csv", "t/folder/secret.csv", "t/slash/etc/passwd", "t/up/etc/passwd"] {
        let error = look_up(&*objects, &Path::from(outside)).await.unwrap_err();
        let code = error.sqlstate().code();
        assert!(code == "42501" || (outside.starts_with("t/up") && code == "58P01"), "{outside}: {error}");
        assert!(!error.to_string().contains("/tmp"), "{error}");
    }
    let object = look_up(&*objects, &Path::from("t/link/a.csv")).await.unwrap();
    assert_eq!(read_range(&*objects, &object, 0..1).await.unwrap(), "a");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_not_there_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status().unwrap();
    assert!(made.success());
    let store = open(folder.path());
    let objects = store.objects();
    let answer =
        tokio::time::timeout(Duration::from_secs(5), look_up(&*objects, &Path::from("pipe.csv"))).await;
    assert_eq!(answer.unwrap().unwrap_err().sqlstate().code(), "58P01");
    assert_eq!(names(&*objects, "").await, [""; 0]);
}

#[tokio::test]
async fn a_file_overwritten_in_place_with_the_same_size_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "old").unwrap();
    let store = open(folder.path());
    let objects = store.objects();
    let object = look_up(&*objects, &Path::from("a.csv")).await.unwrap();
    fs::write(&file, "new").unwrap();
    // The clock of a file system may tick as rarely as every few milliseconds.
    let later = fs::metadata(&file).unwrap().modified().unwrap() + Duration::from_millis(5);
    fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
    let error = read_range(&*objects, &object, 0..3).await.unwrap_err();
    assert_eq!(error.sqlstate().code(), "40001", "{error}");
}

#[tokio::test]
async fn a_folder_that_went_away_is_an_error_and_not_an_empty_listing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    drop(folder);
    let error = list(&*store.objects(), &Path::ROOT, ListOptions::default()).await.unwrap_err();
    suite::check(&error, "58030", &store);
    suite::check(&store.probe().await.unwrap_err(), "58030", &store);
}

#[cfg(unix)]
#[tokio::test]
async fn a_name_that_cannot_be_a_path_does_not_end_the_listing() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"bad\xff.csv")), "x").unwrap();
    fs::write(folder.path().join("new\nline.csv"), "x").unwrap();
    fs::write(folder.path().join("staged.csv#1"), "x").unwrap();
    fs::write(folder.path().join("good %.csv"), "x").unwrap();
    assert_eq!(names(&*open(folder.path()).objects(), "").await, ["good %.csv"]);
}
