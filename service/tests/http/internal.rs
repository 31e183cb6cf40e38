//! The internal listener, for the operator's own proxies and backends.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_service::serve;
use wxsession_simulator::{App, User};

use crate::common::{Server, WEEK, problem};

/// A server with its internal listener.
pub(crate) struct Both {
    pub(crate) server: Server,
    url: String,
}

impl Both {
    pub(crate) async fn start(token: Option<&str>) -> Self {
        Self::on(Arc::new(MemoryStore::new()), token).await
    }

    pub(crate) async fn on(store: Arc<dyn Store>, token: Option<&str>) -> Self {
        let (server, service) = Server::with_service(store, WEEK).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let internal = service.internal(token.map(Into::into));
        tokio::spawn(serve(listener, internal.router(), std::future::pending()));
        Self { server, url }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.server
            .http
            .request(method, format!("{}{path}", self.url))
    }

    async fn end(&self, body: Value) -> Response {
        let ask = self.ask(Method::POST, "/sessions/end").json(&body);
        ask.send().await.unwrap()
    }
}

fn who(answer: &Response) -> [&str; 4] {
    ["x-wx-user", "x-wx-appid", "x-wx-openid", "x-wx-unionid"].map(|name| {
        let mut values = answer.headers().get_all(name).iter();
        let value = values.next().expect(name).to_str().unwrap();
        assert_eq!(values.next(), None, "{name}");
        value
    })
}

#[tokio::test]
async fn a_proxy_is_told_whose_request_it_is_whatever_its_method_and_path() {
    let both = Both::start(None).await;
    both.server.wechat.user("bob", linked());
    let (ann, bob) = (
        both.server.signed_in("ann").await,
        both.server.signed_in("bob").await,
    );
    let appid = App::simulated().appid;
    let ann_is = UserKey::new(&appid, &both.server.openid("ann")).guest();
    let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE",
    ];
    for method in methods.map(|method| method.parse::<Method>().unwrap()) {
        for path in [
            "/verify",
            "/verify/",
            "/verify/api/orders/1?page=2",
            "/verify//a/%2e%2e/b",
        ] {
            let ask = both.ask(method.clone(), path).header("sessionid", &ann);
            let answer = ask
                .header("x-wx-openid", "somebody-else")
                .header("x-wx-user", "somebody-else")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200, "{method} {path}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(
                who(&answer),
                [
                    &*ann_is,
                    &*App::simulated().appid,
                    &both.server.openid("ann"),
                    ""
                ]
            );
        }
    }
    let ask = both.ask(Method::GET, "/verify").header("sessionid", &bob);
    let answer = ask.send().await.unwrap();
    assert_eq!(who(&answer)[2], both.server.openid("bob"));
    assert!(!who(&answer)[3].is_empty());
}

fn linked() -> User {
    User {
        linked_by: Some("a company".into()),
        blocked: false,
    }
}

#[tokio::test]
async fn a_proxy_is_told_why_a_session_opens_nothing() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let bare = both.ask(Method::GET, "/verify/a").send().await.unwrap();
    assert!(!bare.headers().contains_key("x-wx-openid"));
    assert_eq!(problem(bare).await, "session_missing");
    let ended = both
        .end(json!({ "appid": App::simulated().appid, "openid": both.server.openid("ann") }))
        .await;
    assert_eq!(ended.status(), 204);
    let ask = both
        .ask(Method::GET, "/verify/a")
        .header("sessionid", &session);
    assert_eq!(problem(ask.send().await.unwrap()).await, "session_revoked");
    // A user whose sessions were ended is not blocked.
    both.server.signed_in("ann").await;
}

#[tokio::test]
async fn a_second_question_is_answered_with_the_refusal_and_never_with_a_yes() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let bare = both.ask(Method::PUT, "/refusal").send().await.unwrap();
    assert_eq!(problem(bare).await, "session_missing");
    let ask = both
        .ask(Method::GET, "/refusal")
        .header("sessionid", &session);
    let live = ask.send().await.unwrap();
    assert!(!live.headers().contains_key("x-wx-openid"));
    assert_eq!(live.status(), 503);
    assert_eq!(problem(live).await, "server_busy");
}

#[tokio::test]
async fn a_blocked_user_is_out_and_stays_out_until_the_block_is_lifted() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let other = both.server.signed_in("bob").await;
    let appid = App::simulated().appid;
    let block = |seconds: Value| json!({ "appid": appid, "openid": both.server.openid("ann"), "block_seconds": seconds });
    assert_eq!(both.end(block(json!(3600.0))).await.status(), 204);
    assert_eq!(
        both.server.standing(&session).await,
        (401, "session_revoked".into())
    );
    let sign_in = |code: String| {
        let ask = both.server.post("/wx/onlogin");
        ask.json(&json!({ "code": code })).send()
    };
    let refused = sign_in(both.server.code("ann")).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(problem(refused).await, "user_blocked");
    assert_eq!(both.server.standing(&other).await.0, 200);
    assert_eq!(both.end(block(json!(0))).await.status(), 204);
    both.server.signed_in("ann").await;
}

