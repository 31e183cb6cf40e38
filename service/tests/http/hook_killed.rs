//! A password that changes while users sign in by the old one, and while the program is killed.

use std::path::Path;

use serde_json::{Value, json};
use tokio::task::{JoinSet, yield_now};
use wxsession_simulator::FakeWeChat;

use crate::common::{Server, simulator};
use crate::phone::password_of;
use crate::program::{Running, program};
use crate::user_database::{TOKEN, UserDatabase};

const ROUNDS: usize = 12;
const ATTEMPTS: usize = 8;

/// The program, which can be killed and started again on its store.
struct Program<'a> {
    database: &'a UserDatabase,
    folder: &'a Path,
    wechat: &'a FakeWeChat,
    api: &'a str,
    running: Option<(Running, String)>,
}

impl Program<'_> {
    fn start(&mut self) {
        self.running = None;
        let mut command = program();
        command
            .args(["--accounts-hook", &self.database.url()])
            .args(["--internal", "127.0.0.1:0", "--sign-in-rate", "0"])
            .env("WXSESSION_ACCOUNTS_HOOK_TOKEN", TOKEN);
        let mut running = Running::launch(command, self.folder, self.wechat, self.api);
        let internal = running.internal();
        self.running = Some((running, internal));
    }

    fn server(&self) -> Server {
        self.running.as_ref().unwrap().0.server.clone()
    }

    /// Ends every session of li.na, as her backend does after it has stored a new password.
    async fn end_sessions(&self) {
        let (running, internal) = self.running.as_ref().unwrap();
        let ask = running.server.http.post(format!("{internal}/sessions/end"));
        let answer = ask.json(&json!({ "user": "41" })).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }
}

/// The session of a sign-in by this password, if the program lived long enough to answer with one.
async fn attempt(server: Server, phone: String, password: String) -> Option<String> {
    let mut body = password_of("li.na", &password);
    body["code"] = server.code(&phone).into();
    let answer = server.post("/wx/onlogin").json(&body).send().await.ok()?;
    let body: Value = answer.json().await.ok()?;
    body["sessionid"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_sessions_are_ended_none_of_the_old_password_is_alive() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let database = UserDatabase::open().await;
    let mut program = Program {
        database: &database,
        folder: folder.path(),
        wechat: &wechat,
        api: &api,
        running: None,
    };
    program.start();
    let mut issued = 0;
    for round in 0..ROUNDS {
        let old = format!("password {round}");
        database.change_password("li.na", &old);
        let before = database.calls();
        let mut attempts = JoinSet::new();
        for number in 0..ATTEMPTS {
            let phone = format!("phone {number}");
            attempts.spawn(attempt(program.server(), phone, old.clone()));
        }
        // Each round changes the password at another point of these attempts.
        let mut sessions = Vec::new();
        while database.calls() < before + round % (ATTEMPTS + 1) && !attempts.is_empty() {
            sessions.extend(attempts.try_join_next().transpose().unwrap().flatten());
            yield_now().await;
        }
        database.change_password("li.na", "new");
        if round % 3 == 1 {
            program.start();
        }
        program.end_sessions().await;
        if round % 3 == 2 {
            program.start();
        }
        sessions.extend(attempts.join_all().await.into_iter().flatten());
        issued += sessions.len();
        for session in &sessions {
            let (status, _) = program.server().standing(session).await;
            assert_eq!(status, 401, "round {round}");
        }
    }
    assert!(issued > 0, "every attempt came too late");
}
