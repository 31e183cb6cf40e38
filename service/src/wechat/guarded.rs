//! The client of WeChat's API with its guards.

use std::sync::Arc;

use wxsession_server::wechat::{Exchange, ExchangeFuture, LoginCode, WeChat, WeChatError};

use super::access_token::AccessToken;
use super::breaker::BreakerState;
use super::guard::Guard;

/// A client of WeChat's API with a guard around each kind of call of each mini program. Its clones share
/// everything.
#[derive(Clone, Debug)]
pub struct GuardedWeChat {
    pub(super) wechat: WeChat,
    programs: Arc<[Program]>,
}

#[derive(Debug)]
pub(super) struct Program {
    appid: String,
    sign_ins: Guard,
    pub(super) phone_numbers: Guard,
    pub(super) access_token: AccessToken,
}

impl GuardedWeChat {
    /// Guards the calls of this client.
    pub fn around(wechat: WeChat) -> Self {
        let deadline = wechat.api().deadline();
        let programs = wechat.appids().into_iter().map(|appid| Program {
            sign_ins: Guard::new(&appid, "sign-ins", deadline),
            phone_numbers: Guard::new(&appid, "phone numbers", deadline),
            access_token: AccessToken::default(),
            appid,
        });
        let programs = programs.collect();
        Self { wechat, programs }
    }

    /// Each mini program, and whether its users can sign in now or WeChat has failed too often.
    pub fn sign_in_states(&self) -> impl Iterator<Item = (&str, BreakerState)> {
        let programs = self.programs.iter();
        programs.map(|program| (program.appid.as_str(), program.sign_ins.state()))
    }

    pub(super) fn program(&self, appid: &str) -> Result<&Program, WeChatError> {
        let mut programs = self.programs.iter();
        let ours = programs.find(|program| program.appid == appid);
        ours.ok_or(WeChatError::AppidUnknown)
    }
}

impl Exchange for GuardedWeChat {
    fn appids(&self) -> Vec<String> {
        self.wechat.appids()
    }

    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a> {
        Box::pin(async move {
            let exchange = || self.wechat.exchange(appid, code);
            self.program(appid)?.sign_ins.run(exchange).await
        })
    }
}
