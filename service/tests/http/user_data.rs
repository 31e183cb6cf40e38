//! User data that WeChat sends through the phone, decrypted by the internal listener.

use reqwest::{Method, Response};
use serde_json::{Map, Value, json};
use wxsession_simulator::{App, UserData};

use crate::common::problem;
use crate::internal::Both;

impl Both {
    /// The data that this user's phone gets, encrypted under the session_key of the latest sign-in.
    fn of_phone(&self, user: &str) -> UserData {
        let data = Map::from_iter([("nickName".to_owned(), json!("Band"))]);
        let data = self
            .server
            .wechat
            .user_data(&App::simulated().appid, user, data);
        data.unwrap()
    }

    async fn post(&self, path: &str, session: &str, body: Value) -> Response {
        let ask = self.ask(Method::POST, path).header("sessionid", session);
        ask.json(&body).send().await.unwrap()
    }
}

fn encrypted(data: &UserData) -> Value {
    json!({ "encryptedData": data.encrypted_data, "iv": data.iv })
}

async fn body(answer: Response) -> Value {
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn user_data_is_opened_for_its_own_user_and_nobody_else() {
    let both = Both::start(None).await;
    let (ann, bob) = (
        both.server.signed_in("ann").await,
        both.server.signed_in("bob").await,
    );
    let data = both.of_phone("ann");
    let opened = body(both.post("/decrypt", &ann, encrypted(&data)).await).await;
    assert_eq!(opened["data"]["openId"], both.server.openid("ann"));
    assert_eq!(opened["data"]["nickName"], "Band");
    assert_eq!(
        opened["timestamp"],
        opened["data"]["watermark"]["timestamp"]
    );

    let mut bent = encrypted(&data);
    bent["iv"] = json!("AAAAAAAAAAAAAAAAAAAAAA==");
    let mut cut = encrypted(&data);
    cut["encryptedData"] = json!(&data.encrypted_data[..data.encrypted_data.len() - 24]);
    let mut told = Vec::new();
    for (session, ask) in [(&bob, encrypted(&data)), (&ann, bent), (&ann, cut)] {
        let answer = both.post("/decrypt", session, ask).await;
        assert_eq!(answer.status(), 400);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["code"], "bad_request");
        told.push(answer);
    }
    // The answer does not say what was wrong.
    assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
    let missing = both.post("/decrypt", "none", encrypted(&data)).await;
    assert_eq!(problem(missing).await, "session_missing");
}

#[tokio::test]
async fn a_signature_is_right_or_wrong() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let data = both.of_phone("ann");
    let other = "0".repeat(40);
    for (signature, valid) in [(&data.signature, true), (&other, false)] {
        let ask = json!({ "rawData": data.raw_data, "signature": signature });
        let answer = body(both.post("/signature", &session, ask).await).await;
        assert_eq!(answer, json!({ "valid": valid }));
    }
    let ask = json!({ "data": "{}", "signature": "0".repeat(64) });
    let answer = body(both.post("/signature", &session, ask).await).await;
    assert_eq!(answer, json!({ "valid": false }));
    for ask in [
        json!({ "signature": data.signature }),
        json!({ "rawData": "", "data": "", "signature": data.signature }),
        json!({ "rawData": data.raw_data }),
    ] {
        let answer = both.post("/signature", &session, ask).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(problem(answer).await, "bad_request");
    }
}

#[tokio::test]
async fn a_phone_number_is_had_with_a_session_and_a_code() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let code = || {
        both.server
            .wechat
            .phone_code(&App::simulated().appid, "ann")
    };
    let used = code();
    let ask = json!({ "code": used });
    let number = body(both.post("/phone-number", &session, ask.clone()).await).await;
    assert!(
        number["phone_number"].as_str().unwrap().len() >= 11,
        "{number}"
    );
    assert_eq!(number["country_code"], "86");
    let again = both.post("/phone-number", &session, ask).await;
    assert_eq!(problem(again).await, "bad_request");
    let without = both
        .post("/phone-number", "none", json!({ "code": code() }))
        .await;
    assert_eq!(problem(without).await, "session_missing");
    let none = both
        .post("/phone-number", &session, json!({ "code": "" }))
        .await;
    assert_eq!(problem(none).await, "bad_request");
}

#[tokio::test]
async fn a_phone_code_gives_nobody_elses_number() {
    let both = Both::start(None).await;
    let (ann, bob) = (
        both.server.signed_in("ann").await,
        both.server.signed_in("bob").await,
    );
    let simulator = &both.server.wechat;
    let ask = json!({ "code": simulator.phone_code(&App::simulated().appid, "bob") });
    let refused = both.post("/phone-number", &ann, ask.clone()).await;
    assert_eq!(refused.status(), 400);
    let told = refused.text().await.unwrap();
    assert!(!told.contains("phone_number"), "{told}");
    // The code still works for its own user.
    let number = body(both.post("/phone-number", &bob, ask).await).await;
    assert_eq!(number["country_code"], "86");
}
