//! WeChat's half of a sign-in: exchanges a login code for the user's identity.

mod answer;
mod api;
mod error;
#[cfg(feature = "tls")]
mod tls;

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::once_a_minute::OnceAMinute;

pub use self::answer::{Account, signed_in, success};
pub use self::api::{Api, EXCHANGE_DEADLINE, WECHAT_API};
pub use self::error::WeChatError;
#[cfg(feature = "tls")]
pub use self::tls::tls_client;

const CODE_CHARACTERS: usize = 128;

/// A mini program's credentials.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its public id.
    pub appid: String,
    /// Its secret. Anybody who has the secret can act as the mini program.
    pub secret: SecretString,
}

/// A login code or a phone code that may be sent to WeChat.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LoginCode(String);

impl LoginCode {
    /// The code, if it is one to 128 printable ASCII characters. (Spaces too: where no mini program is
    /// configured, the developer tools give "the code is a mock one".)
    ///
    /// ```
    /// use wxsession_server::wechat::LoginCode;
    ///
    /// assert!(LoginCode::parse("0a3Xyz").is_some());
    /// assert!(LoginCode::parse("line\nbreak").is_none());
    /// ```
    pub fn parse(code: &str) -> Option<Self> {
        let printable = code.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        (printable && (1..=CODE_CHARACTERS).contains(&code.len())).then(|| Self(code.to_owned()))
    }

    /// The code itself. It is a secret until it is used.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What [`Exchange::exchange`] returns.
pub type ExchangeFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Account, WeChatError>> + Send + 'a>>;

/// Exchanges login codes: [`WeChat`] itself, or a layer around it that retries, limits or counts.
pub trait Exchange: Send + Sync + 'static {
    /// The mini programs whose codes can be exchanged.
    fn appids(&self) -> Vec<String>;

    /// Exchanges a login code for the user's identity. A code works once, so a failure may have used it up.
    ///
    /// # Errors
    /// WeChat refuses the code, or gives no answer that can be trusted.
    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a>;
}

/// A client of WeChat's API for one mini program or several.
#[derive(Clone, Debug)]
pub struct WeChat {
    api: Api,
    programs: Arc<[Program]>,
}

#[derive(Debug)]
struct Program {
    credentials: Credentials,
    misconfigured: OnceAMinute,
}

impl WeChat {
    /// A client that speaks for these mini programs.
    pub fn new(programs: impl IntoIterator<Item = Credentials>, api: Api) -> Self {
        let programs = programs.into_iter().map(|credentials| Program {
            credentials,
            misconfigured: OnceAMinute::default(),
        });
        Self {
            api,
            programs: programs.collect(),
        }
    }

    /// WeChat's API, for calls other than the exchange.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The credentials of one of the mini programs.
    ///
    /// # Errors
    /// The mini program is not one of this client's.
    pub fn credentials(&self, appid: &str) -> Result<&Credentials, WeChatError> {
        self.program(appid).map(|program| &program.credentials)
    }

    /// Logs an alert, once a minute at most, if the error means that WeChat refuses every one of these `calls` until an
    /// operator mends something.
    pub fn warn_of_misconfiguration(&self, appid: &str, calls: &str, error: &WeChatError) {
        if matches!(error, WeChatError::Misconfigured { .. })
            && let Ok(program) = self.program(appid)
            && let Some(left_out) = program.misconfigured.due()
        {
            let error = error as &dyn Error;
            tracing::error!(
                appid,
                error,
                left_out,
                "ALERT: WeChat refuses all {calls} until this is mended"
            );
        }
    }

    fn program(&self, appid: &str) -> Result<&Program, WeChatError> {
        let mut programs = self.programs.iter();
        let ours = programs.find(|program| program.credentials.appid == appid);
        ours.ok_or(WeChatError::AppidUnknown)
    }
}

impl Exchange for WeChat {
    fn appids(&self) -> Vec<String> {
        let programs = self.programs.iter();
        programs
            .map(|program| program.credentials.appid.clone())
            .collect()
    }

    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a> {
        Box::pin(async move {
            let credentials = self.credentials(appid)?;
            let query = [
                ("appid", appid),
                ("secret", credentials.secret.expose_secret()),
                ("js_code", code.reveal()),
                ("grant_type", "authorization_code"),
            ];
            let answer = self.api.get("/sns/jscode2session", &query).await;
            let account = answer.and_then(|answer| signed_in(appid, &answer));
            account.inspect_err(|error| self.warn_of_misconfiguration(appid, "sign-ins", error))
        })
    }
}

#[cfg(test)]
mod tests;
