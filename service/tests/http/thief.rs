//! What a thief gets for a stolen session id and for captured requests, once phones sign.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;
use wxsession_server::ProofPolicy;

use crate::common::{Server, session_id};
use crate::observed::Observed;
use crate::signing::{Phone, SIGNED, Sent, judged, now};
use crate::verified::Verified;

const TARGET: &str = "/orders?page=2";
const BODY: &[u8] = br#"{"id":1,"name":"tea"}"#;

/// The same id as one of version 1, which needs no signature.
fn of_version_1(id: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let mut bytes = URL_SAFE_NO_PAD.decode(id).unwrap();
    assert_eq!(bytes[0], 2);
    bytes[0] = 1;
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_stolen_id_opens_nothing_and_ends_nothing() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let server = &world.server;
    let owner = Phone::sign_in(server, "ann").await;
    let before = world.store.asked();
    for (method, target) in [
        (Method::GET, "/wx/session"),
        (Method::POST, "/wx/logout"),
        (Method::POST, "/wx/logout?others=true"),
        (Method::POST, "/wx/logout?all=true"),
    ] {
        let sent = owner.send(method, target, None);
        let stolen = SIGNED
            .into_iter()
            .fold(sent, |sent, name| sent.without(name));
        for _ in 0..20 {
            let ask = stolen.to(&server.http, &server.url);
            assert_eq!(judged(ask).await, "proof_missing", "{target}");
        }
        assert_eq!(world.judged(&stolen).await, "proof_missing", "{target}");
    }
    // As an id that needs no signature it is forged.
    let forged = owner
        .send(Method::GET, TARGET, None)
        .with("sessionid", of_version_1(&owner.id));
    assert_eq!(world.judged(&forged).await, "session_missing");
    assert_eq!(world.store.asked(), before, "the store was read");
    // Presented at a sign-in it counts for none, and is not replaced.
    let sign_in = server.post("/wx/onlogin").header("sessionid", &owner.id);
    session_id(sign_in.json(&json!({ "code": server.code("eve") }))).await;
    assert_eq!(
        world.judged(&owner.send(Method::GET, TARGET, None)).await,
        "head"
    );
}

/// Everything that can be changed about a request, with the signature that it had.
fn altered(sent: &Sent, other: &Phone) -> Vec<(&'static str, Sent)> {
    let target = |target: &str| Sent {
        target: target.to_owned(),
        ..sent.clone()
    };
    let method = Sent {
        method: Method::PUT,
        ..sent.clone()
    };
    let input = sent.header("signature-input").to_owned();
    let inserted = |from: &str, to: &str| {
        assert!(input.contains(from));
        sent.with("signature-input", input.replacen(from, to, 1))
    };
    let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let created = format!("created={}", now() - 1);
    let own = input.split(';').nth(1).unwrap();
    vec![
        ("another method", method),
        ("another path", target("/refunds?page=2")),
        ("another query", target("/orders?page=3")),
        ("no query", target("/orders")),
        ("an escape", target("/%6Frders?page=2")),
        ("a double slash", target("//orders?page=2")),
        ("another digest", sent.with("content-digest", digest)),
        ("the digest taken away", sent.without("content-digest")),
        (
            "the other list",
            inserted(" \"content-digest\")", ")").without("content-digest"),
        ),
        (
            "the other list, with the digest",
            inserted(" \"content-digest\")", ")"),
        ),
        ("another time", inserted(own, &created)),
        ("another nonce", inserted("nonce=\"n", "nonce=\"m")),
        (
            "one more parameter",
            inserted(";nonce", ";alg=\"none\";nonce"),
        ),
        ("a signature too few", sent.without("signature")),
        ("a list too few", sent.without("signature-input")),
        (
            "a second signature",
            sent.with("signature", format!("{0}, {0}", sent.header("signature"))),
        ),
        ("under another session", sent.with("sessionid", &other.id)),
    ]
}

#[tokio::test]
async fn a_captured_request_is_good_for_no_other() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let owner = Phone::sign_in(&world.server, "ann").await;
    let other = Phone::sign_in(&world.server, "bob").await;
    let sent = owner.send(Method::POST, TARGET, Some(BODY));
    let before = world.store.asked();
    for (what, altered) in altered(&sent, &other) {
        assert_eq!(world.judged(&altered).await, "proof_invalid", "{what}");
    }
    for name in SIGNED.into_iter().chain(["sessionid"]) {
        let ask = world.question(&sent).header(name, sent.header(name));
        let expected = if name == "sessionid" {
            "session_missing"
        } else {
            "proof_invalid"
        };
        assert_eq!(judged(ask).await, expected, "{name} twice");
    }
    assert_eq!(world.store.asked(), before, "the store was read");
    // Nothing of this has used the request up.
    assert_eq!(world.judged(&sent).await, "body");
}

