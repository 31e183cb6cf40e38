//! A single Redis server that hangs or is gone.

use std::time::{Duration, Instant};

use super::on_redis;
use crate::rig::{OUTLIVES_ITS_PROCESS, RedisServer, until};

/// The store's deadline is 100 ms. The rest is room for a busy machine; the bench measures the exact time.
const OUTAGE_TOLD: Duration = Duration::from_millis(300);
const AT_WORST: Duration = Duration::from_secs(2);
const BACK: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_hangs_the_answer_is_503_and_comes_soon() {
    let redis = RedisServer::start("").await;
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let session = server.signed_in("ann").await;
    redis.freeze();
    let mut took = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let standing = server.standing(&session).await;
        took.push(began.elapsed());
        assert_eq!(standing, (503, "store_unavailable".into()));
    }
    // The first requests wait for the hanging connection and are the slowest.
    let quickest = took[..3].iter().min().unwrap();
    assert!(*quickest <= OUTAGE_TOLD, "{took:?}");
    assert!(took.iter().all(|took| *took <= AT_WORST), "{took:?}");
    redis.thaw();
    let began = Instant::now();
    until("the server serves", || async {
        server.standing(&session).await.0 == 200
    })
    .await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_redis_was_killed_and_started_again_the_server_serves_soon() {
    let mut redis = RedisServer::start(OUTLIVES_ITS_PROCESS).await;
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let live = server.signed_in("ann").await;
    let ended = server.signed_in("bob").await;
    let sign_out = server.post("/wx/logout").header("sessionid", &ended);
    assert_eq!(sign_out.send().await.unwrap().status(), 204);
    redis.kill();
    for session in [&live, &ended].repeat(10) {
        let standing = server.standing(session).await;
        assert_eq!(standing, (503, "store_unavailable".into()));
    }
    redis.restart();
    until("redis is back", || async {
        redis.ask::<String>("PING").await.is_ok()
    })
    .await;
    let began = Instant::now();
    until("the server serves", || async {
        server.standing(&live).await.0 == 200
    })
    .await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    assert_eq!(
        server.standing(&ended).await,
        (401, "session_expired".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_without_redis_and_serves_once_it_is_there() {
    let mut redis = RedisServer::start("").await;
    redis.kill();
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let body = serde_json::json!({ "code": server.code("ann") });
    let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    redis.restart();
    until("a user can sign in", || async {
        let body = serde_json::json!({ "code": server.code("ann") });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        answer.status() == 200
    })
    .await;
}
