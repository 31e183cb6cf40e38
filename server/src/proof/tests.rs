use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::routing::any;
use axum::{Extension, Router};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tower::ServiceExt;
use wxsession_protocol::proof::{Key, Signable, Signed, Target, content_digest};

use super::{Asked, Coverage, ProofPolicy};
use crate::contract::TimedStore;
use crate::identity::UserKey;
use crate::ring::KeyRing;
use crate::sessions::Sessions;
use crate::store::{Mark, Noted, Store, StoreFuture};
use crate::token::{Genuine, Token};
use crate::user::{Lifetimes, Millis};
use crate::wechat::{Exchange, ExchangeFuture, LoginCode, signed_in};
use crate::{Backend, Session};

const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const POLICIES: [ProofPolicy; 3] = [
    ProofPolicy::Off,
    ProofPolicy::Offered,
    ProofPolicy::Required,
];

/// A store that counts its calls. It may remember marks, as one does that several servers share.
#[derive(Default)]
struct Counted {
    store: TimedStore,
    calls: AtomicUsize,
    marks: Option<Mutex<HashSet<(UserKey, Mark)>>>,
}

impl Store for Counted {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.calls.fetch_add(1, Relaxed);
        self.store.get(user)
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        self.calls.fetch_add(1, Relaxed);
        self.store.swap(user, old, new, ttl)
    }

    fn get_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> StoreFuture<'_, (Option<Vec<u8>>, Noted)> {
        assert_eq!(ttl, 240_000);
        let noted = match &self.marks {
            None => Noted::Nowhere,
            Some(marks) if marks.lock().unwrap().insert((user, mark)) => Noted::New,
            Some(_) => Noted::Again,
        };
        let value = self.get(user);
        Box::pin(async move { Ok((value.await?, noted)) })
    }

    fn now(&self) -> Millis {
        self.store.now()
    }
}

/// A WeChat that takes what is before the first dash of a code for the user's name.
struct Names {
    asked: AtomicUsize,
    /// Somebody may be answered for each permit.
    gate: Semaphore,
}

impl Exchange for Arc<Names> {
    fn appids(&self) -> Vec<String> {
        vec!["wx".into()]
    }

    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a> {
        Box::pin(async move {
            self.asked.fetch_add(1, Relaxed);
            self.gate.acquire().await.unwrap().forget();
            let openid = code.reveal().split('-').next().unwrap();
            let answer = json!({ "openid": openid, "session_key": "AAAAAAAAAAAAAAAAAAAAAA==" });
            signed_in(appid, answer.to_string().as_bytes())
        })
    }
}

/// A server by its routes, with some of an app's own.
struct Server {
    store: Arc<Counted>,
    wechat: Arc<Names>,
    sessions: Sessions,
    routes: Router,
}

