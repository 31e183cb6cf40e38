//! How often a client may sign in, and what counts as one client.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;
use wxsession_accounts::routes::EXCHANGING;
use wxsession_protocol::SIGN_IN_PATH;
use wxsession_server::store::MemoryStore;
use wxsession_service::edge::{SignInLimit, TrustedProxies};
use wxsession_service::serve;
use wxsession_simulator::FakeWeChat;

use crate::common::{Server, WEEK, client_of_the_server, problem, simulator};
use crate::program::{Running, program};

/// A server that lets a client sign in five times at once and then once a second, started with these arguments.
async fn start(arguments: &[&str]) -> (Running, FakeWeChat) {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--store", "memory", "--sign-in-rate", "1"]);
    command.args(["--sign-in-burst", "5"]).args(arguments);
    let running = Running::launch(command, folder.path(), &wechat, &api);
    (running, wechat)
}

/// The number of sign-ins before the first 429. Each has an unparsable body.
async fn sign_ins(server: &Server, forwarded_for: &str) -> usize {
    for count in 0..100 {
        let ask = server
            .post(SIGN_IN_PATH)
            .header("content-type", "application/json");
        let ask = ask.header("x-forwarded-for", forwarded_for).body("{");
        let answer = ask.send().await.unwrap();
        if answer.status() == 429 {
            assert_eq!(problem(answer).await, "rate_limited");
            return count;
        }
        assert_eq!(problem(answer).await, "bad_request");
    }
    panic!("no limit was met");
}

#[tokio::test]
async fn whoever_signs_in_too_often_is_told_to_wait_and_wechat_is_not_asked() {
    let (running, wechat) = start(&[]).await;
    let server = &running.server;
    assert!(sign_ins(server, "198.51.100.1").await >= 5);
    let code = server.code("ann");
    let refused = server.get(SIGN_IN_PATH).query(&[("code", &code)]);
    assert_eq!(refused.send().await.unwrap().status(), 429);
    assert_eq!(wechat.counts().exchanges, 0);
    let other_call = server.get("/wx/session").send().await.unwrap();
    assert_eq!(problem(other_call).await, "session_missing");
}

#[tokio::test]
async fn a_header_from_anybody_makes_no_new_client_and_is_logged_once() {
    let (running, _wechat) = start(&["--trusted-proxy", "192.0.2.7,10.0.0.0/8"]).await;
    assert!(sign_ins(&running.server, "198.51.100.1").await >= 5);
    assert!(sign_ins(&running.server, "198.51.100.2").await < 5);
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    assert_eq!(logged.matches("--trusted-proxy").count(), 1, "{logged}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() {
    let (running, _wechat) = start(&["--trusted-proxy", "127.0.0.0/8"]).await;
    for client in ["198.51.100.1", "198.51.100.2", "made up, 2001:db8::1"] {
        assert!(sign_ins(&running.server, client).await >= 5, "{client}");
    }
    assert!(sign_ins(&running.server, "2001:db8::ffff").await < 5);
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    assert!(!logged.contains("--trusted-proxy"), "{logged}");
}

#[tokio::test]
async fn the_limit_can_be_turned_off() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("WXSESSION_SIGN_IN_RATE", "0")
        .env("WXSESSION_SIGN_IN_BURST", "1");
    let running = Running::launch(command, folder.path(), &wechat, &api);
    for _ in 0..20 {
        let answer = running.server.get(SIGN_IN_PATH).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
}

#[tokio::test]
async fn a_program_that_adds_the_routes_of_accounts_as_its_own_limits_them_too() {
    let (_server, service) = Server::with_service(Arc::new(MemoryStore::new()), WEEK).await;
    let (rate, burst) = (1.try_into().unwrap(), 1.try_into().unwrap());
    let limit = SignInLimit::new(rate, burst, TrustedProxies::default());
    let routes = EXCHANGING.iter().fold(Router::new(), |routes, path| {
        routes.route(path, post(async || "exchanged"))
    });
    let public = service.public().limit_sign_ins(limit).with_routes(routes);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, public.router(), std::future::pending()));
    let http = client_of_the_server();
    let mut statuses = Vec::new();
    for path in EXCHANGING.iter().cycle().take(6) {
        let answer = http.post(format!("{url}{path}")).send().await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses[0], 200);
    assert!(statuses.contains(&429), "{statuses:?}");
}
