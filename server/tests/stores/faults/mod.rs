//! Redis in trouble, as the clients of a server on it see it.

mod cluster;
mod killed;
mod load;
mod sentinels;
mod single;

use std::process::Stdio;

use wxsession_server::ring::KeyRing;

use crate::common::simulator;
use crate::program::{Running, program};

/// The program on this Redis, with nobody to read its log.
async fn on_redis(url: &str) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = folder.path().join("keyring");
    KeyRing::make(&ring).unwrap();
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
