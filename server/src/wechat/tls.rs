//! TLS for calls of WeChat's API.

use reqwest::{Client, ClientBuilder};

/// An HTTP client that speaks TLS and brings the public certificate authorities along: a small container image
/// has none.
pub fn tls_client() -> ClientBuilder {
    let roots = webpki_roots::TLS_SERVER_ROOTS
        .iter()
        .cloned()
        .collect::<rustls::RootCertStore>();
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls)
}
