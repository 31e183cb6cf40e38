//! The awaitable session over a fake `wx`: the rules hold for callers in Rust, and nothing that wx returns does harm.
#![cfg(target_arch = "wasm32")]

mod anything;
mod credentials;
mod errors;
mod options;
mod sign_out;
#[cfg(feature = "signed")]
mod signed;
mod tables;
mod world;

use std::collections::BTreeMap;

use js_sys::Reflect;
use serde::Deserialize;
use wasm_bindgen_test::wasm_bindgen_test;
use world::{LOGIN, PRODUCTS, World, begin, later, outcome, outcomes, poll_and_drop, products};
use wxsession_async::{Cause, ErrorCode, Phase, Request, Session};

#[wasm_bindgen_test]
async fn calls_at_once_make_one_sign_in_and_each_carries_the_session() {
    let world = World::new();
    let session = world.session();
    let calls = [begin(&session), begin(&session), begin(&session)];
    assert_eq!(outcomes(calls).await, ["200", "200", "200"]);
    assert_eq!(world.read::<u32>("logins"), 1);
    assert_eq!(world.sent_to(LOGIN), [""]);
    assert_eq!(world.sent_to(PRODUCTS), ["session-1"; 3]);
    assert_eq!(session.phase(), Phase::SignedIn);
}

#[wasm_bindgen_test]
async fn a_sign_in_has_one_timer_and_leaves_none() {
    let world = World::new().with("wx.login = (options) => { world.login = options }");
    let session = world.session();
    let call = begin(&session);
    later().await;
    assert_eq!(world.read::<u32>("timers"), 1);
    world.bend("world.login.success({ code: 'a code' })");
    assert_eq!(outcomes([call]).await, ["200"]);
    assert_eq!(world.read::<u32>("timers"), 0);
}

#[wasm_bindgen_test]
async fn an_answer_arrives_as_wx_has_it() {
    let world = World::new();
    let answer = products(&world.session()).await.expect("an answer");
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/json")
    );
    assert_eq!(answer.header("missing"), None);
    let list = Reflect::get(&answer.body(), &"list".into()).expect("a body");
    let list: Vec<u32> = serde_wasm_bindgen::from_value(list).expect("numbers");
    assert_eq!(list, [1, 2]);
}

#[wasm_bindgen_test]
async fn a_request_goes_out_with_all_that_it_was_given() {
    let world = World::new().with(
        "world.answer = ((answer) => (options) => {
        if (options.data && !options.data.code) world.last = options
        return answer(options)
    })(world.answer)",
    );
    let request = Request::post(PRODUCTS, "a text")
        .header("X-Trace", "7")
        .header("SessionId", "of the caller")
        .option("timeout", 5_000);
    world.session().request(&request).await.expect("an answer");

    #[derive(Deserialize, Debug, PartialEq)]
    struct Asked {
        method: String,
        data: String,
        timeout: u32,
        header: BTreeMap<String, String>,
    }
    let header = [("X-Trace", "7"), ("sessionid", "session-1")];
    let expected = Asked {
        method: "POST".into(),
        data: "a text".into(),
        timeout: 5_000,
        header: header
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
    };
    assert_eq!(world.read::<Asked>("last"), expected);
}

#[wasm_bindgen_test]
async fn a_live_session_is_sent_before_the_first_wait() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    poll_and_drop(products(&session)).await;
    assert_eq!(world.sent_to(PRODUCTS), ["session-1"]);
}

#[wasm_bindgen_test]
async fn calls_refused_together_renew_once_and_go_again() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    world.bend("world.live = []");
    let calls = [begin(&session), begin(&session)];
    assert_eq!(outcomes(calls).await, ["200", "200"]);
    assert_eq!(world.sent_to(LOGIN), ["", "session-1"]);
    let expected = ["session-1", "session-1", "session-2", "session-2"];
    assert_eq!(world.sent_to(PRODUCTS), expected);
}

#[wasm_bindgen_test]
async fn a_second_refusal_reaches_the_caller_and_begins_a_pause() {
    let world = World::new().with("world.refusal = 'session_expired'");
    let session = world.session();
    let answer = products(&session).await.expect("the refusal");
    assert_eq!(answer.status(), 401);
    assert_eq!(world.sent_to(PRODUCTS), ["session-1", "session-2"]);
    assert_eq!(outcome(&products(&session).await), "401");
    assert_eq!(world.sent_to(PRODUCTS).len(), 3, "not sent twice");
    assert_eq!(world.read::<u32>("logins"), 2);
}

/// The first send may have been refused only because another endpoint, the one that the pause is for, had the session
/// replaced.
#[wasm_bindgen_test]
async fn a_second_send_that_is_accepted_does_not_end_the_pause() {
    let world = World::new().with("world.refusal = 'session_expired'");
    let session = world.session();
    products(&session).await.expect("the refusal");
    world.bend("world.refusal = undefined");
    world.hold_next_request();
    let late = begin(&session);
    later().await;
    session.force_login().await.expect("a newer session");
    world.bend("world.release()");
    assert_eq!(outcomes([late]).await, ["200"]);
    world.bend("world.live = []");
    assert_eq!(
        outcome(&products(&session).await),
        "401",
        "the pause goes on"
    );
}

