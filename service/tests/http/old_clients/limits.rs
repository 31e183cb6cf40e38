//! How often old clients sign in, and who may ask for them.

use serde_json::{Value, json};
use wxsession_service::edge::{SignInLimit, TrustedProxies};

use super::world::{MARKER, Unusual, World, borrowed, refusal, with};

fn limit() -> Option<SignInLimit> {
    let proxies = TrustedProxies::from_iter(["10.0.0.0/8".parse().unwrap()]);
    let (rate, burst) = (1.try_into().unwrap(), 3.try_into().unwrap());
    Some(SignInLimit::new(rate, burst, proxies))
}

#[tokio::test]
async fn whoever_signs_in_too_often_is_told_so_in_their_own_terms() {
    let world = World::with(Unusual {
        limit: limit(),
        ..Unusual::default()
    })
    .await;
    let mut refused = 0;
    for _ in 0..8 {
        let headers = world.phone("ann").signed();
        let ask = with(world.ask("/verify"), &borrowed(&headers));
        // The client's own part comes first, and another proxy of the operator's last.
        let ask = ask.header("x-forwarded-for", "192.0.2.9, 198.51.100.1, 10.0.0.2");
        let answer = ask.send().await.unwrap();
        if answer.status() == 200 {
            continue;
        }
        refused += 1;
        assert!(answer.headers().contains_key("retry-after"));
        let (status, document) = refusal(answer).await;
        assert_eq!(status, 429);
        assert_eq!(
            (&document[MARKER], &document["reason"]),
            (&json!(1), &Value::Null)
        );
    }
    assert!(refused >= 3, "{refused}");
    let headers = world.phone("ann").signed();
    let ask = with(world.ask("/verify"), &borrowed(&headers));
    let another = ask.header("x-forwarded-for", "198.51.100.2");
    assert_eq!(another.send().await.unwrap().status(), 200);
    // Calls with a session are not limited.
    for _ in 0..8 {
        let ask = with(world.ask("/verify"), &borrowed(&headers[..1]));
        let call = ask.header("x-forwarded-for", "198.51.100.2");
        assert_eq!(call.send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn the_login_urls_are_limited_as_the_sign_in_is() {
    for path in ["/login", "/weapp/login"] {
        let world = World::with(Unusual {
            limit: limit(),
            ..Unusual::default()
        })
        .await;
        let mut last = 0;
        for _ in 0..8 {
            let headers = world.phone("ann").encrypted();
            last = world
                .login(path, &borrowed(&headers))
                .await
                .status()
                .as_u16();
        }
        assert_eq!(last, 429);
        assert!(world.exchanges() < 6);
    }
}

#[tokio::test]
async fn nobody_signs_in_at_a_listener_whose_token_is_missing() {
    let world = World::with(Unusual {
        token: Some("the token"),
        ..Unusual::default()
    })
    .await;
    let headers = world.phone("ann").signed();
    assert_eq!(world.verify(&borrowed(&headers)).await.status(), 403);
    assert_eq!(world.exchanges(), 0);
    let ask = with(world.ask("/verify"), &borrowed(&headers));
    let trusted = ask.header("authorization", "Bearer the token");
    assert_eq!(trusted.send().await.unwrap().status(), 200);
}