/// A session as its phone has it.
#[derive(Clone)]
struct Phone {
    id: String,
    key: Option<Key>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    /// How often the store was asked for it.
    calls: usize,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Server {
    fn new(policy: ProofPolicy) -> Self {
        Self::on(Arc::default(), policy, OLD)
    }

    /// On a store of its own, which remembers marks or does not.
    fn new_on(remembers: bool) -> Self {
        let store = Counted {
            marks: remembers.then(Mutex::default),
            ..Counted::default()
        };
        Self::on(Arc::new(store), ProofPolicy::Offered, OLD)
    }

    fn on(store: Arc<Counted>, policy: ProofPolicy, ring: &str) -> Self {
        let server = Self::started(store, policy, ring);
        // What is signed in the second of the start is late.
        server.store.store.pass(Duration::from_secs(1));
        server
    }

    /// A server that starts at this moment.
    fn started(store: Arc<Counted>, policy: ProofPolicy, ring: &str) -> Self {
        let wechat = Arc::new(Names {
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(1000),
        });
        let backend = Backend::builder(Arc::clone(&wechat))
            .store(Arc::clone(&store))
            .key_ring(KeyRing::parse(ring).unwrap())
            .proof(policy)
            .build()
            .unwrap();
        let sessions = backend.sessions().clone();
        let covered = async |session: Session| format!("\"{}\"", session.proof.as_str());
        let token = async |token: Token| format!("\"{}\"", token.reveal().len());
        let both = async |session: Session, _: Token| format!("\"{}\"", session.proof.as_str());
        let turned = async |_: Token, session: Session| format!("\"{}\"", session.proof.as_str());
        let behind = async |_: Token, Extension(session): Extension<Session>| {
            format!("\"{}\"", session.proof.as_str())
        };
        let body = async |_: Token, request: axum::extract::Request| {
            crate::body::read_signed(request).await.map(|_| "")
        };
        let by_layer = Router::new()
            .route("/layer", any(covered))
            .route("/token-behind-layer", any(behind))
            .layer(sessions.layer());
        let own = Router::new()
            .route("/session", any(covered))
            .route("/token", any(token))
            .route("/both", any(both))
            .route("/turned", any(turned))
            .route("/body", any(body))
            .merge(by_layer)
            .with_state(sessions.clone());
        Self {
            store,
            wechat,
            sessions,
            routes: backend.routes().merge(own),
        }
    }

    fn now(&self) -> u64 {
        self.store.now() / 1000
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let before = self.store.calls.load(Relaxed);
        let answer = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 100_000).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            calls: self.store.calls.load(Relaxed) - before,
        }
    }

    /// Signs in, with the headers of what is presented.
    async fn sign_in(&self, body: &Value, headers: HeaderMap) -> Answer {
        let mut request = Request::post("/wx/onlogin").header("content-type", "application/json");
        request.headers_mut().unwrap().extend(headers);
        let body = Body::from(body.to_string());
        self.ask(request.body(body).unwrap()).await
    }

    async fn phone(&self, code: &str, signs: bool) -> Phone {
        let mut ask = json!({ "code": code });
        if signs {
            ask["proof"] = "hmac-sha256".into();
        }
        let answer = self.sign_in(&ask, HeaderMap::new()).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        Phone::of(&answer)
    }

    async fn send(&self, method: &str, target: &str, headers: HeaderMap) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        request.headers_mut().unwrap().extend(headers);
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// Whether the session answers to its phone.
    async fn serves(&self, phone: &Phone) -> bool {
        let headers = phone.headers("GET", "/wx/session", None, self.now());
        let status = self.send("GET", "/wx/session", headers).await.status;
        assert!(status == 200 || status == 401);
        status == 200
    }
}

impl Phone {
    fn of(answer: &Answer) -> Self {
        let text = |name: &str| answer.body[name].as_str();
        Self {
            id: text("sessionid").unwrap().to_owned(),
            key: text("key").map(|key| Key::parse(key).unwrap()),
        }
    }

    /// The headers of a request, signed if the session is.
    fn headers(&self, method: &str, target: &str, body: Option<&[u8]>, created: u64) -> HeaderMap {
        static NONCE: AtomicUsize = AtomicUsize::new(0);
        let mut headers = self.bare();
        let Some(key) = &self.key else {
            return headers;
        };
        let digest = body.map(content_digest);
        let signable = Signable {
            method,
            target: Target::of_url(target).unwrap(),
            digest: digest.as_deref(),
        };
        let nonce = NONCE.fetch_add(1, Relaxed).to_string();
        let Signed {
            signature_input,
            signature,
        } = key.sign(signable, created, &nonce).unwrap();
        headers.insert("signature-input", signature_input.parse().unwrap());
        headers.insert("signature", signature.parse().unwrap());
        if let Some(digest) = digest {
            headers.insert("content-digest", digest.parse().unwrap());
        }
        headers
    }

    /// The session id alone.
    fn bare(&self) -> HeaderMap {
        HeaderMap::from_iter([("sessionid".parse().unwrap(), self.id.parse().unwrap())])
    }
}

/// The ways to a session of a service.
const WAYS: [&str; 4] = ["/session", "/layer", "/token", "/wx/session"];