#[wasm_bindgen_test]
async fn a_session_that_another_device_replaced_is_left_to_the_user() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    world.bend("world.refusal = 'session_replaced'");
    assert_eq!(outcome(&products(&session).await), "401");
    assert_eq!(session.phase(), Phase::Ended);
    assert_eq!(outcome(&products(&session).await), "session_replaced");
    world.bend("world.refusal = undefined");
    session.login().await.expect("a session");
    assert_eq!(outcome(&products(&session).await), "200");
}

#[wasm_bindgen_test]
async fn a_failing_wx_login_reaches_every_waiter_with_its_cause() {
    let world = World::new()
        .with("wx.login = (options) => options.fail({ errMsg: 'login:fail no', errno: 7 })");
    let session = world.session();
    let other = begin(&session);
    let error = session.login().await.expect_err("no session");
    assert_eq!(error.code, ErrorCode::LoginFailed);
    assert_eq!(error.cause.err_msg.as_deref(), Some("login:fail no"));
    assert_eq!(error.cause.errno, Some(7));
    assert!(error.to_string().contains("login:fail no"));
    assert_eq!(outcomes([other]).await, ["login_failed"]);
    let paused = products(&session).await.expect_err("a pause");
    assert_eq!(paused.code, ErrorCode::SignInPaused);
    assert!((1..=1_000).contains(&paused.retry_after));
    let cause = Cause {
        code: Some(ErrorCode::LoginFailed),
        ..error.cause
    };
    assert_eq!(paused.cause, cause, "the pause names what it follows");
}

#[wasm_bindgen_test]
async fn a_dropped_call_leaves_the_sign_in_and_the_others_alone() {
    let world = World::new();
    let session = world.session();
    poll_and_drop(products(&session)).await;
    let other = begin(&session);
    poll_and_drop(session.login()).await;
    assert_eq!(outcomes([other]).await, ["200"]);
    assert_eq!(world.read::<u32>("logins"), 1);
    assert_eq!(world.sent_to(PRODUCTS).len(), 1, "only the other's");
}

/// When another device ends the session, a sign-in continues only if a login still waits for it.
#[wasm_bindgen_test]
async fn a_dropped_login_is_nobodys_wish_any_more() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    world.bend("wx.login = () => {}");
    world.hold_next_request();
    let sent = begin(&session);
    later().await;
    poll_and_drop(session.force_login()).await;
    assert_eq!(session.phase(), Phase::SigningIn);
    world.bend("world.refusal = 'session_replaced'; world.release()");
    assert_eq!(outcomes([sent]).await, ["401"]);
    assert_eq!(session.phase(), Phase::Ended);
}

#[wasm_bindgen_test]
async fn a_call_dropped_in_flight_is_aborted_at_wx() {
    let world = World::new();
    let session = world.session();
    session.login().await.expect("a session");
    poll_and_drop(products(&session)).await;
    assert_eq!(world.read::<u32>("aborted"), 1);
    assert_eq!(outcome(&products(&session).await), "200");
    assert_eq!(world.read::<u32>("aborted"), 1, "not after its end");
}

#[wasm_bindgen_test]
async fn the_session_goes_to_trusted_origins_only() {
    let world = World::new();
    let mut options = world.options();
    options.origins.push("https://files.example.com".into());
    let session = Session::new(options).expect("options that are right");
    let elsewhere = "https://elsewhere.example.com/list";
    session
        .request(&Request::get(elsewhere).header("sessionid", "my own"))
        .await
        .expect("an answer");
    session
        .request(&Request::get(PRODUCTS).without_session())
        .await
        .expect("an answer");
    assert_eq!(world.read::<u32>("logins"), 0);
    let files = "https://files.example.com/list";
    session
        .request(&Request::get(files))
        .await
        .expect("an answer");
    assert_eq!(world.sent_to(elsewhere), ["my own"]);
    assert_eq!(world.sent_to(PRODUCTS), [""]);
    assert_eq!(world.sent_to(files), ["session-1"]);
}

#[wasm_bindgen_test]
async fn the_session_survives_a_restart_in_the_form_of_the_package() {
    let world = World::new();
    products(&world.session()).await.expect("an answer");

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Kept {
        version: u32,
        login_url: String,
        id: String,
        received: f64,
        lifetime: f64,
    }
    let storage: BTreeMap<String, Kept> = world.read("storage");
    let kept = &storage[&world.options().storage_key];
    assert_eq!((kept.version, kept.lifetime), (1, 60_000.0));
    assert_eq!(
        (kept.login_url.as_str(), kept.id.as_str()),
        (LOGIN, "session-1")
    );
    assert!((js_sys::Date::now() - kept.received).abs() < 60_000.0);

    let next = world.session();
    assert_eq!(next.phase(), Phase::SignedIn);
    products(&next).await.expect("an answer");
    assert_eq!(world.read::<u32>("logins"), 1);
    assert_eq!(world.sent_to(PRODUCTS), ["session-1"; 2]);
}
