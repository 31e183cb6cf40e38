//! The client of WeChat's API with its guards.

use std::sync::Arc;

use metrics::{gauge, histogram};
use wxsession_server::wechat::{Exchange, ExchangeFuture, LoginCode, WeChat, WeChatError};

use super::access_token::AccessToken;
use crate::guard::{BreakerState, CallError, CallMeasures, Calls, Ended, Guard, Why};
use crate::measures::{BREAKER, WECHAT_SECONDS};

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
        let guard = |appid: &str, call| {
            let calls = Calls {
                service: "WeChat",
                call,
                appid: Some(appid.to_owned()),
            };
            Guard::new(calls, deadline, measures(appid, call))
        };
        let programs = wechat.appids().into_iter().map(|appid| Program {
            sign_ins: guard(&appid, "sign-ins"),
            phone_numbers: guard(&appid, "phone numbers"),
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

impl CallError for WeChatError {
    const FULL: Self = Self::Full;
    const LATE: Self = Self::Late;

    fn left_alone(why: Why) -> Self {
        match why {
            Why::Ill => Self::LeftAlone,
            Why::Misconfigured => Self::StillMisconfigured,
        }
    }

    fn ended(&self) -> Ended {
        match self {
            Self::Misconfigured { .. } => Ended::Misconfigured,
            Self::Busy | Self::Unavailable(_) => Ended::Busy,
            Self::Unreachable(_) => Ended::Unreachable,
            Self::BadAnswer(_) => Ended::BadAnswer,
            Self::Late => Ended::Late,
            Self::AppidMissing
            | Self::AppidUnknown
            | Self::CodeInvalid
            | Self::UserBlocked
            | Self::RateLimited
            | Self::StillMisconfigured
            | Self::TokenRefused
            | Self::LeftAlone
            | Self::Full
            | Self::UnknownErrcode(_) => Ended::Answered,
        }
    }

    fn may_be_retried(&self) -> bool {
        self.leaves_a_code_good()
    }
}

fn measures(appid: &str, call: &str) -> CallMeasures {
    let call = call.replace([' ', '-'], "_");
    CallMeasures::new(
        |outcome| histogram!(WECHAT_SECONDS, "call" => call.clone(), "outcome" => outcome),
        gauge!(BREAKER, "appid" => appid.to_owned(), "call" => call.clone()),
    )
}
