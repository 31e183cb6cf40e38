//! WeChat's API over HTTP, and whatever goes wrong with it.

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

use crate::answer::Outcome;
use crate::controls::controls;
use crate::exchange::Exchange;
use crate::faults::{Call, Fault};
use crate::identity::fresh_rid;
use crate::listener::Line;
use crate::token::TokenRequest;
use crate::wechat::WeChat;

/// WeChat's API, and the controls under `/simulator/`.
///
/// [`Fault::Reset`] and [`Fault::Lost`] need [`crate::serve`]; behind another listener the connection is
/// closed without an answer by a panic that says so.
pub fn router(wechat: WeChat) -> Router {
    Router::new()
        .route("/sns/jscode2session", get(exchange))
        .route("/cgi-bin/stable_token", post(stable_token))
        .route("/wxa/business/getuserphonenumber", post(phone_number))
        .merge(controls())
        .with_state(wechat)
}

type Connection = Option<Extension<ConnectInfo<Line>>>;

async fn exchange(
    State(wechat): State<WeChat>,
    line: Connection,
    query: Result<Query<Exchange>, QueryRejection>,
) -> Response {
    // A query that cannot be read names nothing, and WeChat answers 200 to that too.
    let exchange = query.map_or_else(|_| Exchange::default(), |Query(exchange)| exchange);
    let appid = exchange.appid.clone();
    let judge = |wechat: &WeChat| wechat.exchange(&exchange);
    answer(&wechat, line, Call::Exchange, &appid, judge).await
}

async fn stable_token(State(wechat): State<WeChat>, line: Connection, body: Bytes) -> Response {
    let request: TokenRequest = read(&body);
    let appid = request.appid.clone();
    let judge = |wechat: &WeChat| wechat.stable_token(&request);
    answer(&wechat, line, Call::StableToken, &appid, judge).await
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
    State(wechat): State<WeChat>,
    line: Connection,
    query: Result<Query<Authorized>, QueryRejection>,
    body: Bytes,
) -> Response {
    let access_token = query.map_or_else(|_| String::new(), |Query(query)| query.access_token);
    let PhoneCode { code, openid } = read(&body);
    let appid = wechat.appid_of(&access_token).unwrap_or_default();
    let judge = |wechat: &WeChat| {
        let phone_info = wechat.phone_number(&access_token, &code, openid.as_deref())?;
        Ok(json!({ "errcode": 0, "errmsg": "ok", "phone_info": phone_info }))
    };
    answer(&wechat, line, Call::PhoneNumber, &appid, judge).await
}

/// A body that cannot be read names nothing either.
fn read<T: DeserializeOwned + Default>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Judges a call and answers it, or lets it meet its fault.
async fn answer<T: Serialize>(
    wechat: &WeChat,
    line: Connection,
    call: Call,
    appid: &str,
    judge: impl FnOnce(&WeChat) -> Result<T, Outcome>,
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
        _ if fault == Some(Fault::Lost) => cut(line),
        Err(Outcome::Reset) => cut(line),
        Err(Outcome::Hung) => std::future::pending().await,
        Ok(fields) => wechat_text(&json!(fields)),
        Err(outcome) => failed(outcome),
    }
}

fn outcome_of(fault: Fault) -> Outcome {
    match fault {
        Fault::Busy => Outcome::Busy,
        Fault::OverQuota => Outcome::OverQuota,
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

/// WeChat labels its JSON as text, which is why it is not `Json`.
fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], body).into_response()
}

fn cut(line: Connection) -> Response {
    let Some(Extension(ConnectInfo(line))) = line else {
        panic!("only wxsession_simulator::serve can reset a connection");
    };
    line.reset();
    StatusCode::NO_CONTENT.into_response()
}
