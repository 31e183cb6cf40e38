//! Slow clients, malicious or not, cost a connection for a while, and cost other clients nothing.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wxsession_service::serve::{Limits, serve_within};

use crate::common::simulator;
use crate::program::{Running, program};

const HEAD: &str = "POST /whole HTTP/1.1\r\nHost: here\r\nContent-Length: 10000\r\n\r\n";
const ASK: &str = "GET /small HTTP/1.1\r\nHost: here\r\n\r\n";
/// Far beyond every deadline in these tests, for a busy machine.
const AT_LAST: Duration = Duration::from_secs(20);

async fn server(limits: Limits) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/small", get(async || "small"))
        .route("/large", get(async || vec![7_u8; 32 << 20]))
        .route(
            "/late",
            get(async || sleep(Duration::from_millis(600)).await),
        )
        .route("/whole", post(async |_: Bytes| "small"));
    tokio::spawn(serve_within(
        limits,
        listener,
        router,
        std::future::pending(),
    ));
    address
}

fn limits() -> Limits {
    Limits {
        arrival: Duration::from_millis(300),
        uptake: Duration::from_millis(300),
        ..Limits::default()
    }
}

async fn send(address: std::net::SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything that arrives until the server closes the connection.
async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut rest = Vec::new();
    // The server may also reset the connection, if data is in flight that it will not read.
    let _ = timeout(AT_LAST, stream.read_to_end(&mut rest))
        .await
        .expect("the server closes the connection");
    String::from_utf8_lossy(&rest).into_owned()
}

async fn answered(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"small") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
}

