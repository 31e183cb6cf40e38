//! Redis in trouble, as clients of the server see it.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

// Shared with the tests over HTTP.
#[path = "../http/account_scenarios.rs"]
mod account_scenarios;
mod accounts;
mod cluster;
// Shared with the tests over HTTP; these tests need only a part.
#[allow(dead_code)]
#[path = "../http/common.rs"]
mod common;
mod eviction;
mod killed;
mod load;
mod old_clients;
#[allow(dead_code)]
#[path = "../http/old_clients/world.rs"]
mod old_world;
// Shared with the tests over HTTP.
#[path = "../http/old_password.rs"]
mod old_password;
mod pair;
mod password_changes;
#[allow(dead_code)]
#[path = "../http/phone.rs"]
mod phone;
#[allow(dead_code)]
#[path = "../http/program.rs"]
mod program;
mod races;
// Shared with the tests of the stores: the Redis servers.
#[path = "../../../stores/tests/stores/rig/mod.rs"]
mod rig;
mod sentinels;
mod signed;
// Shared with the tests over HTTP.
#[allow(dead_code)]
#[path = "../http/signing.rs"]
mod signing;
mod single;

use std::process::Stdio;

use wxsession_stores::make_ring;

use crate::common::simulator;
use crate::program::{Running, program};

/// For tests of something else than the deadline of Redis, which is short: on a busy machine any call may miss it.
const PATIENT: [&str; 2] = ["--redis-deadline", "2000"];

/// Starts the program on this Redis. Nobody reads its log.
async fn on_redis(url: &str) -> (Running, tempfile::TempDir) {
    on_redis_with(&PATIENT, url, Stdio::null()).await
}

async fn on_redis_and_logged(url: &str, log: Stdio) -> (Running, tempfile::TempDir) {
    on_redis_with(&PATIENT, url, log).await
}

async fn on_redis_with(settings: &[&str], url: &str, log: Stdio) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = folder.path().join("keyring");
    make_ring(&ring).unwrap();
    let (wechat, api) = simulator().await;
    let mut command = program();
    command
        .args(["--store", "redis", "--keyring"])
        .arg(ring)
        // All clients have the same address.
        .args(["--sign-in-rate", "0"])
        .args(settings)
        .env("WXSESSION_REDIS", url)
        .stderr(log);
    let running = Running::launch(command, folder.path(), &wechat, &api);
    (running, folder)
}
