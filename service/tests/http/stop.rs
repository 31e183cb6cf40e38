//! What the server finishes when it stops, and what it does not wait for.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wxsession_service::serve;

/// Well below the ten seconds that a stop gives requests in flight.
const SOON: Duration = Duration::from_secs(5);
/// More than the sockets buffer between a server and a client that does not read.
const LARGE: usize = 32 << 20;

struct Stopping {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    work: Arc<Work>,
}

/// The work that `/late` does.
#[derive(Default)]
struct Work {
    begun: Notify,
    done: Notify,
}

impl Stopping {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let work = Arc::new(Work::default());
        let begun = Arc::clone(&work);
        let late = async move || {
            begun.begun.notify_one();
            begun.done.notified().await;
            "small"
        };
        let router = Router::new()
            .route("/small", get(async || "small"))
            .route("/whole", post(async |_: Bytes| "small"))
            .route("/late", get(late))
            .route("/large", get(async || vec![7_u8; LARGE]));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, router, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            serving,
            work,
        }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Waits for an answer. Before it arrives, a test cannot know how much the server has read.
async fn answer(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"small") {
        stream.read_buf(&mut answer).await.unwrap();
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_requests_that_have_not_come_whole() {
    let server = Stopping::start().await;
    let half = "GET /small HTTP/1.1\r\nHo";
    let whole = "GET /small HTTP/1.1\r\nHost: here\r\n\r\n";
    let _first = server.send(half).await;
    // The server reads the half request together with the whole one before it, so the half has arrived by now.
    let mut second = server.send(&format!("{whole}{half}")).await;
    answer(&mut second).await;
    let mut idle = server.send(whole).await;
    answer(&mut idle).await;
    let without_its_body = "POST /whole HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf";
    let mut last = server.send(&format!("{whole}{without_its_body}")).await;
    answer(&mut last).await;
    server.stop.send(()).unwrap();
    timeout(SOON, server.serving).await.unwrap().unwrap();
    assert_eq!(second.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_stop_finishes_a_request_and_tells_its_client_to_send_no_more() {
    let server = Stopping::start().await;
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
    let mut stream = server.send(&ask("/small")).await;
    answer(&mut stream).await;
    let both = ask("/late") + &ask("/small");
    stream.write_all(both.as_bytes()).await.unwrap();
    server.work.begun.notified().await;
    server.stop.send(()).unwrap();
    // Once the server accepts no connection, every open connection knows of the stop.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.work.done.notify_one();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest.matches("HTTP/1.1 200").count(), 1, "{rest}");
    assert!(
        rest.contains("connection: close") && rest.ends_with("small"),
        "{rest}"
    );
    timeout(SOON, server.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stop_waits_for_a_client_that_has_not_taken_its_answer_yet() {
    let server = Stopping::start().await;
    let ask = "GET /large HTTP/1.1\r\nHost: here\r\n\r\n";
    let mut stream = server.send(ask).await;
    let mut answer = vec![0; 1];
    stream.read_exact(&mut answer).await.unwrap();
    server.stop.send(()).unwrap();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.len() > LARGE);
    timeout(SOON, server.serving).await.unwrap().unwrap();
}