#[tokio::test]
async fn every_row_of_the_table() {
    for policy in POLICIES {
        let store = Arc::new(Counted::default());
        // Whatever the policy was when the session began.
        let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
        let (bearer, bound) = (
            before.phone("ann", false).await,
            before.phone("ann-2", true).await,
        );
        let server = Server::on(store, policy, OLD);
        for way in WAYS {
            let row = format!("{policy:?} {way}");
            let answer = server.send("GET", way, bearer.bare()).await;
            match policy {
                ProofPolicy::Required => {
                    assert_eq!((answer.status.as_u16(), answer.calls), (401, 0), "{row}");
                    assert_eq!(answer.code(), "session_expired", "{row}");
                }
                _ => assert_eq!(answer.status, 200, "{row}"),
            }
            let now = server.now();
            let signed = |created| bound.headers("GET", way, None, created);
            for created in [now, now - 120, now + 120] {
                assert_eq!(
                    server.send("GET", way, signed(created)).await.status,
                    200,
                    "{row}"
                );
            }
            let again = signed(now);
            for _ in 0..2 {
                assert_eq!(
                    server.send("GET", way, again.clone()).await.status,
                    200,
                    "{row}"
                );
            }
            let refused = async |headers, code: &str, row: &str| {
                let answer = server.send("GET", way, headers).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.code()),
                    (403, code),
                    "{row}"
                );
                assert_eq!(answer.calls, 0, "the store was asked: {row}");
                answer
            };
            refused(bound.bare(), "proof_missing", &row).await;
            for created in [now - 121, now + 121] {
                let answer = refused(signed(created), "proof_late", &row).await;
                assert_eq!(answer.body["now"], now, "{row}");
                let challenge = format!("WxSession error=\"proof_late\", now={now}");
                assert_eq!(answer.headers["www-authenticate"], challenge, "{row}");
            }
            // An invalid one is told nothing, however old it is.
            for created in [now, now - 121] {
                let elsewhere = bound.headers("GET", "/elsewhere", None, created);
                let answer = refused(elsewhere, "proof_invalid", &row).await;
                assert!(!answer.headers.contains_key("www-authenticate"), "{row}");
                assert_eq!(answer.body["now"], Value::Null, "{row}");
            }
        }
    }
}

#[tokio::test]
async fn what_changes_something_is_served_once() {
    let server = Server::new(ProofPolicy::Offered);
    let phone = server.phone("ann", true).await;
    for way in &WAYS[..3] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let headers = phone.headers(method, way, None, server.now());
            assert_eq!(server.send(method, way, headers.clone()).await.status, 200);
            let again = server.send(method, way, headers.clone()).await;
            assert_eq!(
                (again.status.as_u16(), again.code()),
                (403, "proof_replayed")
            );
            // What is remembered for four minutes is over after two.
            server.store.store.pass(Duration::from_secs(120));
            assert_eq!(
                server.send(method, way, headers.clone()).await.code(),
                "proof_replayed"
            );
            server.store.store.pass(Duration::from_secs(1));
            assert_eq!(server.send(method, way, headers).await.code(), "proof_late");
        }
        // The same request, signed anew.
        let headers = phone.headers("POST", way, None, server.now());
        assert_eq!(server.send("POST", way, headers).await.status, 200);
    }
}

#[tokio::test]
async fn a_proof_that_is_early_is_remembered_until_it_is_late() {
    let server = Server::new(ProofPolicy::Offered);
    let phone = server.phone("ann", true).await;
    let headers = phone.headers("POST", "/session", None, server.now() + 120);
    assert_eq!(
        server
            .send("POST", "/session", headers.clone())
            .await
            .status,
        200
    );
    for _ in 0..240 {
        server.store.store.pass(Duration::from_secs(1));
        let again = server.send("POST", "/session", headers.clone()).await;
        assert_eq!(again.code(), "proof_replayed");
    }
    server.store.store.pass(Duration::from_secs(1));
    assert_eq!(
        server.send("POST", "/session", headers).await.code(),
        "proof_late"
    );
}

#[tokio::test]
async fn a_restart_serves_nothing_again() {
    let store = Arc::new(Counted::default());
    let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
    let phone = before.phone("ann", true).await;
    let headers = phone.headers("POST", "/session", None, before.now());
    assert_eq!(
        before
            .send("POST", "/session", headers.clone())
            .await
            .status,
        200
    );
    store.store.pass(Duration::from_secs(1));
    let after = Server::on(store, ProofPolicy::Offered, OLD);
    let again = after.send("POST", "/session", headers).await;
    assert_eq!(
        (again.code(), &again.body["now"]),
        ("proof_late", &json!(after.now()))
    );
    // Nothing is remembered of a GET, so it need not be known.
    let read = phone.headers("GET", "/session", None, before.now() - 1);
    assert_eq!(after.send("GET", "/session", read).await.status, 200);
    let headers = phone.headers("POST", "/session", None, after.now());
    assert_eq!(after.send("POST", "/session", headers).await.status, 200);
}

