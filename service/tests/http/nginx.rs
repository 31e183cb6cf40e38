//! The documented configuration in a real nginx, in front of a backend that knows nothing about sessions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wxsession_server::ProofPolicy;
use wxsession_server::identity::UserKey;
use wxsession_service::{ProofTarget, serve};
use wxsession_simulator::App;

use crate::common::{Server, problem};
use crate::observed::Observed;
use crate::proxy::{Nginx, first_answer, first_block, free_port};

pub(crate) const DOCUMENTATION: &str = include_str!("../../docs/other-backends.md");
const WHO: [&str; 5] = [
    "x-wx-user",
    "x-wx-appid",
    "x-wx-openid",
    "x-wx-unionid",
    "x-wx-proof",
];

/// nginx with the documented configuration, and everything behind it.
pub(crate) struct Behind {
    pub(crate) server: Server,
    pub(crate) store: Arc<Observed>,
    /// How many requests reached the backend.
    pub(crate) reached: Arc<AtomicUsize>,
    pub(crate) url: String,
    _nginx: Nginx,
}

impl Behind {
    async fn start() -> Self {
        Self::start_as(ProofPolicy::Off, None, |file| file).await
    }

    /// The internal listener requires this token, which nginx is given as the documentation says.
    async fn start_with(token: &str) -> Self {
        let presenting = |file: String| presenting(token, &file);
        Self::start_as(ProofPolicy::Off, Some(token), presenting).await
    }

    /// Phones may have to sign, and nginx's file has something besides.
    pub(crate) async fn start_as(
        policy: ProofPolicy,
        token: Option<&str>,
        also: impl FnOnce(String) -> String,
    ) -> Self {
        let store = Arc::new(Observed::default());
        let (server, service) = Server::signing(policy, store.clone()).await;
        let internal = service.internal(token.map(Into::into));
        let internal = internal.told_by(Some(ProofTarget::XOriginal));
        let internal = listen(internal.router()).await;
        let reached = Arc::new(AtomicUsize::new(0));
        let backend = Router::new()
            .fallback(backend)
            .with_state(Arc::clone(&reached));
        let backend = listen(backend).await;
        let port = free_port().await;
        let wxsession = server.url.trim_start_matches("http://").to_owned();
        let servers = [
            ("127.0.0.1:8080", wxsession),
            ("127.0.0.1:8081", internal),
            ("127.0.0.1:3000", backend),
            ("listen 80;", format!("listen 127.0.0.1:{port};")),
        ];
        let nginx = Nginx::start(&also(configuration(&servers)));
        let url = format!("http://127.0.0.1:{port}");
        first_answer(server.http.get(&url)).await;
        reached.store(0, Relaxed);
        Self {
            server,
            store,
            reached,
            url,
            _nginx: nginx,
        }
    }

    /// A request that also has the headers which only the proxy may set.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let mut ask = self
            .server
            .http
            .request(method, format!("{}{path}", self.url));
        for name in [
            "x-wx-user",
            "x-wx-appid",
            "x-wx-openid",
            "x-wx-unionid",
            "x-wx-proof",
            "X-Wx-Openid",
            "x_wx_openid",
        ] {
            ask = ask.header(name, "forged");
        }
        ask
    }

    async fn sign_in(&self, user: &str) -> String {
        let ask = self.ask(Method::POST, "/wx/onlogin");
        let answer = ask.json(&json!({ "code": self.server.code(user) }));
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        answer["sessionid"].as_str().unwrap().to_owned()
    }
}

/// Answers with what the request contained.
async fn backend(State(reached): State<Arc<AtomicUsize>>, request: Request) -> String {
    reached.fetch_add(1, Relaxed);
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    json!({
        "method": parts.method.as_str(),
        "target": parts.uri.path_and_query().unwrap().as_str(),
        "headers": headers(&parts.headers),
        "body": String::from_utf8_lossy(&body),
        "who": told(&parts.headers),
        "authorization": parts.headers.get("authorization").map(|of| of.to_str().unwrap()),
        "upgrade": parts.headers.get("upgrade").map(|to| to.to_str().unwrap()),
        "connection": parts.headers.get("connection").map(|of| of.to_str().unwrap()),
    })
    .to_string()
}

/// The headers as a backend reads them, under their names in lower case.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let read = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value).into()));
    read.collect()
}

