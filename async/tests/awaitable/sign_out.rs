//! Signing out, and its effect on calls under way.

use std::collections::BTreeMap;

use wasm_bindgen_futures::future_to_promise;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{Phase, Session};

use crate::world::{
    LOGIN, LOGOUT, PRODUCTS, World, begin, later, outcome, outcomes, poll_once, products,
};

/// What storage keeps.
#[derive(serde::Deserialize)]
struct Kept {
    version: u32,
    id: Option<String>,
}

#[wasm_bindgen_test]
async fn after_sign_out_only_a_login_signs_in_again() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    session.logout().await;
    assert_eq!(world.sent_to(LOGOUT), ["session-1"]);
    assert!(world.read::<Vec<String>>("live").is_empty());
    let stored = world.read::<BTreeMap<String, Kept>>("storage");
    let stored = &stored[&world.options().storage_key];
    assert_eq!((stored.version, stored.id.as_deref()), (2, None));
    assert_eq!(outcome(&products(&session).await), "signed_out");
    drop(session);
    let session = world.session();
    assert_eq!(
        outcome(&products(&session).await),
        "signed_out",
        "even after a restart"
    );
    session.login().await.expect("a session");
    assert_eq!(outcome(&products(&session).await), "200");
}

#[wasm_bindgen_test]
async fn sign_out_waits_for_a_server_that_is_silent_no_longer_than_for_an_exchange() {
    for silent in ["() => {}", "() => { throw Error('no') }"] {
        let world = World::new();
        let mut options = world.options();
        options.exchange_timeout = 20;
        let session = Session::new(options).expect("options that are right");
        session.login().await.expect("a session");
        world.bend(&format!("wx.request = {silent}"));
        session.logout().await;
        assert_eq!(session.phase(), Phase::SignedOut);
    }
}

#[wasm_bindgen_test]
async fn sign_out_that_fails_at_the_server_is_done() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    world.bend("wx.request = ({ fail }) => { setTimeout(() => fail && fail(null), 1) }");
    session.logout().await;
    assert_eq!(world.read::<u32>("timers"), 1, "it was not waited for");
}

/// Both waiters may go, but the first signs out before the second continues.
#[wasm_bindgen_test]
async fn a_session_that_is_gone_when_its_caller_wakes_is_not_sent() {
    let world = World::new();
    let session = world.session();
    let leaving = session.clone();
    let first = future_to_promise(async move {
        leaving.login().await.expect("a session");
        leaving.logout().await;
        Ok("left".into())
    });
    let second = begin(&session);
    assert_eq!(outcomes([first, second]).await, ["left", "signed_out"]);
    assert!(world.sent_to(PRODUCTS).is_empty());
}

/// Here the next user has signed in by the time the call continues.
#[wasm_bindgen_test]
async fn a_call_that_was_to_go_before_the_sign_out_does_not_go_for_the_next_user() {
    let world = World::new();
    let session = world.session();
    let mut call = Box::pin(products(&session));
    poll_once(&mut call).await;
    session.login().await.expect("a session");
    session.logout().await;
    session.login().await.expect("the next user's");
    assert_eq!(outcome(&call.await), "signed_out");
    assert!(world.sent_to(PRODUCTS).is_empty());
}

/// A future may be polled late. The session that it may use belongs to the user before the sign-out.
#[wasm_bindgen_test]
async fn a_refused_call_is_not_sent_again_in_the_name_of_the_next_user() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    world.bend("world.live = []");
    let mut refused = Box::pin(products(&session));
    poll_once(&mut refused).await;
    later().await;
    poll_once(&mut refused).await;
    later().await;
    assert_eq!(world.sent_to(LOGIN).len(), 2, "renewed");
    session.logout().await;
    session.login().await.expect("the next user's");
    assert_eq!(outcome(&refused.await), "401");
    assert_eq!(world.sent_to(PRODUCTS), ["session-1"]);
}
