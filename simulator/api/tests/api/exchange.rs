//! The rules of `jscode2session`, over real HTTP.

use std::time::Duration;

use crate::phone::{Phone, assert_fails};
use wxsession_simulator::{App, FakeWeChat, Settings, User};

#[tokio::test]
async fn a_good_code_names_the_user() {
    let phone = Phone::start().await;
    let code = phone.login("alice");
    assert_eq!(code.len(), 32);
    let answer = phone.exchange(&code).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.content_type, "text/plain");
    let body = answer.json();
    let appid = &phone.app.appid;
    assert_eq!(body["openid"], phone.wechat.openid(appid, "alice"));
    assert_eq!(body["openid"].as_str().unwrap().len(), 28);
    let key = phone.wechat.session_key(appid, "alice").unwrap();
    assert_eq!(body["session_key"], key);
    assert_eq!(key.len(), 24);
    assert_eq!(
        body.as_object().unwrap().len(),
        2,
        "no errcode and no unionid"
    );
}

#[tokio::test]
async fn a_code_works_once() {
    let phone = Phone::start().await;
    let code = phone.login("alice");
    phone.exchange(&code).await.unwrap();
    assert_fails(
        &phone.exchange(&code).await.unwrap(),
        40163,
        "code been used",
    );
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins() {
    let phone = Phone::start().await;
    let code = phone.login("alice");
    let (one, two) = tokio::join!(phone.exchange(&code), phone.exchange(&code));
    let (one, two) = (one.unwrap().json(), two.unwrap().json());
    assert_ne!(one["errcode"] == 40163, two["errcode"] == 40163);
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let phone = Phone::start().await;
    let code = phone.login("alice");
    phone.wechat.advance(Duration::from_secs(290));
    let young = phone.login("alice");
    phone.wechat.advance(Duration::from_secs(10));
    assert_fails(&phone.exchange(&code).await.unwrap(), 40029, "invalid code");
    assert!(
        phone
            .exchange(&young)
            .await
            .unwrap()
            .json()
            .get("errcode")
            .is_none()
    );
}

#[tokio::test]
async fn a_code_of_the_developer_tools_is_taken_where_the_settings_say_so() {
    let settings = Settings {
        any_code: true,
        ..Settings::default()
    };
    let phone = Phone::with(settings).await;
    let first = phone.exchange("made-up").await.unwrap().json();
    let again = phone.exchange("made-up").await.unwrap().json();
    assert!(first["openid"].is_string(), "{first}");
    assert_eq!(first["openid"], again["openid"]);
    let code = phone.login("alice");
    phone.exchange(&code).await.unwrap();
    assert_fails(
        &phone.exchange(&code).await.unwrap(),
        40163,
        "code been used",
    );
    let strict = Phone::start().await;
    let refused = strict.exchange("made-up").await.unwrap();
    assert_fails(&refused, 40029, "invalid code");
}

#[tokio::test]
async fn the_lifetime_is_a_setting() {
    let settings = Settings {
        code_lifetime: Duration::ZERO,
        ..Settings::default()
    };
    let phone = Phone::with(settings).await;
    let code = phone.login("alice");
    assert_fails(&phone.exchange(&code).await.unwrap(), 40029, "invalid code");
}

#[tokio::test]
async fn a_code_nobody_issued_is_invalid() {
    let phone = Phone::start().await;
    assert_fails(
        &phone.exchange("0nonsense").await.unwrap(),
        40029,
        "invalid code",
    );
}

#[tokio::test]
async fn a_code_belongs_to_its_mini_program() {
    let phone = Phone::start().await;
    let code = phone.wechat.login("wxother", "alice");
    assert_fails(&phone.exchange(&code).await.unwrap(), 40029, "invalid code");
}

#[tokio::test]
async fn a_wrong_caller_leaves_the_code_good() {
    let phone = Phone::start().await;
    let App { appid, secret } = &phone.app;
    let code = phone.login("alice");
    let rest = format!("js_code={code}&grant_type=authorization_code");
    let cases = [
        (format!("secret={secret}&{rest}"), 41002, "appid missing"),
        (format!("appid={appid}&{rest}"), 41004, "appsecret missing"),
        (
            format!("appid={appid}&secret={secret}&js_code=&grant_type=authorization_code"),
            41008,
            "missing code",
        ),
        (
            format!("appid={appid}&secret={secret}&js_code={code}"),
            40002,
            "invalid grant_type",
        ),
        (
            format!("appid=wxnobody&secret={secret}&{rest}"),
            40013,
            "invalid appid",
        ),
        (
            format!("appid={appid}&secret=wrong&{rest}"),
            40125,
            "invalid appsecret",
        ),
        ("appid=twice&appid=twice".into(), 41002, "appid missing"),
    ];
    for (query, errcode, text) in cases {
        assert_fails(&phone.ask(&query).await.unwrap(), errcode, text);
    }
    assert!(
        phone
            .exchange(&code)
            .await
            .unwrap()
            .json()
            .get("errcode")
            .is_none()
    );
}

#[tokio::test]
async fn a_user_is_exchanged_a_hundred_times_a_minute() {
    let phone = Phone::start().await;
    for _ in 0..100 {
        phone.signed_in("alice").await;
    }
    let code = phone.login("alice");
    let text = "api minute-quota reach limit, mustslower, retry next minute";
    assert_fails(&phone.exchange(&code).await.unwrap(), 45011, text);
    phone.signed_in("bob").await;
    phone.wechat.advance(Duration::from_secs(60));
    assert!(
        phone
            .exchange(&code)
            .await
            .unwrap()
            .json()
            .get("errcode")
            .is_none()
    );
}

#[tokio::test]
async fn a_blocked_user_is_refused_until_unblocked() {
    let phone = Phone::start().await;
    let blocked = User {
        blocked: true,
        ..User::default()
    };
    phone.wechat.user("mallory", blocked);
    let code = phone.login("mallory");
    assert_fails(&phone.exchange(&code).await.unwrap(), 40226, "code blocked");
    phone.wechat.user("mallory", User::default());
    phone.signed_in("mallory").await;
}

#[tokio::test]
async fn the_openid_stays_and_the_session_key_changes() {
    let phone = Phone::start().await;
    let (first, second) = (
        phone.signed_in("alice").await,
        phone.signed_in("alice").await,
    );
    assert_eq!(first["openid"], second["openid"]);
    assert_ne!(first["session_key"], second["session_key"]);
    assert_ne!(first["openid"], phone.signed_in("bob").await["openid"]);
    let elsewhere = phone.wechat.openid("wxother", "alice");
    assert_ne!(first["openid"], elsewhere);
}

#[tokio::test]
async fn the_openid_outlives_the_simulator() {
    let openid = || FakeWeChat::new([]).openid("wx1", "alice");
    assert_eq!(openid(), openid());
    assert_eq!(openid(), "oDx2gsvLVABWTSL8a0XxIeW9CvOr");
}

#[tokio::test]
async fn a_linked_user_has_a_unionid() {
    let phone = Phone::start().await;
    let linked = User {
        linked_by: Some("company".into()),
        ..User::default()
    };
    phone.wechat.user("alice", linked);
    let answer = phone.signed_in("alice").await;
    assert_eq!(answer["unionid"].as_str().unwrap().len(), 28);
    assert_ne!(answer["unionid"], answer["openid"]);
}
