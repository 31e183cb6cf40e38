//! The rules of `stable_token` and `getuserphonenumber`, over real HTTP.

use std::time::Duration;

use crate::phone::{Answer, Phone, assert_fails, post};
use serde_json::{Value, json};
use wxsession_simulator::App;

impl Phone {
    async fn ask_for_token(&self, changes: Value) -> Answer {
        let App { appid, secret } = &self.app;
        let mut body =
            json!({ "grant_type": "client_credential", "appid": appid, "secret": secret });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        post(&self.url, "/cgi-bin/stable_token", &body)
            .await
            .unwrap()
    }

    async fn token(&self) -> String {
        let answer = self.ask_for_token(json!({})).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn ask_for_number(&self, token: &str, code: &str) -> Answer {
        let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
        post(&self.url, &path, &json!({ "code": code }))
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_code_gives_the_users_number_once() {
    let phone = Phone::start().await;
    let token = phone.token().await;
    let code = phone.wechat.phone_code(&phone.app.appid, "alice");
    assert_eq!(code.len(), 64);
    let answer = phone.ask_for_number(&token, &code).await.json();
    assert_eq!(answer["errcode"], 0);
    let number = &answer["phone_info"];
    assert_eq!(number["purePhoneNumber"].as_str().unwrap().len(), 11);
    assert_eq!(number["countryCode"], "86");
    assert_eq!(number["watermark"]["appid"], phone.app.appid);
    let again = phone.ask_for_number(&token, &code).await;
    assert_fails(&again, 40163, "code been used");
    let another = phone.wechat.phone_code(&phone.app.appid, "alice");
    let another = phone.ask_for_number(&token, &another).await.json();
    assert_eq!(another["phone_info"]["phoneNumber"], number["phoneNumber"]);
}

#[tokio::test]
async fn a_code_lives_five_minutes_and_belongs_to_one_mini_program() {
    let phone = Phone::start().await;
    let token = phone.token().await;
    let code = phone.wechat.phone_code("wxother", "alice");
    let answer = phone.ask_for_number(&token, &code).await;
    assert_fails(&answer, 40013, "invalid appid");
    let code = phone.wechat.phone_code(&phone.app.appid, "alice");
    phone.wechat.advance(Duration::from_secs(300));
    for code in [code.as_str(), "made-up", &phone.login("alice")] {
        let answer = phone.ask_for_number(&token, code).await;
        assert_fails(&answer, 40029, "invalid code");
    }
}

#[tokio::test]
async fn a_code_is_of_the_user_who_is_named_and_is_kept_from_another() {
    let phone = Phone::start().await;
    let path = format!(
        "/wxa/business/getuserphonenumber?access_token={}",
        phone.token().await
    );
    let code = phone.wechat.phone_code(&phone.app.appid, "alice");
    let ask = async |openid: &str| {
        let body = json!({ "code": code, "openid": openid });
        post(&phone.url, &path, &body).await.unwrap()
    };
    for openid in [&phone.wechat.openid(&phone.app.appid, "bob"), ""] {
        assert_fails(&ask(openid).await, 40003, "invalid openid");
    }
    let alice = phone.wechat.openid(&phone.app.appid, "alice");
    assert_eq!(ask(&alice).await.json()["errcode"], 0);
}

#[tokio::test]
async fn a_number_takes_a_token_that_is_good() {
    let phone = Phone::start().await;
    let code = phone.wechat.phone_code(&phone.app.appid, "alice");
    let missing = phone.ask_for_number("", &code).await;
    assert_fails(&missing, 41001, "access_token missing");
    let invalid = "invalid credential, access_token is invalid or not latest";
    assert_fails(
        &phone.ask_for_number("made-up", &code).await,
        40001,
        invalid,
    );
    let token = phone.token().await;
    phone.wechat.advance(Duration::from_secs(7200));
    let expired = phone.ask_for_number(&token, &code).await;
    assert_fails(&expired, 42001, "access_token expired");
}

#[tokio::test]
async fn a_token_is_the_same_until_shortly_before_its_end() {
    let phone = Phone::start().await;
    let first = phone.ask_for_token(json!({})).await.json();
    assert_eq!(first["expires_in"], 7200);
    phone.wechat.advance(Duration::from_secs(6800));
    assert_eq!(phone.token().await, first["access_token"]);
    phone.wechat.advance(Duration::from_secs(150));
    let second = phone.token().await;
    assert_ne!(second, first["access_token"]);
    for token in [&second, first["access_token"].as_str().unwrap()] {
        let code = phone.wechat.phone_code(&phone.app.appid, "alice");
        let answer = phone.ask_for_number(token, &code).await;
        assert_eq!(answer.json()["errcode"], 0, "both are good for a while");
    }
}

#[tokio::test]
async fn a_forced_refresh_ends_the_token_before_but_not_within_30_seconds() {
    let phone = Phone::start().await;
    let first = phone.token().await;
    let force = json!({ "force_refresh": true });
    let unmoved = phone.ask_for_token(force.clone()).await.json();
    assert_eq!(unmoved["access_token"], first);
    phone.wechat.advance(Duration::from_secs(30));
    let second = phone.ask_for_token(force).await.json();
    assert_ne!(second["access_token"], first);
    let code = phone.wechat.phone_code(&phone.app.appid, "alice");
    let answer = phone.ask_for_number(&first, &code).await.json();
    assert_eq!(answer["errcode"], 40001);
}

#[tokio::test]
async fn a_token_takes_the_mini_programs_secret() {
    let phone = Phone::start().await;
    for (changes, errcode) in [
        (json!({ "appid": "" }), 41002),
        (json!({ "secret": "" }), 41004),
        (json!({ "grant_type": "authorization_code" }), 40002),
        (json!({ "appid": "wxunknown" }), 40013),
        (json!({ "secret": "another" }), 40125),
    ] {
        let answer = phone.ask_for_token(changes).await.json();
        assert_eq!(answer["errcode"], errcode);
    }
}
