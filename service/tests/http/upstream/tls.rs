//! HTTPS and WSS in front of a backend.

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use futures_util::SinkExt;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::chat::{Chat, next};
use super::world::listen;
use crate::common::simulator;
use crate::program::{Running, program};
use crate::tls::Files;

async fn launch(files: &Files, backend: std::net::SocketAddr, data: &std::path::Path) -> Running {
    let (wechat, api) = simulator().await;
    let mut command = program();
    command
        .env("WXSESSION_TLS_CERT", files.chain())
        .env("WXSESSION_TLS_KEY", files.key())
        .args(["--upstream", &format!("http://{backend}")])
        .args(["--upstream-public", "/public"]);
    Running::launch(command, data, &wechat, &api)
}

#[tokio::test]
async fn the_backend_hears_that_its_client_speaks_tls() {
    let scheme = async |request: Request| {
        let scheme = request.headers()["x-forwarded-proto"].to_str().unwrap();
        scheme.to_owned()
    };
    let backend = listen(Router::new().route("/public/a", get(scheme))).await;
    let (files, data) = (Files::new(), tempfile::tempdir().unwrap());
    let running = launch(&files, backend, data.path()).await;
    let client = reqwest::Client::builder().tls_backend_preconfigured(files.client());
    let client = client.no_proxy().build().unwrap();
    let url = format!("{}/public/a", running.server.url);
    let answer = client.get(url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "https");
}

#[tokio::test]
async fn sockets_pass_over_tls_and_end_when_the_server_stops() {
    let mut chat = Chat::start().await;
    let (files, data) = (Files::new(), tempfile::tempdir().unwrap());
    let running = launch(&files, chat.address, data.path()).await;
    let address = running.server.url.trim_start_matches("https://");
    let stream = files.connect(address.parse().unwrap()).await.unwrap();
    let url = format!("wss://{address}/public/chat");
    let (mut here, _) = client_async(url, stream).await.unwrap();
    let (_, mut there) = chat.opened().await;
    for size in [1, 70_000] {
        let message = Message::Binary(vec![7; size].into());
        here.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut there).await, Some(message.clone()));
        there.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut here).await, Some(message));
    }
    running.stop();
    assert_eq!(
        (next(&mut here).await, next(&mut there).await),
        (None, None)
    );
    assert!(running.end().status.success());
}
