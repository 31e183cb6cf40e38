//! A server with a backend behind it, and clients that send exactly what they are told to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wxsession_server::ProofPolicy;
use wxsession_service::edge::TrustedProxies;
use wxsession_service::serve::{Limits, serve_within};
use wxsession_service::upstream::{PublicPaths, UpstreamSettings};
use wxsession_service::{ProofTarget, serve};

use crate::common::Server;
use crate::observed::Observed;

/// Far beyond everything that these tests wait for, on a busy machine.
pub(crate) const AT_LAST: Duration = Duration::from_secs(30);

/// A server that carries requests to a backend.
pub(crate) struct World {
    /// The server in front, whose routes are its own and the backend's.
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<Observed>,
    /// How many requests reached the backend as a whole.
    pub(crate) reached: Arc<AtomicUsize>,
    /// The listener that answers `/verify`.
    pub(crate) internal: String,
}

/// What is unusual about a world.
pub(crate) struct Unusual {
    pub(crate) policy: ProofPolicy,
    pub(crate) limits: Limits,
    /// Another backend than the one that tells what it got.
    pub(crate) backend: Option<SocketAddr>,
    pub(crate) settings: fn(UpstreamSettings) -> UpstreamSettings,
}

impl Default for Unusual {
    fn default() -> Self {
        Self {
            policy: ProofPolicy::Off,
            limits: Limits::default(),
            backend: None,
            settings: |settings| settings,
        }
    }
}

/// The usual settings.
pub(crate) fn settings(backend: SocketAddr) -> UpstreamSettings {
    UpstreamSettings {
        address: format!("http://{backend}").parse().unwrap(),
        public: ["/public".parse().unwrap()]
            .into_iter()
            .collect::<PublicPaths>(),
        passes_session: false,
        patience: Duration::from_secs(60),
        socket_patience: Duration::from_secs(60),
        most: 1000,
        proxies: TrustedProxies::default(),
        by_tls: false,
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Unusual::default()).await
    }

    /// In front of this backend.
    pub(crate) async fn in_front_of(backend: SocketAddr) -> Self {
        let backend = Some(backend);
        Self::with(Unusual {
            backend,
            ..Unusual::default()
        })
        .await
    }

    pub(crate) async fn with(unusual: Unusual) -> Self {
        let reached = Arc::new(AtomicUsize::new(0));
        let backend = match unusual.backend {
            Some(backend) => backend,
            None => telling_backend(Arc::clone(&reached)).await,
        };
        let store = Arc::new(Observed::default());
        let (mut server, service) = Server::signing(unusual.policy, store.clone()).await;
        let service = service.in_front_of((unusual.settings)(settings(backend)));
        let internal = service.internal(None).told_by(Some(ProofTarget::XOriginal));
        let internal = listen(internal.router()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        server.url = format!("http://{address}");
        let routes = service.public().routes();
        let forever = std::future::pending();
        tokio::spawn(serve_within(unusual.limits, listener, routes, forever));
        Self {
            server,
            address,
            store,
            reached,
            internal: format!("http://{internal}"),
        }
    }

    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Relaxed)
    }

    /// Sends exactly this, and reads until the server closes the connection.
    pub(crate) async fn raw(&self, sent: &str) -> String {
        let mut stream = self.connect(sent).await;
        let mut answer = Vec::new();
        let read = timeout(AT_LAST, stream.read_to_end(&mut answer)).await;
        read.expect("the server closes the connection").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A connection on which this was sent.
    pub(crate) async fn connect(&self, sent: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream
    }
}

/// A request line with these headers, after which the connection ends.
pub(crate) fn ask(target: &str, headers: &[(&str, &str)]) -> String {
    let mut text = format!("GET {target} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text + "\r\n"
}

/// The status of a whole answer, and its document if it has one.
pub(crate) fn read(answer: &str) -> (u16, Value) {
    let status = answer.split(' ').nth(1).unwrap_or_default();
    let status = status.parse().unwrap_or_else(|_| panic!("{answer:?}"));
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let document = body
        .find('{')
        .and_then(|start| body.get(start..=body.rfind('}')?));
    let document = document.and_then(|document| serde_json::from_str(document).ok());
    (status, document.unwrap_or_default())
}

/// The values that the backend got under this name.
pub(crate) fn values<'a>(told: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = told["headers"].as_array().unwrap().iter();
    let named = headers.filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().unwrap()).collect()
}

/// Reads from a stream until this text has come.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut got = Vec::new();
    while !String::from_utf8_lossy(&got).contains(text) {
        let read = timeout(AT_LAST, stream.read_buf(&mut got)).await;
        let read = read.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&got)));
        assert_ne!(read.unwrap(), 0, "{}", String::from_utf8_lossy(&got));
    }
    String::from_utf8_lossy(&got).into_owned()
}

pub(crate) async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, std::future::pending()));
    address
}

/// A backend that answers with what it got.
pub(crate) async fn telling_backend(reached: Arc<AtomicUsize>) -> SocketAddr {
    listen(Router::new().fallback(tell).with_state(reached)).await
}

async fn tell(State(reached): State<Arc<AtomicUsize>>, request: Request) -> String {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 1 << 20).await else {
        return "not whole".to_owned();
    };
    reached.fetch_add(1, Relaxed);
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        json!([name.as_str(), value])
    });
    json!({
        "method": parts.method.as_str(),
        "target": parts.uri.path_and_query().unwrap().as_str(),
        "headers": headers.collect::<Vec<_>>(),
        "body": String::from_utf8_lossy(&body),
    })
    .to_string()
}
