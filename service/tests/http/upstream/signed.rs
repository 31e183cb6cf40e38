//! Signed requests through the server.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use wxsession_server::ProofPolicy;

use super::world::{Unusual, World, read, values};
use crate::digest_lines::are_as_signed;
use crate::signing::{Phone, SIGNED, Sent, judged};

async fn start() -> World {
    World::with(Unusual {
        policy: ProofPolicy::Offered,
        ..Unusual::default()
    })
    .await
}

/// The request as it goes over the network, in this framing.
fn text(sent: &Sent, is_chunked: bool) -> String {
    let mut text = format!(
        "{} {} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n",
        sent.method, sent.target
    );
    for (name, value) in &sent.headers {
        text += &format!("{name}: {value}\r\n");
    }
    let body = String::from_utf8(sent.body.clone().unwrap_or_default()).unwrap();
    if !is_chunked {
        return format!("{text}Content-Length: {}\r\n\r\n{body}", body.len());
    }
    let chunks = body.as_bytes().chunks(2).map(|chunk| {
        let chunk = String::from_utf8_lossy(chunk).into_owned();
        format!("{:x}\r\n{chunk}\r\n", chunk.len())
    });
    format!(
        "{text}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunks.collect::<String>()
    )
}

async fn raw(world: &World, sent: &Sent) -> (u16, Value) {
    read(&world.raw(&text(sent, false)).await)
}

#[tokio::test]
async fn what_the_phone_signed_is_what_is_checked_and_what_the_backend_gets() {
    let world = start().await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    for target in [
        "/",
        "/?",
        "/orders?page=2&q=%E8%8C%B6",
        "//a/../b",
        "/a%2Fb/%2e%2e",
        "/a;b=c",
    ] {
        for (method, body, proof) in [
            (Method::GET, None, "head"),
            (Method::POST, Some(&b"{\"id\":1}"[..]), "body"),
            (Method::PUT, Some(b""), "body"),
            (Method::DELETE, None, "head"),
        ] {
            let sent = phone.send(method, target, body);
            let (status, told) = raw(&world, &sent).await;
            assert_eq!(status, 200, "{sent:?}");
            assert_eq!(
                (&told["target"], values(&told, "x-wx-proof")),
                (&target.into(), vec![proof])
            );
            let elsewhere = Sent {
                target: format!("{target}x"),
                ..sent
            };
            let (status, told) = raw(&world, &elsewhere).await;
            assert_eq!((status, &told["code"]), (403, &json!("proof_invalid")));
        }
    }
}

#[tokio::test]
async fn a_phone_is_told_why_its_signature_counts_for_nothing() {
    let world = start().await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let sent = phone.send(Method::POST, "/orders", Some(b"{}"));
    let bare = SIGNED
        .into_iter()
        .fold(sent.clone(), |sent, name| sent.without(name));
    let late = phone.send_at(
        crate::signing::now() - 3600,
        Method::POST,
        "/orders",
        Some(b"{}"),
    );
    let refusal = |sent: &Sent| judged(sent.to(&world.server.http, &world.server.url));
    assert_eq!(refusal(&bare).await, "proof_missing");
    assert_eq!(refusal(&sent.without("signature")).await, "proof_invalid");
    assert_eq!(refusal(&late).await, "proof_late");
    assert_eq!(world.reached(), 0);
    assert_eq!(raw(&world, &sent).await.0, 200);
    let (status, told) = raw(&world, &sent).await;
    assert_eq!((status, &told["code"]), (403, &json!("proof_replayed")));
    assert_eq!(world.reached(), 1);
}

const BODY: &str = "{\"to\":\"ann\",\"amount\":1,\"for\":\"tea\"}";

#[tokio::test]
async fn no_backend_gets_the_whole_of_a_body_that_was_altered() {
    let world = start().await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let altered = [
        "",
        "x",
        &BODY.replace('1', "9"),
        &BODY[1..],
        &format!("{BODY} "),
    ]
    .map(str::to_owned);
    for is_chunked in [false, true] {
        for body in &altered {
            let sent = Sent {
                body: Some(body.clone().into_bytes()),
                ..phone.send(Method::POST, "/pay", Some(BODY.as_bytes()))
            };
            let (status, told) = read(&world.raw(&text(&sent, is_chunked)).await);
            assert_eq!(
                (status, &told["code"]),
                (403, &json!("proof_invalid")),
                "{body}"
            );
            assert_eq!(world.reached(), 0, "{body}");
        }
        // Byte by byte as at once.
        let sent = phone.send(Method::POST, "/pay", Some(BODY.as_bytes()));
        let (head, body) = text(&sent, is_chunked)
            .split_once("\r\n\r\n")
            .map(|(head, body)| (head.to_owned(), body.to_owned()))
            .unwrap();
        let mut client = world.connect(&format!("{head}\r\n\r\n")).await;
        for byte in body.as_bytes() {
            client.write_all(&[*byte]).await.unwrap();
            client.flush().await.unwrap();
        }
        let answer = super::world::read_until(&mut client, "]]").await;
        assert_eq!(read(&answer).0, 200, "{answer}");
        assert_eq!(
            world.reached.swap(0, std::sync::atomic::Ordering::Relaxed),
            1
        );
    }
    // An empty body that is signed, and one that somebody has added to.
    let empty = phone.send(Method::POST, "/pay", Some(b""));
    assert_eq!(raw(&world, &empty).await.0, 200);
    let added = Sent {
        body: Some(BODY.into()),
        ..phone.send(Method::POST, "/pay", Some(b""))
    };
    assert_eq!(raw(&world, &added).await.0, 403);
}

#[tokio::test]
async fn the_digest_that_was_signed_reaches_the_backend_whatever_connection_names() {
    let world = start().await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let sent = phone.send(Method::POST, "/pay", Some(BODY.as_bytes()));
    let sent = sent.with("connection", "content-digest, close");
    let (status, told) = raw(&world, &sent).await;
    assert_eq!(status, 200);
    let headers = ["content-digest", "x-wx-proof"]
        .map(|name| (name.to_owned(), json!(values(&told, name)[0])));
    let headers = Value::Object(headers.into_iter().collect());
    assert_eq!(are_as_signed(&headers, BODY.as_bytes()), [true; 3]);
}
