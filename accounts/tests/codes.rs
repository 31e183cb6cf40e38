//! Codes over real HTTP: the app's endpoint on a loopback port, and a store whose clock the tests move.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinSet, yield_now};
use wxsession_accounts::challenge::{ChallengeError, Challenges, Purpose, Sent};
use wxsession_accounts::deliver::{Delivery, PLACES};
use wxsession_accounts::hook::Hook;
use wxsession_accounts::identifier::Identifier;
use wxsession_accounts::web::Web;
use wxsession_server::contract::TimedStore;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::wechat::tls_client;

const ANN: UserKey = UserKey([1; 16]);
const BEN: UserKey = UserKey([2; 16]);
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the app's endpoint got, and a switch that lets it answer.
struct App {
    messages: mpsc::UnboundedReceiver<Value>,
    open: Arc<Notify>,
    hook: Hook,
}

impl App {
    /// Serves an endpoint that answers with this status, at once or when it is told to.
    async fn serve(status: StatusCode, waits: bool) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let open = Arc::new(Notify::new());
        let switch = Arc::clone(&open);
        let deliver = move |headers: HeaderMap, Json(message): Json<Value>| {
            assert_eq!(headers["authorization"], "Bearer hush");
            sender.send(message).unwrap();
            let switch = Arc::clone(&switch);
            async move {
                if waits {
                    switch.notified().await;
                }
                status
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/deliver", listener.local_addr().unwrap());
        let routes = Router::new().route("/deliver", post(deliver));
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        let web = Web::new(tls_client()).unwrap();
        let web = web.with_deadline(Duration::from_secs(60));
        let hook = Hook::new(web, address.parse().unwrap(), Some("hush".into()));
        Self {
            messages,
            open,
            hook,
        }
    }

    /// The code in the next message.
    async fn code(&mut self) -> String {
        let message = self.messages.recv().await.unwrap();
        message["code"].as_str().unwrap().to_owned()
    }
}

/// Codes in a store, with what the app's endpoint gets.
async fn set_up(an_hour: u32) -> (Challenges, Arc<TimedStore>, App) {
    let app = App::serve(StatusCode::NO_CONTENT, false).await;
    let (challenges, store) = over(&app, an_hour);
    (challenges, store, app)
}

fn over(app: &App, an_hour: u32) -> (Challenges, Arc<TimedStore>) {
    let store = Arc::new(TimedStore::default());
    let delivery = Some(Delivery::new(app.hook.clone()));
    let ring = KeyRing::generate().unwrap();
    (
        Challenges::new(store.clone(), &ring, delivery, an_hour),
        store,
    )
}

fn phone(last: u32) -> Identifier {
    Identifier::parse(&format!("+86138{last:08}")).unwrap()
}

/// Another code than this one.
fn other(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_reaches_its_owner_and_proves_the_number() {
    let (challenges, store, mut app) = set_up(100).await;
    let sent = challenges
        .send(ANN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    assert_eq!(
        sent,
        Sent {
            expires_in: 300,
            resend_in: 60
        }
    );
    let message = app.messages.recv().await.unwrap();
    let code = message["code"].as_str().unwrap();
    assert!(
        code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
        "{code}"
    );
    let expected = serde_json::json!({
        "channel": "sms", "to": "+8613800000001", "code": code, "purpose": "sign_in", "expires_in": 300,
    });
    assert_eq!(message, expected);
    let redeem = async |code: &str| {
        challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), code)
            .await
    };
    assert!(matches!(
        redeem(&other(code)).await,
        Err(ChallengeError::Wrong)
    ));
    assert!(redeem(code).await.is_ok());
    // The phone lost the answer and asks again.
    store.pass(4 * MINUTE);
    assert!(redeem(code).await.is_ok());
    store.pass(MINUTE);
    assert!(matches!(redeem(code).await, Err(ChallengeError::Over)));
}

#[tokio::test]
async fn a_mail_goes_by_mail_and_a_name_gets_none() {
    let (challenges, _, mut app) = set_up(100).await;
    let mail = Identifier::parse("Li.Na@example.cn").unwrap();
    challenges.send(ANN, Purpose::Link, &mail).await.unwrap();
    let message = app.messages.recv().await.unwrap();
    assert_eq!(
        (&message["channel"], &message["purpose"]),
        (&"email".into(), &"link".into())
    );
    let name = Identifier::parse("li.na").unwrap();
    let refused = challenges.send(ANN, Purpose::Link, &name).await;
    assert!(matches!(refused, Err(ChallengeError::NoChannel)));
}

#[tokio::test]
async fn a_code_is_good_for_one_purpose_identifier_and_phone() {
    let (challenges, _, mut app) = set_up(100).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    let code = app.code().await;
    for (holder, purpose, number) in [
        (BEN, Purpose::SignIn, 1),
        (ANN, Purpose::Link, 1),
        (ANN, Purpose::SignIn, 2),
    ] {
        let redeemed = challenges
            .redeem(holder, purpose, &phone(number), &code)
            .await;
        assert!(redeemed.is_err(), "{holder:?} {purpose:?} {number}");
    }
    assert!(
        challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), &code)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn what_is_no_code_costs_no_try() {
    let (challenges, _, mut app) = set_up(100).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    let code = app.code().await;
    for typed in ["", "12345", "1234567", "12345a", "１２３４５６", "12 456"] {
        let refused = challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), typed)
            .await;
        assert!(matches!(refused, Err(ChallengeError::Malformed)), "{typed}");
    }
    let typed = format!(" {code}\n");
    assert!(
        challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), &typed)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn parallel_guesses_get_five_tries() {
    let (challenges, _, mut app) = set_up(100).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    let code = app.code().await;
    let wrong = other(&code);
    let mut guesses = JoinSet::new();
    for _ in 0..50 {
        let (challenges, wrong) = (challenges.clone(), wrong.clone());
        guesses.spawn(async move {
            challenges
                .redeem(ANN, Purpose::SignIn, &phone(1), &wrong)
                .await
        });
    }
    let outcomes = guesses.join_all().await;
    let judged = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(ChallengeError::Wrong)));
    assert!(judged.count() <= 5);
    let spoilt = challenges
        .redeem(ANN, Purpose::SignIn, &phone(1), &code)
        .await;
    assert!(matches!(spoilt, Err(ChallengeError::Over)));
}

