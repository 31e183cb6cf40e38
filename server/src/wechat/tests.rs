//! Against the simulated WeChat over real HTTP, and for what it never answers, by judging directly.

use std::error::Error;
use std::time::Duration;

use secrecy::SecretString;
use wxsession_simulator::{Fault, Faults, User, serve};

use super::{Answer, App, ExchangeError, LoginCode, WeChat};

const SECRET: &str = "a-secret-that-must-not-show";
const APPID: &str = "wx0123456789abcdef";

async fn simulated() -> (wxsession_simulator::WeChat, String) {
    let wechat = wxsession_simulator::WeChat::new([wxsession_simulator::App::new(APPID, SECRET)]);
    let (url, _serving) = serve(wechat.clone()).await.unwrap();
    (wechat, url)
}

fn client(url: &str, appid: &str, secret: &str) -> WeChat {
    let app = App {
        appid: appid.into(),
        secret: SecretString::from(secret),
    };
    WeChat::new(app, &url.parse().unwrap(), Duration::from_millis(500)).unwrap()
}

fn code(text: &str) -> LoginCode {
    LoginCode::parse(text).unwrap()
}

#[tokio::test]
async fn a_code_is_exchanged_for_who_the_user_is() {
    let (simulator, url) = simulated().await;
    let linked = User {
        linked_by: Some("a company".into()),
        ..User::default()
    };
    simulator.user("ann", linked);
    let wechat = client(&url, APPID, SECRET);
    let identity = wechat
        .exchange(&code(&simulator.login(APPID, "ann")))
        .await
        .unwrap();
    assert_eq!(identity.appid, APPID);
    assert_eq!(identity.openid, simulator.openid(APPID, "ann"));
    assert!(identity.unionid.is_some());
}

#[tokio::test]
async fn a_code_that_is_unknown_or_used_is_invalid() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    let code = code(&simulator.login(APPID, "ann"));
    wechat.exchange(&code).await.unwrap();
    for invalid in [code, self::code("the code is a mock one")] {
        let error = wechat.exchange(&invalid).await.unwrap_err();
        assert!(matches!(error, ExchangeError::CodeInvalid), "{error}");
    }
}

#[tokio::test]
async fn a_blocked_user_is_told_from_a_bad_code() {
    let (simulator, url) = simulated().await;
    simulator.user(
        "ann",
        User {
            blocked: true,
            ..User::default()
        },
    );
    let code = code(&simulator.login(APPID, "ann"));
    let error = client(&url, APPID, SECRET)
        .exchange(&code)
        .await
        .unwrap_err();
    assert!(matches!(error, ExchangeError::UserBlocked), "{error}");
}

#[tokio::test]
async fn wrong_credentials_are_a_misconfiguration() {
    let (simulator, url) = simulated().await;
    let code = code(&simulator.login(APPID, "ann"));
    for (appid, secret) in [("wx1", SECRET), (APPID, "another")] {
        let error = client(&url, appid, secret)
            .exchange(&code)
            .await
            .unwrap_err();
        assert!(
            matches!(error, ExchangeError::Misconfigured { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn each_fault_has_its_name() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    for (fault, named) in [
        (Fault::Busy, "Busy"),
        (Fault::OverQuota, "Busy"),
        (Fault::Empty, "BadAnswer"),
        (Fault::NotJson, "BadAnswer"),
        (Fault::Reset, "Unreachable"),
        (Fault::Lost, "Unreachable"),
        (Fault::Hang, "Late"),
    ] {
        simulator.faults(Faults::next([fault]));
        let code = code(&simulator.login(APPID, "ann"));
        let error = wechat.exchange(&code).await.unwrap_err();
        assert!(
            format!("{error:?}").starts_with(named),
            "{fault:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn no_error_tells_a_secret_or_a_code() {
    let (simulator, url) = simulated().await;
    let nobody_listens = "http://127.0.0.1:9";
    let code = simulator.login(APPID, "ann");
    for (url, fault) in [
        (url.as_str(), Fault::Reset),
        (url.as_str(), Fault::Hang),
        (url.as_str(), Fault::NotJson),
        (nobody_listens, Fault::Busy),
    ] {
        simulator.faults(Faults::next([fault]));
        let error = client(url, APPID, SECRET)
            .exchange(&self::code(&code))
            .await
            .unwrap_err();
        let mut text = format!("{error:?} {error}");
        let mut source = error.source();
        while let Some(error) = source {
            text += &format!(" {error:?} {error}");
            source = error.source();
        }
        assert!(!text.contains(SECRET) && !text.contains(&code), "{text}");
    }
    let shown = format!("{:?}", client(&url, APPID, SECRET));
    assert!(!shown.contains(SECRET), "{shown}");
}

/// What WeChat would have to answer for a judgement that the simulator never provokes.
fn judged(answer: &str) -> Result<super::Identity, ExchangeError> {
    let answer: Answer = serde_json::from_str(answer).unwrap();
    client("http://127.0.0.1:9", APPID, SECRET).judge(answer)
}

#[tokio::test]
async fn malformed_answers_are_not_trusted() {
    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
    let sound = format!(r#"{{"errcode":0,"openid":"o_-9","session_key":"{KEY}"}}"#);
    assert!(judged(&sound).is_ok());
    let long = "o".repeat(65);
    for answer in [
        format!(r#"{{"session_key":"{KEY}"}}"#),
        format!(r#"{{"openid":"","session_key":"{KEY}"}}"#),
        format!(r#"{{"openid":"o 1","session_key":"{KEY}"}}"#),
        format!(r#"{{"openid":"{long}","session_key":"{KEY}"}}"#),
        format!(r#"{{"openid":"o1","unionid":"ü","session_key":"{KEY}"}}"#),
        r#"{"openid":"o1"}"#.to_owned(),
        r#"{"openid":"o1","session_key":"AAAA"}"#.to_owned(),
        format!(r#"{{"openid":"o1","session_key":"{KEY}AAAA"}}"#),
    ] {
        let error = judged(&answer).unwrap_err();
        assert!(
            matches!(error, ExchangeError::BadAnswer(_)),
            "{answer}: {error}"
        );
    }
    assert!(matches!(
        judged(r#"{"errcode":45011}"#),
        Err(ExchangeError::RateLimited)
    ));
    assert!(matches!(
        judged(r#"{"errcode":40099}"#),
        Err(ExchangeError::UnknownErrcode(40099))
    ));
}

#[test]
fn a_login_code_is_short_and_printable() {
    assert!(LoginCode::parse("0a3Xyz").is_some());
    for unusable in ["", "line\nbreak", "码", &"c".repeat(129)] {
        assert!(LoginCode::parse(unusable).is_none());
    }
}
