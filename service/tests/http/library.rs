//! The library in a service with its own routes.

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use wxsession_server::identity::Identity;
use wxsession_server::ring::KeyRing;
use wxsession_server::session_key::SessionKey;
use wxsession_server::token::Version;
use wxsession_server::user::Lifetimes;
use wxsession_server::{Coverage, Session, Sessions};
use wxsession_service::serve;

use crate::common::{client_of_the_server, problem};
use crate::observed::Observed;

async fn by_argument(session: Session) -> String {
    session.openid
}

async fn by_extension(Extension(session): Extension<Session>) -> String {
    session.openid
}

#[tokio::test]
async fn a_route_has_the_session_as_an_argument_or_from_the_layer_with_one_read() {
    let store = Arc::new(Observed::default());
    let ring = KeyRing::generate().unwrap();
    let sessions = Sessions::new(store.clone(), &ring, Lifetimes::default(), ["wx"]);
    let ann = Identity {
        appid: "wx".into(),
        openid: "ann".into(),
        unionid: None,
    };
    let session_key = SessionKey::parse("AAAAAAAAAAAAAAAAAAAAAA==").unwrap();
    let token = sessions
        .issue(&ann, &session_key, None, Version::Bearer)
        .await
        .unwrap()
        .token;
    // The first use writes.
    sessions.touch(token).await.unwrap();
    let behind_the_layer = Router::new()
        .route("/both", get(by_argument))
        .route("/extension", get(by_extension))
        .layer(sessions.layer())
        .with_state(sessions.clone());
    let service = Router::new()
        .route("/argument", get(by_argument))
        .with_state(sessions)
        .merge(behind_the_layer)
        .route("/open", get(async || "anybody"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, service, std::future::pending()));

    let http = client_of_the_server();
    for path in ["/argument", "/extension", "/both"] {
        let before = store.asked();
        let refused = http.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{path}");
        assert_eq!(problem(refused).await, "session_missing", "{path}");
        assert_eq!(store.asked(), before, "{path}");
        let ask = http.get(format!("{url}{path}"));
        let answer = ask
            .header("sessionid", token.reveal())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.text().await.unwrap(), "ann", "{path}");
        assert_eq!(store.asked(), before + 1, "{path}");
    }
    let answer = http.get(format!("{url}/open")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "anybody");

    // A store outage is never a 401, which would send every client to WeChat.
    store.be_away(true);
    for path in ["/argument", "/extension", "/both"] {
        let ask = http.get(format!("{url}{path}"));
        let answer = ask.header("sessionid", token.reveal()).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 503, "{path}");
        assert_eq!(problem(answer).await, "store_unavailable", "{path}");
    }
}

#[test]
fn a_session_does_not_say_in_debug_output_who_it_is() {
    let session = Session {
        user: "somebody-with-an-account".into(),
        appid: "wx".into(),
        openid: "somebody".into(),
        unionid: Some("everywhere".into()),
        expires_in: Lifetimes::default().absolute,
        proof: Coverage::None,
    };
    let shown = format!("{session:?}");
    assert!(shown.contains("wx"), "{shown}");
    assert!(
        !shown.contains("somebody") && !shown.contains("everywhere"),
        "{shown}"
    );
}
