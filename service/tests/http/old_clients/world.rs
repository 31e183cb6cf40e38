//! A server that serves old clients, and what their phones send.

use std::sync::Arc;

use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use wxsession_server::ProofPolicy;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, Credentials, WeChat, tls_client};
use wxsession_service::compat::{Compatibility, Protocol};
use wxsession_service::edge::SignInLimit;
use wxsession_service::serve::Routes;
use wxsession_service::upstream::UpstreamSettings;
use wxsession_service::{Service, serve};
use wxsession_simulator::{App, FakeWeChat, UserData};

use crate::common::{Server, WEEK, client_of_the_server};

pub(crate) const MARKER: &str = "F2C224D4-2BCE-4C64-AF9F-A6D872000D1A";
pub(crate) const ALL: [Protocol; 3] = [Protocol::WeappSession, Protocol::Wafer, Protocol::Wafer2];
const RING: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// What a call presents.
pub(crate) type Headers = Vec<(&'static str, String)>;

pub(crate) struct World {
    pub(crate) server: Server,
    internal: String,
    service: Service,
}

/// Another than the usual server.
pub(crate) struct Unusual {
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) limit: Option<SignInLimit>,
    pub(crate) apps: Vec<App>,
    pub(crate) token: Option<&'static str>,
    pub(crate) wechat: Option<FakeWeChat>,
    pub(crate) upstream: Option<UpstreamSettings>,
}

impl Default for Unusual {
    fn default() -> Self {
        Self {
            protocols: ALL.to_vec(),
            store: Arc::new(MemoryStore::new()),
            lifetimes: WEEK,
            limit: None,
            apps: vec![App::simulated()],
            token: None,
            wechat: None,
            upstream: None,
        }
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Unusual::default()).await
    }

    pub(crate) async fn with(unusual: Unusual) -> Self {
        let apps = unusual.apps;
        let wechat = unusual
            .wechat
            .unwrap_or_else(|| FakeWeChat::new(apps.clone()));
        let (api, _serving) = wxsession_simulator::serve(wechat.clone()).await.unwrap();
        let credentials = apps.into_iter().map(|app| Credentials {
            appid: app.appid,
            secret: app.secret.into(),
        });
        let api = Api::new(&api.parse().unwrap(), tls_client()).unwrap();
        let client = WeChat::new(credentials, api);
        let ring = KeyRing::parse(RING).unwrap();
        let service = Service::new(
            client,
            unusual.store,
            ring,
            unusual.lifetimes,
            ProofPolicy::Off,
        );
        let service = service.unwrap();
        let speaks = |protocol| unusual.protocols.contains(&protocol);
        let compatibility = Compatibility {
            weapp_session: speaks(Protocol::WeappSession),
            wafer: speaks(Protocol::Wafer).then(|| "/login".into()),
            wafer2: speaks(Protocol::Wafer2).then(|| "/weapp/login".into()),
        };
        let service = service.compatible_with(compatibility, unusual.limit);
        let service = match unusual.upstream {
            Some(upstream) => service.in_front_of(upstream),
            None => service,
        };
        let internal = listen(service.internal(unusual.token.map(Into::into)).router()).await;
        let server = Server {
            url: listen(service.public().routes()).await,
            wechat,
            http: client_of_the_server(),
        };
        Self {
            server,
            internal,
            service,
        }
    }

    /// A request to the internal listener.
    pub(crate) fn ask(&self, path: &str) -> RequestBuilder {
        self.server.http.get(format!("{}{path}", self.internal))
    }

    pub(crate) fn tell(&self, path: &str, body: &Value) -> RequestBuilder {
        let ask = self.server.http.post(format!("{}{path}", self.internal));
        ask.json(body)
    }

    /// What `/verify` says of these headers.
    pub(crate) async fn verify(&self, headers: &[(&str, &str)]) -> Response {
        with(self.ask("/verify"), headers).send().await.unwrap()
    }

    /// What a request to a login URL is answered.
    pub(crate) async fn login(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        with(self.server.get(path), headers).send().await.unwrap()
    }

    /// Signs in by each protocol, and returns what its calls present.
    pub(crate) async fn sessions(&self, user: &str) -> [Headers; 3] {
        let phone = self.phone(user);
        assert_eq!(self.verify(&borrowed(&phone.signed())).await.status(), 200);
        let mut keys = Vec::new();
        for path in ["/login", "/weapp/login"] {
            let headers = self.phone(user).encrypted();
            let answer = self.login(path, &borrowed(&headers)).await;
            keys.push(answer.json::<Value>().await.unwrap());
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        [
            vec![("X-WX-Code", phone.code)],
            vec![
                ("X-WX-Id", text(&keys[0]["session"]["id"])),
                ("X-WX-Skey", text(&keys[0]["session"]["skey"])),
            ],
            vec![("X-WX-Skey", text(&keys[1]["data"]["skey"]))],
        ]
    }

    /// What this user's phone has after a `wx.login`.
    pub(crate) fn phone(&self, user: &str) -> Phone {
        self.phone_in(&App::simulated().appid, user)
    }

    pub(crate) fn phone_in(&self, appid: &str, user: &str) -> Phone {
        let wechat = &self.server.wechat;
        let code = wechat.login(appid, user);
        let data = wechat.user_data(appid, user, profile(user)).unwrap();
        Phone { code, data }
    }

    /// How many live sessions the user has.
    pub(crate) async fn live(&self, user: &str) -> usize {
        let (appid, openid) = (App::simulated().appid, self.server.openid(user));
        let listed = self.service.sessions().list(&appid, &openid).await;
        listed.unwrap().len()
    }

    pub(crate) fn exchanges(&self) -> u64 {
        self.server.wechat.counts().exchanges
    }
}

