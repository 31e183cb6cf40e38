//! Large and slow requests.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};
use wxsession_service::serve::Limits;

use super::script::Script;
use super::world::{AT_LAST, Unusual, World, listen, read, read_until};

/// An upload of which only the head is sent.
fn head(target: &str, length: usize, more: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: api.example\r\nContent-Length: {length}\r\n{more}\r\n")
}

const ARRIVAL: Duration = Duration::from_secs(1);

async fn impatient(script: &Script) -> World {
    World::with(Unusual {
        backend: Some(script.address),
        limits: Limits {
            arrival: ARRIVAL,
            ..Limits::default()
        },
        ..Unusual::default()
    })
    .await
}

#[tokio::test]
async fn pieces_of_a_request_reach_the_backend_as_they_come() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let mut client = world.connect(&head("/public/a", 10, "")).await;
    let mut backend = script.asked().await;
    for piece in ["green", " teas"] {
        client.write_all(piece.as_bytes()).await.unwrap();
        read_until(&mut backend, piece).await;
    }
    backend
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await
        .unwrap();
    read_until(&mut client, "ok").await;
}

#[tokio::test]
async fn an_upload_takes_as_long_as_it_goes_on_and_no_longer() {
    let mut script = Script::start().await;
    let world = impatient(&script).await;
    let mut client = world.connect(&head("/public/a", 12, "")).await;
    let mut backend = script.asked().await;
    for _ in 0..6 {
        sleep(ARRIVAL / 5).await;
        client.write_all(b"a").await.unwrap();
        read_until(&mut backend, "a").await;
    }
    // Then nothing more comes: neither the client nor the backend is waited for, and it is the client's fault.
    let mut rest = Vec::new();
    let _ = timeout(AT_LAST, client.read_to_end(&mut rest))
        .await
        .unwrap();
    let rest = String::from_utf8(rest).unwrap();
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 400 "),
        "{rest}"
    );
    let rest = timeout(AT_LAST, backend.read(&mut [0])).await.unwrap();
    assert!(matches!(rest, Ok(0) | Err(_)));
}

#[tokio::test]
async fn an_answer_that_comes_late_after_a_slow_upload_still_arrives() {
    let mut script = Script::start().await;
    let world = impatient(&script).await;
    let mut client = world.connect(&head("/public/a", 2, "")).await;
    let mut backend = script.asked().await;
    client.write_all(b"a").await.unwrap();
    sleep(ARRIVAL / 4).await;
    client.write_all(b"b").await.unwrap();
    read_until(&mut backend, "b").await;
    sleep(ARRIVAL * 3 / 2).await;
    backend
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await
        .unwrap();
    read_until(&mut client, "ok").await;
}

#[tokio::test]
async fn a_large_upload_that_is_refused_can_read_why() {
    const LENGTH: usize = 8 << 20;
    let world = World::start().await;
    // The client sends all of it before it reads anything.
    let mut client = world.connect(&head("/orders", LENGTH, "")).await;
    let sent = timeout(AT_LAST, client.write_all(&vec![b'a'; LENGTH])).await;
    sent.unwrap().unwrap();
    let answer = read_until(&mut client, "session_missing").await;
    assert_eq!(read(&answer).0, 401);
    // And its connection serves the next request.
    client
        .write_all(b"GET /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await
        .unwrap();
    read_until(&mut client, "/public/a").await;
    assert_eq!(world.reached(), 1);
}

#[tokio::test]
async fn a_large_upload_that_the_backend_refuses_can_read_why() {
    const LENGTH: usize = 8 << 20;
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for more in ["", "Connection: close\r\n"] {
        let mut client = world.connect(&head("/public/a", LENGTH, "")).await;
        let sending = tokio::spawn(async move {
            let sent = timeout(AT_LAST, client.write_all(&vec![b'a'; LENGTH])).await;
            sent.unwrap().unwrap();
            client
        });
        let mut backend = script.asked().await;
        let refusal = format!("HTTP/1.1 413 Too Large\r\n{more}Content-Length: 9\r\n\r\ntoo large");
        backend.write_all(refusal.as_bytes()).await.unwrap();
        let mut client = sending.await.unwrap();
        let answer = read_until(&mut client, "too large").await;
        assert_eq!(read(&answer).0, 413);
    }
}

#[tokio::test]
async fn whoever_asks_first_is_told_to_send_only_if_the_request_counts() {
    let world = World::start().await;
    let expecting = "Expect: 100-continue\r\n";
    let mut client = world.connect(&head("/orders", 3, expecting)).await;
    let answer = read_until(&mut client, "session_missing").await;
    assert_eq!(read(&answer).0, 401);
    let mut client = world.connect(&head("/public/a", 3, expecting)).await;
    let told = read_until(&mut client, "\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 100 "), "{told}");
    client.write_all(b"tea").await.unwrap();
    let answer = read_until(&mut client, "\"tea\"").await;
    assert!(!answer.contains("expect"), "{answer}");
}

/// Sends back what it gets, as it comes.
async fn echo(request: Request) -> Body {
    request.into_body()
}

#[tokio::test]
async fn both_directions_pass_at_once() {
    const LENGTH: usize = 16 << 20;
    let backend = listen(Router::new().route("/public/a", post(echo))).await;
    let world = World::in_front_of(backend).await;
    let client = world
        .connect(&head("/public/a", LENGTH, "Connection: close\r\n"))
        .await;
    let (mut reading, mut writing) = client.into_split();
    let sending = tokio::spawn(async move {
        let piece = vec![b'a'; 1 << 16];
        for _ in 0..LENGTH >> 16 {
            writing.write_all(&piece).await.unwrap();
        }
        writing
    });
    let mut got = Vec::new();
    timeout(AT_LAST, reading.read_to_end(&mut got))
        .await
        .unwrap()
        .unwrap();
    sending.await.unwrap();
    let body = got.iter().filter(|byte| **byte == b'a').count();
    assert!(body >= LENGTH, "{body}");
}