#[tokio::test]
async fn a_restart_within_the_second_serves_nothing_again_and_says_when_to_sign() {
    let store = Arc::new(Counted::default());
    let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
    let phone = before.phone("ann", true).await;
    let headers = phone.headers("POST", "/session", None, before.now());
    let served = before.send("POST", "/session", headers.clone()).await;
    assert_eq!(served.status, 200);
    let after = Server::started(store, ProofPolicy::Offered, OLD);
    let late_by_far = phone.headers("POST", "/session", None, after.now() - 200);
    for headers in [headers, late_by_far] {
        let again = after.send("POST", "/session", headers).await;
        assert_eq!(again.code(), "proof_late");
        // The client sends once more, by the time that it was told.
        let told = again.body["now"].as_u64().unwrap();
        let anew = phone.headers("POST", "/session", None, told);
        assert_eq!(after.send("POST", "/session", anew).await.status, 200);
    }
    // So does one that has just signed in.
    let ask = json!({ "code": "ann-2", "proof": "hmac-sha256" });
    let answer = after.sign_in(&ask, HeaderMap::new()).await;
    let told = answer.body["now"].as_u64().unwrap();
    let headers = Phone::of(&answer).headers("POST", "/session", None, told);
    assert_eq!(after.send("POST", "/session", headers).await.status, 200);
}

#[tokio::test]
async fn what_one_server_has_served_no_other_serves_if_the_store_remembers() {
    let store = Arc::new(Counted {
        marks: Some(Mutex::default()),
        ..Counted::default()
    });
    let server = || Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
    let (one, other) = (server(), server());
    let phone = one.phone("ann", true).await;
    for way in ["/session", "/layer", "/token"] {
        let headers = phone.headers("POST", way, None, one.now());
        let served = one.send("POST", way, headers.clone()).await;
        assert_eq!(served.status, 200, "{way}");
        let again = other.send("POST", way, headers).await;
        assert_eq!(again.code(), "proof_replayed", "{way}");
    }
    // A server that has just started forgets nothing, so it need not call anything late.
    let before = phone.headers("POST", "/session", None, one.now());
    store.store.pass(Duration::from_secs(60));
    let started = server();
    assert_eq!(
        started
            .send("POST", "/session", before.clone())
            .await
            .status,
        200
    );
    assert_eq!(
        one.send("POST", "/session", before).await.code(),
        "proof_replayed"
    );
}

#[tokio::test]
async fn a_stolen_id_alone_reaches_nothing() {
    for policy in POLICIES {
        let store = Arc::new(Counted::default());
        let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
        let ann = before.phone("ann", true).await;
        let others = before.phone("ann-2", true).await;
        let server = Server::on(store, policy, OLD);
        let routes = WAYS
            .map(|way| ("GET", way))
            .into_iter()
            .chain(WAYS[..3].iter().map(|way| ("POST", *way)));
        let signed_out = [
            "/wx/logout",
            "/wx/logout?all=true",
            "/wx/logout?others=true",
        ];
        for (method, target) in routes.chain(signed_out.map(|target| ("POST", target))) {
            let answer = server.send(method, target, ann.bare()).await;
            assert_eq!(
                (answer.status.as_u16(), answer.calls),
                (403, 0),
                "{method} {target}"
            );
            assert_eq!(answer.code(), "proof_missing", "{method} {target}");
            // Nor with what another session of the same user signs.
            let mut headers = others.headers(method, target, None, server.now());
            headers.insert("sessionid", ann.id.parse().unwrap());
            let answer = server.send(method, target, headers).await;
            assert_eq!(
                (answer.status.as_u16(), answer.calls),
                (403, 0),
                "{method} {target}"
            );
            assert_eq!(answer.code(), "proof_invalid", "{method} {target}");
        }
        assert!(server.sessions.authenticate(ann.id.as_bytes()).is_err());
        // The version is under the tag.
        let bearer = Phone {
            id: format!("AV{}", &ann.id[2..]),
            key: None,
        };
        assert_eq!(
            server.send("GET", "/session", bearer.bare()).await.code(),
            "session_missing"
        );
        assert!(server.serves(&ann).await && server.serves(&others).await);
    }
}

#[tokio::test]
async fn one_user_fills_no_memory_and_can_still_sign_out() {
    for remembers in [false, true] {
        let server = Server::new_on(remembers);
        let phone = server.phone("ann", true).await;
        let post = async |phone: &Phone| {
            let headers = phone.headers("POST", "/session", None, server.now());
            server.send("POST", "/session", headers).await
        };
        // What is sent again leaves nothing, so it takes nothing of what the user may send.
        let captured = phone.headers("POST", "/session", None, server.now());
        for _ in 0..600 {
            server.send("POST", "/session", captured.clone()).await;
        }
        for _ in 1..512 {
            assert_eq!(post(&phone).await.status, 200);
        }
        let refused = post(&phone).await;
        assert_eq!((refused.status.as_u16(), refused.calls), (503, 0));
        assert_eq!(refused.code(), "server_busy");
        assert_eq!(post(&server.phone("bob", true).await).await.status, 200);
        let out = phone.headers("POST", "/wx/logout", None, server.now());
        for _ in 0..2 {
            let answer = server.send("POST", "/wx/logout", out.clone()).await;
            assert_eq!(answer.status, 204);
        }
        server.store.store.pass(Duration::from_secs(240));
        let phone = server.phone("ann-2", true).await;
        assert_eq!(post(&phone).await.status, 200);
    }
}

