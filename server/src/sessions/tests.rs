mod accounts;
mod model;
mod session_keys;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{SWAP_ATTEMPTS, Sessions, SessionsError};
use crate::contract::TimedStore;
use crate::identity::{Identity, UserKey};
use crate::ring::KeyRing;
use crate::session_key::sample;
use crate::store::{MemoryStore, Store, StoreError, StoreFuture};
use crate::token::Version;
use crate::user::{Lifetimes, Millis, Refusal, User};

/// A store that counts its calls, and loses swaps or returns rubbish if told to.
#[derive(Default)]
struct Observed {
    store: TimedStore,
    reads: AtomicUsize,
    swaps: AtomicUsize,
    loses_swaps: AtomicBool,
    gives_rubbish: AtomicBool,
    /// The user whose value cannot be changed.
    broken: Mutex<Option<UserKey>>,
}

impl Store for Observed {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.reads.fetch_add(1, Relaxed);
        if self.gives_rubbish.load(Relaxed) {
            return Box::pin(async { Ok(Some(b"rubbish".to_vec())) });
        }
        self.store.get(user)
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        self.swaps.fetch_add(1, Relaxed);
        if self.loses_swaps.load(Relaxed) {
            return Box::pin(async { Ok(false) });
        }
        if *self.broken.lock().unwrap() == Some(user) {
            let broken = io::Error::other("no space left");
            return Box::pin(async { Err(StoreError::Failed(Box::new(broken))) });
        }
        self.store.swap(user, old, new, ttl)
    }

    fn now(&self) -> Millis {
        self.store.now()
    }
}

fn sessions(lifetimes: Lifetimes) -> (Sessions, Arc<Observed>) {
    let store = Arc::new(Observed::default());
    let ring = KeyRing::generate().unwrap();
    (
        Sessions::new(
            Arc::clone(&store) as Arc<dyn Store>,
            &ring,
            lifetimes,
            ["wx"],
        ),
        store,
    )
}

fn week() -> Lifetimes {
    Lifetimes {
        idle: Duration::from_secs(7200),
        absolute: Duration::from_secs(604_800),
        renewable: Duration::from_secs(30 * 24 * 3600),
    }
}

fn person(openid: &str) -> Identity {
    Identity {
        appid: "wx".into(),
        openid: openid.into(),
        unionid: None,
    }
}

#[tokio::test]
async fn a_forged_token_never_reaches_the_store() {
    let (sessions, store) = sessions(week());
    let (others, _) = self::sessions(week());
    let foreign = others
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token
        .reveal();
    let ours = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token
        .reveal();
    let before = store.reads.load(Relaxed);
    let cut = &ours[..75];
    let bent = format!("{cut}!");
    for forged in [
        "",
        "nonsense",
        &foreign,
        cut,
        &bent,
        &ours.to_ascii_lowercase(),
    ] {
        let answer = sessions.authenticate(forged.as_bytes());
        assert!(matches!(answer, Err(SessionsError::Missing)));
    }
    assert_eq!(store.reads.load(Relaxed), before);
    assert!(sessions.authenticate(ours.as_bytes()).is_ok());
}

#[tokio::test]
async fn a_verification_is_one_read() {
    let (sessions, store) = sessions(week());
    let token = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    // The first use moves the deadline.
    assert!(sessions.verify(token).await.unwrap().touch_due);
    sessions.touch(token).await.unwrap();
    let (reads, swaps) = (store.reads.load(Relaxed), store.swaps.load(Relaxed));
    let verified = sessions.verify(token).await.unwrap();
    assert!(verified.identity == person("ann"));
    assert!(!verified.touch_due);
    assert_eq!(store.reads.load(Relaxed), reads + 1);
    assert_eq!(store.swaps.load(Relaxed), swaps);
}

