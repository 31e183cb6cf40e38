//! A backend in trouble, and what its clients see of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use wxsession_service::upstream::UpstreamSettings;

use super::script::Script;
use super::world::{AT_LAST, Unusual, World, ask, read, read_until};
use crate::common::problem;

#[tokio::test]
async fn a_backend_that_is_not_there_is_a_502_and_signs_nobody_out() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = taken.local_addr().unwrap();
    drop(taken);
    let world = World::in_front_of(nobody).await;
    let session = world.server.signed_in("ann").await;
    let answer = world.server.get("/orders").header("sessionid", &session);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert_eq!(problem(answer).await, "upstream_unavailable");
    assert_eq!(world.server.standing(&session).await.0, 200);
    assert_eq!(
        world.server.get("/readyz").send().await.unwrap().status(),
        200
    );
}

/// A connection to this machine that is not there by then is not coming.
const LEFT_ALONE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_backend_that_takes_no_connection_is_given_up_long_before_one_that_is_silent() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let backend = listener.local_addr().unwrap();
    // Nobody accepts, and the system has few places for those who wait. One whom it leaves alone finds none.
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(LEFT_ALONE, TcpStream::connect(backend)).await {
        waiting.push(connected.unwrap());
    }
    let world = World::in_front_of(backend).await;
    let answer = world.server.get("/public/a").send();
    let answer = timeout(AT_LAST, answer).await.expect("it is given up");
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 502);
    assert_eq!(problem(answer).await, "upstream_unavailable");
}

#[tokio::test]
async fn a_backend_that_hangs_up_or_talks_nonsense_is_a_502() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for said in [
        "",
        "HTTP/1.1 2",
        "nonsense\r\n\r\n",
        "HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ] {
        let answer = tokio::spawn(world.server.get("/public/a").send());
        let mut stream = script.asked().await;
        stream.write_all(said.as_bytes()).await.unwrap();
        drop(stream);
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), 502, "{said:?}");
        assert_eq!(problem(answer).await, "upstream_unavailable", "{said:?}");
    }
}

/// Silent for longer than this, a backend is given up.
const PATIENCE: Duration = Duration::from_secs(1);

fn impatient(settings: UpstreamSettings) -> UpstreamSettings {
    UpstreamSettings {
        patience: PATIENCE,
        ..settings
    }
}

#[tokio::test]
async fn a_backend_that_is_silent_is_a_504_and_is_told_that_nobody_waits() {
    let mut script = Script::start().await;
    let world = World::with(Unusual {
        backend: Some(script.address),
        settings: impatient,
        ..Unusual::default()
    })
    .await;
    let answer = tokio::spawn(world.server.get("/public/a").send());
    let mut stream = script.asked().await;
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status(), 504);
    assert_eq!(problem(answer).await, "upstream_timeout");
    let rest = timeout(AT_LAST, stream.read(&mut [0])).await;
    assert_eq!(rest.unwrap().unwrap(), 0, "the connection was closed");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_never_taken_for_a_whole_one() {
    let mut script = Script::start().await;
    let world = World::with(Unusual {
        backend: Some(script.address),
        settings: impatient,
        ..Unusual::default()
    })
    .await;
    for (head, hangs_up) in [
        ("Content-Length: 100", true),
        ("Content-Length: 100", false),
        ("Transfer-Encoding: chunked", true),
        ("Transfer-Encoding: chunked", false),
    ] {
        let mut client = world.connect(&ask("/public/a", &[])).await;
        let mut stream = script.asked().await;
        let part = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n4\r\npart\r\n");
        stream.write_all(part.as_bytes()).await.unwrap();
        read_until(&mut client, "part").await;
        let kept = (!hangs_up).then_some(stream);
        let mut rest = Vec::new();
        let _ = timeout(AT_LAST, client.read_to_end(&mut rest))
            .await
            .expect("it ends");
        assert!(
            !String::from_utf8_lossy(&rest).contains("0\r\n\r\n"),
            "{head}"
        );
        drop(kept);
        // As a client of HTTP sees it.
        let answer = tokio::spawn(world.server.get("/public/a").send());
        let mut stream = script.asked().await;
        stream.write_all(part.as_bytes()).await.unwrap();
        let answer = answer.await.unwrap().unwrap();
        let kept = (!hangs_up).then_some(stream);
        assert!(answer.bytes().await.is_err(), "{head}");
        drop(kept);
    }
}

