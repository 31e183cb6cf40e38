use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::address::HookAddress;
use super::super::answer::Verdict;
use super::super::error::HookError;
use super::AccountsHook;

/// A hook that always answers like this. It counts its calls, and keeps the headers of the last.
struct Backend {
    url: String,
    calls: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Backend {
    async fn start(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        let router = Router::new().fallback(async move |request: Request| {
            kept.lock().unwrap().push(request.headers().clone());
            answer()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sign-in", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, calls }
    }

    fn hook(&self) -> AccountsHook {
        hook(&self.url)
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

fn hook(address: &str) -> AccountsHook {
    let address: HookAddress = address.parse().unwrap();
    AccountsHook::new(address, Some("hush".into())).unwrap()
}

async fn ask(hook: &AccountsHook) -> Result<Verdict, HookError> {
    hook.ask(Zeroizing::new(b"{}".to_vec())).await
}

/// What the hook makes of an answer with this status and body.
async fn made_of(status: u16, body: &'static str) -> Result<Verdict, HookError> {
    let status = StatusCode::from_u16(status).unwrap();
    let backend = Backend::start(move || (status, body).into_response()).await;
    let made = ask(&backend.hook()).await;
    assert_eq!(backend.calls(), 1, "asked once, for {status} {body}");
    made
}

#[tokio::test]
async fn each_answer_of_the_contract_has_its_meaning() {
    for (status, body, verdict) in [
        (200, r#"{"user":"42"}"#, Verdict::User("42".into())),
        (
            200,
            r#"{"user":"42","name":"li"}"#,
            Verdict::User("42".into()),
        ),
        (
            200,
            r#"{"user":"42","guest":false}"#,
            Verdict::User("42".into()),
        ),
        (200, r#" {"guest":true}"#, Verdict::Guest),
        (200, r#"{"user":null,"guest":true}"#, Verdict::Guest),
        (200, "\u{feff}{\"guest\":true}\r\n", Verdict::Guest),
        (400, "Bad Request", Verdict::NotUnderstood),
        (401, "Unauthorized", Verdict::Wrong),
        (401, "", Verdict::Wrong),
        (403, "{}", Verdict::Blocked),
        (409, "", Verdict::Taken),
        (429, "", Verdict::Limited(None)),
    ] {
        assert_eq!(made_of(status, body).await.unwrap(), verdict, "{body}");
    }
    let more = made_of(200, r#"{"more":{"kind":"captcha"},"state":"s"}"#).await;
    assert!(matches!(more, Ok(Verdict::More { state, .. }) if state == "s"));
}

#[tokio::test]
async fn anything_else_is_no_answer_and_is_not_asked_for_again() {
    for (status, body) in [
        (200, ""),
        (200, "<!doctype html><p>Welcome"),
        (401, "<html>Log in first"),
        (403, " <html>Forbidden"),
        (200, "[\"42\", null, null, null]"),
        (200, "null"),
        (200, "{}"),
        (200, r#"{"user":42}"#),
        (200, r#"{"user":null}"#),
        (200, r#"{"user":""}"#),
        (200, r#"{"user":"two words"}"#),
        (200, r#"{"user":"李娜"}"#),
        (200, r#"{"user":"a\r\nx-wx-user: b"}"#),
        (200, r#"{"user":"1","user":"2"}"#),
        (200, r#"{"user":"1","guest":true}"#),
        (200, r#"{"user":"1","more":{},"state":"s"}"#),
        (200, r#"{"guest":false}"#),
        (200, r#"{"guest":"true"}"#),
        (200, r#"{"more":{}}"#),
        (200, r#"{"more":{},"state":""}"#),
        (200, r#"{"more":"captcha","state":"s"}"#),
        (200, r#"{"user":"42"} and more"#),
        (201, r#"{"user":"42"}"#),
        (204, ""),
        (404, ""),
        (500, r#"{"user":"42"}"#),
        (502, ""),
        (503, ""),
    ] {
        let made = made_of(status, body).await;
        assert!(made.is_err(), "{status} {body}: {made:?}");
        let told = format!("{:?}", made.unwrap_err());
        assert!(!told.contains("words") && !told.contains("李娜"), "{told}");
    }
}

#[tokio::test]
async fn a_user_may_have_64_characters_and_no_more() {
    for (length, is_good) in [(64, true), (65, false)] {
        let body = format!(r#"{{"user":"{}"}}"#, "u".repeat(length));
        let backend = Backend::start(move || body.clone().into_response()).await;
        assert_eq!(ask(&backend.hook()).await.is_ok(), is_good);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_given_up() {
    for status in [StatusCode::OK, StatusCode::UNAUTHORIZED] {
        let body = " ".repeat(20_000);
        let backend = Backend::start(move || (status, body.clone()).into_response()).await;
        let made = ask(&backend.hook()).await;
        assert!(matches!(made, Err(HookError::BadAnswer(_))), "{made:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let backend = Backend::start(|| Redirect::temporary("/elsewhere").into_response()).await;
    let made = ask(&backend.hook()).await;
    assert!(matches!(made, Err(HookError::Status(_))), "{made:?}");
    assert_eq!(backend.calls(), 1);
}

#[tokio::test]
async fn a_refused_token_is_no_wrong_password() {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    let answer = move || (StatusCode::UNAUTHORIZED, challenge.clone()).into_response();
    let made = ask(&Backend::start(answer).await.hook()).await;
    assert!(matches!(made, Err(HookError::TokenRefused)), "{made:?}");
}

#[tokio::test]
async fn the_token_is_sent_and_shown_nowhere() {
    let backend = Backend::start(|| r#"{"guest":true}"#.into_response()).await;
    let hook = backend.hook();
    ask(&hook).await.unwrap();
    let headers = backend.calls.lock().unwrap()[0].clone();
    assert_eq!(headers["authorization"], "Bearer hush");
    assert_eq!(headers["content-type"], "application/json");
    assert!(!format!("{hook:?}").contains("hush"));
}

#[tokio::test]
async fn a_hook_that_never_answers_is_late_after_three_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let began = tokio::time::Instant::now();
    let made = ask(&hook(&url)).await;
    assert!(matches!(made, Err(HookError::Late)), "{made:?}");
    assert!(began.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_late_after_three_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await.unwrap();
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"guest\":";
        socket.write_all(begun).await.unwrap();
        socket
    });
    let made = ask(&hook(&url)).await;
    assert!(matches!(made, Err(HookError::Late)), "{made:?}");
    answering.await.unwrap();
}

#[tokio::test]
async fn a_hook_may_say_how_long_to_wait() {
    for (told, wait) in [
        ("30", Some(30)),
        ("0", None),
        ("-1", None),
        ("999999999", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ] {
        let header = [(header::RETRY_AFTER, told)];
        let answer = move || (StatusCode::TOO_MANY_REQUESTS, header.clone()).into_response();
        let made = ask(&Backend::start(answer).await.hook()).await;
        assert_eq!(made.unwrap(), Verdict::Limited(wait), "{told}");
    }
}

#[tokio::test]
async fn a_hook_that_is_away_is_left_alone_and_its_address_is_not_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let hook = hook(&format!("http://{address}/hush"));
    for _ in 0..10 {
        let error = ask(&hook).await.unwrap_err();
        assert!(matches!(error, HookError::Unreachable(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
    assert!(matches!(ask(&hook).await, Err(HookError::LeftAlone)));
}

#[tokio::test]
async fn refusals_that_a_client_can_provoke_do_not_silence_the_hook() {
    for status in [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED] {
        let backend = Backend::start(move || status.into_response()).await;
        let hook = backend.hook();
        for _ in 0..100 {
            let made = ask(&hook).await;
            assert!(!matches!(made, Err(HookError::LeftAlone)), "{status}");
        }
    }
}

#[tokio::test]
async fn a_check_finds_nothing_wrong_where_everybody_is_refused_and_everything_where_all_are_let_in()
 {
    for (status, body, wrong) in [(401, "", 0), (200, r#"{"user":"42"}"#, 8), (500, "", 8)] {
        let status = StatusCode::from_u16(status).unwrap();
        let backend = Backend::start(move || (status, body).into_response()).await;
        let findings = backend.hook().check(None).await;
        let found = findings.iter().filter(|finding| finding.remedy.is_some());
        assert_eq!((findings.len(), found.count()), (8, wrong), "{status}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_hook_may_listen_at_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hook.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let router = Router::new().route("/sign-in", axum::routing::post(async || r#"{"user":"42"}"#));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hook = hook(&format!("unix:{}:/sign-in", path.display()));
    assert_eq!(ask(&hook).await.unwrap(), Verdict::User("42".into()));
}
