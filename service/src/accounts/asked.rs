//! What the hook is asked.

use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use serde_json::{Map, Value};
use wxsession_server::Identity;
use wxsession_server::accounts::{self, Attempt};

/// The body of a call.
#[derive(Serialize)]
pub(super) struct Asked<'a> {
    /// `silent`, `renew`, `wechat`, or what the client named.
    pub(super) method: &'a str,
    /// The other fields of the sign-in.
    pub(super) credentials: &'a Map<String, Value>,
    /// The WeChat user who holds the phone. WeChat has just said so.
    pub(super) wechat: &'a Identity,
    pub(super) presented: Option<Presented<'a>>,
}

/// Who is signed in on the phone.
#[derive(Serialize)]
pub(super) struct Presented<'a> {
    pub(super) user: &'a str,
    pub(super) guest: bool,
}

impl<'a> Presented<'a> {
    fn of(presented: &'a accounts::Presented) -> Self {
        Self {
            user: &presented.user,
            guest: presented.guest,
        }
    }
}

impl<'a> Asked<'a> {
    /// What the hook is asked at this sign-in.
    pub(super) fn of(attempt: &'a Attempt) -> Self {
        Self {
            method: attempt.method.as_str(),
            credentials: attempt.credentials.fields(),
            wechat: &attempt.wechat,
            presented: attempt.presented.as_ref().map(Presented::of),
        }
    }

    /// The body as JSON, which is wiped once it has been sent.
    pub(super) fn json(&self) -> Zeroizing<Vec<u8>> {
        // A buffer that grows would leave copies behind.
        let mut json = Zeroizing::new(Vec::with_capacity(LONGEST));
        serde_json::to_writer(&mut *json, self).expect("texts as keys can be written");
        json
    }
}

/// The body of a sign-in has 16 KiB at most, and escaping may lengthen it.
const LONGEST: usize = 32 * 1024;