#[tokio::test]
async fn an_unreadable_value_is_the_stores_failure_and_no_refusal() {
    let (sessions, store) = sessions(week());
    let token = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    store.gives_rubbish.store(true, Relaxed);
    let unreadable = |error| matches!(error, SessionsError::Store(StoreError::Unreadable));
    assert!(unreadable(sessions.verify(token).await.unwrap_err()));
    assert!(unreadable(sessions.end(token).await.unwrap_err()));
    assert!(unreadable(
        sessions
            .issue(&person("ann"), &sample(1), None, Version::Bearer)
            .await
            .unwrap_err()
    ));
}

#[tokio::test]
async fn a_value_that_names_another_user_makes_nobody_that_user() {
    let (sessions, store) = sessions(week());
    let bob = sessions
        .issue(&person("bob"), &sample(1), None, Version::Bearer)
        .await;
    let bob = bob.unwrap().token;
    let mut ann = User::new(person("ann"));
    ann.issue(bob.session(), None, &week(), store.now())
        .unwrap();
    let written = store.store.get(bob.user()).await.unwrap();
    let forging = store
        .store
        .swap(bob.user(), written, Some(ann.encode()), 60_000);
    assert!(forging.await.unwrap());
    let error = sessions.verify(bob).await.unwrap_err();
    assert!(matches!(
        error,
        SessionsError::Store(StoreError::Unreadable)
    ));
    // Nor does a value that was moved, although it does not show whose it was.
    let ann = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await;
    let moved = store.store.get(ann.unwrap().token.user()).await.unwrap();
    let written = store.store.get(bob.user()).await.unwrap();
    let moving = store.store.swap(bob.user(), written, moved, 60_000);
    assert!(moving.await.unwrap());
    let error = sessions.verify(bob).await.unwrap_err();
    assert!(matches!(
        error,
        SessionsError::Store(StoreError::Unreadable)
    ));
}

#[tokio::test]
async fn a_unionid_is_learnt_and_not_unlearnt() {
    let (sessions, _) = sessions(week());
    let everywhere = Some("everywhere".to_owned());
    for (told, known) in [
        (None, None),
        (everywhere.clone(), everywhere.clone()),
        (None, everywhere),
    ] {
        let told = Identity {
            unionid: told,
            ..person("ann")
        };
        let issued = sessions
            .issue(&told, &sample(1), None, Version::Bearer)
            .await
            .unwrap();
        let verified = sessions.verify(issued.token).await.unwrap();
        assert_eq!(verified.identity.unionid, known);
    }
}

#[tokio::test]
async fn what_earlier_releases_stored_is_read_and_sealed_when_it_is_written() {
    let (sessions, store) = sessions(week());
    let issued = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await;
    let token = issued.unwrap().token;
    let (key, now) = (token.user(), store.now());
    let mut ann = User::new(person("ann"));
    ann.issue(token.session(), None, &week(), now).unwrap();
    let written = store.store.get(key).await.unwrap();
    let before = Some(ann.encode());
    assert!(
        store
            .store
            .swap(key, written, before, 60_000)
            .await
            .unwrap()
    );
    let is_readable = async || {
        let value = store.store.get(key).await.unwrap().unwrap();
        value.windows(3).any(|window| window == b"ann")
    };
    assert!(is_readable().await);
    assert!(sessions.verify(token).await.unwrap().identity == person("ann"));
    sessions.touch(token).await.unwrap();
    assert!(!is_readable().await);
    assert!(sessions.verify(token).await.unwrap().identity == person("ann"));
}

