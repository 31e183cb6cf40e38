//! The accounts hook as an operator configures it and sees it.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use wxsession_simulator::App;

use crate::common::simulator;
use crate::phone::Phone;
use crate::program::{Running, SECRET, program, refusal, secret_file};
use crate::user_database::{TOKEN, UserDatabase};

/// The program with this hook.
fn asking(database: &UserDatabase, folder: &Path) -> Command {
    let mut command = program();
    let token = folder.join("token");
    secret_file(&token, TOKEN);
    command
        .args(["--accounts-hook", &database.url()])
        .arg("--accounts-hook-token-file")
        .arg(token);
    command
}

fn text(output: Vec<u8>) -> String {
    String::from_utf8(output).unwrap()
}

#[tokio::test]
async fn no_credential_is_logged_at_any_level() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let database = UserDatabase::open().await;
    let mut command = asking(&database, folder.path());
    command.env("WXSESSION_LOG", "trace");
    let running = Running::launch(command, folder.path(), &wechat, &api);
    let mut phone = Phone::of(&running.server, "ann");
    let password = "password of 41";
    assert_eq!(phone.by_password("li.na", password).await, "account");
    let mut secrets: Vec<String> = phone.session.iter().cloned().collect();
    assert_eq!(
        phone.by_password("li.na", "hush-1").await,
        "credentials_wrong"
    );
    assert_eq!(phone.silently().await, "account");
    secrets.extend(phone.session.clone());
    database.answer(|| r#"{"user":"hush 2"}"#.into_response());
    assert_eq!(phone.silently().await, "accounts_unavailable");
    database.stop().await;
    assert_eq!(
        phone.by_password("li.na", "hush-3").await,
        "accounts_unavailable"
    );
    secrets.extend([phone.openid(), "li.na".into(), password.into()]);
    secrets.push("hush".into());
    running.stop();
    let logged = text(running.end().stderr);
    assert_eq!(logged.matches("WARN").count(), 2, "{logged}");
    assert!(logged.contains("no header can carry") && logged.contains("cannot be reached"));
    for secret in secrets {
        assert!(!logged.contains(&secret), "{secret} in {logged}");
    }
}

#[tokio::test]
async fn an_operator_sees_how_the_hook_does() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let database = UserDatabase::open().await;
    let mut command = asking(&database, folder.path());
    command.args(["--internal", "127.0.0.1:0"]);
    let mut running = Running::launch(command, folder.path(), &wechat, &api);
    let internal = running.internal();
    let server = running.server.clone();
    let told = async |path: &str| {
        let answer = server.http.get(format!("{internal}{path}")).send().await;
        answer.unwrap().text().await.unwrap()
    };
    let state = async || {
        let details: Value = serde_json::from_str(&told("/readyz").await).unwrap();
        details["accounts"].clone()
    };
    let mut phone = Phone::of(&running.server, "ann");
    assert_eq!(phone.silently().await, "guest");
    assert_eq!(state().await, "closed");
    database.stop().await;
    for _ in 0..10 {
        assert_eq!(phone.silently().await, "accounts_unavailable");
    }
    assert_eq!(state().await, "open");
    let measures = told("/metrics").await;
    for line in [
        r#"wxsession_accounts_seconds_count{outcome="answered"} 1"#,
        r#"wxsession_accounts_seconds_count{outcome="unreachable"} 10"#,
        "wxsession_accounts_breaker_open 1",
        r#"wxsession_sign_ins_total{outcome="accounts_unavailable"} 10"#,
    ] {
        assert!(measures.contains(line), "{line} in {measures}");
    }
}

#[tokio::test]
async fn to_end_the_sessions_of_a_wechat_user_is_to_end_those_of_the_linked_account() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let database = UserDatabase::open().await;
    let mut command = asking(&database, folder.path());
    command.args(["--internal", "127.0.0.1:0"]);
    let mut running = Running::launch(command, folder.path(), &wechat, &api);
    let url = format!("{}/sessions/end", running.internal());
    let mut phone = Phone::of(&running.server, "ann");
    database.link(&phone.openid(), "41");
    assert_eq!(phone.silently().await, "account");
    let whose = json!({ "appid": App::simulated().appid, "openid": phone.openid() });
    let end = async || {
        let answer = running.server.http.post(&url).json(&whose).send().await;
        answer.unwrap().status()
    };
    database.stop().await;
    assert_eq!(end().await, 503);
    database.start_again().await;
    // Who is blocked may be anybody, and would stay signed in.
    database.block("41");
    assert_eq!(end().await, 503);
    let (status, _) = running
        .server
        .standing(phone.session.as_ref().unwrap())
        .await;
    assert_eq!(status, 200);
    database.unblock("41");
    assert_eq!(end().await, 204);
    let (_, ended) = running.server.standing(&phone.session.unwrap()).await;
    assert_eq!(ended, "session_revoked");
}

