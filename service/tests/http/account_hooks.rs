//! Codes that the app sends, events that it hears of, and third parties, by the program's settings.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use wxsession_provider::{FakeProvider, Signing};

use crate::common::simulator;
use crate::phone::{Phone, password_of};
use crate::program::{Running, program};

const PASSWORD: &str = "ktqwmvze";
const NUMBER: &str = "+8613800138000";

/// The app's own service, which gets codes and events.
struct App {
    address: String,
    codes: mpsc::UnboundedReceiver<Value>,
    events: mpsc::UnboundedReceiver<Value>,
}

/// A hook that wants this token and passes on what it is told.
fn hook(token: &'static str) -> (Router, mpsc::UnboundedReceiver<Value>) {
    let (sender, told) = mpsc::unbounded_channel();
    let take = async move |headers: HeaderMap, Json(told): Json<Value>| {
        assert_eq!(headers["authorization"], format!("Bearer {token}"));
        sender.send(told).unwrap();
        StatusCode::NO_CONTENT
    };
    (Router::new().route("/", post(take)), told)
}

impl App {
    async fn serve() -> Self {
        let (deliver, codes) = hook("hush-deliver");
        let (hear, events) = hook("hush-events");
        let routes = Router::new().nest("/codes", deliver).nest("/events", hear);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            codes,
            events,
        }
    }

    /// The next code, which goes to the usual number.
    async fn code(&mut self, purpose: &str) -> String {
        let told = self.codes.recv().await.unwrap();
        let code = told["code"].as_str().unwrap().to_owned();
        let expected = json!({
            "channel": "sms", "to": NUMBER, "code": code, "purpose": purpose, "expires_in": 300,
        });
        assert_eq!(told, expected);
        code
    }

    /// The next event without its id.
    async fn event(&mut self) -> Value {
        let mut told = self.events.recv().await.unwrap();
        assert!(told.as_object_mut().unwrap().remove("id").is_some());
        told
    }
}

/// The program with these settings of accounts.
async fn start(settings: &[&str]) -> (Running, tempfile::TempDir) {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--accounts", "built-in", "--sign-in-rate", "0"]);
    command.args(settings);
    let tokens = [
        (
            "--deliver-hook",
            "WXSESSION_DELIVER_HOOK_TOKEN",
            "hush-deliver",
        ),
        (
            "--events-hook",
            "WXSESSION_EVENTS_HOOK_TOKEN",
            "hush-events",
        ),
    ];
    for (hook, variable, token) in tokens {
        // A token without its hook would be refused.
        if settings.contains(&hook) {
            command.env(variable, token);
        }
    }
    let running = Running::launch(command, folder.path(), &wechat, &api);
    (running, folder)
}

async fn asks_for_a_code(phone: &Phone, purpose: &str) -> (u16, Value) {
    let challenge = json!({ "purpose": purpose, "identifier": "138 0013 8000" });
    phone.ask(Method::POST, "/wx/challenges", challenge).await
}

fn by_code(code: &str) -> Value {
    json!({ "method": "code", "identifier": NUMBER, "otp": code })
}

/// Another code than this one.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_that_the_app_sends_signs_in_and_the_app_hears_of_it() {
    let mut app = App::serve().await;
    let (codes, events) = (
        format!("{}/codes", app.address),
        format!("{}/events", app.address),
    );
    let (running, _folder) = start(&["--deliver-hook", &codes, "--events-hook", &events]).await;
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.silently().await, "guest");
    let user = ann.user().await;
    for _ in 0..2 {
        // The second time nothing is sent, and the answer is the same.
        let (status, sent) = asks_for_a_code(&ann, "sign_in").await;
        assert_eq!(status, 202);
        assert!(sent["resend_in"].as_u64().is_some_and(|left| left <= 60));
    }
    let code = app.code("sign_in").await;
    assert_eq!(ann.sign_in(by_code(&other(&code))).await, "challenge_wrong");
    assert_eq!(ann.sign_in(by_code("12345")).await, "bad_request");
    // Nobody has an account with this number yet, and the code stays good.
    assert_eq!(ann.sign_in(by_code(&code)).await, "credentials_wrong");
    let mut register = by_code(&code);
    register["register"] = true.into();
    assert_eq!(ann.sign_in(register.clone()).await, "account");
    assert_eq!(ann.user().await, user);
    // The answer may have been lost.
    assert_eq!(ann.sign_in(register).await, "account");
    let mut ben = Phone::of(&running.server, "ben");
    assert_eq!(ben.sign_in(by_code(&code)).await, "challenge_over");
    let password = json!({ "password": PASSWORD });
    let (status, body) = ann.ask(Method::PUT, "/wx/account/password", password).await;
    assert_eq!(status, 204, "{body}");
    assert_eq!(ben.by_password(NUMBER, PASSWORD).await, "account");
    assert_eq!(
        ben.ask(Method::DELETE, "/wx/account", json!({})).await.0,
        204
    );
    for event in ["registered", "password_changed", "deleted"] {
        assert_eq!(app.event().await, json!({ "event": event, "user": user }));
    }
    assert!(app.codes.is_empty());
}

