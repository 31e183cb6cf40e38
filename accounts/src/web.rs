//! Calls of other people's servers: bounded in time and size, without redirects.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder, StatusCode, Url, redirect};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// How long a call may take, the answer included.
pub const DEADLINE: Duration = Duration::from_secs(3);

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// GitHub refuses callers without a name.
const NAME: &str = concat!("wxsession/", env!("CARGO_PKG_VERSION"));

/// A pool of connections to other people's servers. Its clones share it.
#[derive(Clone, Debug)]
pub struct Web {
    http: Client,
    deadline: Duration,
}

/// An answer, whatever its status.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body, which may contain secrets.
    pub body: Zeroizing<Vec<u8>>,
}

/// Why there is no answer. It contains neither the address nor anything that was sent.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The server cannot be reached, or the connection broke.
    #[error("the server cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The answer took too long.
    #[error("the server did not answer in time")]
    Late,
    /// The answer is too long.
    #[error("the server's answer is too long")]
    TooLong,
}

impl Web {
    /// Calls with this HTTP client, which must bring TLS along.
    ///
    /// # Errors
    /// The client cannot be built.
    pub fn new(http: ClientBuilder) -> Result<Self, reqwest::Error> {
        let http = http
            .user_agent(NAME)
            .connect_timeout(CONNECT_DEADLINE)
            // What is sent is secret: it goes to the address that the operator or the provider has named and
            // nowhere else.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self {
            http,
            deadline: DEADLINE,
        })
    }

    /// Sets how long a call may take, 3 seconds by default.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Gets a document of at most `longest` bytes, as the holder of `token` if there is one.
    ///
    /// # Errors
    /// There is no answer within these bounds.
    pub async fn get(
        &self,
        address: Url,
        token: Option<&SecretString>,
        longest: usize,
    ) -> Result<Answer, WebError> {
        let mut request = self.http.get(address);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        self.answer(request, longest).await
    }

    /// Posts a form, with HTTP Basic authentication if `basic` is given.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post_form(
        &self,
        address: Url,
        form: &[(&str, &str)],
        basic: Option<HeaderValue>,
        longest: usize,
    ) -> Result<Answer, WebError> {
        let mut request = self.http.post(address);
        if let Some(basic) = basic {
            request = request.header(AUTHORIZATION, basic);
        }
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(request.body(encoded(form)), longest).await
    }

    /// Posts a JSON document, as the holder of `token` if there is one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post_json(
        &self,
        address: Url,
        token: Option<&SecretString>,
        document: &impl Serialize,
        longest: usize,
    ) -> Result<Answer, WebError> {
        let mut request = self.http.post(address).json(document);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        self.answer(request, longest).await
    }

    async fn answer(&self, request: RequestBuilder, longest: usize) -> Result<Answer, WebError> {
        let request = request
            .header(ACCEPT, "application/json")
            .timeout(self.deadline);
        let mut response = request.send().await.map_err(unreachable)?;
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > longest {
                return Err(WebError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            body,
        })
    }
}

fn encoded(form: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form).finish()
}

/// The address may carry the operator's credentials, so it is taken out of the error.
fn unreachable(error: reqwest::Error) -> WebError {
    if error.is_timeout() {
        return WebError::Late;
    }
    WebError::Unreachable(error.without_url())
}
