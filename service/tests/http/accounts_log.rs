//! What the program logs of the accounts that it keeps: nothing that identifies anybody.

use reqwest::Method;
use serde_json::json;

use crate::common::simulator;
use crate::phone::{Phone, password_of};
use crate::program::{Running, program};

const NAME: &str = "li.na.hangzhou";
const NUMBER: &str = "+8613800138000";
const PASSWORDS: [&str; 3] = ["ktqwmvze", "wrong-ktqwmvze", "zemvqwkt"];
const OTP: &str = "493021";
const ID_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJsaS5uYSJ9.c2lnbmF0dXJl";

/// Everything that a user does with an account, and everything that goes wrong. Returns the session ids.
async fn a_life(phone: &mut Phone) -> Vec<String> {
    let mut sessions = Vec::new();
    let [password, wrong, new] = PASSWORDS;
    assert_eq!(phone.registers(NAME, password).await, "account");
    sessions.extend(phone.session.clone());
    assert_eq!(phone.by_password(NAME, wrong).await, "credentials_wrong");
    assert_eq!(phone.silently().await, "account");
    sessions.extend(phone.session.clone());
    let wanted = json!({ "purpose": "link", "identifier": NUMBER });
    assert_eq!(
        phone.ask(Method::POST, "/wx/challenges", wanted).await.0,
        202
    );
    let by_code = json!({ "method": "code", "identifier": NUMBER, "otp": OTP });
    let linked = phone.ask(Method::POST, "/wx/account/identities", by_code);
    let (status, body) = linked.await;
    assert!([401, 403].contains(&status), "{body}");
    for fields in [
        json!({ "id_token": ID_TOKEN, "nonce": "hush-nonce" }),
        json!({ "state": "hush-state" }),
        json!({}),
    ] {
        let mut fields = fields;
        fields["method"] = "oidc".into();
        fields["issuer"] = "school".into();
        let refused = phone.sign_in(fields).await;
        assert!(
            [
                "credentials_wrong",
                "challenge_over",
                "accounts_unavailable"
            ]
            .contains(&&*refused),
            "{refused}"
        );
    }
    assert_eq!(phone.sign_in(password_of(NAME, password)).await, "account");
    sessions.extend(phone.session.clone());
    let set = phone.ask(
        Method::PUT,
        "/wx/account/password",
        json!({ "password": new }),
    );
    assert_eq!(set.await.0, 204);
    let deleted = phone.ask(Method::DELETE, "/wx/account", json!({}));
    assert_eq!(deleted.await.0, 204);
    sessions
}

#[tokio::test]
async fn nothing_of_an_account_is_logged_at_any_level() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.env("WXSESSION_LOG", "trace");
    // Nothing listens at port 9.
    command.args(["--accounts", "built-in"]);
    command.args(["--deliver-hook", "http://127.0.0.1:9/codes"]);
    command.args(["--events-hook", "http://127.0.0.1:9/events"]);
    command.args(["--provider", "school=http://127.0.0.1:9,wxsession"]);
    let running = Running::launch(command, folder.path(), &wechat, &api);
    let mut phone = Phone::of(&running.server, "ann");
    let mut secrets = a_life(&mut phone).await;
    secrets.extend([
        phone.openid(),
        phone.guest(),
        NAME.into(),
        NUMBER[3..].into(),
    ]);
    secrets.extend([OTP, ID_TOKEN, "hush", "li.na"].map(String::from));
    secrets.extend(PASSWORDS.map(String::from));
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    assert!(logged.contains("codes are not delivered"), "{logged}");
    for secret in secrets {
        assert!(!logged.contains(&secret), "{secret} in {logged}");
    }
}
