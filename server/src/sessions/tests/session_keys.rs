use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::{Observed, person, sessions, week};
use crate::identity::UserKey;
use crate::ring::KeyRing;
use crate::session_key::{SessionKey, sample};
use crate::sessions::{Sessions, SessionsError};
use crate::store::Store;
use crate::token::{Token, Version};
use crate::user::{SessionId, User};

const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

async fn sign_in(sessions: &Sessions, session_key: &SessionKey) -> Token {
    let issued = sessions
        .issue(&person("ann"), session_key, None, Version::Bearer)
        .await;
    issued.unwrap().token
}

async fn opens(sessions: &Sessions, token: Token, session_key: &SessionKey) -> bool {
    let keys = sessions.session_keys(token).await.unwrap();
    keys.any(|key| key == session_key)
}

#[tokio::test]
async fn what_wechat_encrypted_is_opened_with_one_read() {
    let (sessions, store) = sessions(week());
    let token = sign_in(&sessions, &sample(1)).await;
    let (reads, swaps) = (store.reads.load(Relaxed), store.swaps.load(Relaxed));
    assert!(opens(&sessions, token, &sample(1)).await);
    assert_eq!(store.reads.load(Relaxed), reads + 1);
    assert_eq!(store.swaps.load(Relaxed), swaps);
    assert!(!opens(&sessions, token, &sample(2)).await);
}

#[tokio::test]
async fn any_session_opens_with_the_two_keys_received_last() {
    let (sessions, _) = sessions(week());
    let first = sign_in(&sessions, &sample(1)).await;
    let second = sign_in(&sessions, &sample(2)).await;
    for token in [first, second] {
        assert!(opens(&sessions, token, &sample(1)).await);
        assert!(opens(&sessions, token, &sample(2)).await);
    }
    sign_in(&sessions, &sample(3)).await;
    assert!(!opens(&sessions, first, &sample(1)).await);
    assert!(opens(&sessions, first, &sample(2)).await);
    assert!(opens(&sessions, first, &sample(3)).await);
}

#[tokio::test]
async fn a_key_that_comes_again_pushes_no_other_out() {
    let (sessions, _) = sessions(week());
    let token = sign_in(&sessions, &sample(1)).await;
    for _ in 0..3 {
        sign_in(&sessions, &sample(2)).await;
    }
    assert!(opens(&sessions, token, &sample(1)).await);
    assert!(opens(&sessions, token, &sample(2)).await);
}

#[tokio::test]
async fn a_key_sealed_under_a_ring_key_that_is_gone_makes_room() {
    let store = Arc::new(Observed::default());
    let with = |ring: &str| {
        let ring = KeyRing::parse(ring).unwrap();
        Sessions::new(Arc::clone(&store) as Arc<dyn Store>, &ring, week(), ["wx"])
    };
    let (one, both) = (with(NEW), with(&format!("{OLD}\n{NEW}")));
    let token = sign_in(&one, &sample(1)).await;
    sign_in(&both, &sample(2)).await;
    assert!(opens(&both, token, &sample(1)).await);
    assert!(opens(&both, token, &sample(2)).await);
    // Who the user is was sealed anew, too. That says nothing about the session, and the next sign-in mends it.
    let unreadable = one.session_keys(token).await.unwrap_err();
    assert!(matches!(unreadable, SessionsError::Store(_)));
    sign_in(&one, &sample(3)).await;
    assert!(opens(&one, token, &sample(1)).await);
    assert!(opens(&one, token, &sample(3)).await);
}

#[tokio::test]
async fn an_ended_session_opens_and_checks_nothing() {
    let (sessions, _) = sessions(week());
    let token = sign_in(&sessions, &sample(1)).await;
    sign_in(&sessions, &sample(1)).await;
    sessions.end(token).await.unwrap();
    let refused = |error| matches!(error, SessionsError::Refused(_));
    assert!(refused(sessions.session_keys(token).await.unwrap_err()));
}

#[tokio::test]
async fn a_dump_of_the_store_shows_no_key() {
    let (sessions, store) = sessions(week());
    let key = SessionKey::parse("HyVFkGl5F5OQWJZZaNzBBg==").unwrap();
    sign_in(&sessions, &key).await;
    let value = store.get(UserKey::new("wx", "ann")).await.unwrap().unwrap();
    assert_eq!(
        User::decode(UserKey::new("wx", "ann"), &value)
            .unwrap()
            .session_keys(SessionId([0; 16]))
            .len(),
        1
    );
    let shown = |bytes: &[u8]| value.windows(bytes.len()).any(|window| window == bytes);
    assert!(!shown(b"ann") && !shown(key.0.as_slice()));
}
