//! Sessions over a store that takes a while.

use std::sync::Arc;

use wxsession_server::ring::KeyRing;
use wxsession_server::session_key::SessionKey;
use wxsession_server::user::Lifetimes;
use wxsession_server::{Identity, Sessions};
use wxsession_stores::RedbStore;

/// A user with many devices, or a load test with one user: each change waits for the one before, so that none is
/// computed in vain.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_sign_ins_of_one_user_at_once_all_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(RedbStore::open(&folder.path().join("sessions.redb")).unwrap());
    let sessions = Sessions::new(
        store,
        &KeyRing::generate().unwrap(),
        Lifetimes::default(),
        ["wx"],
    );
    let alice = Identity {
        appid: "wx".into(),
        openid: "alice".into(),
        unionid: None,
    };
    let session_key = SessionKey::parse("AQEBAQEBAQEBAQEBAQEBAQ==").unwrap();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let sessions = sessions.clone();
        let (alice, session_key) = (alice.clone(), session_key.clone());
        running.spawn(async move { sessions.issue(&alice, &session_key, None).await });
    }
    let issued = running.join_all().await;
    for outcome in issued {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}
