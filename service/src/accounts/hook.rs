//! The hook: one POST for each sign-in.

use std::sync::Arc;
use std::time::Duration;

use metrics::{gauge, histogram};
use reqwest::{Client, Response, header, redirect};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use wxsession_server::wechat::tls_client;

use super::address::HookAddress;
use super::answer::{Verdict, retry_after, verdict};
use super::error::{HookError, unreachable};
use crate::guard::{BreakerState, CallMeasures, Calls, Guard};
use crate::measures::{ACCOUNTS_BREAKER, ACCOUNTS_SECONDS};

/// How long a call may take.
const DEADLINE: Duration = Duration::from_secs(3);
const CONNECT_DEADLINE: Duration = Duration::from_secs(1);
/// Shorter than the keep-alive of usual backends, 5 seconds in Node.js: a call on a connection that the backend is about
/// to close would fail, and is not made again.
const CONNECTION_KEPT: Duration = Duration::from_secs(1);
const ANSWER_BYTES: usize = 16 * 1024;

/// Asks the app's own user database who somebody is. Its clones share everything.
#[derive(Clone, Debug)]
pub struct AccountsHook {
    http: Client,
    address: HookAddress,
    token: Option<SecretString>,
    guard: Arc<Guard>,
}

impl AccountsHook {
    /// The hook at this address, called with this token as `Authorization: Bearer`.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(address: HookAddress, token: Option<SecretString>) -> Result<Self, reqwest::Error> {
        let http = tls_client()
            .connect_timeout(CONNECT_DEADLINE)
            .pool_idle_timeout(CONNECTION_KEPT)
            // The body carries credentials, so it goes through no proxy and to no other address.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false);
        #[cfg(unix)]
        let http = match &address.socket {
            Some(socket) => http.unix_socket(socket.as_path()),
            None => http,
        };
        let calls = Calls {
            service: "the accounts hook",
            call: "sign-ins",
            appid: None,
        };
        Ok(Self {
            http: http.build()?,
            address,
            token,
            guard: Arc::new(Guard::new(calls, DEADLINE, measures())),
        })
    }

    /// Whether the hook is asked now, or has failed too often.
    pub fn state(&self) -> BreakerState {
        self.guard.state()
    }

    pub(super) async fn ask(&self, body: Zeroizing<Vec<u8>>) -> Result<Verdict, HookError> {
        let mut body = Some(body);
        // The guard makes the call once, because no error of this hook may be retried.
        let call = || self.post(body.take().unwrap_or_default());
        self.guard.run(call).await
    }

    async fn post(&self, body: Zeroizing<Vec<u8>>) -> Result<Verdict, HookError> {
        let mut request = self.http.post(self.address.url.clone());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.body(axum::body::Bytes::from_owner(body));
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if response.headers().contains_key(header::WWW_AUTHENTICATE) {
            return Err(HookError::TokenRefused);
        }
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| retry_after(value.as_bytes()));
        verdict(status, wait, &whole(response).await?)
    }
}

/// The body of an answer, of bounded size.
async fn whole(mut response: Response) -> Result<Zeroizing<Vec<u8>>, HookError> {
    let mut body = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(HookError::BadAnswer("is longer than 16 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn measures() -> CallMeasures {
    CallMeasures::new(
        |outcome| histogram!(ACCOUNTS_SECONDS, "outcome" => outcome),
        gauge!(ACCOUNTS_BREAKER),
    )
}

#[cfg(test)]
mod tests;
