//! Redis in trouble, as the clients of a server on it see it.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod cluster;
// What the tests over HTTP have in common; not all of it is needed here.
#[allow(dead_code)]
#[path = "../http/common.rs"]
mod common;
mod killed;
mod load;
#[allow(dead_code)]
#[path = "../http/program.rs"]
mod program;
// The Redis servers of the stores' own tests.
#[path = "../../../stores/tests/stores/rig/mod.rs"]
mod rig;
mod sentinels;
mod single;

use std::process::Stdio;

use wxsession_stores::make_ring;

use crate::common::simulator;
use crate::program::{Running, program};

/// The program on this Redis, with nobody to read its log.
async fn on_redis(url: &str) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = folder.path().join("keyring");
    make_ring(&ring).unwrap();
    let (wechat, api) = simulator().await;
    let mut command = program();
    command
        .args(["--store", "redis", "--keyring"])
        .arg(ring)
        // All who come are of one address.
        .args(["--sign-in-rate", "0"])
        .env("WXSESSION_REDIS", url)
        .stderr(Stdio::null());
    let running = Running::launch(command, folder.path(), &wechat, &api);
    (running, folder)
}