#[tokio::test]
async fn a_session_that_ended_leaves_few_marks_and_keeps_no_other_out() {
    for remembers in [false, true] {
        let server = Server::new_on(remembers);
        let phones = [
            server.phone("ann", true).await,
            server.phone("ann-2", true).await,
        ];
        let out = phones[0].headers("POST", "/wx/logout", None, server.now());
        server.send("POST", "/wx/logout", out).await;
        let post = |phone: &Phone| phone.headers("POST", "/session", None, server.now());
        // Without its key.
        let captured = post(&phones[0]);
        for _ in 0..600 {
            let answer = server.send("POST", "/session", captured.clone()).await;
            assert_eq!(answer.code(), "session_expired");
        }
        let served = server.send("POST", "/session", post(&phones[1])).await;
        assert_eq!(served.status, 200);
        // With its key.
        for _ in 0..600 {
            server.send("POST", "/session", post(&phones[0])).await;
        }
        if let Some(marks) = &server.store.marks {
            assert_eq!(marks.lock().unwrap().len(), 512);
        }
    }
}

#[tokio::test]
async fn a_session_that_no_longer_counts_can_still_sign_out() {
    let store = Arc::new(Counted::default());
    let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
    let phone = before.phone("ann", false).await;
    let server = Server::on(store, ProofPolicy::Required, OLD);
    for target in ["/wx/logout?others=true", "/wx/logout?all=true"] {
        let refused = server.send("POST", target, phone.bare()).await;
        assert_eq!(refused.code(), "session_expired", "{target}");
    }
    assert!(before.serves(&phone).await);
    let answer = server.send("POST", "/wx/logout", phone.bare()).await;
    assert_eq!(answer.status, 204);
    assert!(!before.serves(&phone).await);
}

#[tokio::test]
async fn what_is_judged_on_the_way_to_a_handler_is_judged_once() {
    for remembers in [false, true] {
        let server = Server::new_on(remembers);
        let phone = server.phone("ann", true).await;
        for way in ["/both", "/turned", "/token-behind-layer"] {
            let headers = phone.headers("POST", way, None, server.now());
            let served = server.send("POST", way, headers.clone()).await;
            assert_eq!(
                (served.status.as_u16(), &served.body),
                (200, &json!("head")),
                "{way}"
            );
            let again = server.send("POST", way, headers).await;
            assert_eq!(again.code(), "proof_replayed", "{way}");
        }
    }
}

#[tokio::test]
async fn a_handshake_opens_one_socket() {
    let server = Server::new(ProofPolicy::Offered);
    let phone = server.phone("ann", true).await;
    for way in &WAYS[..3] {
        let mut headers = phone.headers("GET", way, None, server.now());
        assert_eq!(server.send("GET", way, headers.clone()).await.status, 200);
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        headers.insert("sec-websocket-key", key);
        assert_eq!(server.send("GET", way, headers.clone()).await.status, 200);
        let again = server.send("GET", way, headers).await;
        assert_eq!(again.code(), "proof_replayed", "{way}");
    }
}

#[tokio::test]
async fn what_somebody_else_signed_of_a_body_is_nothing_to_a_session_without_a_key() {
    let server = Server::new(ProofPolicy::Offered);
    let (bearer, bound) = (
        server.phone("ann", false).await,
        server.phone("ann-2", true).await,
    );
    let post = async |headers: HeaderMap| {
        let mut request = Request::post("/body").header("content-type", "application/json");
        request.headers_mut().unwrap().extend(headers);
        server.ask(request.body("{}".into()).unwrap()).await
    };
    let mut headers = bearer.bare();
    headers.insert("signature", HeaderValue::from_static("sig1=:AAAA:"));
    headers.insert("content-digest", HeaderValue::from_static("sha-512=:AAAA:"));
    assert_eq!(post(headers).await.status, 200);
    let of = |body: &[u8]| bound.headers("POST", "/body", Some(body), server.now());
    assert_eq!(post(of(b"{}")).await.status, 200);
    assert_eq!(post(of(b"{ }")).await.code(), "proof_invalid");
    let head = bound.headers("POST", "/body", None, server.now());
    assert_eq!(post(head).await.status, 200);
}

