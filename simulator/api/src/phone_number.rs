//! `getuserphonenumber`: exchanges a phone code for the number that the user has bound to WeChat.

use std::time::Duration;

use serde::Serialize;

use crate::fake::FakeWeChat;
use crate::faults::Call;
use crate::identity::{fresh_phone_code, stable_id, stable_phone_number};
use crate::ledger::{IssuedCode, Ledger, Member};
use crate::outcome::Outcome;

/// The `phone_info` of an answer. It has no `Debug` because it is personal data.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    /// The number, with its country code unless that is China's.
    pub phone_number: String,
    /// The number without a country code.
    pub pure_phone_number: String,
    /// `86` for China.
    pub country_code: String,
    /// The mini program that WeChat made the data for, and the time.
    pub watermark: Watermark,
}

/// The mini program that WeChat made some data for, and the time.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Watermark {
    /// Seconds since 1970.
    pub timestamp: u64,
    /// The mini program.
    pub appid: String,
}

impl Watermark {
    pub(crate) fn new(appid: &str) -> Self {
        let since_1970 = std::time::UNIX_EPOCH.elapsed();
        Self {
            timestamp: since_1970.unwrap_or(Duration::ZERO).as_secs(),
            appid: appid.to_owned(),
        }
    }
}

impl FakeWeChat {
    /// The user agrees to share the phone number when a button asks. Returns a fresh code.
    pub fn phone_code(&self, appid: &str, user: &str) -> String {
        let mut state = self.state();
        let code = fresh_phone_code();
        let issue = IssuedCode {
            member: Member::new(appid, user),
            issued: self.now(&state),
            used: false,
        };
        state.phone_codes.insert(code.clone(), issue);
        code
    }

    /// Judges one call of `getuserphonenumber`. With an `openid`, only that user's code is accepted.
    pub fn phone_number(
        &self,
        access_token: &str,
        code: &str,
        openid: Option<&str>,
    ) -> Result<PhoneNumber, Outcome> {
        let mut state = self.state();
        let judgement = self.judge_phone_code(&mut state, access_token, code, openid);
        let outcome = judgement.as_ref().err().copied();
        state.count(Call::PhoneNumber, outcome.unwrap_or(Outcome::SignedIn));
        judgement
    }

    fn judge_phone_code(
        &self,
        state: &mut Ledger,
        access_token: &str,
        code: &str,
        openid: Option<&str>,
    ) -> Result<PhoneNumber, Outcome> {
        let appid = self.check_token(state, access_token)?;
        let now = self.now(state);
        let lifetime = self.settings.code_lifetime;
        let code = state
            .phone_codes
            .get_mut(code)
            .filter(|code| now - code.issued < lifetime)
            .ok_or(Outcome::InvalidCode)?;
        if code.member.appid != appid {
            return Err(Outcome::WrongAppid);
        }
        if openid.is_some_and(|openid| openid != stable_id(&appid, &code.member.user)) {
            return Err(Outcome::WrongOpenid);
        }
        if std::mem::replace(&mut code.used, true) {
            return Err(Outcome::UsedCode);
        }
        let number = stable_phone_number(&code.member.user);
        Ok(PhoneNumber {
            phone_number: number.clone(),
            pure_phone_number: number,
            country_code: "86".into(),
            watermark: Watermark::new(&appid),
        })
    }
}