/// What WeChat tells of a user.
pub(crate) fn profile(user: &str) -> Map<String, Value> {
    let nickname = format!("{user} 王小明 😀&=+%");
    let profile = json!({ "nickName": nickname, "gender": 1, "avatarUrl": "https://wx.example/0" });
    profile.as_object().unwrap().clone()
}

/// A phone right after `wx.login`.
pub(crate) struct Phone {
    pub(crate) code: String,
    pub(crate) data: UserData,
}

impl Phone {
    /// weapp-session's headers of a sign-in.
    pub(crate) fn signed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("X-WX-Code", self.code.clone()),
            ("X-WX-RawData", encoded(&self.data.raw_data)),
            ("X-WX-Signature", self.data.signature.clone()),
        ]
    }

    /// wafer's.
    pub(crate) fn encrypted(&self) -> Vec<(&'static str, String)> {
        vec![
            ("X-WX-Code", self.code.clone()),
            ("X-WX-Encrypted-Data", self.data.encrypted_data.clone()),
            ("X-WX-IV", self.data.iv.clone()),
        ]
    }
}

/// The headers as they are borrowed.
pub(crate) fn borrowed<'a>(headers: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    let borrowed = headers.iter().map(|(name, value)| (*name, value.as_str()));
    borrowed.collect()
}

pub(crate) fn with(ask: RequestBuilder, headers: &[(&str, &str)]) -> RequestBuilder {
    headers
        .iter()
        .fold(ask, |ask, (name, value)| ask.header(*name, *value))
}

/// As `encodeURIComponent` does, and more.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The user of a 200, and what WeChat tells of them.
pub(crate) fn user_of(answer: &Response) -> (String, Value) {
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let told = percent_encoding::percent_decode_str(&header("x-wx-user-info"))
        .decode_utf8()
        .unwrap()
        .into_owned();
    let told = serde_json::from_str(&told).unwrap_or_default();
    (header("x-wx-openid"), told)
}

/// The status and the document of a refusal.
pub(crate) async fn refusal(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert_ne!(status, 200);
    let kind = &answer.headers()["content-type"];
    assert_eq!(kind, "application/json; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    (status, answer.json().await.unwrap())
}

async fn listen(routes: impl Into<Routes>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = routes.into();
    tokio::spawn(serve(listener, routes, std::future::pending()));
    url
}
