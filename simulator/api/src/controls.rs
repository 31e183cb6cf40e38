//! What happens in WeChat's data centres and on phones, played over HTTP.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::faults::Faults;
use crate::ledger::Counts;
use crate::user_data::UserData;
use crate::wechat::{App, User, WeChat};

/// The controls under `/simulator/`.
pub(crate) fn controls() -> Router<WeChat> {
    Router::new()
        .route("/simulator/login", post(login))
        .route("/simulator/phone-code", post(phone_code))
        .route("/simulator/encrypt", post(encrypt))
        .route("/simulator/counts", get(counts))
        .route("/simulator/faults", post(faults))
        .route("/simulator/users", post(users))
        .route("/simulator/advance", post(advance))
        .route("/simulator/reset", post(reset))
}

/// A user in a mini program.
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
struct Code {
    code: String,
}

async fn login(State(wechat): State<WeChat>, Json(login): Json<Login>) -> Json<Code> {
    Json(Code {
        code: wechat.login(&login.appid, &login.user),
    })
}

async fn phone_code(State(wechat): State<WeChat>, Json(login): Json<Login>) -> Json<Code> {
    Json(Code {
        code: wechat.phone_code(&login.appid, &login.user),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encrypt {
    #[serde(default = "simulated_appid")]
    appid: String,
    #[serde(default = "somebody")]
    user: String,
    #[serde(default)]
    data: Map<String, Value>,
}

/// 409 for a user who has not signed in yet.
async fn encrypt(
    State(wechat): State<WeChat>,
    Json(encrypt): Json<Encrypt>,
) -> Result<Json<UserData>, StatusCode> {
    let Encrypt { appid, user, data } = encrypt;
    let encrypted = wechat.user_data(&appid, &user, data);
    encrypted.map(Json).ok_or(StatusCode::CONFLICT)
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