type Alter = fn(&mut HeaderMap);

#[tokio::test]
async fn what_is_altered_on_the_way_is_refused() {
    let server = Server::new(ProofPolicy::Offered);
    let phone = server.phone("ann", true).await;
    let now = server.now();
    let sent = || phone.headers("POST", "/session?a=1", Some(b"{}"), now);
    let cases: [(&str, &str, Alter); 9] = [
        ("PUT", "/session?a=1", |_| {}),
        ("POST", "/token?a=1", |_| {}),
        ("POST", "/session?a=2", |_| {}),
        ("POST", "/session", |_| {}),
        ("POST", "/session?a=1", |headers| {
            let other = content_digest(b"{ }").parse().unwrap();
            headers.insert("content-digest", other);
        }),
        ("POST", "/session?a=1", |headers| {
            drop(headers.remove("content-digest"))
        }),
        ("POST", "/session?a=1", |headers| {
            let digest = headers["content-digest"].clone();
            headers.append("content-digest", digest);
        }),
        ("POST", "/session?a=1", |headers| {
            let signature = headers["signature"].clone();
            headers.append("signature", signature);
        }),
        ("POST", "/session?a=1", |headers| {
            drop(headers.remove("signature"))
        }),
    ];
    for (place, (method, target, alter)) in cases.into_iter().enumerate() {
        let mut headers = sent();
        alter(&mut headers);
        let answer = server.send(method, target, headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, "proof_invalid"),
            "{place}"
        );
        assert_eq!(answer.calls, 0, "{place}");
    }
    let mut doubled = sent();
    doubled.append("sessionid", HeaderValue::from_str(&phone.id).unwrap());
    assert_eq!(
        server.send("POST", "/session?a=1", doubled).await.code(),
        "session_missing"
    );
    let answer = server.send("POST", "/session?a=1", sent()).await;
    assert_eq!(answer.body, Coverage::Body.as_str());
    let head = phone.headers("POST", "/session", None, now);
    assert_eq!(server.send("POST", "/session", head).await.body, "head");
    let bearer = server.phone("ann", false).await;
    assert_eq!(
        server.send("POST", "/session", bearer.bare()).await.body,
        "none"
    );
}

#[tokio::test]
async fn a_session_that_ended_is_told_so_before_a_replay() {
    let server = Server::new(ProofPolicy::Offered);
    let phone = server.phone("ann", true).await;
    let sent = phone.headers("POST", "/session", None, server.now());
    assert_eq!(
        server.send("POST", "/session", sent.clone()).await.status,
        200
    );
    let out = phone.headers("POST", "/wx/logout", Some(b"{}"), server.now());
    assert_eq!(
        server.send("POST", "/wx/logout", out.clone()).await.status,
        204
    );
    assert_eq!(
        server.send("POST", "/session", sent).await.code(),
        "session_expired"
    );
    // Ending it again ends nothing more.
    let again = server.send("POST", "/wx/logout", out).await;
    assert_eq!(again.status, 204);
}

#[tokio::test]
async fn the_policy_says_who_gets_a_key() {
    for policy in POLICIES {
        let server = Server::new(policy);
        let answer = server
            .sign_in(
                &json!({ "code": "ann", "proof": "hmac-sha256" }),
                HeaderMap::new(),
            )
            .await;
        assert_eq!(answer.status, 200);
        let is_offered = policy != ProofPolicy::Off;
        assert_eq!(Phone::of(&answer).key.is_some(), is_offered);
        let now = if is_offered {
            json!(server.now())
        } else {
            Value::Null
        };
        assert_eq!(answer.body["now"], now);
        let by_query = server
            .send(
                "GET",
                "/wx/onlogin?code=ann-2&proof=hmac-sha256",
                HeaderMap::new(),
            )
            .await;
        assert_eq!(Phone::of(&by_query).key.is_some(), is_offered);
        let asked = server.wechat.asked.load(Relaxed);
        let without = server
            .sign_in(&json!({ "code": "ann-3" }), HeaderMap::new())
            .await;
        if policy == ProofPolicy::Required {
            assert_eq!(
                (without.status.as_u16(), without.code()),
                (403, "proof_required")
            );
            assert_eq!(
                server.wechat.asked.load(Relaxed),
                asked,
                "the code was spent"
            );
        } else {
            assert!(Phone::of(&without).key.is_none());
            assert_eq!(without.body["now"], Value::Null);
        }
        let other = json!({ "code": "ann-4", "proof": "ed25519" });
        assert_eq!(
            server.sign_in(&other, HeaderMap::new()).await.code(),
            "bad_request"
        );
    }
}

