//! Failures as answers: `application/problem+json` with a stable code.

use std::borrow::Cow;
use std::error::Error;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use wxsession_protocol::{CHALLENGE_SCHEME, Problem, ProblemCode};

use crate::once_a_minute::OnceAMinute;
use crate::proof::ProofError;
use crate::random;
use crate::sessions::SessionsError;
use crate::user::Refusal;
use crate::wechat::WeChatError;

/// The server's time in seconds since 1970, where it matters.
const NOW: &str = "now";

/// What a client is told of a failure: a code, and what it can do about it. The cause is logged where
/// it becomes an `HttpProblem`, and stays on the server.
///
/// ```
/// use wxsession_protocol::ProblemCode;
/// use wxsession_server::HttpProblem;
///
/// async fn handler() -> Result<String, HttpProblem> {
///     Err(HttpProblem::because(ProblemCode::BadRequest, "`page` is not a number"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct HttpProblem {
    code: ProblemCode,
    detail: Option<Cow<'static, str>>,
    retry_after: Option<u32>,
    /// What only some problems tell. Behind a pointer, since errors are moved a lot.
    more: Option<Box<Map<String, Value>>>,
}

impl HttpProblem {
    /// A failure with this code.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            retry_after: None,
            more: None,
        }
    }

    /// A failure with this code and what was wrong this time; never a secret.
    pub fn because(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(code)
        }
    }

    /// Tells the client one thing more, which the code names.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let more = self.more.get_or_insert_default();
        more.insert(name.to_owned(), value.into());
        self
    }

    /// What went wrong.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// Whether the failure is on this side, and says nothing about what the client sent.
    pub fn is_ours(&self) -> bool {
        self.code.status() >= 500
    }

    /// What the header says of it, because proxies drop bodies: a client has to know why its session is refused, and what
    /// time it is.
    fn challenge(&self) -> Option<HeaderValue> {
        let error = format!("{CHALLENGE_SCHEME} error=\"{}\"", self.code.as_str());
        let now = self.more.as_ref().and_then(|more| more.get(NOW));
        let challenge = match (self.code, now) {
            (ProblemCode::ProofLate, Some(now)) => format!("{error}, {NOW}={now}"),
            _ if self.code.status() == 401 => error,
            _ => return None,
        };
        HeaderValue::from_str(&challenge).ok()
    }

    /// Asks the client to come back after this many seconds and not before.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        let code = self.code;
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let challenge = self.challenge();
        let problem = Problem {
            status: status.as_u16(),
            title: code.title().to_owned(),
            detail: self.detail.map(Cow::into_owned),
            code: code.as_str().to_owned(),
        };
        let body = Told {
            problem,
            more: self.more,
        };
        let mut response = (status, Json(body)).into_response();
        // A service around the reference counts answers by it.
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        // Failures must not be cached.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after.or_else(|| retry_after(code)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The document that the client gets.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    problem: Problem,
    #[serde(flatten)]
    more: Option<Box<Map<String, Value>>>,
}

/// Seconds, chosen at random so that clients that were turned away together do not come back together.
fn retry_after(code: ProblemCode) -> Option<u32> {
    match code.status() {
        429 => Some(random::between(5, 15)),
        502..=504 => Some(random::between(1, 3)),
        // It takes an operator.
        _ if code == ProblemCode::Misconfigured => Some(random::between(30, 60)),
        _ => None,
    }
}

static STORE_TROUBLE: OnceAMinute = OnceAMinute::new();
static NO_RANDOMNESS: OnceAMinute = OnceAMinute::new();
static WECHAT_FAILS: OnceAMinute = OnceAMinute::new();
/// A line of its own, since it asks for somebody to look the number up.
static WECHAT_UNKNOWN: OnceAMinute = OnceAMinute::new();

