//! WeChat's half: a login code for who the user is, a phone code for the user's number.

mod access_token;
mod answer;
mod api;
mod breaker;
mod bulkhead;
mod error;
mod guard;
mod measures;
mod phone_number;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use self::access_token::AccessToken;
use crate::alarm::Alarm;

pub use self::answer::{Account, signed_in};
use self::api::Api;
pub use self::breaker::BreakerState;
pub use self::error::WeChatError;
use self::guard::Guard;
pub use self::phone_number::{PhoneNumber, phone_number};

/// Where WeChat's API is, unless configured otherwise.
pub const WECHAT_API: &str = "https://api.weixin.qq.com";
/// How long an exchange may take, unless configured otherwise.
pub const EXCHANGE_DEADLINE: Duration = Duration::from_secs(5);

const CODE_CHARACTERS: usize = 128;

/// A mini program's credentials.
#[derive(Clone, Debug)]
pub struct App {
    /// Its public id.
    pub appid: String,
    /// Its secret; whoever has it can act as the mini program.
    pub secret: SecretString,
}

/// A login code or a phone code that may be sent to WeChat.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    /// The code, if it is one to 128 printable ASCII characters. (Spaces too: the developer tools
    /// give "the code is a mock one" where no mini program is configured.)
    pub fn parse(code: &str) -> Option<Self> {
        let printable = code.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        (printable && (1..=CODE_CHARACTERS).contains(&code.len())).then(|| Self(code.to_owned()))
    }
}

/// A client of WeChat's API for one mini program or several.
#[derive(Clone, Debug)]
pub struct WeChat {
    api: Api,
    programs: Arc<[Program]>,
}

/// A mini program, with what keeps trouble with its calls from those of the others.
#[derive(Debug)]
struct Program {
    app: App,
    sign_ins: Guard,
    phone_numbers: Guard,
    access_token: AccessToken,
    misconfigured: Alarm,
}

impl WeChat {
    /// A client that speaks for these mini programs, asks `api` (its address without a path) and lets a
    /// call take `deadline` at most.
    pub fn new(
        apps: impl IntoIterator<Item = App>,
        api: &Url,
        deadline: Duration,
    ) -> Result<Self, reqwest::Error> {
        let program = |app: App| Program {
            sign_ins: Guard::new(&app.appid, "sign-ins", deadline),
            phone_numbers: Guard::new(&app.appid, "phone numbers", deadline),
            access_token: AccessToken::default(),
            misconfigured: Alarm::default(),
            app,
        };
        Ok(Self {
            api: Api::new(api)?,
            programs: apps.into_iter().map(program).collect(),
        })
    }

    /// The mini programs that this client speaks for.
    pub fn appids(&self) -> impl Iterator<Item = &str> {
        self.programs.iter().map(Program::appid)
    }

    /// Each of them, and whether its users can sign in just now or WeChat failed too often.
    pub fn sign_in_states(&self) -> impl Iterator<Item = (&str, BreakerState)> {
        let programs = self.programs.iter();
        programs.map(|program| (program.appid(), program.sign_ins.state()))
    }

    /// The mini program of a request: the one that it names, or the only one there is.
    pub fn appid(&self, named: Option<&str>) -> Result<&str, WeChatError> {
        match (named, &*self.programs) {
            (Some(appid), _) => self.program(appid).map(Program::appid),
            (None, [only]) => Ok(only.appid()),
            (None, _) => Err(WeChatError::AppidMissing),
        }
    }

    /// Exchanges a login code for who the user is. A code works once, so a failure may have used it up.
    pub async fn exchange(&self, appid: &str, code: &Code) -> Result<Account, WeChatError> {
        let program = self.program(appid)?;
        let query = [
            ("appid", appid),
            ("secret", program.app.secret.expose_secret()),
            ("js_code", code.0.as_str()),
            ("grant_type", "authorization_code"),
        ];
        let exchange = async || {
            let answer = self.api.get("/sns/jscode2session", &query).await?;
            signed_in(appid, &answer)
        };
        let account = program.sign_ins.run(exchange).await;
        account.inspect_err(|error| program.warn_of_misconfiguration(error))
    }

    fn program(&self, appid: &str) -> Result<&Program, WeChatError> {
        let mut programs = self.programs.iter();
        let ours = programs.find(|program| program.appid() == appid);
        ours.ok_or(WeChatError::AppidUnknown)
    }
}

impl Program {
    fn appid(&self) -> &str {
        &self.app.appid
    }

    /// Only an operator can mend it, and each call meets it.
    fn warn_of_misconfiguration(&self, error: &WeChatError) {
        let is_it = matches!(error, WeChatError::Misconfigured { .. });
        if is_it && self.misconfigured.is_due() {
            let error = error as &dyn Error;
            tracing::error!(
                appid = self.appid(),
                error,
                "ALERT: nobody can sign in until this is mended"
            );
        }
    }
}

#[cfg(test)]
mod tests;