/// The values of all headers that a backend could mistake for one of these.
fn told(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut told: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().replace('_', "-"),
                value.to_str().unwrap().to_owned(),
            )
        })
        .filter(|(name, _)| WHO.contains(&name.as_str()))
        .collect();
    told.sort();
    told
}

async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(serve(listener, router, std::future::pending()));
    address
}

/// The documented file with the addresses of this test, including the location for sockets.
fn configuration(replaced: &[(&str, String)]) -> String {
    let file = first_block(DOCUMENTATION, "nginx", replaced);
    let (_, about_sockets) = DOCUMENTATION.split_once("Sockets of your backend").unwrap();
    let location = first_block(about_sockets, "nginx", &[]);
    let (servers, _) = file.rsplit_once('}').unwrap();
    format!("{servers}\n{location}}}\n")
}

/// The configuration with the documented line in both locations that ask the internal listener.
fn presenting(token: &str, configuration: &str) -> String {
    let documented = "proxy_set_header Authorization \"Bearer TOKEN\";";
    assert!(DOCUMENTATION.contains(documented));
    let line = documented.replace("TOKEN", token);
    let asking = "proxy_pass http://wxsession_internal";
    assert_eq!(configuration.matches(asking).count(), 2);
    configuration.replace(asking, &format!("{line}\n{asking}"))
}

pub(crate) async fn answer_of_backend(answer: Response) -> Value {
    assert_eq!(answer.status(), 200);
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn with_a_session_the_backend_is_told_whose_request_it_is() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    for (method, path) in [
        (Method::GET, "/orders?page=2"),
        (Method::PUT, "/orders/1"),
        (Method::DELETE, "/orders/1"),
        (Method::POST, "/a%20b/../c"),
    ] {
        let ask = behind
            .ask(method.clone(), path)
            .header("sessionid", &session);
        let answer = answer_of_backend(ask.body("the body").send().await.unwrap()).await;
        assert_eq!(answer["method"], method.as_str());
        assert_eq!(answer["body"], "the body");
        let appid = App::simulated().appid;
        let openid = behind.server.openid("ann");
        let user = UserKey::new(&appid, &openid).guest();
        // nginx drops empty headers.
        assert_eq!(
            answer["who"],
            json!([
                ["x-wx-appid", appid],
                ["x-wx-openid", openid],
                ["x-wx-proof", "none"],
                ["x-wx-user", user]
            ])
        );
    }
}

#[tokio::test]
async fn an_internal_listener_with_a_token_is_told_it_by_nginx_and_the_backend_is_not() {
    let behind = Behind::start_with("a-token-of-this-test").await;
    let session = behind.sign_in("ann").await;
    let ask = behind
        .ask(Method::GET, "/orders")
        .header("sessionid", &session);
    let told = answer_of_backend(ask.send().await.unwrap()).await;
    assert_eq!(told["who"][1][0], "x-wx-openid");
    assert_eq!(told["authorization"], Value::Null);
    let refused = behind.ask(Method::GET, "/orders").send().await.unwrap();
    assert_eq!(problem(refused).await, "session_missing");
}

#[tokio::test]
async fn the_handshake_of_a_socket_reaches_the_backend_with_a_session_alone() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    let handshake = || {
        let ask = behind.ask(Method::GET, "/chat");
        ask.header("connection", "upgrade")
            .header("upgrade", "websocket")
    };
    let refused = handshake().send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(behind.reached.load(Relaxed), 0);
    let told = handshake().header("sessionid", &session).send().await;
    let told = answer_of_backend(told.unwrap()).await;
    let (appid, openid) = (App::simulated().appid, behind.server.openid("ann"));
    let user = UserKey::new(&appid, &openid).guest();
    assert_eq!(
        told["who"],
        json!([
            ["x-wx-appid", appid],
            ["x-wx-openid", openid],
            ["x-wx-proof", "none"],
            ["x-wx-user", user]
        ])
    );
    assert_eq!(told["upgrade"], "websocket");
    assert_eq!(told["connection"], "upgrade");
}

