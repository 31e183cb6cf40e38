//! Ways into an account: added and removed.

use serde_json::json;

use crate::rig::{PASSWORD, Server, by_password};

#[tokio::test]
async fn every_kind_of_identity_can_be_added_and_signs_in() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let user = server.user(&session).await;
    let number = json!({ "method": "phone", "phone_code": "number.13800138000" });
    for (fields, kind, shown) in [
        (by_password("na.li", PASSWORD), "name", "n***i"),
        (
            by_password("ann@example.com", PASSWORD),
            "email",
            "a***@example.com",
        ),
        (number.clone(), "phone", "+86138****8000"),
    ] {
        let added = server.link("ann", &session, fields.clone()).await;
        assert_eq!((added.status, &added.body["kind"]), (201, &json!(kind)));
        assert_eq!(added.body["shown"], shown);
        // The answer may have been lost.
        let again = server.link("ann", &session, fields.clone()).await;
        assert_eq!((again.status, again.body), (201, added.body));
        let by_it = server.sign_in("ben", None, fields).await.session();
        assert_eq!(server.user(&by_it).await, user);
    }
    // On another phone: that phone's own WeChat user.
    let bens = server.sign_in("ben", None, number).await.session();
    assert_eq!(server.start_of("ben", None).await.body["guest"], true);
    let added = server
        .link("ben", &bens, json!({ "method": "wechat" }))
        .await;
    assert_eq!((added.status, &added.body["kind"]), (201, &json!("wechat")));
    let silent = server.start_of("ben", None).await.session();
    assert_eq!(server.user(&silent).await, user);
}

#[tokio::test]
async fn an_identity_of_another_account_is_taken_and_nothing_changes() {
    let server = Server::start().await;
    let ann = server.registered("ann", "li.na").await;
    let ben = server.registered("ben", "ben.ten").await;
    let before = server.get("/wx/account", &ben).await.body;
    for fields in [by_password("li.na", PASSWORD)] {
        let taken = server.link("ben", &ben, fields).await;
        assert_eq!(taken.refusal(), (409, "identity_taken"));
    }
    // Ann's account on Ben's phone: Ben's WeChat user is his own account's.
    let anns = server
        .sign_in("ben", Some(&ben), by_password("li.na", PASSWORD))
        .await;
    let taken = server
        .link("ben", &anns.session(), json!({ "method": "wechat" }))
        .await;
    assert_eq!(taken.refusal(), (409, "identity_taken"));
    let ben = server
        .sign_in("ben", None, by_password("ben.ten", PASSWORD))
        .await
        .session();
    let after = server.get("/wx/account", &ben).await.body;
    assert_eq!(after["identities"], before["identities"]);
    let _ = ann;
}

#[tokio::test]
async fn a_stolen_session_links_nothing() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let number = json!({ "method": "phone", "phone_code": "number.13800138000" });
    for fields in [
        json!({ "method": "wechat" }),
        number,
        by_password("mallory", PASSWORD),
    ] {
        let refused = server.link("mallory", &session, fields).await;
        assert_eq!(refused.refusal(), (401, "sign_in_needed"));
    }
    let shown = server.get("/wx/account", &session).await.body;
    assert_eq!(shown["identities"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn asking_for_names_by_linking_them_is_guessing() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    let ben = server.registered("ben", "ben.ten").await;
    let mut answers = Vec::new();
    for _ in 0..11 {
        let answer = server
            .link("ben", &ben, by_password("li.na", PASSWORD))
            .await;
        answers.push(answer.refusal().1.to_owned());
    }
    assert_eq!(answers[0], "identity_taken");
    assert_eq!(answers[10], "rate_limited");
    // What succeeds costs nothing.
    let dan = server.registered("dan", "dan.dan").await;
    for name in 0..11 {
        let added = by_password(&format!("dan{name}"), PASSWORD);
        assert_eq!(server.link("dan", &dan, added).await.status, 201);
    }
}

#[tokio::test]
async fn a_name_takes_the_accounts_password() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let wrong = server
        .link("ann", &session, by_password("na.li", "wrong-password"))
        .await;
    assert_eq!(wrong.refusal(), (401, "credentials_wrong"));
    let number = json!({ "method": "phone", "phone_code": "number.13800138000", "register": true });
    let ben = server.sign_in("ben", None, number).await.session();
    let refused = server
        .link("ben", &ben, by_password("ben.ten", PASSWORD))
        .await;
    assert_eq!(refused.refusal(), (400, "bad_request"));
    let body = json!({ "password": PASSWORD });
    assert_eq!(
        server.put("/wx/account/password", &ben, body).await.status,
        204
    );
    let added = server
        .link("ben", &ben, by_password("ben.ten", PASSWORD))
        .await;
    assert_eq!(added.status, 201, "{}", added.body);
}

#[tokio::test]
async fn unlinking_ends_the_sessions_that_the_identity_made_but_for_the_one_that_asks() {
    let server = Server::start().await;
    let by_name = server.registered("ann", "li.na").await;
    let number = json!({ "method": "phone", "phone_code": "number.13800138000" });
    assert_eq!(
        server.link("ann", &by_name, number.clone()).await.status,
        201
    );
    let here = server.sign_in("dan", None, number.clone()).await.session();
    let other = server.sign_in("ben", None, number.clone()).await.session();
    let path = format!(
        "/wx/account/identities/{}",
        server.identity(&here, "phone").await
    );
    let unlinked = server.delete(&path, &here).await;
    assert_eq!(unlinked.status, 204, "{}", unlinked.body);
    assert_eq!(server.standing(&here).await.0, 200);
    assert_eq!(server.standing(&by_name).await.0, 200);
    assert_eq!(server.standing(&other).await.1, "session_revoked");
    assert_eq!(
        server.start_of("ben", Some(&other)).await.refusal().1,
        "sign_in_needed"
    );
    let wrong = server.sign_in("ben", None, number).await;
    assert_eq!(wrong.refusal(), (401, "credentials_wrong"));
    // A second time there is no such identity.
    assert_eq!(
        server.delete(&path, &here).await.refusal(),
        (404, "not_found")
    );
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let unlink = async |kind| {
        let id = server.identity(&session, kind).await;
        server
            .delete(&format!("/wx/account/identities/{id}"), &session)
            .await
    };
    assert_eq!(unlink("wechat").await.status, 204);
    assert_eq!(unlink("name").await.refusal(), (409, "last_identity"));
    // The WeChat user who was let go becomes somebody else.
    let silent = server.start_of("ann", None).await.session();
    assert_ne!(server.user(&silent).await, server.user(&session).await);
}
