//! Old clients at two servers on one Redis.

use std::sync::Arc;

use serde_json::json;
use wxsession_simulator::{App, FakeWeChat};

use crate::old_world::{Unusual, World, borrowed, refusal, user_of};
use crate::rig::{RedisServer, patient_store, store, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_starts_the_other_knows_and_ends() {
    let redis = RedisServer::start("").await;
    let wechat = FakeWeChat::new([App::simulated()]);
    let start = || {
        World::with(Unusual {
            store: Arc::new(patient_store(&redis.url())),
            wechat: Some(wechat.clone()),
            ..Unusual::default()
        })
    };
    let (one, other) = (start().await, start().await);
    let all = one.sessions("ann").await;
    for headers in &all {
        let seen = user_of(&other.verify(&borrowed(headers)).await);
        assert_eq!(seen.1["gender"], 1);
    }
    // wafer 2 comes back at the other, by the code alone.
    let phone = other.phone("ann");
    let alone = [("X-WX-Code", phone.code.as_str())];
    let answer = other.login("/weapp/login", &alone).await;
    assert_eq!(answer.status(), 200);

    // A dump tells neither what clients call by nor what WeChat tells of users, and everything in it goes by itself.
    for key in redis.ask::<Vec<Vec<u8>>>("KEYS *").await.unwrap() {
        let client = redis::Client::open(redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut ask = redis::cmd("GET");
        let value: Vec<u8> = ask.arg(&key).query_async(&mut connection).await.unwrap();
        let mut ask = redis::cmd("PTTL");
        let ttl: i64 = ask.arg(&key).query_async(&mut connection).await.unwrap();
        assert!(ttl > 0);
        for secret in all
            .iter()
            .flatten()
            .map(|(_, value)| value.as_str())
            .chain(["ann ", "wx.example"])
        {
            let holds = |bytes: &[u8]| {
                bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes())
            };
            assert!(!holds(&key) && !holds(&value), "{secret}");
        }
    }

    let whom = json!({ "appid": App::simulated().appid, "openid": one.server.openid("ann") });
    let ended = one.tell("/sessions/end", &whom).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    for headers in &all {
        assert_eq!(other.verify(&borrowed(headers)).await.status(), 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_hangs_no_old_client_signs_in_again() {
    let redis = RedisServer::start("").await;
    let world = World::with(Unusual {
        store: Arc::new(store(&redis.url())),
        ..Unusual::default()
    })
    .await;
    let all = world.sessions("ann").await;
    redis.freeze();
    for headers in &all {
        let (status, document) = refusal(world.verify(&borrowed(headers)).await).await;
        assert_eq!(status, 503);
        let signs_in = [&document["reason"], &document["error"], &document["code"]];
        for word in [
            json!("ERR_SESSION_EXPIRED"),
            json!("ERR_INVALID_SESSION"),
            json!(-1),
        ] {
            assert!(!signs_in.contains(&&word), "{document}");
        }
    }
    redis.thaw();
    for headers in &all {
        until("the server serves", || async {
            world.verify(&borrowed(headers)).await.status() == 200
        })
        .await;
    }
}
