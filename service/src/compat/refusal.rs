//! What old clients are told when something fails, each in its own terms. They do not look at the status, which is the
//! one that every other client gets: proxies and people do.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wxsession_protocol::ProblemCode;

use super::failure::{Failure, Unreadable, is_of_session};
use super::{Compatibility, Protocol};

/// The member by which weapp-session's and wafer 1's clients know what is not the app's answer.
pub(super) const MARKER: &str = "F2C224D4-2BCE-4C64-AF9F-A6D872000D1A";

/// wafer 2 takes this for an ended session, whoever says it.
const SESSION_IS_OVER: i32 = -1;

/// The documents of all three.
#[derive(Debug, Default, Serialize)]
struct Document {
    #[serde(
        rename = "F2C224D4-2BCE-4C64-AF9F-A6D872000D1A",
        skip_serializing_if = "Option::is_none"
    )]
    marker: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Told {
    Name(&'static str),
    Error {
        name: &'static str,
        message: &'static str,
    },
}

/// The answer to a call. Its client signs in again whichever way its session has ended, since it has no other word for
/// it; so its status and headers say no more either, or the package's drop-ins would wait for a user who has no button.
pub(super) fn of_call(protocol: Protocol, failure: &Failure) -> Response {
    let expired = Failure::new(ProblemCode::SessionExpired);
    let failure = match failure.code() {
        ProblemCode::SessionReplaced | ProblemCode::SessionRevoked => &expired,
        _ => failure,
    };
    let document = match protocol {
        Protocol::WeappSession => weapp_session(failure),
        Protocol::Wafer if is_of_session(failure.code()) => wafer("ERR_INVALID_SESSION", failure),
        Protocol::Wafer => wafer("ERR_CHECK_LOGIN_FAILED", failure),
        Protocol::Wafer2 if is_of_session(failure.code()) => wafer2("ERR_SKEY_INVALID"),
        Protocol::Wafer2 => Document {
            // Not the code by which the client takes its session for ended.
            code: Some(failure.code().status().into()),
            error: Some(Told::Name(failure.code().as_str())),
            message: Some(message(failure)),
            ..Document::default()
        },
    };
    with_status_of(failure, &document)
}

/// The answer to a request to a login URL.
pub(super) fn of_login(protocol: Protocol, failure: &Failure) -> Response {
    let document = match protocol {
        Protocol::Wafer | Protocol::WeappSession => wafer("ERR_LOGIN_FAILED", failure),
        Protocol::Wafer2 => Document {
            message: Some(message(failure)),
            ..wafer2(match failure {
                Failure::HeaderMissing(_) => "ERR_HEADER_MISSED",
                Failure::Unopenable => "ERR_IN_DECRYPT_DATA",
                Failure::Stranger => "ERR_USER_UNKNOWN",
                failure if failure.code() == ProblemCode::CodeInvalid => "ERR_GET_SESSION_KEY",
                _ => "ERR_LOGIN_FAILED",
            })
        },
    };
    with_status_of(failure, &document)
}

/// The answer to a call that presents nothing. Nobody knows which client makes it, so it has what each of these looks
/// for.
pub(super) fn of_nobody(compatibility: &Compatibility, failure: &Failure) -> Response {
    let speaks = |protocol| compatibility.speaks(protocol);
    let mut document = Document::default();
    if speaks(Protocol::Wafer2) {
        document = wafer2("ERR_SKEY_INVALID");
    }
    if speaks(Protocol::Wafer) {
        let code = document.code;
        document = wafer("ERR_INVALID_SESSION", failure);
        document.code = code;
    }
    if speaks(Protocol::WeappSession) {
        let weapp_session = weapp_session(failure);
        document.marker = weapp_session.marker;
        document.reason = weapp_session.reason;
        document.error = document.error.or(weapp_session.error);
    }
    with_status_of(failure, &document)
}

fn weapp_session(failure: &Failure) -> Document {
    let code = failure.code();
    let (reason, name, message) = match failure {
        Failure::RawData(Unreadable::Uri) => (None, "URIError", "URI malformed"),
        Failure::RawData(Unreadable::Json) => {
            (None, "SyntaxError", "X-WX-RawData is not a JSON object")
        }
        Failure::RawData(Unreadable::Long) => (None, "Error", "X-WX-RawData is too long"),
        Failure::Untrusted => (
            Some("ERR_UNTRUSTED_RAW_DATA"),
            "Error",
            "untrusted raw data",
        ),
        _ if is_of_session(code) => (
            Some("ERR_SESSION_EXPIRED"),
            "Error",
            "`wxUserInfo` not found by `code`",
        ),
        _ if code == ProblemCode::CodeInvalid => (
            Some("ERR_SESSION_KEY_EXCHANGE_FAILED"),
            "Error",
            "jscode failed to exchange session_key",
        ),
        // With a reason the client would sign in three times more, at once.
        _ => (None, "Error", code.title()),
    };
    Document {
        marker: Some(1),
        reason,
        error: Some(Told::Error { name, message }),
        ..Document::default()
    }
}

fn wafer(error: &'static str, failure: &Failure) -> Document {
    Document {
        marker: Some(1),
        error: Some(Told::Name(error)),
        message: Some(message(failure)),
        ..Document::default()
    }
}

fn wafer2(error: &'static str) -> Document {
    Document {
        code: Some(SESSION_IS_OVER),
        error: Some(Told::Name(error)),
        ..Document::default()
    }
}

/// What wafer's clients show. Their programs are Chinese, as the old servers' messages are.
fn message(failure: &Failure) -> String {
    let code = failure.code();
    let message = match failure {
        Failure::HeaderMissing(name) => return format!("请求头里没有 {name}，或者出现了多次"),
        Failure::Unopenable => "encryptedData 无法解密，请重新登录",
        Failure::Stranger => "没有该用户的信息，请先使用 login() 登录",
        _ if is_of_session(code) => "登录态已失效，请重新登录",
        _ => match code {
            ProblemCode::CodeInvalid => "微信不认可这个 code，请重新登录",
            ProblemCode::SignInNeeded => "请先登录账号",
            ProblemCode::UserBlocked => "该用户已被禁止登录",
            ProblemCode::RateLimited => "登录过于频繁，请稍后再试",
            ProblemCode::Misconfigured => "服务器上的 AppID 或 AppSecret 配置有误",
            ProblemCode::WechatBadAnswer
            | ProblemCode::WechatUnavailable
            | ProblemCode::WechatTimeout => "微信服务暂时不可用，请稍后再试",
            _ if code.status() >= 500 => "服务器繁忙，请稍后再试",
            _ => "请求有误",
        },
    };
    message.to_owned()
}

/// An answer with the status and the headers that other clients would get.
fn with_status_of(failure: &Failure, document: &Document) -> Response {
    replaced(failure.problem().into_response(), document)
}

fn replaced(answer: Response, document: &Document) -> Response {
    let (mut parts, _) = answer.into_parts();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, json);
    // It is texts and numbers, which can be serialised.
    let body = serde_json::to_vec(document).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests;
