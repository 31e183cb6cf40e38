//! Signatures at the internal listener, which is asked about the requests of phones.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use wxsession_server::ProofPolicy;
use wxsession_service::ProofTarget;
use wxsession_simulator::App;

use crate::common::{problem, simulator};
use crate::observed::Observed;
use crate::signing::{Phone, SIGNED, Sent, judged};
use crate::verified::Verified;
use crate::watched::Watched;

const BODY: &[u8] = b"{\"id\":1}";

async fn told_by(target: Option<ProofTarget>, policy: ProofPolicy) -> Verified {
    Verified::told_by(Arc::new(Observed::default()), policy, target).await
}

/// A question about a request by each way of telling which, as proxies send them.
fn questions(world: &Verified, sent: &Sent) -> [(ProofTarget, RequestBuilder); 3] {
    let http = &world.server.http;
    let bare = Sent {
        target: "/verify".into(),
        method: Method::GET,
        ..sent.clone()
    };
    let below = Sent {
        target: format!("/verify{}", sent.target),
        body: None,
        ..sent.clone()
    };
    let bare = || bare.to(http, &world.internal);
    let method = sent.method.as_str();
    [
        (
            ProofTarget::XOriginal,
            bare()
                .header("x-original-method", method)
                .header("x-original-uri", &sent.target),
        ),
        (
            ProofTarget::XForwarded,
            bare()
                .header("x-forwarded-method", method)
                .header("x-forwarded-uri", &sent.target),
        ),
        (ProofTarget::Path, below.to(http, &world.internal)),
    ]
}

#[tokio::test]
async fn the_place_that_the_operator_named_counts_and_no_other() {
    for named in [
        ProofTarget::XOriginal,
        ProofTarget::XForwarded,
        ProofTarget::Path,
    ] {
        let world = told_by(Some(named), ProofPolicy::Offered).await;
        let phone = Phone::sign_in(&world.server, "ann").await;
        for target in ["/orders", "/a%2Fb//c?d=%20&e", "/?"] {
            for body in [None, Some(BODY)] {
                let sent = phone.send(Method::POST, target, body);
                let covered = if body.is_some() { "body" } else { "head" };
                // The right one comes last, because it is served once.
                let (own, others): (Vec<_>, Vec<_>) = questions(&world, &sent)
                    .into_iter()
                    .partition(|(place, _)| *place == named);
                for (place, ask) in others {
                    assert_eq!(judged(ask).await, "proof_invalid", "{place:?}");
                }
                for (place, ask) in own {
                    // Whatever is told besides.
                    let ask = ask
                        .header("x-original-url", "/other")
                        .header("x-http-method", "PUT");
                    assert_eq!(judged(ask).await, covered, "{place:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_other_pair_beside_the_named_one_changes_nothing() {
    let world = told_by(Some(ProofTarget::XForwarded), ProofPolicy::Offered).await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let sent = phone.send(Method::POST, "/orders", Some(BODY));
    let elsewhere = |path: &str| Sent {
        target: path.into(),
        ..sent.clone()
    };
    // Another request, with the captured one named in the pair that does not count.
    let forged = world
        .question(&sent)
        .header("x-forwarded-method", "POST")
        .header("x-forwarded-uri", "/refunds");
    assert_eq!(judged(forged).await, "proof_invalid");
    let genuine = world
        .question(&elsewhere("/refunds"))
        .header("x-forwarded-method", "POST")
        .header("x-forwarded-uri", "/orders");
    assert_eq!(judged(genuine).await, "body");
}

#[tokio::test]
async fn a_proxy_that_does_not_say_which_request_it_asks_about_is_told_what_to_send() {
    let (wechat, api) = simulator().await;
    let settings = [
        ["--store", "memory"],
        ["--proof", "offered"],
        ["--proof-target", "x-original"],
    ];
    let watched = Watched::start_beside(&wechat, &api, &settings.concat());
    let server = &watched.running.server;
    let phone = Phone::sign_in(server, "ann").await;
    let sent = phone.send(Method::GET, "/orders", None);
    let question = || {
        let question = Sent {
            target: "/verify".into(),
            ..sent.clone()
        };
        question.to(&server.http, &watched.internal)
    };
    let pair = |ask: RequestBuilder| {
        ask.header("x-original-method", "GET")
            .header("x-original-uri", "/orders")
    };
    for _ in 0..5 {
        for ask in [
            question(),
            question().header("x-original-uri", "/orders"),
            pair(question()).header("x-original-uri", "/orders"),
            pair(question()).header("x-original-method", "GET"),
        ] {
            let answer = ask.send().await.unwrap();
            assert_eq!(answer.status(), 403);
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["code"], "proof_invalid");
            let detail = body["detail"].as_str().unwrap();
            assert!(detail.contains("X-Original-URI"), "{detail}");
        }
    }
    assert_eq!(judged(pair(question())).await, "head");
    // Sessions without a key need none of it.
    let unsigned = server.signed_in("bob").await;
    let ask = server.http.get(format!("{}/verify", watched.internal));
    assert_eq!(judged(ask.header("sessionid", unsigned)).await, "none");
    watched.running.stop();
    let logged = String::from_utf8(watched.running.end().stderr).unwrap();
    assert_eq!(logged.matches("--proof-target").count(), 1, "{logged}");
    assert!(logged.contains("X-Original-URI"), "{logged}");
    assert!(!logged.contains("/orders"), "{logged}");
}

/// The way back: what was signed in with a key signs in once more, and gets a session without one.
#[tokio::test]
async fn a_server_that_was_set_back_and_cannot_check_lets_phones_sign_in_again() {
    let store = Arc::new(Observed::default());
    let offered = Verified::on(store.clone(), ProofPolicy::Offered).await;
    let phone = Phone::sign_in(&offered.server, "ann").await;
    let world = Verified::told_by(store, ProofPolicy::Off, None).await;
    let sent = phone.send(Method::POST, "/orders", Some(BODY));
    let bare = SIGNED
        .into_iter()
        .fold(sent.clone(), |sent, name| sent.without(name));
    for sent in [&sent, &bare] {
        assert_eq!(world.judged(sent).await, "session_expired");
    }
    let ask = json!({ "code": world.server.code("ann"), "proof": "hmac-sha256" });
    let sign_in = world.server.post("/wx/onlogin").json(&ask);
    let signed_in: Value = sign_in.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&signed_in["key"], &signed_in["now"]),
        (&Value::Null, &Value::Null)
    );
    let id = signed_in["sessionid"].as_str().unwrap();
    assert_eq!(world.judged(&bare.with("sessionid", id)).await, "none");
}

#[tokio::test]
async fn a_refusal_is_repeated_by_its_name_and_nothing_else_is() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let sent = phone.send(Method::POST, "/orders", Some(BODY));
    let refusal = |name: Option<&str>| {
        let asked = Sent {
            target: "/refusal".into(),
            method: Method::GET,
            ..sent.clone()
        };
        let ask = asked
            .to(&world.server.http, &world.internal)
            .header("x-original-method", "POST")
            .header("x-original-uri", "/orders");
        match name {
            Some(name) => ask.header("x-wx-refusal", name),
            None => ask,
        }
    };
    let before = world.store.asked();
    for code in [
        "session_missing",
        "session_expired",
        "session_replaced",
        "session_revoked",
        "proof_missing",
        "proof_invalid",
        "proof_replayed",
        "store_unavailable",
    ] {
        let answer = refusal(Some(code)).send().await.unwrap();
        assert_eq!(answer.headers()["x-wx-refusal"], code);
        assert_eq!(problem(answer).await, code);
    }
    // With the time.
    assert_eq!(judged(refusal(Some("proof_late"))).await, "proof_late");
    assert_eq!(world.store.asked(), before, "the store was read");
    // Anything else is no answer of `/verify`, and the session lives.
    for name in [None, Some("not_found"), Some("ok"), Some("")] {
        let answer = refusal(name).send().await.unwrap();
        let code = problem(answer).await;
        assert_eq!(code, "server_busy", "{name:?}");
    }
    // None of this has used the request up.
    assert_eq!(world.judged(&sent).await, "body");
    world.store.be_away(true);
    let refused = world.question(&phone.send(Method::GET, "/orders", None));
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.headers()["x-wx-refusal"], "store_unavailable");
}

