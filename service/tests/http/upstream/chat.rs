//! A backend that takes sockets, and clients that open them.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, Request};
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{Request as Asked, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_hdr_async, connect_async};

use super::world::AT_LAST;

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

    pub(crate) fn is_left_alone(&mut self) -> bool {
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