impl From<SessionsError> for HttpProblem {
    fn from(error: SessionsError) -> Self {
        Self::new(match &error {
            SessionsError::Missing => {
                return Self::because(
                    ProblemCode::SessionMissing,
                    "the header `sessionid` is missing, comes twice, or holds no session id of this server",
                );
            }
            SessionsError::Blocked(_) => ProblemCode::UserBlocked,
            SessionsError::Proof(error) => return error.into(),
            // The client comes again, and the accounts are asked again.
            SessionsError::Linked | SessionsError::Closed => ProblemCode::ServerBusy,
            SessionsError::Crowded => ProblemCode::ServerBusy,
            SessionsError::UnknownApp => {
                return Self::because(
                    ProblemCode::BadRequest,
                    "`appid` is not one of this server's",
                );
            }
            SessionsError::Refused(Refusal::Expired) => ProblemCode::SessionExpired,
            SessionsError::Refused(Refusal::Replaced) => ProblemCode::SessionReplaced,
            SessionsError::Refused(Refusal::Revoked) => ProblemCode::SessionRevoked,
            SessionsError::Store(_) => {
                // While it lasts, every request meets it.
                if let Some(left_out) = STORE_TROUBLE.due() {
                    tracing::error!(
                        error = &error as &dyn Error,
                        left_out,
                        "a session could not be looked up or stored; not logged again for a minute"
                    );
                } else {
                    tracing::debug!(
                        error = &error as &dyn Error,
                        "a session could not be looked up or stored"
                    );
                }
                ProblemCode::StoreUnavailable
            }
            SessionsError::NoRandomness(_) => {
                if let Some(left_out) = NO_RANDOMNESS.due() {
                    let error = &error as &dyn Error;
                    tracing::error!(error, left_out, "a session could not be made");
                }
                ProblemCode::ServerBusy
            }
        })
    }
}

impl From<&ProofError> for HttpProblem {
    fn from(error: &ProofError) -> Self {
        match error {
            ProofError::Missing => Self::because(
                ProblemCode::ProofMissing,
                "`Signature-Input` and `Signature` are missing: sign the request, or find the proxy that drops them",
            ),
            ProofError::Invalid => Self::because(
                ProblemCode::ProofInvalid,
                "sign method, path and query as the server sees them, in one of the two forms, with the key of this `sessionid`",
            ),
            ProofError::Late { now } => Self::because(
                ProblemCode::ProofLate,
                "set the clock by `now`, and sign and send the request once more",
            )
            .with(NOW, *now),
            ProofError::Replayed => Self::because(
                ProblemCode::ProofReplayed,
                "sign each request anew, with another `nonce`",
            ),
        }
    }
}

impl From<WeChatError> for HttpProblem {
    fn from(error: WeChatError) -> Self {
        let code = match &error {
            WeChatError::AppidMissing | WeChatError::AppidUnknown => {
                return Self::because(ProblemCode::BadRequest, error.to_string());
            }
            WeChatError::CodeInvalid => ProblemCode::CodeInvalid,
            WeChatError::UserBlocked => ProblemCode::UserBlocked,
            WeChatError::RateLimited => ProblemCode::RateLimited,
            WeChatError::Misconfigured { .. } | WeChatError::StillMisconfigured => {
                ProblemCode::Misconfigured
            }
            WeChatError::Busy
            | WeChatError::Unavailable(_)
            | WeChatError::LeftAlone
            | WeChatError::Unreachable(_) => ProblemCode::WechatUnavailable,
            WeChatError::Full => ProblemCode::ServerBusy,
            WeChatError::Late => ProblemCode::WechatTimeout,
            WeChatError::TokenRefused
            | WeChatError::BadAnswer(_)
            | WeChatError::UnknownErrcode(_) => ProblemCode::WechatBadAnswer,
        };
        // A breaker, a bulkhead and wrong credentials are logged where they are noticed.
        let line = match &error {
            WeChatError::UnknownErrcode(_) => Some(&WECHAT_UNKNOWN),
            error => error.blames_wechat().then_some(&WECHAT_FAILS),
        };
        let error = &error as &dyn Error;
        match line.and_then(OnceAMinute::due) {
            Some(left_out) => tracing::warn!(
                error,
                left_out,
                "a call of WeChat failed; not logged again for a minute"
            ),
            None => tracing::debug!(error, "a call of WeChat failed or was refused"),
        }
        Self::new(code)
    }
}
