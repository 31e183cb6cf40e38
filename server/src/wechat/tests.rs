//! Tests against the simulated WeChat, over real HTTP.

use std::error::Error;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use wxsession_simulator::{Fault, Faults, User, serve};

use super::{Api, Credentials, Exchange, LoginCode, WeChat, WeChatError, tls_client};

const SECRET: &str = "a-secret-that-must-not-show";
const APPID: &str = "wx0123456789abcdef";
const DEADLINE: Duration = Duration::from_millis(500);

async fn simulated() -> (wxsession_simulator::FakeWeChat, String) {
    let wechat =
        wxsession_simulator::FakeWeChat::new([wxsession_simulator::App::new(APPID, SECRET)]);
    let (url, _serving) = serve(wechat.clone()).await.unwrap();
    (wechat, url)
}

fn client(url: &str, appid: &str, secret: &str) -> WeChat {
    let credentials = Credentials {
        appid: appid.into(),
        secret: SecretString::from(secret),
    };
    WeChat::new([credentials], api(url))
}

fn api(url: &str) -> Api {
    let api = Api::new(&url.parse().unwrap(), tls_client()).unwrap();
    api.with_deadline(DEADLINE)
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
    let account = wechat
        .exchange(APPID, &code(&simulator.login(APPID, "ann")))
        .await
        .unwrap();
    let identity = account.identity;
    assert_eq!(identity.appid, APPID);
    assert_eq!(identity.openid, simulator.openid(APPID, "ann"));
    assert!(identity.unionid.is_some());
}

#[tokio::test]
async fn a_code_that_is_unknown_or_used_is_invalid() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    let code = code(&simulator.login(APPID, "ann"));
    wechat.exchange(APPID, &code).await.unwrap();
    for invalid in [code, self::code("the code is a mock one")] {
        let error = wechat.exchange(APPID, &invalid).await.unwrap_err();
        assert!(matches!(error, WeChatError::CodeInvalid), "{error}");
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
        .exchange(APPID, &code)
        .await
        .unwrap_err();
    assert!(matches!(error, WeChatError::UserBlocked), "{error}");
}

#[tokio::test]
async fn wrong_credentials_are_a_misconfiguration() {
    let (simulator, url) = simulated().await;
    let code = code(&simulator.login(APPID, "ann"));
    for (appid, secret) in [("wx1", SECRET), (APPID, "another")] {
        let error = client(&url, appid, secret)
            .exchange(appid, &code)
            .await
            .unwrap_err();
        assert!(
            matches!(error, WeChatError::Misconfigured { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn each_mini_program_is_asked_for_with_its_own_secret() {
    let app = |appid: &str| Credentials {
        appid: appid.into(),
        secret: SecretString::from(format!("secret of {appid}")),
    };
    let known = ["wx1", "wx2"]
        .map(|appid| wxsession_simulator::App::new(appid, app(appid).secret.expose_secret()));
    let simulator = wxsession_simulator::FakeWeChat::new(known);
    let (url, _serving) = serve(simulator.clone()).await.unwrap();
    let apps = [app("wx1"), app("wx2")];
    let wechat = WeChat::new(apps, api(&url));
    assert_eq!(wechat.appids(), ["wx1", "wx2"]);
    for appid in ["wx1", "wx2"] {
        let account = wechat
            .exchange(appid, &code(&simulator.login(appid, "ann")))
            .await
            .unwrap();
        assert_eq!(account.identity.openid, simulator.openid(appid, "ann"));
    }
    let of_another = code(&simulator.login("wx1", "ann"));
    let error = wechat.exchange("wx2", &of_another).await.unwrap_err();
    assert!(matches!(error, WeChatError::CodeInvalid), "{error}");
    let error = wechat.exchange("wx3", &of_another).await.unwrap_err();
    assert!(matches!(error, WeChatError::AppidUnknown), "{error}");
}

#[tokio::test]
async fn each_fault_has_its_name() {
    let (simulator, url) = simulated().await;
    let wechat = client(&url, APPID, SECRET);
    for (fault, named) in [
        (Fault::Busy, "Busy"),
        (Fault::OverQuota, "Unavailable"),
        (Fault::Empty, "BadAnswer"),
        (Fault::NotJson, "BadAnswer"),
        (Fault::Reset, "Unreachable"),
        (Fault::Lost, "Unreachable"),
        (Fault::Hang, "Late"),
    ] {
        simulator.faults(Faults::next([fault; 3]));
        let code = code(&simulator.login(APPID, "ann"));
        let error = wechat.exchange(APPID, &code).await.unwrap_err();
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
            .exchange(APPID, &self::code(&code))
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

#[test]
fn a_login_code_is_short_and_printable() {
    assert!(LoginCode::parse("0a3Xyz").is_some());
    for unusable in ["", "line\nbreak", "码", &"c".repeat(129)] {
        assert!(LoginCode::parse(unusable).is_none());
    }
}
