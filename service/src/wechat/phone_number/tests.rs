use std::time::Duration;

use serde_json::{Value, json};
use wxsession_server::wechat::{
    Api, Credentials, Exchange, LoginCode, WeChat, WeChatError, tls_client,
};
use wxsession_simulator::{App, Call, Fault, Faults, TokenRequest, serve};

use super::super::GuardedWeChat;
use super::{granted, phone_number};

const SECRET: &str = "a-secret-that-must-not-show";
const APPID: &str = "wx0123456789abcdef";
const DEADLINE: Duration = Duration::from_millis(500);

async fn simulated() -> (wxsession_simulator::FakeWeChat, String) {
    let wechat = wxsession_simulator::FakeWeChat::new([App::new(APPID, SECRET)]);
    let (url, _serving) = serve(wechat.clone()).await.unwrap();
    (wechat, url)
}

fn client(url: &str, appid: &str, secret: &str) -> GuardedWeChat {
    let credentials = Credentials {
        appid: appid.into(),
        secret: secret.into(),
    };
    let api = Api::new(&url.parse().unwrap(), tls_client()).unwrap();
    let api = api.with_deadline(DEADLINE);
    GuardedWeChat::around(WeChat::new([credentials], api))
}

fn code(simulator: &wxsession_simulator::FakeWeChat) -> LoginCode {
    LoginCode::parse(&simulator.phone_code(APPID, "ann")).unwrap()
}

fn openid(simulator: &wxsession_simulator::FakeWeChat) -> String {
    simulator.openid(APPID, "ann")
}

#[tokio::test]
async fn a_code_is_exchanged_for_the_number_once() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    let code = self::code(&simulator);
    let number = wechat
        .phone_number(APPID, &openid(&simulator), &code)
        .await
        .unwrap();
    assert_eq!(number.country_code, "86");
    assert_eq!(number.pure_phone_number.len(), 11);
    assert_eq!(format!("{number:?}"), "PhoneNumber(redacted)");
    let again = wechat
        .phone_number(APPID, &openid(&simulator), &code)
        .await
        .unwrap_err();
    assert!(matches!(again, WeChatError::CodeInvalid), "{again}");
}

#[tokio::test]
async fn one_token_does_for_many_calls() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    let ask = async || {
        wechat
            .phone_number(APPID, &openid(&simulator), &code(&simulator))
            .await
            .unwrap()
    };
    tokio::join!(ask(), ask(), ask());
    ask().await;
    let counts = simulator.counts();
    assert_eq!((counts.tokens, counts.phone_numbers), (1, 4));
}

#[tokio::test]
async fn a_token_that_ended_early_is_replaced_and_the_code_sent_again() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    wechat
        .phone_number(APPID, &openid(&simulator), &code(&simulator))
        .await
        .unwrap();
    // Somebody else has another one made.
    simulator.advance(std::time::Duration::from_secs(60));
    let force = TokenRequest {
        grant_type: "client_credential".into(),
        appid: APPID.into(),
        secret: SECRET.into(),
        force_refresh: true,
    };
    assert!(simulator.stable_token(&force).is_ok());
    wechat
        .phone_number(APPID, &openid(&simulator), &code(&simulator))
        .await
        .unwrap();
    assert_eq!(simulator.counts().phone_numbers, 3);
}

#[tokio::test]
async fn a_code_of_another_mini_program_is_the_clients_fault() {
    let apps = [App::new(APPID, SECRET), App::new("wx2", "another")];
    let simulator = wxsession_simulator::FakeWeChat::new(apps);
    let (url, _serving) = serve(simulator.clone()).await.unwrap();
    let code = LoginCode::parse(&simulator.phone_code("wx2", "ann")).unwrap();
    let wechat = client(&url, APPID, SECRET);
    let error = wechat
        .phone_number(APPID, &openid(&simulator), &code)
        .await
        .unwrap_err();
    assert!(matches!(error, WeChatError::CodeInvalid), "{error}");
}

#[tokio::test]
async fn a_code_of_another_user_is_the_clients_fault_and_stays_good() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    let code = code(&simulator);
    let bob = simulator.openid(APPID, "bob");
    let error = wechat.phone_number(APPID, &bob, &code).await.unwrap_err();
    assert!(matches!(error, WeChatError::CodeInvalid), "{error}");
    let ann = openid(&simulator);
    assert!(wechat.phone_number(APPID, &ann, &code).await.is_ok());
}

