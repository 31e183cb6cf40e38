//! WeChat's half of a sign-in: a login code for who the user is.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{StatusCode, Url, redirect};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::user::{Identity, is_id};

/// Where WeChat's API is, unless configured otherwise.
pub const WECHAT_API: &str = "https://api.weixin.qq.com";
/// How long an exchange may take, unless configured otherwise.
pub const EXCHANGE_DEADLINE: Duration = Duration::from_secs(5);

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const ANSWER_BYTES: usize = 16 * 1024;
const CODE_CHARACTERS: usize = 128;
const SESSION_KEY_BYTES: usize = 16;

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

/// Why there is no answer to who the user is. Nothing in it is secret or in WeChat's words.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// WeChat does not know the code, or it was used before.
    #[error("the login code is unknown or was used before")]
    CodeInvalid,
    /// WeChat has blocked the user.
    #[error("WeChat has blocked the user")]
    UserBlocked,
    /// The user signs in too often.
    #[error("WeChat limits how often this user may sign in")]
    RateLimited,
    /// WeChat does not accept the appid or its secret.
    #[error(
        "WeChat refuses the credentials with errcode {errcode}: check the appid and its secret"
    )]
    Misconfigured {
        /// WeChat's own code.
        errcode: i64,
    },
    /// WeChat takes no more just now.
    #[error("WeChat {0}")]
    Busy(&'static str),
    /// WeChat cannot be reached, or the connection broke.
    #[error("WeChat cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// WeChat did not answer in time.
    #[error("WeChat did not answer in time")]
    Late,
    /// The answer is not one that can be trusted.
    #[error("WeChat's answer {0}")]
    BadAnswer(&'static str),
    /// WeChat answered with a code that has no meaning here.
    #[error("WeChat answered with errcode {0}")]
    UnknownErrcode(i64),
}

/// A client of WeChat's API for one mini program.
#[derive(Clone, Debug)]
pub struct WeChat {
    http: reqwest::Client,
    endpoint: Url,
    app: App,
}

/// `jscode2session`'s answer: success may leave `errcode` out.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    errcode: i64,
    openid: Option<String>,
    unionid: Option<String>,
    session_key: Option<SecretString>,
}

impl WeChat {
    /// A client that asks `api` (its address without a path) and waits for `deadline` at most.
    pub fn new(app: App, api: &Url, deadline: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls())
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(deadline)
            // The address carries the app's secret: it goes to no proxy and follows no redirect.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        let mut endpoint = api.clone();
        endpoint.set_path("/sns/jscode2session");
        Ok(Self {
            http,
            endpoint,
            app,
        })
    }

    /// The mini program that this client speaks for.
    pub fn appid(&self) -> &str {
        &self.app.appid
    }

    /// Exchanges a login code. A code works once, so a failure may have used it up.
    pub async fn exchange(&self, code: &LoginCode) -> Result<Identity, ExchangeError> {
        let query = [
            ("appid", self.app.appid.as_str()),
            ("secret", self.app.secret.expose_secret()),
            ("js_code", code.0.as_str()),
            ("grant_type", "authorization_code"),
        ];
        let request = self.http.get(self.endpoint.clone()).query(&query);
        let mut response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_server_error() => {
                return Err(ExchangeError::Busy("answered with a 5xx"));
            }
            _ => return Err(ExchangeError::BadAnswer("has another status than 200")),
        }
        let mut body = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > ANSWER_BYTES {
                return Err(ExchangeError::BadAnswer("is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        let answer = serde_json::from_slice(&body)
            .map_err(|_| ExchangeError::BadAnswer("is not the JSON that it should be"))?;
        self.judge(answer)
    }

    fn judge(&self, answer: Answer) -> Result<Identity, ExchangeError> {
        match answer.errcode {
            0 => {}
            40029 | 40163 => return Err(ExchangeError::CodeInvalid),
            40226 => return Err(ExchangeError::UserBlocked),
            45011 => return Err(ExchangeError::RateLimited),
            errcode @ (40013 | 40125) => return Err(ExchangeError::Misconfigured { errcode }),
            -1 => return Err(ExchangeError::Busy("says that it is busy")),
            45009 => return Err(ExchangeError::Busy("says that today's quota is used up")),
            errcode => return Err(ExchangeError::UnknownErrcode(errcode)),
        }
        let openid = answer.openid.filter(|id| is_id(id));
        let openid = openid.ok_or(ExchangeError::BadAnswer("has no well-formed openid"))?;
        if answer.unionid.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(ExchangeError::BadAnswer("has a malformed unionid"));
        }
        // Nothing uses the session_key yet, so it is dropped here; without one the answer is no good.
        if !answer
            .session_key
            .is_some_and(|key| is_session_key(key.expose_secret()))
        {
            return Err(ExchangeError::BadAnswer("has no well-formed session_key"));
        }
        Ok(Identity {
            appid: self.app.appid.clone(),
            openid,
            unionid: answer.unionid,
        })
    }
}

/// The public certificate authorities come with the server: it needs none from the system, which a
/// small container image does not have.
fn tls() -> rustls::ClientConfig {
    let roots = webpki_roots::TLS_SERVER_ROOTS
        .iter()
        .cloned()
        .collect::<rustls::RootCertStore>();
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The address of a request carries the app's secret and the code, so it leaves the error first.
fn unreachable(error: reqwest::Error) -> ExchangeError {
    if error.is_timeout() {
        ExchangeError::Late
    } else {
        ExchangeError::Unreachable(error.without_url())
    }
}

fn is_session_key(encoded: &str) -> bool {
    let mut key = Zeroizing::new([0; SESSION_KEY_BYTES]);
    STANDARD.decode_slice(encoded, key.as_mut_slice()) == Ok(SESSION_KEY_BYTES)
}

#[cfg(test)]
mod tests;
