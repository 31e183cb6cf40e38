//! WeChat's API and the simulator's controls, over HTTP.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::{Account, Outcome};
use crate::faults::{Fault, Faults};
use crate::identity::fresh_rid;
use crate::ledger::Counts;
use crate::listener::Line;
use crate::wechat::{App, Exchange, User, WeChat};

/// WeChat's API at `/sns/jscode2session`, and the controls under `/simulator/`.
///
/// [`Fault::Reset`] and [`Fault::Lost`] need [`crate::serve`]; behind another listener the connection is
/// closed without an answer by a panic that says so.
pub fn router(wechat: WeChat) -> Router {
    Router::new()
        .route("/sns/jscode2session", get(exchange))
        .route("/simulator/login", post(login))
        .route("/simulator/counts", get(counts))
        .route("/simulator/faults", post(faults))
        .route("/simulator/users", post(users))
        .route("/simulator/advance", post(advance))
        .route("/simulator/reset", post(reset))
        .with_state(wechat)
}

async fn exchange(
    State(wechat): State<WeChat>,
    line: Option<Extension<ConnectInfo<Line>>>,
    query: Result<Query<Exchange>, QueryRejection>,
) -> Response {
    // A query that cannot be read names nothing, and WeChat answers 200 to that too.
    let exchange = query.map_or_else(|_| Exchange::default(), |Query(exchange)| exchange);
    let _under_way = wechat.begin();
    let (delay, fault) = wechat.next_conditions(&exchange.appid);
    let answer = match fault {
        None | Some(Fault::Lost) => wechat.exchange(&exchange),
        Some(fault) => {
            let outcome = outcome_of(fault);
            wechat.count(outcome);
            Err(outcome)
        }
    };
    tokio::time::sleep(delay).await;
    match answer {
        _ if fault == Some(Fault::Lost) => cut(line),
        Err(Outcome::Reset) => cut(line),
        Err(Outcome::Hung) => std::future::pending().await,
        Ok(account) => signed_in(&account),
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

fn signed_in(account: &Account) -> Response {
    wechat_text(json!(account).to_string())
}

fn failed(outcome: Outcome) -> Response {
    match outcome.failure() {
        Some((errcode, text)) => {
            let errmsg = format!("{text}, rid: {}", fresh_rid());
            wechat_text(json!({ "errcode": errcode, "errmsg": errmsg }).to_string())
        }
        None if outcome == Outcome::NotJson => {
            wechat_text("<html><body><h1>502 Bad Gateway</h1></body></html>".into())
        }
        None => wechat_text("{}".into()),
    }
}

/// WeChat labels its JSON as text, which is why it is not `Json`.
fn wechat_text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], body).into_response()
}

fn cut(line: Option<Extension<ConnectInfo<Line>>>) -> Response {
    let Some(Extension(ConnectInfo(line))) = line else {
        panic!("only wxsession_simulator::serve can reset a connection");
    };
    line.reset();
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    #[serde(default = "simulated_appid")]
    appid: String,
    #[serde(default = "somebody")]
    user: String,
}

fn simulated_appid() -> String {
    App::simulated().appid
}

fn somebody() -> String {
    "somebody".into()
}

#[derive(Serialize)]
struct LoginCode {
    code: String,
}

async fn login(State(wechat): State<WeChat>, Json(login): Json<Login>) -> Json<LoginCode> {
    Json(LoginCode {
        code: wechat.login(&login.appid, &login.user),
    })
}

async fn counts(State(wechat): State<WeChat>) -> Json<Counts> {
    Json(wechat.counts())
}

async fn faults(State(wechat): State<WeChat>, Json(faults): Json<Faults>) -> StatusCode {
    wechat.faults(faults);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedUser {
    user: String,
    linked_by: Option<String>,
    #[serde(default)]
    blocked: bool,
}

async fn users(State(wechat): State<WeChat>, Json(named): Json<NamedUser>) -> StatusCode {
    let NamedUser {
        user,
        linked_by,
        blocked,
    } = named;
    wechat.user(user, User { linked_by, blocked });
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

async fn advance(State(wechat): State<WeChat>, Json(advance): Json<Advance>) -> StatusCode {
    wechat.advance(Duration::from_secs(advance.seconds));
    StatusCode::NO_CONTENT
}

async fn reset(State(wechat): State<WeChat>) -> StatusCode {
    wechat.reset();
    StatusCode::NO_CONTENT
}
