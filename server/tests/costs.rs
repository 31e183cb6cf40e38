//! What a user takes in memory, and how often a request asks for some: exact, where a measurement depends on the machine.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

use std::sync::Arc;

use allocation_counter::measure;
use axum::extract::FromRequestParts;
use axum::http::Request;
use axum::http::request::Parts;
use tokio::runtime::{Builder, Runtime};
use wxsession_protocol::SESSION_HEADER;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::session_key::SessionKey;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_server::token::{Token, Version};
use wxsession_server::user::Lifetimes;
use wxsession_server::{Identity, Session, Sessions};

const APPID: &str = "wx5e55105e55105e55";
const USERS: u64 = 200_000;
/// What a user may take. The allocator of the server rounds it up by a tenth.
const BYTES: u64 = 228;

/// Everything happens on this thread, which alone is counted.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn sessions(store: &Arc<MemoryStore>) -> Sessions {
    let (store, ring) = (Arc::clone(store), KeyRing::generate().unwrap());
    Sessions::new(store, &ring, Lifetimes::default(), [APPID])
}

/// Signs a user in whose ids are as long as WeChat's.
async fn sign_in(sessions: &Sessions, user: u64) -> Token {
    let identity = Identity {
        appid: APPID.to_owned(),
        openid: format!("o{user:027}"),
        unionid: Some(format!("u{user:027}")),
    };
    let key = SessionKey::parse("c2l4dGVlbiBieXRlcyBvaw==").unwrap();
    let issued = sessions.issue(&identity, &key, None, Version::Bearer);
    issued.await.unwrap().token
}

fn request(token: Token) -> Parts {
    let request = Request::get("/orders").header(SESSION_HEADER, token.reveal());
    request.body(()).unwrap().into_parts().0
}

#[test]
fn a_million_users_fit_into_250_megabytes() {
    let (runtime, store) = (runtime(), Arc::new(MemoryStore::new()));
    let ann = runtime.block_on(sign_in(&sessions(&store), 1)).user();
    let value = runtime.block_on(store.get(ann)).unwrap();
    let taken = measure(|| {
        for user in 0..USERS {
            // As a digest, it spreads over the store.
            let key = UserKey((u128::from(user) * (u128::MAX / u128::from(USERS))).to_be_bytes());
            let kept = runtime.block_on(store.swap(key, None, value.clone(), 60_000));
            assert!(kept.unwrap());
        }
    });
    let bytes = u64::try_from(taken.bytes_current).unwrap() / USERS;
    assert!(bytes <= BYTES, "{bytes} bytes a user");
}

#[test]
fn an_unsigned_request_carries_no_word_of_how_it_was_judged() {
    let (runtime, store) = (runtime(), Arc::new(MemoryStore::new()));
    let sessions = sessions(&store);
    runtime.block_on(async {
        let mut parts = request(sign_in(&sessions, 1).await);
        let session = Session::from_request_parts(&mut parts, &sessions).await;
        assert!(session.is_ok() && parts.extensions.is_empty());
    });
}
