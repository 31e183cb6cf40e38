use std::time::Duration;

use serde_json::{Value, json};
use wxsession_simulator::{App, Faults, Outcome};

use crate::common::{Server, problem, session_id};

#[tokio::test]
async fn a_login_code_becomes_a_session() {
    let server = Server::start().await;
    let code = server.code("ann");
    let answer = server
        .post("/wx/onlogin")
        .json(&json!({ "code": code }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["expires_in"], 604_800);
    let session = body["sessionid"].as_str().unwrap();
    assert_eq!(session.len(), 76);
    assert_eq!(server.standing(session).await.0, 200);
}

#[tokio::test]
async fn nothing_that_wechat_told_leaves_the_server() {
    let server = Server::start().await;
    let appid = App::simulated().appid;
    let code = server.code("ann");
    let answer = server
        .post("/wx/onlogin")
        .json(&json!({ "code": code }))
        .send()
        .await
        .unwrap();
    let headers = format!("{:?}", answer.headers());
    let body: Value = answer.json().await.unwrap();
    let keys: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["expires_in", "guest", "sessionid"]);
    for secret in [
        server.wechat.openid(&appid, "ann"),
        server.wechat.session_key(&appid, "ann").unwrap(),
    ] {
        assert!(!headers.contains(&secret) && !body.to_string().contains(&secret));
    }
}

#[tokio::test]
async fn further_login_data_is_no_hindrance() {
    let server = Server::start().await;
    let code = server.code("ann");
    let body = json!({ "code": code, "appid": App::simulated().appid, "nickname": "Ann" });
    session_id(server.post("/wx/onlogin").json(&body)).await;
}

#[tokio::test]
async fn without_accounts_only_wechat_signs_users_in() {
    let server = Server::start().await;
    let sign_in = async |method: &str| {
        let body = json!({ "code": server.code("ann"), "method": method });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, answer) = sign_in("wechat").await;
    assert_eq!((status, &answer["guest"]), (200, &json!(true)));
    let (status, answer) = sign_in("password").await;
    assert_eq!((status, &answer["code"]), (400, &json!("method_unknown")));
}

#[tokio::test]
async fn another_appid_is_named_as_the_fault() {
    let server = Server::start().await;
    let body = json!({ "code": server.code("ann"), "appid": "wx_of_somebody_else" });
    let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "bad_request");
    assert!(body["detail"].as_str().unwrap().contains("appid"));
    assert_eq!(server.wechat.counts().exchanges, 0);
}

#[tokio::test]
async fn a_code_works_once() {
    let server = Server::start().await;
    let body = json!({ "code": server.code("ann") });
    session_id(server.post("/wx/onlogin").json(&body)).await;
    let again = server.post("/wx/onlogin").json(&body).send().await.unwrap();
    assert_eq!(again.status(), 401);
    assert_eq!(problem(again).await, "code_invalid");
}

#[tokio::test]
async fn the_same_code_in_parallel_is_exchanged_once_for_one_session() {
    let server = Server::start().await;
    server
        .wechat
        .faults(Faults::delay(Duration::from_millis(100)));
    let body = json!({ "code": server.code("ann") });
    let mut asks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        asks.spawn(session_id(server.post("/wx/onlogin").json(&body)));
    }
    let mut sessions = asks.join_all().await;
    sessions.dedup();
    assert_eq!(sessions.len(), 1);
    assert_eq!(server.wechat.counts().exchanges, 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_and_asks_again_gets_the_session_of_its_first_ask() {
    let server = Server::start().await;
    server
        .wechat
        .faults(Faults::delay(Duration::from_millis(300)));
    let body = json!({ "code": server.code("ann") });
    let ask = || server.post("/wx/onlogin").json(&body);
    let hung_up = ask().timeout(Duration::from_millis(100)).send().await;
    assert!(hung_up.unwrap_err().is_timeout());
    let session = session_id(ask()).await;
    assert_eq!(server.standing(&session).await.0, 200);
    assert_eq!(server.wechat.counts().of(Outcome::SignedIn), 1);
}

#[tokio::test]
async fn a_session_presented_with_the_code_ends() {
    let server = Server::start().await;
    let before = server.signed_in("ann").await;
    let body = json!({ "code": server.code("ann") });
    let ask = server
        .post("/wx/onlogin")
        .header("sessionid", &before)
        .json(&body);
    let after = session_id(ask).await;
    assert_ne!(before, after);
    assert_eq!(
        server.standing(&before).await,
        (401, "session_expired".into())
    );
    assert_eq!(server.standing(&after).await.0, 200);
}

#[tokio::test]
async fn a_forged_session_presented_with_the_code_is_no_hindrance() {
    let server = Server::start().await;
    let body = json!({ "code": server.code("ann") });
    session_id(
        server
            .post("/wx/onlogin")
            .header("sessionid", "made-up")
            .json(&body),
    )
    .await;
}