#[tokio::test]
async fn a_captured_request_is_not_served_again() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let server = &world.server;
    let owner = Phone::sign_in(server, "ann").await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "PURGE"] {
        let sent = owner.send(method.parse().unwrap(), TARGET, Some(BODY));
        assert_eq!(world.judged(&sent).await, "body", "{method}");
        for _ in 0..3 {
            assert_eq!(world.judged(&sent).await, "proof_replayed", "{method}");
        }
    }
    // What changes nothing may be asked twice.
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let sent = owner.send(method, TARGET, None);
        for _ in 0..3 {
            assert_eq!(world.judged(&sent).await, "head");
        }
    }
    let sent = owner.send(Method::POST, "/wx/logout?others=true", None);
    let ask = || judged(sent.to(&server.http, &server.url));
    assert_eq!(
        (ask().await, ask().await),
        (String::new(), "proof_replayed".into())
    );
    // Seen at the public listener is seen at the other one.
    assert_eq!(world.judged(&sent).await, "proof_replayed");
}

#[tokio::test]
async fn of_a_request_that_is_sent_many_times_at_once_one_is_served() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let owner = Phone::sign_in(&world.server, "ann").await;
    let sent = owner.send(Method::POST, TARGET, Some(BODY));
    let asks = (0..32).map(|_| tokio::spawn(judged(world.question(&sent))));
    let mut served = 0;
    for ask in asks.collect::<Vec<_>>() {
        match ask.await.unwrap().as_str() {
            "body" => served += 1,
            other => assert_eq!(other, "proof_replayed"),
        }
    }
    assert_eq!(served, 1);
}

#[tokio::test]
async fn a_captured_request_is_late_after_two_minutes_and_says_so_to_its_owner_alone() {
    let world = Verified::start(ProofPolicy::Offered).await;
    let owner = Phone::sign_in(&world.server, "ann").await;
    let before = world.store.asked();
    for seconds in [125, 241, 3600, 86_400] {
        for created in [now() - seconds, now() + seconds] {
            let sent = owner.send_at(created, Method::POST, TARGET, Some(BODY));
            assert_eq!(world.judged(&sent).await, "proof_late", "{seconds}");
            let altered = Sent {
                target: "/refunds".into(),
                ..sent
            };
            assert_eq!(world.judged(&altered).await, "proof_invalid", "{seconds}");
        }
    }
    assert_eq!(world.store.asked(), before, "the store was read");
    for created in [now() - 115, now() + 115] {
        let sent = owner.send_at(created, Method::GET, TARGET, None);
        assert_eq!(world.judged(&sent).await, "head");
    }
}

#[tokio::test]
async fn a_session_with_a_key_needs_its_signatures_whatever_the_setting() {
    let store = Arc::new(Observed::default());
    let offered = Verified::on(store.clone(), ProofPolicy::Offered).await;
    let owner = Phone::sign_in(&offered.server, "ann").await;
    for proof in [ProofPolicy::Off, ProofPolicy::Required] {
        let other = Verified::on(store.clone(), proof).await;
        // The second of its start is over by this time.
        let sent = owner.send_at(now() + 1, Method::POST, TARGET, Some(BODY));
        let stolen = SIGNED
            .into_iter()
            .fold(sent.clone(), |sent, name| sent.without(name));
        assert_eq!(other.judged(&stolen).await, "proof_missing");
        assert_eq!(other.judged(&sent).await, "body");
    }
}

#[tokio::test]
async fn where_signatures_are_required_nobody_comes_in_without_a_key() {
    let store = Arc::new(Observed::default());
    let before = Verified::on(store.clone(), ProofPolicy::Offered).await;
    let unsigned = before.server.signed_in("bob").await;
    let world = Verified::on(store, ProofPolicy::Required).await;
    let server: &Server = &world.server;
    let exchanges = server.wechat.counts().exchanges;
    let code = server.code("eve");
    let by_query = server.get("/wx/onlogin").query(&[("code", &code)]);
    let by_body = server.post("/wx/onlogin").json(&json!({ "code": code }));
    for sign_in in [by_query, by_body] {
        assert_eq!(judged(sign_in).await, "proof_required");
    }
    // The code is not spent.
    assert_eq!(server.wechat.counts().exchanges, exchanges);
    Phone::sign_in(server, "eve").await;
    let sent = Sent {
        method: Method::GET,
        target: TARGET.into(),
        headers: vec![("sessionid".into(), unsigned)],
        body: None,
    };
    assert_eq!(before.judged(&sent).await, "none");
    // Its phone comes again, and gets a key.
    assert_eq!(world.judged(&sent).await, "session_expired");
}
