//! Accounts that the program keeps in redb.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use wxsession_server::contract::TimedStore;
use wxsession_service::accounts::Authority;

use crate::account_scenarios as scenarios;
use crate::common::{Server, WEEK, simulator};
use crate::phone::{Phone, password_of};
use crate::program::{Running, program, refusal};

const PASSWORD: &str = "ktqwmvze";
const HOUR: Duration = Duration::from_secs(3600);

/// The program with accounts, and its folder.
async fn start(settings: &[&str]) -> (Running, tempfile::TempDir) {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--accounts", "built-in", "--sign-in-rate", "0"]);
    command.args(settings);
    let running = Running::launch(command, folder.path(), &wechat, &api);
    (running, folder)
}

#[tokio::test]
async fn a_user_is_the_same_on_another_phone_and_to_every_backend() {
    let (mut running, _folder) = start(&["--internal", "127.0.0.1:0"]).await;
    let internal = running.internal();
    let server = &running.server;
    scenarios::a_user_is_the_same_on_another_phone(server, server).await;
    let mut ben = Phone::of(server, "one-ben");
    assert_eq!(ben.by_password("one.li.na", PASSWORD).await, "account");
    let ask = server.http.get(format!("{internal}/verify"));
    let ask = ask.header("sessionid", ben.session.clone().unwrap());
    let verified = ask.send().await.unwrap();
    let told = |name: &str| verified.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(told("x-wx-user"), Phone::of(server, "one-ann").guest());
    assert_eq!(told("x-wx-openid"), ben.openid());
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_are_answered_alike() {
    let (running, _folder) = start(&[]).await;
    scenarios::wrong_names_and_wrong_passwords_are_answered_alike(&running.server, 6).await;
}

#[tokio::test]
async fn a_guest_who_registers_stays_the_same_user() {
    let (running, _folder) = start(&[]).await;
    scenarios::a_guest_who_registers_stays_the_same_user(&running.server, &running.server).await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let (running, _folder) = start(&[]).await;
    scenarios::a_new_password_ends_the_other_sessions(&running.server, &running.server).await;
}

#[tokio::test]
async fn strangers_who_guess_do_not_keep_the_owner_out() {
    let (running, _folder) = start(&[]).await;
    scenarios::strangers_who_guess_do_not_keep_the_owner_out(&running.server, 20).await;
}

#[tokio::test]
async fn a_deleted_account_leaves_no_name_in_the_file() {
    let (running, folder) = start(&[]).await;
    let secrets = scenarios::a_deleted_account_frees_its_identities(&running.server).await;
    running.stop();
    running.end();
    let file = fs::read(folder.path().join("sessions.redb")).unwrap();
    // Openids of live sessions stand in the file, and may still do so in pages that are free.
    let (wechat, api) = simulator().await;
    for secret in secrets.iter().filter(|secret| !is_openid(secret)) {
        let found = file.windows(secret.len()).any(|window| window == secret);
        assert!(!found, "{}", String::from_utf8_lossy(secret));
    }
    let mut command = program();
    command.args(["--accounts", "built-in"]);
    let again = Running::launch(command, folder.path(), &wechat, &api);
    scenarios::the_name_of_a_deleted_account_is_free(&again.server).await;
}

fn is_openid(secret: &[u8]) -> bool {
    secret.len() == 28
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_guesses_at_once_ten_are_hashed_at_most() {
    let (mut running, _folder) = start(&["--internal", "127.0.0.1:0"]).await;
    let internal = running.internal();
    let server = running.server.clone();
    let mut ann = Phone::of(&server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    let hashes = async || {
        let metrics = server.http.get(format!("{internal}/metrics")).send();
        let metrics = metrics.await.unwrap().text().await.unwrap();
        let mut lines = metrics.lines();
        let count = lines.find_map(|line| line.strip_prefix("wxsession_password_hashes_total "));
        count.unwrap().parse::<u64>().unwrap()
    };
    let before = hashes().await;
    assert_eq!(before, 1);
    let mut guesses = JoinSet::new();
    for _ in 0..100 {
        let mut ben = Phone::of(&server, "ben");
        let guess = password_of("li.na", "wrong-password");
        guesses.spawn(async move { ben.sign_in_limited(guess).await });
    }
    let answers = guesses.join_all().await;
    assert!(
        answers
            .iter()
            .all(|status| matches!(status, 401 | 429 | 503))
    );
    assert!(answers.contains(&429), "{answers:?}");
    let made = hashes().await - before;
    assert!(made <= 10, "{made}");
}

/// A server with accounts, and the time of its store.
async fn timed() -> (Server, Arc<TimedStore>) {
    let store = Arc::new(TimedStore::default());
    let authority = Authority::BuiltIn(Box::default());
    let routes = |_: &wxsession_server::Sessions| axum::Router::new();
    let (server, _) = Server::under(authority, store.clone(), WEEK, routes).await;
    (server, store)
}

#[tokio::test]
async fn a_session_is_renewed_silently_on_its_phone_alone_and_for_thirty_days() {
    let (server, store) = timed().await;
    let mut ann = Phone::of(&server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    let user = ann.user().await;
    let mut ben = Phone::of(&server, "ben");
    assert_eq!(ben.by_password("li.na", PASSWORD).await, "account");
    store.pass(3 * HOUR);
    assert_eq!(ben.user().await, "session_expired");
    let mut thief = Phone::of(&server, "mallory");
    thief.session.clone_from(&ben.session);
    assert_eq!(thief.silently().await, "sign_in_needed");
    // The program is killed before it has the answer, and starts again.
    let mut killed = ben.clone();
    assert_eq!(killed.silently().await, "account");
    assert_eq!(ben.silently().await, "account");
    assert_eq!(ben.user().await, user);
    store.pass(31 * 24 * HOUR);
    assert_eq!(ben.silently().await, "sign_in_needed");
}

#[tokio::test]
async fn what_changes_an_account_takes_a_proof_of_the_last_ten_minutes() {
    let (server, store) = timed().await;
    let mut ann = Phone::of(&server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    store.pass(Duration::from_secs(601));
    let password = || json!({ "password": "another-word" });
    let (status, body) = ann
        .ask(Method::PUT, "/wx/account/password", password())
        .await;
    assert_eq!((status, &body["code"]), (403, &json!("proof_needed")));
    assert_eq!(body["methods"], json!(["password", "wechat"]));
    assert_eq!(ann.by_password("li.na", PASSWORD).await, "account");
    let (status, body) = ann
        .ask(Method::PUT, "/wx/account/password", password())
        .await;
    assert_eq!(status, 204, "{body}");
}

#[tokio::test]
async fn every_route_that_exchanges_a_code_is_limited_as_sign_ins_are() {
    let (wechat, api) = simulator().await;
    let mut command = program();
    command.args(["--accounts", "trying-out", "--store", "memory"]);
    command.args(["--sign-in-rate", "1", "--sign-in-burst", "5"]);
    let running = Running::launch(command, "unused".as_ref(), &wechat, &api);
    let ask = || {
        let challenge =
            json!({ "purpose": "sign_in", "identifier": "13800138000", "code": "made-up" });
        running
            .server
            .post("/wx/challenges")
            .json(&challenge)
            .send()
    };
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) && statuses.len() < 100 {
        statuses.push(ask().await.unwrap().status().as_u16());
    }
    assert!((6..100).contains(&statuses.len()), "{statuses:?}");
    let identities = running
        .server
        .post("/wx/account/identities")
        .json(&json!({}));
    assert_eq!(identities.send().await.unwrap().status(), 429);
    let shown = running.server.get("/wx/account").send().await.unwrap();
    assert_eq!(shown.status(), 401);
}

#[tokio::test]
async fn accounts_that_nobody_asks_for_are_warned_of() {
    let (running, folder) = start(&[]).await;
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    running.stop();
    running.end();
    let (wechat, api) = simulator().await;
    let running = Running::start(folder.path(), &wechat, &api).await;
    running.stop();
    let log = String::from_utf8(running.end().stderr).unwrap();
    assert!(log.contains("--accounts built-in"), "{log}");
}

#[test]
fn accounts_in_memory_and_beside_a_hook_are_refused() {
    let start = |settings: &[&str]| {
        let mut command = program();
        command.env("WXSESSION_SECRET", "51a51a51a51a51a51a51a51a51a51a51");
        command.args(["--appid", "wx0123456789abcdef", "--accounts", "built-in"]);
        refusal(command.args(settings))
    };
    let in_memory = start(&["--store", "memory"]);
    assert!(in_memory.contains("--accounts trying-out"), "{in_memory}");
    let hook = [
        "--store",
        "memory",
        "--accounts-hook",
        "http://127.0.0.1:1/",
    ];
    let both = start(&[&hook[..], &["--accounts", "trying-out"]].concat()[..]);
    assert!(both.contains("--accounts"), "{both}");
}
