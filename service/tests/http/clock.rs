//! Setting the wall clock while sessions live.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wxsession_simulator::FakeWeChat;

use crate::common::{Server, WEEK, simulator};
use crate::program::{Running, program};

/// A wall clock for the program alone. The monotonic clock remains the machine's.
struct Clock {
    folder: tempfile::TempDir,
}

impl Clock {
    fn new() -> Self {
        let clock = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        clock.set("+0d");
        clock
    }

    /// Sets the offset from the machine's clock, such as `+8d`.
    fn set(&self, offset: &str) {
        let next = self.folder.path().join("next");
        std::fs::write(&next, offset).unwrap();
        std::fs::rename(next, self.offset()).unwrap();
    }

    fn offset(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    fn start(&self, data: &Path, wechat: &FakeWeChat, api: &str) -> Running {
        let mut command = program();
        command
            .env("LD_PRELOAD", libfaketime())
            .env("FAKETIME_TIMESTAMP_FILE", self.offset())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Running::launch(command, data, wechat, api)
    }
}

fn libfaketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    folders
        .map(|folder| folder.unwrap().path().join("faketime/libfaketimeMT.so.1"))
        .chain(["/usr/lib/faketime/libfaketimeMT.so.1".into()])
        .find(|library| library.exists())
        .expect("libfaketime is not installed; type `cargo xtask setup`, or `sudo apt-get install faketime`")
}

/// Checks that a session lives, and that its deadline is no further ahead than at its start.
async fn lives(server: &Server, session: &str) {
    let ask = server.get("/wx/session").header("sessionid", session);
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: serde_json::Value = answer.json().await.unwrap();
    let left = Duration::from_secs(body["expires_in"].as_u64().unwrap());
    let passed = WEEK.absolute.checked_sub(left).unwrap();
    assert!(passed < Duration::from_secs(300), "{passed:?}");
}

/// The program's current day, from the `Date` header of its answers.
async fn today(server: &Server) -> String {
    let answer = server.get("/wx/session").send().await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap();
    date[..16].to_owned()
}

#[tokio::test]
async fn a_clock_that_is_set_ends_no_session_and_revives_none() {
    let (wechat, api) = simulator().await;
    let (clock, data) = (Clock::new(), tempfile::tempdir().unwrap());
    let running = clock.start(data.path(), &wechat, &api);
    let server = &running.server;
    let first = server.signed_in("ann").await;
    let ended = server.signed_in("ann").await;
    let sign_out = server.post("/wx/logout").header("sessionid", &ended);
    assert_eq!(sign_out.send().await.unwrap().status(), 204);
    let day = today(server).await;

    clock.set("+30d");
    // The new time is past every deadline. The program reads the date once a second.
    while today(server).await == day {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    lives(server, &first).await;
    let second = server.signed_in("ann").await;

    clock.set("-30d");
    for session in [&first, &second, &server.signed_in("ann").await] {
        lives(server, session).await;
    }
    assert_eq!(server.standing(&ended).await.0, 401);

    // The store's clock only moves forward, even across a restart.
    running.stop();
    running.end();
    let running = clock.start(data.path(), &wechat, &api);
    for session in [&first, &second] {
        lives(&running.server, session).await;
    }
    assert_eq!(running.server.standing(&ended).await.0, 401);
}