/// Tries this hook out, as this user if there is one. Returns whether all is well, and what was told.
fn tried(url: &str, user: Option<(&str, &str)>) -> (bool, String) {
    let mut command = program();
    command.args(["check-hook", "--accounts-hook", url]);
    command.env("WXSESSION_ACCOUNTS_HOOK_TOKEN", TOKEN);
    if let Some((identifier, _)) = user {
        command.args(["--user", identifier]);
    }
    let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let password = user.map_or("", |(_, password)| password);
    // Without a user nobody reads it.
    let _ = writeln!(input, "{password}");
    drop(input);
    let output = process.wait_with_output().unwrap();
    let told = text(output.stdout) + &text(output.stderr);
    (output.status.success(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_tried_out_before_it_is_used() {
    let database = UserDatabase::open().await;
    let asked = |told: &str| told.lines().filter(|line| line.starts_with("ok ")).count();
    let (is_right, told) = tried(&database.url(), None);
    assert!(is_right && told.contains("--user"), "{told}");
    assert_eq!(asked(&told), database.calls(), "{told}");
    let before = database.calls();
    let ann = ("li.na", "password of 41");
    let (is_right, told) = tried(&database.url(), Some(ann));
    assert!(is_right && !told.contains("--user"), "{told}");
    assert_eq!(asked(&told), database.calls() - before, "{told}");
    assert!(!told.contains(ann.1), "{told}");
    let (is_right, told) = tried(&database.url(), Some(("li.na", "a wrong one")));
    assert!(
        !is_right && told.contains("1 of 9 answers is wrong"),
        "{told}"
    );
    let (is_right, told) = tried(&database.url(), Some(("li.na", "")));
    assert!(!is_right && told.contains("standard input"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_hook_is_told_once_with_its_remedy() {
    let database = UserDatabase::open().await;
    let ann = Some(("li.na", "password of 41"));
    let answers: [(u16, &str, &str, usize); 5] = [
        // This lets everybody in.
        (200, r#"{"user":"41"}"#, "answer 401", 8),
        // A number, of which only a user who exists can tell.
        (200, r#"{"user":41}"#, "with the id as text", 9),
        // Something in front of the hook that asks for a session.
        (401, "{}", "in front of the hook", 1),
        (404, "Cannot POST /sign-in", "has nothing there", 1),
        (405, "", "has nothing there", 1),
    ];
    for (status, body, remedy, wrong) in answers {
        let status = StatusCode::from_u16(status).unwrap();
        database.answer(move || (status, body).into_response());
        let (is_right, told) = tried(&database.url(), ann);
        assert!(!is_right && told.contains(remedy), "{told}");
        assert_eq!(told.matches("WRONG").count(), wrong, "{told}");
    }
    database.stop().await;
    let (is_right, told) = tried(&database.url(), ann);
    assert!(!is_right && told.contains("start your backend"), "{told}");
    assert!(told.contains("refused"), "{told}");
    assert_eq!(told.matches("WRONG").count(), 1, "{told}");
}

#[test]
fn a_hook_that_cannot_be_used_stops_the_start_and_is_not_repeated() {
    let start = |hook: &str| {
        let mut command = program();
        command
            .args(["--appid", "wx0123456789abcdef", "--store", "memory"])
            .args(["--accounts-hook", hook])
            .env("WXSESSION_SECRET", SECRET);
        refusal(&mut command)
    };
    for hook in [
        "users.example.com/hush",
        "http://user:hush@127.0.0.1/",
        "http://127.0.0.1/?token=hush",
        "unix:hush.sock",
    ] {
        let told = start(hook);
        assert!(told.contains("--accounts-hook"), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
    let told = refusal(program().arg("check-hook"));
    assert!(told.contains("--accounts-hook"), "{told}");
}

#[test]
fn a_token_without_a_hook_stops_the_start() {
    let mut command = program();
    command
        .args(["--appid", "wx0123456789abcdef", "--store", "memory"])
        .env("WXSESSION_SECRET", SECRET)
        .env("WXSESSION_ACCOUNTS_HOOK_TOKEN", "hush");
    let told = refusal(&mut command);
    assert!(told.contains("--accounts-hook"), "{told}");
}

#[test]
fn a_hook_whose_passwords_would_be_read_on_the_way_is_warned_of() {
    // Taken, so that the start ends once the settings are read.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    for (hook, is_exposed) in [
        ("http://users.example.com/sign-in", true),
        ("https://users.example.com/sign-in", false),
        ("http://127.0.0.1:3001/sign-in", false),
    ] {
        let mut command = program();
        command
            .args(["--appid", "wx0123456789abcdef", "--store", "memory"])
            .args(["--listen", &taken.local_addr().unwrap().to_string()])
            .args(["--accounts-hook", hook])
            .env("WXSESSION_SECRET", SECRET);
        let told = refusal(&mut command);
        assert_eq!(told.contains("unencrypted"), is_exposed, "{hook}: {told}");
    }
}
