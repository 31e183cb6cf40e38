//! All old clients beside the new one, on sessions like all others.

use std::sync::Arc;

use serde_json::{Value, json};
use wxsession_service::compat::Protocol;
use wxsession_simulator::App;

use super::world::{ALL, Headers, MARKER, Unusual, World, borrowed, refusal, user_of, with};
use crate::common::problem;
use crate::observed::Observed;

/// What tells each client that its session is over.
fn is_over(protocol: Protocol, document: &Value) -> bool {
    match protocol {
        Protocol::WeappSession => {
            document[MARKER] == 1 && document["reason"] == "ERR_SESSION_EXPIRED"
        }
        Protocol::Wafer => document[MARKER] == 1 && document["error"] == "ERR_INVALID_SESSION",
        Protocol::Wafer2 => document["code"] == -1,
    }
}

#[tokio::test]
async fn an_administrator_ends_the_sessions_of_every_client() {
    let world = World::start().await;
    let before = world.sessions("ann").await;
    let new = world.server.signed_in("ann").await;
    let openids = before.iter().map(|headers| borrowed(headers));
    for headers in openids {
        assert_eq!(world.verify(&headers).await.status(), 200);
    }
    let whom = json!({ "appid": App::simulated().appid, "openid": world.server.openid("ann") });
    let ended = world.tell("/sessions/end", &whom).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    for (protocol, headers) in ALL.into_iter().zip(&before) {
        let answer = world.verify(&borrowed(headers)).await;
        // The package's drop-ins read this, and have no user to ask.
        let challenge = answer.headers()["www-authenticate"].clone();
        assert_eq!(challenge, "WxSession error=\"session_expired\"");
        let (status, document) = refusal(answer).await;
        assert_eq!(status, 401);
        assert!(is_over(protocol, &document), "{protocol:?}: {document}");
    }
    assert_eq!(world.server.standing(&new).await.1, "session_revoked");
}

#[tokio::test]
async fn nine_sign_ins_leave_eight_sessions_whoever_the_clients_are() {
    let world = World::start().await;
    let mut all: Vec<Headers> = Vec::new();
    for _ in 0..3 {
        all.extend(world.sessions("ann").await);
    }
    let mut live = 0;
    for headers in &all {
        live += u32::from(world.verify(&borrowed(headers)).await.status() == 200);
    }
    assert_eq!((all.len(), live), (9, 8));
}

#[tokio::test]
async fn a_backend_opens_data_with_what_the_client_calls_by() {
    let world = World::start().await;
    let all = world.sessions("ann").await;
    let data = world
        .server
        .wechat
        .user_data(&App::simulated().appid, "ann", Default::default());
    let data = data.unwrap();
    let ask = json!({ "encryptedData": data.encrypted_data, "iv": data.iv });
    for headers in &all {
        let ask = with(world.tell("/decrypt", &ask), &borrowed(headers));
        let opened: Value = ask.send().await.unwrap().json().await.unwrap();
        assert_eq!(opened["data"]["openId"], world.server.openid("ann"));
    }
    // It is the backend that asks, so a refusal is the usual one; and no sign-in comes of it.
    let unused = world.phone("ann").signed();
    for headers in [vec![("X-WX-Skey", "made up".to_owned())], unused] {
        let ask = with(world.tell("/decrypt", &ask), &borrowed(&headers));
        assert_eq!(problem(ask.send().await.unwrap()).await, "session_missing");
    }
}

#[tokio::test]
async fn a_new_client_is_verified_as_ever_and_told_of_too() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    let headers = [
        ("sessionid", session.as_str()),
        ("x-wx-user-info", "forged"),
    ];
    assert_eq!(
        user_of(&world.verify(&headers).await),
        (world.server.openid("ann"), Value::Null)
    );
    world.sessions("ann").await;
    assert_eq!(user_of(&world.verify(&headers).await).1["gender"], 1);
    // What an old client calls by counts for nothing beside a session id.
    let code = world.phone("ann").signed();
    let mut mixed = borrowed(&code);
    mixed.push(("sessionid", "made up"));
    assert_eq!(problem(world.verify(&mixed).await).await, "session_missing");
}

