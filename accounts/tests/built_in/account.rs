//! The account as a whole: shown, given a new password, deleted.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use wxsession_server::store::Store;

use crate::rig::{DAY, MINUTE, PASSWORD, SECOND, Server, by_password, identity_of};

#[tokio::test]
async fn guests_and_accounts_are_shown_who_they_are() {
    let server = Server::start().await;
    let guest = server.start_of("ann", None).await.session();
    server.store.pass(42 * SECOND);
    let user = identity_of("ann").key().guest();
    let shown = server.get("/wx/account", &guest).await;
    let expected =
        json!({ "user": user, "guest": true, "password": false, "identities": [], "proved": 42 });
    assert_eq!((shown.status, shown.body), (200, expected));
    let session = server.registered("ann", "li.na").await;
    server.store.pass(7 * SECOND);
    let mut shown = server.get("/wx/account", &session).await.body;
    let identities = shown["identities"].as_array_mut().unwrap();
    let since = server.store.now() / 1000 - 7;
    for identity in identities {
        let identity = identity.as_object_mut().unwrap();
        assert_eq!(identity.remove("since"), Some(since.into()));
        assert!(matches!(identity.remove("id"), Some(Value::String(id)) if id.len() == 11));
    }
    let expected = json!({
        "user": user,
        "guest": false,
        "password": true,
        "identities": [{ "kind": "name", "shown": "l***a" }, { "kind": "wechat", "shown": "WeChat" }],
        "proved": 7,
    });
    assert_eq!(shown, expected);
    let nobody = server.get("/wx/account", "made-up").await;
    assert_eq!(nobody.refusal(), (401, "session_missing"));
}

#[tokio::test]
async fn what_changes_an_account_takes_a_recent_proof() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let id = server.identity(&session, "name").await;
    let identity = format!("/wx/account/identities/{id}");
    let attempts = [
        (
            Method::PUT,
            "/wx/account/password",
            json!({ "password": "another-word" }),
        ),
        (
            Method::POST,
            "/wx/account/identities",
            json!({ "method": "wechat", "code": "ann.x" }),
        ),
        (Method::DELETE, &identity, Value::Null),
        (Method::DELETE, "/wx/account", Value::Null),
    ];
    server.store.pass(10 * MINUTE + Duration::from_millis(1));
    let is_refused = async |session: &str| {
        for (method, path, body) in &attempts {
            let mut request = server.request(method.clone(), path);
            request = request.header("sessionid", session);
            if !body.is_null() {
                request = request.json(body);
            }
            let refused = crate::rig::answer(request).await;
            assert_eq!(refused.refusal(), (403, "proof_needed"), "{method} {path}");
            assert_eq!(refused.body["methods"], json!(["password", "wechat"]));
        }
    };
    is_refused(&session).await;
    // A renewal proves nothing, and another phone's proof is another session's.
    let renewed = server.start_of("ann", Some(&session)).await.session();
    server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await
        .session();
    is_refused(&renewed).await;
    let by_wechat = json!({ "method": "wechat" });
    let proven = server
        .sign_in("ann", Some(&renewed), by_wechat)
        .await
        .session();
    let removed = server.delete(&identity, &proven).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
}

#[tokio::test]
async fn a_new_password_is_judged_as_one_that_is_registered() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na.hangzhou").await;
    for (password, reason) in [
        ("short", "short"),
        ("Password1", "common"),
        ("LI.NA.hangzhou", "identifier"),
    ] {
        let body = json!({ "password": password });
        let weak = server.put("/wx/account/password", &session, body).await;
        assert_eq!(weak.refusal(), (422, "password_weak"));
        assert_eq!(weak.body["reason"], reason);
        assert!(weak.body["detail"].as_str().unwrap().contains("`password`"));
        let fields = json!({
            "method": "password", "identifier": "li.na.hangzhou", "password": password, "register": true,
        });
        let weak = server.sign_in("ben", None, fields).await;
        assert_eq!(
            (weak.refusal(), &weak.body["reason"]),
            ((422, "password_weak"), &json!(reason))
        );
    }
    let guest = server.start_of("ben", None).await.session();
    let body = json!({ "password": "another-word" });
    let refused = server.put("/wx/account/password", &guest, body).await;
    assert_eq!(refused.refusal(), (400, "bad_request"));
}

