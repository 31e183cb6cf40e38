//! What is logged of requests that are carried, and what must not be.

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use tokio::net::TcpListener;

use super::world::listen;
use crate::common::simulator;
use crate::program::{Running, program};

/// Says what it should keep to itself.
async fn indiscreet(_: Request) -> ([(&'static str, &'static str); 2], &'static str) {
    (
        [("set-cookie", "a=hush-cookie"), ("x-answer", "hush-header")],
        "hush-answer",
    )
}

#[tokio::test]
async fn nothing_of_a_request_or_its_answer_is_logged_at_any_level() {
    let there = listen(Router::new().fallback(any(indiscreet))).await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = taken.local_addr().unwrap();
    drop(taken);
    for (backend, status) in [(there, 200), (nowhere, 502)] {
        let (wechat, api) = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command.args(["--log", "trace", "--upstream", &format!("http://{backend}")]);
        let running = Running::launch(command, folder.path(), &wechat, &api);
        let session = running.server.signed_in("ann").await;
        let ask = running.server.post("/hush-path/%2e%2e?hush-query=1");
        let ask = ask
            .header("sessionid", &session)
            .header("authorization", "hush-authorization")
            .header("x-hush-name", "hush-value")
            .body("hush-body");
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), status);
        answer.bytes().await.unwrap();
        let openid = running.server.openid("ann");
        running.stop();
        let log = String::from_utf8(running.end().stderr).unwrap();
        assert!(log.contains("answered"), "{log}");
        for secret in ["hush", &session, &openid] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

#[tokio::test]
async fn a_hook_that_every_phone_can_reach_is_warned_of() {
    for (hook, token, is_open) in [
        ("http://127.0.0.1:3000/sign-in", None, true),
        (
            "http://127.0.0.1:3000/sign-in",
            Some("a-token-that-nobody-guesses"),
            false,
        ),
        ("http://127.0.0.1:3001/sign-in", None, false),
    ] {
        let (wechat, api) = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command
            .args([
                "--upstream",
                "http://127.0.0.1:3000",
                "--accounts-hook",
                hook,
            ])
            .envs(token.map(|token| ("WXSESSION_ACCOUNTS_HOOK_TOKEN", token)));
        let running = Running::launch(command, folder.path(), &wechat, &api);
        running.stop();
        let log = String::from_utf8(running.end().stderr).unwrap();
        assert_eq!(log.contains("every phone"), is_open, "{hook}: {log}");
    }
}
