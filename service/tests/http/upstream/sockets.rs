//! WebSockets through the server.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Request};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{Request as Asked, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_hdr_async, connect_async};
use wxsession_server::ProofPolicy;
use wxsession_service::serve::Limits;
use wxsession_service::upstream::UpstreamSettings;

use super::script::Script;
use super::world::{AT_LAST, Unusual, World, read_until};
use crate::signing::Phone;

type ClientSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type ServerSocket = WebSocketStream<TcpStream>;

const PROTOCOL: HeaderName = HeaderName::from_static("sec-websocket-protocol");

/// A backend that takes sockets.
pub(crate) struct Chat {
    pub(crate) address: SocketAddr,
    opened: mpsc::UnboundedReceiver<(HeaderMap, ServerSocket)>,
}

impl Chat {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (opens, opened) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut headers = HeaderMap::new();
                #[expect(clippy::result_large_err, reason = "tungstenite's own type")]
                let shake = |asked: &Asked, mut response: Response| {
                    headers = asked.headers().clone();
                    if let Some(protocol) = headers.get(&PROTOCOL) {
                        response.headers_mut().insert(PROTOCOL, protocol.clone());
                    }
                    Ok(response)
                };
                if let Ok(socket) = accept_hdr_async(stream, shake).await {
                    let _ = opens.send((headers, socket));
                }
            }
        });
        Self { address, opened }
    }

    /// The headers of the next handshake, and its socket.
    pub(crate) async fn opened(&mut self) -> (HeaderMap, ServerSocket) {
        timeout(AT_LAST, self.opened.recv()).await.unwrap().unwrap()
    }

    fn is_left_alone(&mut self) -> bool {
        self.opened.try_recv().is_err()
    }
}

/// A client's socket, or the status that it is refused with.
pub(crate) async fn open(
    url: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<ClientSocket, u16> {
    let url = format!("{}{path}", url.replacen("http", "ws", 1));
    let mut request: Request<()> = url.into_client_request().unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    match timeout(AT_LAST, connect_async(request)).await.unwrap() {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The next message, or `None` once the socket has ended, however it did.
pub(crate) async fn next<S>(socket: &mut WebSocketStream<S>) -> Option<Message>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let next = timeout(AT_LAST, socket.next()).await.unwrap();
    next.and_then(Result::ok)
}

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
async fn a_socket_holds_its_place_for_as_long_as_it_is_open() {
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        settings: |settings| UpstreamSettings {
            most: 1,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, mut there) = chat.opened().await;
    assert_eq!(
        open(&world.server.url, "/public/chat", &[]).await.err(),
        Some(503)
    );
    drop(here);
    assert_eq!(next(&mut there).await, None);
    drop(there);
    while open(&world.server.url, "/public/chat", &[]).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_silent_socket_outlives_the_deadlines_of_requests_and_not_its_own() {
    const PATIENCE: Duration = Duration::from_secs(3);
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        limits: Limits {
            arrival: PATIENCE / 6,
            idle: PATIENCE / 6,
            ..Limits::default()
        },
        settings: |settings| UpstreamSettings {
            patience: PATIENCE / 6,
            socket_patience: PATIENCE,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let mut here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, mut there) = chat.opened().await;
    tokio::time::sleep(PATIENCE / 3).await;
    let message = Message::text("tea");
    here.send(message.clone()).await.unwrap();
    assert_eq!(next(&mut there).await, Some(message));
    assert_eq!(
        (next(&mut here).await, next(&mut there).await),
        (None, None)
    );
}

#[tokio::test]
async fn a_socket_stays_one_of_the_connections_that_there_may_be() {
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        limits: Limits {
            connections: 1,
            ..Limits::default()
        },
        ..Unusual::default()
    })
    .await;
    let here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, _there) = chat.opened().await;
    let asked = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut waiting = world.connect(asked).await;
    let answered = timeout(Duration::from_millis(300), waiting.read_u8()).await;
    assert!(answered.is_err(), "{answered:?}");
    drop(here);
    read_until(&mut waiting, "HTTP/1.1 200").await;
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
