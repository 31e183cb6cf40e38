//! Whose request it is, and who says so.

use reqwest::StatusCode;
use serde_json::Value;
use wxsession_service::upstream::UpstreamSettings;

use super::world::{Unusual, World, ask, read, values};
use crate::common::problem;

const WHO: [&str; 5] = [
    "x-wx-user",
    "x-wx-appid",
    "x-wx-openid",
    "x-wx-unionid",
    "x-wx-proof",
];

/// Everything by which a client may try to be somebody else.
const FORGED: [(&str, &str); 16] = [
    ("x-wx-user", "forged"),
    ("X-WX-OPENID", "forged"),
    ("x-wx-openid", "forged again"),
    ("x_wx_openid", "forged"),
    ("X_Wx_User", "forged"),
    ("x-wx_openid", "forged"),
    ("x.wx.openid", "forged"),
    ("x~wx~user", "forged"),
    ("x-wx-unionid", "forged"),
    ("x-wx-proof", "body"),
    ("x-wx-user-info", "forged"),
    ("x-wx-refusal", "forged"),
    ("x-wx-of-the-future", "forged"),
    ("Connection", "x-wx-user, x-wx-openid, X-WX-Proof, host"),
    ("Connection", "x-forwarded-for, content-length"),
    ("Trailer", "x-wx-openid"),
];

/// What a backend could take for one of the server's headers, under the names that it gives them.
fn identity(told: &Value) -> Vec<(String, String)> {
    let headers = told["headers"].as_array().unwrap().iter();
    let headers = headers.map(|header| {
        let name = header[0].as_str().unwrap();
        let name = name.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
        (name, header[1].as_str().unwrap().to_owned())
    });
    headers
        .filter(|(name, _)| name.starts_with("x-wx"))
        .collect()
}

#[tokio::test]
async fn the_backend_hears_from_the_server_alone_whose_request_it_is() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    let question = world.server.http.get(format!("{}/verify", world.internal));
    let verified = question.header("sessionid", &session).send().await.unwrap();
    let expected = WHO.map(|name| {
        let value = verified.headers()[name].to_str().unwrap();
        (name.to_owned(), value.to_owned())
    });
    assert_eq!(expected[2].1, world.server.openid("ann"));
    let with_session = [&FORGED[..], &[("sessionid", &session)]].concat();
    for headers in [&with_session[..], &[("sessionid", session.as_str())]] {
        let (status, told) = read(&world.raw(&ask("/orders", headers)).await);
        assert_eq!(status, 200);
        let mut found = identity(&told);
        found.sort_by_key(|(name, _)| WHO.iter().position(|who| who == name));
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn on_a_public_path_the_backend_hears_of_nobody() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    for headers in [
        &FORGED[..],
        &[("sessionid", &session)],
        &[&FORGED[..], &[("sessionid", &session)]].concat(),
    ] {
        let (status, told) = read(&world.raw(&ask("/public/tea", headers)).await);
        assert_eq!((status, identity(&told)), (200, vec![]), "{headers:?}");
        assert_eq!(values(&told, "sessionid"), <[&str; 0]>::default());
    }
}

#[tokio::test]
async fn a_trailer_is_no_header() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    for path in ["/orders", "/public/orders"] {
        let sent = format!(
            "POST {path} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nsessionid: {session}\r\n\
             TE: trailers\r\nTrailer: x-wx-openid\r\nTransfer-Encoding: chunked\r\n\r\n\
             3\r\ntea\r\n0\r\nx-wx-openid: forged\r\n\r\n"
        );
        let (status, told) = read(&world.raw(&sent).await);
        assert_eq!((status, &told["body"]), (200, &"tea".into()), "{path}");
        assert!(!told.to_string().contains("forged"), "{told}");
        assert!(values(&told, "trailer").is_empty() && values(&told, "te").is_empty());
    }
}

#[tokio::test]
async fn the_session_id_reaches_a_backend_that_wants_it_and_no_other() {
    for (passes_session, settings) in [
        (
            false,
            (|settings| settings) as fn(UpstreamSettings) -> UpstreamSettings,
        ),
        (true, |settings| UpstreamSettings {
            passes_session: true,
            ..settings
        }),
    ] {
        let unusual = Unusual {
            settings,
            ..Unusual::default()
        };
        let world = World::with(unusual).await;
        let session = world.server.signed_in("ann").await;
        let answer = world.raw(&ask("/orders", &[("sessionid", &session)])).await;
        let (_, told) = read(&answer);
        let expected = if passes_session {
            vec![session.as_str()]
        } else {
            vec![]
        };
        assert_eq!(values(&told, "sessionid"), expected);
    }
}

#[tokio::test]
async fn a_refusal_is_the_one_that_the_servers_own_routes_give() {
    let world = World::start().await;
    let server = &world.server;
    let ended = server.signed_in("ann").await;
    server
        .post("/wx/logout")
        .header("sessionid", &ended)
        .send()
        .await
        .unwrap();
    let revoked = server.signed_in("bob").await;
    let other = server.signed_in("bob").await;
    server
        .post("/wx/logout?all=true")
        .header("sessionid", &other)
        .send()
        .await
        .unwrap();
    let live = server.signed_in("eve").await;
    let mut codes = Vec::new();
    for (sessions, away) in [
        (vec![], false),
        (vec!["forged"], false),
        (vec![live.as_str(), live.as_str()], false),
        (vec![ended.as_str()], false),
        (vec![revoked.as_str()], false),
        (vec![live.as_str()], true),
    ] {
        world.store.be_away(away);
        let mut answers = Vec::new();
        for path in ["/wx/session", "/orders"] {
            let ask = sessions.iter().fold(server.get(path), |ask, session| {
                ask.header("sessionid", *session)
            });
            let answer = ask.send().await.unwrap();
            let names: Vec<_> = answer.headers().keys().map(ToString::to_string).collect();
            answers.push((answer.status(), names, problem(answer).await));
        }
        assert_eq!(answers[0], answers[1]);
        assert_ne!(answers[0].0, StatusCode::OK);
        codes.push(answers.remove(0).2);
    }
    let expected = [
        "session_missing",
        "session_missing",
        "session_missing",
        "session_expired",
        "session_revoked",
        "store_unavailable",
    ];
    assert_eq!(codes, expected);
    assert_eq!(world.reached(), 0);
}
