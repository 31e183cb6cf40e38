//! A disk that is full for a while, simulated by Linux's limit on the size of a process's files.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::{Server, problem, simulator};
use crate::program::Running;

/// How long the server may take to recover once there is room.
const DEADLINE: Duration = Duration::from_secs(10);

/// The program, started so that a file beyond the limit is an error instead of a fatal signal.
fn program() -> Command {
    let mut command = Command::new("sh");
    command
        .env_clear()
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_wxsession-server"))
        .args(["--idle-timeout", "4"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn room(running: &Running, bytes: &str) {
    let process = running.process.as_ref().unwrap().id().to_string();
    let limit = format!("--fsize={bytes}:");
    let mut command = Command::new("prlimit");
    let status = command.args(["--pid", &process, &limit]).status().unwrap();
    assert!(status.success());
}

async fn sign_in(server: &Server) -> reqwest::Response {
    let body = json!({ "code": server.code("bob") });
    server.post("/wx/onlogin").json(&body).send().await.unwrap()
}

#[tokio::test]
async fn a_full_disk_is_503_and_all_is_well_once_it_has_room_again() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::launch(program(), folder.path(), &wechat, &api);
    let server = &running.server;
    let session = server.signed_in("ann").await;

    room(&running, "0");
    let answer = sign_in(server).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(problem(answer).await, "store_unavailable");
    let sign_out = server.post("/wx/logout").header("sessionid", &session);
    let answer = sign_out.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(problem(answer).await, "store_unavailable");
    let standing = server.standing(&session).await;
    assert!(matches!(standing.0, 200 | 503), "{standing:?}");

    room(&running, "unlimited");
    let began = Instant::now();
    while sign_in(server).await.status() != 200 {
        assert!(began.elapsed() < DEADLINE, "the server does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The session outlives the idle timeout, so its use was written.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        assert_eq!(server.standing(&session).await.0, 200);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    for told in [
        "a session could not be looked up or stored",
        "File too large",
        "reopened",
    ] {
        assert!(logged.contains(told), "{told}: {logged}");
    }
    // The file is reopened every second while the disk is full.
    for line in ["its file was reopened", "could not be moved"] {
        assert!(logged.matches(line).count() <= 1, "{line}: {logged}");
    }
}