/// Sends a byte now and then until the other end stops reading.
async fn drip(mut sink: impl AsyncWrite + Unpin) {
    while sink.write_all(b"a").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn requests_a_byte_at_a_time_are_given_up_and_others_are_served_meanwhile() {
    let address = server(limits()).await;
    let mut slow = JoinSet::new();
    for number in 0..400 {
        let text = if number % 2 == 0 {
            ASK.trim_end()
        } else {
            HEAD
        };
        let (read, write) = send(address, text).await.into_split();
        slow.spawn(async move {
            tokio::select! {
                rest = rest(read) => rest,
                () = drip(write) => String::new(),
            }
        });
    }
    let mut others = 0;
    while !slow.is_empty() {
        answered(&mut send(address, ASK).await).await;
        others += 1;
        while let Some(rest) = slow.try_join_next() {
            let rest = rest.unwrap();
            assert!(!rest.contains("HTTP/1.1 200"), "{rest}");
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(others > 1);
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_longer_than_a_request_may_take_to_arrive() {
    let limits = limits();
    let address = server(limits).await;
    let (head, body) = HEAD.split_at(20);
    let mut stream = send(address, ASK).await;
    answered(&mut stream).await;
    sleep(limits.arrival * 2).await;
    // This request is slow but in time. The rest of its deadline must not carry over to the next request.
    stream.write_all(head.as_bytes()).await.unwrap();
    sleep(limits.arrival / 3).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.write_all(&[b'a'; 10_000]).await.unwrap();
    answered(&mut stream).await;
    sleep(limits.arrival * 2).await;
    stream.write_all(ASK.as_bytes()).await.unwrap();
    answered(&mut stream).await;
}

#[tokio::test]
async fn a_connection_without_requests_is_closed_in_the_end() {
    let idle = Duration::from_millis(200);
    let address = server(Limits { idle, ..limits() }).await;
    let began = Instant::now();
    let mut used = send(address, ASK).await;
    answered(&mut used).await;
    assert_eq!(rest(used).await, "");
    assert_eq!(rest(send(address, "").await).await, "");
    assert!(began.elapsed() >= idle * 2);
}

#[tokio::test]
async fn a_connection_that_has_sent_nothing_is_closed_before_an_idle_one() {
    let address = server(limits()).await;
    let mut used = send(address, ASK).await;
    answered(&mut used).await;
    assert_eq!(rest(send(address, "").await).await, "");
    used.write_all(ASK.as_bytes()).await.unwrap();
    answered(&mut used).await;
}

#[tokio::test]
async fn an_answer_may_take_longer_than_its_request() {
    let address = server(limits()).await;
    let ask = "GET /late HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let answer = rest(send(address, ask).await).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_says_that_it_sends_no_more_still_gets_its_answer() {
    let address = server(limits()).await;
    for path in ["/late", "/small"] {
        let ask = format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
        let mut stream = send(address, &ask).await;
        stream.shutdown().await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    // What has not come whole gets none.
    let mut stream = send(address, HEAD).await;
    stream.shutdown().await.unwrap();
    let answer = rest(stream).await;
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn headers_that_never_end_are_refused_before_they_take_much_memory() {
    let address = server(limits()).await;
    let endless = format!(
        "{}X: {}",
        ASK.trim_end_matches("\r\n"),
        "a".repeat(32 << 10)
    );
    let answer = rest(send(address, &endless).await).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_given_up() {
    let address = server(Limits {
        connections: 1,
        ..limits()
    })
    .await;
    let ask = "GET /large HTTP/1.1\r\nHost: here\r\n\r\n";
    let _deaf = send(address, ask).await;
    // The limit is one connection, so the second waits until the server closes the first.
    let mut next = send(address, ASK).await;
    timeout(AT_LAST, answered(&mut next)).await.unwrap();
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait_for_their_turn() {
    let address = server(Limits {
        connections: 2,
        ..limits()
    })
    .await;
    let mut first = send(address, ASK).await;
    let mut second = send(address, ASK).await;
    answered(&mut first).await;
    answered(&mut second).await;
    let mut third = send(address, ASK).await;
    let waiting = timeout(Duration::from_millis(200), third.read_u8()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    drop(first);
    timeout(AT_LAST, answered(&mut third)).await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_body_a_byte_at_a_time_takes_no_more_memory_than_one_that_comes_at_once() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    let address = running.server.url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /wx/onlogin HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: 16000\r\n\r\n{{"
    );
    let mut slow = Vec::new();
    for _ in 0..10 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let mut trickle = async || {
        for _ in 0..1000 {
            for stream in &mut slow {
                stream.write_all(b" ").await.unwrap();
            }
            // A pause, so that the server reads the bytes one by one.
            sleep(Duration::from_millis(1)).await;
        }
    };
    // The allocator takes memory for each thread and each size that it meets for the first time, in pieces of up to 2 MiB. A
    // buffer kept for each of the 10,000 bytes would be tens of them.
    trickle().await;
    let before = running.resident();
    trickle().await;
    let after = running.resident();
    assert!(after < before + 4 * 2048, "{before} KiB, then {after} KiB");
}

/// A shell sets the program's limit of open files.
#[cfg(unix)]
#[tokio::test]
async fn more_connections_than_there_can_be_files_take_none_from_the_store() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 100; exec \"$0\" \"$@\""]);
    command.arg(program().get_program());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::launch(command, folder.path(), &wechat, &api);
    let log = running.process.as_mut().unwrap().stderr.take().unwrap();
    let (mut log, mut logged) = (BufReader::new(log), String::new());
    let address = running.server.url.strip_prefix("http://").unwrap();
    let mut idle = Vec::new();
    for _ in 0..90 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let sign_in = tokio::spawn({
        let body = json!({ "code": running.server.code("ann") });
        running.server.post("/wx/onlogin").json(&body).send()
    });
    // The kernel completes connections before the server accepts them.
    while !logged.contains("new ones wait") {
        assert!(log.read_line(&mut logged).unwrap() > 0, "{logged}");
    }
    drop(idle);
    assert_eq!(sign_in.await.unwrap().unwrap().status(), 200);
    running.stop();
    running.end();
    log.read_to_string(&mut logged).unwrap();
    assert!(logged.contains("--max-connections"), "{logged}");
    assert!(!logged.contains("ERROR"), "{logged}");
}
