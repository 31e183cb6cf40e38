//! A start on a large file that was not closed properly, so that all of it is read first.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use reqwest::Response;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{FOR_EVER, Store};
use wxsession_stores::{RedbStore, make_ring};

use crate::common::{problem, simulator};
use crate::program::{Running, program, refusal};

/// More than a file has that is read in a moment.
const LARGE: u64 = 70 << 20;

/// Leaves the file of a server that was killed when it had just made the file larger.
async fn killed(data: &Path) {
    let (open, path) = (data.join("open"), data.join("sessions.redb"));
    let store = RedbStore::open(&open).unwrap();
    let swap = store.swap(UserKey([7; 16]), None, Some(vec![7]), FOR_EVER);
    assert!(swap.await.unwrap());
    fs::copy(&open, &path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(LARGE).unwrap();
}

/// A folder whose store cannot be opened before somebody writes the key ring into its pipe. Returns the ring.
async fn waiting_for_its_ring(data: &Path) -> String {
    killed(data).await;
    let (ring, pipe) = (data.join("ring"), data.join("keyring"));
    make_ring(&ring).unwrap();
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&pipe)
        .status();
    assert!(made.unwrap().success());
    fs::read_to_string(ring).unwrap()
}

fn log_of(output: Output) -> String {
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn until_its_store_is_open_a_server_listens_and_asks_everybody_to_come_back() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let ring = waiting_for_its_ring(folder.path()).await;
    let mut command = program();
    command.args(["--internal", "127.0.0.1:0"]);
    let mut running = Running::launch(command, folder.path(), &wechat, &api);
    let internal = running.internal();
    let server = running.server.clone();
    let ask = async |url: String| server.http.get(url).send().await.unwrap();
    let inside = async |path: &str| ask(format!("{internal}{path}")).await;
    let outside = async |path: &str| ask(format!("{}{path}", server.url)).await;

    assert_eq!(outside("/healthz").await.status(), 200);
    assert_eq!(inside("/healthz").await.status(), 200);
    let told = async |answer: Response| {
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    assert_eq!(
        told(outside("/readyz").await).await,
        (503, json!({ "ready": false }))
    );
    let opening = json!({ "ready": false, "store": "opening" });
    assert_eq!(told(inside("/readyz").await).await, (503, opening));
    let code = server.code("ann");
    let body = json!({ "code": code });
    let sign_in = || server.post("/wx/onlogin").json(&body).send();
    for answer in [
        sign_in().await.unwrap(),
        outside("/wx/session").await,
        outside("/anything").await,
        inside("/verify").await,
        inside("/verify/orders").await,
        inside("/metrics").await,
    ] {
        assert_eq!(answer.status(), 503);
        assert_eq!(problem(answer).await, "store_unavailable");
    }
    assert_eq!(wechat.counts().exchanges, 0);

    // The same connections serve on.
    let pipe = folder.path().join("keyring");
    spawn_blocking(|| fs::write(pipe, ring))
        .await
        .unwrap()
        .unwrap();
    while outside("/readyz").await.status() != 200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(told(inside("/readyz").await).await.0, 200);
    assert_eq!(sign_in().await.unwrap().status(), 200);
    running.stop();
    let output = running.end();
    assert!(output.status.success());
    let logged = log_of(output);
    assert!(logged.contains("all of it is read first"), "{logged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_can_be_stopped_before_its_store_is_open() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    waiting_for_its_ring(folder.path()).await;
    let running = Running::start(folder.path(), &wechat, &api).await;
    running.stop();
    assert!(running.end().status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_while_the_server_listens_stops_it_with_the_same_error() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    waiting_for_its_ring(folder.path()).await;
    let running = Running::start(folder.path(), &wechat, &api).await;
    let pipe = folder.path().join("keyring");
    spawn_blocking(|| fs::write(pipe, "1 short\n"))
        .await
        .unwrap()
        .unwrap();
    let output = running.end();
    assert!(!output.status.success());
    let logged = log_of(output);
    let last = logged.lines().last().unwrap();
    assert!(
        last.contains("error: --data") && last.contains("line 1"),
        "{logged}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_that_another_server_uses_is_told_before_anything_is_listened_on() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    waiting_for_its_ring(folder.path()).await;
    let running = Running::start(folder.path(), &wechat, &api).await;
    let listen = running.server.url.trim_start_matches("http://");
    let text = refusal(
        program()
            .args([
                "--appid",
                "wx0123456789abcdef",
                "--listen",
                listen,
                "--data",
            ])
            .arg(folder.path())
            .env("WXSESSION_SECRET", crate::program::SECRET),
    );
    assert!(text.contains("another server"), "{text}");
}
