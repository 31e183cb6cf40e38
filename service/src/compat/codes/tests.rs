use std::sync::Arc;
use std::time::Duration;

use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::sessions::Issued;
use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
use wxsession_server::token::{Token, TokenMint, Version};
use wxsession_server::user::{Lifetimes, Millis};
use wxsession_server::wechat::LoginCode;

use super::{CodeKeys, Codes, place};
use crate::measured_store::MeasuredStore;

const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn code(text: &str) -> LoginCode {
    LoginCode::parse(text).unwrap()
}

fn issued() -> Issued {
    let mint = TokenMint::new(&KeyRing::parse(OLD).unwrap());
    Issued {
        token: mint.issue(UserKey([7; 16]), Version::Bearer).unwrap(),
        remaining: 1_000_000,
    }
}

fn codes(store: &Arc<MemoryStore>, ring: &str, idle: Duration) -> Codes {
    let store = MeasuredStore::new(Arc::clone(store) as Arc<dyn Store>);
    let keys = CodeKeys::new(&KeyRing::parse(ring).unwrap());
    let lifetimes = Lifetimes {
        idle,
        ..Lifetimes::default()
    };
    Codes::new(store, keys, lifetimes)
}

async fn found(codes: &Codes, text: &str) -> Option<Vec<u8>> {
    let found = codes.find(&code(text)).await.unwrap();
    found.map(|found| found.session.to_vec())
}

fn revealed(token: Token) -> Option<Vec<u8>> {
    Some(token.reveal().into_bytes())
}

#[tokio::test]
async fn nothing_but_the_code_finds_its_session() {
    let store = Arc::new(MemoryStore::new());
    let codes = codes(&store, OLD, Duration::from_secs(7200));
    let issued = issued();
    codes.register(&code("0a1b2c"), &issued).await.unwrap();
    assert_eq!(found(&codes, "0a1b2c").await, revealed(issued.token));
    for other in ["0a1b2", "0a1b2c ", "0A1B2C", &issued.token.reveal()] {
        assert_eq!(found(&codes, other).await, None, "{other}");
    }
    // Moved to another code's place, it does not open.
    let value = store.get(place(&code("0a1b2c"))).await.unwrap();
    store
        .swap(place(&code("another")), None, value, 1000)
        .await
        .unwrap();
    assert_eq!(found(&codes, "another").await, None);
}

#[tokio::test]
async fn a_dump_with_its_ring_tells_no_session() {
    let store = Arc::new(MemoryStore::new());
    let codes = codes(&store, OLD, Duration::from_secs(7200));
    codes.register(&code("0a1b2c"), &issued()).await.unwrap();
    let value = store.get(place(&code("0a1b2c"))).await.unwrap().unwrap();
    // What the ring alone derives opens nothing.
    assert!(codes.opened(&code(" "), &value).is_none());
    let mut damaged = value.clone();
    for index in 0..value.len() {
        damaged[index] ^= 1;
        assert!(codes.opened(&code("0a1b2c"), &damaged).is_none(), "{index}");
        damaged[index] ^= 1;
    }
}

#[tokio::test]
async fn every_key_of_the_ring_opens_and_the_first_seals() {
    let store = Arc::new(MemoryStore::new());
    let idle = Duration::from_secs(7200);
    let issued = issued();
    let old = codes(&store, OLD, idle);
    old.register(&code("old"), &issued).await.unwrap();
    let both = codes(&store, &format!("{NEW}\n{OLD}"), idle);
    both.register(&code("new"), &issued).await.unwrap();
    assert_eq!(found(&both, "old").await, revealed(issued.token));
    assert_eq!(found(&both, "new").await, revealed(issued.token));
    assert_eq!(found(&old, "new").await, None);
}

#[tokio::test]
async fn a_code_is_due_once_a_tenth_of_the_timeout_has_passed() {
    let store = Arc::new(MemoryStore::new());
    let codes = codes(&store, OLD, Duration::from_secs(7200));
    codes.register(&code("a"), &issued()).await.unwrap();
    assert!(!codes.find(&code("a")).await.unwrap().unwrap().is_due);
    // Any age is a tenth of nothing.
    let soon = super::Codes { idle: 0, ..codes };
    assert!(soon.find(&code("a")).await.unwrap().unwrap().is_due);
}

/// A store that lets everybody read.
struct ReadOnly(Arc<MemoryStore>);

impl Store for ReadOnly {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.0.get(user)
    }

    fn swap(
        &self,
        _: UserKey,
        _: Option<Vec<u8>>,
        _: Option<Vec<u8>>,
        _: Millis,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async { Err(StoreError::Full) })
    }

    fn now(&self) -> Millis {
        self.0.now()
    }
}

#[tokio::test]
async fn a_store_that_refuses_a_code_is_left_alone_for_a_while() {
    let store = Arc::new(MemoryStore::new());
    let writable = codes(&store, OLD, Duration::from_secs(7200));
    let issued = issued();
    writable.register(&code("a"), &issued).await.unwrap();
    let refusing = super::Codes {
        store: MeasuredStore::new(Arc::new(ReadOnly(store))),
        idle: 0,
        ..writable
    };
    let is_due = async || refusing.find(&code("a")).await.unwrap().unwrap().is_due;
    assert!(is_due().await);
    assert!(refusing.keep(&code("a"), issued.token).await.is_err());
    assert!(!is_due().await);
}
