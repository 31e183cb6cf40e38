//! wafer 2, whose clients call by a key alone, and later sign in by the code alone.

use serde_json::{Value, json};

use super::world::{MARKER, World, borrowed, profile, refusal, user_of};

const LOGIN: &str = "/weapp/login";

async fn signed_in(world: &World, headers: &[(&str, &str)]) -> (String, Value) {
    let answer = world.login(LOGIN, headers).await;
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    assert_eq!((&body["code"], &body[MARKER]), (&json!(0), &Value::Null));
    assert!(body["data"]["time"].is_u64());
    let skey = body["data"]["skey"].as_str().unwrap().to_owned();
    (skey, body["data"]["userinfo"].clone())
}

async fn error(answer: reqwest::Response) -> (u16, Value, Value) {
    let (status, document) = refusal(answer).await;
    assert_eq!(document[MARKER], Value::Null);
    (status, document["code"].clone(), document["error"].clone())
}

#[tokio::test]
async fn a_user_whom_the_server_knows_comes_back_by_the_code_alone() {
    let world = World::start().await;
    let openid = world.server.openid("ann");
    let (skey, told) = signed_in(&world, &borrowed(&world.phone("ann").encrypted())).await;
    let mut expected = profile("ann");
    expected.insert("openId".into(), openid.clone().into());
    let seen = user_of(&world.verify(&[("X-WX-Skey", &skey)]).await);
    assert_eq!(seen, (openid.clone(), expected.into()));
    assert_eq!(told["openId"], openid);
    assert_eq!(
        told["watermark"]["appid"],
        wxsession_simulator::App::simulated().appid
    );

    let alone = world.phone("ann");
    let (another, again) = signed_in(&world, &[("X-WX-Code", &alone.code)]).await;
    assert_eq!(again, told);
    assert_ne!(another, skey);
    let answer = world.verify(&[("X-WX-Skey", &another)]).await;
    assert_eq!(user_of(&answer).0, openid);
}

#[tokio::test]
async fn what_fails_is_in_the_clients_own_terms() {
    let world = World::start().await;
    let stranger = world.phone("ann");
    let alone = [("X-WX-Code", stranger.code.as_str())];
    let answer = error(world.login(LOGIN, &alone).await).await;
    assert_eq!(answer, (400, json!(-1), json!("ERR_USER_UNKNOWN")));
    assert_eq!(world.live("ann").await, 0);
    let answer = error(world.login(LOGIN, &[]).await).await;
    assert_eq!(answer, (400, json!(-1), json!("ERR_HEADER_MISSED")));
    let answer = error(world.login(LOGIN, &[("X-WX-Code", "made up")]).await).await;
    assert_eq!(answer, (401, json!(-1), json!("ERR_GET_SESSION_KEY")));
    let (ann, ben) = (world.phone("ann"), world.phone("ben"));
    let mixed = [
        ("X-WX-Code", ann.code.as_str()),
        ("X-WX-Encrypted-Data", &ben.data.encrypted_data),
        ("X-WX-IV", &ben.data.iv),
    ];
    let answer = error(world.login(LOGIN, &mixed).await).await;
    assert_eq!(answer, (400, json!(-1), json!("ERR_IN_DECRYPT_DATA")));

    assert_eq!(world.live("ann").await, 0);
    for skey in ["made up", &"a".repeat(76)] {
        let answer = error(world.verify(&[("X-WX-Skey", skey)]).await).await;
        assert_eq!(answer, (401, json!(-1), json!("ERR_SKEY_INVALID")));
    }
}
