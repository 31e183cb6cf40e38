//! How much of a file is read before it is used.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use wxsession_server::identity::UserKey;
use wxsession_server::store::{FOR_EVER, Store};

use super::super::RedbStore;

const USER: UserKey = UserKey([7; 16]);

#[tokio::test]
async fn only_a_file_that_nobody_has_touched_since_it_was_closed_is_opened_without_reading_all_of_it()
 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let (killed, told) = (folder.path().join("killed"), Arc::new(AtomicU64::new(0)));
    let store = RedbStore::open(&path).unwrap();
    assert!(
        store
            .swap(USER, None, Some(vec![7]), FOR_EVER)
            .await
            .unwrap()
    );
    // What a server leaves that is killed.
    fs::copy(&path, &killed).unwrap();
    drop(store);

    // Opens the file, and returns how many bytes were told to be read.
    let opened = async |path: &Path| {
        told.store(0, Relaxed);
        let telling = Arc::clone(&told);
        let store = RedbStore::open_telling(path, move |bytes| telling.store(bytes, Relaxed));
        assert_eq!(store.unwrap().get(USER).await.unwrap(), Some(vec![7]));
        told.load(Relaxed)
    };
    let size = fs::metadata(&killed).unwrap().len();
    assert_eq!(opened(&killed).await, size, "killed");
    for closed in 1..3 {
        assert_eq!(opened(&path).await, 0, "closed {closed} times");
    }
    let file = File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    assert_eq!(opened(&path).await, size, "touched");
}
