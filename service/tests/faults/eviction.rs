//! A Redis that drops values when it is full.

use std::process::Stdio;

use wxsession_simulator::App;
use wxsession_stores::make_ring;

use super::on_redis_and_logged;
use crate::common::simulator;
use crate::program::program;
use crate::rig::{RedisServer, until};

const LIMITED: &str = "maxmemory 100mb\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_says_once_at_its_start_that_redis_drops_values() {
    for (policy, lines) in [("volatile-lru", 1), ("noeviction", 0)] {
        let redis = RedisServer::start(&format!("{LIMITED}maxmemory-policy {policy}\n")).await;
        let (running, _folder) = on_redis_and_logged(&redis.url(), Stdio::piped()).await;
        // The clock is read once a second, and the policy after the first reading.
        until("the clock is read again", || async {
            !redis.info("cmdstat_time").await.starts_with("calls=1,")
                && redis.info("cmdstat_time").await.starts_with("calls=")
        })
        .await;
        running.stop();
        let logged = String::from_utf8(running.end().stderr).unwrap();
        let warned = logged.lines().filter(|line| line.contains(" WARN "));
        assert_eq!(warned.count(), lines, "{logged}");
        assert_eq!(logged.contains("maxmemory-policy noeviction"), lines == 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_says_that_redis_drops_values_and_what_to_do() {
    let redis = RedisServer::start(&format!("{LIMITED}maxmemory-policy allkeys-lru\n")).await;
    let (_wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let ring = folder.path().join("keyring");
    make_ring(&ring).unwrap();
    let app = App::simulated();
    let mut check = program();
    check.args(["check", "--wechat-api", &api, "--appid", &app.appid]);
    check.args(["--store", "redis", "--keyring"]).arg(&ring);
    check.env("WXSESSION_SECRET", app.secret);
    check.env("WXSESSION_REDIS", redis.url());
    let mut said = || {
        let output = check.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), text)
    };
    let (is_right, text) = said();
    let wrong = "WRONG Redis, when it is full: drops values, by maxmemory-policy allkeys-lru";
    assert!(!is_right && text.contains(wrong), "{text}");
    assert!(text.contains("set maxmemory-policy noeviction"), "{text}");
    redis.tell("CONFIG SET maxmemory-policy noeviction").await;
    let (is_right, text) = said();
    let right = "ok    Redis, when it is full: keeps what it has";
    assert!(is_right && text.contains(right), "{text}");
    redis.tell("ACL SETUSER default -info").await;
    let (is_right, text) = said();
    assert!(is_right && text.contains("does not tell"), "{text}");
}
