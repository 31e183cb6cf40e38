//! `jscode2session`: exchanges a login code for its user.

use std::time::Duration;

use serde::Deserialize;

use crate::fake::FakeWeChat;
use crate::faults::Call;
use crate::identity::{fresh_session_key, stable_id};
use crate::ledger::{Ledger, Member};
use crate::outcome::{Account, Outcome};

const MINUTE: Duration = Duration::from_secs(60);

/// The user whom made-up codes sign in, where the settings allow them.
const STRANGER: &str = "stranger";

/// The query of `jscode2session`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Exchange {
    /// The mini program.
    pub appid: String,
    /// The mini program's secret.
    pub secret: String,
    /// The code from `wx.login`.
    pub js_code: String,
    /// Always `authorization_code`.
    pub grant_type: String,
}

impl FakeWeChat {
    /// Judges one call of `jscode2session`. `Err` holds every outcome but [`Outcome::SignedIn`].
    pub fn exchange(&self, exchange: &Exchange) -> Result<Account, Outcome> {
        let mut state = self.state();
        let judgement = self.judge(&mut state, exchange);
        let outcome = judgement
            .as_ref()
            .map_or_else(|outcome| *outcome, |_| Outcome::SignedIn);
        state.count(Call::Exchange, outcome);
        judgement
    }

    fn judge(&self, state: &mut Ledger, exchange: &Exchange) -> Result<Account, Outcome> {
        self.check_caller(exchange)?;
        let now = self.now(state);
        let member = self.member(state, exchange, now)?;
        let user = state.users.get(&member.user).cloned().unwrap_or_default();
        if user.blocked {
            return Err(Outcome::BlockedUser);
        }
        let recent = state.recent.entry(member.clone()).or_default();
        recent.retain(|at| now - *at < MINUTE);
        if recent.len() >= self.settings.exchanges_per_minute {
            return Err(Outcome::TooOften);
        }
        recent.push_back(now);
        if let Some(code) = state.codes.get_mut(&exchange.js_code) {
            code.used = true;
        }
        Ok(Account {
            openid: stable_id(&member.appid, &member.user),
            session_key: state.session_keys.get(&member).cloned().unwrap_or_default(),
            unionid: user
                .linked_by
                .map(|company| stable_id(&company, &member.user)),
        })
    }

    /// Finds the user whom the code signs in.
    fn member(
        &self,
        state: &mut Ledger,
        exchange: &Exchange,
        now: Duration,
    ) -> Result<Member, Outcome> {
        if self.settings.any_code && !state.codes.contains_key(&exchange.js_code) {
            let member = Member::new(&exchange.appid, STRANGER);
            state
                .session_keys
                .insert(member.clone(), fresh_session_key());
            return Ok(member);
        }
        let code = state
            .codes
            .get(&exchange.js_code)
            .filter(|code| code.member.appid == exchange.appid)
            .filter(|code| now - code.issued < self.settings.code_lifetime)
            .ok_or(Outcome::InvalidCode)?;
        if code.used {
            return Err(Outcome::UsedCode);
        }
        Ok(code.member.clone())
    }

    fn check_caller(&self, exchange: &Exchange) -> Result<(), Outcome> {
        if exchange.appid.is_empty() {
            return Err(Outcome::MissingAppid);
        }
        if exchange.secret.is_empty() {
            return Err(Outcome::MissingSecret);
        }
        if exchange.js_code.is_empty() {
            return Err(Outcome::MissingCode);
        }
        if exchange.grant_type != "authorization_code" {
            return Err(Outcome::WrongGrantType);
        }
        self.check_secret(&exchange.appid, &exchange.secret)
    }
}