#[tokio::test]
async fn a_user_is_ended_by_the_name_that_backends_get_but_for_one_session() {
    let both = Both::start(None).await;
    let (phone, tablet) = (
        both.server.signed_in("ann").await,
        both.server.signed_in("ann").await,
    );
    let user = UserKey::new(&App::simulated().appid, &both.server.openid("ann")).guest();
    let order = json!({ "user": user, "except": tablet });
    assert_eq!(both.end(order).await.status(), 204);
    assert_eq!(both.server.standing(&phone).await.1, "session_revoked");
    assert_eq!(both.server.standing(&tablet).await.0, 200);
    assert_eq!(both.end(json!({ "user": user })).await.status(), 204);
    assert_eq!(both.server.standing(&tablet).await.1, "session_revoked");
    let block = json!({ "user": user, "block_seconds": 3600 });
    assert_eq!(both.end(block).await.status(), 204);
    let ask = both.server.post("/wx/onlogin");
    let code = json!({ "code": both.server.code("ann") });
    let refused = ask.json(&code).send().await.unwrap();
    assert_eq!(problem(refused).await, "user_blocked");
}

#[tokio::test]
async fn an_order_that_cannot_be_understood_is_refused_and_changes_nothing() {
    let both = Both::start(None).await;
    let session = both.server.signed_in("ann").await;
    let other = both.server.signed_in("bob").await;
    let (appid, openid) = (App::simulated().appid, both.server.openid("ann"));
    let user = UserKey::new(&appid, &openid).guest();
    for (order, named) in [
        (json!({}), "user"),
        (json!({ "user": user, "openid": openid }), "user"),
        (json!({ "user": 42 }), "user"),
        (json!({ "user": "" }), "user"),
        (json!({ "user": "two words" }), "user"),
        (json!({ "user": "u".repeat(65) }), "user"),
        (json!({ "user": user, "except": "made-up" }), "except"),
        (json!({ "user": user, "except": other }), "except"),
        (
            json!({ "user": user, "except": session, "block_seconds": 1 }),
            "except",
        ),
        (
            json!({ "appid": appid, "openid": openid, "except": session }),
            "except",
        ),
        (json!({ "appid": appid }), "openid"),
        (json!({ "openid": openid }), "appid"),
        (
            json!({ "appid": "wx-of-somebody-else", "openid": openid }),
            "appid",
        ),
        (
            json!({ "appid": appid, "openid": openid, "block_seconds": -1 }),
            "block_seconds",
        ),
        (
            json!({ "appid": appid, "openid": openid, "block_seconds": u64::MAX }),
            "block_seconds",
        ),
        (
            json!({ "appid": appid, "openid": openid, "block_second": 60 }),
            "block_seconds",
        ),
        (json!({ "appid": appid, "openid": "two words" }), "openid"),
        (json!({ "appid": appid, "openid": "" }), "openid"),
        (json!([appid, openid]), "openid"),
    ] {
        let answer = both.end(order.clone()).await;
        assert_eq!(answer.status(), 400, "{order}");
        let body: Value = answer.json().await.unwrap();
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains(named), "{order}: {detail}");
        assert!(!detail.contains(&openid), "{detail}");
    }
    assert_eq!(both.server.standing(&session).await.0, 200);
}

#[tokio::test]
async fn without_the_token_nothing_is_told_and_nothing_done() {
    let both = Both::start(Some("a-token-of-this-test")).await;
    let session = both.server.signed_in("ann").await;
    let order = json!({ "appid": App::simulated().appid, "openid": both.server.openid("ann") });
    for authorization in [
        None,
        Some("Bearer a-token-of-this-tesu"),
        Some("Bearer a-token-of-this-tes"),
        Some("Bearer "),
        Some("a-token-of-this-test"),
        Some("Basic a-token-of-this-test"),
    ] {
        for (method, path) in [
            (Method::GET, "/verify/a"),
            (Method::POST, "/sessions/end"),
            (Method::GET, "/nowhere"),
        ] {
            let mut ask = both.ask(method, path).header("sessionid", &session);
            if let Some(authorization) = authorization {
                ask = ask.header("authorization", authorization);
            }
            let answer = ask.json(&order).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{authorization:?} {path}");
            assert!(!answer.headers().contains_key("x-wx-openid"));
            assert_eq!(problem(answer).await, "forbidden");
        }
    }
    assert_eq!(both.server.standing(&session).await.0, 200);
    let ask = both
        .ask(Method::GET, "/verify")
        .header("sessionid", &session);
    let answer = ask
        .bearer_auth("a-token-of-this-test")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}
