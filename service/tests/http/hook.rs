//! Who one is after a sign-in, where the app's own user database says so.

use serde_json::{Value, json};

use crate::hook_world::World;
use crate::phone::{Phone, password_of};

const LI_NA: (&str, &str) = ("li.na", "password of 41");
const WANG_WEI: (&str, &str) = ("wang.wei", "password of 42");

/// A world with a phone of `ann` on which li.na is signed in.
async fn li_na_on_anns_phone() -> (World, Phone) {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    assert_eq!(phone.by_password(LI_NA.0, LI_NA.1).await, "account");
    assert_eq!(phone.who().await, "41");
    (world, phone)
}

#[tokio::test]
async fn a_wechat_user_who_is_not_linked_is_a_guest() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    for _ in 0..2 {
        let before = phone.clone();
        assert_eq!(phone.silently().await, "guest");
        assert_eq!(phone.who().await, phone.guest());
        assert_ne!(before.session, phone.session);
        assert_ne!(before.who().await, phone.guest(), "the old id is gone");
    }
    let asked = world.database.last();
    let presented = json!({ "user": phone.guest(), "guest": true });
    assert_eq!(asked["method"], "silent");
    assert_eq!(asked["presented"], presented);
    assert_eq!(asked["credentials"], json!({}));
    assert_eq!(asked["wechat"]["openid"], phone.openid());
}

#[tokio::test]
async fn a_wechat_user_who_is_linked_is_the_account() {
    let world = World::open().await;
    let (mut fresh, mut guest) = (world.phone("ann"), world.phone("ann"));
    assert_eq!(guest.silently().await, "guest");
    let before = guest.clone();
    world.database.link(&fresh.openid(), "41");
    for phone in [&mut fresh, &mut guest] {
        assert_eq!(phone.silently().await, "account");
        assert_eq!(phone.who().await, "41");
    }
    assert_eq!(before.who().await, "session_expired");
}

#[tokio::test]
async fn a_session_of_an_account_is_renewed_on_its_phone() {
    let (world, mut phone) = li_na_on_anns_phone().await;
    for _ in 0..3 {
        let before = phone.clone();
        assert_eq!(phone.silently().await, "account");
        assert_eq!(phone.who().await, "41");
        assert_eq!(before.who().await, "session_expired");
        let asked = world.database.last();
        assert_eq!(asked["method"], "renew");
        assert_eq!(asked["presented"], json!({ "user": "41", "guest": false }));
    }
}

#[tokio::test]
async fn a_linked_wechat_user_follows_on_another_phone() {
    let (world, phone) = li_na_on_anns_phone().await;
    let mut other = world.phone("bob");
    world.database.link(&other.openid(), "41");
    other.session.clone_from(&phone.session);
    assert_eq!(other.silently().await, "account");
    assert_eq!(other.who().await, "41");
}

#[tokio::test]
async fn after_a_sign_out_only_a_linked_wechat_user_comes_back() {
    for is_linked in [false, true] {
        let (world, mut phone) = li_na_on_anns_phone().await;
        if is_linked {
            world.database.link(&phone.openid(), "41");
        }
        let session = phone.session.as_ref().unwrap();
        let ask = world.server.post("/wx/logout").header("sessionid", session);
        assert_eq!(ask.send().await.unwrap().status(), 204);
        let comes_back = phone.silently().await;
        let expected = if is_linked {
            "account"
        } else {
            "sign_in_needed"
        };
        assert_eq!(comes_back, expected);
    }
}

#[tokio::test]
async fn a_stolen_id_is_renewed_by_nobody_else_and_the_first_phone_goes_on() {
    let (world, mut phone) = li_na_on_anns_phone().await;
    let (mut guest, mut member) = (world.phone("bob"), world.phone("eve"));
    world.database.link(&member.openid(), "42");
    for thief in [&mut guest, &mut member] {
        thief.session.clone_from(&phone.session);
        assert_eq!(thief.silently().await, "sign_in_needed");
        assert_eq!(phone.who().await, "41");
    }
    assert_eq!(phone.silently().await, "account");
    assert_eq!(phone.who().await, "41");
    // What was stolen leads nowhere any longer, not even by a renewed session of the first phone.
    assert_eq!(guest.silently().await, "sign_in_needed");
    assert_eq!(phone.who().await, "41");
}