#[tokio::test]
async fn who_signs_shares_no_session_with_who_does_not() {
    let server = Arc::new(Server::new(ProofPolicy::Offered));
    server.wechat.gate.forget_permits(1000);
    let sign_in = |signs| {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.phone("ann", signs).await })
    };
    let phones = [sign_in(true), sign_in(false), sign_in(true), sign_in(false)];
    let both_ask = async {
        while server.wechat.asked.load(Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), both_ask)
        .await
        .unwrap();
    server.wechat.gate.add_permits(2);
    let mut ids = Vec::new();
    for phone in phones {
        let phone = phone.await.unwrap();
        assert!(server.serves(&phone).await);
        ids.push((phone.id, phone.key.is_some()));
    }
    assert_eq!((&ids[0], &ids[1]), (&ids[2], &ids[3]));
    assert_ne!(ids[0].0, ids[1].0);
    assert!(ids[0].1 && !ids[1].1);
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_it_presents_if_that_is_proven() {
    let server = Server::new(ProofPolicy::Offered);
    let body = |code: &str| json!({ "code": code, "proof": "hmac-sha256" });
    let present = async |phone: &Phone, code: &str, headers: HeaderMap| {
        assert!(server.serves(phone).await);
        let answer = server.sign_in(&body(code), headers).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert!(server.serves(&Phone::of(&answer)).await);
        server.serves(phone).await
    };
    let old = server.phone("ann", true).await;
    let now = server.now();
    let signed = |code: &str, created| {
        let body = body(code).to_string();
        old.headers("POST", "/wx/onlogin", Some(body.as_bytes()), created)
    };
    let of = |text: &str| Some(text.as_bytes().to_vec());
    assert!(present(&old, "ann-1", old.bare()).await, "the id alone");
    let elsewhere = old.headers("POST", "/wx/logout", of("").as_deref(), now);
    assert!(
        present(&old, "ann-2", elsewhere).await,
        "signed for something else"
    );
    assert!(
        present(&old, "ann-3", signed("another code", now)).await,
        "another body"
    );
    let head = old.headers("POST", "/wx/onlogin", None, now);
    assert!(
        present(&old, "ann-4", head).await,
        "a body that is not covered"
    );
    // The phone's clock may have been wrong since its last sign-in, and the code is new.
    assert!(!present(&old, "ann-5", signed("ann-5", now - 3600)).await);
    let old = server.phone("ann", true).await;
    let target = "/wx/onlogin?code=ann-6&proof=hmac-sha256";
    let answer = server
        .send("GET", target, old.headers("GET", target, None, now))
        .await;
    assert_eq!(answer.status, 200);
    assert!(!server.serves(&old).await);
}

#[tokio::test]
async fn a_session_of_before_is_renewed_where_proofs_are_demanded() {
    let store = Arc::new(Counted::default());
    let before = Server::on(Arc::clone(&store), ProofPolicy::Off, OLD);
    let old = before.phone("ann", false).await;
    let server = Server::on(store, ProofPolicy::Required, OLD);
    assert_eq!(
        server.send("GET", "/session", old.bare()).await.code(),
        "session_expired"
    );
    let answer = server
        .sign_in(
            &json!({ "code": "ann-2", "proof": "hmac-sha256" }),
            old.bare(),
        )
        .await;
    assert!(server.serves(&Phone::of(&answer)).await);
    // It has ended, and a server that demands no proofs does not serve it either.
    assert!(!before.serves(&old).await);
}

#[tokio::test]
async fn a_key_outlives_the_rotation_of_the_ring_that_it_comes_from() {
    let store = Arc::new(Counted::default());
    let before = Server::on(Arc::clone(&store), ProofPolicy::Offered, OLD);
    let phone = before.phone("ann", true).await;
    let both = Server::on(
        Arc::clone(&store),
        ProofPolicy::Offered,
        &format!("{NEW}\n{OLD}"),
    );
    assert!(both.serves(&phone).await);
    let newer = both.phone("ann-2", true).await;
    let after = Server::on(store, ProofPolicy::Offered, NEW);
    assert!(after.serves(&newer).await);
    assert!(!after.serves(&phone).await);
}

