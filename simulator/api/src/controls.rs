//! The controls over HTTP: other processes play what happens on phones and in WeChat's data centres.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fake::{App, FakeWeChat};
use crate::faults::Faults;
use crate::ledger::{Counts, User};
use crate::user_data::UserData;

/// The controls under `/simulator/`.
pub(crate) fn controls() -> Router<FakeWeChat> {
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
struct FreshCode {
    code: String,
}

async fn login(State(wechat): State<FakeWeChat>, Json(login): Json<Login>) -> Json<FreshCode> {
    Json(FreshCode {
        code: wechat.login(&login.appid, &login.user),
    })
}

async fn phone_code(State(wechat): State<FakeWeChat>, Json(login): Json<Login>) -> Json<FreshCode> {
    Json(FreshCode {
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

/// Answers 409 for a user who has not signed in yet.
async fn encrypt(
    State(wechat): State<FakeWeChat>,
    Json(encrypt): Json<Encrypt>,
) -> Result<Json<UserData>, StatusCode> {
    let Encrypt { appid, user, data } = encrypt;
    let encrypted = wechat.user_data(&appid, &user, data);
    encrypted.map(Json).ok_or(StatusCode::CONFLICT)
}

async fn counts(State(wechat): State<FakeWeChat>) -> Json<Counts> {
    Json(wechat.counts())
}

async fn faults(State(wechat): State<FakeWeChat>, Json(faults): Json<Faults>) -> StatusCode {
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

async fn users(State(wechat): State<FakeWeChat>, Json(named): Json<NamedUser>) -> StatusCode {
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

async fn advance(State(wechat): State<FakeWeChat>, Json(advance): Json<Advance>) -> StatusCode {
    wechat.advance(Duration::from_secs(advance.seconds));
    StatusCode::NO_CONTENT
}

async fn reset(State(wechat): State<FakeWeChat>) -> StatusCode {
    wechat.reset();
    StatusCode::NO_CONTENT
}
