//! Faults and controls, over real HTTP.

use std::time::{Duration, Instant};

use crate::phone::{Phone, assert_fails, get, post};
use serde_json::{Value, json};
use wxsession_simulator::{Counts, Fault, Faults, Outcome};

#[tokio::test]
async fn faults_come_in_order_and_leave_the_code_good() {
    let phone = Phone::start().await;
    use Fault::{Busy, Empty, NotJson, OverQuota, Reset};
    phone
        .wechat
        .faults(Faults::next([Busy, OverQuota, Empty, NotJson, Reset]));
    let code = phone.login("alice");
    assert_fails(&phone.exchange(&code).await.unwrap(), -1, "system error");
    let quota = "reach max api daily quota limit";
    assert_fails(&phone.exchange(&code).await.unwrap(), 45009, quota);
    assert_eq!(phone.exchange(&code).await.unwrap().body, "{}");
    let page = phone.exchange(&code).await.unwrap();
    assert!(serde_json::from_str::<Value>(&page.body).is_err());
    let reset = phone.exchange(&code).await.err().unwrap();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(
        phone
            .exchange(&code)
            .await
            .unwrap()
            .json()
            .get("errcode")
            .is_none()
    );
    let counts = phone.wechat.counts();
    assert_eq!((counts.logins, counts.exchanges), (1, 6));
    for outcome in [Outcome::Busy, Outcome::Empty, Outcome::Reset] {
        assert_eq!(counts.of(outcome), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_has_used_the_code_up() {
    let phone = Phone::start().await;
    phone.wechat.faults(Faults::next([Fault::Lost]));
    let code = phone.login("alice");
    assert!(phone.exchange(&code).await.is_err());
    assert_fails(
        &phone.exchange(&code).await.unwrap(),
        40163,
        "code been used",
    );
    assert_eq!(phone.wechat.counts().of(Outcome::SignedIn), 1);
}

#[tokio::test]
async fn a_hung_exchange_never_answers() {
    let phone = Phone::start().await;
    phone.wechat.faults(Faults::next([Fault::Hang]));
    let code = phone.login("alice");
    let patience = Duration::from_millis(100);
    assert!(
        tokio::time::timeout(patience, phone.exchange(&code))
            .await
            .is_err()
    );
    assert_eq!(phone.wechat.counts().of(Outcome::Hung), 1);
}

#[tokio::test]
async fn an_answer_takes_as_long_as_it_is_told_to() {
    let phone = Phone::start().await;
    let delay = Duration::from_millis(80);
    phone.wechat.faults(Faults::delay(delay));
    let before = Instant::now();
    phone.signed_in("alice").await;
    assert!(before.elapsed() >= delay);
}

#[tokio::test]
async fn one_mini_program_alone_can_have_faults() {
    let phone = Phone::start().await;
    let faults = Faults::next([Fault::Empty; 2]);
    phone.wechat.faults(faults.clone().of("wxother"));
    phone.signed_in("alice").await;
    phone.wechat.faults(faults.of(&phone.app.appid));
    let answer = phone.exchange(&phone.login("alice")).await.unwrap();
    assert_eq!(answer.body, "{}");
}

#[tokio::test]
async fn it_counts_how_many_exchanges_were_under_way_at_once() {
    let phone = Phone::start().await;
    phone
        .wechat
        .faults(Faults::delay(Duration::from_millis(50)));
    tokio::join!(phone.signed_in("alice"), phone.signed_in("bob"));
    phone.signed_in("carol").await;
    assert_eq!(phone.wechat.counts().most_at_once, 2);
}

#[tokio::test]
async fn another_process_drives_it_over_http() {
    let phone = Phone::start().await;
    let tell = |path: &'static str, body: Value| {
        let url = phone.url.clone();
        async move { post(&url, path, &body).await.unwrap() }
    };
    let blocked = json!({ "user": "mallory", "blocked": true, "linked_by": "company" });
    assert_eq!(tell("/simulator/users", blocked).await.status, 204);
    let login = json!({ "appid": phone.app.appid, "user": "mallory" });
    let code = tell("/simulator/login", login).await.json()["code"].clone();
    let code = code.as_str().unwrap();
    assert_fails(&phone.exchange(code).await.unwrap(), 40226, "code blocked");

    let faults = json!({ "delay_ms": 1, "next": ["busy"] });
    assert_eq!(tell("/simulator/faults", faults).await.status, 204);
    assert_fails(&phone.exchange(code).await.unwrap(), -1, "system error");

    assert_eq!(
        tell("/simulator/advance", json!({ "seconds": 300 }))
            .await
            .status,
        204
    );
    assert_fails(&phone.exchange(code).await.unwrap(), 40029, "invalid code");

    let counts = get(&phone.url, "/simulator/counts").await.unwrap().json();
    let outcomes = json!({ "-1": 1, "40029": 1, "40226": 1 });
    assert_eq!(
        counts,
        json!({
            "logins": 1, "exchanges": 3, "tokens": 0, "phone_numbers": 0, "most_at_once": 1,
            "outcomes": outcomes
        })
    );

    assert_eq!(tell("/simulator/reset", json!({})).await.status, 204);
    let counts = get(&phone.url, "/simulator/counts").await.unwrap().json();
    assert_eq!(counts, json!(Counts::default()));
    let nobody = tell("/simulator/login", json!({})).await.json();
    assert_eq!(nobody["code"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_mistyped_control_is_refused() {
    let phone = Phone::start().await;
    for (path, body) in [
        ("/simulator/faults", json!({ "delay": 1 })),
        ("/simulator/faults", json!({ "next": ["bussy"] })),
        ("/simulator/login", json!({ "usr": "alice" })),
        ("/simulator/advance", json!({ "minutes": 5 })),
    ] {
        assert_eq!(post(&phone.url, path, &body).await.unwrap().status, 422);
    }
}
