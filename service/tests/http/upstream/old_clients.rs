//! Old clients through the server.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use reqwest::Response;
use serde_json::Value;
use wxsession_service::edge::{SignInLimit, TrustedProxies};

use super::world::{settings, telling_backend, values};
use crate::old_clients::world::{Unusual, World, borrowed, refusal, with};

async fn start(limit: Option<SignInLimit>) -> World {
    let backend = telling_backend(Arc::new(AtomicUsize::new(0))).await;
    World::with(Unusual {
        limit,
        upstream: Some(settings(backend)),
        ..Unusual::default()
    })
    .await
}

async fn carried(world: &World, headers: &[(&str, &str)]) -> Response {
    with(world.server.get("/orders"), headers)
        .send()
        .await
        .unwrap()
}

/// What the backend is told of an old client's call.
fn told_of(told: &Value) -> Vec<(&str, &str)> {
    let headers = told["headers"].as_array().unwrap().iter();
    let named = headers.map(|header| (header[0].as_str().unwrap(), header[1].as_str().unwrap()));
    named.filter(|(name, _)| name.starts_with("x-wx")).collect()
}

#[tokio::test]
async fn the_backend_hears_of_an_old_client_what_verify_says() {
    let world = start(None).await;
    for headers in world.sessions("ann").await {
        let forged = [("x-wx-user-info", "forged"), ("x-wx-openid", "forged")];
        let headers = [&borrowed(&headers)[..], &forged].concat();
        let verified = world.verify(&headers).await;
        let told: Value = carried(&world, &headers).await.json().await.unwrap();
        let mut expected: Vec<_> = verified
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("x-wx"))
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        let mut found = told_of(&told);
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(found.len(), 6);
        assert!(values(&told, "sessionid").is_empty(), "{told}");
    }
}

#[tokio::test]
async fn a_first_call_signs_in_once_and_is_carried() {
    let world = start(None).await;
    let signed = world.phone("ann").signed();
    let headers = borrowed(&signed);
    let (one, other) = tokio::join!(carried(&world, &headers), carried(&world, &headers));
    for answer in [one, other] {
        assert_eq!(answer.status(), 200);
        let told: Value = answer.json().await.unwrap();
        assert_eq!(values(&told, "x-wx-openid"), [world.server.openid("ann")]);
        assert!(values(&told, "x-wx-code").is_empty() && values(&told, "x-wx-rawdata").is_empty());
    }
    assert_eq!(world.exchanges(), 1);
}

#[tokio::test]
async fn a_refusal_is_in_the_clients_own_terms_as_at_verify() {
    let world = start(None).await;
    let made_up = |name: &'static str| vec![(name, "made up")];
    for headers in [
        vec![],
        made_up("X-WX-Skey"),
        made_up("X-WX-Code"),
        [made_up("X-WX-Id"), made_up("X-WX-Skey")].concat(),
    ] {
        let verified = world.verify(&headers).await;
        let answer = carried(&world, &headers).await;
        assert!(!answer.headers().contains_key("x-wx-refusal"));
        let challenge = verified.headers().get("www-authenticate").cloned();
        assert_eq!(answer.headers().get("www-authenticate"), challenge.as_ref());
        assert_eq!(
            refusal(answer).await,
            refusal(verified).await,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn sign_ins_are_limited_by_where_they_come_from() {
    let (rate, burst) = (1.try_into().unwrap(), 3.try_into().unwrap());
    let limit = SignInLimit::new(rate, burst, TrustedProxies::default());
    let world = start(Some(limit)).await;
    let mut refused = 0;
    for number in 0..8 {
        let signed = world.phone("ann").signed();
        // Whatever the client itself says.
        let elsewhere = format!("198.51.100.{number}");
        let headers = [&borrowed(&signed)[..], &[("x-forwarded-for", &elsewhere)]].concat();
        let answer = carried(&world, &headers).await;
        if answer.status() == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!(refused >= 3, "{refused}");
}
