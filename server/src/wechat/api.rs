//! WeChat's API over HTTP: one pool of connections for all mini programs, answers of bounded size.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::WeChatError;

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const ANSWER_BYTES: usize = 16 * 1024;

#[derive(Clone, Debug)]
pub(super) struct Api {
    http: Client,
    /// Without a path.
    address: Url,
}

impl Api {
    pub(super) fn new(address: &Url) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .tls_backend_preconfigured(tls())
            .connect_timeout(CONNECT_DEADLINE)
            // The addresses carry secrets: they go to no proxy and follow no redirect.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self {
            http,
            address: address.clone(),
        })
    }

    /// Asks with GET. The query may have secrets in it.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
        answer(self.http.get(self.endpoint(path)).query(query)).await
    }

    /// Asks with POST. Query and body may have secrets in them.
    pub(super) async fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
        answer(self.http.post(self.endpoint(path)).query(query).json(body)).await
    }

    fn endpoint(&self, path: &str) -> Url {
        let mut endpoint = self.address.clone();
        endpoint.set_path(path);
        endpoint
    }
}

async fn answer(request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
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

/// The address of a request carries secrets, so it leaves the error first.
fn unreachable(error: reqwest::Error) -> WeChatError {
    WeChatError::Unreachable(error.without_url())
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

#[cfg(test)]
mod tests;