#[tokio::test]
async fn a_code_adds_a_number_to_an_account_and_only_one_that_was_sent_for_it() {
    let mut app = App::serve().await;
    let (codes, events) = (
        format!("{}/codes", app.address),
        format!("{}/events", app.address),
    );
    let (running, _folder) = start(&["--deliver-hook", &codes, "--events-hook", &events]).await;
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    assert_eq!(asks_for_a_code(&ann, "link").await.0, 202);
    let code = app.code("link").await;
    assert_eq!(ann.sign_in(by_code(&code)).await, "challenge_wrong");
    let link = || ann.ask(Method::POST, "/wx/account/identities", by_code(&code));
    let (status, linked) = link().await;
    assert_eq!((status, &linked["kind"]), (201, &json!("phone")));
    assert_eq!(linked["shown"], "+86138****8000");
    let path = format!("/wx/account/identities/{}", linked["id"].as_str().unwrap());
    assert_eq!(ann.ask(Method::DELETE, &path, json!({})).await.0, 204);
    let user = ann.user().await;
    let linked = |event: &str| json!({ "event": event, "user": user, "identity": "phone" });
    assert_eq!(app.event().await["event"], "registered");
    assert_eq!(app.event().await, linked("linked"));
    assert_eq!(app.event().await, linked("unlinked"));
}

#[tokio::test]
async fn users_of_a_provider_sign_in_by_its_token_or_begin_a_device_flow() {
    let school = FakeProvider::serve().await.unwrap();
    let provider = format!("school={},wxsession", school.issuer());
    let (running, _folder) = start(&["--provider", &provider]).await;
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.silently().await, "guest");
    let challenge = json!({ "purpose": "oidc" });
    let (_, challenge) = ann.ask(Method::POST, "/wx/challenges", challenge).await;
    let nonce = challenge["nonce"].as_str().unwrap();
    let claims = school.claims("li.na", "wxsession", nonce);
    let by_token = json!({
        "method": "oidc", "issuer": "school", "nonce": nonce, "register": true,
        "id_token": school.sign(Signing::Es256, &claims),
    });
    assert_eq!(ann.sign_in(by_token).await, "account");
    let mut ben = Phone::of(&running.server, "ben");
    let begin = json!({ "method": "oidc", "issuer": "school" });
    let begun = ben.refused(begin).await;
    assert_eq!(
        (&begun["code"], &begun["ask"]["kind"]),
        (&json!("more_needed"), &json!("device"))
    );
    let elsewhere =
        json!({ "method": "oidc", "issuer": "elsewhere", "id_token": "x", "nonce": "x" });
    assert_eq!(ben.sign_in(elsewhere).await, "bad_request");
}

#[tokio::test]
async fn an_operator_deletes_an_account_and_the_app_hears_of_it() {
    let mut app = App::serve().await;
    let events = format!("{}/events", app.address);
    let settings = ["--events-hook", &events, "--internal", "127.0.0.1:0"];
    let (mut running, _folder) = start(&settings).await;
    let url = format!("{}/accounts/delete", running.internal());
    let server = running.server.clone();
    let delete = async |body: &Value| {
        let answer = server.http.post(&url).json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    let mut ann = Phone::of(&server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
    let user = ann.user().await;
    let whose = json!({ "user": user });
    assert_eq!(delete(&whose).await.0, 204);
    assert_eq!(ann.user().await, "session_revoked");
    assert_eq!(ann.silently().await, "sign_in_needed");
    for event in ["registered", "deleted"] {
        let expected = json!({ "event": event, "user": user });
        assert_eq!(app.event().await, expected);
    }
    let mut ben = Phone::of(&server, "ben");
    assert_eq!(ben.registers("li.na", PASSWORD).await, "account");
    // Gone, a guest, nobody.
    let mut guest = Phone::of(&server, "guest");
    assert_eq!(guest.silently().await, "guest");
    for user in [user, guest.guest(), "nobody".into()] {
        let (status, problem) = delete(&json!({ "user": user })).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    }
    for body in [
        json!({}),
        json!({ "user": "" }),
        json!({ "user": "a", "all": 1 }),
    ] {
        let (status, problem) = delete(&body).await;
        assert_eq!((status, &problem["code"]), (400, &json!("bad_request")));
        assert!(problem["detail"].as_str().unwrap().contains("`user`"));
    }
    assert_eq!(guest.user().await, guest.guest());
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let mut app = App::serve().await;
    let codes = format!("{}/codes", app.address);
    let settings = [
        "--deliver-hook",
        &codes,
        "--events-hook",
        "http://127.0.0.1:1/",
        "--log",
        "trace",
    ];
    let (mut running, _folder) = start(&settings).await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut stderr = running.process.as_mut().unwrap().stderr.take().unwrap();
    let reading = std::thread::spawn({
        let log = Arc::clone(&log);
        move || std::io::Read::read_to_end(&mut stderr, &mut log.lock().unwrap())
    });
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.registers("li.na.hangzhou", PASSWORD).await, "account");
    assert_eq!(
        ann.by_password("li.na.hangzhou", "wrong-password").await,
        "credentials_wrong"
    );
    assert_eq!(asks_for_a_code(&ann, "link").await.0, 202);
    let code = app.code("link").await;
    let number = ann
        .ask(Method::POST, "/wx/account/identities", by_code(&code))
        .await;
    assert_eq!(number.0, 201, "{}", number.1);
    let name = password_of("na.li.hangzhou", PASSWORD);
    let name = ann.ask(Method::POST, "/wx/account/identities", name).await;
    assert_eq!(name.0, 201, "{}", name.1);
    assert_eq!(
        ann.ask(Method::DELETE, "/wx/account", json!({})).await.0,
        204
    );
    running.stop();
    let session = ann.session.clone().unwrap();
    let openid = ann.openid();
    running.end();
    reading.join().unwrap().unwrap();
    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    assert!(!log.is_empty());
    for secret in [
        PASSWORD,
        "wrong-password",
        "hangzhou",
        &code,
        "13800138000",
        &session,
        &openid,
        "hush-deliver",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
