//! Faults behind the server, as clients see them.

use std::sync::Arc;

use serde_json::json;
use wxsession_server::store::Store;
use wxsession_simulator::{Fault, Faults, User};

use crate::common::{Server, WEEK, problem};
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
    store.is_away(true);
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
    store.is_away(false);
    assert_eq!(server.standing(&session).await.0, 200);
}
