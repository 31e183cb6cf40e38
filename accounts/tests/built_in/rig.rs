//! A server with accounts, and phones that call it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use wxsession_accounts::hashing::Hasher;
use wxsession_accounts::phone::{Number, NumberFuture, PhoneNumbers};
use wxsession_accounts::{BuiltIn, Foundation, Settings};
use wxsession_server::contract::TimedStore;
use wxsession_server::ring::KeyRing;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{
    Exchange, ExchangeFuture, LoginCode, WeChatError, signed_in, tls_client,
};
use wxsession_server::{Backend, Identity, ProofPolicy, Sessions};

pub(crate) const APPID: &str = "wx0123456789abcdef";
pub(crate) const PASSWORD: &str = "ktqwmvze";
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// A WeChat that takes codes of the form `user.anything`, and gives every user the number in a phone code.
struct Codes;

impl Exchange for Codes {
    fn appids(&self) -> Vec<String> {
        vec![APPID.into()]
    }

    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a> {
        Box::pin(async move {
            let (user, _) = code.reveal().split_once('.').unwrap();
            let key = "AAAAAAAAAAAAAAAAAAAAAA==";
            let answer = json!({ "openid": format!("openid-of-{user}"), "session_key": key });
            signed_in(appid, answer.to_string().as_bytes())
        })
    }
}

impl PhoneNumbers for Codes {
    fn number<'a>(&'a self, _: &'a Identity, code: &'a LoginCode) -> NumberFuture<'a> {
        Box::pin(async move {
            let number = code.reveal().strip_prefix("number.");
            let pure_number = number.ok_or(WeChatError::CodeInvalid)?.to_owned();
            Ok(Number {
                country_code: "86".into(),
                pure_number,
            })
        })
    }
}

pub(crate) struct Server {
    url: String,
    http: Client,
    codes: AtomicU64,
    pub(crate) store: Arc<TimedStore>,
    pub(crate) sessions: Sessions,
    pub(crate) accounts: BuiltIn,
    pub(crate) hasher: Hasher,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// The session id of a sign-in that succeeded.
    pub(crate) fn session(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["sessionid"].as_str().unwrap().to_owned()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// Accounts by these settings. WeChat tells phone numbers as well.
    pub(crate) async fn with(settings: Settings) -> Self {
        let (store, ring) = (
            Arc::new(TimedStore::default()),
            KeyRing::generate().unwrap(),
        );
        let hasher = settings.hasher.clone();
        let settings = Settings {
            phone_numbers: Some(Arc::new(Codes)),
            ..settings
        };
        let foundation = Foundation::open(store.clone(), &ring, settings)
            .await
            .unwrap();
        let beside = foundation.clone();
        let backend = Backend::builder(Codes)
            .store(store.clone())
            .key_ring(ring)
            .lifetimes(Lifetimes::default())
            .proof(ProofPolicy::Offered)
            .accounts_beside(move |sessions| beside.beside(sessions))
            .build()
            .unwrap();
        let accounts = foundation.beside(backend.sessions());
        let routes = backend.routes().merge(accounts.routes(Arc::new(Codes)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        Self {
            url,
            http: tls_client().no_proxy().build().unwrap(),
            codes: AtomicU64::default(),
            store,
            sessions: backend.sessions().clone(),
            accounts,
            hasher,
        }
    }

    /// A login code of this WeChat user.
    pub(crate) fn code(&self, user: &str) -> String {
        format!("{user}.{}", self.codes.fetch_add(1, Ordering::Relaxed))
    }

    /// Signs this WeChat user in by these fields, presenting a session if there is one.
    pub(crate) async fn sign_in(&self, user: &str, session: Option<&str>, fields: Value) -> Answer {
        let mut body = fields.as_object().unwrap().clone();
        body.insert("code".into(), self.code(user).into());
        self.call(Method::POST, "/wx/onlogin", session, Some(body))
            .await
    }

    /// Signs this WeChat user in without a word, as a start of the program does.
    pub(crate) async fn start_of(&self, user: &str, session: Option<&str>) -> Answer {
        self.sign_in(user, session, json!({})).await
    }

    /// Registers a name with the usual password. Returns the session.
    pub(crate) async fn registered(&self, user: &str, name: &str) -> String {
        let mut fields = by_password(name, PASSWORD);
        fields["register"] = true.into();
        self.sign_in(user, None, fields).await.session()
    }

    pub(crate) async fn get(&self, path: &str, session: &str) -> Answer {
        self.call(Method::GET, path, Some(session), None).await
    }

    pub(crate) async fn delete(&self, path: &str, session: &str) -> Answer {
        self.call(Method::DELETE, path, Some(session), None).await
    }

    pub(crate) async fn put(&self, path: &str, session: &str, body: Value) -> Answer {
        let body = body.as_object().cloned();
        self.call(Method::PUT, path, Some(session), body).await
    }

    pub(crate) async fn post(&self, path: &str, session: &str, body: Value) -> Answer {
        let body = body.as_object().cloned();
        self.call(Method::POST, path, Some(session), body).await
    }

    /// Links what these fields show, on the phone of this WeChat user.
    pub(crate) async fn link(&self, user: &str, session: &str, mut fields: Value) -> Answer {
        fields["code"] = self.code(user).into();
        self.post("/wx/account/identities", session, fields).await
    }

    /// The user of a live session.
    pub(crate) async fn user(&self, session: &str) -> String {
        let shown = self.get("/wx/account", session).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        shown.body["user"].as_str().unwrap().to_owned()
    }

    /// The id of the account's identity of this kind.
    pub(crate) async fn identity(&self, session: &str, kind: &str) -> String {
        let shown = self.get("/wx/account", session).await.body;
        let identities = shown["identities"].as_array().unwrap();
        let found = identities
            .iter()
            .find(|identity| identity["kind"] == kind)
            .unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// How the session stands: 200, or the refusal.
    pub(crate) async fn standing(&self, session: &str) -> (u16, String) {
        let answer = self.get("/wx/session", session).await;
        let (status, code) = answer.refusal();
        (status, code.to_owned())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        session: Option<&str>,
        body: Option<Map<String, Value>>,
    ) -> Answer {
        let mut request = self.request(method, path);
        if let Some(session) = session {
            request = request.header("sessionid", session);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let retry_after = answer.headers().get("retry-after");
    Answer {
        status: answer.status().as_u16(),
        retry_after: retry_after.map(|seconds| seconds.to_str().unwrap().parse().unwrap()),
        body: answer.json().await.unwrap_or_default(),
    }
}

/// The fields of a sign-in by a password.
pub(crate) fn by_password(identifier: &str, password: &str) -> Value {
    json!({ "method": "password", "identifier": identifier, "password": password })
}

/// The WeChat user, as WeChat names them.
pub(crate) fn identity_of(user: &str) -> Identity {
    Identity {
        appid: APPID.into(),
        openid: format!("openid-of-{user}"),
        unionid: None,
    }
}