#[tokio::test]
async fn a_connection_that_the_backend_has_closed_meanwhile_costs_no_request() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for _ in 0..5 {
        let answer = tokio::spawn(world.server.post("/public/a").body("tea").send());
        let mut stream = script.asked().await;
        let said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        stream.write_all(said).await.unwrap();
        let answer = answer.await.unwrap().unwrap();
        // Kept for the next request, and closed at the same moment.
        drop(stream);
        assert_eq!(answer.text().await.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for ask in [
        world.server.get("/public/a"),
        world.server.post("/public/a").body("tea"),
    ] {
        let answer = tokio::spawn(ask.send());
        drop(script.asked().await);
        assert_eq!(answer.await.unwrap().unwrap().status(), 502);
    }
    assert!(
        script.connections.try_recv().is_err(),
        "no other connection was made"
    );
}

#[tokio::test]
async fn a_client_that_has_gone_leaves_the_backend_no_work() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let client = world.connect(&ask("/public/a", &[])).await;
    let mut stream = script.asked().await;
    drop(client);
    let rest = timeout(AT_LAST, stream.read(&mut [0])).await;
    assert!(matches!(rest.expect("the connection ends"), Ok(0) | Err(_)));
    // In the middle of a request, and in the middle of an answer too.
    let head = "POST /public/a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\ngreen";
    let client = world.connect(head).await;
    let mut stream = script.asked().await;
    drop(client);
    let mut rest = Vec::new();
    let _ = timeout(AT_LAST, stream.read_to_end(&mut rest))
        .await
        .expect("the connection ends");
    let mut client = world.connect(&ask("/public/a", &[])).await;
    let mut stream = script.asked().await;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await
        .unwrap();
    read_until(&mut client, "a\r\n").await;
    drop(client);
    let rest = timeout(AT_LAST, stream.read(&mut [0])).await;
    assert!(matches!(rest.expect("the connection ends"), Ok(0) | Err(_)));
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_there_may_be() {
    let mut script = Script::start().await;
    let world = World::with(Unusual {
        backend: Some(script.address),
        settings: |settings| UpstreamSettings {
            most: 2,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let mut clients = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..2 {
        clients.push(world.connect(&ask("/public/a", &[])).await);
        streams.push(script.asked().await);
    }
    let answer = world.server.get("/public/a").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(problem(answer).await, "server_busy");
    // A refusal takes no place, and neither do the server's own routes.
    assert_eq!(
        world.server.get("/orders").send().await.unwrap().status(),
        401
    );
    assert_eq!(
        world.server.get("/readyz").send().await.unwrap().status(),
        200
    );
    // An answer in the middle still holds its place; its end frees it.
    let mut stream = streams.pop().unwrap();
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\no")
        .await
        .unwrap();
    let mut client = clients.pop().unwrap();
    read_until(&mut client, "\r\n\r\no").await;
    assert_eq!(
        world.server.get("/public/a").send().await.unwrap().status(),
        503
    );
    stream.write_all(b"k").await.unwrap();
    let mut rest = String::new();
    timeout(AT_LAST, client.read_to_string(&mut rest))
        .await
        .unwrap()
        .unwrap();
    let client = world.connect(&ask("/public/a", &[])).await;
    script
        .asked()
        .await
        .write_all(b"HTTP/1.1 204 None\r\n\r\n")
        .await
        .unwrap();
    drop(client);
    let (status, _) = read(&rest_of(clients.pop().unwrap(), streams.pop().unwrap()).await);
    assert_eq!(status, 200);
}

async fn rest_of(mut client: TcpStream, mut backend: TcpStream) -> String {
    backend
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    let mut rest = String::new();
    timeout(AT_LAST, client.read_to_string(&mut rest))
        .await
        .unwrap()
        .unwrap();
    rest
}
