//! A single Redis server that hangs or is gone.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{on_redis, on_redis_and_logged, on_redis_with};
use crate::common::problem;
use crate::rig::{OUTLIVES_ITS_PROCESS, RedisServer, until};

/// The store's deadline is 100 ms. The rest is room for a busy machine; the bench measures the exact time.
const OUTAGE_TOLD: Duration = Duration::from_millis(300);
const AT_WORST: Duration = Duration::from_secs(2);
const BACK: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_hangs_the_answer_is_503_and_comes_soon() {
    let redis = RedisServer::start("").await;
    let (running, _folder) = on_redis_with(&[], &redis.url(), Stdio::null()).await;
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

/// How often Redis has run this command.
async fn calls(redis: &RedisServer, command: &str) -> u32 {
    let line = redis.info(&format!("cmdstat_{command}")).await;
    let calls = line
        .strip_prefix("calls=")
        .and_then(|line| line.split(',').next());
    calls.map_or(0, |calls| calls.parse().unwrap())
}

/// With the advised `noeviction`, a Redis that is full answers reads and refuses writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_full_ends_no_session_floods_no_log_and_costs_no_code() {
    const REQUESTS: u32 = 500;
    let redis = RedisServer::start("maxmemory-policy noeviction\n").await;
    let (running, _folder) = on_redis_and_logged(&redis.url(), Stdio::piped()).await;
    let server = &running.server;
    // The first use of a session moves its deadline at once.
    let session = server.signed_in("ann").await;
    redis.tell("CONFIG SET maxmemory 1").await;
    let (reads, writes) = (calls(&redis, "get").await, calls(&redis, "evalsha").await);
    let began = Instant::now();
    for _ in 0..REQUESTS {
        assert_eq!(server.standing(&session).await.0, 200);
    }
    // While nobody signs in, deadlines alone are written: one a minute for each user. What it takes to find out that Redis
    // has room again comes four times a second at most, with four probes each.
    let probes = 4 * (4 * began.elapsed().as_secs() as u32 + 4);
    let writes = calls(&redis, "evalsha").await - writes;
    assert!(writes <= 2 + probes, "{writes} writes, {probes} probes");
    let reads = calls(&redis, "get").await - reads;
    assert!(reads <= REQUESTS + 2 * (2 + probes), "{reads} reads");

    let codes: Vec<_> = (0..20).map(|_| server.code("bob")).collect();
    let ask = |code: &str| {
        let body = serde_json::json!({ "code": code });
        server.post("/wx/onlogin").json(&body).send()
    };
    for code in &codes {
        let answer = ask(code).await.unwrap();
        assert_eq!(problem(answer).await, "store_unavailable");
    }
    assert!(server.wechat.counts().exchanges <= 1 + 5);
    redis.tell("CONFIG SET maxmemory 0").await;
    until("a user can sign in", || async {
        ask(&codes[0]).await.unwrap().status() == 200
    })
    .await;
    for code in &codes[1..] {
        assert_eq!(ask(code).await.unwrap().status(), 200);
    }
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    let lines = logged.lines().filter(|line| !line.contains(" INFO "));
    assert_eq!(lines.count(), 2, "a deadline and a sign-in: {logged}");
}

/// A proxy between the server and Redis may cut connections all the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_again_and_again_floods_no_log() {
    let redis = RedisServer::start("").await;
    let (running, _folder) = on_redis_and_logged(&redis.url(), Stdio::piped()).await;
    let server = &running.server;
    let session = server.signed_in("ann").await;
    for _ in 0..20 {
        redis.tell("CLIENT KILL TYPE normal SKIPME yes").await;
        until("the server serves", || async {
            server.standing(&session).await.0 == 200
        })
        .await;
    }
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    let lines = |part: &str| logged.lines().filter(|line| line.contains(part)).count();
    assert_eq!(lines("a connection to Redis is abandoned"), 1, "{logged}");
    // On a busy machine a connection may be cut while it is being made.
    let outages = lines("Redis cannot be used");
    assert!(outages <= 1, "{logged}");
    let connected = lines("connected to Redis");
    assert!(
        (2..=2 + outages).contains(&connected),
        "at first, and after what was told: {logged}"
    );
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
