//! WeChat's API over HTTP, and the faults that tests put in its way.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::connection::ResetSwitch;
use crate::controls::controls;
use crate::exchange::Exchange;
use crate::fake::FakeWeChat;
use crate::faults::{Call, Fault};
use crate::identity::fresh_rid;
use crate::outcome::Outcome;
use crate::token::TokenRequest;

/// The routes of WeChat's API, and the controls under `/simulator/`.
///
/// [`Fault::Reset`] and [`Fault::Lost`] need [`crate::serve`]. Behind another listener the handler panics with a message
/// that says so, and the connection closes without an answer.
pub fn router(wechat: FakeWeChat) -> Router {
    Router::new()
        .route("/sns/jscode2session", get(exchange))
        .route("/cgi-bin/stable_token", post(stable_token))
        .route("/wxa/business/getuserphonenumber", post(phone_number))
        .merge(controls())
        .with_state(wechat)
}

/// Present where the router is served by [`crate::serve`].
type Switch = Option<Extension<ConnectInfo<ResetSwitch>>>;

async fn exchange(
    State(wechat): State<FakeWeChat>,
    switch: Switch,
    query: Result<Query<Exchange>, QueryRejection>,
) -> Response {
    // An unreadable query counts as an empty one. WeChat answers 200 to that, too.
    let exchange = query.map_or_else(|_| Exchange::default(), |Query(exchange)| exchange);
    let appid = exchange.appid.clone();
    let judge = |wechat: &FakeWeChat| wechat.exchange(&exchange);
    answer(&wechat, switch, Call::Exchange, &appid, judge).await
}

async fn stable_token(State(wechat): State<FakeWeChat>, switch: Switch, body: Bytes) -> Response {
    let request: TokenRequest = read(&body);
    let appid = request.appid.clone();
    let judge = |wechat: &FakeWeChat| wechat.stable_token(&request);
    answer(&wechat, switch, Call::StableToken, &appid, judge).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Authorized {
    access_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PhoneCode {
    code: String,
    openid: Option<String>,
}

async fn phone_number(
    State(wechat): State<FakeWeChat>,
    switch: Switch,
    query: Result<Query<Authorized>, QueryRejection>,
    body: Bytes,
) -> Response {
    let access_token = query.map_or_else(|_| String::new(), |Query(query)| query.access_token);
    let PhoneCode { code, openid } = read(&body);
    let appid = wechat.appid_of(&access_token).unwrap_or_default();
    let judge = |wechat: &FakeWeChat| {
        let phone_info = wechat.phone_number(&access_token, &code, openid.as_deref())?;
        Ok(json!({ "errcode": 0, "errmsg": "ok", "phone_info": phone_info }))
    };
    answer(&wechat, switch, Call::PhoneNumber, &appid, judge).await
}

/// An unreadable body counts as an empty one.
fn read<T: DeserializeOwned + Default>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Answers a call by its fault if it has one, else by WeChat's judgement.
async fn answer<T: Serialize>(
    wechat: &FakeWeChat,
    switch: Switch,
    call: Call,
    appid: &str,
    judge: impl FnOnce(&FakeWeChat) -> Result<T, Outcome>,
) -> Response {
    let _under_way = wechat.begin();
    let (delay, fault) = wechat.next_conditions(call, appid);
    let answer = match fault {
        None | Some(Fault::Lost) => judge(wechat),
        Some(fault) => {
            let outcome = outcome_of(fault);
            wechat.count(call, outcome);
            Err(outcome)
        }
    };
    tokio::time::sleep(delay).await;
    match answer {
        _ if fault == Some(Fault::Lost) => cut(switch),
        Err(Outcome::Reset) => cut(switch),
        Err(Outcome::Hung) => std::future::pending().await,
        Ok(fields) => wechat_text(&json!(fields)),
        Err(outcome) => failed(outcome),
    }
}

fn outcome_of(fault: Fault) -> Outcome {
    match fault {
        Fault::Busy => Outcome::Busy,
        Fault::OverQuota => Outcome::OverQuota,
        Fault::Frozen => Outcome::FrozenSecret,
        Fault::Empty => Outcome::Empty,
        Fault::NotJson => Outcome::NotJson,
        Fault::Reset | Fault::Lost => Outcome::Reset,
        Fault::Hang => Outcome::Hung,
    }
}

fn failed(outcome: Outcome) -> Response {
    match outcome.failure() {
        Some((errcode, text)) => {
            let errmsg = format!("{text}, rid: {}", fresh_rid());
            wechat_text(&json!({ "errcode": errcode, "errmsg": errmsg }))
        }
        None if outcome == Outcome::NotJson => {
            text("<html><body><h1>502 Bad Gateway</h1></body></html>".into())
        }
        None => text("{}".into()),
    }
}

fn wechat_text(body: &Value) -> Response {
    text(body.to_string())
}

/// WeChat labels its JSON as text, so this is not `Json`.
fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], body).into_response()
}

fn cut(switch: Switch) -> Response {
    let Some(Extension(ConnectInfo(switch))) = switch else {
        panic!("only wxsession_simulator::serve can reset a connection");
    };
    switch.reset();
    StatusCode::NO_CONTENT.into_response()
}
