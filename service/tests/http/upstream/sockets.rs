//! WebSockets through the server.

use futures_util::SinkExt;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use wxsession_server::ProofPolicy;

use super::chat::{Chat, next, open};
use super::script::Script;
use super::world::{Unusual, World, read_until};
use crate::signing::Phone;

#[tokio::test]
async fn messages_pass_both_ways_until_one_side_closes() {
    let mut chat = Chat::start().await;
    let world = World::in_front_of(chat.address).await;
    let session = world.server.signed_in("ann").await;
    let headers = [
        ("sessionid", session.as_str()),
        ("sec-websocket-protocol", "tea"),
    ];
    for closes_here in [true, false] {
        let mut here = open(&world.server.url, "/chat?room=1", &headers)
            .await
            .unwrap();
        let (_, mut there) = chat.opened().await;
        for size in [1, 70_000] {
            let message = Message::Binary(vec![7; size].into());
            here.send(message.clone()).await.unwrap();
            assert_eq!(next(&mut there).await, Some(message.clone()));
            there.send(message.clone()).await.unwrap();
            assert_eq!(next(&mut here).await, Some(message));
        }
        if closes_here {
            here.close(None).await.unwrap();
            assert!(matches!(next(&mut there).await, Some(Message::Close(_))));
        } else {
            there.close(None).await.unwrap();
            assert!(matches!(next(&mut here).await, Some(Message::Close(_))));
        }
        drop(there);
        while next(&mut here).await.is_some() {}
    }
}

#[tokio::test]
async fn a_handshake_is_judged_as_every_request_is() {
    let mut chat = Chat::start().await;
    let world = World::in_front_of(chat.address).await;
    let session = world.server.signed_in("ann").await;
    let forged = [
        ("x-wx-openid", "forged"),
        ("x_wx_openid", "forged"),
        ("x-wx-user", "forged"),
        ("connection", "x-wx-user"),
    ];
    assert_eq!(
        open(&world.server.url, "/chat", &forged).await.err(),
        Some(401)
    );
    assert!(chat.is_left_alone());
    let headers = [&forged[..3], &[("sessionid", session.as_str())]].concat();
    let _here = open(&world.server.url, "/chat", &headers).await.unwrap();
    let (told, _there) = chat.opened().await;
    assert_eq!(told["x-wx-openid"], world.server.openid("ann").as_str());
    assert!(
        !format!("{told:?}").contains("forged") && !told.contains_key("sessionid"),
        "{told:?}"
    );
    // A public path has sockets too, for nobody in particular.
    let _here = open(&world.server.url, "/public/chat", &headers)
        .await
        .unwrap();
    let (told, _there) = chat.opened().await;
    assert!(
        told.keys().all(|name| !name.as_str().starts_with("x-wx")),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_captured_handshake_opens_no_second_socket() {
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        policy: ProofPolicy::Offered,
        backend: Some(chat.address),
        ..Unusual::default()
    })
    .await;
    let phone = Phone::sign_in(&world.server, "ann").await;
    let sent = phone.send(Method::GET, "/chat", None);
    let headers = sent.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let _here = open(&world.server.url, "/chat", &headers).await.unwrap();
    let (told, _there) = chat.opened().await;
    assert_eq!(told["x-wx-proof"], "head");
    for path in ["/chat", "/chat?other"] {
        assert_eq!(
            open(&world.server.url, path, &headers).await.err(),
            Some(403)
        );
    }
    assert!(chat.is_left_alone());
}

#[tokio::test]
async fn the_end_of_one_side_ends_the_other() {
    let mut chat = Chat::start().await;
    let world = World::in_front_of(chat.address).await;
    let here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, mut there) = chat.opened().await;
    drop(here);
    assert_eq!(next(&mut there).await, None);
    let mut here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, there) = chat.opened().await;
    drop(there);
    assert_eq!(next(&mut here).await, None);
}

#[tokio::test]
async fn a_backend_that_declines_is_heard_and_what_follows_is_judged_again() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let asks = "GET /public/chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // The client goes on as if it had been let through.
    let smuggled =
        "GET /orders HTTP/1.1\r\nHost: a\r\nx-wx-openid: forged\r\nConnection: close\r\n\r\n";
    let mut client = world.connect(&format!("{asks}{smuggled}")).await;
    let (mut backend, told) = script.told().await;
    let told = told.to_lowercase();
    assert!(
        told.contains("upgrade: websocket") && told.contains("connection: upgrade"),
        "{told}"
    );
    assert!(!told.contains("/orders"), "{told}");
    backend
        .write_all(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    let answers = read_until(&mut client, "session_missing").await;
    assert!(
        answers.contains("HTTP/1.1 426 ") && answers.contains("HTTP/1.1 401 "),
        "{answers}"
    );
}

#[tokio::test]
async fn nothing_else_is_switched_to() {
    let world = World::start().await;
    for (method, more) in [
        (
            "GET",
            "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        ),
        (
            "GET",
            "Upgrade: websocket, h2c\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        ),
        ("GET", "Upgrade: websocket\r\n"),
        (
            "POST",
            "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\n",
        ),
    ] {
        let asked = format!(
            "{method} /public/a HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n{more}\r\n"
        );
        let answer = world.raw(&asked).await;
        let answer = answer.to_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "{more}: {answer}");
        for name in ["[\"upgrade\"", "[\"connection\"", "http2-settings"] {
            assert!(!answer.contains(name), "{more}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_the_backend_says_with_its_consent_arrives() {
    let mut script = Script::start().await;
    let world = World::in_front_of(script.address).await;
    let asks = "GET /public/chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nearly";
    let mut client = world.connect(asks).await;
    let mut backend = script.asked().await;
    let consent = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Other: 1\r\n\r\nat once";
    backend.write_all(consent.as_bytes()).await.unwrap();
    let got = read_until(&mut client, "at once").await.to_lowercase();
    assert!(got.starts_with("http/1.1 101 "), "{got}");
    for line in [
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
        "x-other: 1",
    ] {
        assert!(got.contains(line), "{line}: {got}");
    }
    read_until(&mut backend, "early").await;
    drop(backend);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}
