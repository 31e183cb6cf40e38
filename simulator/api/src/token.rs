//! `stable_token`: the access token that a mini program's server presents to WeChat's other APIs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fake::FakeWeChat;
use crate::faults::Call;
use crate::identity::fresh_token;
use crate::ledger::{Ledger, Token};
use crate::outcome::Outcome;

const LIFETIME: Duration = Duration::from_secs(7200);
/// This long before a token expires, WeChat issues a new one. Both are valid until then.
const OVERLAP: Duration = Duration::from_secs(300);
/// The least age of a token that `force_refresh` replaces.
const FORCE_AFTER: Duration = Duration::from_secs(30);

/// The body of `stable_token`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    /// Always `client_credential`.
    pub grant_type: String,
    /// The mini program.
    pub appid: String,
    /// The mini program's secret.
    pub secret: String,
    /// Whether to issue a new token and revoke the current one at once.
    pub force_refresh: bool,
}

/// The answer of `stable_token`. It has no `Debug` because the token is a secret.
#[derive(Serialize)]
pub struct AccessToken {
    /// The token.
    pub access_token: String,
    /// Seconds until the token expires.
    pub expires_in: u64,
}

impl FakeWeChat {
    /// Judges one call of `stable_token`. Returns the same token until shortly before it expires.
    pub fn stable_token(&self, request: &TokenRequest) -> Result<AccessToken, Outcome> {
        let mut state = self.state();
        let judgement = self.judge_token(&mut state, request);
        let outcome = judgement.as_ref().err().copied();
        state.count(Call::StableToken, outcome.unwrap_or(Outcome::SignedIn));
        judgement
    }

    /// The mini program that an access token was issued to, even if the token has expired.
    pub(crate) fn appid_of(&self, access_token: &str) -> Option<String> {
        let state = self.state();
        let mut tokens = state.tokens.iter();
        let token = tokens.find(|token| token.text == access_token)?;
        Some(token.appid.clone())
    }

    /// The mini program that a valid token was issued to.
    pub(crate) fn check_token(&self, state: &Ledger, text: &str) -> Result<String, Outcome> {
        if text.is_empty() {
            return Err(Outcome::MissingToken);
        }
        let token = state.tokens.iter().find(|token| token.text == text);
        match token {
            None => Err(Outcome::InvalidToken),
            Some(token) if token.expires <= self.now(state) => Err(Outcome::ExpiredToken),
            Some(token) => Ok(token.appid.clone()),
        }
    }

    fn judge_token(
        &self,
        state: &mut Ledger,
        request: &TokenRequest,
    ) -> Result<AccessToken, Outcome> {
        let TokenRequest { appid, secret, .. } = request;
        if appid.is_empty() {
            return Err(Outcome::MissingAppid);
        }
        if secret.is_empty() {
            return Err(Outcome::MissingSecret);
        }
        if request.grant_type != "client_credential" {
            return Err(Outcome::WrongGrantType);
        }
        self.check_secret(appid, secret)?;
        let now = self.now(state);
        let latest = state.tokens.iter().rfind(|token| token.appid == *appid);
        let kept = latest.filter(|latest| {
            let forced = request.force_refresh && now - latest.issued >= FORCE_AFTER;
            !forced && now + OVERLAP < latest.expires
        });
        if let Some(token) = kept {
            return Ok(AccessToken {
                access_token: token.text.clone(),
                expires_in: (token.expires - now).as_secs(),
            });
        }
        if request.force_refresh {
            state.tokens.retain(|token| token.appid != *appid);
        }
        let text = fresh_token();
        state.tokens.push(Token {
            text: text.clone(),
            appid: appid.clone(),
            issued: now,
            expires: now + LIFETIME,
        });
        Ok(AccessToken {
            access_token: text,
            expires_in: LIFETIME.as_secs(),
        })
    }
}