#[tokio::test]
async fn a_wrong_secret_is_a_misconfiguration() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, "another");
    let error = wechat
        .phone_number(APPID, &openid(&simulator), &code(&simulator))
        .await;
    assert!(matches!(error, Err(WeChatError::Misconfigured { .. })));
    let refused = granted(br#"{"errcode":40001}"#).unwrap_err();
    assert!(matches!(refused, WeChatError::Misconfigured { .. }));
}

#[tokio::test]
async fn trouble_with_phone_numbers_leaves_sign_ins_alone() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    for call in [Call::StableToken, Call::PhoneNumber] {
        simulator.faults(Faults::next([Fault::OverQuota; 5]).at(call));
        for _ in 0..5 {
            let error = wechat
                .phone_number(APPID, &openid(&simulator), &code(&simulator))
                .await;
            assert!(
                matches!(error, Err(WeChatError::Unavailable(_))),
                "{call:?}"
            );
        }
    }
    let error = wechat
        .phone_number(APPID, &openid(&simulator), &code(&simulator))
        .await;
    assert!(matches!(error, Err(WeChatError::LeftAlone)));
    let login = LoginCode::parse(&simulator.login(APPID, "ann")).unwrap();
    assert!(wechat.exchange(APPID, &login).await.is_ok());
}

#[tokio::test]
async fn no_error_tells_the_token_or_the_code() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    for fault in [Fault::Reset, Fault::Hang, Fault::NotJson] {
        simulator.faults(Faults::next([fault]).at(Call::PhoneNumber));
        let code = self::code(&simulator);
        let error = wechat
            .phone_number(APPID, &openid(&simulator), &code)
            .await
            .unwrap_err();
        let text = format!("{error:?} {error}");
        assert!(
            !text.contains("access_token") && !text.contains(code.reveal()),
            "{text}"
        );
    }
}

fn sound() -> Value {
    json!({
        "errcode": 0,
        "phone_info": {
            "phoneNumber": "+1 684-5551234",
            "purePhoneNumber": "6845551234",
            "countryCode": "1",
            "watermark": { "timestamp": 1637744274, "appid": "wx1" }
        }
    })
}

fn judged(answer: &Value) -> Result<super::PhoneNumber, WeChatError> {
    phone_number("wx1", answer.to_string().as_bytes())
}

#[test]
fn a_country_code_may_be_a_number() {
    let mut answer = sound();
    assert_eq!(judged(&answer).unwrap().country_code, "1");
    answer["phone_info"]["countryCode"] = json!(86);
    assert_eq!(judged(&answer).unwrap().country_code, "86");
}

#[test]
fn a_malformed_answer_is_not_trusted() {
    for (field, wrong) in [
        ("phoneNumber", json!("")),
        ("phoneNumber", json!("13800000000;ext")),
        ("purePhoneNumber", json!(13_800_000_000_u64)),
        ("purePhoneNumber", json!("1".repeat(33))),
        ("countryCode", json!("CN")),
        ("countryCode", Value::Null),
        (
            "watermark",
            json!({ "timestamp": 1637744274, "appid": "wx2" }),
        ),
        ("watermark", json!({ "timestamp": -1, "appid": "wx1" })),
        ("watermark", Value::Null),
    ] {
        let mut answer = sound();
        answer["phone_info"][field] = wrong;
        let error = judged(&answer).unwrap_err();
        assert!(
            matches!(error, WeChatError::BadAnswer(_)),
            "{field}: {error}"
        );
    }
    for token in [
        r#"{}"#,
        r#"{"access_token":"","expires_in":7200}"#,
        r#"{"access_token":"a b","expires_in":7200}"#,
        r#"{"access_token":"a","expires_in":-1}"#,
    ] {
        let error = granted(token.as_bytes()).unwrap_err();
        assert!(matches!(error, WeChatError::BadAnswer(_)), "{token}");
    }
}

#[test]
fn no_token_is_kept_for_longer_than_wechats_live() {
    for (answered, kept) in [(7200, 7200), (300, 300), (u64::MAX, 7200)] {
        let answer = json!({ "access_token": "a", "expires_in": answered });
        let granted = granted(answer.to_string().as_bytes()).unwrap();
        assert_eq!(granted.lifetime.as_secs(), kept);
    }
}
