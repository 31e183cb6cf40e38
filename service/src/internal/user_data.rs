//! What WeChat tells about a user through the phone. It is opened and checked for a backend that has the user's session,
//! and for that user only.

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wxsession_protocol::ProblemCode;
use wxsession_server::wechat::{LoginCode, WeChatError};
use wxsession_server::{HttpProblem, Session, body};

use super::Shared;
use crate::wechat::PhoneNumber;
use crate::{signature, user_data};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Encrypted {
    encrypted_data: String,
    iv: String,
}

/// The decrypted data.
#[derive(Serialize)]
pub(super) struct Decrypted {
    /// The JSON as WeChat wrote it.
    data: Box<RawValue>,
    /// When WeChat encrypted the data, in seconds since 1970: a phone can present old data again.
    timestamp: u64,
}

pub(super) async fn decrypt(
    State(Shared(internal)): State<Shared>,
    request: Request,
) -> Result<Json<Decrypted>, HttpProblem> {
    let token = internal.backend.sessions().vouched_in(request.headers())?;
    let body = body::read(request).await?;
    let ask: Encrypted = body::parse(&body, "the strings `encryptedData` and `iv`")?;
    let keys = internal.backend.sessions().session_keys(token).await?;
    let opened = user_data::open(&keys, &ask.encrypted_data, &ask.iv)?;
    let data = RawValue::from_string(opened.json.clone());
    Ok(Json(Decrypted {
        // It has already been parsed as JSON.
        data: data.map_err(|_| HttpProblem::new(ProblemCode::ServerBusy))?,
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

/// The result of checking a signature.
#[derive(Serialize)]
pub(super) struct Checked {
    valid: bool,
}

pub(super) async fn check_signature(
    State(Shared(internal)): State<Shared>,
    request: Request,
) -> Result<Json<Checked>, HttpProblem> {
    let fields = "the string `signature` and one of the strings `rawData` and `data`";
    let sessions = internal.backend.sessions();
    let token = sessions.vouched_in(request.headers())?;
    let body = body::read(request).await?;
    let ask: Signed = body::parse(&body, fields)?;
    let signature = &ask.signature;
    let valid = match (&ask.raw_data, &ask.data) {
        (Some(raw_data), None) => {
            let keys = sessions.session_keys(token).await?;
            keys.any(|key| signature::signs_raw_data(key, raw_data, signature))
        }
        (None, Some(data)) => {
            let keys = sessions.session_keys(token).await?;
            keys.any(|key| signature::signs(key, data.as_bytes(), signature))
        }
        _ => {
            let detail = format!("the body must be a JSON object with {fields}");
            return Err(HttpProblem::because(ProblemCode::BadRequest, detail));
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
    State(Shared(internal)): State<Shared>,
    request: Request,
) -> Result<Json<PhoneNumber>, HttpProblem> {
    let session = Session::vouched(request.headers(), internal.backend.sessions());
    let session = session.await?;
    let body = body::read(request).await?;
    let ask: PhoneCode = body::parse(&body, "the string `code`")?;
    let code = LoginCode::parse(&ask.code).ok_or_else(|| {
        let detail = "`code` is not a phone code; send what the button's event gave as it is";
        HttpProblem::because(ProblemCode::BadRequest, detail)
    })?;
    let number = internal
        .wechat
        .phone_number(&session.appid, &session.openid, &code);
    match number.await {
        Ok(number) => Ok(Json(number)),
        // A 401 would mean that the session has ended.
        Err(WeChatError::CodeInvalid) => {
            let detail = "`code` is unknown to WeChat, another user's or was used before; let the user tap the \
                          button again";
            Err(HttpProblem::because(ProblemCode::BadRequest, detail))
        }
        Err(error) => Err(error.into()),
    }
}