#[tokio::test]
async fn who_knew_the_old_password_cannot_delay_the_owner_by_guessing_at_the_new_one() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let by_ben = || server.sign_in("ben", None, by_password("li.na", PASSWORD));
    by_ben().await.session();
    let password = json!({ "password": "another-word" });
    let changed = server.put("/wx/account/password", &session, password).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    for _ in 0..5 {
        assert_eq!(by_ben().await.refusal(), (401, "credentials_wrong"));
    }
    assert_eq!(by_ben().await.refusal(), (429, "rate_limited"));
    let owner = by_password("li.na", "another-word");
    server.sign_in("ann", None, owner).await.session();
}

#[tokio::test]
async fn new_passwords_are_limited() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let set = || {
        let password = json!({ "password": "another-word" });
        server.put("/wx/account/password", &session, password)
    };
    for _ in 0..10 {
        assert_eq!(set().await.status, 204);
    }
    let hashes = server.hasher.hashes();
    let limited = set().await;
    assert_eq!(limited.refusal(), (429, "rate_limited"));
    assert!(matches!(limited.retry_after, Some(1..=3600)));
    assert_eq!(server.hasher.hashes(), hashes);
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_that_names_anybody() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na.hangzhou").await;
    let number = json!({ "method": "phone", "phone_code": "number.13812345678" });
    assert_eq!(server.link("ann", &session, number).await.status, 201);
    let other = server
        .sign_in("ben", None, by_password("li.na.hangzhou", PASSWORD))
        .await;
    let other = other.session();
    let deleted = server.delete("/wx/account", &session).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    for ended in [&session, &other] {
        assert_eq!(server.standing(ended).await.1, "session_revoked");
    }
    let plain = wxsession_server::identity::UserKey::of_account("li.na.hangzhou");
    for (key, value) in server.store.dump() {
        let dump = [key.0.as_slice(), &value].concat();
        let (ann, ben) = (identity_of("ann"), identity_of("ben"));
        for secret in [
            b"li.na.hangzhou".as_slice(),
            b"13812345678",
            ann.openid.as_bytes(),
            ben.openid.as_bytes(),
            &plain.0,
            &ann.key().0,
            &ben.key().0,
        ] {
            assert!(!dump.windows(secret.len()).any(|window| window == secret));
        }
    }
    // Nobody is signed in without a tap, and then as a guest.
    let silent = server.start_of("ann", Some(&session)).await;
    assert_eq!(silent.refusal(), (401, "sign_in_needed"));
    let wrong = server
        .sign_in(
            "ann",
            Some(&session),
            by_password("li.na.hangzhou", PASSWORD),
        )
        .await;
    assert_eq!(wrong.refusal(), (401, "credentials_wrong"));
    let tapped = json!({ "method": "wechat" });
    let tapped = server.sign_in("ann", Some(&session), tapped).await;
    assert_eq!(tapped.body["guest"], true);
    // The name is free, and so is the WeChat user.
    let dan = server.registered("dan", "li.na.hangzhou").await;
    assert_eq!(server.user(&dan).await, identity_of("dan").key().guest());
    server.registered("ann", "li.na").await;
    assert_eq!(server.standing(&session).await.1, "session_revoked");
}

#[tokio::test]
async fn of_a_deleted_account_nothing_is_left_after_seven_days() {
    let server = Server::start().await;
    let before = server.store.dump().len();
    let session = server.registered("ann", "li.na").await;
    server.delete("/wx/account", &session).await;
    server.store.pass(7 * DAY);
    assert_eq!(server.store.dump().len(), before);
}
