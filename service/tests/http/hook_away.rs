//! A user database that is away, slow, or answers what makes no sense: nobody is signed in, and nobody out.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use serde_json::json;

use crate::common::problem;
use crate::hook_world::World;

const AWAY: &str = "accounts_unavailable";

#[tokio::test]
async fn while_the_database_is_away_sessions_go_on_and_no_guest_arises() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "account"
    );
    world.database.stop().await;
    for _ in 0..3 {
        assert_eq!(phone.silently().await, AWAY);
        assert_eq!(phone.by_password("li.na", "password of 41").await, AWAY);
        let mut stranger = world.phone("bob");
        assert_eq!(stranger.silently().await, AWAY);
        assert_eq!((stranger.session, phone.who().await), (None, "41".into()));
    }
    world.database.start_again().await;
    // The server leaves a hook alone that has failed too often, and then tries again by itself.
    while phone.silently().await != "account" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(phone.who().await, "41");
}

#[tokio::test]
async fn while_the_database_is_known_to_be_away_no_code_is_spent() {
    let world = World::open().await;
    let body = json!({ "code": world.server.code("ann") });
    let ask = async || {
        let ask = world.server.post("/wx/onlogin").json(&body);
        let answer = ask.send().await.unwrap();
        match answer.status().as_u16() {
            200 => "signed in".into(),
            _ => problem(answer).await,
        }
    };
    world.database.stop().await;
    let mut stranger = world.phone("bob");
    for _ in 0..10 {
        assert_eq!(stranger.silently().await, AWAY);
    }
    assert_eq!(ask().await, AWAY);
    world.database.start_again().await;
    while stranger.silently().await != "guest" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(ask().await, "signed in");
}

#[tokio::test]
async fn a_code_about_which_the_database_said_nothing_can_be_sent_again() {
    let world = World::open().await;
    let body = json!({ "code": world.server.code("ann") });
    let ask = async || {
        let ask = world.server.post("/wx/onlogin").json(&body);
        ask.send().await.unwrap()
    };
    world
        .database
        .answer(|| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    assert_eq!(problem(ask().await).await, AWAY);
    world.database.answer_well();
    assert_eq!(ask().await.status(), 200);
    assert_eq!(problem(ask().await).await, "code_invalid");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_refusal_and_makes_no_guest() {
    let answers: [fn() -> Response; 13] = [
        || StatusCode::NO_CONTENT.into_response(),
        || StatusCode::CREATED.into_response(),
        || StatusCode::NOT_FOUND.into_response(),
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        || StatusCode::BAD_GATEWAY.into_response(),
        || Redirect::temporary("/login").into_response(),
        || (StatusCode::UNAUTHORIZED, "<html>Log in").into_response(),
        || "<!doctype html>Welcome".into_response(),
        || "".into_response(),
        || "guest".into_response(),
        || r#"{"user":null}"#.into_response(),
        || r#"{"user":"41","guest":true}"#.into_response(),
        || {
            (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, "Basic")],
            )
                .into_response()
        },
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let world = World::open().await;
        let mut phone = world.phone("ann");
        assert_eq!(
            phone.by_password("li.na", "password of 41").await,
            "account"
        );
        world.database.answer(answer);
        let mut stranger = world.phone("bob");
        assert_eq!(stranger.silently().await, AWAY, "answer {index}");
        assert_eq!(phone.silently().await, AWAY, "answer {index}");
        assert_eq!(
            phone.by_password("li.na", "hush").await,
            AWAY,
            "answer {index}"
        );
        assert_eq!((stranger.session, phone.who().await), (None, "41".into()));
        world.database.answer_well();
        assert_eq!(phone.silently().await, "account", "answer {index}");
    }
}

#[tokio::test]
async fn a_method_that_the_database_does_not_understand_is_the_clients_and_no_outage() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    world
        .database
        .answer(|| StatusCode::BAD_REQUEST.into_response());
    for _ in 0..20 {
        let campus = json!({ "method": "campus", "pin": "hush" });
        let refused = phone.refused(campus).await;
        assert_eq!(
            (&refused["code"], &refused["status"]),
            (&json!("bad_request"), &json!(400))
        );
        assert!(refused["detail"].as_str().unwrap().contains("`method`"));
    }
    // What the server asks by itself has to be understood.
    assert_eq!(phone.silently().await, AWAY);
    world.database.answer_well();
    assert_eq!(phone.silently().await, "guest");
}

#[tokio::test]
async fn a_late_answer_is_given_up_and_not_asked_for_again() {
    let world = World::open().await;
    let mut phone = world.phone("ann");
    world.database.hold(true);
    assert_eq!(phone.by_password("li.na", "password of 41").await, AWAY);
    world.database.hold(false);
    assert_eq!((phone.session.as_ref(), world.database.calls()), (None, 1));
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "account"
    );
}