#[tokio::test]
async fn the_vectors_are_judged_as_they_say() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../protocol/src/proof/vectors.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let hex = text(&vectors["ring_key_hex"]);
    let bytes: Vec<u8> = (0..32)
        .map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap())
        .collect();
    let ring = {
        use base64::Engine;
        let key = base64::engine::general_purpose::STANDARD.encode(bytes);
        KeyRing::parse(&format!("1 {key}")).unwrap()
    };
    let store = Arc::new(TimedStore::default());
    let created = vectors["created"].as_u64().unwrap();
    store.pass(Duration::from_millis(created * 1000 - store.now()));
    let kept = Arc::clone(&store) as Arc<dyn Store>;
    let sessions = Sessions::new(kept, &ring, Lifetimes::default(), ["wx"]);
    let token = text(&vectors["token"]);
    let Some(Genuine::Bound(unproven)) = sessions.mint().authenticate(token.as_bytes()) else {
        panic!("the token is not of version 2");
    };
    assert_eq!(
        sessions.mint().key_of(&unproven).reveal(),
        text(&vectors["key"])
    );
    let user = UserKey::new(&text(&vectors["appid"]), &text(&vectors["openid"]));
    assert_eq!(Genuine::Bound(unproven).user(), user);
    let headers = |case: &Value| {
        let mut headers = HeaderMap::new();
        headers.insert("sessionid", token.parse().unwrap());
        for (header, name) in [
            ("signature-input", "signature_input"),
            ("signature", "signature"),
            ("content-digest", "content_digest"),
        ] {
            if let Some(value) = case[name].as_str() {
                headers.insert(header, value.parse().unwrap());
            }
        }
        headers
    };
    let judged = |method: &str, target: &str, headers: &HeaderMap| {
        let asked = Asked::new(method, target, headers);
        let judged = asked
            .genuine(&sessions)
            .and_then(|genuine| sessions.judge(genuine, asked));
        judged
            .map(|judged| judged.coverage)
            .map_err(|error| crate::HttpProblem::from(error).code().as_str())
    };
    let cases = vectors["cases"].as_array().unwrap();
    let (good, refused): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case["expect"].is_null());
    for case in &good {
        let expected = match case["content_digest"].is_null() {
            true => Coverage::Head,
            false => Coverage::Body,
        };
        let judged = judged(
            &text(&case["method"]),
            &text(&case["target"]),
            &headers(case),
        );
        assert_eq!(judged, Ok(expected), "{}", case["name"]);
    }
    let post = good[2];
    let expected: Vec<_> = refused.iter().map(|case| text(&case["expect"])).collect();
    let (genuine, target) = (headers(post), text(&post["target"]));
    let with = |name: &'static str, value: &str| {
        let mut headers = genuine.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let without = |names: &[&str]| {
        let mut headers = genuine.clone();
        names.iter().for_each(|name| drop(headers.remove(*name)));
        headers
    };
    let other_time = genuine["signature-input"]
        .to_str()
        .unwrap()
        .replace("1764460800", "1764460801");
    let off = |seconds: i64| {
        let signable = Signable {
            method: "POST",
            target: Target::sent(&target).unwrap(),
            digest: post["content_digest"].as_str(),
        };
        let key = sessions.mint().key_of(&unproven);
        let signed = key
            .sign(signable, created.saturating_add_signed(seconds), "a")
            .unwrap();
        let mut headers = with("signature-input", &signed.signature_input);
        headers.insert("signature", signed.signature.parse().unwrap());
        headers
    };
    let found = [
        judged("PUT", &target, &genuine),
        judged("POST", "/order", &genuine),
        judged("POST", "/orders?a=1", &genuine),
        judged(
            "POST",
            &target,
            &with("content-digest", &content_digest(b"other")),
        ),
        judged("POST", &target, &without(&["content-digest"])),
        judged(
            "POST",
            &target,
            &without(&["signature", "signature-input", "content-digest"]),
        ),
        judged("POST", &target, &off(-121)),
        judged("POST", &target, &off(121)),
        judged("POST", &target, &with("signature-input", &other_time)),
        judged(
            "POST",
            &target,
            &with("sessionid", &format!("AV{}", &token[2..])),
        ),
    ];
    assert_eq!(
        found.map(|found| found.unwrap_err().to_owned()).to_vec(),
        expected
    );
}
