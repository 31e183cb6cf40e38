//! What WeChat tells about a user by way of the phone: opened and checked for the backend that has the user's
//! session, and for that user only.

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wxsession_protocol::ProblemCode;

use super::Internal;
use crate::body;
use crate::problem::Failure;
use crate::session::{Session, presented};
use crate::wechat::{Code, PhoneNumber, WeChatError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Encrypted {
    encrypted_data: String,
    iv: String,
}

/// What was encrypted.
#[derive(Serialize)]
pub(super) struct Decrypted {
    /// As WeChat wrote it.
    data: Box<RawValue>,
    /// When WeChat encrypted it, in seconds since 1970: a phone can present old data again.
    timestamp: u64,
}

pub(super) async fn decrypt(
    State(internal): State<Internal>,
    request: Request,
) -> Result<Json<Decrypted>, Failure> {
    let token = presented(&internal.sessions, request.headers())?;
    let body = body::read(request).await?;
    let ask: Encrypted = body::parse(&body, "the strings `encryptedData` and `iv`")?;
    let opened = internal
        .sessions
        .decrypt(token, &ask.encrypted_data, &ask.iv);
    let opened = opened.await?;
    let data = RawValue::from_string(opened.json.clone());
    Ok(Json(Decrypted {
        // It has been read as JSON before.
        data: data.map_err(|_| Failure::new(ProblemCode::ServerBusy))?,
        timestamp: opened.timestamp,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Signed {
    raw_data: Option<String>,
    data: Option<String>,
    signature: String,
}

/// What a check of a signature found.
#[derive(Serialize)]
pub(super) struct Checked {
    valid: bool,
}

pub(super) async fn check_signature(
    State(internal): State<Internal>,
    request: Request,
) -> Result<Json<Checked>, Failure> {
    let fields = "the string `signature` and one of the strings `rawData` and `data`";
    let sessions = &internal.sessions;
    let token = presented(sessions, request.headers())?;
    let body = body::read(request).await?;
    let ask: Signed = body::parse(&body, fields)?;
    let valid = match (&ask.raw_data, &ask.data) {
        (Some(raw_data), None) => {
            sessions
                .check_raw_data(token, raw_data, &ask.signature)
                .await?
        }
        (None, Some(data)) => {
            sessions
                .check_signature(token, data.as_bytes(), &ask.signature)
                .await?
        }
        _ => {
            let detail = format!("the body must be a JSON object with {fields}");
            return Err(Failure::because(ProblemCode::BadRequest, detail));
        }
    };
    Ok(Json(Checked { valid }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneCode {
    code: String,
}

pub(super) async fn phone_number(
    State(internal): State<Internal>,
    session: Session,
    request: Request,
) -> Result<Json<PhoneNumber>, Failure> {
    let body = body::read(request).await?;
    let ask: PhoneCode = body::parse(&body, "the string `code`")?;
    let code = Code::parse(&ask.code).ok_or_else(|| {
        let detail = "`code` is not a phone code; send what the button's event gave as it is";
        Failure::because(ProblemCode::BadRequest, detail)
    })?;
    let number = internal
        .wechat
        .phone_number(&session.appid, &session.openid, &code);
    match number.await {
        Ok(number) => Ok(Json(number)),
        // A 401 would say that the session is none.
        Err(WeChatError::CodeInvalid) => {
            let detail = "`code` is unknown to WeChat, another user's or was used before; let the user tap the \
                          button again";
            Err(Failure::because(ProblemCode::BadRequest, detail))
        }
        Err(error) => Err(error.into()),
    }
}