#[tokio::test]
async fn a_stranger_can_neither_use_nor_spoil_a_code() {
    let (challenges, _, mut app) = set_up(100).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    let code = app.code().await;
    challenges
        .send(BEN, Purpose::SignIn, &phone(1))
        .await
        .unwrap();
    app.code().await;
    for _ in 0..10 {
        let guess = challenges
            .redeem(BEN, Purpose::SignIn, &phone(1), &code)
            .await;
        assert!(guess.is_err());
    }
    assert!(
        challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), &code)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn within_a_minute_nothing_more_is_sent() {
    let (challenges, store, mut app) = set_up(100).await;
    let send = async || {
        challenges
            .send(ANN, Purpose::SignIn, &phone(1))
            .await
            .unwrap()
    };
    let mut parallel = JoinSet::new();
    for _ in 0..5 {
        let challenges = challenges.clone();
        parallel.spawn(async move { challenges.send(ANN, Purpose::SignIn, &phone(1)).await });
    }
    assert!(parallel.join_all().await.iter().all(Result::is_ok));
    store.pass(MINUTE - MILLISECOND);
    assert_eq!(
        send().await,
        Sent {
            expires_in: 240,
            resend_in: 1
        }
    );
    store.pass(MILLISECOND);
    assert_eq!(
        send().await,
        Sent {
            expires_in: 300,
            resend_in: 60
        }
    );
    app.code().await;
    app.code().await;
    assert!(app.messages.is_empty());
}

