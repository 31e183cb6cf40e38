//! The program as an operator runs it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::json;
use wxsession_simulator::{App, Fault, Faults, WeChat};

use crate::common::{Server, client_of_the_server, problem, simulator};

/// The program with nothing set but what is said here.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wxsession-server"));
    command
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Running {
    /// Nothing once it was waited for.
    process: Option<Child>,
    server: Server,
}

impl Running {
    async fn start(data: &Path, wechat: &WeChat, api: &str) -> Self {
        let app = App::simulated();
        let mut process = program()
            .args([
                "--listen",
                "127.0.0.1:0",
                "--appid",
                &app.appid,
                "--wechat-api",
                api,
            ])
            .arg("--data")
            .arg(data)
            .env("WXSESSION_SECRET", app.secret)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim_end()
            .strip_prefix("listening on ")
            .expect(&line)
            .to_owned();
        let server = Server {
            url,
            wechat: wechat.clone(),
            http: client_of_the_server(),
        };
        Self {
            process: Some(process),
            server,
        }
    }

    /// Asks it to stop, as an operating system does.
    fn stop(&self) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Its exit, and what it logged.
    fn end(mut self) -> Output {
        self.process.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Running {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[tokio::test]
async fn a_session_survives_a_restart() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("made/by/the/server");
    let first = Running::start(&data, &wechat, &api).await;
    let kept = first.server.signed_in("ann").await;
    let ended = first.server.signed_in("ann").await;
    first
        .server
        .post("/wx/logout")
        .header("sessionid", &ended)
        .send()
        .await
        .unwrap();
    first.stop();
    assert!(first.end().status.success());

    let second = Running::start(&data, &wechat, &api).await;
    assert_eq!(second.server.standing(&kept).await.0, 200);
    assert_eq!(
        second.server.standing(&ended).await,
        (401, "session_expired".into())
    );
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_logs_no_secret() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    wechat.faults(Faults::delay(Duration::from_millis(400)));
    let code = running.server.code("ann");
    let ask = running
        .server
        .post("/wx/onlogin")
        .json(&json!({ "code": code }))
        .send();
    let ask = tokio::spawn(ask);
    tokio::time::sleep(Duration::from_millis(150)).await;
    running.stop();
    assert_eq!(ask.await.unwrap().unwrap().status(), 200);
    let output = running.end();
    assert!(output.status.success());
    let logged = String::from_utf8(output.stderr).unwrap();
    let App { appid, secret } = App::simulated();
    for hidden in [secret, code, wechat.openid(&appid, "ann")] {
        assert!(!logged.contains(&hidden), "{logged}");
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &wechat, &api).await;
    drop(running.process.as_mut().unwrap().stderr.take());
    wechat.faults(Faults::next([Fault::Busy]));
    let body = json!({ "code": running.server.code("ann") });
    let ask = || running.server.post("/wx/onlogin").json(&body).send();
    assert_eq!(problem(ask().await.unwrap()).await, "wechat_unavailable");
    assert_eq!(ask().await.unwrap().status(), 200);
}

/// What a start that must fail says.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_missing_setting_stops_the_start_and_names_itself() {
    let text = refusal(&mut program());
    assert!(text.contains("--appid"), "{text}");
    let text = refusal(program().args(["--appid", "wx0123456789abcdef"]));
    assert!(
        text.contains("WXSESSION_SECRET") && text.contains("--secret-file"),
        "{text}"
    );
}

#[test]
fn a_wrong_setting_stops_the_start_and_names_itself() {
    let start = || {
        let mut command = program();
        command
            .env("WXSESSION_APPID", "wx0123456789abcdef")
            .env("WXSESSION_SECRET", "hush");
        command
    };
    let text = refusal(start().env("WXSESSION_IDLE_TIMEOUT", "soon"));
    assert!(
        text.contains("--idle-timeout") && text.contains("soon"),
        "{text}"
    );
    let text = refusal(start().args(["--data", "/dev/null/folder"]));
    assert!(text.contains("--data"), "{text}");
    let text = refusal(start().args(["--store", "memory", "--listen", "192.0.2.1:1"]));
    assert!(text.contains("--listen"), "{text}");
}

#[tokio::test]
async fn a_malformed_key_ring_stops_the_start_and_names_the_line() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    running.stop();
    running.end();
    let path = folder.path().join("keyring");
    let ring = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{ring}2 short\n")).unwrap();
    let text = refusal(
        program()
            .args(["--appid", "wx0123456789abcdef", "--data"])
            .arg(folder.path())
            .env("WXSESSION_SECRET", "hush"),
    );
    assert!(
        text.contains("keyring") && text.contains("line 2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_lost_key_ring_stops_the_start_and_names_the_remedy() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    let session = running.server.signed_in("ann").await;
    running.stop();
    running.end();
    let (ring, kept) = (folder.path().join("keyring"), folder.path().join("kept"));
    std::fs::rename(&ring, &kept).unwrap();
    let text = refusal(
        program()
            .args(["--appid", "wx0123456789abcdef", "--listen", "192.0.2.1:1"])
            .arg("--data")
            .arg(folder.path())
            .env("WXSESSION_SECRET", "hush"),
    );
    assert!(
        text.contains(ring.to_str().unwrap()) && text.contains("remove sessions.redb"),
        "{text}"
    );
    assert!(!ring.exists());

    std::fs::rename(&kept, &ring).unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    assert_eq!(running.server.standing(&session).await.0, 200);
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_told_so() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::start(folder.path(), &wechat, &api).await;
    let text = refusal(
        program()
            .args(["--appid", "wx0123456789abcdef", "--data"])
            .arg(folder.path())
            .env("WXSESSION_SECRET", "hush"),
    );
    assert!(text.contains("another server"), "{text}");
}