#[tokio::test]
async fn a_call_that_presents_nothing_has_what_every_spoken_client_looks_for() {
    for protocols in [
        vec![Protocol::WeappSession],
        vec![Protocol::Wafer],
        vec![Protocol::Wafer2],
        ALL.to_vec(),
    ] {
        let world = World::with(Unusual {
            protocols: protocols.clone(),
            ..Unusual::default()
        })
        .await;
        for path in ["/verify", "/verify/api/me", "/refusal"] {
            let answer = world.ask(path).send().await.unwrap();
            let challenge = &answer.headers()["www-authenticate"];
            assert_eq!(challenge, "WxSession error=\"session_missing\"");
            let (status, document) = refusal(answer).await;
            assert_eq!(status, 401);
            for protocol in ALL {
                let speaks = protocols.contains(&protocol);
                assert_eq!(
                    is_over(protocol, &document),
                    speaks,
                    "{protocol:?}: {document}"
                );
            }
            // wafer's client wants a text, and weapp-session's takes anything with this reason.
            let is_text = document["error"].is_string();
            assert_eq!(is_text, protocols != [Protocol::WeappSession]);
        }
    }
}

#[tokio::test]
async fn a_protocol_that_is_not_spoken_is_nothing() {
    for spoken in ALL {
        let world = World::with(Unusual {
            protocols: vec![spoken],
            ..Unusual::default()
        })
        .await;
        let phone = world.phone("ann");
        let signs_in = world.verify(&borrowed(&phone.signed())).await.status() == 200;
        assert_eq!(signs_in, spoken == Protocol::WeappSession);
        for (path, protocol) in [
            ("/login", Protocol::Wafer),
            ("/weapp/login", Protocol::Wafer2),
        ] {
            let headers = world.phone("ann").encrypted();
            let status = world.login(path, &borrowed(&headers)).await.status();
            assert_eq!(status == 200, spoken == protocol, "{path}");
            assert_eq!(status == 404, spoken != protocol, "{path}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_drops_refusals_gets_the_same_once_more_and_no_code_is_spent_for_it() {
    let world = World::start().await;
    let made_up = [
        ("X-WX-Code", "made up"),
        ("X-WX-RawData", "{}"),
        ("X-WX-Signature", "00"),
    ];
    let phone = world.phone("ann");
    let untrusted = [("X-WX-Code", phone.code.as_str()), made_up[1], made_up[2]];
    for headers in [
        &made_up[..],
        &untrusted,
        &made_up[..1],
        &[("X-WX-Skey", "x")],
        &[],
    ] {
        let first = world.verify(headers).await;
        let name = first.headers()["x-wx-refusal"].to_str().unwrap().to_owned();
        let exchanges = world.exchanges();
        let again = with(world.ask("/refusal"), headers).header("x-wx-refusal", &name);
        let again = refusal(again.send().await.unwrap()).await;
        assert_eq!(again, refusal(first).await);
        // Nor does a proxy that does not pass the name on.
        let bare = with(world.ask("/refusal"), headers).send().await.unwrap();
        assert_eq!(bare.status(), 401);
        assert_eq!(world.exchanges(), exchanges);
    }
    // It is of no use at /verify.
    let named = world.ask("/verify").header("x-wx-refusal", "user_blocked");
    assert_eq!(named.send().await.unwrap().status(), 401);
    // A session that is alive by now is no answer of the backend's.
    let live = &world.sessions("ann").await[1];
    let again = with(world.ask("/refusal"), &borrowed(live)).send().await;
    assert_eq!(
        refusal(again.unwrap()).await.1["error"],
        "ERR_CHECK_LOGIN_FAILED"
    );
}

#[tokio::test]
async fn a_store_that_is_away_ends_nobodys_session() {
    let store = Arc::new(Observed::default());
    let world = World::with(Unusual {
        store: store.clone(),
        ..Unusual::default()
    })
    .await;
    let all = world.sessions("ann").await;
    store.be_away(true);
    for (protocol, headers) in ALL.into_iter().zip(&all) {
        let answer = world.verify(&borrowed(headers)).await;
        assert!(answer.headers().contains_key("retry-after"));
        let (status, document) = refusal(answer).await;
        assert_eq!(status, 503);
        assert!(!is_over(protocol, &document), "{protocol:?}: {document}");
    }
    store.be_away(false);
    for headers in &all {
        assert_eq!(world.verify(&borrowed(headers)).await.status(), 200);
    }
}