#[tokio::test]
async fn without_a_live_session_the_client_is_told_why_and_the_backend_nothing() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    let other = behind.sign_in("ann").await;
    let end = behind.ask(Method::POST, "/wx/logout?others=true");
    let ended = end.header("sessionid", &other).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    for (session, code) in [
        (None, "session_missing"),
        (Some("x".repeat(76)), "session_missing"),
        (Some(session), "session_revoked"),
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let mut ask = behind.ask(method, "/orders/1");
            if let Some(session) = &session {
                ask = ask.header("sessionid", session);
            }
            let answer = ask.body("{}").send().await.unwrap();
            assert_eq!(answer.status(), 401);
            assert!(told(answer.headers()).is_empty());
            assert_eq!(problem(answer).await, code);
        }
    }
    assert_eq!(behind.reached.load(Relaxed), 0);
}

#[tokio::test]
async fn a_store_that_is_away_is_a_503_and_nothing_of_it_is_kept() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    let ask = || {
        behind
            .ask(Method::GET, "/orders")
            .header("sessionid", &session)
            .send()
    };
    assert_eq!(ask().await.unwrap().status(), 200);
    behind.store.be_away(true);
    for _ in 0..3 {
        let answer = ask().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        assert_eq!(problem(answer).await, "store_unavailable");
    }
    behind.store.be_away(false);
    assert_eq!(ask().await.unwrap().status(), 200);
    assert_eq!(behind.reached.load(Relaxed), 2);
    let end = behind
        .ask(Method::POST, "/wx/logout")
        .header("sessionid", &session);
    assert_eq!(end.send().await.unwrap().status(), 204);
    assert_eq!(problem(ask().await.unwrap()).await, "session_expired");
}

#[tokio::test]
async fn what_a_client_claims_to_be_never_gets_through() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    for path in ["/public/", "/public/a?b=c", "/public/../public/x"] {
        for session in [None, Some(&session)] {
            let mut ask = behind.ask(Method::GET, path);
            if let Some(session) = session {
                ask = ask.header("sessionid", session);
            }
            let answer = answer_of_backend(ask.send().await.unwrap()).await;
            assert_eq!(answer["who"], json!([]), "{path}");
        }
    }
    // Paths that try to get around the check.
    for path in [
        "/_wxsession",
        "/@wxsession_refusal",
        "/refusal",
        "//_wxsession",
        "/public/../orders",
    ] {
        let answer = behind.ask(Method::GET, path).send().await.unwrap();
        assert!(
            matches!(answer.status().as_u16(), 401 | 404),
            "{path}: {}",
            answer.status()
        );
        assert!(told(answer.headers()).is_empty());
    }
}

/// The status of a request whose path is sent as it is, which an HTTP client would resolve first.
async fn raw(behind: &Behind, path: &str) -> u16 {
    let address = behind.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_path_that_a_backend_might_resolve_otherwise_needs_a_session() {
    let behind = Behind::start().await;
    for path in [
        "/public/..;/orders",
        "/public/..;a=b/orders",
        "/public/..%3B/orders",
        "/%70ublic/..;/orders",
        "http://here/public/..;/orders",
        "/public/..\\orders",
        "/public/..%5Corders",
        "/public/../orders",
        "/public/%2e%2e/orders",
        "/public/..%2Forders",
        "/public/..%252Forders",
        "/public/%252e%252e/orders",
        "/public//../orders",
        "/public/a/../../orders",
        "/public/#/../orders",
        "/public/..%00/orders",
    ] {
        let status = raw(&behind, path).await;
        assert!(matches!(status, 400 | 401), "{path}: {status}");
    }
    assert_eq!(behind.reached.load(Relaxed), 0);
    for path in [
        "/public/",
        "/public/a.b?c=;%23",
        "/public/%E8%8C%B6.png",
        "/public/./a%20b",
    ] {
        assert_eq!(raw(&behind, path).await, 200, "{path}");
    }
}

#[tokio::test]
async fn without_wxsession_nobody_gets_through() {
    let behind = Behind::start().await;
    let session = behind.sign_in("ann").await;
    let gone = configuration(&[
        ("127.0.0.1:8081", "127.0.0.1:9".into()),
        (
            "listen 80;",
            format!("listen 127.0.0.1:{};", free_port().await),
        ),
    ]);
    let _nginx = Nginx::start(&gone);
    let (_, port) = gone.split_once("listen 127.0.0.1:").unwrap();
    let url = format!(
        "http://127.0.0.1:{}/orders",
        port.split_once(';').unwrap().0
    );
    let answer = first_answer(behind.server.http.get(&url).header("sessionid", &session)).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(problem(answer).await, "store_unavailable");
}
