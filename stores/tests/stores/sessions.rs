//! Sessions over a store that takes a while.

use std::sync::Arc;

use wxsession_server::ring::KeyRing;
use wxsession_server::session_key::SessionKey;
use wxsession_server::token::Version;
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
        running.spawn(async move {
            sessions
                .issue(&alice, &session_key, None, Version::Bearer)
                .await
        });
    }
    let issued = running.join_all().await;
    for outcome in issued {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

/// redb keeps the bytes of removed values in free pages, for as long as nothing is written there.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_names_no_user_not_even_one_who_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.redb");
    let store = Arc::new(RedbStore::open(&file).unwrap());
    let ring = KeyRing::generate().unwrap();
    let sessions = Sessions::new(store, &ring, Lifetimes::default(), ["wx"]);
    let session_key = SessionKey::parse("AQEBAQEBAQEBAQEBAQEBAQ==").unwrap();
    for number in 0..100 {
        let user = Identity {
            appid: "wx".into(),
            openid: format!("openid-{number}"),
            unionid: Some(format!("unionid-{number}")),
        };
        let issued = sessions
            .issue(&user, &session_key, None, Version::Bearer)
            .await
            .unwrap();
        if number % 2 == 0 {
            sessions.end(issued.token).await.unwrap();
        }
    }
    drop(sessions);
    let bytes = std::fs::read(&file).unwrap();
    for name in [b"openid-".as_slice(), b"unionid-"] {
        assert!(!bytes.windows(name.len()).any(|window| window == name));
    }
}
