//! A user's phone number, for the code that the mini program's phone number button gives.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wxsession_server::wechat::{Credentials, LoginCode, WeChatError, success};

use super::access_token::Granted;
use super::guarded::GuardedWeChat;

const NUMBER_CHARACTERS: usize = 32;
/// The documented lifetime. A token is never kept for longer, whatever WeChat answers.
const LONGEST_TOKEN: Duration = Duration::from_secs(7200);

/// The phone number that a user has bound to WeChat. It is about a person, so its `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PhoneNumber {
    /// The number, with its country code unless that is China's.
    pub phone_number: String,
    /// The number without a country code.
    pub pure_phone_number: String,
    /// The country code, as in `86`.
    pub country_code: String,
    /// When WeChat gave it, in seconds since 1970.
    pub timestamp: u64,
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PhoneNumber(redacted)")
    }
}

impl GuardedWeChat {
    /// Exchanges a phone code of this user for the number; another user's code is invalid. A code works once,
    /// so a failure may have used it up.
    ///
    /// # Errors
    /// WeChat refuses the code, cannot be reached, or does not give an answer that can be trusted.
    pub async fn phone_number(
        &self,
        appid: &str,
        openid: &str,
        code: &LoginCode,
    ) -> Result<PhoneNumber, WeChatError> {
        let program = self.program(appid)?;
        let (credentials, token) = (self.wechat.credentials(appid)?, &program.access_token);
        let fetch = async || self.fetch_token(credentials).await;
        let number = program.phone_numbers.run(async || {
            let current = token.current(fetch).await?;
            match self.ask_for_number(appid, &current, openid, code).await {
                // Somebody had another token made, which ended this one. The code is still good.
                Err(WeChatError::TokenRefused) => token.refused(&current).await,
                answered => return answered,
            }
            let renewed = token.current(fetch).await?;
            self.ask_for_number(appid, &renewed, openid, code).await
        });
        let number = number.await;
        number.inspect_err(|error| {
            self.wechat
                .warn_of_misconfiguration(appid, "phone numbers", error)
        })
    }

    async fn ask_for_number(
        &self,
        appid: &str,
        token: &SecretString,
        openid: &str,
        code: &LoginCode,
    ) -> Result<PhoneNumber, WeChatError> {
        let query = [("access_token", token.expose_secret())];
        // The `openid` is optional; it tells WeChat whose code this has to be.
        let body = json!({ "code": code.reveal(), "openid": openid });
        let path = "/wxa/business/getuserphonenumber";
        let answer = self.wechat.api().post(path, &query, &body).await?;
        phone_number(appid, &answer)
    }

    async fn fetch_token(&self, credentials: &Credentials) -> Result<Granted, WeChatError> {
        let body = json!({
            "grant_type": "client_credential",
            "appid": credentials.appid,
            "secret": credentials.secret.expose_secret(),
        });
        let api = self.wechat.api();
        granted(&api.post("/cgi-bin/stable_token", &[], &body).await?)
    }
}

/// `stable_token`'s own fields.
#[derive(Deserialize)]
struct Token {
    access_token: SecretString,
    expires_in: u64,
}

fn granted(answer: &[u8]) -> Result<Granted, WeChatError> {
    let Token {
        access_token,
        expires_in,
    } = success(answer).map_err(|error| match error {
        // This call has no token, so WeChat means the secret.
        WeChatError::TokenRefused => WeChatError::Misconfigured { errcode: 40001 },
        error => error,
    })?;
    let graphic = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let token = access_token.expose_secret();
    if !(1..=2048).contains(&token.len()) || !graphic(token) {
        return Err(WeChatError::BadAnswer("has no well-formed access_token"));
    }
    Ok(Granted {
        token: access_token,
        lifetime: LONGEST_TOKEN.min(Duration::from_secs(expires_in)),
    })
}

/// `getuserphonenumber`'s own fields.
#[derive(Deserialize)]
struct Found {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    phone_number: String,
    pure_phone_number: String,
    country_code: CountryCode,
    watermark: Watermark,
}

/// Documented as text, but the same page shows a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum CountryCode {
    Text(String),
    Number(u32),
}

#[derive(Deserialize)]
struct Watermark {
    timestamp: u64,
    appid: String,
}

/// The phone number in an answer of `getuserphonenumber`.
///
/// # Errors
/// WeChat refuses the code, or the answer is malformed.
pub fn phone_number(appid: &str, answer: &[u8]) -> Result<PhoneNumber, WeChatError> {
    let Found { phone_info: found } = success(answer).map_err(|error| match error {
        // WeChat answers this if the code is another user's, or another mini program's.
        WeChatError::UnknownErrcode(40003) | WeChatError::Misconfigured { errcode: 40013 } => {
            WeChatError::CodeInvalid
        }
        error => error,
    })?;
    if found.watermark.appid != appid {
        return Err(WeChatError::BadAnswer("is meant for another mini program"));
    }
    let number = PhoneNumber {
        phone_number: found.phone_number,
        pure_phone_number: found.pure_phone_number,
        country_code: match found.country_code {
            CountryCode::Text(code) => code,
            CountryCode::Number(code) => code.to_string(),
        },
        timestamp: found.watermark.timestamp,
    };
    let parts = [
        &number.phone_number,
        &number.pure_phone_number,
        &number.country_code,
    ];
    if !parts.into_iter().all(|part| is_dialled(part)) {
        return Err(WeChatError::BadAnswer("has no well-formed phone number"));
    }
    Ok(number)
}

fn is_dialled(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || b"+- ".contains(&byte);
    text.len() <= NUMBER_CHARACTERS
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