#[tokio::test]
async fn a_method_decides_whoever_was_there() {
    let (world, mut phone) = li_na_on_anns_phone().await;
    let before = phone.clone();
    assert_eq!(phone.by_password(WANG_WEI.0, WANG_WEI.1).await, "account");
    assert_eq!(phone.who().await, "42");
    assert_eq!(before.who().await, "session_expired");
    let wechat = json!({ "method": "wechat" });
    assert_eq!(phone.sign_in(wechat.clone()).await, "guest");
    assert_eq!(phone.who().await, phone.guest());
    world.database.link(&phone.openid(), "41");
    assert_eq!(phone.sign_in(wechat).await, "account");
    assert_eq!(phone.who().await, "41");
}

#[tokio::test]
async fn who_links_on_signing_in_is_that_user_from_then_on() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    let mut fields = password_of(LI_NA.0, LI_NA.1);
    fields["link"] = true.into();
    assert_eq!(phone.sign_in(fields).await, "account");
    let mut reinstalled = world.phone("ann");
    assert_eq!(reinstalled.silently().await, "account");
    assert_eq!(reinstalled.who().await, "41");
}

#[tokio::test]
async fn a_refusal_leaves_what_stood() {
    let (world, mut phone) = li_na_on_anns_phone().await;
    assert_eq!(
        phone.by_password(LI_NA.0, WANG_WEI.1).await,
        "credentials_wrong"
    );
    assert_eq!(
        phone.by_password("nobody", LI_NA.1).await,
        "credentials_wrong"
    );
    world.database.block("42");
    assert_eq!(
        phone.by_password(WANG_WEI.0, WANG_WEI.1).await,
        "user_blocked"
    );
    assert_eq!(phone.who().await, "41");
    assert_eq!(phone.silently().await, "account");
}

#[tokio::test]
async fn a_user_whom_the_database_has_deleted_or_blocked_is_not_renewed() {
    let (world, mut phone) = li_na_on_anns_phone().await;
    world.database.block("41");
    assert_eq!(phone.silently().await, "user_blocked");
    let (world, mut phone) = li_na_on_anns_phone().await;
    world.database.answer(|| {
        use axum::response::IntoResponse;
        axum::http::StatusCode::UNAUTHORIZED.into_response()
    });
    assert_eq!(phone.silently().await, "sign_in_needed");
}

#[tokio::test]
async fn an_answer_to_a_renewal_that_names_somebody_else_signs_nobody_in() {
    for answer in [r#"{"user":"42"}"#, r#"{"guest":true}"#] {
        let (world, mut phone) = li_na_on_anns_phone().await;
        world.database.answer(move || {
            use axum::response::IntoResponse;
            answer.into_response()
        });
        assert_eq!(phone.silently().await, "sign_in_needed");
        assert_eq!(phone.who().await, "41");
    }
}

#[tokio::test]
async fn one_more_step_is_asked_for_and_the_state_comes_back() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    let code = world.server.code("ann");
    let body = json!({ "code": code, "method": "captcha" });
    let ask = world.server.post("/wx/onlogin").json(&body);
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let told: Value = answer.json().await.unwrap();
    assert_eq!(told["code"], "more_needed");
    assert_eq!(told["ask"], json!({ "kind": "captcha", "image": "cats" }));
    let second = json!({ "method": "captcha", "state": told["state"], "answer": "three" });
    assert_eq!(phone.sign_in(second).await, "account");
    let asked = world.database.last();
    let credentials = json!({ "state": "step 1", "answer": "three" });
    assert_eq!(asked["credentials"], credentials);
}

#[tokio::test]
async fn every_sign_in_asks_once_and_equal_ones_share_the_answer() {
    let (world, phone) = li_na_on_anns_phone().await;
    let before = world.database.calls();
    let body = json!({ "code": world.server.code("ann") });
    let mut asks = tokio::task::JoinSet::new();
    world.database.hold(true);
    for _ in 0..20 {
        let ask = world.server.post("/wx/onlogin").json(&body);
        let ask = ask.header("sessionid", phone.session.as_ref().unwrap());
        asks.spawn(async { ask.send().await.unwrap().json::<Value>().await.unwrap() });
    }
    world.database.until_found(2).await;
    // The others are on their way or wait for the same answer. One that comes after it has a used code.
    world.database.hold(false);
    let answers = asks.join_all().await;
    let sessions = answers
        .iter()
        .filter_map(|answer| answer["sessionid"].as_str());
    let mut sessions: Vec<_> = sessions.collect();
    sessions.dedup();
    assert_eq!(sessions.len(), 1, "{answers:?}");
    assert_eq!(world.database.calls(), before + 1);
}