/// Somebody who was blocked stays so, whatever became of the key that sealed who they are.
#[tokio::test]
async fn a_key_that_has_left_the_ring_ends_its_sessions_and_no_block() {
    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let store = Arc::new(Observed::default());
    let with = |ring: &str| {
        let ring = KeyRing::parse(ring).unwrap();
        Sessions::new(Arc::clone(&store) as Arc<dyn Store>, &ring, week(), ["wx"])
    };
    let (old, both, new) = (with(OLD), with(&format!("{NEW}\n{OLD}")), with(NEW));
    for openid in ["ann", "bob"] {
        old.issue(&person(openid), &sample(1), None, Version::Bearer)
            .await
            .unwrap();
    }
    let rotated = both
        .issue(&person("bob"), &sample(1), None, Version::Bearer)
        .await
        .unwrap();
    let day = Duration::from_secs(24 * 3600);
    old.block("wx", "ann", day).await.unwrap();
    let refused = new
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap_err();
    assert!(matches!(refused, SessionsError::Blocked(_)));
    new.block("wx", "ann", Duration::ZERO).await.unwrap();
    let back = new
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap();
    // What was sealed by the new key while the old one was still there opens.
    for token in [back.token, rotated.token] {
        assert!(new.verify(token).await.is_ok());
    }
}

#[tokio::test]
async fn a_lost_swap_is_computed_again_but_not_for_ever() {
    let (sessions, store) = sessions(week());
    store.loses_swaps.store(true, Relaxed);
    let error = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap_err();
    assert!(matches!(error, SessionsError::Store(StoreError::Contended)));
    assert_eq!(store.swaps.load(Relaxed), SWAP_ATTEMPTS);
}

#[tokio::test]
async fn a_change_whose_turn_does_not_come_says_so() {
    let (sessions, _) = sessions(week());
    let mut held = Vec::new();
    for turn in sessions.0.turns.iter() {
        held.push(turn.lock().await);
    }
    let error = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("turn"), "{error}");
}

#[tokio::test]
async fn what_changes_nothing_waits_for_no_turn() {
    let (sessions, _) = sessions(week());
    let issued = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await;
    let token = issued.unwrap().token;
    sessions.end(token).await.unwrap();
    let mut held = Vec::new();
    for turn in sessions.0.turns.iter() {
        held.push(turn.lock().await);
    }
    sessions.end(token).await.unwrap();
    let refused = sessions.end_all(token).await;
    assert!(matches!(refused, Err(SessionsError::Refused(_))));
}

