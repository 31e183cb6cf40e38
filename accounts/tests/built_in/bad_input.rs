//! Fields that are missing, of a wrong type, too long or empty: a named error, and nobody is signed in.

use serde_json::{Value, json};

use crate::rig::{PASSWORD, Server, by_password};

#[tokio::test]
async fn a_bad_field_of_a_sign_in_is_named() {
    let server = Server::start().await;
    let long = "x".repeat(600);
    let password = |field: &str, value: Value| {
        let mut fields = by_password("li.na", PASSWORD);
        fields[field] = value;
        (fields, format!("`{field}`"))
    };
    for (fields, named) in [
        password("identifier", json!(1)),
        password("identifier", json!("")),
        password("identifier", json!(long)),
        password("identifier", json!("a b")),
        password("identifier", json!("123")),
        password("identifier", json!("a@b")),
        password("identifier", json!(["li.na"])),
        password("password", Value::Null),
        password("password", json!(12_345_678)),
        password("register", json!("yes")),
        password("link", json!(1)),
        password("method", json!("carrier pigeon")),
        (json!({ "method": "password" }), "`identifier`".into()),
        (json!({ "method": "phone" }), "`phone_code`".into()),
        (
            json!({ "method": "phone", "phone_code": "" }),
            "`phone_code`".into(),
        ),
        (
            json!({ "method": "wechat", "register": true }),
            "`register`".into(),
        ),
        (json!({ "method": "wechat", "link": true }), "`link`".into()),
    ] {
        let refused = server.sign_in("ann", None, fields.clone()).await;
        assert_eq!(refused.refusal(), (400, "bad_request"), "{fields}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(&named), "{fields} {detail}");
        assert!(
            !detail.contains(&long) && !detail.contains(PASSWORD),
            "{detail}"
        );
    }
    assert_eq!(server.hasher.hashes(), 0);
}

#[tokio::test]
async fn a_method_that_is_not_set_up_is_unknown_and_the_others_are_named() {
    let server = Server::start().await;
    for method in ["code", "oidc", "campus", "Password", "silent", "renew"] {
        let fields = json!({ "method": method, "identifier": "+8613800138000", "otp": "123456" });
        let refused = server.sign_in("ann", None, fields).await;
        assert_eq!(refused.refusal(), (400, "method_unknown"), "{method}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("wechat, password, phone"), "{detail}");
    }
    let guest = server.start_of("ann", None).await.session();
    for purpose in ["sign_in", "link", "oidc"] {
        let challenge = json!({ "purpose": purpose, "identifier": "+8613800138000" });
        let refused = server.post("/wx/challenges", &guest, challenge).await;
        assert_eq!(refused.refusal(), (400, "method_unknown"), "{purpose}");
    }
}

#[tokio::test]
async fn a_bad_field_of_the_accounts_routes_is_named() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    for (path, body, named) in [
        ("/wx/account/identities", json!({}), "`method`"),
        (
            "/wx/account/identities",
            json!({ "method": "wechat" }),
            "`code`",
        ),
        (
            "/wx/account/identities",
            json!({ "method": "wechat", "code": "" }),
            "`code`",
        ),
        (
            "/wx/account/identities",
            json!({ "method": "password", "code": "ann.x" }),
            "`identifier`",
        ),
        ("/wx/challenges", json!({}), "`purpose`"),
        ("/wx/challenges", json!({ "purpose": "fun" }), "`purpose`"),
        (
            "/wx/challenges",
            json!({ "purpose": "sign_in" }),
            "`identifier`",
        ),
    ] {
        let refused = server.post(path, &session, body.clone()).await;
        assert_eq!(refused.refusal(), (400, "bad_request"), "{path} {body}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(named), "{path} {body} {detail}");
    }
    for body in [json!({}), json!({ "password": 1 })] {
        let refused = server.put("/wx/account/password", &session, body).await;
        assert_eq!(refused.refusal(), (400, "bad_request"));
    }
    for path in [
        "/wx/account/identities/x",
        "/wx/account/identities/AAAAAAAAAAA",
    ] {
        let refused = server.delete(path, &session).await;
        assert_eq!(refused.refusal(), (404, "not_found"));
    }
    let wrong = server.post("/wx/account", &session, json!({})).await;
    assert_eq!(wrong.refusal(), (405, "method_not_allowed"));
}
