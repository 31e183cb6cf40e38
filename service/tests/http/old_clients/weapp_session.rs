//! weapp-session, whose clients sign in on any call and call by the code from then on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wxsession_server::user::Lifetimes;
use wxsession_simulator::{Call, Faults, User};

use super::world::{
    MARKER, Phone, Unusual, World, borrowed, encoded, profile, refusal, user_of, with,
};
use crate::common::WEEK;
use crate::observed::Observed;

const EXPIRED: &str = "ERR_SESSION_EXPIRED";

fn told(world: &World, user: &str) -> (String, Value) {
    let openid = world.server.openid(user);
    let mut told = profile(user);
    told.insert("openId".into(), openid.clone().into());
    (openid, told.into())
}

async fn sign_in(world: &World, phone: &Phone) -> reqwest::Response {
    world.verify(&borrowed(&phone.signed())).await
}

async fn by_code(world: &World, code: &str) -> reqwest::Response {
    world.verify(&[("X-WX-Code", code)]).await
}

async fn reason(answer: reqwest::Response) -> (u16, Value, Value) {
    let (status, document) = refusal(answer).await;
    assert_eq!(document[MARKER], 1);
    (
        status,
        document["reason"].clone(),
        document["error"].clone(),
    )
}

#[tokio::test]
async fn the_first_call_signs_in_and_later_ones_go_by_its_code() {
    let world = World::start().await;
    let phone = world.phone("ann");
    assert_eq!(user_of(&sign_in(&world, &phone).await), told(&world, "ann"));
    for _ in 0..3 {
        let later = by_code(&world, &phone.code).await;
        assert_eq!(user_of(&later), told(&world, "ann"));
    }
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn every_row_of_the_table_has_its_refusal() {
    let world = World::start().await;
    let phone = || world.phone("ann");
    let with = |name: &str, value: &str| {
        let mut headers = phone().signed();
        for header in &mut headers {
            if header.0 == name {
                header.1 = value.to_owned();
            }
        }
        headers
    };
    let used = phone();
    assert_eq!(sign_in(&world, &used).await.status(), 200);
    let null = Value::Null;
    let uri = json!({ "name": "URIError", "message": "URI malformed" });
    let json = json!({ "name": "SyntaxError", "message": "X-WX-RawData is not a JSON object" });
    let long = json!({ "name": "Error", "message": "X-WX-RawData is too long" });
    let untrusted = json!({ "name": "Error", "message": "untrusted raw data" });
    let refused = json!({ "name": "Error", "message": "jscode failed to exchange session_key" });
    let before = world.exchanges();
    for (headers, status, error) in [
        (with("X-WX-RawData", "%"), 400, &uri),
        (with("X-WX-RawData", "%ff"), 400, &uri),
        (with("X-WX-RawData", "{"), 400, &json),
        (with("X-WX-RawData", "null"), 400, &json),
        (with("X-WX-RawData", "[1]"), 400, &json),
        (
            with(
                "X-WX-RawData",
                &encoded(&format!("{{\"a\":\"{}\"}}", "a".repeat(3000))),
            ),
            400,
            &long,
        ),
    ] {
        let answer = world.verify(&borrowed(&headers)).await;
        assert_eq!(
            reason(answer).await,
            (status, null.clone(), error.clone()),
            "{headers:?}"
        );
    }
    assert_eq!(world.exchanges(), before, "no code is spent for nothing");
    let key = json!("ERR_SESSION_KEY_EXCHANGE_FAILED");
    for headers in [
        with("X-WX-Code", "made up"),
        with("X-WX-Code", &"a".repeat(200)),
        with("X-WX-Code", &world.server.openid("ann")),
    ] {
        let answer = world.verify(&borrowed(&headers)).await;
        assert_eq!(reason(answer).await, (401, key.clone(), refused.clone()));
    }
    let reason_of_signature = json!("ERR_UNTRUSTED_RAW_DATA");
    for headers in [
        with("X-WX-Signature", ""),
        with("X-WX-Signature", &"0".repeat(40)),
        with("X-WX-RawData", &encoded(r#"{"nickName":"somebody else"}"#)),
    ] {
        let answer = world.verify(&borrowed(&headers)).await;
        let expected = (400, reason_of_signature.clone(), untrusted.clone());
        assert_eq!(reason(answer).await, expected);
        // The sign-in came to nothing.
        let code = &headers[0].1;
        assert_eq!(reason(by_code(&world, code).await).await.1, EXPIRED);
    }
    assert_eq!(world.live("ann").await, 1);
    // A forged repeat does no harm to the session.
    let forged = [
        ("X-WX-Code", used.code.as_str()),
        ("X-WX-RawData", "{}"),
        ("X-WX-Signature", "00"),
    ];
    let expected = (400, reason_of_signature, untrusted);
    assert_eq!(reason(world.verify(&forged).await).await, expected);
    assert_eq!(by_code(&world, &used.code).await.status(), 200);
}

#[tokio::test]
async fn nothing_but_a_code_that_signed_in_is_a_session() {
    let world = World::start().await;
    let phone = world.phone("ann");
    let unused = world.phone("ann");
    assert_eq!(sign_in(&world, &unused).await.status(), 200);
    let openid = world.server.openid("ann");
    let too_long = "a".repeat(129);
    for code in [phone.code.as_str(), &openid, "made up", "x", &too_long] {
        let (status, reason, error) = reason(by_code(&world, code).await).await;
        assert_eq!((status, reason), (401, json!(EXPIRED)));
        assert_eq!(error["message"], "`wxUserInfo` not found by `code`");
    }
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn a_header_that_comes_twice_counts_as_absent() {
    let world = World::start().await;
    let (phone, other) = (world.phone("ann"), world.phone("ben"));
    assert_eq!(sign_in(&world, &phone).await.status(), 200);
    let twice = [
        ("X-WX-Code", phone.code.as_str()),
        ("X-WX-Code", &other.code),
    ];
    assert_eq!(world.verify(&twice).await.status(), 401);
    let mut headers = other.signed();
    headers.push(("X-WX-RawData", encoded("{}")));
    assert_eq!(
        reason(world.verify(&borrowed(&headers)).await).await.1,
        EXPIRED
    );
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn parallel_first_calls_and_repeats_are_one_sign_in() {
    let world = World::start().await;
    world.server.wechat.faults(Faults {
        call: Call::Exchange,
        delay_ms: 100,
        ..Faults::default()
    });
    let phone = world.phone("ann");
    let headers = phone.signed();
    let calls: Vec<_> = (0..12)
        .map(|place| {
            // Some come without the data, because another call signs in already.
            let headers = if place % 3 == 2 {
                &headers[..1]
            } else {
                &headers
            };
            let ask = with(world.ask("/verify"), &borrowed(headers));
            tokio::spawn(ask.send())
        })
        .collect();
    let mut early = 0;
    for call in calls {
        match call.await.unwrap().unwrap() {
            answer if answer.status() == 200 => assert_eq!(user_of(&answer), told(&world, "ann")),
            // It was here before the one that signs in.
            answer => {
                assert_eq!(reason(answer).await.1, EXPIRED);
                early += 1;
            }
        }
    }
    assert!(early < 4);
    assert_eq!(world.exchanges(), 1);
    for _ in 0..3 {
        let repeat = sign_in(&world, &phone).await;
        assert_eq!(user_of(&repeat), told(&world, "ann"));
    }
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn a_call_by_the_code_alone_waits_for_its_sign_in() {
    let world = Arc::new(World::start().await);
    world.server.wechat.faults(Faults {
        call: Call::Exchange,
        delay_ms: 300,
        ..Faults::default()
    });
    let phone = world.phone("ann");
    let (other, headers) = (Arc::clone(&world), phone.signed());
    let first = tokio::spawn(async move { other.verify(&borrowed(&headers)).await.status() });
    while world.server.wechat.counts().most_at_once == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(by_code(&world, &phone.code).await.status(), 200);
    assert_eq!(first.await.unwrap(), 200);
}

#[tokio::test]
async fn what_cannot_be_helped_by_signing_in_again_has_no_reason_to_do_so() {
    let store = Arc::new(Observed::default());
    let world = World::with(Unusual {
        store: store.clone(),
        ..Unusual::default()
    })
    .await;
    let phone = world.phone("ann");
    assert_eq!(sign_in(&world, &phone).await.status(), 200);
    world.server.wechat.user(
        "ben",
        User {
            blocked: true,
            ..User::default()
        },
    );
    let (status, no_reason, error) = reason(sign_in(&world, &world.phone("ben")).await).await;
    assert_eq!((status, no_reason), (403, Value::Null));
    assert_eq!(error["message"], "The user is blocked");
    store.be_away(true);
    for answer in [
        by_code(&world, &phone.code).await,
        sign_in(&world, &world.phone("ann")).await,
    ] {
        assert!(answer.headers().contains_key("retry-after"));
        let (status, no_reason, _) = reason(answer).await;
        assert_eq!((status, no_reason), (503, Value::Null));
    }
    store.be_away(false);
    assert_eq!(by_code(&world, &phone.code).await.status(), 200);
}

#[tokio::test]
async fn a_code_lives_as_long_as_its_session_and_use_keeps_both() {
    let lifetimes = Lifetimes {
        idle: Duration::from_millis(600),
        ..WEEK
    };
    let world = World::with(Unusual {
        lifetimes,
        ..Unusual::default()
    })
    .await;
    let (used, left) = (world.phone("ann"), world.phone("ann"));
    // The simulated key is the latest one, with which the first phone's data is not signed.
    assert_eq!(sign_in(&world, &left).await.status(), 200);
    let used_headers = [("X-WX-Code", used.code.as_str())];
    let signed = world.server.wechat.user_data(
        &wxsession_simulator::App::simulated().appid,
        "ann",
        profile("ann"),
    );
    let data = signed.unwrap();
    let raw_data = encoded(&data.raw_data);
    let headers = [
        used_headers[0],
        ("X-WX-RawData", raw_data.as_str()),
        ("X-WX-Signature", data.signature.as_str()),
    ];
    assert_eq!(world.verify(&headers).await.status(), 200);
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_millis(1500) {
        assert_eq!(world.verify(&used_headers).await.status(), 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(reason(by_code(&world, &left.code).await).await.1, EXPIRED);
}
