use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use wxsession_server::contract::TimedStore;
use wxsession_server::store::Store;

use crate::common::{Server, WEEK, problem};

#[tokio::test]
async fn a_session_tells_how_long_it_lives() {
    let server = Server::start().await;
    let session = server.signed_in("ann").await;
    let answer = server
        .get("/wx/session")
        .header("sessionid", session)
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    assert!((604_790..=604_800).contains(&body["expires_in"].as_u64().unwrap()));
}

/// A server on whose clock time passes when a test says so.
async fn timed() -> (Server, Arc<TimedStore>) {
    let store = Arc::new(TimedStore::default());
    let server = Server::with(Arc::clone(&store) as Arc<dyn Store>, WEEK).await;
    (server, store)
}

#[tokio::test]
async fn a_session_that_is_not_used_expires() {
    let (server, store) = timed().await;
    let session = server.signed_in("ann").await;
    store.pass(WEEK.idle);
    assert_eq!(
        server.standing(&session).await,
        (401, "session_expired".into())
    );
}

#[tokio::test]
async fn use_keeps_a_session_alive_up_to_its_absolute_deadline() {
    let (server, store) = timed().await;
    let session = server.signed_in("ann").await;
    // The server keeps a use only after its answer, perhaps when the next time has passed already.
    let pause = WEEK.idle / 2 - Duration::from_secs(1);
    let mut passed = Duration::ZERO;
    while passed + pause < WEEK.absolute {
        store.pass(pause);
        passed += pause;
        assert_eq!(server.standing(&session).await.0, 200, "{passed:?}");
    }
    store.pass(WEEK.absolute - passed);
    assert_eq!(
        server.standing(&session).await,
        (401, "session_expired".into())
    );
}

#[tokio::test]
async fn a_session_signed_out_is_over_and_signing_out_again_is_no_fault() {
    let server = Server::start().await;
    let session = server.signed_in("ann").await;
    for _ in 0..2 {
        let answer = server
            .post("/wx/logout")
            .header("sessionid", &session)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    assert_eq!(
        server.standing(&session).await,
        (401, "session_expired".into())
    );
}

#[tokio::test]
async fn signing_out_all_revokes_them_all_and_nobody_elses() {
    let server = Server::start().await;
    let other = server.signed_in("bob").await;
    for path in ["/wx/logout?all=true", "/wx/logout?all=true&others=true"] {
        let (phone, tablet) = (server.signed_in("ann").await, server.signed_in("ann").await);
        let ask = server.post(path).header("sessionid", &phone);
        assert_eq!(ask.send().await.unwrap().status(), 204);
        for session in [phone, tablet] {
            assert_eq!(
                server.standing(&session).await,
                (401, "session_revoked".into())
            );
        }
    }
    assert_eq!(server.standing(&other).await.0, 200);
}

#[tokio::test]
async fn signing_out_the_others_keeps_this_one() {
    let server = Server::start().await;
    let (phone, tablet) = (server.signed_in("ann").await, server.signed_in("ann").await);
    let ask = server
        .post("/wx/logout?others=true")
        .header("sessionid", &phone);
    assert_eq!(ask.send().await.unwrap().status(), 204);
    assert_eq!(server.standing(&phone).await.0, 200);
    assert_eq!(
        server.standing(&tablet).await,
        (401, "session_revoked".into())
    );
}

#[tokio::test]
async fn a_session_that_is_over_cannot_sign_out_others() {
    let server = Server::start().await;
    let (phone, tablet) = (server.signed_in("ann").await, server.signed_in("ann").await);
    server
        .post("/wx/logout")
        .header("sessionid", &phone)
        .send()
        .await
        .unwrap();
    for path in ["/wx/logout?all=true", "/wx/logout?others=true"] {
        let answer = server
            .post(path)
            .header("sessionid", &phone)
            .send()
            .await
            .unwrap();
        assert_eq!(problem(answer).await, "session_expired");
    }
    assert_eq!(server.standing(&tablet).await.0, 200);
}

#[tokio::test]
async fn the_ninth_device_pushes_out_the_first() {
    let server = Server::start().await;
    let mut devices = Vec::new();
    for _ in 0..9 {
        devices.push(server.signed_in("ann").await);
    }
    assert_eq!(
        server.standing(&devices[0]).await,
        (401, "session_replaced".into())
    );
    for device in &devices[1..] {
        assert_eq!(server.standing(device).await.0, 200);
    }
}
