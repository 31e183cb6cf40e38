//! Faults behind the server, as clients see them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use wxsession_server::store::Store;
use wxsession_simulator::{Fault, Faults, User};

use crate::common::{Server, WEEK, problem};
use crate::internal::Both;
use crate::observed::Observed;

#[tokio::test]
async fn each_of_wechats_faults_has_its_code() {
    let server = Server::start().await;
    for (fault, status, code) in [
        (Fault::Busy, 503, "wechat_unavailable"),
        (Fault::OverQuota, 503, "wechat_unavailable"),
        (Fault::Reset, 503, "wechat_unavailable"),
        (Fault::Empty, 502, "wechat_bad_answer"),
        (Fault::NotJson, 502, "wechat_bad_answer"),
        (Fault::Hang, 504, "wechat_timeout"),
    ] {
        // The server asks a busy WeChat up to three times.
        server.wechat.faults(Faults::next([fault; 3]));
        let body = json!({ "code": server.code("ann") });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{fault:?}");
        assert_eq!(problem(answer).await, code);
    }
}

#[tokio::test]
async fn a_user_whom_wechat_blocks_is_told_so() {
    let server = Server::start().await;
    server.wechat.user(
        "ann",
        User {
            blocked: true,
            ..User::default()
        },
    );
    let body = json!({ "code": server.code("ann") });
    let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(problem(answer).await, "user_blocked");
}

#[tokio::test]
async fn a_user_who_signs_in_too_often_is_told_to_wait() {
    let server = Server::start().await;
    let ask = || {
        server
            .post("/wx/onlogin")
            .json(&json!({ "code": server.code("ann") }))
            .send()
    };
    for _ in 0..100 {
        assert_eq!(ask().await.unwrap().status(), 200);
    }
    let answer = ask().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(problem(answer).await, "rate_limited");
}

#[tokio::test]
async fn a_fault_leaves_nothing_behind_in_the_next_sign_in() {
    let server = Server::start().await;
    server.wechat.faults(Faults::next([Fault::Reset]));
    let body = json!({ "code": server.code("ann") });
    let ask = || server.post("/wx/onlogin").json(&body).send();
    assert_eq!(ask().await.unwrap().status(), 503);
    assert_eq!(ask().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_store_outage_is_503_and_never_401_and_ends_no_session() {
    let store = Arc::new(Observed::default());
    let server = Server::with(Arc::clone(&store) as Arc<dyn Store>, WEEK).await;
    let session = server.signed_in("ann").await;
    store.be_away(true);
    for ask in [
        server.get("/wx/session").header("sessionid", &session),
        server.post("/wx/logout").header("sessionid", &session),
        server
            .post("/wx/onlogin")
            .json(&json!({ "code": server.code("ann") })),
    ] {
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(problem(answer).await, "store_unavailable");
    }
    store.be_away(false);
    assert_eq!(server.standing(&session).await.0, 200);
}

#[tokio::test]
async fn while_the_store_is_known_to_be_away_no_code_is_spent() {
    for full in [false, true] {
        let store = Arc::new(Observed::default());
        let server = Server::with(Arc::clone(&store) as Arc<dyn Store>, WEEK).await;
        let fails = |fails| match full {
            true => store.be_full(fails),
            false => store.be_away(fails),
        };
        let codes: Vec<_> = (0..20).map(|_| server.code("ann")).collect();
        let ask = |code: &str| {
            server
                .post("/wx/onlogin")
                .json(&json!({ "code": code }))
                .send()
        };
        fails(true);
        for code in &codes {
            assert_eq!(problem(ask(code).await.unwrap()).await, "store_unavailable");
        }
        // The first ones found it out.
        assert_eq!(server.wechat.counts().exchanges, 5, "full: {full}");
        fails(false);
        while ask(&codes[0]).await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // No client needs another code, not even those whose codes are spent.
        for code in &codes[1..] {
            assert_eq!(ask(code).await.unwrap().status(), 200);
        }
        assert_eq!(server.wechat.counts().exchanges, 20);
        assert_eq!(
            problem(ask(&codes[1]).await.unwrap()).await,
            "code_invalid",
            "once it has signed somebody in, a code is of no further use"
        );
    }
}

#[tokio::test]
async fn a_store_that_takes_no_writes_is_told_apart() {
    let store = Arc::new(Observed::default());
    let both = Both::on(Arc::clone(&store) as Arc<dyn Store>, None).await;
    let state = async || {
        let answer = both.ask(Method::GET, "/readyz").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.unwrap();
        body["store"].as_str().unwrap().to_owned()
    };
    for (away, full, told) in [
        (false, false, "up"),
        (false, true, "read_only"),
        (true, false, "down"),
        (false, false, "up"),
    ] {
        store.be_away(away);
        store.be_full(full);
        while state().await != told {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
