//! The program as an operator runs it.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use wxsession_simulator::{App, Fault, Faults};
use wxsession_stores::RedbStore;

use crate::common::{problem, simulator};
use crate::program::{Running, SECRET, program, refusal};

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
    while wechat.counts().exchanges == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
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

/// Ctrl-C, a supervisor, an operator, and a terminal that is closed.
#[cfg(unix)]
#[tokio::test]
async fn every_signal_that_ends_a_process_lets_it_finish_first() {
    for signal in ["-INT", "-TERM", "-QUIT", "-HUP"] {
        let (wechat, api) = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(folder.path(), &wechat, &api).await;
        wechat.faults(Faults::delay(Duration::from_millis(400)));
        let body = json!({ "code": running.server.code("ann") });
        let ask = running.server.post("/wx/onlogin").json(&body).send();
        let ask = tokio::spawn(ask);
        while wechat.counts().exchanges == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.signal(signal);
        assert_eq!(ask.await.unwrap().unwrap().status(), 200, "{signal}");
        assert!(running.end().status.success(), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_is_to_outlive_its_terminal_does() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
    command.arg(program().get_program());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = Running::launch(command, folder.path(), &wechat, &api);
    running.signal("-HUP");
    for _ in 0..20 {
        let ready = running.server.get("/readyz").send().await.unwrap();
        assert_eq!(ready.status(), 200);
    }
    running.signal("-TERM");
    assert!(running.end().status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_whose_reader_stalls_stops_neither_requests_nor_a_stop() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--log", "trace", "--internal", "127.0.0.1:0"]);
    let mut running = Running::launch(command, folder.path(), &wechat, &api);
    let metrics = format!("{}/metrics", running.internal());
    let is_dropping = async || {
        let told = running.server.http.get(&metrics).send().await.unwrap();
        let told = told.text().await.unwrap();
        let dropped = told.lines().find_map(|line| line.strip_prefix(DROPPED));
        dropped.is_some_and(|count| count.trim() != "0")
    };
    while !is_dropping().await {
        let healthy = running.server.get("/healthz").send().await.unwrap();
        assert_eq!(healthy.status(), 200);
    }
    running.stop();
    // Only now does anybody read.
    let status = running.process.as_mut().unwrap().wait().unwrap();
    assert!(status.success());
}

/// The line of the measure, without its value.
#[cfg(unix)]
const DROPPED: &str = "wxsession_log_lines_dropped_total ";

#[tokio::test]
async fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &wechat, &api).await;
    drop(running.process.as_mut().unwrap().stderr.take());
    wechat.faults(Faults::next([Fault::OverQuota]));
    let body = json!({ "code": running.server.code("ann") });
    let ask = || running.server.post("/wx/onlogin").json(&body).send();
    assert_eq!(problem(ask().await.unwrap()).await, "wechat_unavailable");
    assert_eq!(ask().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_log_begins_with_what_is_served_and_warns_of_what_is_probably_a_mistake() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let told = |settings: &[&str], variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(settings).envs(variables.iter().copied());
        let running = Running::launch_as_told(command, folder.path(), &wechat, &api);
        running.stop();
        String::from_utf8(running.end().stderr).unwrap()
    };
    let app = App::simulated();
    let usual = told(
        &["--appid", &app.appid],
        &[("WXSESSION_SECRET", &app.secret)],
    );
    let first = usual.lines().next().unwrap();
    for part in [env!("CARGO_PKG_VERSION"), &app.appid, "redb in "] {
        assert!(first.contains(part), "{part}: {usual}");
    }
    let warning = |log: &str, part: &str| {
        let mut lines = log.lines();
        lines.any(|line| line.contains("WARN") && line.contains(part))
    };
    let odd = told(
        &[
            "--appid",
            "wxzzzzzzzzzzzzzzzz",
            "--trusted-proxy",
            "0.0.0.0/0",
            "--internal",
            "127.0.0.1:0",
        ],
        &[
            ("WXSESSION_SECRET", &"z".repeat(32)),
            ("WXSESSION_INTERNAL_TOKEN", "guess-me"),
            ("WXSESSION_IDEL_TIMEOUT", "60"),
        ],
    );
    for part in [
        "--appid (",
        "WXSESSION_SECRET is",
        "0.0.0.0/0",
        "openssl rand",
        "--idle-timeout",
    ] {
        assert!(warning(&odd, part), "{part}: {odd}");
        assert!(!warning(&usual, part), "{part}: {usual}");
    }
    assert!(
        !odd.contains("guess-me") && !odd.contains("zzzzzzzzzzzzzzzzzzzz"),
        "{odd}"
    );
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
            .env("WXSESSION_SECRET", SECRET);
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
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let free = "127.0.0.1:0";
    for (setting, addresses) in [
        ("--listen", [&*taken, free]),
        ("--internal", [free, &*taken]),
    ] {
        let mut command = start();
        command.args([
            "--store",
            "memory",
            "--listen",
            addresses[0],
            "--internal",
            addresses[1],
        ]);
        let text = refusal(&mut command);
        let told =
            format!("{setting}: {taken} cannot be listened on: another program listens there");
        assert!(
            text.contains(&told) && text.contains("another port"),
            "{text}"
        );
    }
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
            .env("WXSESSION_SECRET", SECRET),
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
            .env("WXSESSION_SECRET", SECRET),
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
async fn a_first_start_that_was_killed_before_it_made_a_key_ring_is_a_first_start_again() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    drop(RedbStore::open(&folder.path().join("sessions.redb")).unwrap());
    let running = Running::start(folder.path(), &wechat, &api).await;
    running.server.signed_in("ann").await;
    assert!(folder.path().join("keyring").exists());
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
            .env("WXSESSION_SECRET", SECRET),
    );
    assert!(text.contains("another server"), "{text}");
}

#[tokio::test]
async fn damaged_files_stop_the_start_and_name_the_remedy() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    running.stop();
    running.end();
    for name in ["sessions.redb", "keyring"] {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[..8].fill(0xff);
        std::fs::write(&path, damaged).unwrap();
        let text = refusal(
            program()
                .args(["--appid", "wx0123456789abcdef", "--data"])
                .arg(folder.path())
                .env("WXSESSION_SECRET", SECRET),
        );
        assert!(text.contains(path.to_str().unwrap()), "{text}");
        assert!(text.contains("restore it"), "{text}");
        std::fs::write(&path, whole).unwrap();
    }
}