#[tokio::test]
async fn ten_codes_a_day_and_no_more() {
    let (challenges, store, _app) = set_up(1000).await;
    // A WeChat user who asks for many numbers.
    for number in 0..10 {
        challenges
            .send(ANN, Purpose::SignIn, &phone(number))
            .await
            .unwrap();
    }
    let limited = challenges.send(ANN, Purpose::SignIn, &phone(10)).await;
    assert!(
        matches!(
            limited,
            Err(ChallengeError::Limited {
                retry_after: 86_400
            })
        ),
        "{limited:?}"
    );
    // Many WeChat users who ask for one number.
    for user in 0..9 {
        challenges
            .send(UserKey([100 + user; 16]), Purpose::SignIn, &phone(0))
            .await
            .unwrap();
    }
    let limited = challenges.send(BEN, Purpose::SignIn, &phone(0)).await;
    assert!(
        matches!(limited, Err(ChallengeError::Limited { .. })),
        "{limited:?}"
    );
    store.pass(DAY);
    assert!(
        challenges
            .send(BEN, Purpose::SignIn, &phone(0))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn strangers_cannot_keep_an_owner_from_codes() {
    let (challenges, store, mut app) = set_up(1000).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(0))
        .await
        .unwrap();
    let code = app.code().await;
    challenges
        .redeem(ANN, Purpose::SignIn, &phone(0), &code)
        .await
        .unwrap();
    store.pass(2 * DAY);
    for user in 0..20 {
        let _ = challenges
            .send(UserKey([100 + user; 16]), Purpose::SignIn, &phone(0))
            .await;
    }
    assert!(
        challenges
            .send(ANN, Purpose::SignIn, &phone(0))
            .await
            .is_ok()
    );
    let limited = challenges.send(BEN, Purpose::SignIn, &phone(0)).await;
    assert!(
        matches!(limited, Err(ChallengeError::Limited { .. })),
        "{limited:?}"
    );
}

#[tokio::test]
async fn the_budget_of_an_hour_holds_for_all() {
    let (challenges, store, _app) = set_up(3).await;
    let mut parallel = JoinSet::new();
    for user in 0..6 {
        let challenges = challenges.clone();
        let number = phone(u32::from(user));
        parallel.spawn(async move {
            challenges
                .send(UserKey([user; 16]), Purpose::SignIn, &number)
                .await
                .is_ok()
        });
    }
    let sent = parallel
        .join_all()
        .await
        .into_iter()
        .filter(|sent| *sent)
        .count();
    assert_eq!(sent, 3);
    store.pass(60 * MINUTE);
    assert!(
        challenges
            .send(BEN, Purpose::SignIn, &phone(9))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn nobody_waits_for_an_endpoint_that_hangs_and_the_queue_is_bounded() {
    let app = App::serve(StatusCode::NO_CONTENT, true).await;
    let (challenges, _) = over(&app, 1000);
    let places = u8::try_from(PLACES).unwrap();
    for user in 0..places {
        let number = phone(u32::from(user));
        challenges
            .send(UserKey([user; 16]), Purpose::SignIn, &number)
            .await
            .unwrap();
    }
    let full = challenges
        .send(UserKey([200; 16]), Purpose::SignIn, &phone(999))
        .await;
    assert!(matches!(full, Err(ChallengeError::Full(_))), "{full:?}");
    // What was not sent was not counted.
    loop {
        app.open.notify_waiters();
        yield_now().await;
        match challenges
            .send(UserKey([200; 16]), Purpose::SignIn, &phone(999))
            .await
        {
            Ok(sent) => break assert_eq!(sent.resend_in, 60),
            Err(error) => assert!(matches!(error, ChallengeError::Full(_)), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_refuses_changes_no_answer() {
    let mut app = App::serve(StatusCode::BAD_GATEWAY, false).await;
    let (challenges, _) = over(&app, 1000);
    assert!(
        challenges
            .send(ANN, Purpose::SignIn, &phone(1))
            .await
            .is_ok()
    );
    let code = app.code().await;
    // The message may have gone out all the same.
    assert!(
        challenges
            .redeem(ANN, Purpose::SignIn, &phone(1), &code)
            .await
            .is_ok()
    );
    assert!(app.messages.is_empty());
}

#[tokio::test]
async fn a_server_without_an_endpoint_sends_no_codes_and_gives_nonces() {
    let store = Arc::new(TimedStore::default());
    let ring = KeyRing::generate().unwrap();
    let challenges = Challenges::new(store.clone(), &ring, None, 1000);
    let refused = challenges.send(ANN, Purpose::SignIn, &phone(1)).await;
    assert!(matches!(refused, Err(ChallengeError::NotSetUp)));
    let nonce = challenges.nonce(ANN).unwrap();
    assert!(challenges.is_nonce_of(ANN, &nonce) && !challenges.is_nonce_of(BEN, &nonce));
    store.pass(5 * MINUTE);
    assert!(!challenges.is_nonce_of(ANN, &nonce));
}

#[tokio::test]
async fn the_store_holds_neither_number_nor_code() {
    let (challenges, store, mut app) = set_up(100).await;
    challenges
        .send(ANN, Purpose::SignIn, &phone(12_345_678))
        .await
        .unwrap();
    let code = app.code().await;
    let values = store.dump();
    for (key, value) in &values {
        let dump = [key.0.as_slice(), value].concat();
        for secret in [code.as_bytes(), b"12345678"] {
            assert!(!dump.windows(secret.len()).any(|window| window == secret));
        }
    }
    assert_eq!(values.len(), 4);
}
