//! A disk that fails, and recovers.

#[cfg(target_os = "linux")]
mod closed;
mod disk;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::Millis;

use self::disk::{Trouble, open};
use super::file::DatabaseFile;
use super::tables::{alive, prepare};
use super::writer::{Swap, commit};
use super::{OpenError, RedbStore};

const LONG: Millis = 60_000;
const DEADLINE: Duration = Duration::from_secs(10);

struct Disk {
    trouble: Arc<Trouble>,
    store: RedbStore,
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.redb");
        let trouble = Arc::new(Trouble::default());
        let database = open(&path, &trouble).unwrap();
        let seen = Arc::clone(&trouble);
        let store = RedbStore::start(database, move || {
            seen.openings.fetch_add(1, Relaxed);
            open(&path, &seen)
        });
        Self {
            trouble,
            store: store.unwrap(),
            folder,
        }
    }

    async fn put(&self, name: u8) -> Result<bool, StoreError> {
        let swap = self
            .store
            .swap(UserKey([name; 16]), None, Some(vec![name]), LONG);
        swap.await
    }

    async fn get(&self, name: u8) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(UserKey([name; 16])).await
    }

    /// Waits until a value can be stored, and fails the test if that takes too long.
    async fn wait_until_put(&self, name: u8) {
        let began = Instant::now();
        while !matches!(self.put(name).await, Ok(true)) {
            // An attempt that failed may have stored the value after all.
            if matches!(self.get(name).await, Ok(Some(_))) {
                return;
            }
            assert!(began.elapsed() < DEADLINE, "the store does not come back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn after_a_full_disk_has_room_again_the_store_works_without_a_restart() {
    let disk = Disk::new();
    assert!(disk.put(1).await.unwrap());
    disk.trouble.room.store(0, Relaxed);
    for _ in 0..5 {
        assert!(disk.put(2).await.is_err());
    }
    disk.trouble.room.store(usize::MAX, Relaxed);
    disk.wait_until_put(3).await;
    assert_eq!(disk.get(1).await.unwrap(), Some(vec![1]));
    assert_eq!(disk.get(3).await.unwrap(), Some(vec![3]));
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_time_does_not_go_back_over_many_failures() {
    let disk = Disk::new();
    let mut time = disk.store.now();
    for round in 0..3 {
        let name = 10 * round;
        disk.wait_until_put(name).await;
        disk.trouble.room.store(0, Relaxed);
        assert!(disk.put(name + 1).await.is_err());
        disk.trouble.room.store(usize::MAX, Relaxed);
        for earlier in 0..=round {
            // The store may be closed at the moment, but it never claims that there is no value.
            if let Ok(value) = disk.get(10 * earlier).await {
                assert_eq!(value, Some(vec![10 * earlier]));
            }
        }
        assert!(disk.store.now() >= time);
        time = disk.store.now();
    }
    disk.wait_until_put(100).await;
    for round in 0..3 {
        assert_eq!(disk.get(10 * round).await.unwrap(), Some(vec![10 * round]));
    }
}

#[test]
fn whichever_write_of_a_commit_fails_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let trouble = Arc::new(Trouble::default());
    let database = open(&path, &trouble).unwrap();
    prepare(&database).unwrap();
    let seen = Arc::clone(&trouble);
    let file = DatabaseFile::new(database, move || open(&path, &seen)).unwrap();
    let put = |name: u8| {
        let swap = Swap {
            user: UserKey([name; 16]),
            old: None,
            new: Some(vec![name; 3000]),
            until: Millis::MAX,
            answer: oneshot::channel().0,
        };
        file.commit(|database| commit(database, &[swap], 0))
    };
    let get = |name: u8| file.read(|values| alive(values, UserKey([name; 16]), 0));
    let mut acknowledged = Vec::new();
    let mut failures = 0;
    for room in 0..60 {
        trouble.room.store(usize::from(room), Relaxed);
        match put(room) {
            Ok(_) => acknowledged.push(room),
            Err(_) => failures += 1,
        }
        trouble.room.store(usize::MAX, Relaxed);
        if file.failed() {
            file.reopen().unwrap();
        }
        for name in &acknowledged {
            assert_eq!(get(*name).unwrap(), Some(vec![*name; 3000]), "{room}");
        }
        // The swap may or may not have been made, but nothing else is possible.
        let undecided = get(room).unwrap();
        assert!(undecided.is_none_or(|value| value == [room; 3000]));
    }
    assert!(failures > 3 && !acknowledged.is_empty(), "{failures}");
}

#[tokio::test]
async fn a_store_on_a_full_disk_can_be_closed() {
    let disk = Disk::new();
    assert!(disk.put(1).await.unwrap());
    disk.trouble.room.store(0, Relaxed);
    assert!(disk.put(2).await.is_err());
    let Disk { store, folder, .. } = disk;
    drop(store);
    let store = RedbStore::open(&folder.path().join("sessions.redb")).unwrap();
    assert_eq!(store.get(UserKey([1; 16])).await.unwrap(), Some(vec![1]));
}

#[tokio::test]
async fn a_failed_read_is_mended_though_nobody_writes() {
    let disk = Disk::new();
    // More than one page has, since an open table has its first page in memory.
    let large = |name: u8| Some(vec![name; 3000]);
    for name in 1..5 {
        let put = disk
            .store
            .swap(UserKey([name; 16]), None, large(name), LONG);
        assert!(put.await.unwrap());
    }
    disk.trouble.reads.store(true, Relaxed);
    assert!(disk.get(1).await.is_err());
    assert!(disk.put(5).await.is_err());
    disk.trouble.reads.store(false, Relaxed);
    let began = Instant::now();
    while disk.get(1).await.is_err() {
        assert!(began.elapsed() < DEADLINE, "the store does not come back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(disk.get(1).await.unwrap(), large(1));
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_anew_fails_and_tries_on_but_not_all_the_time() {
    let disk = Disk::new();
    assert!(disk.put(1).await.unwrap());
    disk.trouble.opening.store(true, Relaxed);
    disk.trouble.room.store(0, Relaxed);
    let began = Instant::now();
    while disk.trouble.openings.load(Relaxed) < 2 {
        assert!(disk.put(2).await.is_err());
        let read = disk.get(1).await;
        assert!(!matches!(read, Ok(None)), "an outage is taken for absence");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(began.elapsed() >= super::writer::REOPEN_AFTER);
    assert!(matches!(disk.get(1).await, Err(StoreError::Failed(_))));
    disk.trouble.opening.store(false, Relaxed);
    disk.trouble.room.store(usize::MAX, Relaxed);
    disk.wait_until_put(3).await;
    assert_eq!(disk.get(1).await.unwrap(), Some(vec![1]));
}

#[tokio::test]
async fn a_damaged_file_is_told_from_one_in_use_and_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let store = RedbStore::open(&path).unwrap();
    for name in 0..100 {
        let put = store.swap(UserKey([name; 16]), None, Some(vec![name; 300]), LONG);
        assert!(put.await.unwrap());
    }
    assert!(matches!(RedbStore::open(&path), Err(OpenError::InUse)));
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let mut damages = vec![
        b"this is no database".to_vec(),
        vec![0; 8192],
        whole[..100].to_vec(),
        whole[..5000].to_vec(),
        whole[..whole.len() / 2].to_vec(),
    ];
    for start in [0, 9, 64, 128, 192, 256]
        .into_iter()
        .chain((4096..whole.len()).step_by(4096))
    {
        let mut damaged = whole.clone();
        let end = damaged.len().min(start + 512);
        damaged[start..end].fill(0xa5);
        damages.push(damaged);
    }
    for (number, damaged) in damages.into_iter().enumerate() {
        std::fs::write(&path, damaged).unwrap();
        match RedbStore::open(&path) {
            // The damaged part was free space.
            Ok(_) | Err(OpenError::Damaged(_)) => {}
            Err(error) => panic!("{number}: {error:?}"),
        }
    }
}
