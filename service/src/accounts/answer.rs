//! What an answer of the hook means, and whether it can be trusted.

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use wxsession_server::identity::is_user;

use super::error::HookError;

const STATE_BYTES: usize = 2048;

/// What the hook says.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    User(String),
    Guest,
    More {
        ask: Map<String, Value>,
        state: String,
    },
    Wrong,
    Blocked,
    Taken,
    /// The method makes no sense to the hook, or the fields beside it do not.
    NotUnderstood,
    /// Come again later, after so many seconds if the hook says so.
    Limited(Option<u32>),
}

/// The fields of a 200. The types are checked one by one, so that the error names the field.
#[derive(Deserialize)]
struct Fields {
    user: Option<Value>,
    guest: Option<Value>,
    more: Option<Value>,
    state: Option<Value>,
}

/// A day, in seconds. A phone that is told to wait longer most likely reads another unit.
const LONGEST_WAIT: u32 = 24 * 60 * 60;

/// The seconds of a `Retry-After`, if they make sense. Dates are not read: clocks differ.
pub(super) fn retry_after(value: &[u8]) -> Option<u32> {
    let seconds = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
    (1..=LONGEST_WAIT).contains(&seconds).then_some(seconds)
}

/// What an answer with this status and body means, and with this wait in seconds as its `Retry-After`.
pub(super) fn verdict(
    status: StatusCode,
    wait: Option<u32>,
    body: &[u8],
) -> Result<Verdict, HookError> {
    // Whatever its status, a page comes from something that answers in the hook's place.
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(HookError::BadAnswer("is a web page"));
    }
    match status {
        StatusCode::OK => agreed(body),
        StatusCode::BAD_REQUEST => Ok(Verdict::NotUnderstood),
        StatusCode::UNAUTHORIZED => Ok(Verdict::Wrong),
        StatusCode::FORBIDDEN => Ok(Verdict::Blocked),
        StatusCode::CONFLICT => Ok(Verdict::Taken),
        StatusCode::TOO_MANY_REQUESTS => Ok(Verdict::Limited(wait)),
        status => Err(HookError::Status(status)),
    }
}

fn agreed(body: &[u8]) -> Result<Verdict, HookError> {
    const FIELDS: HookError = HookError::BadAnswer(
        "is not a JSON object with one of `user`, `guest` and `more`; the body of a 200 is {\"user\":\"…\"}, \
         {\"guest\":true} or {\"more\":{…},\"state\":\"…\"}",
    );
    // Editors on Windows put it at the beginning of PHP files, which then print it.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    // Checked first, because serde also accepts an array of the fields' values.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let parsed = is_object.then(|| serde_json::from_slice(body).ok());
    let Fields {
        user,
        guest,
        more,
        state,
    } = parsed.flatten().ok_or(FIELDS)?;
    match (user, guest, more) {
        (Some(user), None | Some(Value::Bool(false)), None) => Ok(Verdict::User(user_of(user)?)),
        (None, Some(Value::Bool(true)), None) => Ok(Verdict::Guest),
        (None, None, Some(Value::Object(ask))) => Ok(Verdict::More {
            ask,
            state: state_of(state)?,
        }),
        _ => Err(FIELDS),
    }
}

fn user_of(user: Value) -> Result<String, HookError> {
    let Value::String(user) = user else {
        return Err(HookError::BadAnswer(
            "has a `user` that is no string; send a number as text, as in {\"user\":\"42\"}",
        ));
    };
    if !is_user(&user) {
        return Err(HookError::BadAnswer(
            "has a `user` that no header can carry; it must be 1 to 64 printable ASCII characters without spaces",
        ));
    }
    Ok(user)
}

fn state_of(state: Option<Value>) -> Result<String, HookError> {
    match state {
        Some(Value::String(state)) if (1..=STATE_BYTES).contains(&state.len()) => Ok(state),
        _ => Err(HookError::BadAnswer(
            "has `more` without a `state`, or with one that is no string of 1 to 2048 bytes",
        )),
    }
}
