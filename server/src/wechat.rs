//! WeChat's half of a sign-in: a login code for who the user is.

mod answer;
mod api;
mod error;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

pub use self::answer::{Account, signed_in};
use self::api::Api;
pub use self::error::WeChatError;

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

/// A login code that may be sent to WeChat.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LoginCode(String);

impl LoginCode {
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
    apps: Arc<[App]>,
    deadline: Duration,
}

impl WeChat {
    /// A client that speaks for these mini programs, asks `api` (its address without a path) and waits
    /// for `deadline` at most.
    pub fn new(
        apps: impl IntoIterator<Item = App>,
        api: &Url,
        deadline: Duration,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            api: Api::new(api)?,
            apps: apps.into_iter().collect(),
            deadline,
        })
    }

    /// The mini programs that this client speaks for.
    pub fn appids(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| app.appid.as_str())
    }

    /// The mini program of a request: the one that it names, or the only one there is.
    pub fn appid(&self, named: Option<&str>) -> Result<&str, WeChatError> {
        match (named, &*self.apps) {
            (Some(appid), _) => Ok(&self.app(appid)?.appid),
            (None, [only]) => Ok(&only.appid),
            (None, _) => Err(WeChatError::AppidMissing),
        }
    }

    /// Exchanges a login code for who the user is. A code works once, so a failure may have used it up.
    pub async fn exchange(&self, appid: &str, code: &LoginCode) -> Result<Account, WeChatError> {
        let app = self.app(appid)?;
        let query = [
            ("appid", app.appid.as_str()),
            ("secret", app.secret.expose_secret()),
            ("js_code", code.0.as_str()),
            ("grant_type", "authorization_code"),
        ];
        let answer = timeout(self.deadline, self.api.get("/sns/jscode2session", &query));
        let answer = answer.await.map_err(|_| WeChatError::Late)??;
        signed_in(&app.appid, &answer)
    }

    fn app(&self, appid: &str) -> Result<&App, WeChatError> {
        let ours = self.apps.iter().find(|app| app.appid == appid);
        ours.ok_or(WeChatError::AppidUnknown)
    }
}

#[cfg(test)]
mod tests;
