//! Answers, and short requests, as they pass.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use wxsession_service::upstream::UpstreamSettings;

use super::script::Script;
use super::world::{AT_LAST, Unusual, World, ask, read_until};

#[tokio::test]
async fn pieces_of_an_answer_arrive_as_they_are_sent() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let mut client = world.connect(&ask("/public/events", &[])).await;
    let mut backend = script.asked().await;
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    backend.write_all(head.as_bytes()).await.unwrap();
    // The head arrives before there is anything else.
    let head = read_until(&mut client, "\r\n\r\n").await.to_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    for event in ["data: green\n\n", "data: black\n\n"] {
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        backend.write_all(chunk.as_bytes()).await.unwrap();
        read_until(&mut client, event).await;
    }
    backend.write_all(b"0\r\n\r\n").await.unwrap();
    let mut rest = String::new();
    timeout(AT_LAST, client.read_to_string(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");
}

#[tokio::test]
async fn a_stream_of_events_lasts_for_longer_than_the_backend_may_be_silent() {
    const PATIENCE: Duration = Duration::from_secs(2);
    let mut script = Script::start().await;
    let world = World::with(Unusual {
        backend: Some(script.address),
        settings: |settings| UpstreamSettings {
            patience: PATIENCE,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let mut client = world.connect(&ask("/public/events", &[])).await;
    let mut backend = script.asked().await;
    backend
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await
        .unwrap();
    for number in 0..6 {
        tokio::time::sleep(PATIENCE / 5).await;
        let event = format!("event-{number}");
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        backend.write_all(chunk.as_bytes()).await.unwrap();
        read_until(&mut client, &event).await;
    }
}

#[tokio::test]
async fn what_an_answer_says_of_itself_is_left_as_it_is() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for (method, answer, expected, body) in [
        // The size of what a GET would get.
        (
            "HEAD",
            "200 OK\r\nContent-Length: 1234\r\n\r\n",
            "content-length: 1234",
            "",
        ),
        (
            "HEAD",
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "200 ok",
            "",
        ),
        (
            "GET",
            "204 No Content\r\nETag: \"a\"\r\n\r\n",
            "etag: \"a\"",
            "",
        ),
        (
            "GET",
            "304 Not Modified\r\nETag: \"a\"\r\n\r\n",
            "304 not modified",
            "",
        ),
        (
            "GET",
            "206 Partial Content\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\ntea",
            "content-range: bytes 0-2/9",
            "tea",
        ),
        (
            "GET",
            "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\ngz!",
            "content-encoding: gzip",
            "gz!",
        ),
        (
            "GET",
            "200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 0\r\n\r\n",
            "cache-control: public, max-age=60",
            "",
        ),
        (
            "GET",
            "401 Unauthorized\r\nWWW-Authenticate: WxSession error=\"session_revoked\"\r\nContent-Length: 2\r\n\r\nno",
            "www-authenticate: wxsession error=\"session_revoked\"",
            "no",
        ),
        (
            "GET",
            "200 OK\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n",
            "set-cookie: c=d",
            "",
        ),
    ] {
        let asked = ask("/public/a", &[]).replacen("GET", method, 1);
        let mut client = world.connect(&asked).await;
        let mut backend = script.asked().await;
        backend
            .write_all(format!("HTTP/1.1 {answer}").as_bytes())
            .await
            .unwrap();
        let mut got = String::new();
        timeout(AT_LAST, client.read_to_string(&mut got))
            .await
            .unwrap()
            .unwrap();
        let (head, rest) = got.split_once("\r\n\r\n").unwrap();
        let head = head.to_lowercase();
        assert!(head.contains(expected), "{answer}: {got}");
        assert_eq!(rest, body, "{answer}: {got}");
        assert!(!head.contains("no-store"), "{got}");
        let sized = head.contains("content-length");
        assert_eq!(sized, answer.contains("Content-Length"), "{answer}: {got}");
    }
}

#[tokio::test]
async fn what_concerns_the_backends_connection_does_not_reach_the_client() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let mut client = world.connect(&ask("/public/a", &[])).await;
    let mut backend = script.asked().await;
    let answer = "HTTP/1.1 200 OK\r\nConnection: close, X-Inside\r\nX-Inside: 1\r\nKeep-Alive: timeout=5\r\n\
                  Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nTransfer-Encoding: chunked\r\nTrailer: X-After\r\n\
                  X-Outside: 1\r\n\r\n3\r\ntea\r\n0\r\nX-After: 1\r\n\r\n";
    backend.write_all(answer.as_bytes()).await.unwrap();
    let mut got = String::new();
    timeout(AT_LAST, client.read_to_string(&mut got))
        .await
        .unwrap()
        .unwrap();
    let got = got.to_lowercase();
    assert!(got.contains("x-outside: 1") && got.contains("tea"), "{got}");
    for name in [
        "x-inside",
        "keep-alive",
        "upgrade",
        "proxy-authenticate",
        "trailer",
        "x-after",
    ] {
        assert!(!got.contains(name), "{name}: {got}");
    }
}

#[tokio::test]
async fn a_request_without_a_body_gets_none_and_one_with_keeps_its_length() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    for (method, body, expected) in [
        ("GET", "", None),
        ("DELETE", "", None),
        (
            "POST",
            "Content-Length: 0\r\n\r\n",
            Some("content-length: 0"),
        ),
        (
            "POST",
            "Content-Length: 3\r\n\r\ntea",
            Some("content-length: 3"),
        ),
        (
            "PATCH",
            "Transfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n0\r\n\r\n",
            Some("transfer-encoding: chunked"),
        ),
    ] {
        let asked = ask("/public/a", &[]).replacen("GET", method, 1);
        let asked = match body {
            "" => asked,
            body => asked.trim_end().to_owned() + "\r\n" + body,
        };
        let mut client = world.connect(&asked).await;
        let (mut backend, told) = script.told().await;
        let told = told.to_lowercase();
        let framed: Vec<_> = ["content-length", "transfer-encoding"]
            .into_iter()
            .filter(|name| told.contains(name))
            .collect();
        match expected {
            Some(expected) => assert!(
                told.contains(expected) && framed.len() == 1,
                "{method} {told}"
            ),
            None => assert!(
                framed.is_empty() || told.contains("content-length: 0"),
                "{method} {told}"
            ),
        }
        backend
            .write_all(b"HTTP/1.1 204 None\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut client, "\r\n\r\n").await;
    }
}