#[tokio::test]
async fn a_backend_that_asks_for_its_user_needs_no_signature() {
    let world = Verified::start(ProofPolicy::Required).await;
    let server = &world.server;
    let phone = Phone::sign_in(server, "ann").await;
    let tell = |path: &str, body: Value| {
        let ask = server.http.post(format!("{}{path}", world.internal));
        ask.header("sessionid", &phone.id).json(&body).send()
    };
    let (appid, openid) = (App::simulated().appid, server.openid("ann"));
    let data = server.wechat.user_data(&appid, "ann", Default::default());
    let data = data.unwrap();
    let encrypted = json!({ "encryptedData": data.encrypted_data, "iv": data.iv });
    let opened = tell("/decrypt", encrypted).await.unwrap();
    let opened: Value = opened.json().await.unwrap();
    assert_eq!(opened["data"]["openId"], openid);
    let signed = json!({ "rawData": data.raw_data, "signature": data.signature });
    let checked: Value = tell("/signature", signed)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(checked, json!({ "valid": true }));
    let code = server.wechat.phone_code(&appid, "ann");
    let number = tell("/phone-number", json!({ "code": code }))
        .await
        .unwrap();
    assert_eq!(number.status(), 200);
    let verified = world.question(&phone.send(Method::GET, "/me", None));
    let verified = verified.send().await.unwrap();
    let user = verified.headers()["x-wx-user"].to_str().unwrap();
    let end = json!({ "user": user, "except": phone.id });
    assert_eq!(tell("/sessions/end", end).await.unwrap().status(), 204);
    assert_eq!(
        world.judged(&phone.send(Method::GET, "/me", None)).await,
        "head"
    );
}