#[tokio::test]
async fn a_lost_touch_is_dropped() {
    let lifetimes = Lifetimes {
        idle: Duration::from_secs(1),
        ..week()
    };
    let (sessions, store) = sessions(lifetimes);
    let token = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    while !sessions.verify(token).await.unwrap().touch_due {
        store.store.pass(Duration::from_millis(5));
    }
    store.loses_swaps.store(true, Relaxed);
    let before = store.swaps.load(Relaxed);
    sessions.touch(token).await.unwrap();
    assert_eq!(store.swaps.load(Relaxed), before + 1);
    store.loses_swaps.store(false, Relaxed);
    sessions.touch(token).await.unwrap();
    assert!(!sessions.verify(token).await.unwrap().touch_due);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_to_move_a_deadline_is_left_alone_for_a_while() {
    let (sessions, store) = sessions(week());
    let issued = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await;
    let token = issued.unwrap().token;
    let before = store.swaps.load(Relaxed);
    let uses = async || {
        for _ in 0..100 {
            sessions.touch_soon(token);
            tokio::task::yield_now().await;
        }
        store.swaps.load(Relaxed) - before
    };
    *store.broken.lock().unwrap() = Some(token.user());
    assert_eq!(uses().await, 1);
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(uses().await, 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(uses().await, 2);
    *store.broken.lock().unwrap() = None;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(uses().await, 3);
    assert!(!sessions.verify(token).await.unwrap().touch_due);
}

#[tokio::test]
async fn a_deadline_is_moved_by_one_request_of_many() {
    let (sessions, store) = sessions(week());
    let issued = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await;
    let token = issued.unwrap().token;
    let reads = store.reads.load(Relaxed);
    for _ in 0..100 {
        sessions.touch_soon(token);
    }
    while sessions.verify(token).await.unwrap().touch_due {
        tokio::task::yield_now().await;
    }
    // The second read of a touch, and those of this test.
    assert!(store.reads.load(Relaxed) - reads < 10);
}

#[tokio::test]
async fn requests_at_once_on_a_session_that_is_due_write_once() {
    let lifetimes = Lifetimes {
        idle: Duration::from_secs(10),
        ..week()
    };
    let (sessions, store) = sessions(lifetimes);
    let token = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    while !sessions.verify(token).await.unwrap().touch_due {
        store.store.pass(Duration::from_millis(5));
    }
    let before = store.swaps.load(Relaxed);
    for _ in 0..3 {
        sessions.touch(token).await.unwrap();
        store.store.pass(Duration::from_millis(5));
    }
    assert_eq!(store.swaps.load(Relaxed), before + 1);
}

#[tokio::test]
async fn a_sign_in_ends_the_session_it_presents_whosever_it_was() {
    let (sessions, _) = sessions(week());
    let ann = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    let bob = sessions
        .issue(&person("bob"), &sample(1), Some(ann), Version::Bearer)
        .await
        .unwrap()
        .token;
    let again = sessions
        .issue(&person("bob"), &sample(1), Some(bob), Version::Bearer)
        .await
        .unwrap()
        .token;
    for ended in [ann, bob] {
        let error = sessions.verify(ended).await.unwrap_err();
        assert!(matches!(error, SessionsError::Refused(Refusal::Expired)));
    }
    assert!(sessions.verify(again).await.is_ok());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_session_before_that_cannot_be_ended_is_logged_with_the_cause() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let (sessions, store) = sessions(week());
    let ann = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    *store.broken.lock().unwrap() = Some(ann.user());
    let bob = sessions
        .issue(&person("bob"), &sample(1), Some(ann), Version::Bearer)
        .await;
    assert!(bob.is_ok());
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("no space left"), "{logged}");
}

#[tokio::test]
async fn only_a_live_session_can_end_others() {
    let (sessions, _) = sessions(week());
    let first = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    let second = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    sessions.end(first).await.unwrap();
    for error in [
        sessions.end_all(first).await,
        sessions.end_others(first).await,
    ] {
        assert!(matches!(
            error,
            Err(SessionsError::Refused(Refusal::Expired))
        ));
    }
    assert!(sessions.verify(second).await.is_ok());
}

#[tokio::test]
async fn a_user_without_sessions_leaves_nothing_in_the_store() {
    let (sessions, store) = sessions(week());
    let token = sessions
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    sessions.end(token).await.unwrap();
    assert_eq!(store.store.get(token.user()).await.unwrap(), None);
    sessions.end(token).await.unwrap();
    assert_eq!(
        store.swaps.load(Relaxed),
        2,
        "ending what has ended writes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_of_one_user_at_the_same_time_all_get_sessions() {
    let (sessions, _) = sessions(week());
    let mut sign_ins = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let sessions = sessions.clone();
        sign_ins.spawn(async move {
            sessions
                .issue(&person("ann"), &sample(1), None, Version::Bearer)
                .await
                .unwrap()
                .token
        });
    }
    for token in sign_ins.join_all().await {
        assert!(sessions.verify(token).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_of_another_mini_program_in_the_same_store_opens_nothing() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let ring = KeyRing::generate().unwrap();
    let sessions = |appid| Sessions::new(Arc::clone(&store), &ring, week(), [appid]);
    let (ours, theirs) = (sessions("wx"), sessions("wx-before"));
    let token = ours
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    let other = ours
        .issue(&person("ann"), &sample(1), None, Version::Bearer)
        .await
        .unwrap()
        .token;
    let expired = |error| matches!(error, SessionsError::Refused(Refusal::Expired));
    assert!(expired(theirs.verify(token).await.unwrap_err()));
    assert!(expired(theirs.end_all(token).await.unwrap_err()));
    assert!(expired(theirs.end_others(token).await.unwrap_err()));
    // Where they belong, both are still alive.
    assert!(ours.verify(token).await.is_ok() && ours.verify(other).await.is_ok());
}
