//! The program in front of a backend.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use wxsession_simulator::FakeWeChat;

use super::chat::{Chat, next, open};
use super::script::Script;
use super::world::{AT_LAST, listen, read_until};
use crate::common::simulator;
use crate::program::{Running, program, refusal};

struct Front {
    running: Running,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

fn launch(backend: SocketAddr, data: &Path, wechat: &FakeWeChat, api: &str) -> Running {
    let mut command = program();
    command.args(["--upstream", &format!("http://{backend}")]);
    command.args(["--upstream-public", "/public,/static"]);
    command.args(["--internal", "127.0.0.1:0"]);
    Running::launch(command, data, wechat, api)
}

impl Front {
    async fn of(backend: SocketAddr) -> Self {
        let (wechat, api) = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let running = launch(backend, folder.path(), &wechat, &api);
        let address = running
            .server
            .url
            .trim_start_matches("http://")
            .parse()
            .unwrap();
        Self {
            running,
            address,
            _folder: folder,
        }
    }

    async fn connect(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

#[tokio::test]
async fn the_program_says_where_it_carries_requests_and_does() {
    let backend = Router::new()
        .route(
            "/orders",
            get(async |request: Request| {
                request.headers()["x-wx-openid"]
                    .to_str()
                    .unwrap()
                    .to_owned()
            }),
        )
        .route("/static/a", get(async || "anybody"));
    let backend = listen(backend).await;
    let mut front = Front::of(backend).await;
    front.running.internal();
    assert_eq!(
        front.running.said("carrying other requests to "),
        format!("http://{backend}")
    );
    let server = &front.running.server;
    let session = server.signed_in("ann").await;
    let answer = server
        .get("/orders")
        .header("sessionid", session)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.text().await.unwrap(), server.openid("ann"));
    let answer = server.get("/static/a").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "anybody");
}

#[tokio::test]
async fn what_became_of_requests_is_counted_and_an_absent_backend_is_logged_once() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = taken.local_addr().unwrap();
    drop(taken);
    let mut front = Front::of(nobody).await;
    let internal = front.running.internal();
    let server = &front.running.server;
    for _ in 0..3 {
        assert_eq!(
            server
                .get("/public/secret-path")
                .send()
                .await
                .unwrap()
                .status(),
            502
        );
    }
    assert_eq!(server.get("/orders").send().await.unwrap().status(), 401);
    let metrics = server
        .http
        .get(format!("{internal}/metrics"))
        .send()
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    for (outcome, count) in [
        ("unreachable", 3),
        ("refused", 1),
        ("answered", 0),
        ("late", 0),
    ] {
        let line = format!("wxsession_upstream_requests_total{{outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    front.running.stop();
    let output = front.running.end();
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(log.matches("--upstream").count(), 1, "{log}");
    assert!(
        log.contains("refused") && !log.contains("secret-path"),
        "{log}"
    );
}

#[test]
fn a_server_in_front_of_itself_does_not_start() {
    let mut command = program();
    command.args(["--appid", "wx0123456789abcdef", "--store", "memory"]);
    command.env("WXSESSION_SECRET", crate::program::SECRET);
    let told = refusal(command.args([
        "--listen",
        "127.0.0.1:18099",
        "--upstream",
        "http://localhost:18099",
    ]));
    assert!(
        told.contains("--upstream") && told.contains("--listen"),
        "{told}"
    );
}

/// Counts what it gets.
async fn size(request: Request) -> String {
    let mut body = request.into_body().into_data_stream();
    let mut size = 0;
    while let Some(Ok(piece)) = body.next().await {
        size += piece.len();
    }
    size.to_string()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_a_hundred_megabytes_take_no_memory() {
    const LARGE: usize = 100 << 20;
    let download = async || {
        let piece = axum::body::Bytes::from(vec![7; 1 << 16]);
        let pieces = std::iter::repeat_n(Ok::<_, std::convert::Infallible>(piece), LARGE >> 16);
        axum::body::Body::from_stream(futures_util::stream::iter(pieces))
    };
    let backend = Router::new()
        .route("/public/up", post(size))
        .route("/public/down", get(download));
    let front = Front::of(listen(backend).await).await;
    let exchange = async || {
        let head = format!(
            "POST /public/up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {LARGE}\r\n\r\n"
        );
        let mut client = front.connect(&head).await;
        let piece = vec![7; 1 << 16];
        for _ in 0..LARGE >> 16 {
            client.write_all(&piece).await.unwrap();
        }
        read_until(&mut client, &LARGE.to_string()).await;
        let mut client = front
            .connect("GET /public/down HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
        let (mut got, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            let read = timeout(AT_LAST, client.read(&mut buffer))
                .await
                .unwrap()
                .unwrap();
            got += read;
            if read == 0 {
                break;
            }
        }
        assert!(got > LARGE, "{got}");
    };
    // The allocator takes its memory the first time.
    exchange().await;
    let before = front.running.resident();
    exchange().await;
    let after = front.running.resident();
    assert!(after < before + 8 * 1024, "{before} KiB, then {after} KiB");
}

#[tokio::test]
async fn a_stop_finishes_what_is_carried_and_does_not_wait_for_sockets() {
    let mut script = Script::start().await;
    let front = Front::of(script.address).await;
    let head = "POST /public/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ngr";
    let mut client = front.connect(head).await;
    let mut backend = script.asked().await;
    front.running.stop();
    while TcpStream::connect(front.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.write_all(b"ay").await.unwrap();
    read_until(&mut backend, "ay").await;
    backend
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await
        .unwrap();
    read_until(&mut client, "ok").await;
    assert!(front.running.end().status.success());

    let mut chat = Chat::start().await;
    let front = Front::of(chat.address).await;
    let mut here = open(&front.running.server.url, "/public/chat", &[])
        .await
        .unwrap();
    let (_, mut there) = chat.opened().await;
    here.send(Message::text("tea")).await.unwrap();
    assert_eq!(next(&mut there).await, Some(Message::text("tea")));
    let began = Instant::now();
    front.running.stop();
    assert_eq!(
        (next(&mut here).await, next(&mut there).await),
        (None, None)
    );
    let output = front.running.end();
    assert!(output.status.success());
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(
        !log.contains("still in flight"),
        "{:?} {log}",
        began.elapsed()
    );
}
