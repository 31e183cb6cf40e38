//! WeChat's API over HTTP: one pool of connections for all mini programs, answers of bounded size.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, RequestBuilder, StatusCode, Url, redirect};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::error::WeChatError;

/// Where WeChat's API is.
pub const WECHAT_API: &str = "https://api.weixin.qq.com";
/// How long an exchange may take.
pub const EXCHANGE_DEADLINE: Duration = Duration::from_secs(5);

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const ANSWER_BYTES: usize = 16 * 1024;

/// WeChat's API at an address.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    /// Without a path.
    address: Url,
    deadline: Duration,
}

impl Api {
    /// The API at this address (without a path), called with this HTTP client, which must bring TLS along.
    ///
    /// # Errors
    /// The client cannot be built.
    pub fn new(address: &Url, http: ClientBuilder) -> Result<Self, reqwest::Error> {
        let http = http
            .connect_timeout(CONNECT_DEADLINE)
            // The URLs carry secrets, so they go through no proxy and follow no redirect.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self {
            http,
            address: address.clone(),
            deadline: EXCHANGE_DEADLINE,
        })
    }

    /// Sets how long a call may take, 5 seconds by default.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long a call may take.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Calls with GET. The query may contain secrets.
    ///
    /// # Errors
    /// WeChat cannot be reached, is late, or gives an answer that cannot be trusted.
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
        self.answer(self.http.get(self.endpoint(path)).query(query))
            .await
    }

    /// Calls with POST. Query and body may contain secrets.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
        let request = self.http.post(self.endpoint(path)).query(query);
        self.answer(request.json(body)).await
    }

    fn endpoint(&self, path: &str) -> Url {
        let mut endpoint = self.address.clone();
        endpoint.set_path(path);
        endpoint
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
        let request = request.timeout(self.deadline);
        let mut response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_server_error() => {
                return Err(WeChatError::Unavailable("answered with a 5xx"));
            }
            _ => return Err(WeChatError::BadAnswer("has another status than 200")),
        }
        let mut body = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > ANSWER_BYTES {
                return Err(WeChatError::BadAnswer("is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The URL of a request carries secrets, so it is taken out of the error first.
fn unreachable(error: reqwest::Error) -> WeChatError {
    // A connection that was never made cannot have used up a code, so that is another error.
    if error.is_timeout() && !error.is_connect() {
        return WeChatError::Late;
    }
    WeChatError::Unreachable(error.without_url())
}

#[cfg(test)]
mod tests;
