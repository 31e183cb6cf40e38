//! A running server, and a client for it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, Credentials, WeChat, tls_client};
use wxsession_server::{ProofPolicy, Sessions};
use wxsession_service::accounts::Authority;
use wxsession_service::{Service, serve};
use wxsession_simulator::{App as SimulatedApp, FakeWeChat};

pub(crate) const WEEK: Lifetimes = Lifetimes {
    idle: Duration::from_secs(7200),
    absolute: Duration::from_secs(604_800),
    renewable: Duration::from_secs(30 * 24 * 3600),
};

/// The key ring of servers that share a store.
const RING: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) wechat: FakeWeChat,
    pub(crate) http: reqwest::Client,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Arc::new(MemoryStore::new()), WEEK).await
    }

    pub(crate) async fn with(store: Arc<dyn Store>, lifetimes: Lifetimes) -> Self {
        Self::with_service(store, lifetimes).await.0
    }

    /// Also returns the service behind the server, for a second listener or to inspect its sessions.
    pub(crate) async fn with_service(
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
    ) -> (Self, Service) {
        Self::under(Authority::WeChat, store, lifetimes, |_| Router::new()).await
    }

    /// One of the servers on this store, whose users sign as the policy says.
    pub(crate) async fn signing(policy: ProofPolicy, store: Arc<dyn Store>) -> (Self, Service) {
        let keys = (KeyRing::parse(RING).unwrap(), policy);
        let apps = [SimulatedApp::simulated()];
        let routes = |_: &Sessions| Router::new();
        Self::with_parts(Authority::WeChat, apps, store, WEEK, keys, routes).await
    }

    /// Lets this authority say who a user is, and adds an app's own routes.
    pub(crate) async fn under(
        authority: Authority,
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
        routes: impl FnOnce(&Sessions) -> Router,
    ) -> (Self, Service) {
        let apps = [SimulatedApp::simulated()];
        let keys = (KeyRing::generate().unwrap(), ProofPolicy::Off);
        Self::with_parts(authority, apps, store, lifetimes, keys, routes).await
    }

    /// Adds an app's own routes to the server's.
    pub(crate) async fn beside(routes: impl FnOnce(&Sessions) -> Router) -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::under(Authority::WeChat, store, WEEK, routes).await.0
    }

    /// For several mini programs.
    pub(crate) async fn with_apps<const COUNT: usize>(
        apps: [SimulatedApp; COUNT],
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
    ) -> Self {
        let routes = |_: &Sessions| Router::new();
        let keys = (KeyRing::generate().unwrap(), ProofPolicy::Off);
        let parts = Self::with_parts(Authority::WeChat, apps, store, lifetimes, keys, routes);
        parts.await.0
    }

    async fn with_parts<const COUNT: usize>(
        authority: Authority,
        apps: [SimulatedApp; COUNT],
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
        (ring, policy): (KeyRing, ProofPolicy),
        routes: impl FnOnce(&Sessions) -> Router,
    ) -> (Self, Service) {
        let wechat = FakeWeChat::new(apps.clone());
        let (url, _serving) = wxsession_simulator::serve(wechat.clone()).await.unwrap();
        let credentials = apps.map(|app| Credentials {
            appid: app.appid,
            secret: app.secret.into(),
        });
        let api = Api::new(&url.parse().unwrap(), tls_client()).unwrap();
        let client = WeChat::new(credentials, api.with_deadline(Duration::from_secs(1)));
        let service = Service::under(authority, client, store, ring, lifetimes, policy);
        let service = service.await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = routes(service.sessions());
        let router = service.public().with_routes(routes).router();
        tokio::spawn(serve(listener, router, std::future::pending()));
        let server = Self {
            url,
            wechat,
            http: client_of_the_server(),
        };
        (server, service)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url))
    }

    pub(crate) fn code(&self, user: &str) -> String {
        self.wechat.login(&SimulatedApp::simulated().appid, user)
    }

    /// The openid of this user.
    pub(crate) fn openid(&self, user: &str) -> String {
        self.wechat.openid(&SimulatedApp::simulated().appid, user)
    }

    /// Signs this user in and returns the session id. Asks again after an outage, as a client does: on a busy machine
    /// Redis may be late.
    pub(crate) async fn signed_in(&self, user: &str) -> String {
        loop {
            let body = json!({ "code": self.code(user) });
            let answer = self.post("/wx/onlogin").json(&body).send().await.unwrap();
            if answer.status() != 503 {
                return session_id_in(answer).await;
            }
        }
    }

    /// The status that the session gets, and the code of the refusal if there is one.
    pub(crate) async fn standing(&self, session: &str) -> (u16, String) {
        let answer = self
            .get("/wx/session")
            .header("sessionid", session)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        if status == 200 {
            (status, String::new())
        } else {
            (status, problem(answer).await)
        }
    }
}

pub(crate) async fn simulator() -> (FakeWeChat, String) {
    let wechat = FakeWeChat::new([SimulatedApp::simulated()]);
    let (api, _serving) = wxsession_simulator::serve(wechat.clone()).await.unwrap();
    (wechat, api)
}

/// A client without certificate authorities, since nothing here uses TLS, and without proxies.
pub(crate) fn client_of_the_server() -> reqwest::Client {
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) async fn session_id(sign_in: RequestBuilder) -> String {
    session_id_in(sign_in.send().await.unwrap()).await
}

async fn session_id_in(answer: Response) -> String {
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    body["sessionid"].as_str().unwrap().to_owned()
}

/// Checks that a failure has the one format of all failures, and returns its code.
pub(crate) async fn problem(answer: Response) -> String {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    let body: Value = answer.json().await.unwrap();
    let code = body["code"].as_str().unwrap().to_owned();
    assert_eq!(body["status"], status);
    assert!(!body["title"].as_str().unwrap().is_empty());
    if status == 401 {
        let challenges: Vec<_> = headers.get_all("www-authenticate").iter().collect();
        assert_eq!(challenges, [&format!("WxSession error=\"{code}\"")]);
    }
    if matches!(status, 429 | 502..=504) {
        let seconds: u32 = headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds));
    }
    code
}
