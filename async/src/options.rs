//! How a session is set up.

use wxsession::error::ErrorCode;
use wxsession::exchange::Deadlines;
use wxsession::policy::Origins;

use crate::error::{Cause, Error};

/// The options of a session: the defaults of [`Options::new`], which a program changes field by field. URLs are
/// absolute. Their hosts are plain ASCII, without a user name or escapes.
///
/// ```no_run
/// use wxsession_async::Options;
///
/// let mut options = Options::new("https://api.example.com/wx/onlogin");
/// options.origins.push("https://files.example.com".into());
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// Exchanges the login code for a session: a `POST` with a JSON body.
    pub login_url: String,
    /// Ends the session on the server at [`logout`](super::Session::logout). Default: `logout` beside the login URL.
    pub logout_url: String,
    /// The header that carries the session id. Default: `sessionid`.
    pub session_header: String,
    /// Origins, besides that of the login URL, that requests may carry the session to.
    pub origins: Vec<String>,
    /// The storage key of the session. Two sessions cannot share a key. Default: `wxsession`.
    pub storage_key: String,
    /// Milliseconds for `wx.login`. Default: 5,000.
    pub login_timeout: u32,
    /// Milliseconds for one exchange of a login code. Default: 10,000.
    pub exchange_timeout: u32,
    /// Whether to ask the server for a key, and to sign every request that carries the session. Default: `false`.
    #[cfg(feature = "signed")]
    pub signed: bool,
}

impl Options {
    /// The defaults of the npm package.
    pub fn new(login_url: impl Into<String>) -> Self {
        let login_url = login_url.into();
        Self {
            logout_url: logout_beside(&login_url),
            session_header: wxsession_protocol::SESSION_HEADER.to_owned(),
            origins: Vec::new(),
            storage_key: "wxsession".to_owned(),
            login_timeout: 5_000,
            exchange_timeout: 10_000,
            #[cfg(feature = "signed")]
            signed: false,
            login_url,
        }
    }

    /// Checks every option.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let has_origin = |url: &String| Origins::default().trust(url);
        let is_of_a_name =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let header = &self.session_header;
        let is_name = !header.is_empty() && header.bytes().all(is_of_a_name);
        let is_time = |milliseconds: u32| (1..=i32::MAX as u32).contains(&milliseconds);
        let checks = [
            (
                has_origin(&self.login_url),
                "login_url: must be an absolute URL",
            ),
            (
                has_origin(&self.logout_url),
                "logout_url: must be an absolute URL",
            ),
            (is_name, "session_header: must be a header name"),
            (
                self.origins.iter().all(has_origin),
                "origins: must be absolute URLs",
            ),
            (
                !self.storage_key.is_empty(),
                "storage_key: must not be empty",
            ),
            (
                is_time(self.login_timeout),
                "login_timeout: must be from 1 to 2,147,483,647 milliseconds",
            ),
            (
                is_time(self.exchange_timeout),
                "exchange_timeout: must be from 1 to 2,147,483,647 milliseconds",
            ),
        ];
        let Some((_, wrong)) = checks.iter().find(|(is_right, _)| !is_right) else {
            return Ok(());
        };
        let cause = Cause {
            err_msg: Some((*wrong).to_owned()),
            ..Cause::default()
        };
        Err(Error::new(ErrorCode::InvalidOption, cause))
    }

    pub(crate) fn deadlines(&self) -> Deadlines {
        Deadlines {
            login: self.login_timeout,
            // Nothing goes along with the code, so nothing is waited for.
            data: self.login_timeout,
            exchange: self.exchange_timeout,
        }
    }
}

fn logout_beside(login_url: &str) -> String {
    let path = login_url.split(['?', '#']).next().unwrap_or_default();
    let folder = match path.rsplit_once('/') {
        // A URL without a path splits inside `https://`.
        Some((folder, _)) if !folder.ends_with('/') => folder,
        _ => path,
    };
    format!("{folder}/logout")
}
