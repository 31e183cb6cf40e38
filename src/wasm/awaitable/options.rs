//! How a session is set up.

use std::cell::RefCell;

use super::error::{Cause, Error};
use crate::error::ErrorCode;
use crate::exchange::Deadlines;
use crate::policy::Origins;

/// How a session is set up: [`Options::new`] and then what is to differ. URLs are absolute, and their host and
/// port are plain: no user, no escapes, no characters beyond ASCII.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the login code is exchanged for a session, in a JSON body by `POST`.
    pub login_url: String,
    /// Where [`logout`](super::Session::logout) ends the session on the server; as a rule `logout` beside the
    /// login URL.
    pub logout_url: String,
    /// The header that carries the session id; as a rule `sessionid`.
    pub session_header: String,
    /// Further origins that calls may take the session to, besides that of the login URL.
    pub origins: Vec<String>,
    /// The key under which storage keeps the session; as a rule `wxsession`. One session for each key.
    pub storage_key: String,
    /// Milliseconds for `wx.login`; as a rule 5,000.
    pub login_timeout: u32,
    /// Milliseconds for one exchange of a code; as a rule 10,000.
    pub exchange_timeout: u32,
}

impl Options {
    /// The options of the package's own defaults.
    pub fn new(login_url: impl Into<String>) -> Self {
        let login_url = login_url.into();
        Self {
            logout_url: logout_beside(&login_url),
            session_header: wxsession_protocol::SESSION_HEADER.to_owned(),
            origins: Vec::new(),
            storage_key: "wxsession".to_owned(),
            login_timeout: 5_000,
            exchange_timeout: 10_000,
            login_url,
        }
    }

    /// Checks them all and takes the storage key.
    pub(super) fn check(&self) -> Result<StorageKey, Error> {
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
        match checks.iter().find(|(is_right, _)| !is_right) {
            Some((_, wrong)) => {
                let cause = Cause {
                    err_msg: Some((*wrong).to_owned()),
                    ..Cause::default()
                };
                Err(Error::new(ErrorCode::InvalidOption, cause))
            }
            None => StorageKey::take(&self.storage_key),
        }
    }

    pub(super) fn deadlines(&self) -> Deadlines {
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
        // Where there is no path, what is found is the end of `https://`.
        Some((folder, _)) if !folder.ends_with('/') => folder,
        _ => path,
    };
    format!("{folder}/logout")
}

thread_local! {
    static KEYS_IN_USE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A storage key that no other session has; free again when it is dropped.
pub(super) struct StorageKey(String);

impl StorageKey {
    fn take(name: &str) -> Result<Self, Error> {
        KEYS_IN_USE.with_borrow_mut(|keys| {
            if keys.iter().any(|key| key == name) {
                return Err(Error::new(ErrorCode::StorageKeyInUse, Cause::default()));
            }
            keys.push(name.to_owned());
            Ok(Self(name.to_owned()))
        })
    }
}

impl Drop for StorageKey {
    fn drop(&mut self) {
        KEYS_IN_USE.with_borrow_mut(|keys| keys.retain(|key| *key != self.0));
    }
}
